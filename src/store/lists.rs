//! Memories as lists: how many there are, what changed, and what stood at a moment.
//!
//! As everywhere, a method sees what its permit may see and nothing else.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::memory::Memory;
use crate::memory::search::Filter;
use crate::memory::summary::Change;

/// What can be read of memories as lists.
pub trait ListRead {
    /// How many memories a filter finds.
    fn count_found(&mut self, permit: &Permit, filter: &Filter) -> Result<u64>;

    /// Memories by their last change, the newest first, ties by id from the newest. Never forgotten
    /// ones. At most `limit`.
    fn changed_memories(
        &mut self,
        permit: &Permit,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Memory>>;

    /// The memories of these ids, whatever their status but quarantined, in the order of the ids.
    /// Those that aren't there or can't be seen are left out.
    fn memories_of(&mut self, permit: &Permit, ids: &[MemoryId]) -> Result<Vec<Memory>>;

    /// The changes between two moments, both within, of memories that are seen now, in the order in
    /// which they happened; those whose memory was written by any of these agents (slugs), or all where
    /// none is named. Forgetting is a change as well. At most `limit`.
    fn changes_between(
        &mut self,
        permit: &Permit,
        from: Timestamp,
        until: Timestamp,
        agents: &[String],
        limit: usize,
    ) -> Result<Vec<Change>>;

    /// The ids of memories that are forgotten, each with when that was: the latest first, ties by id
    /// from the newest. The filter's status isn't asked; at most `limit`.
    fn forgotten_memories(
        &mut self,
        permit: &Permit,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<(MemoryId, Timestamp)>>;

    /// Memories that were active at a moment, each as it was then, and how many there were. The
    /// newest change first, ties by id from the newest; at most `limit`.
    ///
    /// Types and tags are those of then; the filter's status isn't asked. What has become private
    /// since, or was it then, is its author's alone.
    fn memories_as_of(
        &mut self,
        permit: &Permit,
        filter: &Filter,
        moment: Timestamp,
        limit: usize,
    ) -> Result<(Vec<Memory>, u64)>;
}
