//! Candidates for recall, where a team is too large to be looked through in memory.
//!
//! The one idea: an engine that can index vectors finds some hundreds of memories that may answer,
//! by meaning and by words, and recall ranks those as it ranks everything else. What an engine
//! gives here is what the permit sees, and nothing it counts is counted over anything else.
//!
//! An index is made for one team and one model, when the team has grown so large that it pays, and
//! is in step with every commit. Without one, [`NearRead::near`] gives nothing to ask, and recall
//! looks through all of the team in memory.

use crate::core::error::Result;
use crate::core::id::{MemoryId, TeamId};
use crate::identity::permit::Permit;
use crate::memory::search::{Filter, Statuses};
use crate::store::pieces::Indexed;

/// How many memories hold a word at most for it to be counted exactly.
pub const RARE: u64 = 5_000;

/// How many of the newest memories stand for all in what is only estimated.
pub const SAMPLE: u64 = 1_000;

/// How many before a memory in its thread, and how many after it, speak for it.
pub const REACH: u64 = 10;

/// Which vectors an index is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vectors {
    pub team: TeamId,
    pub model: String,
    pub dimensions: usize,
}

/// What became of an index that was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indexing {
    /// It is there.
    Done,
    /// Another server makes it.
    Elsewhere,
    /// This engine or this database has none.
    Never,
}

/// Some of what a permit sees: how long texts are, who speaks, and how common words are.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sampled {
    /// How many memories were looked at; fewer than [`SAMPLE`] are all there are.
    pub memories: u64,
    /// Into how many parts an index cuts a memory, and how many words each has, on average.
    pub parts: f64,
    pub words: f64,
    /// In how many of them each word stands, in the order of the words that were given.
    pub holding: Vec<u64>,
    /// Who speaks in them, and who wrote them.
    pub names: Vec<String>,
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Sought {
    pub word: String,
    /// How much it tells; more than nothing.
    pub worth: f64,
    /// How many memories hold it, perhaps estimated.
    pub holding: f64,
}

/// What can be read by an engine that indexes vectors.
pub trait NearRead {
    /// The way to ask, where the engine can have such indexes at all.
    fn near(&mut self) -> Option<&mut dyn Near>;
}

/// An engine that indexes vectors. Everything is of what the permit sees.
pub trait Near {
    /// Whether the index of the team's vectors is there and in step. Nothing else here is to be
    /// asked unless it is.
    fn is_indexed(&mut self, permit: &Permit, vectors: &Vectors) -> Result<bool>;

    /// In how many memories each of some words stands: exactly up to [`RARE`], which stands for more.
    fn count_holding(
        &mut self,
        permit: &Permit,
        words: &[String],
        filter: &Filter,
    ) -> Result<Vec<u64>>;

    /// How many memories there are.
    fn count_seen(&mut self, permit: &Permit, filter: &Filter) -> Result<u64>;

    /// The newest [`SAMPLE`] memories, and how many of them hold each of some words.
    fn sample(&mut self, permit: &Permit, words: &[String], filter: &Filter) -> Result<Sampled>;

    /// The agents whose slug stands in a text and who wrote something.
    fn authors_in(&mut self, permit: &Permit, text: &str) -> Result<Vec<String>>;

    /// Memories that hold some of the words: those that hold the most of what tells, and a few of
    /// the newest for each word that many hold. `length` is what a memory has on average.
    fn holding(
        &mut self,
        permit: &Permit,
        words: &[Sought],
        length: f64,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<MemoryId>>;

    /// The memories whose vectors are nearest to one, nearest first, as far as the index finds them;
    /// at most so many vectors. Fewer where the filter leaves no more, or the index gave up.
    fn nearest(
        &mut self,
        permit: &Permit,
        vectors: &Vectors,
        values: &[i8],
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<MemoryId>>;

    /// The [`REACH`] before and after each of some memories in its thread.
    fn beside(
        &mut self,
        permit: &Permit,
        ids: &[MemoryId],
        status: Statuses,
    ) -> Result<Vec<MemoryId>>;

    /// Memories as an index needs them, in no order.
    fn indexed(
        &mut self,
        permit: &Permit,
        model: &str,
        ids: &[MemoryId],
        status: Statuses,
    ) -> Result<Vec<Indexed>>;
}
