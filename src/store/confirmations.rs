//! Statements that are held already, and who else said them.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::memory::{Author, Memory};

/// Somebody who said what a memory says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    pub by: Author,
    pub at: Timestamp,
}

/// What can be read of what is held.
pub trait ConfirmationRead {
    /// Active and proposed memories that the permit sees and that have one of these prints, the
    /// newest first. Those with a position in a thread only if they were made at `since` or later. At
    /// most `limit`.
    fn held(
        &mut self,
        permit: &Permit,
        prints: &[String],
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Memory>>;

    /// Who confirmed a memory as it stands, the first first; nobody where it can't be seen.
    fn confirmations(&mut self, permit: &Permit, id: MemoryId) -> Result<Vec<Confirmation>>;

    /// The active memories that were confirmed between two moments, both within, each with how often:
    /// the most often confirmed first, ties by id. Of these agents' (slugs) alone, or of all where
    /// none is named; at most `limit`.
    fn confirmed_between(
        &mut self,
        permit: &Permit,
        from: Timestamp,
        until: Timestamp,
        agents: &[String],
        limit: usize,
    ) -> Result<Vec<(MemoryId, u64)>>;
}

/// What can be changed of it.
pub trait ConfirmationWrite {
    /// Notes that the permit's actor said what a memory says. `false` when that was noted before, or
    /// the permit can't see the memory.
    ///
    /// It counts while the memory says that: another statement in its place has none.
    fn confirm(&mut self, permit: &Permit, memory: &Memory, at: Timestamp) -> Result<bool>;
}
