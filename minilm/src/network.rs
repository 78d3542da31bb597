//! The transformer: from the numbers of word pieces to a vector.
//!
//! Matrices multiply whole numbers (see `kernels`), all else is floats. Everything here is inlined
//! into each kernel's entry, so that it is compiled for what that kernel's processors can do.

use crate::floats::{LANES, exp, gelu, largest, nearest, normalise, sum};
use crate::kernels::{CHANNELS, Line, MOST, Rows, TOGETHER};
use crate::table::Table;

/// A matrix of 8-bit weights and what belongs to it.
pub(crate) struct Matrix {
    pub(crate) inputs: usize,
    /// Sixteen channels after another; within them four inputs after another.
    pub(crate) lines: Vec<Line>,
    /// What is left of weights that don't fit in 8 bits, by block of channels.
    pub(crate) rests: Vec<Vec<Rest>>,
    /// For each channel.
    pub(crate) scales: Vec<f32>,
    pub(crate) biases: Vec<f32>,
}

/// The part of a weight that 8 bits don't hold.
#[derive(Clone, Copy)]
pub(crate) struct Rest {
    pub(crate) channel: u16,
    pub(crate) input: u16,
    pub(crate) value: i16,
}

/// Weights and biases of a layer normalisation.
pub(crate) struct Norm {
    pub(crate) weights: Vec<f32>,
    pub(crate) biases: Vec<f32>,
}

/// One layer.
pub(crate) struct Layer {
    /// Queries, keys and values in one.
    pub(crate) attention: Matrix,
    pub(crate) mix: Matrix,
    pub(crate) mix_norm: Norm,
    pub(crate) inner: Matrix,
    pub(crate) outer: Matrix,
    pub(crate) outer_norm: Norm,
}

/// All of it.
pub(crate) struct Network {
    pub(crate) table: Table,
    pub(crate) layers: Vec<Layer>,
    pub(crate) heads: usize,
}

impl Network {
    /// The unit vector of a sequence of pieces. `wants_planes`: see [`Rows::planes`].
    #[inline(always)]
    pub(crate) fn run(
        &self,
        room: &mut Room,
        pieces: &[u32],
        wants_planes: bool,
        block: impl Fn(&Rows, &[Line], &mut [[i32; CHANNELS]]),
    ) -> Vec<f32> {
        let (count, width) = (pieces.len(), self.table.width());
        let Room { floats: [states, mixed, wide], whole } = room;
        states.resize(count * width, 0.0);
        for (at, (state, piece)) in states.chunks_exact_mut(width).zip(pieces).enumerate() {
            self.table.read(*piece, at, state);
            normalise(state, &self.table.norm.weights, &self.table.norm.biases);
        }
        whole.sums.resize(count, [0; CHANNELS]);
        whole.wants_planes = wants_planes;
        whole.padded = count.next_multiple_of(LANES);
        mixed.resize(count * width, 0.0);
        for layer in &self.layers {
            whole.take(states, width);
            whole.multiply(&layer.attention, wide, &block);
            attend(wide, mixed, width, self.heads);
            whole.take(mixed, width);
            whole.multiply(&layer.mix, mixed, &block);
            add(states, mixed, width, &layer.mix_norm);

            whole.take(states, width);
            whole.multiply(&layer.inner, wide, &block);
            for value in &mut *wide {
                *value = gelu(*value);
            }
            whole.take(wide, layer.outer.inputs);
            whole.multiply(&layer.outer, mixed, &block);
            add(states, mixed, width, &layer.outer_norm);
        }
        pooled(states, width)
    }
}

/// What is computed in: kept for the next text, as it is half a megabyte for a sentence.
#[derive(Default)]
pub(crate) struct Room {
    /// States, what is added to them, and what is between.
    floats: [Vec<f32>; 3],
    whole: Whole,
}

impl Room {
    /// About how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let floats: usize = self.floats.iter().map(|floats| floats.capacity() * 4).sum();
        let Whole { rows, turned, .. } = &self.whole;
        floats + (rows.values.capacity() + turned.capacity()) * 2 + rows.planes.capacity()
    }
}

/// The part in whole numbers, used again for every matrix.
#[derive(Default)]
struct Whole {
    rows: Rows,
    sums: Vec<[i32; CHANNELS]>,
    wants_planes: bool,
    /// The whole numbers of the rows, input after input, each with room for `padded` rows.
    turned: Vec<i16>,
    padded: usize,
}

