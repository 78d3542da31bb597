//! The kernel for any processor, and what the others are held against.

use super::{CHANNELS, Line, Rows, TOGETHER};
use crate::network::{Network, Room};

pub(super) fn run(network: &Network, room: &mut Room, pieces: &[u32]) -> Vec<f32> {
    network.run(room, pieces, false, block)
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

/// The product of a vector with each row.
pub(super) fn scan(query: &[i8], rows: &[i8], products: &mut [i32]) {
    let mut rest = rows;
    for product in products {
        let (row, others) = rest.split_at(query.len());
        (*product, rest) = (dot(query, row), others);
    }
}

/// The product of two vectors of one length.
pub(super) fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}
