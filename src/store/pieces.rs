//! Vectors of memories, and what changed since somebody looked: what an index in memory is made of.
//!
//! Each change of a memory takes the team's next number, and so does what becomes of its vectors and
//! its removal. Whoever has seen all changes up to a number asks for those above it and misses none:
//! numbers grow in the order of commits. A vector always is of the text that is held now: one of
//! another text goes with it, and can't be put.

use std::ops::Range;

use crate::core::error::Result;
use crate::core::id::{MemoryId, TeamId};
use crate::identity::permit::Permit;
use crate::memory::memory::Memory;
use crate::memory::search::Filter;

/// A stretch of a memory's content, with its vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// Its place in the content, in bytes.
    pub within: Range<usize>,
    pub values: Vec<i8>,
    /// What the values are to be multiplied with, for a vector of length 1.
    pub scale: f32,
}

/// What became of a memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub number: i64,
    pub id: MemoryId,
    /// What it is since; `None` where nobody finds it: it is forgotten, quarantined or gone.
    pub now: Option<Box<Indexed>>,
}

/// A memory as an index needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Indexed {
    pub memory: Memory,
    /// Whether the team has accepted it; if not, its author and editors alone may find it.
    pub is_accepted: bool,
    /// In the order of the text; none while they are still to be made.
    pub pieces: Vec<Piece>,
}

/// A text that has no vectors yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unembedded {
    pub id: MemoryId,
    pub content: String,
}

/// What can be read for an index in memory, and with what it found.
pub trait PieceRead {
    /// The changes of the team after one, by their numbers; of vectors those of a model. At most
    /// `limit` memories.
    ///
    /// Of everybody's memories, private ones too, whatever the permit sees: for the index alone, which
    /// shows nobody anything. What it finds goes through [`PieceRead::memories_by_id`].
    fn index_changes(
        &mut self,
        permit: &Permit,
        model: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Change>>;

    /// Which history of the database the numbers of changes belong to: where it is another than it
    /// was, as after a fail-over to a server that lagged behind, numbers seen before mean nothing.
    fn history(&self) -> i64;

    /// Those of some memories that the permit sees and the filter lets through, in no order.
    fn memories_by_id(
        &mut self,
        permit: &Permit,
        ids: &[MemoryId],
        filter: &Filter,
    ) -> Result<Vec<Memory>>;
}

/// What can be changed of vectors.
pub trait PieceWrite {
    /// Puts the vectors of a memory's content in place of those that it has.
    ///
    /// `false`, and nothing is changed, where the memory's content is another by now, or it is
    /// forgotten or gone.
    fn put_pieces(
        &mut self,
        permit: &Permit,
        id: MemoryId,
        content: &str,
        model: &str,
        pieces: &[Piece],
    ) -> Result<bool>;

    /// Notes that a memory's row is gone, so that every index lets go of it.
    fn note_removal(&mut self, permit: &Permit, id: MemoryId) -> Result<()>;
}

/// What the maker of vectors does, for every team and in nobody's name: it reads texts, puts vectors
/// and shows nobody either.
pub trait EmbeddingTx {
    /// Every team.
    fn teams(&mut self) -> Result<Vec<TeamId>>;

    /// Memories whose content has no vectors of a model, the latest change first; before them those
    /// that have none of any. At most `limit`.
    fn pieces_missing(
        &mut self,
        team: TeamId,
        model: &str,
        limit: usize,
    ) -> Result<Vec<Unembedded>>;

    /// How many memories those are.
    fn count_pieces_missing(&mut self, team: TeamId, model: &str) -> Result<u64>;

    /// As [`PieceWrite::put_pieces`].
    fn put_missing_pieces(
        &mut self,
        team: TeamId,
        id: MemoryId,
        content: &str,
        model: &str,
        pieces: &[Piece],
    ) -> Result<bool>;
}
