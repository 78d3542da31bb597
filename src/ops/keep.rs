//! How a new memory is kept: the part of `remember` that runs within the unit, for whatever writes
//! memories.

use schemars::JsonSchema;
use serde::Serialize;

use super::call::Call;
use super::supersede::{Tie, tie};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::draft::Draft;
use crate::memory::fields::{MemoryType, Status};
use crate::memory::memory::{Author, IndexedWords, Memory};
use crate::memory::rights::status_after;
use crate::store::WriteTx;

/// A memory that is to be kept, made whole before the unit.
#[derive(Debug, Clone)]
pub(super) struct New {
    pub(super) memory: Memory,
    words: IndexedWords,
    ties: Vec<Tie>,
}

/// A memory that was kept.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Kept {
    id: String,
    version: i64,
    status: Status,
    #[serde(rename = "type")]
    memory_type: MemoryType,
    /// The ids of those that it retired
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-rare" = true))]
    superseded: Vec<String>,
}

impl New {
    /// A new memory by whoever calls, with what it is linked to.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the field and its rule.
    pub(super) fn of(call: &Call<'_>, draft: Draft, ties: Vec<Tie>) -> Result<Self> {
        let statement = draft.into_statement(call.at)?;
        let author = Author::of(&call.permit);
        let mut memory = Memory::new(call.next_id(), statement, author, call.at);
        let visibility = memory.statement.visibility;
        memory.status = status_after(memory.status, call.permit.role(), visibility);
        let words = memory.words();
        Ok(Self { memory, words, ties })
    }

    /// The same, as an item of a batch: what it refuses is named by its place.
    pub(super) fn under(mut self, path: &str) -> Self {
        self.ties = self.ties.into_iter().map(|tie| tie.under(path)).collect();
        self
    }
}

impl Kept {
    /// The id of the memory.
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

/// Keeps a new memory, and retires what it supersedes.
///
/// # Errors
/// As [`tie`]; nothing of the unit is kept then.
pub(super) fn keep(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    new: &New,
    at: Timestamp,
) -> Result<Kept> {
    let memory = &new.memory;
    tx.add_memory(permit, memory, &new.words)?;
    let made = tie(tx, permit, memory, &new.ties, at)?;
    // What else a new memory brings about (conflicts with what is held) has its place here.
    Ok(Kept {
        id: memory.id.to_string(),
        version: memory.version,
        status: memory.status,
        memory_type: memory.statement.memory_type,
        superseded: made.retired.iter().map(MemoryId::to_string).collect(),
    })
}
