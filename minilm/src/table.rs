//! The first step of the network: a row of numbers for each word piece and each place.

use std::borrow::Cow;
use std::ops::Range;

use crate::code::{Bits, Code};
use crate::half::widen;
use crate::network::Norm;

/// Coded rows as they lie in the pack: one is decoded when it is wanted.
pub(crate) struct Coded {
    /// Where the bits lie.
    pub(crate) within: Range<usize>,
    /// Where each row begins in there; one more for the end of the last.
    pub(crate) starts: Vec<u32>,
    pub(crate) code: Code,
    /// Half floats: what each row's numbers are to be multiplied with.
    pub(crate) scales: Range<usize>,
}

/// The embeddings.
pub(crate) struct Table {
    pub(crate) bytes: Cow<'static, [u8]>,
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
        let (mut bits, scale) = self.row(&self.pieces, piece as usize);
        let (mut more, more_scale) = self.row(&self.places, place);
        for (value, weight) in row.iter_mut().zip(&self.norm.weights) {
            let sum = f32::from(self.pieces.code.next(&mut bits)) * scale
                + f32::from(self.places.code.next(&mut more)) * more_scale;
            *value = sum / weight;
        }
    }

    fn row(&self, coded: &Coded, at: usize) -> (Bits<'_>, f32) {
        let (start, end) = (coded.starts[at] as usize, coded.starts[at + 1] as usize);
        let scales = &self.bytes[coded.scales.clone()];
        let scale = widen(u16::from_le_bytes([scales[at * 2], scales[at * 2 + 1]]));
        (Bits::new(&self.bytes[coded.within.clone()][start..end]), scale)
    }
}
