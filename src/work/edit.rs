//! What may be changed of a task by hand: all but what only work itself can say.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::task::{Criterion, Task, TaskStatus};
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::named::Named;

/// Limits that callers are told. Lengths count Unicode characters.
pub mod limit {
    pub const STATEMENT: usize = 500;
    pub const DESCRIPTION: usize = 5_000;
    pub const CRITERION: usize = 500;
}

/// A status that is set by hand. The others come about by work, and by its review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
pub enum ByHand {
    // To be done, again: no longer blocked or cancelled.
    Planned,
    Cancelled,
}

/// Sets a task's status by hand. Whoever works on a task that is cancelled loses their lease.
///
/// # Errors
/// `CONFLICT` where that is for its worker or its reviewer to say.
pub fn set_status(task: &mut Task, to: ByHand, now: Timestamp) -> Result<()> {
    let to = match to {
        ByHand::Planned => TaskStatus::Planned,
        ByHand::Cancelled => TaskStatus::Cancelled,
    };
    if task.status == to {
        return Ok(());
    }
    let is_planned = to == TaskStatus::Planned;
    let refused = match task.status {
        TaskStatus::Done => Some(("the task is done", "make another task")),
        TaskStatus::InReview if is_planned => {
            Some(("the task waits for its review", "review it, and send it back"))
        }
        TaskStatus::InProgress if is_planned && task.lease_at(now).is_some() => Some((
            "somebody works on the task",
            "let them release it, or wait until their lease ends",
        )),
        _ => None,
    };
    if let Some((why, fix)) = refused {
        return Err(Error::new(Code::Conflict, why)
            .with_fix(fix)
            .with_detail("status", json!(task.status.as_str())));
    }
    task.status = to;
    task.status_at = now;
    task.reason = None;
    task.lease = None;
    Ok(())
}

/// Other criteria in the place of a task's; one that was there already stays met.
#[must_use]
pub fn criteria(before: &[Criterion], texts: Vec<String>) -> Vec<Criterion> {
    let is_met = |text: &str| before.iter().any(|known| known.is_met && known.text == text);
    texts.into_iter().map(|text| Criterion { is_met: is_met(&text), text }).collect()
}

/// Makes these of a task's criteria met, by their numbers from 1, and no others.
///
/// # Errors
/// `INVALID_ARGUMENT` for a number that is none of them.
pub fn set_met(criteria: &mut [Criterion], numbers: &[i64]) -> Result<()> {
    for (at, number) in numbers.iter().enumerate() {
        let index = usize::try_from(*number).ok().and_then(|number| number.checked_sub(1));
        if index.is_none_or(|index| index >= criteria.len()) {
            return Err(Error::invalid(
                &format!("criteria_met[{at}]"),
                "must be the number of a criterion, from 1",
            ));
        }
    }
    for (criterion, number) in criteria.iter_mut().zip(1..) {
        criterion.is_met = numbers.contains(&number);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::id::Ids;
    use crate::work::party::Party;
    use crate::work::task::{Lease, Priority};

    fn now() -> Timestamp {
        Timestamp::from_millis(1_000)
    }

    fn task(status: TaskStatus, leased_until: Option<i64>) -> Task {
        let ids = Ids::default();
        let at = Timestamp::from_millis(1);
        let holder = Party::Member { id: ids.next(at), name: String::new() };
        Task {
            id: ids.next(at),
            parent: None,
            position: 0,
            statement: "Measure it".to_owned(),
            description: None,
            criteria: Vec::new(),
            status,
            status_at: at,
            reason: Some("no machine".to_owned()),
            priority: Priority::Normal,
            due_at: None,
            assignee: None,
            worker: None,
            author: None,
            lease: leased_until.map(|until| Lease { holder, until: Timestamp::from_millis(until) }),
            fence: 1,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    /// What becomes of a task: its status, or none where it is refused.
    fn becomes(mut task: Task, to: ByHand) -> Option<TaskStatus> {
        let before = task.clone();
        match set_status(&mut task, to, now()) {
            Ok(()) => Some(task.status),
            Err(error) => {
                assert_eq!((error.code(), &task), (Code::Conflict, &before));
                None
            }
        }
    }

    #[test]
    fn a_status_is_set_by_hand_where_no_work_is_overruled() {
        use TaskStatus::{Blocked, Cancelled, Done, InProgress, InReview, Planned};
        for (status, lease, planned, cancelled) in [
            (Planned, None, Some(Planned), Some(Cancelled)),
            (InProgress, Some(1_001), None, Some(Cancelled)),
            (InProgress, Some(1_000), Some(Planned), Some(Cancelled)),
            (InReview, None, None, Some(Cancelled)),
            (Done, None, None, None),
            (Blocked, None, Some(Planned), Some(Cancelled)),
            (Cancelled, None, Some(Planned), Some(Cancelled)),
        ] {
            assert_eq!(becomes(task(status, lease), ByHand::Planned), planned, "{status:?}");
            assert_eq!(becomes(task(status, lease), ByHand::Cancelled), cancelled, "{status:?}");
        }
    }

    #[test]
    fn who_works_on_a_cancelled_task_has_lost_it() {
        let mut task = task(TaskStatus::InProgress, Some(9_000));

        set_status(&mut task, ByHand::Cancelled, now()).expect("allowed");

        assert_eq!((task.lease.as_ref(), task.fence, task.status_at), (None, 1, now()));
        assert_eq!(task.reason, None);
    }

    #[test]
    fn what_was_met_stays_met_where_its_words_stay() {
        let met = |text: &str, is_met| Criterion { text: text.to_owned(), is_met };
        let before = [met("a", true), met("b", false)];

        let after = criteria(&before, vec!["c".to_owned(), "b".to_owned(), "a".to_owned()]);

        assert_eq!(after, [met("c", false), met("b", false), met("a", true)]);
    }

    #[test]
    fn criteria_are_met_by_their_numbers() {
        let one = |is_met| Criterion { text: "x".to_owned(), is_met };
        let mut criteria = [one(true), one(false), one(false)];

        set_met(&mut criteria, &[2, 3]).expect("numbers");

        assert_eq!(criteria, [one(false), one(true), one(true)]);
        for number in [0, 4, -1] {
            let error = set_met(&mut criteria, &[1, number]).expect_err("no number");
            assert!(error.message().starts_with("`criteria_met[1]`"));
        }
        assert_eq!(criteria, [one(false), one(true), one(true)]);
    }
}
