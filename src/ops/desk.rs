//! What lies before somebody: their tasks, the one to take up next, and the conflicts that wait for
//! them. `whoami` shows it short, `brief` with what was left for them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::conflict_view::Sides;
use super::task_view::open_needs;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{MemoryId, NodeId, TaskId};
use crate::core::text;
use crate::identity::permit::Permit;
use crate::identity::role::Role;
use crate::memory::conflict::{Conflict, ConflictKind, ConflictStatus, Severity};
use crate::memory::memory::Memory;
use crate::store::ReadTx;
use crate::store::conflicts::ConflictFilter;
use crate::store::tasks::TaskFilter;
use crate::work::node::Node;
use crate::work::party::Party;
use crate::work::suggest::{Candidate, Suggestion, suggest};
use crate::work::task::{Parent, Priority, Task, TaskStatus};

/// How many tasks or conflicts are looked at.
const LOOKED_AT: usize = 20;

/// How much of a task's statement is shown, in characters.
const SHOWN: usize = 160;

/// What lies before somebody.
#[derive(Default)]
pub(super) struct Desk {
    /// Theirs and open, what they have begun first.
    pub tasks: Vec<OwnTask>,
    pub suggested: Option<Suggested>,
    pub conflicts: Vec<OpenConflict>,
}

/// A task of the caller's.
#[derive(Serialize, JsonSchema)]
pub struct OwnTask {
    pub id: String,
    statement: String,
    status: TaskStatus,
    priority: Priority,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
    /// Until when your lease lasts, if you have one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why it is blocked, or was sent back
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Tasks that it needs and that are open
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waits_for: Vec<String>,
}

/// The task to take up next.
#[derive(Serialize, JsonSchema)]
pub struct Suggested {
    id: String,
    statement: String,
    /// What spoke for it, the weightiest first
    why: Vec<String>,
}

/// A conflict that waits for the caller.
#[derive(Serialize, JsonSchema)]
pub struct OpenConflict {
    id: String,
    kind: ConflictKind,
    severity: Severity,
    status: ConflictStatus,
}

/// Looks at what lies before whoever calls; at most so many tasks and conflicts are shown.
///
/// # Errors
/// As the store.
pub(super) fn look(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    now: Timestamp,
    most: usize,
) -> Result<Desk> {
    let Some(me) = Party::of(permit.actor()) else { return Ok(Desk::default()) };
    let own = TaskFilter {
        statuses: vec![TaskStatus::Planned, TaskStatus::InProgress, TaskStatus::Blocked],
        assignee: Some(me.clone()),
        ..TaskFilter::default()
    };
    let mut tasks = tx.tasks(permit, &own, None, LOOKED_AT)?;
    let is_begun = |task: &Task| task.lease_at(now).is_some_and(|lease| lease.holder.is_same(&me));
    tasks.sort_by_key(|task| !is_begun(task));
    let suggested = next(tx, permit, &tasks, &me, now)?;
    tasks.truncate(most);
    let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let needs = if ids.is_empty() { BTreeMap::new() } else { open_needs(tx, permit, &ids)? };
    let of = |task: &Task| needs.get(&task.id).into_iter().flatten().map(ToString::to_string);
    let tasks = tasks.iter().map(|task| OwnTask {
        id: task.id.to_string(),
        statement: text::one_line(&task.statement, SHOWN),
        status: task.status,
        priority: task.priority,
        due_at: task.due_at,
        until: task.lease_at(now).filter(|_| is_begun(task)).map(|lease| lease.until),
        reason: task.reason.as_deref().map(|reason| text::one_line(reason, SHOWN)),
        waits_for: of(task).collect(),
    });
    Ok(Desk {
        tasks: tasks.collect(),
        suggested: suggested.map(Suggested::from),
        conflicts: conflicts(tx, permit, &me, most)?,
    })
}

