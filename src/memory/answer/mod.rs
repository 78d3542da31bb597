//! From a question and what recall found to the sentences that answer it. Pure: no language model,
//! and not a word that nobody wrote.
//!
//! The one idea: a sentence speaks of what is asked if it, with the sentences beside it and what is
//! known about its memory, holds enough of the question's words, where a name or a rare word counts
//! for more than a common one ([`HELD`] is enough). Among those that do, the ones that hold the kind of
//! thing asked for come first, then what holds now, then what is newer. Open [`question`] for how a
//! question is read, then [`score`]; [`prompt`] is for when a language model is asked for prose.

mod alike;
mod kinds;
pub mod prompt;
pub mod question;
mod score;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::fields::{Provenance, Status};
use super::memory::Memory;
use crate::core::clock::Timestamp;
use crate::core::id::MemoryId;
use crate::core::text::words;
use crate::identity::actor::Trust;
use question::Question;
use score::Holds;

pub use score::Cited;

/// The share of a question's words, by their weights, that must stand around a sentence for it to
/// speak of what is asked.
pub const HELD: f64 = 0.5;

/// The share that must stand in the sentence itself.
const OWN: f64 = 0.2;

/// What is this much worse than the best isn't cited.
const CUT: f64 = 0.7;

/// Sentences of one memory that are cited at most.
const OF_ONE: usize = 2;

/// What is known of what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum State {
    /// Statements that hold speak of it.
    Held,
    /// Nothing speaks of it.
    NotHeld,
    /// Statements that contradict each other speak of it, and nobody has decided yet.
    InConflict,
    /// Only statements that no longer hold speak of it.
    Stale,
}

/// How near a memory's meaning must be to be cited though it holds no word of the question, and how
/// much nearer where it holds its names: they make it near without an answer.
const NEAR: f64 = 0.45;
const NAMED: f64 = 0.1;

/// What holds less of a question's words than this must be as near in its meaning as the other, where
/// it is known how near that is.
const SURELY: f64 = 0.65;
const NOT_FAR: f64 = 0.5;

/// What is less near than the best by more than this isn't cited.
const BESIDE: f64 = 0.05;

/// What answers a question.
#[derive(Debug, Clone)]
pub struct Found {
    pub state: State,
    /// In the order in which to use them.
    pub cited: Vec<Cited>,
    /// 0 to 1: how far they answer, and how sure their authors were.
    pub confidence: f64,
    /// How much of the question the best sentence speaks of, cited or not.
    pub best: f64,
    /// Whether it was found by its meaning, hardly by a word of the question.
    pub by_meaning: bool,
}

/// Whether a statement holds at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Current,
    /// Not yet.
    Coming,
    /// No longer: expired, superseded, or past its validity.
    Past,
}

impl Standing {
    /// Of a memory at a moment, for a question that may name the years it is about.
    #[must_use]
    pub fn of(memory: &Memory, now: Timestamp, years: &[i16]) -> Self {
        let statement = &memory.statement;
        let (from, until) = (statement.valid_from, statement.valid_until);
        let is_asked_for = |year: &i16| {
            let year_of = |at: Timestamp| question::years(&at.to_string()[..4]).first().copied();
            from.and_then(year_of).is_none_or(|first| first <= *year)
                && until.and_then(year_of).is_none_or(|last| *year <= last)
        };
        if (from.is_some() || until.is_some())
            && matches!(memory.status, Status::Active)
            && years.iter().any(is_asked_for)
        {
            return Standing::Current;
        }
        let is_over = until.is_some_and(|until| until < now);
        if is_over || matches!(memory.status, Status::Expired | Status::Superseded) {
            Standing::Past
        } else if from.is_some_and(|from| now < from) {
            Standing::Coming
        } else {
            Standing::Current
        }
    }
}

/// Answers a question from memories: those that recall found, whatever their standing, each once.
/// At most `most` sentences are cited.
#[must_use]
pub fn answer(question: &str, memories: Vec<Memory>, now: Timestamp, most: usize) -> Found {
    answer_near(question, memories, &BTreeMap::new(), now, most)
}

