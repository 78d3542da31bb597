//! From candidates to hits: pure, deterministic, the same on every engine.
//!
//! [`rank`] orders what an index holds by a weighted sum of [`signals`]; the weights stand in
//! [`weights`], what a question says in [`question`].

pub mod dates;
pub mod order;
pub mod question;
pub mod signals;
pub mod weights;

use std::collections::HashSet;

use super::index::{Index, Seen};
use super::memory::Memory;
use super::search::Candidate;
use crate::core::id::MemoryId;
use order::{Ordered, in_order};
use question::Question;
use signals::Ground;
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
}

/// The cosine from which on a meaning is near: of notes that answer a question in other words nine in
/// ten have it, of those that have nothing to do with it one in fifty.
const NEAR: f32 = 0.22;

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

/// What a ranking is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// How many of the best.
    pub most: usize,
    /// The least score.
    pub least: f32,
}

/// Scores are shown with four places: what is shown with a score has that score.
const HALF_A_PLACE: f32 = 0.000_05;

/// Ranks what is wanted and found: the best first, ties by id. `cosines` are those of the index's
/// vectors with the question, in their order; `None` without a model.
#[must_use]
pub fn rank(
    seen: &Seen<'_>,
    question: &Question,
    cosines: Option<&[f32]>,
    asked: Asked,
) -> Vec<Scored> {
    let weights = if cosines.is_some() { &WITH_MEANING } else { &BY_WORDS };
    let mut ground = Ground::of(seen, question, cosines);
    let most = most(weights, question);
    let is_good = |score: f32| score.clamp(0.0, 1.0) + HALF_A_PLACE >= asked.least;
    let mut all: Vec<Ordered> = Vec::new();
    for slot in (0..seen.wanted.len()).filter(|slot| seen.wanted[*slot]) {
        let row = ground.row(slot);
        let sum: f32 = weights.iter().zip(&row).map(|(weight, value)| weight * value).sum();
        let score = sum / most;
        if is_found(&row, ground.nearness(slot)) && is_good(score) {
            all.push(Ordered { slot, score, lost: 0.0 });
        }
    }
    // By words alone it is the thread that tells most.
    let unit = cosines.is_some().then_some(1.0 / most);
    let ordered = in_order(all, seen, &ground, unit, asked.most);
    let scored = ordered.into_iter().filter(|one| is_good(one.score)).map(|one| {
        let mut shares = shares(weights, &ground.row(one.slot), most);
        shares.context -= one.lost;
        let (score, meaning) = (one.score.clamp(0.0, 1.0), ground.nearness(one.slot));
        Scored { id: seen.id(one.slot), score, shares, meaning }
    });
    scored.collect()
}

/// Whether anything of it answers: a word of the question in it or beside it, or a meaning that is
/// near, its own or its surroundings'.
fn is_found(values: &[f32; COUNT], nearness: f32) -> bool {
    let any = |signals: &[Signal], least: f32| {
        signals.iter().any(|signal| values[*signal as usize] > least)
    };
    any(&[Signal::Words, Signal::Coverage, Signal::Phrase], 0.0)
        || nearness > NEAR
        || any(&[Signal::NeighboursMeaning, Signal::ThreadMeaning], NEAR)
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

/// Puts hits first that differ: each next one is the best by its score less how like it is to one
/// before it (maximal marginal relevance; Carbonell and Goldstein, SIGIR 1998). `diversity` from 0,
/// which keeps the order, to 1. After `limit` of them the others follow as they stood.
#[must_use]
pub fn varied(index: &Index, scored: Vec<Scored>, diversity: f32, limit: usize) -> Vec<Scored> {
    let mut rest: Vec<(Scored, f32)> = scored.into_iter().map(|one| (one, 0.0)).collect();
    let mut picked: Vec<Scored> = Vec::with_capacity(rest.len());
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
    picked.extend(rest.into_iter().map(|(one, _)| one));
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
