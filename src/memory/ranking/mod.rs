//! From candidates to hits: pure, deterministic, the same on every engine.
//!
//! [`rank`] orders what an index holds by a weighted sum of [`signals`](mod@signals); the weights stand in
//! [`weights`], what a question says in [`question`].

pub mod dates;
pub mod question;
pub mod signals;
pub mod weights;

use std::collections::HashSet;

use super::index::{Index, Seen};
use super::memory::Memory;
use super::search::Candidate;
use crate::core::id::MemoryId;
use question::Question;
use signals::signals;
use weights::{BY_WORDS, COUNT, Group, Signal, WITH_MEANING, Weights};

/// What the signals of a memory come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    pub id: MemoryId,
    /// 0 to 1: the share of what a memory could have for which everything speaks.
    pub score: f32,
    /// What each group of signals gives; together they are the score, or a little less or more where it
    /// was cut to its bounds.
    pub shares: Shares,
    /// The cosine of the question and the best of its pieces; 0 without a model.
    pub meaning: f32,
    /// Whether anything of it answers: a word of the question in it or beside it, or a meaning that is
    /// near, its own or its surroundings'.
    pub is_found: bool,
}

/// The cosine from which on a meaning is near: of what has nothing to do with a question one in ten
/// has it, of what answers it in other words most.
const NEAR: f32 = 0.15;

/// What each group of signals gives to a score.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Shares {
    pub words: f32,
    pub meaning: f32,
    pub author: f32,
    pub time: f32,
    pub context: f32,
    pub form: f32,
}

/// Ranks what is wanted: best first, ties by id. `cosines` are those of the index's vectors with the
/// question, in their order; `None` without a model.
#[must_use]
pub fn rank(seen: &Seen<'_>, question: &Question, cosines: Option<&[f32]>) -> Vec<Scored> {
    let weights = if cosines.is_some() { &WITH_MEANING } else { &BY_WORDS };
    rank_by(weights, seen, question, cosines)
}

/// As [`rank`], by other weights.
#[must_use]
pub fn rank_by(
    weights: &Weights,
    seen: &Seen<'_>,
    question: &Question,
    cosines: Option<&[f32]>,
) -> Vec<Scored> {
    let signals = signals(seen, question, cosines);
    let most = most(weights, question);
    let mut scored: Vec<Scored> = signals
        .slots
        .iter()
        .zip(&signals.values)
        .map(|(slot, values)| {
            let shares = shares(weights, values, most);
            let sum: f32 = weights.iter().zip(values).map(|(weight, value)| weight * value).sum();
            let is_found = is_found(values);
            let meaning = values[Signal::Meaning as usize];
            Scored { id: seen.id(*slot as usize), score: sum / most, shares, meaning, is_found }
        })
        .collect();
    scored.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
    for one in &mut scored {
        one.score = one.score.clamp(0.0, 1.0);
    }
    scored
}

fn is_found(values: &[f32; COUNT]) -> bool {
    let any = |signals: &[Signal], least: f32| {
        signals.iter().any(|signal| values[*signal as usize] > least)
    };
    any(&[Signal::Words, Signal::Coverage, Signal::Phrase], 0.0)
        || any(&[Signal::Meaning, Signal::NeighboursMeaning, Signal::ThreadMeaning], NEAR)
}

/// What a memory has for which everything speaks that can speak in such a question.
fn most(weights: &Weights, question: &Question) -> f32 {
    let can = |signal: Signal| match signal {
        Signal::Author => f32::from(u8::from(question.named.len() == 1)),
        Signal::Date => f32::from(u8::from(question.period.is_some())),
        Signal::TellsWhen => f32::from(u8::from(question.asks_when)),
        Signal::Phrase => f32::from(u8::from(!question.phrases.is_empty())),
        Signal::Length => 3.7,
        _ => 1.0,
    };
    Signal::ALL
        .iter()
        .map(|signal| weights[*signal as usize].max(0.0) * can(*signal))
        .sum::<f32>()
        .max(0.1)
}

fn shares(weights: &Weights, values: &[f32; COUNT], most: f32) -> Shares {
    let mut shares = Shares::default();
    for signal in Signal::ALL {
        let share = weights[signal as usize] * values[signal as usize] / most;
        *match signal.group() {
            Group::Words => &mut shares.words,
            Group::Meaning => &mut shares.meaning,
            Group::Author => &mut shares.author,
            Group::Time => &mut shares.time,
            Group::Context => &mut shares.context,
            Group::Form => &mut shares.form,
        } += share;
    }
    shares
}

/// Picks hits that differ: each next one is the best by its score less how like it is to one picked
/// before (maximal marginal relevance; Carbonell and Goldstein, SIGIR 1998). `diversity` from 0, which
/// keeps the order, to 1. Only the best hundred are picked from.
#[must_use]
pub fn varied(index: &Index, scored: &[Scored], diversity: f32, limit: usize) -> Vec<Scored> {
    let mut rest: Vec<(Scored, f32)> =
        scored.iter().take(limit.max(100)).map(|one| (*one, 0.0)).collect();
    let mut picked: Vec<Scored> = Vec::new();
    while picked.len() < limit && !rest.is_empty() {
        let value =
            |(one, likest): &(Scored, f32)| (1.0 - diversity) * one.score - diversity * likest;
        let best = (0..rest.len())
            .reduce(|best, at| if value(&rest[at]) > value(&rest[best]) { at } else { best })
            .unwrap_or_default();
        let (one, _) = rest.remove(best);
        for (other, likest) in &mut rest {
            *likest = likest.max(index.likeness(one.id, other.id));
        }
        picked.push(one);
    }
    picked
}

/// A memory that answers a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub memory: Memory,
    /// 0 to 1; the best hit of an answer has 1.
    pub score: f64,
    /// The share of full text in the score; `None` where no query was given, or by an index.
    pub words: Option<f64>,
    /// What each group of signals gives; `None` but by an index.
    pub shares: Option<Shares>,
    /// How near its meaning is to the question's, as a cosine; 0 where that isn't known.
    pub meaning: f32,
}

impl Hit {
    /// A memory as an index found it.
    #[must_use]
    pub fn of(memory: Memory, scored: &Scored) -> Self {
        let score = rounded(f64::from(scored.score));
        let (shares, meaning) = (Some(scored.shares), scored.meaning);
        Self { memory, score, words: None, shares, meaning }
    }
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
            Hit { memory: candidate.memory, score, words: Some(score), shares: None, meaning: 0.0 }
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
            let hit = Hit { memory, score, words: Some(score), shares: None, meaning: 0.0 };
            (found > 0).then_some(hit)
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
    memories
        .into_iter()
        .map(|memory| Hit { memory, score: 1.0, words: None, shares: None, meaning: 0.0 })
        .collect()
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
