//! Nodes and tasks as the cases add them: nothing but what has to be.

use memoranda::core::id::{NodeId, TaskId};
use memoranda::work::node::{Node, NodeKind, NodeStatus};
use memoranda::work::task::{Priority, Task, TaskStatus};

use super::team::at;

/// An objective that is pursued.
pub fn node(id: NodeId) -> Node {
    Node {
        id,
        kind: NodeKind::Objective,
        parent: None,
        position: 0,
        statement: "Halve it".to_owned(),
        description: None,
        status: NodeStatus::Active,
        owner: None,
        author: None,
        version: 1,
        created_at: at(1),
        updated_at: at(1),
    }
}

/// A task that nobody has begun.
pub fn task(id: TaskId) -> Task {
    Task {
        id,
        parent: None,
        position: 0,
        statement: "Measure it".to_owned(),
        description: None,
        criteria: Vec::new(),
        status: TaskStatus::Planned,
        status_at: at(1),
        reason: None,
        priority: Priority::Normal,
        due_at: None,
        assignee: None,
        worker: None,
        author: None,
        lease: None,
        fence: 0,
        version: 1,
        created_at: at(1),
        updated_at: at(1),
    }
}
