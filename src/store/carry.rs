//! Nodes, tasks and comments as exports hold them, whoever may see what they are about.

use crate::core::error::Result;
use crate::core::id::{CommentId, ConflictId, NodeId, TaskId};
use crate::identity::permit::Oversight;
use crate::work::comment::Comment;
use crate::work::node::{Node, NodeKind};
use crate::work::task::Task;

/// How much of it there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WorkCounts {
    pub nodes: u64,
    pub tasks: u64,
    /// Those that are copied: see [`CarryRead::comments_to_copy`].
    pub comments: u64,
}

/// A task, and how many tasks stand above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskAt {
    pub depth: i64,
    pub task: Task,
}

/// What an export reads.
pub trait CarryRead {
    /// How much there is to copy.
    fn work_counts(&mut self, all: Oversight<'_>, with_forgotten: bool) -> Result<WorkCounts>;

    /// Nodes of a kind by their ids, after one of them. At most `limit`.
    fn nodes_to_copy(
        &mut self,
        all: Oversight<'_>,
        kind: NodeKind,
        after: Option<NodeId>,
        limit: usize,
    ) -> Result<Vec<Node>>;

    /// Tasks, those further up first, then by their ids; after one of a depth. At most `limit`.
    fn tasks_to_copy(
        &mut self,
        all: Oversight<'_>,
        after: Option<(i64, TaskId)>,
        limit: usize,
    ) -> Result<Vec<TaskAt>>;

    /// The tasks that need others, by their ids, after one of them. At most `limit`.
    fn tasks_in_need(
        &mut self,
        all: Oversight<'_>,
        after: Option<TaskId>,
        limit: usize,
    ) -> Result<Vec<TaskId>>;

    /// Comments by their ids, after one of them; those on forgotten memories and on conflicts of
    /// these if they are copied. At most `limit`.
    fn comments_to_copy(
        &mut self,
        all: Oversight<'_>,
        after: Option<CommentId>,
        with_forgotten: bool,
        limit: usize,
    ) -> Result<Vec<Comment>>;

    /// Whether a conflict is there, whoever may see it.
    fn has_conflict(&mut self, all: Oversight<'_>, id: ConflictId) -> Result<bool>;

    /// A comment by its id, whatever it is about.
    fn comment_by_id(&mut self, all: Oversight<'_>, id: CommentId) -> Result<Option<Comment>>;
}

/// What an import writes beside nodes, tasks and needs, which are added like new ones.
pub trait CarryWrite {
    /// Adds a comment as it was elsewhere. Its id must be free, and what it is about there.
    fn add_comment_copy(&mut self, all: Oversight<'_>, comment: &Comment) -> Result<()>;
}
