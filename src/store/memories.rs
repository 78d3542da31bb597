//! Memories and their versions.
//!
//! Every method sees what its permit may see and nothing else: the permit's team, and of the
//! memories with visibility `agent` only those that the permit's actor wrote. What the
//! team hasn't accepted, because it is proposed or was declined, is seen by who wrote it and by
//! editors and above; so are the versions of an accepted memory that were proposals. What is
//! quarantined is seen by nobody here: [`super::authorship`] finds it.

use super::WriteTx;
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::id::{AgentId, MemoryId};
use crate::identity::permit::Permit;
use crate::memory::fields::Status;
use crate::memory::memory::{IndexedWords, Memory, Version};
use crate::memory::search::{Candidate, Filter};

/// What can be read of memories.
pub trait MemoryRead {
    /// A memory by its id, whatever its status but quarantined.
    fn memory(&mut self, permit: &Permit, id: MemoryId) -> Result<Option<Memory>>;

    /// The versions of a memory, newest first; none where the memory can't be seen, and of those
    /// that were private only the permit's own.
    fn memory_versions(&mut self, permit: &Permit, id: MemoryId) -> Result<Vec<Version>>;

    /// Memories that hold any of the words, best first by BM25, ties by id. Never forgotten ones.
    ///
    /// The words must be cut by `core::text::words::query`. At most `limit`.
    fn memories_with_words(
        &mut self,
        permit: &Permit,
        words: &[String],
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Candidate>>;

    /// Memories, the newest first, ties by id from the newest. Never forgotten ones. At most `limit`.
    fn newest_memories(
        &mut self,
        permit: &Permit,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Memory>>;

    /// How many active memories the permit sees.
    fn count_memories(&mut self, permit: &Permit) -> Result<u64>;

    /// How many proposals the permit sees.
    fn count_proposals(&mut self, permit: &Permit) -> Result<u64>;
}

/// What can be changed of memories.
pub trait MemoryWrite {
    /// Adds a new memory with its first version and its words.
    fn add_memory(&mut self, permit: &Permit, memory: &Memory, words: &IndexedWords) -> Result<()>;

    /// Adds the next version of a memory and makes it what is seen.
    ///
    /// Words are what full text finds from now on, whatever the status; `None` takes the memory out
    /// of it, as forgetting does. `false` when the version before it is not the newest, or the permit
    /// can't see the memory.
    fn change_memory(
        &mut self,
        permit: &Permit,
        memory: &Memory,
        words: Option<&IndexedWords>,
    ) -> Result<bool>;

    /// Forgets what an agent kept to itself, each memory in a version of its own by the permit's
    /// actor; how many. They stay invisible to everybody else, as they were.
    fn forget_private(&mut self, permit: &Permit, agent: AgentId, at: Timestamp) -> Result<u64>;
}

/// Gives memories another status for a reason, each in a next version; those that have the status
/// already stay as they are. Gives what was changed, as it stands now.
///
/// Who may do that, and to which memories, is for the caller to decide.
///
/// # Errors
/// `CONFLICT` when one isn't as it was when it was read, or can't be seen.
pub fn set_status(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    memories: &[Memory],
    status: Status,
    reason: &str,
    at: Timestamp,
) -> Result<Vec<Memory>> {
    let mut changed = Vec::new();
    for memory in memories.iter().filter(|memory| memory.status != status) {
        let next = memory.next(memory.statement.clone(), status, at).because(reason);
        let words = (status != Status::Forgotten).then(|| next.words());
        if !tx.change_memory(permit, &next, words.as_ref())? {
            return Err(
                Error::new(Code::Conflict, "a memory has changed just now").with_fix("try again")
            );
        }
        changed.push(next);
    }
    Ok(changed)
}
