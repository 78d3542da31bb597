//! Erasing a memory for good: every version, and all that was made of its text.
//!
//! Nothing is left but that it happened. Where the database's files still hold what was deleted,
//! [`crate::store::Store::scrub`] writes them anew, as far as the engine can.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{AgentId, MemoryId};
use crate::identity::permit::{Oversight, Permit};
use crate::memory::memory::Author;

/// Every table that holds rows of a memory, with the column that names it, in the order in which they
/// are emptied. Comments on its conflicts, answers that were kept for retries, full text and the
/// memory's own row each engine does itself. A test holds the schema against this list, so that a new table can't be left out.
pub(super) const HOLDERS: &[(&str, &str)] = &[
    ("memory_pieces", "memory_id"),
    ("memory_links", "from_id"),
    ("memory_links", "to_id"),
    ("comments", "about_id"),
    ("conflicts", "existing_id"),
    ("conflicts", "newer_id"),
    ("confirmations", "memory_id"),
    ("imported_records", "memory_id"),
    ("memory_tags", "memory_id"),
    ("memory_versions", "memory_id"),
];

/// That a memory was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    pub memory: MemoryId,
    pub erased_at: Timestamp,
    /// A label.
    pub reason: String,
    pub by: Author,
}

/// What can be read of erasures.
pub trait ErasureRead {
    /// That a memory was erased, if it was.
    fn erasure(&mut self, permit: &Permit, id: MemoryId) -> Result<Option<Erasure>>;

    /// The ids of the memories of which an agent is the author, whatever their status. At most
    /// `limit`.
    fn ids_by_author(
        &mut self,
        all: Oversight<'_>,
        author: AgentId,
        limit: usize,
    ) -> Result<Vec<MemoryId>>;
}

/// What can be erased.
pub trait ErasureWrite {
    /// Erases a memory, whoever may see it and whatever its status, and notes that the permit's
    /// bearer did. `false` when there is no such memory.
    fn erase_memory(
        &mut self,
        all: Oversight<'_>,
        id: MemoryId,
        at: Timestamp,
        reason: &str,
    ) -> Result<bool>;
}
