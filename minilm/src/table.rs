//! The first step of the network: a row of numbers for each word piece and each place.

use std::borrow::Cow;

use crate::code::{Bits, Code};
use crate::half::widen;
use crate::network::Norm;
use crate::source::Source;

/// Coded rows as they lie in the pack: one is decoded when it is wanted.
pub(crate) struct Coded {
    pub(crate) bits: Source,
    /// Where each row begins in there; one more for the end of the last.
    pub(crate) starts: Vec<u32>,
    pub(crate) code: Code,
    /// Half floats: what each row's numbers are to be multiplied with.
    pub(crate) scales: Vec<u8>,
}

/// The embeddings.
pub(crate) struct Table {
    pub(crate) pieces: Coded,
    /// What is added at each place in a text.
    pub(crate) places: Coded,
    /// Normalises a row. Rows lie multiplied with its weights: what they are rounded by then counts
    /// the same in every column.
    pub(crate) norm: Norm,
}

impl Table {
    pub(crate) fn width(&self) -> usize {
        self.norm.weights.len()
    }

    /// Decodes the row of a piece and adds that of its place.
    pub(crate) fn read(&self, piece: u32, place: usize, row: &mut [f32]) {
        let ((bits, scale), (more, more_scale)) =
            (self.pieces.row(piece as usize), self.places.row(place));
        let (mut bits, mut more) = (Bits::new(&bits), Bits::new(&more));
        for (value, weight) in row.iter_mut().zip(&self.norm.weights) {
            let sum = f32::from(self.pieces.code.next(&mut bits)) * scale
                + f32::from(self.places.code.next(&mut more)) * more_scale;
            *value = sum / weight;
        }
    }
}

impl Coded {
    /// The bits of a row, and its scale.
    fn row(&self, at: usize) -> (Cow<'_, [u8]>, f32) {
        let (start, end) = (self.starts[at] as usize, self.starts[at + 1] as usize);
        let scale = widen(u16::from_le_bytes([self.scales[at * 2], self.scales[at * 2 + 1]]));
        (self.bits.read(start..end), scale)
    }
}
