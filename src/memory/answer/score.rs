//! How far each sentence answers a question.

use std::collections::{BTreeMap, HashSet};

use super::question::{Kind, Question, Word, years};
use super::{Standing, kinds, rounded};
use crate::core::clock::Timestamp;
use crate::core::id::MemoryId;
use crate::core::text::{self, sentences::sentences as cut, words};
use crate::identity::actor::Trust;
use crate::memory::memory::Memory;

/// A sentence that is cited is at most this long, in characters; a longer one (code, a table) ends
/// in `…`.
const LONGEST: usize = 600;

/// Sentences of a memory that are looked at.
const MOST: usize = 400;

/// The sentences of a memory whose meaning is that of each of them.
const SHORT: usize = 3;

/// What a word that says the same is worth.
const ALIKE: f64 = 0.8;

/// What a word is worth to a sentence that it doesn't stand in, but that is about it.
const NEAR: f64 = 0.8;

/// A sentence of a memory, and how far it answers.
#[derive(Debug, Clone)]
pub struct Cited {
    pub memory: Memory,
    /// Word for word as it stands in the memory.
    pub text: String,
    /// Which sentence it is, from 0.
    pub place: usize,
    /// How much of the question stands in the sentence, 0 to 1.
    pub own: f64,
    /// How much stands in it, beside it, and in what is known about the memory, 0 to 1.
    pub around: f64,
    /// How well it answers, 0 to 1.
    pub score: f64,
    pub standing: Standing,
    /// What else is known of it.
    pub(super) fit: Fit,
}

/// How a sentence fits beyond its words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fit {
    /// How near the memory's meaning is, where that tells something of one sentence; 0 elsewhere.
    pub(super) near: f64,
    /// How much of the question's names and numbers stands in it, beside it and about it; `None`
    /// where the question has none.
    pub(super) names: Option<f64>,
    /// Whether another word of the question stands there.
    pub(super) shares_a_word: bool,
    /// Whether it holds the kind of thing that is asked for.
    pub(super) holds: Holds,
    /// Whether it asks something itself.
    pub(super) asks: bool,
}

/// Whether a sentence holds the kind of thing that is asked for: a time, a number, a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Holds {
    #[default]
    No,
    /// None was found, but the rule is not sure of what it doesn't find.
    Perhaps,
    Yes,
}

impl Cited {
    /// A memory that is cited as it stands.
    #[must_use]
    pub fn whole(memory: Memory, score: f64, now: Timestamp) -> Self {
        let text = shortened(&memory.statement.content);
        let standing = Standing::of(&memory, now, &[]);
        let fit = Fit::default();
        Self { memory, text, place: 0, own: 0.0, around: 0.0, score, standing, fit }
    }

    /// Whether its words speak of what is asked, if enough of them do: it may hold the kind of thing
    /// that is asked for, and what few words say isn't far off in its meaning. In a conversation
    /// the meaning of one turn says too little for that.
    pub(super) fn speaks(&self) -> bool {
        let is_told = self.memory.statement.speaker.is_none() && self.fit.near > 0.0;
        self.fit.holds != Holds::No
            && (!is_told || self.around >= super::SURELY || self.fit.near >= super::NOT_FAR)
    }

    /// When it was said, or came to hold.
    #[must_use]
    pub fn said_at(&self) -> Timestamp {
        let statement = &self.memory.statement;
        statement.valid_from.or(statement.occurred_at).unwrap_or(self.memory.updated_at)
    }
}

/// A memory cut into sentences and words.
struct Cut {
    memory: Memory,
    /// Title, labels, speaker, thread, author: what a sentence needn't say again.
    about: HashSet<String>,
    sentences: Vec<(String, HashSet<String>)>,
}

