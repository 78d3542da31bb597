//! Nodes, tasks and comments as an export holds them.
//!
//! Records of the lossless format like those of memories. No lease is among them: what somebody does
//! right now isn't moved to another server. The fence is, so that no number of it is given twice.

use serde::{Deserialize, Serialize};

use super::comment::{Comment, CommentKind, Subject};
use super::node::{Node, NodeKind, NodeStatus};
use super::party::Party;
use super::task::{Criterion, Parent, Priority, Task, TaskStatus};
use crate::core::clock::Timestamp;
use crate::core::id::{AgentId, CommentId, MemberId, NodeId, TaskId};
use crate::identity::actor::AgentRef;

/// A record of what a team works on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "lowercase")]
pub enum WorkRecord {
    Node(Box<NodeCopy>),
    Task(Box<TaskCopy>),
    Needs(NeedsCopy),
    Comment(Box<CommentCopy>),
}

impl WorkRecord {
    /// Whether a record says that it is one of these.
    #[must_use]
    pub fn is_named(kind: &str) -> bool {
        ["node", "task", "needs", "comment"].contains(&kind)
    }
}

/// An agent, or a member in person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartyCopy {
    Agent(AgentId),
    Member(MemberId),
}

/// A node. Its parent is of a kind further up, and comes before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeCopy {
    pub id: NodeId,
    pub kind: NodeKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<NodeId>,
    pub position: i64,
    pub statement: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub status: NodeStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<PartyCopy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<PartyCopy>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A task. What it stands below comes before it; what it needs follows in a [`NeedsCopy`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskCopy {
    pub id: TaskId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<NodeId>,
    /// Where it stands below no node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_task_id: Option<TaskId>,
    pub position: i64,
    pub statement: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<Criterion>,
    pub status: TaskStatus,
    pub status_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub priority: Priority,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<PartyCopy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<PartyCopy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<PartyCopy>,
    pub fence: i64,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What a task of this version waits for. A record of its own after all tasks: tasks that come after
/// those they stand below can't always come after those that they need too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedsCopy {
    pub task_id: TaskId,
    pub version: i64,
    /// By id.
    pub needs: Vec<TaskId>,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommentCopy {
    pub id: CommentId,
    /// Of a task, node, memory or conflict.
    pub about_id: String,
    pub kind: CommentKind,
    pub content: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fence: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<PartyCopy>,
    pub created_at: Timestamp,
}

impl From<Party> for PartyCopy {
    fn from(party: Party) -> Self {
        match party {
            Party::Agent(agent) => PartyCopy::Agent(agent.id),
            Party::Member { id, .. } => PartyCopy::Member(id),
        }
    }
}

impl From<PartyCopy> for Party {
    fn from(copy: PartyCopy) -> Self {
        match copy {
            PartyCopy::Agent(id) => Party::Agent(AgentRef { id, slug: String::new() }),
            PartyCopy::Member(id) => Party::Member { id, name: String::new() },
        }
    }
}

impl From<Node> for NodeCopy {
    fn from(node: Node) -> Self {
        Self {
            id: node.id,
            kind: node.kind,
            parent_id: node.parent,
            position: node.position,
            statement: node.statement,
            description: node.description,
            status: node.status,
            owner: node.owner.map(PartyCopy::from),
            author: node.author.map(PartyCopy::from),
            version: node.version,
            created_at: node.created_at,
            updated_at: node.updated_at,
        }
    }
}

impl From<NodeCopy> for Node {
    fn from(copy: NodeCopy) -> Self {
        Self {
            id: copy.id,
            kind: copy.kind,
            parent: copy.parent_id,
            position: copy.position,
            statement: copy.statement,
            description: copy.description,
            status: copy.status,
            owner: copy.owner.map(Party::from),
            author: copy.author.map(Party::from),
            version: copy.version,
            created_at: copy.created_at,
            updated_at: copy.updated_at,
        }
    }
}

impl From<Task> for TaskCopy {
    fn from(task: Task) -> Self {
        let (node_id, parent_task_id) = match task.parent {
            None => (None, None),
            Some(Parent::Node(id)) => (Some(id), None),
            Some(Parent::Task(id)) => (None, Some(id)),
        };
        Self {
            id: task.id,
            node_id,
            parent_task_id,
            position: task.position,
            statement: task.statement,
            description: task.description,
            criteria: task.criteria,
            status: task.status,
            status_at: task.status_at,
            reason: task.reason,
            priority: task.priority,
            due_at: task.due_at,
            assignee: task.assignee.map(PartyCopy::from),
            worker: task.worker.map(PartyCopy::from),
            author: task.author.map(PartyCopy::from),
            fence: task.fence,
            version: task.version,
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}

impl From<TaskCopy> for Task {
    fn from(copy: TaskCopy) -> Self {
        Self {
            id: copy.id,
            parent: copy.node_id.map(Parent::Node).or(copy.parent_task_id.map(Parent::Task)),
            position: copy.position,
            statement: copy.statement,
            description: copy.description,
            criteria: copy.criteria,
            status: copy.status,
            status_at: copy.status_at,
            reason: copy.reason,
            priority: copy.priority,
            due_at: copy.due_at,
            assignee: copy.assignee.map(Party::from),
            worker: copy.worker.map(Party::from),
            author: copy.author.map(Party::from),
            lease: None,
            fence: copy.fence,
            version: copy.version,
            created_at: copy.created_at,
            updated_at: copy.updated_at,
        }
    }
}

impl From<Comment> for CommentCopy {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            about_id: comment.about.parts().1,
            kind: comment.kind,
            content: comment.content,
            next_step: comment.next_step,
            fence: comment.fence,
            author: comment.author.map(PartyCopy::from),
            created_at: comment.created_at,
        }
    }
}

impl CommentCopy {
    /// The comment that it is a copy of, on something.
    #[must_use]
    pub fn into_comment(self, about: Subject) -> Comment {
        Comment {
            id: self.id,
            about,
            kind: self.kind,
            content: self.content,
            next_step: self.next_step,
            fence: self.fence,
            author: self.author.map(Party::from),
            created_at: self.created_at,
        }
    }
}
