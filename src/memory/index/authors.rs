//! Who wrote: a few authors write much, so that a slot holds the number of its own.

use std::collections::HashMap;

use crate::core::id::{AgentId, MemberId};

/// An agent, a person, or an agent for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Author {
    pub(super) agent: Option<AgentId>,
    pub(super) member: Option<MemberId>,
    /// The agent's slug in `names`; 0 for a person.
    pub(super) slug: u32,
}

/// Authors with their numbers.
#[derive(Debug, Default)]
pub(super) struct Authors {
    numbers: HashMap<Author, u32>,
    all: Vec<Author>,
}

impl Authors {
    /// The number of an author, a new one where it isn't known.
    pub(super) fn put(&mut self, author: Author) -> u32 {
        *self.numbers.entry(author).or_insert_with(|| {
            self.all.push(author);
            u32::try_from(self.all.len() - 1).expect("fewer authors than 2^32")
        })
    }

    /// All of them, by their numbers.
    pub(super) fn all(&self) -> &[Author] {
        &self.all
    }

    pub(super) fn get(&self, number: u32) -> Author {
        self.all[number as usize]
    }

    pub(super) fn bytes(&self) -> usize {
        self.all.len() * size_of::<Author>() * 3
    }
}
