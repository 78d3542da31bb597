//! Which task somebody should take up next, and why: rules that explain themselves.
//!
//! The one idea: what speaks for a task is a list of reasons in a fixed order of weight, and the task
//! for which the weightier ones speak comes first. There are no scores, so the reasons that are given
//! are the whole of it.

use std::cmp::Reverse;

use super::party::Party;
use super::task::{Priority, Task, TaskStatus};
use crate::core::clock::Timestamp;

/// What is due before then is due soon: two days, in milliseconds.
const SOON: i64 = 2 * 24 * 60 * 60 * 1000;

/// A task that may be taken up, with what is known of it beside what it says itself. Nothing that it
/// needs is open.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub task: Task,
    /// How many open tasks need it.
    pub needed_by: usize,
    /// Whether they have worked below the same node or task.
    pub is_familiar: bool,
}

/// What is suggested.
#[derive(Debug, Clone)]
pub struct Suggestion {
    pub task: Task,
    /// What spoke for it, the weightiest first, in words.
    pub why: Vec<String>,
}

/// What speaks for a task. In the order of weight: of two tasks that one comes first for which the
/// first reason that tells them apart speaks (more).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Reasons {
    hold: Hold,
    is_overdue: bool,
    priority: Priority,
    is_due_soon: bool,
    needed_by: usize,
    is_familiar: bool,
}

/// Whose it is, in the order in which they should be taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    Nobody,
    Assigned,
    /// They have begun it, and their lease lasts.
    Begun,
}

/// The task that somebody should take up next. `None` where there is none that they could.
#[must_use]
pub fn suggest(
    candidates: impl IntoIterator<Item = Candidate>,
    me: &Party,
    now: Timestamp,
) -> Option<Suggestion> {
    let open = candidates.into_iter().filter(|candidate| is_open_to(&candidate.task, me, now));
    let ranked = open.map(|candidate| (Reasons::of(&candidate, me, now), candidate.task));
    // What is alike in all that is due first, then the oldest.
    let (reasons, task) = ranked.min_by_key(|(reasons, task)| {
        let due = task.due_at.map_or(i64::MAX, Timestamp::as_millis);
        (Reverse(*reasons), due, task.created_at, task.id)
    })?;
    Some(Suggestion { task, why: reasons.in_words() })
}

/// Whether somebody could begin a task now, or go on with it.
fn is_open_to(task: &Task, me: &Party, now: Timestamp) -> bool {
    let can_be_begun = matches!(task.status, TaskStatus::Planned | TaskStatus::InProgress);
    let is_free = task.lease_at(now).is_none_or(|lease| lease.holder.is_same(me));
    let is_theirs = task.assignee.as_ref().is_none_or(|assignee| assignee.is_same(me));
    can_be_begun && is_free && (is_theirs || is_begun(task, me, now))
}

fn is_begun(task: &Task, me: &Party, now: Timestamp) -> bool {
    task.lease_at(now).is_some_and(|lease| lease.holder.is_same(me))
}

impl Reasons {
    fn of(candidate: &Candidate, me: &Party, now: Timestamp) -> Self {
        let task = &candidate.task;
        let left = task.due_at.map(|due| due.as_millis() - now.as_millis());
        Self {
            hold: match &task.assignee {
                _ if is_begun(task, me, now) => Hold::Begun,
                Some(_) => Hold::Assigned,
                None => Hold::Nobody,
            },
            is_overdue: left.is_some_and(|left| left < 0),
            priority: task.priority,
            is_due_soon: left.is_some_and(|left| (0..SOON).contains(&left)),
            needed_by: candidate.needed_by,
            is_familiar: candidate.is_familiar,
        }
    }

    fn in_words(self) -> Vec<String> {
        let ready = "nothing that it needs is open";
        let held: &[&str] = match self.hold {
            Hold::Begun => &["you have begun it"],
            Hold::Assigned => &["it is assigned to you", ready],
            Hold::Nobody => &["nobody has it", ready],
        };
        let needed = match self.needed_by {
            1 => "another task waits for it".to_owned(),
            count => format!("{count} tasks wait for it"),
        };
        let presses = match self.priority {
            Priority::Urgent => "its priority is URGENT",
            _ => "its priority is HIGH",
        };
        let said = [
            (self.is_overdue, "it is overdue".to_owned()),
            (self.priority >= Priority::High, presses.to_owned()),
            (self.is_due_soon, "it is due within two days".to_owned()),
            (self.needed_by > 0, needed),
            (self.is_familiar, "you have worked on what stands beside it".to_owned()),
        ];
        let said = said.into_iter().filter(|(speaks, _)| *speaks).map(|(_, words)| words);
        held.iter().map(|words| (*words).to_owned()).chain(said).collect()
    }
}

#[cfg(test)]
mod tests;
