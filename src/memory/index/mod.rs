//! All that recall looks through of one team, in memory: facts to filter by, words, and vectors.
//!
//! The one idea: everything is scored exactly, so nothing has to be guessed before it is ranked. What
//! holds the truth of who sees what is the store; [`seen`] repeats its rule here, so that neither a
//! score nor how rare a word is depends on what the reader can't see.
//!
//! A memory has a *slot*. Its text is cut into parts of about a hundred words, each with its own words;
//! its vectors come from outside, one for each piece that the model has read. A changed memory gets a
//! new slot, and the old one is dead until there are so many that the index is made anew.
//!
//! Next: `seen.rs` for who sees which slots, `postings.rs` for words, `cues.rs` for what a text shows,
//! then `ranking/`.

mod authors;
mod collection;
mod cues;
mod names;
mod places;
mod postings;
mod seen;
mod threads;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::fields::{MemoryType, Status, Visibility};
use super::memory::Memory;
use crate::core::clock::Timestamp;
use crate::core::id::MemoryId;

pub use collection::Collection;
pub use cues::Cues;
pub(crate) use postings::Matches;
pub use seen::{Reader, Seen, Sight};

use authors::{Author, Authors};
use names::Names;
use postings::Postings;
use threads::Threads;

/// Dead slots that are borne before the index is made anew.
const DEAD_ENOUGH: usize = 1_000;

/// A vector in whole numbers with what each is to be multiplied with: `embed::Vector`, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Meaning {
    pub values: Vec<i8>,
    pub scale: f32,
}

/// Where the words and the meanings of one memory stand, and what is filtered by.
///
/// There are many, and each question looks at all: so it is small, and what several share is a number.
#[derive(Debug, Clone)]
struct Slot {
    id: MemoryId,
    created_at: i64,
    updated_at: i64,
    /// [`UNKNOWN`] where it isn't known.
    occurred_at: i64,
    /// In `authors`.
    author: u32,
    speaker: u32,
    /// The speaker, or who a text that begins like a line of a transcript says.
    said_by: u32,
    thread: u32,
    first_tag: u32,
    first_vector: u32,
    vectors: u16,
    tags: u8,
    memory_type: MemoryType,
    status: Status,
    visibility: Visibility,
    is_alive: bool,
    is_accepted: bool,
    cues: Cues,
}

/// A time that nothing has.
const UNKNOWN: i64 = i64::MIN;

impl Slot {
    fn occurred_at(&self) -> Option<i64> {
        (self.occurred_at != UNKNOWN).then_some(self.occurred_at)
    }

    /// The places of its vectors.
    fn vectors(&self) -> Range<usize> {
        let first = self.first_vector as usize;
        first..first + usize::from(self.vectors)
    }

    /// The places of its tags.
    fn tags(&self) -> Range<usize> {
        let first = self.first_tag as usize;
        first..first + usize::from(self.tags)
    }
}

/// The memories of one team.
///
/// Takes about 150 bytes a memory, 2 a word and a vector's length and 4 for each piece.
#[derive(Debug, Default)]
pub struct Index {
    dimensions: usize,
    slots: Vec<Slot>,
    by_id: HashMap<MemoryId, u32>,
    authors: Authors,
    names: Names,
    /// Those of one slot after those of another, as numbers in `names`.
    tags: Vec<u32>,
    threads: Threads,
    postings: Postings,
    /// One after the other, `dimensions` numbers each.
    rows: Vec<i8>,
    scales: Vec<f32>,
    dead: usize,
    /// Another one after each change, so that nobody takes what was seen before, or of an index that
    /// was in this one's place, for what is there now.
    stamp: Arc<()>,
}

impl Index {
    /// An empty one, for vectors of a length; 0 where there are none.
    #[must_use]
    pub fn new(dimensions: usize) -> Self {
        Self { dimensions, ..Self::default() }
    }

    /// How many memories it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The vectors, one after the other, for a scan. Which is whose, [`super::ranking`] knows.
    #[must_use]
    pub fn rows(&self) -> &[i8] {
        &self.rows
    }

