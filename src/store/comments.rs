//! What was said about tasks, nodes, memories and conflicts.
//!
//! What is about a memory or a conflict is seen where that is seen. So a comment is reached by way of
//! [`Seen`] alone, which is made by looking.

use super::ReadTx;
use crate::core::error::Result;
use crate::core::id::{CommentId, TaskId};
use crate::identity::permit::Permit;
use crate::memory::fields::Status;
use crate::work::comment::{Comment, Subject};

/// Something that a permit's bearer sees now, in this very unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen(Subject);

impl Seen {
    /// Looks whether it is there and seen. A forgotten memory isn't.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub fn look(
        tx: &mut (impl ReadTx + ?Sized),
        permit: &Permit,
        subject: Subject,
    ) -> Result<Option<Self>> {
        let is_seen = match subject {
            Subject::Task(id) => tx.task(permit, id)?.is_some(),
            Subject::Node(id) => tx.node(permit, id)?.is_some(),
            Subject::Memory(id) => {
                tx.memory(permit, id)?.is_some_and(|memory| memory.status != Status::Forgotten)
            }
            Subject::Conflict(id) => tx.conflict(permit, id)?.is_some(),
        };
        Ok(is_seen.then_some(Self(subject)))
    }

    /// What it is.
    #[must_use]
    pub fn subject(self) -> Subject {
        self.0
    }
}

/// What can be read of comments.
pub trait CommentRead {
    /// The comments on something, the newest first, before one of them if asked; at most `limit`.
    fn comments(
        &mut self,
        permit: &Permit,
        about: Seen,
        before: Option<CommentId>,
        limit: usize,
    ) -> Result<Vec<Comment>>;

    /// How far a task had come when that was last said under a lease: by the newest lease, as the
    /// clocks of several servers differ.
    fn last_checkpoint(&mut self, permit: &Permit, id: TaskId) -> Result<Option<Comment>>;
}

/// What can be said.
pub trait CommentWrite {
    /// Adds a comment on what its author sees.
    fn add_comment(&mut self, permit: &Permit, about: Seen, comment: &Comment) -> Result<()>;
}
