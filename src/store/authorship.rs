//! What one author wrote, whoever may see it: for an admin who has to undo it.
//!
//! Nothing here asks who may see a memory, so each method takes an [`Oversight`], which only an
//! admin's permit gives.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{AgentId, MemoryId};
use crate::identity::key::KeyId;
use crate::identity::permit::Oversight;
use crate::memory::memory::{IndexedWords, Memory};
use crate::memory::undo::{Standing, Step};

/// One author's acts in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorship {
    pub author: By,
    pub after: Option<Timestamp>,
    pub before: Option<Timestamp>,
}

/// Who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    Agent(AgentId),
    /// A key, or one of its secrets alone, by its number.
    Key(KeyId, Option<i64>),
}

/// What can be read of an author's acts.
pub trait AuthorshipRead {
    /// The memories of which the author made a version in the period, in the order of their ids,
    /// each with all its versions, the oldest first. At most `limit` memories.
    fn authored(
        &mut self,
        all: Oversight<'_>,
        of: &Authorship,
        limit: usize,
    ) -> Result<Vec<(MemoryId, Vec<Step>)>>;

    /// A memory by its id, whoever may see it, quarantined or not.
    fn any_memory(&mut self, all: Oversight<'_>, id: MemoryId) -> Result<Option<Memory>>;

    /// How a memory stood as one of its versions, whoever may see it.
    fn standing(
        &mut self,
        all: Oversight<'_>,
        id: MemoryId,
        version: i64,
    ) -> Result<Option<Standing>>;

    /// What else the author did in the period than to memories: operations by name, each with how
    /// often it was done.
    fn other_acts(&mut self, all: Oversight<'_>, of: &Authorship) -> Result<Vec<(String, u64)>>;
}

/// What can be changed of what an author wrote.
pub trait AuthorshipWrite {
    /// As `MemoryWrite::change_memory`, whoever may see the memory, quarantined or not.
    fn change_any_memory(
        &mut self,
        all: Oversight<'_>,
        memory: &Memory,
        words: Option<&IndexedWords>,
    ) -> Result<bool>;
}
