//! Prefix codes: the weights as they lie in a pack.
//!
//! Rounded weights are far from equally frequent, so each matrix has a code of its own in which
//! frequent values are short. That saves a whole bit a weight over plain bytes. A code is complete
//! (every sequence of bits means something), so damaged bits give wrong weights and never a panic.

use crate::PackError;

/// Bits of the longest code word: a table of 2¹³ entries decodes one in a step.
pub(crate) const LONGEST: usize = 13;

/// A code, ready to decode.
pub(crate) struct Code {
    lowest: i16,
    /// By the next thirteen bits: the value above `lowest`, and in the low four bits its length.
    table: Vec<u16>,
}

impl Code {
    /// Makes the code in which value `lowest + i` has `lengths[i]` bits; 0 for one that never occurs.
    pub(crate) fn new(lowest: i16, lengths: &[u8]) -> Result<Code, PackError> {
        if lengths.len() > 1 << 12 || lengths.iter().any(|length| usize::from(*length) > LONGEST) {
            return Err(PackError::Damaged);
        }
        let mut table = Vec::with_capacity(1 << LONGEST);
        for (at, length) in in_order(lengths) {
            let entry = u16::try_from(at << 4).map_err(|_| PackError::Damaged)?;
            let filled = table.len() + (1 << (LONGEST - usize::from(length)));
            if filled > 1 << LONGEST {
                return Err(PackError::Damaged);
            }
            table.resize(filled, entry | u16::from(length));
        }
        if table.len() != 1 << LONGEST {
            return Err(PackError::Damaged);
        }
        Ok(Code { lowest, table })
    }

    /// The next value of a sequence of bits.
    #[inline]
    pub(crate) fn next(&self, bits: &mut Bits<'_>) -> i16 {
        let entry = self.table[bits.peek()];
        bits.skip(entry & 15);
        self.lowest.wrapping_add((entry >> 4).cast_signed())
    }
}

/// The values that occur, in the order of their code words: by length, then by value.
pub(crate) fn in_order(lengths: &[u8]) -> Vec<(usize, u8)> {
    let mut order: Vec<(usize, u8)> =
        lengths.iter().copied().enumerate().filter(|(_, length)| *length > 0).collect();
    order.sort_by_key(|(at, length)| (*length, *at));
    order
}

/// Bits of a byte string, the highest of a byte first; past the end there are zeros.
pub(crate) struct Bits<'a> {
    rest: &'a [u8],
    /// What is read and not used, from the highest bit down.
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Bits<'a> {
        Bits { rest: bytes, held: 0, count: 0 }
    }

    #[inline]
    fn peek(&mut self) -> usize {
        if self.count < 16 {
            self.fill();
        }
        (self.held >> (64 - LONGEST)) as usize
    }

    #[inline]
    fn skip(&mut self, bits: u16) {
        self.held <<= bits;
        self.count = self.count.saturating_sub(u32::from(bits));
    }

    #[inline]
    fn fill(&mut self) {
        if let Some((word, rest)) = self.rest.split_first_chunk::<4>() {
            self.held |= u64::from(u32::from_be_bytes(*word)) << (32 - self.count);
            self.count += 32;
            self.rest = rest;
            return;
        }
        while self.count <= 48 {
            let Some((byte, rest)) = self.rest.split_first() else { break };
            self.held |= u64::from(*byte) << (56 - self.count);
            self.count += 8;
            self.rest = rest;
        }
    }
}
