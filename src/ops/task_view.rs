//! Tasks as callers see them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TaskId;
use crate::identity::permit::Permit;
use crate::store::ReadTx;
use crate::work::party::Party;
use crate::work::task::{Criterion, Lease, Parent, Priority, Task, TaskStatus};

/// An agent, or a member in person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct PartyView {
    /// The agent's id
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// The member's id
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    /// The member's name
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl From<Party> for PartyView {
    fn from(party: Party) -> Self {
        match party {
            Party::Agent(agent) => Self { agent: Some(agent.slug), member: None, name: None },
            Party::Member { id, name } => Self {
                agent: None,
                member: Some(id.to_string()),
                name: Some(name).filter(|name| !name.is_empty()),
            },
        }
    }
}

/// Who works on a task, and until when.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LeaseView {
    holder: PartyView,
    until: Timestamp,
}

impl From<Lease> for LeaseView {
    fn from(lease: Lease) -> Self {
        Self { holder: lease.holder.into(), until: lease.until }
    }
}

/// Something that has to hold for a task to be done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CriterionView {
    /// By which it is named, from 1
    number: usize,
    text: String,
    met: bool,
}

impl CriterionView {
    /// The criteria of a task, in their order.
    pub(super) fn all(criteria: Vec<Criterion>) -> Vec<Self> {
        let numbered = criteria.into_iter().zip(1..);
        numbered.map(|(one, number)| Self { number, text: one.text, met: one.is_met }).collect()
    }
}

/// A task in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TaskLine {
    pub id: String,
    /// nod_… or tsk_…; absent where it stands by itself
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    pub statement: String,
    pub status: TaskStatus,
    /// Why it is blocked, or was sent back
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub priority: Priority,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<PartyView>,
    /// Who works on it now
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease: Option<LeaseView>,
    /// Those that it needs and that are still open
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<String>,
    pub version: i64,
    pub updated_at: Timestamp,
}

/// A task, all that is its own.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TaskView {
    #[serde(flatten)]
    pub line: TaskLine,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acceptance_criteria: Vec<CriterionView>,
    /// Since when it has this status
    pub status_at: Timestamp,
    /// Who said last that it is done
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker: Option<PartyView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<PartyView>,
    pub created_at: Timestamp,
}

/// The id of what a task stands below.
#[must_use]
pub fn parent_id(parent: Parent) -> String {
    match parent {
        Parent::Node(id) => id.to_string(),
        Parent::Task(id) => id.to_string(),
    }
}

impl TaskLine {
    /// A task at a moment, and which open ones it needs.
    #[must_use]
    pub fn of(task: &Task, waits_for: &[TaskId], now: Timestamp) -> Self {
        Self {
            id: task.id.to_string(),
            parent_id: task.parent.map(parent_id),
            statement: task.statement.clone(),
            status: task.status,
            reason: task.reason.clone(),
            priority: task.priority,
            due_at: task.due_at,
            assignee: task.assignee.clone().map(PartyView::from),
            lease: task.lease_at(now).cloned().map(LeaseView::from),
            waits_for: waits_for.iter().map(ToString::to_string).collect(),
            version: task.version,
            updated_at: task.updated_at,
        }
    }
}

impl TaskView {
    /// A task at a moment, and which open ones it needs.
    #[must_use]
    pub fn of(task: Task, waits_for: &[TaskId], now: Timestamp) -> Self {
        Self {
            line: TaskLine::of(&task, waits_for, now),
            description: task.description,
            acceptance_criteria: CriterionView::all(task.criteria),
            status_at: task.status_at,
            worker: task.worker.map(PartyView::from),
            author: task.author.map(PartyView::from),
            created_at: task.created_at,
        }
    }
}

/// Of each of these tasks, those that it needs and that are still open.
///
/// # Errors
/// As the store.
pub(super) fn open_needs(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    ids: &[TaskId],
) -> Result<BTreeMap<TaskId, Vec<TaskId>>> {
    let mut needs = tx.needs_of(permit, ids)?;
    needs.retain(|need| ids.contains(&need.task));
    let needed: BTreeSet<TaskId> = needs.iter().map(|need| need.needs).collect();
    let needed: Vec<TaskId> = needed.into_iter().collect();
    let tasks = tx.tasks_of(permit, &needed)?;
    let open: BTreeSet<TaskId> =
        tasks.iter().filter(|task| !task.status.is_closed()).map(|task| task.id).collect();
    let mut open_needs: BTreeMap<TaskId, Vec<TaskId>> = BTreeMap::new();
    for need in needs.iter().filter(|need| open.contains(&need.needs)) {
        open_needs.entry(need.task).or_default().push(need.needs);
    }
    Ok(open_needs)
}

/// Tasks as a list shows them.
///
/// # Errors
/// As the store.
pub(super) fn lines(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    tasks: &[Task],
    now: Timestamp,
) -> Result<Vec<TaskLine>> {
    let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let open = open_needs(tx, permit, &ids)?;
    let of = |task: &Task| open.get(&task.id).map_or(&[][..], Vec::as_slice);
    Ok(tasks.iter().map(|task| TaskLine::of(task, of(task), now)).collect())
}