/// Every sentence of the memories with its scores.
pub(super) fn sentences(
    question: &Question,
    memories: Vec<Memory>,
    nearness: &BTreeMap<MemoryId, f32>,
    now: Timestamp,
) -> Vec<Cited> {
    let memories: Vec<Cut> = memories.into_iter().map(Cut::of).collect();
    let weights = weights(&question.words, &memories);
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return Vec::new();
    }
    let asked: Vec<String> =
        question.words.iter().flat_map(|word| word.forms.iter().cloned()).collect();
    let mut found = Vec::new();
    for cut in memories {
        let standing = Standing::of(&cut.memory, now, &question.years);
        // Of a long text a cosine doesn't say which sentence it is.
        let meaning = nearness.get(&cut.memory.id).filter(|_| cut.sentences.len() <= SHORT);
        let meaning = f64::from(meaning.copied().unwrap_or_default());
        let shares: Vec<Vec<f64>> = cut
            .sentences
            .iter()
            .map(|(_, held)| question.words.iter().map(|word| word.share_in(held)).collect())
            .collect();
        let mut known = cut.about;
        known.extend(years_of(&cut.memory, &question.years));
        let about: Vec<f64> = question.words.iter().map(|word| word.share_in(&known)).collect();
        let weigh = |shares: &[f64]| {
            shares.iter().zip(&weights).map(|(share, weight)| share * weight).sum::<f64>() / total
        };
        for (place, (text, _)) in cut.sentences.iter().enumerate() {
            // What a pronoun at the beginning stands for is in the sentence before; a sentence that
            // has no word of the question itself adds nothing to that one.
            let adds = leans(text) && shares[place].iter().any(|share| *share > 0.0);
            let before = shares.get(place.wrapping_sub(1)).filter(|_| adds);
            let inside: Vec<f64> = (0..weights.len())
                .map(|at| {
                    let near = before.map_or(0.0, |shares| shares[at]).max(about[at]);
                    shares[place][at].max(near * NEAR)
                })
                .collect();
            let own = weigh(&inside);
            let near = &shares[place.saturating_sub(1)..(place + 2).min(shares.len())];
            let beside: Vec<f64> = (0..weights.len())
                .map(|at| near.iter().map(|shares| shares[at]).fold(about[at], f64::max))
                .collect();
            let around = reach(&question.words, &weights, &beside);
            let mut score = 0.6 * own + 0.4 * around;
            let holds = kinds::holds(text, &cut.memory.statement, question.wanted, &asked);
            if !holds {
                score *= 0.75;
            }
            let holds = if holds {
                Holds::Yes
            } else if kinds::is_sure(question.wanted, text, &asked) {
                Holds::No
            } else {
                Holds::Perhaps
            };
            let asks = text.trim_end().ends_with(['?', '？', '؟']);
            let names = held_of(Kind::Named, &question.words, &beside);
            let shares_a_word = shares_a_word(&question.words, &beside);
            let fit = Fit { near: meaning, names, shares_a_word, holds, asks };
            if asks {
                // A question is no answer to another.
                score *= 0.5;
            }
            if standing == Standing::Coming {
                score *= 0.9;
            }
            if cut.memory.author.trust != Trust::Approved {
                score *= 0.9;
            }
            found.push(Cited {
                memory: cut.memory.clone(),
                text: shortened(text),
                place,
                own,
                around,
                score: rounded(score),
                standing,
                fit,
            });
        }
    }
    found
}

/// How much of the question is spoken of: of all its words, of its names and numbers, and of the
/// rest, whichever is least. Much that is said of Ada doesn't answer what her dog is called.
fn reach(words: &[Word], weights: &[f64], shares: &[f64]) -> f64 {
    let of = |is_meant: &dyn Fn(&Word) -> bool| {
        let meant =
            || words.iter().zip(weights).zip(shares).filter(|((word, _), _)| is_meant(word));
        let whole: f64 = meant().map(|((_, weight), _)| weight).sum();
        let held: f64 = meant().map(|((_, weight), share)| weight * share).sum();
        (whole > 0.0).then(|| held / whole)
    };
    let all = of(&|_| true).unwrap_or(0.0);
    let named = of(&|word| word.kind == Kind::Named).unwrap_or(all);
    // A verb that is said in another way is forgiven sooner than a name.
    let topic = of(&|word| word.kind == Kind::Common).map_or(all, |share| share + 0.1);
    all.min(named).min(topic)
}

