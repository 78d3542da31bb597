//! Where one word stands, in a few bits a place.
//!
//! What is written is how far a part lies after the one before, seven bits a byte, least first, with a
//! bit for the usual count. Most places take a byte or two, where a number and a count would take five.

/// What a word counts that stands in a text once.
const USUAL: u8 = 2;

/// The highest bit says that more follow.
const MORE: u8 = 0x80;

/// Parts in which a word stands, ascending, each with what it counts there in halves.
#[derive(Debug, Default)]
pub(super) struct Places {
    bytes: Vec<u8>,
    /// The part after the last one: where counting goes on.
    next: u32,
}

impl Places {
    /// Adds a part that lies behind all that are there.
    pub(super) fn add(&mut self, part: u32, halves: u8) {
        debug_assert!(part >= self.next, "parts are added in order");
        let is_usual = halves == USUAL;
        let mut rest = u64::from(part - self.next) << 1 | u64::from(!is_usual);
        while rest >= u64::from(MORE) {
            self.bytes.push(rest.to_le_bytes()[0] | MORE);
            rest >>= 7;
        }
        self.bytes.push(rest.to_le_bytes()[0]);
        if !is_usual {
            self.bytes.push(halves);
        }
        self.next = part + 1;
    }

    /// The parts and counts, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u8)> + '_ {
        let (mut bytes, mut next) = (self.bytes.iter(), 0_u32);
        std::iter::from_fn(move || {
            let mut byte = *bytes.next()?;
            let (mut far, mut bits) = (u64::from(byte & !MORE), 7);
            while byte & MORE != 0 {
                byte = *bytes.next()?;
                far |= u64::from(byte & !MORE) << bits;
                bits += 7;
            }
            let halves = if far & 1 == 0 { USUAL } else { *bytes.next()? };
            let part = next + u32::try_from(far >> 1).ok()?;
            next = part + 1;
            Some((part, halves))
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
    }

    /// What lies outside of it.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_comes_back_however_far_apart() {
        let all: [(u32, u8); 9] = [
            (0, 2),
            (1, 7),
            (63, 2),
            (64, 255),
            (200, 2),
            (20_000, 2),
            (20_001, 4),
            (3_000_000_000, 2),
            (u32::MAX - 1, 0),
        ];
        let mut places = Places::default();

        for (part, halves) in all {
            places.add(part, halves);
        }

        assert_eq!(places.iter().collect::<Vec<_>>(), all);
        assert!(places.bytes.len() < all.len() * 4);
    }

    #[test]
    fn a_word_that_stands_everywhere_takes_a_byte_a_place() {
        let mut places = Places::default();

        (0..1_000).for_each(|part| places.add(part, USUAL));

        assert_eq!((places.bytes.len(), places.iter().count()), (1_000, 1_000));
    }
}
