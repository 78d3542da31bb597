//! Kernels for 64-bit ARM: `smlal`, which every one has, and `sdot`, which multiplies bytes.
#![expect(unsafe_code, reason = "instructions that only some processors have, and loads for them")]

use core::arch::aarch64::{
    int8x16_t, int32x4_t, vaddq_s32, vaddvq_s32, vcombine_s16, vdupq_n_s32, vget_low_s8,
    vget_low_s16, vld1_s16, vld1q_s8, vmlal_high_s16, vmlal_s16, vmovl_high_s8, vmovl_s8,
    vmull_high_s8, vmull_s8, vpadalq_s16, vreinterpretq_s8_s32, vshlq_n_s32, vst1q_s32,
};
use core::arch::asm;
use std::arch::is_aarch64_feature_detected;

use super::{CHANNELS, Kernel, Line, Rows, TOGETHER, portable};
use crate::network::{Network, Room};

/// The kernels that this processor can run besides the portable one, best last.
pub(super) fn available() -> Vec<Kernel> {
    let mut all = Vec::new();
    if is_aarch64_feature_detected!("neon") {
        all.push(Kernel::Neon);
        if is_aarch64_feature_detected!("dotprod") {
            all.push(Kernel::NeonDot);
        }
    }
    all
}

pub(super) fn run(kernel: Kernel, network: &Network, room: &mut Room, pieces: &[u32]) -> Vec<f32> {
    if !available().contains(&kernel) {
        return Kernel::Portable.run(network, room, pieces);
    }
    match kernel {
        // SAFETY: `available` has found every feature that the two functions are compiled for.
        Kernel::Neon => unsafe { run_neon(network, room, pieces) },
        // SAFETY: as above.
        Kernel::NeonDot => unsafe { run_dot(network, room, pieces) },
        Kernel::Portable => Kernel::Portable.run(network, room, pieces),
    }
}

pub(super) fn scan(kernel: Kernel, query: &[i8], rows: &[i8], products: &mut [i32]) {
    if !available().contains(&kernel) {
        return portable::scan(query, rows, products);
    }
    match kernel {
        // SAFETY: `available` has found every feature that the two functions are compiled for.
        Kernel::Neon => unsafe { scan_neon(query, rows, products) },
        // SAFETY: as above.
        Kernel::NeonDot => unsafe { scan_dot(query, rows, products) },
        Kernel::Portable => portable::scan(query, rows, products),
    }
}

#[target_feature(enable = "neon")]
fn run_neon(network: &Network, room: &mut Room, pieces: &[u32]) -> Vec<f32> {
    network.run(room, pieces, false, |rows, weights, sums| block_neon(rows, weights, sums))
}

#[target_feature(enable = "neon,dotprod")]
fn run_dot(network: &Network, room: &mut Room, pieces: &[u32]) -> Vec<f32> {
    network.run(room, pieces, true, |rows, weights, sums| block_dot(rows, weights, sums))
}

#[inline]
#[target_feature(enable = "neon")]
fn block_neon(rows: &Rows, weights: &[Line], sums: &mut [[i32; CHANNELS]]) {
    assert_eq!(weights.len() * TOGETHER, rows.inputs);
    assert_eq!(sums.len() * rows.inputs, rows.values.len());
    for half in [0, CHANNELS / 2] {
        let rows = rows.values.chunks(rows.inputs * 2);
        for (values, sums) in rows.zip(sums.chunks_mut(2)) {
            match sums.len() {
                1 => tile_neon::<1>(values, weights, half, sums),
                _ => tile_neon::<2>(values, weights, half, sums),
            }
        }
    }
}

/// Eight channels of `R` rows; four partial sums for each.
#[inline]
#[target_feature(enable = "neon")]
fn tile_neon<const R: usize>(
    values: &[i16],
    weights: &[Line],
    half: usize,
    sums: &mut [[i32; CHANNELS]],
) {
    let inputs = weights.len() * TOGETHER;
    assert!(values.len() == R * inputs && sums.len() == R && half <= CHANNELS / 2);
    let mut totals = [[vdupq_n_s32(0); 8]; R];
    for (at, line) in weights.iter().enumerate() {
        let bytes = &line.0[half * TOGETHER..half * TOGETHER + 32];
        // SAFETY: `bytes` holds 32 bytes, two loads of 16.
        let pair = unsafe { [vld1q_s8(bytes.as_ptr()), vld1q_s8(bytes.as_ptr().add(16))] };
        for (row, totals) in totals.iter_mut().enumerate() {
            let from = row * inputs + at * TOGETHER;
            // SAFETY: row < R and at < inputs / 4, and `values` holds R × inputs.
            let four = unsafe { vld1_s16(values.as_ptr().add(from)) };
            let twice = vcombine_s16(four, four);
            for (totals, weights) in totals.chunks_exact_mut(4).zip(pair) {
                let (lower, upper) = (vmovl_s8(vget_low_s8(weights)), vmovl_high_s8(weights));
                totals[0] = vmlal_s16(totals[0], vget_low_s16(lower), four);
                totals[1] = vmlal_high_s16(totals[1], lower, twice);
                totals[2] = vmlal_s16(totals[2], vget_low_s16(upper), four);
                totals[3] = vmlal_high_s16(totals[3], upper, twice);
            }
        }
    }
    for (totals, sums) in totals.into_iter().zip(sums) {
        for (total, sum) in totals.into_iter().zip(&mut sums[half..]) {
            *sum = vaddvq_s32(total);
        }
    }
}

