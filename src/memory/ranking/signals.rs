//! What speaks for each memory: one list of numbers a memory, from the index and a question.

use super::dates::Period;
use super::question::Question;
use super::weights::{COUNT, Signal};
use crate::core::clock::DAY_MS;
use crate::core::id::MemoryId;
use crate::memory::index::{Matches, Seen};

/// The signals of what is wanted.
#[derive(Debug)]
pub struct Signals {
    /// The slots, and the signals of each.
    slots: Vec<u32>,
    values: Vec<[f32; COUNT]>,
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

/// Of which cosine what a meaning speaks for is about half: beyond it, a nearer one adds little. Who asks
/// in nearly the same words is nearer to a question than who answers it.
const HALF: f32 = 0.3;

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
    let mut ground = Ground::of(seen, question, cosines);
    let (mut slots, mut values) = (Vec::new(), Vec::new());
    for slot in (0..seen.wanted.len()).filter(|slot| seen.wanted[*slot]) {
        slots.push(u32::try_from(slot).unwrap_or(u32::MAX));
        values.push(ground.row(slot));
    }
    Signals { slots, values }
}

/// What is known of all memories before one is looked at.
pub(super) struct Ground<'a> {
    seen: &'a Seen<'a>,
    question: &'a Question,
    matches: Matches,
    /// Of each slot, as a share of the best.
    words: Vec<f32>,
    meaning: Vec<f32>,
    contexts: Vec<Context>,
    bests: Vec<Best>,
    /// What all words of the question are worth.
    worth: f32,
    /// The words of each quoted phrase, as bits.
    phrases: Vec<u64>,
    /// The number of the one name that is named.
    named: Option<u32>,
    fits: Fits,
}

impl<'a> Ground<'a> {
    pub(super) fn of(
        seen: &'a Seen<'a>,
        question: &'a Question,
        cosines: Option<&[f32]>,
    ) -> Ground<'a> {
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
        let worth = matches.rarities.iter().sum();
        let phrase = |phrase: &Vec<String>| {
            let at = |word: &String| question.words.iter().take(64).position(|other| other == word);
            phrase.iter().filter_map(at).fold(0, |bits, at| bits | 1 << at)
        };
        let named = match &question.named[..] {
            [name] => seen.number_of(name),
            _ => None,
        };
        let phrases = question.phrases.iter().map(phrase).collect();
        let fits = Fits { period: question.period, last: (i64::MIN, 0.0) };
        Ground {
            seen,
            question,
            matches,
            words,
            meaning,
            contexts,
            bests,
            worth,
            phrases,
            named,
            fits,
        }
    }

    /// The signals of one slot.
    pub(super) fn row(&mut self, slot: usize) -> [f32; COUNT] {
        let facts = self.seen.facts(slot);
        let date = self.fits.at(facts.at);
        let (meaning, words) = (&self.meaning, &self.words);
        let Context { before, after, thread } = self.contexts[slot];
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
            self.bests[thread as usize]
        };
        let beside = |of: &[f32]| {
            let of_slot = |at: Option<u32>| at.map_or(0.0, |at| of[at as usize]);
            if is_alone { of[slot] } else { of_slot(before).midpoint(of_slot(after)) }
        };
        let held = self.matches.held[slot];
        let held_by = |at: Option<u32>| at.map_or(0, |at| self.matches.held[at as usize]);
        let asked = before.filter(|before| self.seen.facts(*before as usize).cues.asks);
        let of_asked = |of: &[f32]| asked.map_or(0.0, |before| of[before as usize]);
        let tells = |is: bool| f32::from(u8::from(is));
        let mut row = [0.0; COUNT];
        for (signal, value) in [
            (Signal::Words, words[slot]),
            (Signal::Meaning, bent(meaning[slot])),
            (Signal::Author, tells(self.named.is_some_and(|name| self.seen.is_by(slot, name)))),
            (Signal::Date, date),
            (Signal::TellsWhen, tells(self.question.asks_when && facts.cues.names_time)),
            (Signal::NamesTime, tells(facts.cues.names_time)),
            (Signal::Asks, tells(facts.cues.asks)),
            (Signal::Length, facts.cues.length),
            (Signal::NeighboursMeaning, beside(meaning)),
            (Signal::NeighboursWords, if is_alone { 0.0 } else { beside(words) }),
            (Signal::ThreadBest, best.first),
            (Signal::ThreadMeaning, best.three),
            (Signal::ThreadBreadth, best.ten),
            (Signal::ThreadWords, best.words),
            (Signal::Coverage, self.share(held | held_by(before) | held_by(after))),
            (Signal::RepliesMeaning, of_asked(meaning)),
            (Signal::RepliesWords, of_asked(words)),
            (Signal::Phrase, self.phrases_in(held)),
        ] {
            row[signal as usize] = value;
        }
        row
    }

    /// The cosine of a slot's best piece, as it is.
    pub(super) fn nearness(&self, slot: usize) -> f32 {
        self.meaning[slot]
    }

    /// The thread of a slot by its number here; `None` where it stands alone.
    pub(super) fn thread(&self, slot: usize) -> Option<usize> {
        let thread = self.contexts[slot].thread as usize;
        (thread > 0).then_some(thread)
    }

    /// How many threads there are, none among them.
    pub(super) fn threads(&self) -> usize {
        self.bests.len()
    }

    /// What some words of the question are worth, as a share of all.
    fn share(&self, held: u64) -> f32 {
        if held == 0 || self.worth <= 0.0 {
            return 0.0;
        }
        let all = self.matches.rarities.iter().enumerate();
        let sum: f32 = all.filter(|(at, _)| held >> at & 1 == 1).map(|(_, rarity)| rarity).sum();
        sum / self.worth
    }

    fn phrases_in(&self, held: u64) -> f32 {
        if self.phrases.is_empty() {
            return 0.0;
        }
        let whole = self.phrases.iter().filter(|bits| held & **bits == **bits).count();
        whole as f32 / self.phrases.len() as f32
    }
}

/// What a cosine speaks for, from 0 to 1: the more the nearer, but less and less. A quotient gives the
/// same bits on every machine.
fn bent(cosine: f32) -> f32 {
    let cosine = cosine.max(0.0);
    (1.0 + HALF) * cosine / (HALF + cosine)
}

/// How well moments fit the period of a question. The last day is remembered: what was said in one
/// conversation is of one day, and to find a date takes longer than all else of a memory.
struct Fits {
    period: Option<Period>,
    last: (i64, f32),
}

impl Fits {
    fn at(&mut self, at: i64) -> f32 {
        let Some(period) = self.period else { return 0.0 };
        if let Period::Stretch(..) = period {
            return period.fits(at);
        }
        let day = at.div_euclid(DAY_MS);
        if self.last.0 != day {
            self.last = (day, period.fits(at));
        }
        self.last.1
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nearer_meaning_speaks_for_more_but_less_and_less() {
        let all: Vec<f32> = (0..=10_u8).map(|tenth| bent(f32::from(tenth) / 10.0)).collect();

        assert!(all[0].abs() < f32::EPSILON && (all[10] - 1.0).abs() < 1e-6);
        assert!(
            all.windows(3).all(|some| some[2] > some[1] && some[2] - some[1] < some[1] - some[0])
        );
        assert!(bent(-0.5).abs() < f32::EPSILON);
    }
}