/// Whether the words of one kind are held: how much of them, and `None` where a question has none.
fn held_of(kind: Kind, words: &[Word], shares: &[f64]) -> Option<f64> {
    let those = words.iter().zip(shares).filter(|(word, _)| word.kind == kind);
    let shares: Vec<f64> = those.map(|(_, share)| *share).collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

/// Whether a word of the question stands in the text itself, beyond its names and its frame.
fn shares_a_word(words: &[Word], shares: &[f64]) -> bool {
    let common = words.iter().zip(shares).filter(|(word, _)| word.kind == Kind::Common);
    // What says the same is worth just this much.
    common.into_iter().any(|(_, share)| *share > 0.0 && (share - ALIKE).abs() > f64::EPSILON)
}

/// Whether a sentence begins with a word that points at the one before it.
fn leans(text: &str) -> bool {
    let first = text.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty());
    first.is_some_and(|first| POINTERS.contains(&first.to_lowercase().as_str()))
}

const POINTERS: [&str; 12] =
    ["he", "she", "it", "they", "this", "that", "these", "there", "his", "her", "its", "their"];

/// The years of a question that a memory is about, as words.
fn years_of(memory: &Memory, asked: &[i16]) -> Vec<String> {
    let statement = &memory.statement;
    let year = |at: Timestamp| years(&at.to_string()[..4]).first().copied();
    let (from, until) = (statement.valid_from.and_then(year), statement.valid_until.and_then(year));
    let happened = statement.occurred_at.and_then(year);
    let is_meant = |asked: &&i16| {
        let is_within = (from.is_some() || until.is_some())
            && from.is_none_or(|from| from <= **asked)
            && until.is_none_or(|until| **asked <= until);
        is_within || happened == Some(**asked)
    };
    asked.iter().filter(is_meant).map(i16::to_string).collect()
}

/// The weight of each word: more for one that few of the memories hold, most for one that none
/// does, as what is asked about then isn't there.
fn weights(asked: &[Word], memories: &[Cut]) -> Vec<f64> {
    let count = memories.len() as f64;
    let weight = |word: &Word| {
        let holding = memories.iter().filter(|cut| {
            word.share_in(&cut.about) > 0.0
                || cut.sentences.iter().any(|(_, held)| word.share_in(held) > 0.0)
        });
        let holding = holding.count();
        if holding == 0 && word.kind == Kind::Pair {
            // Most pairs of a script without spaces are no words.
            return word.weight * 0.4;
        }
        let rarity = 1.0 + ((count + 1.0) / (holding as f64 + 0.5)).ln();
        word.weight * rarity.min(2.4)
    };
    asked.iter().map(weight).collect()
}

impl Word {
    /// How much of the word a text holds: all, some parts of it, or what says nearly the same.
    fn share_in(&self, held: &HashSet<String>) -> f64 {
        let found = self.forms.iter().filter(|form| held.contains(*form)).count();
        let share = found as f64 / self.forms.len() as f64;
        if share > 0.0 {
            return share;
        }
        if self.alike.iter().any(|other| held.contains(other)) { ALIKE } else { 0.0 }
    }
}

impl Cut {
    fn of(memory: Memory) -> Self {
        let statement = &memory.statement;
        let mut about = statement.tags.join(" ");
        if statement.has_own_title {
            about.push(' ');
            about.push_str(&statement.title);
        }
        let author = memory.author.actor.agent.as_ref().map(|agent| &agent.slug);
        for name in [&statement.speaker, &statement.thread, &statement.source]
            .into_iter()
            .flatten()
            .chain(author)
        {
            about.push(' ');
            about.push_str(name);
        }
        let sentences = cut(&statement.content)
            .into_iter()
            .take(MOST)
            .map(|text| (text.to_owned(), held(text)))
            .collect();
        Self { about: held(&about), sentences, memory }
    }
}

fn held(text: &str) -> HashSet<String> {
    words::document(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A text that is short enough to be cited.
fn shortened(text: &str) -> String {
    if text::chars(text) <= LONGEST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LONGEST - 1).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}