    /// What the numbers of each vector are to be multiplied with.
    #[must_use]
    pub fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.slots.len() * size_of::<Slot>()
            + self.by_id.capacity() * (size_of::<(MemoryId, u32)>() + 1) * 8 / 7
            + self.tags.len() * 4
            + self.rows.len()
            + self.scales.len() * 4
            + self.authors.bytes()
            + self.postings.bytes()
            + self.names.bytes()
            + self.threads.bytes()
    }

    /// Gives back the room that was kept for growing, once much has been put in.
    pub fn shrink(&mut self) {
        self.slots.shrink_to_fit();
        self.by_id.shrink_to_fit();
        self.tags.shrink_to_fit();
        self.rows.shrink_to_fit();
        self.scales.shrink_to_fit();
        self.postings.shrink();
        self.threads.shrink();
    }

    /// Takes a memory in, or what it has become. Forgotten and quarantined ones leave it.
    ///
    /// Vectors of another length are left out: they are another model's.
    pub fn put(&mut self, memory: &Memory, is_accepted: bool, meanings: &[Meaning]) {
        self.remove(memory.id);
        if matches!(memory.status, Status::Forgotten | Status::Quarantined) {
            return;
        }
        self.stamp = Arc::default();
        let number = u32::try_from(self.slots.len()).expect("fewer memories than 2^32");
        let statement = &memory.statement;
        let first_vector = u32::try_from(self.scales.len()).expect("fewer pieces than 2^32");
        let fitting = meanings.iter().filter(|meaning| meaning.values.len() == self.dimensions);
        for meaning in fitting.take(usize::from(u16::MAX)) {
            self.rows.extend_from_slice(&meaning.values);
            self.scales.push(meaning.scale);
        }
        let first_tag = u32::try_from(self.tags.len()).expect("fewer tags than 2^32");
        let tags = statement.tags.iter().take(usize::from(u8::MAX));
        self.tags.extend(tags.map(|tag| self.names.put(Some(tag))));
        let by = memory.author.actor.agent.as_ref();
        let author = Author {
            agent: by.map(|agent| agent.id),
            member: memory.author.actor.member,
            slug: self.names.put(by.map(|agent| agent.slug.as_str())),
        };
        let said_by = statement.speaker.as_deref().or(cues::speaker(&statement.content));
        let slot = Slot {
            id: memory.id,
            created_at: memory.created_at.as_millis(),
            updated_at: memory.updated_at.as_millis(),
            occurred_at: statement.occurred_at.map_or(UNKNOWN, Timestamp::as_millis),
            author: self.authors.put(author),
            speaker: self.names.put(statement.speaker.as_deref()),
            said_by: self.names.put(said_by),
            thread: self.threads.put(statement.thread.as_deref()),
            first_tag,
            first_vector,
            vectors: u16::try_from(self.scales.len() - first_vector as usize).unwrap_or(u16::MAX),
            tags: u8::try_from(self.tags.len() - first_tag as usize).unwrap_or(u8::MAX),
            memory_type: statement.memory_type,
            status: memory.status,
            visibility: statement.visibility,
            is_alive: true,
            is_accepted,
            cues: Cues::of(&statement.content),
        };
        self.threads.add(&slot, statement.position, number);
        self.postings.add(number, memory);
        self.slots.push(slot);
        self.by_id.insert(memory.id, number);
    }

    /// Takes a memory out; nothing happens where it isn't in it.
    pub fn remove(&mut self, id: MemoryId) {
        let Some(number) = self.by_id.remove(&id) else { return };
        self.stamp = Arc::default();
        let slot = &mut self.slots[number as usize];
        slot.is_alive = false;
        self.threads.remove(slot.thread, number);
        self.dead += 1;
        if self.dead >= DEAD_ENOUGH && self.dead > self.by_id.len() / 2 {
            self.compact();
        }
    }

    /// How alike two memories are in meaning; 0 where either has no vector.
    pub(super) fn likeness(&self, first: MemoryId, second: MemoryId) -> f32 {
        let vectors = |id: MemoryId| {
            let slot = self.by_id.get(&id).map(|number| &self.slots[*number as usize]);
            slot.map_or(0..0, Slot::vectors)
        };
        let row = |at: usize| &self.rows[at * self.dimensions..(at + 1) * self.dimensions];
        let mut most = 0.0_f32;
        for one in vectors(first) {
            for other in vectors(second) {
                let product: i32 = row(one)
                    .iter()
                    .zip(row(other))
                    .map(|(a, b)| i32::from(*a) * i32::from(*b))
                    .sum();
                most = most.max(product as f32 * self.scales[one] * self.scales[other]);
            }
        }
        most
    }

    /// Makes it anew without the dead.
    fn compact(&mut self) {
        let mut renamed: Vec<Option<u32>> = Vec::with_capacity(self.slots.len());
        let (mut slots, mut rows, mut scales) = (Vec::new(), Vec::new(), Vec::new());
        let mut tags = Vec::new();
        for slot in std::mem::take(&mut self.slots) {
            renamed.push(slot.is_alive.then_some(u32::try_from(slots.len()).unwrap_or(u32::MAX)));
            if !slot.is_alive {
                continue;
            }
            let first_vector = u32::try_from(scales.len()).unwrap_or(u32::MAX);
            let first_tag = u32::try_from(tags.len()).unwrap_or(u32::MAX);
            let (within, width) = (slot.vectors(), self.dimensions);
            rows.extend_from_slice(&self.rows[within.start * width..within.end * width]);
            scales.extend_from_slice(&self.scales[within]);
            tags.extend_from_slice(&self.tags[slot.tags()]);
            slots.push(Slot { first_tag, first_vector, ..slot });
        }
        (self.slots, self.rows, self.scales, self.tags) = (slots, rows, scales, tags);
        self.dead = 0;
        self.postings.rename(&renamed);
        self.threads.rename(&renamed);
        self.by_id = (0_u32..).zip(&self.slots).map(|(number, slot)| (slot.id, number)).collect();
    }
}
