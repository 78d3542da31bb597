//! What leaves a team whole, and what comes into it: copies with their ids, times and authors.
//!
//! Copies hold what is others' alone and say who wrote it, so each method over them takes an
//! [`Oversight`], which only an admin's permit gives. What is kept of imports themselves doesn't.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{AgentId, ConflictId, MemoryId};
use crate::identity::permit::{Oversight, Permit};
use crate::memory::copy::{AgentCopy, ConfirmationCopy, EventCopy, LinkCopy, MemoryCopy};
use crate::memory::decided::ConflictCopy;
use crate::memory::memory::IndexedWords;

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many records were handled: the next one begins there.
    pub done: i64,
    /// How many of them are here now because of it.
    pub taken: i64,
    /// How many were here before.
    pub known: i64,
    /// How many were not taken.
    pub refused: i64,
    pub began_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Which memories to copy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CopyFilter {
    /// Begins after this one.
    pub after: Option<MemoryId>,
    /// Whether forgotten ones are among them.
    pub with_forgotten: bool,
}

/// How much there is to copy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub agents: u64,
    pub memories: u64,
    /// Those whose memories are copied too.
    pub conflicts: u64,
    /// Of the trail of this team, and of those that came from others.
    pub activity: u64,
}

/// What can be read for an export, and of imports.
pub trait TransferRead {
    /// How much there is; forgotten memories are counted if they are asked for.
    fn copy_counts(&mut self, all: Oversight<'_>, with_forgotten: bool) -> Result<Counts>;

    /// The team's agents by their ids, retired ones too, after one of them. At most `limit`.
    fn agent_copies(
        &mut self,
        all: Oversight<'_>,
        after: Option<AgentId>,
        limit: usize,
    ) -> Result<Vec<AgentCopy>>;

    /// Memories by their ids, whoever may see them, each with all its versions. At most `limit`.
    fn memory_copies(
        &mut self,
        all: Oversight<'_>,
        filter: &CopyFilter,
        limit: usize,
    ) -> Result<Vec<MemoryCopy>>;

    /// A memory by its id, whoever may see it, with all its versions.
    fn memory_copy(&mut self, all: Oversight<'_>, id: MemoryId) -> Result<Option<MemoryCopy>>;

    /// Conflicts by their ids, whoever may see them, after one of them; those of forgotten memories
    /// if these are copied. At most `limit`.
    fn conflict_copies(
        &mut self,
        all: Oversight<'_>,
        after: Option<ConflictId>,
        with_forgotten: bool,
        limit: usize,
    ) -> Result<Vec<ConflictCopy>>;

    /// The conflict of the same id as a copy; else one that waits, as the copy does, between the same
    /// two.
    fn conflict_like(
        &mut self,
        all: Oversight<'_>,
        copy: &ConflictCopy,
    ) -> Result<Option<ConflictCopy>>;

    /// Events of other teams' trails, by team and sequence, after one of them. At most `limit`.
    fn imported_events(
        &mut self,
        all: Oversight<'_>,
        after: Option<(&str, i64)>,
        limit: usize,
    ) -> Result<Vec<EventCopy>>;

    /// An event of another team's trail.
    fn imported_event(
        &mut self,
        all: Oversight<'_>,
        team: &str,
        sequence: i64,
    ) -> Result<Option<EventCopy>>;

    /// How far an import has come; `None` for one that hasn't begun.
    fn import_progress(&mut self, permit: &Permit, import: &str) -> Result<Option<Progress>>;

    /// The memory that a record from elsewhere became, though it be forgotten since.
    fn imported_as(&mut self, permit: &Permit, fingerprint: &str) -> Result<Option<MemoryId>>;
}

/// What an import writes.
pub trait TransferWrite {
    /// Adds an agent as it was elsewhere. Its id and slug must be free.
    fn add_agent_copy(&mut self, all: Oversight<'_>, agent: &AgentCopy) -> Result<()>;

    /// Adds a memory as it was elsewhere, with all its versions. Its id must be free, and its
    /// authors' agents there. Words are what full text finds; `None` keeps it out.
    fn add_memory_copy(
        &mut self,
        all: Oversight<'_>,
        copy: &MemoryCopy,
        words: Option<&IndexedWords>,
    ) -> Result<()>;

    /// Adds links and confirmations to a memory, as they were elsewhere; those that are there already
    /// stay as they are.
    fn add_ties(
        &mut self,
        all: Oversight<'_>,
        id: MemoryId,
        links: &[LinkCopy],
        confirmations: &[ConfirmationCopy],
    ) -> Result<()>;

    /// Adds a conflict as it was elsewhere. Its id must be free, its memories and its node there,
    /// and none may wait between them if it waits.
    fn add_conflict_copy(&mut self, all: Oversight<'_>, conflict: &ConflictCopy) -> Result<()>;

    /// Keeps an event of another team's trail. It must be new.
    fn add_imported_event(&mut self, all: Oversight<'_>, event: &EventCopy) -> Result<()>;

    /// Notes how far an import has come.
    fn set_import_progress(
        &mut self,
        permit: &Permit,
        import: &str,
        progress: &Progress,
    ) -> Result<()>;

    /// Notes which memory a record from elsewhere became.
    fn add_imported_record(
        &mut self,
        permit: &Permit,
        fingerprint: &str,
        memory: MemoryId,
    ) -> Result<()>;
}