/// As [`answer`], where it is known how near the memories' meanings are to the question's, as
/// cosines: what no words speak of may be said in others.
#[must_use]
pub fn answer_near(
    question: &str,
    memories: Vec<Memory>,
    nearness: &BTreeMap<MemoryId, f32>,
    now: Timestamp,
    most: usize,
) -> Found {
    let question = Question::read(question);
    let sentences = score::sentences(&question, memories, nearness, now);
    let best = sentences.iter().map(|found| found.around).fold(0.0, f64::max);
    let speaks = |found: &&Cited| found.around >= HELD && found.own >= OWN && found.speaks();
    let speaking: Vec<Cited> = sentences.iter().filter(speaks).cloned().collect();
    if speaking.is_empty() {
        let cited = by_meaning(sentences, most);
        let state = if cited.is_empty() { State::NotHeld } else { State::Held };
        let (confidence, by_meaning) = (confidence(&cited, state), !cited.is_empty());
        return Found { state, confidence, cited, best: rounded(best), by_meaning };
    }
    let best_of = |is_past: bool| {
        let those = speaking.iter().filter(|found| (found.standing == Standing::Past) == is_past);
        those.map(|found| found.score).fold(0.0, f64::max)
    };
    let (holding, past) = (best_of(false), best_of(true));
    // What holds and nearly says as much wins over what no longer does.
    let is_held = holding > 0.0 && holding >= past * 0.85;
    let state = if is_held { State::Held } else { State::Stale };
    let among = |found: &Cited| match state {
        State::Held => found.standing != Standing::Past && found.score >= holding * CUT,
        _ => found.score >= past.max(holding) * CUT,
    };
    let cited = chosen(speaking.into_iter().filter(among).collect(), most);
    let confidence = confidence(&cited, state);
    Found { state, confidence, cited, best: rounded(best), by_meaning: false }
}

/// What is near in its meaning and of the kind that is asked for, where no words speak of it: every
/// name must be held, and no other word. What shares a word with the question is near for that alone,
/// and by its words it has just been judged.
fn by_meaning(sentences: Vec<Cited>, most: usize) -> Vec<Cited> {
    let mut near: Vec<Cited> = sentences
        .into_iter()
        .filter(|found| {
            let least = if found.fit.names.is_some() { NEAR + NAMED } else { NEAR };
            found.fit.near >= least
                && found.fit.names.is_none_or(|share| share >= HELD)
                && !found.fit.shares_a_word
                && found.fit.holds == Holds::Yes
                && !found.fit.asks
                && found.standing == Standing::Current
                && found.memory.author.trust == Trust::Approved
        })
        .collect();
    near.sort_by(|a, b| {
        b.fit
            .near
            .total_cmp(&a.fit.near)
            .then(a.memory.id.cmp(&b.memory.id))
            .then(b.own.total_cmp(&a.own))
            .then(a.place.cmp(&b.place))
    });
    near.dedup_by(|next, kept| next.memory.id == kept.memory.id);
    let least = near.first().map_or(0.0, |first| first.fit.near - BESIDE);
    near.retain(|found| found.fit.near >= least);
    near.truncate(most.min(OF_ONE));
    for found in &mut near {
        found.score = rounded(found.fit.near * 0.8);
    }
    near
}

impl Found {
    /// The same, once it is known which memories took the place of others (the other first): what
    /// no longer holds gives way to its heir, whose words may be other ones, and is then held.
    #[must_use]
    pub fn with_heirs(
        mut self,
        heirs: &[(MemoryId, MemoryId)],
        others: &[Memory],
        now: Timestamp,
    ) -> Self {
        let mut standing: Vec<Cited> = Vec::new();
        for cited in &self.cited {
            let own = heirs.iter().filter(|(old, _)| *old == cited.memory.id);
            let known = own.filter_map(|(_, heir)| others.iter().find(|one| one.id == *heir));
            for heir in known {
                // It is about the same, but it isn't the question's words that say so.
                let heir = Cited::whole(heir.clone(), cited.score * 0.9, now);
                let is_new = !standing.iter().any(|one| one.memory.id == heir.memory.id);
                if heir.standing != Standing::Past && heir.memory.status == Status::Active && is_new
                {
                    standing.push(heir);
                }
            }
        }
        if self.state == State::Stale && !standing.is_empty() {
            self.state = State::Held;
            self.cited = standing;
            self.confidence = confidence(&self.cited, State::Held);
        }
        self
    }