/// The task to take up next: of one's own, or else of those that nobody has.
fn next(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    own: &[Task],
    me: &Party,
    now: Timestamp,
) -> Result<Option<Suggestion>> {
    let ready = |assignee: Option<&Party>| TaskFilter {
        statuses: vec![TaskStatus::Planned, TaskStatus::InProgress],
        assignee: assignee.cloned(),
        is_unassigned: assignee.is_none(),
        ready_at: Some(now),
        ..TaskFilter::default()
    };
    let mut tasks: Vec<Task> =
        own.iter().filter(|task| task.lease_at(now).is_some()).cloned().collect();
    if !own.is_empty() {
        tasks.extend(tx.tasks(permit, &ready(Some(me)), None, LOOKED_AT)?);
    }
    if tasks.is_empty() {
        tasks = tx.tasks(permit, &ready(None), None, LOOKED_AT)?;
    }
    if tasks.is_empty() {
        return Ok(None);
    }
    let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let needed = needed(tx, permit, &ids)?;
    let finished = TaskFilter {
        statuses: vec![TaskStatus::InReview, TaskStatus::Done],
        assignee: Some(me.clone()),
        ..TaskFilter::default()
    };
    let finished = tx.tasks(permit, &finished, None, LOOKED_AT)?;
    let familiar: BTreeSet<Parent> = finished.iter().filter_map(|task| task.parent).collect();
    let candidates = tasks.into_iter().map(|task| Candidate {
        needed_by: needed.iter().filter(|id| **id == task.id).count(),
        is_familiar: task.parent.is_some_and(|parent| familiar.contains(&parent)),
        task,
    });
    Ok(suggest(candidates, me, now))
}

/// Of these tasks, those that open ones need, once for each of them.
fn needed(tx: &mut dyn ReadTx, permit: &Permit, ids: &[TaskId]) -> Result<Vec<TaskId>> {
    let mut needs = tx.needs_of(permit, ids)?;
    needs.retain(|need| ids.contains(&need.needs));
    let waiting: BTreeSet<TaskId> = needs.iter().map(|need| need.task).collect();
    let waiting: Vec<TaskId> = waiting.into_iter().collect();
    let open: BTreeSet<TaskId> = tx
        .tasks_of(permit, &waiting)?
        .iter()
        .filter(|task| !task.status.is_closed())
        .map(|task| task.id)
        .collect();
    needs.retain(|need| open.contains(&need.task));
    Ok(needs.into_iter().map(|need| need.needs).collect())
}

/// The conflicts that wait for somebody: of memories that they wrote and nodes that they made or answer
/// for; for a person that every one. What waits for consent waits for every editor but the one who
/// asked.
fn conflicts(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    me: &Party,
    most: usize,
) -> Result<Vec<OpenConflict>> {
    let statuses = ConflictStatus::WAITING.to_vec();
    let filter = ConflictFilter { statuses, ..ConflictFilter::default() };
    let waiting = tx.conflicts(permit, &filter, LOOKED_AT)?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let sides = Sides::read(tx, permit, &waiting)?;
    let wrote =
        |memory: &Memory| Party::of(&memory.author.actor).is_some_and(|author| author.is_same(me));
    let own: BTreeSet<MemoryId> =
        sides.memories.iter().filter(|memory| wrote(memory)).map(|memory| memory.id).collect();
    let is_me = |party: &Option<Party>| party.as_ref().is_some_and(|party| party.is_same(me));
    let made = |node: &&Node| is_me(&node.author) || is_me(&node.owner);
    let nodes: BTreeSet<NodeId> = sides.nodes.iter().filter(made).map(|node| node.id).collect();
    let is_theirs = |conflict: &Conflict| {
        if conflict.status == ConflictStatus::PendingApproval {
            let is_own = conflict.decided_by.as_ref() == Some(permit.actor());
            return permit.role() >= Role::Editor && !is_own;
        }
        matches!(me, Party::Member { .. })
            || conflict.memories().any(|id| own.contains(&id))
            || conflict.existing.node().is_some_and(|id| nodes.contains(&id))
    };
    let theirs = waiting.iter().filter(|conflict| is_theirs(conflict)).take(most);
    Ok(theirs.map(OpenConflict::of).collect())
}

impl From<Suggestion> for Suggested {
    fn from(suggestion: Suggestion) -> Self {
        Self {
            id: suggestion.task.id.to_string(),
            statement: text::one_line(&suggestion.task.statement, SHOWN),
            why: suggestion.why,
        }
    }
}

impl OpenConflict {
    fn of(conflict: &Conflict) -> Self {
        Self {
            id: conflict.id.to_string(),
            kind: conflict.kind,
            severity: conflict.severity,
            status: conflict.status,
        }
    }
}
