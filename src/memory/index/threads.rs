//! Conversations and documents: which slots belong together, in their order.

use std::collections::HashMap;

use super::Slot;

/// The place of a slot in its thread: by position, then by when it was written, then by slot.
type Place = (i64, i64, u32);

/// Threads with their slots in order; thread 0 is none and has no slots.
#[derive(Debug, Default)]
pub(super) struct Threads {
    numbers: HashMap<Box<str>, u32>,
    /// From thread 1.
    slots: Vec<Vec<Place>>,
}

impl Threads {
    /// The number of a thread, a new one where it isn't known.
    pub(super) fn put(&mut self, thread: Option<&str>) -> u32 {
        let Some(thread) = thread else { return 0 };
        if let Some(number) = self.numbers.get(thread) {
            return *number;
        }
        self.slots.push(Vec::new());
        let number = u32::try_from(self.slots.len()).expect("fewer threads than 2^32");
        self.numbers.insert(thread.into(), number);
        number
    }

    /// The number of a thread that is known.
    pub(super) fn find(&self, thread: &str) -> Option<u32> {
        self.numbers.get(thread).copied()
    }

    /// Adds a slot at its place.
    pub(super) fn add(&mut self, slot: &Slot, position: Option<i64>, number: u32) {
        if slot.thread == 0 {
            return;
        }
        let list = &mut self.slots[slot.thread as usize - 1];
        let place = (position.unwrap_or(i64::MAX), slot.created_at, number);
        let at = list.partition_point(|other| *other < place);
        list.insert(at, place);
    }

    pub(super) fn remove(&mut self, thread: u32, number: u32) {
        if thread > 0 {
            self.slots[thread as usize - 1].retain(|(_, _, slot)| *slot != number);
        }
    }

    /// The slots of each thread, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = impl Iterator<Item = u32> + '_> + '_ {
        self.slots.iter().map(|list| list.iter().map(|(_, _, slot)| *slot))
    }

    pub(super) fn rename(&mut self, renamed: &[Option<u32>]) {
        for list in &mut self.slots {
            list.retain_mut(|(_, _, slot)| match renamed[*slot as usize] {
                Some(new) => {
                    *slot = new;
                    true
                }
                None => false,
            });
        }
    }

    pub(super) fn shrink(&mut self) {
        self.slots.iter_mut().for_each(Vec::shrink_to_fit);
    }

    pub(super) fn bytes(&self) -> usize {
        let names: usize = self.numbers.keys().map(|name| name.len() + 64).sum();
        names + self.slots.iter().map(|list| list.len() * size_of::<Place>()).sum::<usize>()
    }
}
