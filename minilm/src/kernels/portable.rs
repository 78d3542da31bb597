//! The kernel for any processor, and what the others are held against.

use super::{CHANNELS, Line, Rows, TOGETHER};
use crate::network::Network;

pub(super) fn run(network: &Network, pieces: &[u32]) -> Vec<f32> {
    network.run(pieces, false, block)
}

/// Sixteen channels of every row.
fn block(rows: &Rows, weights: &[Line], sums: &mut [[i32; CHANNELS]]) {
    for (row, sums) in rows.values.chunks_exact(rows.inputs).zip(sums) {
        *sums = [0; CHANNELS];
        for (inputs, line) in row.chunks_exact(TOGETHER).zip(weights) {
            for (sum, weights) in sums.iter_mut().zip(line.0.chunks_exact(TOGETHER)) {
                let products = inputs.iter().zip(weights);
                *sum += products.map(|(a, w)| i32::from(*a) * i32::from(*w)).sum::<i32>();
            }
        }
    }
}
