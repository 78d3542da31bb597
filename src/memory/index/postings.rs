//! Which words stand in which memories, and how often: an inverted index with BM25 over it.
//!
//! A long text counts by its best part, as a short one would: the parts overlap, so that what stands
//! at a seam is whole in one of them. BM25 as in Robertson and Zaragoza, *The Probabilistic Relevance
//! Framework: BM25 and Beyond* (2009), 3.2; its two constants were chosen by experiment.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use super::Collection;
use super::places::Places;
use crate::memory::memory::Memory;

/// How soon a word that is repeated stops counting more.
const K1: f32 = 0.9;

/// How much the length of a part counts.
const B: f32 = 0.4;

/// Words of a part, and of what two neighbouring parts share.
const PART: usize = 140;
const OVERLAP: usize = 25;

/// What a word counts in title, labels and content, in halves.
const HALVES: [u8; 3] = [4, 3, 2];

/// The most words of a query that are looked for: each has a bit.
const MOST_SOUGHT: usize = 64;

/// The words of all slots.
#[derive(Debug, Default)]
pub(super) struct Postings {
    /// By the hash of the word: two of a team's words with one hash are not to be expected.
    words: HashMap<u64, Places, BuildHasherDefault<AsItIs>>,
    /// The slot of each part, and how many words it has.
    slots: Vec<u32>,
    lengths: Vec<u16>,
}

/// What a query's words found.
#[derive(Debug)]
pub(crate) struct Matches {
    /// For each slot the score of its best part.
    pub(crate) scores: Vec<f32>,
    /// For each slot which words it holds, as bits.
    pub(crate) held: Vec<u64>,
    /// What each word is worth: the rarer, the more.
    pub(crate) rarities: Vec<f32>,
}

impl Postings {
    /// Adds the words of a slot.
    pub(super) fn add(&mut self, slot: u32, memory: &Memory) {
        let indexed = memory.words();
        let content: Vec<&str> =
            indexed.content.split(' ').filter(|word| !word.is_empty()).collect();
        let mut from = 0;
        loop {
            let to =
                if content.len() - from <= PART + OVERLAP { content.len() } else { from + PART };
            self.add_part(slot, [&indexed.title, &indexed.labels], &content[from..to]);
            if to == content.len() {
                break;
            }
            from = to - OVERLAP;
        }
    }

    fn add_part(&mut self, slot: u32, beside: [&str; 2], content: &[&str]) {
        let part = u32::try_from(self.slots.len()).expect("fewer parts than 2^32");
        let mut counts: HashMap<u64, u8, BuildHasherDefault<AsItIs>> = HashMap::default();
        let labelled = beside.iter().zip(HALVES).flat_map(|(text, halves)| {
            text.split(' ').filter(|word| !word.is_empty()).map(move |word| (word, halves))
        });
        for (word, halves) in labelled.chain(content.iter().map(|word| (*word, HALVES[2]))) {
            let count = counts.entry(hash(word)).or_default();
            *count = count.saturating_add(halves);
        }
        for (word, halves) in counts {
            self.words.entry(word).or_default().add(part, halves);
        }
        self.slots.push(slot);
        self.lengths.push(u16::try_from(content.len()).unwrap_or(u16::MAX));
    }

    /// Scores the visible slots by words; how rare a word is goes by the wanted ones among them.
    /// At most the first 64 words are looked for. Of a collection of which this holds a part, its
    /// numbers count.
    pub(super) fn matches(
        &self,
        sought: &[String],
        visible: &[bool],
        wanted: &[bool],
        of: Option<&Collection>,
    ) -> Matches {
        let mut parts = 0_usize;
        let mut length = 0_u64;
        for (slot, words) in self.slots.iter().zip(&self.lengths) {
            if wanted[*slot as usize] {
                parts += 1;
                length += u64::from(*words);
            }
        }
        let mut average = (length as f32 / parts.max(1) as f32).max(1.0);
        if let Some(of) = of {
            (parts, average) = (of.parts.max(parts), of.length.max(1.0));
        }
        let known = |word: &String| of.and_then(|of| of.holding.get(word)).copied().unwrap_or(0);
        let mut held = vec![0_u64; visible.len()];
        let mut rarities = Vec::with_capacity(sought.len());
        let mut by_part = vec![0.0_f32; self.slots.len()];
        for (number, text) in sought.iter().take(MOST_SOUGHT).enumerate() {
            let Some(places) = self.words.get(&hash(text)) else {
                rarities.push(rarity(parts, known(text)));
                continue;
            };
            let is_wanted = |(part, _): &(u32, u8)| wanted[self.slots[*part as usize] as usize];
            let holding = places.iter().filter(is_wanted).count();
            let rarity = rarity(parts, holding.max(known(text)));
            rarities.push(rarity);
            for (part, halves) in places.iter() {
                let slot = self.slots[part as usize] as usize;
                if visible[slot] {
                    let often = f32::from(halves) / 2.0;
                    let length = f32::from(self.lengths[part as usize]) / average;
                    let share = often * (K1 + 1.0) / (often + K1 * (1.0 - B + B * length));
                    by_part[part as usize] += rarity * share;
                    held[slot] |= 1 << number;
                }
            }
        }
        let mut best = vec![0.0_f32; visible.len()];
        for (slot, score) in self.slots.iter().zip(by_part) {
            let best = &mut best[*slot as usize];
            *best = best.max(score);
        }
        Matches { scores: best, held, rarities }
    }

    /// Follows slots to their new numbers; those without one lose their parts.
    pub(super) fn rename(&mut self, renamed: &[Option<u32>]) {
        let mut parts: Vec<Option<u32>> = Vec::with_capacity(self.slots.len());
        let (mut slots, mut lengths) = (Vec::new(), Vec::new());
        for (slot, length) in self.slots.iter().zip(&self.lengths) {
            parts.push(renamed[*slot as usize].map(|slot| {
                slots.push(slot);
                lengths.push(*length);
                u32::try_from(slots.len() - 1).unwrap_or(u32::MAX)
            }));
        }
        (self.slots, self.lengths) = (slots, lengths);
        self.words.retain(|_, places| {
            let old = std::mem::take(places);
            for (part, halves) in old.iter() {
                if let Some(part) = parts[part as usize] {
                    places.add(part, halves);
                }
            }
            !places.is_empty()
        });
        self.shrink();
    }

    /// Gives back the room that lists keep for growing.
    pub(super) fn shrink(&mut self) {
        self.words.values_mut().for_each(Places::shrink);
        self.words.shrink_to_fit();
        self.slots.shrink_to_fit();
        self.lengths.shrink_to_fit();
    }

    pub(super) fn bytes(&self) -> usize {
        let lists: usize = self.words.values().map(Places::bytes).sum();
        let table = self.words.capacity() * (size_of::<(u64, Places)>() + 1) * 8 / 7;
        lists + table + self.slots.len() * 6
    }
}

/// What a word is worth that so many of all hold: never nothing, as a common word still tells a
/// little.
fn rarity(all: usize, holding: usize) -> f32 {
    let holding = holding.min(all);
    (1.0 + (all as f32 - holding as f32 + 0.5) / (holding as f32 + 0.5)).ln()
}

fn hash(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

/// A hasher of what is a hash already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |all, byte| (all << 8) | u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
