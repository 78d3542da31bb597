//! From candidates to hits: pure, deterministic, the same on every engine.

use std::collections::HashSet;

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
            let score = rounded(share);
            Hit { memory: candidate.memory, score, words: Some(score) }
        })
        .collect()
}

/// Those that hold any of the words, the most of them first; the order is kept where they hold as
/// many. For lists that full text doesn't hold, such as what stood at some time.
#[must_use]
pub fn by_held_words(memories: Vec<Memory>, words: &[String]) -> Vec<Hit> {
    let mut hits: Vec<Hit> = memories
        .into_iter()
        .filter_map(|memory| {
            let held = memory.words();
            let held: HashSet<&str> = [&held.title, &held.labels, &held.content]
                .into_iter()
                .flat_map(|text| text.split(' '))
                .collect();
            let found = words.iter().filter(|word| held.contains(word.as_str())).count();
            let score = rounded(found as f64 / words.len() as f64);
            (found > 0).then_some(Hit { memory, score, words: Some(score) })
        })
        .collect();
    hits.sort_by(|a, b| b.score.total_cmp(&a.score));
    hits
}

fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}

/// Memories in the order they came, newest first: a listing, in which nothing is better than another.
#[must_use]
pub fn as_listed(memories: Vec<Memory>) -> Vec<Hit> {
    memories.into_iter().map(|memory| Hit { memory, score: 1.0, words: None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::Timestamp;
    use crate::core::id::Ids;
    use crate::core::text::words;
    use crate::identity::actor::{Actor, Trust};
    use crate::memory::draft::Draft;
    use crate::memory::memory::Author;

    fn memories(contents: &[&str]) -> Vec<Memory> {
        let ids = Ids::default();
        let at = Timestamp::from_millis(1);
        let actor = Actor { agent: None, member: None };
        let author = Author { actor, key: None, trust: Trust::Approved };
        let draft = |content: &&str| Draft { content: Some((*content).into()), ..Draft::default() };
        let statements = contents.iter().map(|content| draft(content).into_statement(at));
        statements
            .map(|said| Memory::new(ids.next(at), said.expect("valid"), author.clone(), at))
            .collect()
    }

    #[test]
    fn those_that_hold_more_of_the_words_come_first_and_those_without_any_not_at_all() {
        let listed = memories(&["tea", "milk", "we deploy tea", "deploys"]);
        let expected = [listed[2].clone(), listed[0].clone(), listed[3].clone()];

        let hits = by_held_words(listed, &words::query("tea deploy"));

        let scores: Vec<f64> = hits.iter().map(|hit| hit.score).collect();
        assert_eq!(scores, [1.0, 0.5, 0.5]);
        assert_eq!(hits.into_iter().map(|hit| hit.memory).collect::<Vec<_>>(), expected);
    }
}
