//! What speaks for each memory: one list of numbers a memory, from the index and a question.

use super::question::Question;
use super::weights::{COUNT, Signal};
use crate::core::id::MemoryId;
use crate::memory::index::Seen;

/// The signals of what is wanted.
#[derive(Debug)]
pub struct Signals {
    /// The slots, and the signals of each.
    pub(super) slots: Vec<u32>,
    pub(super) values: Vec<[f32; COUNT]>,
}

impl Signals {
    /// Each memory with its signals, in the order of the index.
    pub fn of_each<'a>(
        &'a self,
        seen: &'a Seen<'_>,
    ) -> impl Iterator<Item = (MemoryId, &'a [f32; COUNT])> {
        self.slots.iter().map(|slot| seen.id(*slot as usize)).zip(&self.values)
    }
}

/// What a memory without a vector yet is taken to mean, by the share of its words.
const UNREAD: (f32, f32) = (0.1, 0.5);

/// The two beside a memory in its thread, and what the thread has altogether.
#[derive(Clone, Copy, Default)]
struct Context {
    before: Option<u32>,
    after: Option<u32>,
    thread: u32,
}

/// The best of a thread: first, three and ten by meaning, three by words.
#[derive(Clone, Copy, Default)]
struct Best {
    first: f32,
    three: f32,
    ten: f32,
    words: f32,
}

/// Computes the signals. `cosines` are those of the index's vectors with the question, in their order;
/// `None` without a model.
#[must_use]
pub fn signals(seen: &Seen<'_>, question: &Question, cosines: Option<&[f32]>) -> Signals {
    let matches = seen.matches(&question.words);
    let most = (0..seen.wanted.len())
        .filter(|slot| seen.wanted[*slot])
        .fold(0.0_f32, |most, slot| most.max(matches.scores[slot]));
    let words: Vec<f32> = matches
        .scores
        .iter()
        .map(|score| if most > 0.0 { (score / most).min(1.0) } else { 0.0 })
        .collect();
    let meaning: Vec<f32> = match cosines {
        None => vec![0.0; words.len()],
        Some(cosines) => (0..words.len())
            .map(|slot| {
                if !seen.visible[slot] {
                    return 0.0;
                }
                let pieces = cosines[seen.vectors_of(slot)].iter().copied();
                pieces.reduce(f32::max).unwrap_or(UNREAD.0 + UNREAD.1 * words[slot])
            })
            .collect(),
    };
    let (contexts, bests) = contexts(seen, &meaning, &words);
    let worth: f32 = matches.rarities.iter().sum();
    let share = |held: u64| {
        let all = matches.rarities.iter().enumerate();
        let sum: f32 = all.filter(|(at, _)| held >> at & 1 == 1).map(|(_, rarity)| rarity).sum();
        if worth > 0.0 { sum / worth } else { 0.0 }
    };
    let phrases: Vec<u64> = question
        .phrases
        .iter()
        .map(|phrase| {
            let at = |word: &String| question.words.iter().take(64).position(|other| other == word);
            phrase.iter().filter_map(at).fold(0, |bits, at| bits | 1 << at)
        })
        .collect();
    let (mut slots, mut values) = (Vec::new(), Vec::new());
    for slot in (0..seen.wanted.len()).filter(|slot| seen.wanted[*slot]) {
        let facts = seen.facts(slot);
        let Context { before, after, thread } = contexts[slot];
        let is_alone = thread == 0;
        // One that belongs to no thread is a thread of its own.
        let best = if is_alone {
            Best {
                first: meaning[slot],
                three: meaning[slot],
                ten: meaning[slot],
                words: words[slot],
            }
        } else {
            bests[thread as usize]
        };
        let beside = |of: &[f32]| {
            let of_slot = |at: Option<u32>| at.map_or(0.0, |at| of[at as usize]);
            if is_alone { of[slot] } else { of_slot(before).midpoint(of_slot(after)) }
        };
        let held_by = |at: Option<u32>| at.map_or(0, |at| matches.held[at as usize]);
        let asked = before.filter(|before| seen.facts(*before as usize).cues.asks);
        let of_asked = |of: &[f32]| asked.map_or(0.0, |before| of[before as usize]);
        let tells = |is: bool| f32::from(u8::from(is));
        let mut row = [0.0; COUNT];
        for (signal, value) in [
            (Signal::Words, words[slot]),
            (Signal::Meaning, meaning[slot]),
            (
                Signal::Author,
                tells(question.named.len() == 1 && seen.is_by(slot, &question.named[0])),
            ),
            (Signal::Date, question.period.map_or(0.0, |period| period.fits(facts.at))),
            (Signal::TellsWhen, tells(question.asks_when && facts.cues.names_time)),
            (Signal::NamesTime, tells(facts.cues.names_time)),
            (Signal::Asks, tells(facts.cues.asks)),
            (Signal::Length, facts.cues.length),
            (Signal::NeighboursMeaning, beside(&meaning)),
            (Signal::NeighboursWords, if is_alone { 0.0 } else { beside(&words) }),
            (Signal::ThreadBest, best.first),
            (Signal::ThreadMeaning, best.three),
            (Signal::ThreadBreadth, best.ten),
            (Signal::ThreadWords, best.words),
            (Signal::Coverage, share(matches.held[slot] | held_by(before) | held_by(after))),
            (Signal::RepliesMeaning, of_asked(&meaning)),
            (Signal::RepliesWords, of_asked(&words)),
            (Signal::Phrase, {
                let held =
                    phrases.iter().filter(|bits| matches.held[slot] & **bits == **bits).count();
                if phrases.is_empty() { 0.0 } else { held as f32 / phrases.len() as f32 }
            }),
        ] {
            row[signal as usize] = value;
        }
        slots.push(u32::try_from(slot).unwrap_or(u32::MAX));
        values.push(row);
    }
    Signals { slots, values }
}

/// Who stands beside whom, of what the reader sees, and the best of each thread; thread 0 is none.
fn contexts(seen: &Seen<'_>, meaning: &[f32], words: &[f32]) -> (Vec<Context>, Vec<Best>) {
    let mut contexts = vec![Context::default(); seen.visible.len()];
    let mut bests = vec![Best::default()];
    for thread in seen.threads() {
        let slots: Vec<u32> = thread.filter(|slot| seen.visible[*slot as usize]).collect();
        // Alone in its thread is as good as in none.
        if slots.len() < 2 {
            continue;
        }
        let number = u32::try_from(bests.len()).unwrap_or(u32::MAX);
        for (at, slot) in slots.iter().enumerate() {
            contexts[*slot as usize] = Context {
                before: at.checked_sub(1).map(|before| slots[before]),
                after: slots.get(at + 1).copied(),
                thread: number,
            };
        }
        let [first, three, ten] = tops(&slots, meaning);
        bests.push(Best { first, three, ten, words: tops(&slots, words)[1] });
    }
    (contexts, bests)
}

/// The best, and the means of the three and of the ten best (of as many as there are).
fn tops(slots: &[u32], of: &[f32]) -> [f32; 3] {
    let mut best = [f32::NEG_INFINITY; 10];
    for slot in slots {
        let value = of[*slot as usize];
        if value > best[9] {
            let at = best.partition_point(|other| *other >= value);
            best[at..].rotate_right(1);
            best[at] = value;
        }
    }
    [1, 3, 10].map(|count: usize| {
        let count = count.min(slots.len());
        best[..count].iter().sum::<f32>() / count as f32
    })
}
