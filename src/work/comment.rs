//! What was said about a task, node, memory or conflict. Checkpoints of work are among it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::party::Party;
use crate::core::clock::Timestamp;
use crate::core::id::{CommentId, ConflictId, MemoryId, NodeId, TaskId};
use crate::core::named::Named;

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Task(TaskId),
    Node(NodeId),
    Memory(MemoryId),
    Conflict(ConflictId),
}

impl Subject {
    /// What kind of thing it is, and its id, as the store writes them.
    #[must_use]
    pub fn parts(self) -> (&'static str, String) {
        match self {
            Subject::Task(id) => ("task", id.to_string()),
            Subject::Node(id) => ("node", id.to_string()),
            Subject::Memory(id) => ("memory", id.to_string()),
            Subject::Conflict(id) => ("conflict", id.to_string()),
        }
    }

    /// The subject of an id; its prefix says what it is.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let task = || id.parse().ok().map(Subject::Task);
        let node = || id.parse().ok().map(Subject::Node);
        let memory = || id.parse().ok().map(Subject::Memory);
        let conflict = || id.parse().ok().map(Subject::Conflict);
        task().or_else(node).or_else(memory).or_else(conflict)
    }
}

/// Why it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum CommentKind {
    #[default]
    Comment,
    /// How far the work has come.
    Checkpoint,
    /// What was done, by who says it is.
    Completion,
    /// What keeps it from going on.
    Block,
    /// By whoever approved it.
    Approval,
    /// By whoever sent it back.
    Rejection,
}

impl Named for CommentKind {
    const NAMES: &'static [(Self, &'static str)] = &[
        (CommentKind::Comment, "comment"),
        (CommentKind::Checkpoint, "checkpoint"),
        (CommentKind::Completion, "completion"),
        (CommentKind::Block, "block"),
        (CommentKind::Approval, "approval"),
        (CommentKind::Rejection, "rejection"),
    ];
}

/// Something that was said. It is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub id: CommentId,
    pub about: Subject,
    pub kind: CommentKind,
    pub content: String,
    /// What is to be done next, where work was handed on.
    pub next_step: Option<String>,
    /// Under which lease it was said, where it was under one.
    pub fence: Option<i64>,
    pub author: Option<Party>,
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::id::Ids;

    #[test]
    fn the_store_and_the_wire_use_the_same_names() {
        for (value, name) in CommentKind::NAMES {
            assert_eq!(serde_json::to_value(value).expect("serializes"), *name);
        }
    }

    #[test]
    fn an_id_says_what_it_is_about() {
        let (ids, at) = (Ids::default(), Timestamp::from_millis(1));
        let subjects = [
            Subject::Task(ids.next(at)),
            Subject::Node(ids.next(at)),
            Subject::Memory(ids.next(at)),
            Subject::Conflict(ids.next(at)),
        ];

        for subject in subjects {
            assert_eq!(Subject::parse(&subject.parts().1), Some(subject));
        }
        assert_eq!(Subject::parse("key_1"), None);
    }
}