/// Inputs that are turned together: what is read and what is written of them stays at hand.
const TURNED: usize = 32;

impl Whole {
    /// Rounds rows of floats to whole numbers, each row with a scale of its own.
    #[inline(always)]
    fn take(&mut self, floats: &[f32], inputs: usize) {
        let rows = &mut self.rows;
        rows.inputs = inputs;
        rows.scales.clear();
        rows.values.resize(floats.len(), 0);
        let values = rows.values.chunks_exact_mut(inputs);
        for (row, values) in floats.chunks_exact(inputs).zip(values) {
            let most = largest(row, f32::abs).max(f32::MIN_POSITIVE * 1e6);
            let factor = f32::from(MOST) / most;
            rows.scales.push(most / f32::from(MOST));
            for (value, float) in values.iter_mut().zip(row) {
                *value = nearest(*float * factor) as i16;
            }
        }
        let padded = self.padded;
        self.turned.resize(inputs * padded, 0);
        for (part, turned) in self.turned.chunks_mut(TURNED * padded).enumerate() {
            for (at, values) in rows.values.chunks_exact(inputs).enumerate() {
                let places = turned[at..].iter_mut().step_by(padded);
                for (place, value) in places.zip(&values[part * TURNED..]) {
                    *place = *value;
                }
            }
        }
        if self.wants_planes {
            rows.planes.resize(floats.len() * 2, 0);
            let planes = rows.planes.chunks_exact_mut(TOGETHER * 2);
            for (planes, values) in planes.zip(rows.values.chunks_exact(TOGETHER)) {
                for (at, value) in values.iter().enumerate() {
                    let low = (value << 9) >> 9;
                    planes[at] = ((value - low) >> 7) as i8;
                    planes[at + TOGETHER] = low as i8;
                }
            }
        }
    }

    /// Multiplies the rows with a matrix.
    #[inline(always)]
    fn multiply(
        &mut self,
        matrix: &Matrix,
        out: &mut Vec<f32>,
        block: &impl Fn(&Rows, &[Line], &mut [[i32; CHANNELS]]),
    ) {
        let (rows, channels) = (&self.rows, matrix.scales.len());
        out.resize(rows.count() * channels, 0.0);
        let lines = matrix.lines.chunks_exact(matrix.inputs / TOGETHER);
        for (at, (lines, rests)) in lines.zip(&matrix.rests).enumerate() {
            block(rows, lines, &mut self.sums);
            add_rests(rests, &self.turned, self.padded, &mut self.sums);
            let within = at * CHANNELS..(at + 1) * CHANNELS;
            let (scales, biases) = (&matrix.scales[within.clone()], &matrix.biases[within.clone()]);
            let places = out.chunks_exact_mut(channels).map(|row| &mut row[within.clone()]);
            for ((place, sums), by) in places.zip(&self.sums).zip(&rows.scales) {
                for (((value, sum), scale), bias) in
                    place.iter_mut().zip(sums).zip(scales).zip(biases)
                {
                    *value = *sum as f32 * (by * scale) + bias;
                }
            }
        }
    }
}

/// Adds what 8 bits of weights leave, for [`LANES`] rows at once.
#[inline(always)]
fn add_rests(rests: &[Rest], turned: &[i16], padded: usize, sums: &mut [[i32; CHANNELS]]) {
    for rests in rests.chunk_by(|a, b| a.channel == b.channel) {
        let channel = usize::from(rests[0].channel) % CHANNELS;
        for (part, sums) in sums.chunks_mut(LANES).enumerate() {
            let mut more = [0_i32; LANES];
            for rest in rests {
                let from = usize::from(rest.input) * padded + part * LANES;
                let values = &turned[from..from + LANES];
                for (more, value) in more.iter_mut().zip(values) {
                    *more += i32::from(*value) * i32::from(rest.value);
                }
            }
            for (sums, more) in sums.iter_mut().zip(more) {
                sums[channel] += more;
            }
        }
    }
}

/// Queries that are computed at once.
const TILE: usize = 4;