    /// The same, once it is known which memories contradict each other. Each side of a conflict is
    /// given with the sentence that stands for it, if it isn't cited yet.
    #[must_use]
    pub fn with_conflicts(
        mut self,
        pairs: &[(MemoryId, MemoryId)],
        others: &[Memory],
        now: Timestamp,
    ) -> Self {
        let is_cited =
            |found: &Self, id: MemoryId| found.cited.iter().any(|one| one.memory.id == id);
        let mut is_open = false;
        for (one, other) in pairs {
            let missing = match (is_cited(&self, *one), is_cited(&self, *other)) {
                (true, true) => None,
                (true, false) => Some(other),
                (false, true) => Some(one),
                (false, false) => continue,
            };
            if let Some(id) = missing {
                let Some(memory) = others.iter().find(|memory| memory.id == *id) else { continue };
                let score = self.cited.first().map_or(0.0, |first| first.score);
                self.cited.push(Cited::whole(memory.clone(), score, now));
            }
            is_open = true;
        }
        if is_open && self.state != State::NotHeld {
            self.state = State::InConflict;
            self.confidence = confidence(&self.cited, State::InConflict);
        }
        self
    }
}

/// The best, without what another says already.
fn chosen(mut sentences: Vec<Cited>, most: usize) -> Vec<Cited> {
    sentences.sort_by(|a, b| {
        // In steps, so that of two that say as much the newer one comes first.
        let step = |found: &Cited| (found.score * 20.0).round();
        step(b)
            .total_cmp(&step(a))
            .then(a.standing.cmp(&b.standing))
            .then(b.said_at().cmp(&a.said_at()))
            .then(a.memory.id.cmp(&b.memory.id))
            .then(a.place.cmp(&b.place))
    });
    let mut chosen: Vec<Cited> = Vec::new();
    for sentence in sentences {
        let of_the_same = chosen.iter().filter(|one| one.memory.id == sentence.memory.id).count();
        if chosen.len() < most
            && of_the_same < OF_ONE
            && !chosen.iter().any(|one| repeats(&sentence.text, &one.text))
        {
            chosen.push(sentence);
        }
    }
    chosen
}

/// Whether one sentence says nothing that another doesn't say: nearly the same words, and the same
/// numbers and names. Words like `not` count as all others.
fn repeats(one: &str, other: &str) -> bool {
    let cut = |text: &str| -> std::collections::BTreeSet<String> {
        words::document(text).split(' ').map(str::to_owned).collect()
    };
    let (one, other) = (cut(one), cut(other));
    let shared = one.intersection(&other).count();
    let differing = one.symmetric_difference(&other);
    let telling = |word: &String| {
        word.contains(|c: char| c.is_ascii_digit()) || NEGATIONS.contains(&word.as_str())
    };
    one.is_subset(&other)
        || (shared * 5 >= (one.len() + other.len() - shared) * 4
            && !differing.into_iter().any(telling))
}

const NEGATIONS: [&str; 8] = ["not", "no", "never", "without", "nor", "dont", "isnt", "cannot"];

/// How sure one may be: by how far the best sentence answers, how sure its author was and how it
/// came to be known, and whether others say so as well.
fn confidence(cited: &[Cited], state: State) -> f64 {
    let sure = |found: &Cited| {
        let statement = &found.memory.statement;
        let known = match statement.provenance {
            Provenance::Validated => 1.1,
            Provenance::Inferred => 0.85,
            Provenance::Imported => 0.95,
            _ => 1.0,
        };
        let trusted = if found.memory.author.trust == Trust::Approved { 1.0 } else { 0.6 };
        (found.score * statement.confidence * known * trusted).clamp(0.0, 1.0)
    };
    let Some(first) = cited.first() else { return 0.0 };
    let best = sure(first);
    let others = cited.iter().filter(|one| one.memory.author.actor != first.memory.author.actor);
    let support = others.map(sure).fold(0.0, f64::max);
    let together = best + (1.0 - best) * support * 0.25;
    rounded(match state {
        State::NotHeld => 0.0,
        State::Held => together,
        State::InConflict | State::Stale => best * 0.5,
    })
}

fn rounded(share: f64) -> f64 {
    (share * 100.0).round() / 100.0
}
