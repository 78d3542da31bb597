//! Conflicts: a memory and what was there before it, a memory or a node of the strategy, which can't
//! both hold.
//!
//! A conflict is seen where its memories are seen, so it shows nobody that a memory is there which
//! they can't see; nodes everybody of the team sees. It goes with its memories when they are erased.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{ConflictId, MemoryId, NodeId};
use crate::identity::permit::Permit;
use crate::memory::conflict::{Conflict, ConflictKind, ConflictStatus, Sought};
use crate::memory::memory::Memory;

/// Which conflicts are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConflictFilter {
    /// Any of these; empty is every status.
    pub statuses: Vec<ConflictStatus>,
    pub kind: Option<ConflictKind>,
    /// Those that this memory is one side of.
    pub memory: Option<MemoryId>,
    /// Those that this node is one side of.
    pub node: Option<NodeId>,
    /// Opened before this one.
    pub before: Option<ConflictId>,
}

/// What became of conflicts in a stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConflictCounts {
    pub opened: u64,
    /// Decided, dismissed, or gone by themselves.
    pub settled: u64,
}

/// What can be read of conflicts.
pub trait ConflictRead {
    /// A conflict by its id, whatever its status.
    fn conflict(&mut self, permit: &Permit, id: ConflictId) -> Result<Option<Conflict>>;

    /// Conflicts, the newest first; at most `limit`. One that waits is left out while its memories
    /// aren't active or proposed, or its node isn't pursued: there is nothing to decide then.
    fn conflicts(
        &mut self,
        permit: &Permit,
        filter: &ConflictFilter,
        limit: usize,
    ) -> Result<Vec<Conflict>>;

    /// How many conflicts were opened and settled between two moments, both within; of those one of
    /// whose memories any of these agents (slugs) wrote, or of all where none is named.
    fn conflict_counts(
        &mut self,
        permit: &Permit,
        from: Timestamp,
        until: Timestamp,
        agents: &[String],
    ) -> Result<ConflictCounts>;

    /// Active memories that hold, for any one of what is sought, a word of each of its groups; the
    /// newest first, at most `limit`. Without one memory, and without turns of conversations.
    fn memories_holding(
        &mut self,
        permit: &Permit,
        sought: &[Sought],
        but: MemoryId,
        limit: usize,
    ) -> Result<Vec<Memory>>;
}

/// What can be changed of conflicts.
pub trait ConflictWrite {
    /// Opens a conflict. `false` where one of the same two waits already, or where one of them can't
    /// be seen or is forgotten.
    fn open_conflict(&mut self, permit: &Permit, conflict: &Conflict) -> Result<bool>;

    /// Puts down what was decided: status, resolution, content, rationale, reason, by whom and when.
    /// `false` where the conflict's status is not `was` any more, or where it can't be seen.
    fn settle_conflict(
        &mut self,
        permit: &Permit,
        conflict: &Conflict,
        was: ConflictStatus,
    ) -> Result<bool>;
}