#[inline]
#[target_feature(enable = "neon,dotprod")]
fn block_dot(rows: &Rows, weights: &[Line], sums: &mut [[i32; CHANNELS]]) {
    assert_eq!(weights.len() * TOGETHER, rows.inputs);
    assert_eq!(sums.len() * rows.inputs * 2, rows.planes.len());
    for (planes, sums) in rows.planes.chunks(rows.inputs * 4).zip(sums.chunks_mut(2)) {
        match sums.len() {
            1 => tile_dot::<1>(planes, weights, sums),
            _ => tile_dot::<2>(planes, weights, sums),
        }
    }
}

/// Sixteen channels of `R` rows; high and low planes are added up apart.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn tile_dot<const R: usize>(planes: &[i8], weights: &[Line], sums: &mut [[i32; CHANNELS]]) {
    let inputs = weights.len() * TOGETHER;
    assert!(planes.len() == R * inputs * 2 && sums.len() == R);
    let mut totals = [[[vdupq_n_s32(0); 4]; 2]; R];
    for (at, line) in weights.iter().enumerate() {
        // SAFETY: a line holds 64 bytes, four loads of 16.
        let weights: [int8x16_t; 4] =
            std::array::from_fn(|part| unsafe { vld1q_s8(line.0.as_ptr().add(part * 16)) });
        for (row, totals) in totals.iter_mut().enumerate() {
            for (plane, totals) in totals.iter_mut().enumerate() {
                let from = (row * inputs + at * TOGETHER) * 2 + plane * TOGETHER;
                // SAFETY: row < R, at < inputs / 4, plane < 2, and `planes` holds R × inputs × 2.
                let four = unsafe { planes.as_ptr().add(from).cast::<i32>().read_unaligned() };
                let four = vreinterpretq_s8_s32(vdupq_n_s32(four));
                for (total, weights) in totals.iter_mut().zip(weights) {
                    *total = dot(*total, weights, four);
                }
            }
        }
    }
    for ([high, low], sums) in totals.into_iter().zip(sums) {
        for (part, (high, low)) in high.into_iter().zip(low).enumerate() {
            let sum = vaddq_s32(vshlq_n_s32::<7>(high), low);
            let place = &mut sums[part * 4..part * 4 + 4];
            // SAFETY: `place` holds four numbers.
            unsafe { vst1q_s32(place.as_mut_ptr(), sum) };
        }
    }
}

/// Adds to each of four sums four products of bytes. The standard library has no stable name for it.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn dot(mut total: int32x4_t, weights: int8x16_t, values: int8x16_t) -> int32x4_t {
    // SAFETY: reads and writes the named registers only, on a processor that has the instruction.
    unsafe {
        asm!(
            "sdot {total:v}.4s, {weights:v}.16b, {values:v}.16b",
            total = inout(vreg) total,
            weights = in(vreg) weights,
            values = in(vreg) values,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    total
}

/// The two scans, which differ in how sixteen products are added.
macro_rules! scan {
    ($features:literal, $scan:ident, $add:expr) => {
        #[target_feature(enable = $features)]
        fn $scan(query: &[i8], rows: &[i8], products: &mut [i32]) {
            let whole = query.len() / 16 * 16;
            let mut rest = rows;
            for product in products {
                let (row, others) = rest.split_at(query.len());
                rest = others;
                let mut total = vdupq_n_s32(0);
                for at in (0..whole).step_by(16) {
                    // SAFETY: query and row hold 16 bytes from `at`.
                    let (a, b) = unsafe {
                        (vld1q_s8(query.as_ptr().add(at)), vld1q_s8(row.as_ptr().add(at)))
                    };
                    total = $add(total, a, b);
                }
                *product = vaddvq_s32(total) + portable::dot(&query[whole..], &row[whole..]);
            }
        }
    };
}

scan!("neon", scan_neon, |total, a, b| {
    let total = vpadalq_s16(total, vmull_s8(vget_low_s8(a), vget_low_s8(b)));
    vpadalq_s16(total, vmull_high_s8(a, b))
});
scan!("neon,dotprod", scan_dot, |total, a, b| dot(total, a, b));
