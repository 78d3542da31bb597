//! Tasks: what is to be done, by whom, and how far it has come.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::party::Party;
use crate::core::clock::Timestamp;
use crate::core::id::{NodeId, TaskId};
use crate::core::named::Named;

/// How far a task has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
pub enum TaskStatus {
    #[default]
    Planned,
    /// Somebody began it; who, while their lease lasts.
    InProgress,
    /// Its worker says it is done, and somebody else is to say so too.
    InReview,
    Done,
    Blocked,
    Cancelled,
}

impl Named for TaskStatus {
    const NAMES: &'static [(Self, &'static str)] = &[
        (TaskStatus::Planned, "PLANNED"),
        (TaskStatus::InProgress, "IN_PROGRESS"),
        (TaskStatus::InReview, "IN_REVIEW"),
        (TaskStatus::Done, "DONE"),
        (TaskStatus::Blocked, "BLOCKED"),
        (TaskStatus::Cancelled, "CANCELLED"),
    ];
}

impl TaskStatus {
    /// Whether nothing is to be done about it any more.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, TaskStatus::Done | TaskStatus::Cancelled)
    }
}

/// How much it presses.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
    Urgent,
}

impl Named for Priority {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Priority::Low, "LOW"),
        (Priority::Normal, "NORMAL"),
        (Priority::High, "HIGH"),
        (Priority::Urgent, "URGENT"),
    ];
}

impl Priority {
    /// As the store sorts it: higher is more urgent.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Priority::Low => 0,
            Priority::Normal => 1,
            Priority::High => 2,
            Priority::Urgent => 3,
        }
    }

    /// The priority of a rank.
    #[must_use]
    pub fn from_rank(rank: i64) -> Option<Self> {
        Self::NAMES.iter().map(|(priority, _)| *priority).find(|priority| priority.rank() == rank)
    }
}

/// What has to hold for a task to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    pub text: String,
    pub is_met: bool,
}

/// What a task stands below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parent {
    Node(NodeId),
    Task(TaskId),
}

/// The right to work on a task, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub holder: Party,
    /// It holds before this moment, and not at it.
    pub until: Timestamp,
}

/// A task as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: TaskId,
    pub parent: Option<Parent>,
    /// Its place among the tasks of the same parent, from 0.
    pub position: i64,
    pub statement: String,
    pub description: Option<String>,
    pub criteria: Vec<Criterion>,
    pub status: TaskStatus,
    /// Since when it has that status.
    pub status_at: Timestamp,
    /// Why it is blocked, or was sent back.
    pub reason: Option<String>,
    pub priority: Priority,
    pub due_at: Option<Timestamp>,
    pub assignee: Option<Party>,
    /// Who said last that it is done.
    pub worker: Option<Party>,
    pub author: Option<Party>,
    /// The last lease; ask [`Task::lease_at`] for one that holds.
    pub lease: Option<Lease>,
    /// The fencing token of the last lease: grows with each, and never falls (Martin Kleppmann, "How
    /// to do distributed locking", 2016).
    pub fence: i64,
    /// From 1, one more with each change.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Task {
    /// The lease that holds at a moment, if one does.
    #[must_use]
    pub fn lease_at(&self, now: Timestamp) -> Option<&Lease> {
        self.lease.as_ref().filter(|lease| now < lease.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_and_the_wire_use_the_same_names() {
        for (value, name) in TaskStatus::NAMES {
            assert_eq!(serde_json::to_value(value).expect("serializes"), *name);
        }
        for (value, name) in Priority::NAMES {
            assert_eq!(serde_json::to_value(value).expect("serializes"), *name);
            assert_eq!(Priority::from_rank(value.rank()), Some(*value));
        }
        assert_eq!(Priority::from_rank(4), None);
    }
}
