//! Names as small numbers: speakers, authors, tags.

use std::collections::HashMap;

/// Names with their numbers; 0 is no name.
#[derive(Debug)]
pub(super) struct Names {
    numbers: HashMap<Box<str>, u32>,
    all: Vec<Box<str>>,
}

impl Default for Names {
    fn default() -> Self {
        Self { numbers: HashMap::new(), all: vec!["".into()] }
    }
}

impl Names {
    /// The number of a name, a new one where it isn't known.
    pub(super) fn put(&mut self, name: Option<&str>) -> u32 {
        let Some(name) = name.filter(|name| !name.is_empty()) else { return 0 };
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.all.len()).expect("fewer names than 2^32");
        self.all.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }

    /// The number of a name that is known.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The name of a number; empty for 0.
    pub(super) fn get(&self, number: u32) -> &str {
        &self.all[number as usize]
    }

    /// How many numbers there are, 0 among them.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.all.iter().map(|name| name.len() * 2 + 64).sum()
    }
}
