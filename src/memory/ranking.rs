//! From candidates to hits: pure, deterministic, the same on every engine.

use super::memory::Memory;
use super::search::Candidate;

/// A memory that answers a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub memory: Memory,
    /// 0 to 1; the best hit of an answer has 1.
    pub score: f64,
    /// The share of full text in the score; `None` where no query was given.
    pub words: Option<f64>,
}

/// Orders what full text found: by its score, ties by id, scaled so that the best has 1.
#[must_use]
pub fn by_words(mut candidates: Vec<Candidate>) -> Vec<Hit> {
    candidates.sort_by(|a, b| b.words.total_cmp(&a.words).then(a.memory.id.cmp(&b.memory.id)));
    let best = candidates.first().map_or(0.0, |candidate| candidate.words);
    candidates
        .into_iter()
        .map(|candidate| {
            // BM25 can't tell a word that every memory holds from none at all and gives both 0.
            let share = if best > 0.0 { (candidate.words / best).clamp(0.0, 1.0) } else { 1.0 };
            let score = (share * 10_000.0).round() / 10_000.0;
            Hit { memory: candidate.memory, score, words: Some(score) }
        })
        .collect()
}

/// Memories in the order they came, newest first: a listing, in which nothing is better than another.
#[must_use]
pub fn as_listed(memories: Vec<Memory>) -> Vec<Hit> {
    memories.into_iter().map(|memory| Hit { memory, score: 1.0, words: None }).collect()
}