/// Attention of every row to every row, head after head. A row of `wide` is queries, keys, values.
#[inline(always)]
fn attend(wide: &[f32], mixed: &mut [f32], width: usize, heads: usize) {
    let size = width / heads;
    let count = mixed.len() / width;
    let padded = count.next_multiple_of(LANES);
    let by = 1.0 / (size as f32).sqrt();
    let mut keys = vec![0.0; size * padded];
    let mut scores = vec![0.0; TILE * padded];
    for head in 0..heads {
        for (at, row) in wide.chunks_exact(3 * width).enumerate() {
            let from = &row[width + head * size..width + (head + 1) * size];
            for (place, value) in keys[at..].iter_mut().step_by(padded).zip(from) {
                *place = *value;
            }
        }
        for first in (0..count).step_by(TILE) {
            // The last tile repeats its last row rather than being a case of its own.
            let queries: [&[f32]; TILE] = std::array::from_fn(|tile| {
                let at = (first + tile).min(count - 1) * 3 * width + head * size;
                &wide[at..at + size]
            });
            compare(queries, &keys, &mut scores, by);
            let shares: [f32; TILE] =
                std::array::from_fn(|tile| soften(&mut scores[tile * padded..][..padded], count));
            let values = &wide[2 * width + head * size..];
            for start in (0..size).step_by(LANES) {
                let gathered = gather(&scores, values, padded, 3 * width, start, count);
                for (tile, mix) in gathered.iter().enumerate().take(count - first) {
                    let at = (first + tile) * width + head * size + start;
                    for (place, value) in mixed[at..at + LANES].iter_mut().zip(mix) {
                        *place = value * shares[tile];
                    }
                }
            }
        }
    }
}

/// The products of some queries with every key.
#[inline(always)]
fn compare(queries: [&[f32]; TILE], keys: &[f32], scores: &mut [f32], by: f32) {
    let padded = scores.len() / TILE;
    for start in (0..padded).step_by(LANES) {
        let mut sums = [[0.0; LANES]; TILE];
        for (part, keys) in keys.chunks_exact(padded).enumerate() {
            let keys = &keys[start..start + LANES];
            for (sums, query) in sums.iter_mut().zip(queries) {
                for (sum, key) in sums.iter_mut().zip(keys) {
                    *sum += query[part] * key;
                }
            }
        }
        for (tile, sums) in sums.iter().enumerate() {
            let at = tile * padded + start;
            for (score, sum) in scores[at..at + LANES].iter_mut().zip(sums) {
                *score = sum * by;
            }
        }
    }
}

/// Turns scores into their powers of e, none beyond `count`, and returns one over their sum.
#[inline(always)]
fn soften(scores: &mut [f32], count: usize) -> f32 {
    scores[count..].fill(f32::MIN);
    let most = largest(scores, |score| score);
    for score in &mut *scores {
        *score = exp(*score - most);
    }
    scores[count..].fill(0.0);
    1.0 / sum(scores, |score| score)
}

/// Values of every row, by the scores of some queries.
#[inline(always)]
fn gather(
    scores: &[f32],
    values: &[f32],
    padded: usize,
    stride: usize,
    start: usize,
    count: usize,
) -> [[f32; LANES]; TILE] {
    let mut mixes = [[0.0; LANES]; TILE];
    for at in 0..count {
        let row = &values[at * stride + start..at * stride + start + LANES];
        for (tile, mix) in mixes.iter_mut().enumerate() {
            let score = scores[tile * padded + at];
            for (sum, value) in mix.iter_mut().zip(row) {
                *sum += score * value;
            }
        }
    }
    mixes
}

/// Adds a layer's result to the states and normalises them.
#[inline(always)]
fn add(states: &mut [f32], results: &[f32], width: usize, norm: &Norm) {
    for (state, result) in states.chunks_exact_mut(width).zip(results.chunks_exact(width)) {
        for (value, more) in state.iter_mut().zip(result) {
            *value += more;
        }
        normalise(state, &norm.weights, &norm.biases);
    }
}

/// The mean of the states, as a unit vector.
#[inline(always)]
fn pooled(states: &[f32], width: usize) -> Vec<f32> {
    let mut vector = vec![0.0; width];
    for state in states.chunks_exact(width) {
        for (total, value) in vector.iter_mut().zip(state) {
            *total += value;
        }
    }
    let length = sum(&vector, |value| value * value).sqrt();
    for value in &mut vector {
        *value /= length.max(f32::MIN_POSITIVE);
    }
    vector
}
