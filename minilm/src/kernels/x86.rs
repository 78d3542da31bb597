//! Kernels for x86-64.
//!
//! Weights are widened to 16 bits once for several rows, and multiplied in pairs: `vpmaddwd` and an
//! addition, or `vpdpwssd`, which is both. Four inputs of a channel lie side by side, so that four
//! activations, repeated, meet them.
#![expect(unsafe_code, reason = "instructions that only some processors have, and loads for them")]

use core::arch::x86_64::{
    __m128i, __m256i, __m512i, _MM_HINT_T0, _mm_loadu_si128, _mm_prefetch, _mm256_add_epi32,
    _mm256_cvtepi8_epi16, _mm256_hadd_epi32, _mm256_loadu_si256, _mm256_madd_epi16,
    _mm256_permute4x64_epi64, _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_storeu_si256,
    _mm512_add_epi32, _mm512_cvtepi8_epi16, _mm512_cvtepi64_epi32, _mm512_reduce_add_epi32,
    _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srli_epi64,
};

use core::arch::asm;

use super::{CHANNELS, Kernel, Line, Rows, TOGETHER, portable};
use crate::network::{Network, Room};

/// The kernels that this processor can run besides the portable one, best last.
pub(super) fn available() -> Vec<Kernel> {
    let mut all = Vec::new();
    if is_x86_feature_detected!("avx2") {
        all.push(Kernel::Avx2);
        if is_x86_feature_detected!("avxvnni") {
            all.push(Kernel::AvxVnni);
        }
        let has_wide = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vnni");
        if has_wide {
            all.push(Kernel::Avx512Vnni);
        }
    }
    all
}

pub(super) fn run(kernel: Kernel, network: &Network, room: &mut Room, pieces: &[u32]) -> Vec<f32> {
    if !available().contains(&kernel) {
        return Kernel::Portable.run(network, room, pieces);
    }
    match kernel {
        // SAFETY: `available` has found every feature that the three functions are compiled for.
        Kernel::Avx2 => unsafe { run_avx2(network, room, pieces) },
        // SAFETY: as above.
        Kernel::AvxVnni => unsafe { run_avx_vnni(network, room, pieces) },
        // SAFETY: as above.
        Kernel::Avx512Vnni => unsafe { run_avx512(network, room, pieces) },
        Kernel::Portable => Kernel::Portable.run(network, room, pieces),
    }
}

pub(super) fn scan(kernel: Kernel, query: &[i8], rows: &[i8], products: &mut [i32]) {
    if !available().contains(&kernel) {
        return portable::scan(query, rows, products);
    }
    match kernel {
        // SAFETY: `available` has found every feature that the three functions are compiled for.
        Kernel::Avx2 => unsafe { scan_avx2(query, rows, products) },
        // SAFETY: as above.
        Kernel::AvxVnni => unsafe { scan_avx_vnni(query, rows, products) },
        // SAFETY: as above.
        Kernel::Avx512Vnni => unsafe { scan_avx512(query, rows, products) },
        Kernel::Portable => portable::scan(query, rows, products),
    }
}

#[target_feature(enable = "avx2")]
fn run_avx2(network: &Network, room: &mut Room, pieces: &[u32]) -> Vec<f32> {
    network.run(room, pieces, false, |rows, weights, sums| block_avx2(rows, weights, sums))
}

#[target_feature(enable = "avx2,avxvnni")]
fn run_avx_vnni(network: &Network, room: &mut Room, pieces: &[u32]) -> Vec<f32> {
    network.run(room, pieces, false, |rows, weights, sums| block_avx_vnni(rows, weights, sums))
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2")]
fn run_avx512(network: &Network, room: &mut Room, pieces: &[u32]) -> Vec<f32> {
    network.run(room, pieces, false, |rows, weights, sums| {
        block_avx512(rows, weights, sums);
    })
}

/// Lines by which weights are asked for before they are wanted: all of them together are more than
/// the caches near a core hold.
const AHEAD: usize = 24;

/// Has the processor fetch the line that comes so many after this one.
#[inline(always)]
fn fetch(line: &Line) {
    let ahead = std::ptr::from_ref(line).wrapping_add(AHEAD);
    // SAFETY: a hint, which reads nothing: any address will do.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(ahead.cast()) };
}

/// Hands tiles of nearly equal height, at most `most`, to `tile`: first row and height.
#[inline(always)]
fn tiles(rows: usize, most: usize, mut tile: impl FnMut(usize, usize)) {
    let count = rows.div_ceil(most);
    for at in 0..count {
        let (first, end) = (rows * at / count, rows * (at + 1) / count);
        tile(first, end - first);
    }
}

/// Four activations of a row, repeated over 256 bits.
///
/// # Safety
/// `at + 4` must not be beyond the end of `values`.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn repeated(values: &[i16], at: usize) -> __m256i {
    // SAFETY: the caller gives a place with four values of two bytes after it.
    _mm256_set1_epi64x(unsafe { values.as_ptr().add(at).cast::<i64>().read_unaligned() })
}

/// The two kernels of 256 bits, which differ in how a product is added.
macro_rules! narrow_kernel {
    ($features:literal, $block:ident, $tile:ident, $add:expr) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn $block(rows: &Rows, weights: &[Line], sums: &mut [[i32; CHANNELS]]) {
            assert_eq!(weights.len() * TOGETHER, rows.inputs);
            assert_eq!(sums.len() * rows.inputs, rows.values.len());
            for half in [0, CHANNELS / 2] {
                tiles(sums.len(), 4, |first, height| {
                    let values = &rows.values[first * rows.inputs..(first + height) * rows.inputs];
                    let sums = &mut sums[first..first + height];
                    match height {
                        1 => $tile::<1>(values, weights, half, sums),
                        2 => $tile::<2>(values, weights, half, sums),
                        3 => $tile::<3>(values, weights, half, sums),
                        _ => $tile::<4>(values, weights, half, sums),
                    }
                });
            }
        }

        /// Eight channels of `R` rows.
        #[inline]
        #[target_feature(enable = $features)]
        fn $tile<const R: usize>(
            values: &[i16],
            weights: &[Line],
            half: usize,
            sums: &mut [[i32; CHANNELS]],
        ) {
            let inputs = weights.len() * TOGETHER;
            assert!(values.len() == R * inputs && sums.len() == R && half <= CHANNELS / 2);
            let mut totals = [[_mm256_setzero_si256(); 2]; R];
            for (at, line) in weights.iter().enumerate() {
                let bytes = &line.0[half * TOGETHER..half * TOGETHER + 32];
                let lower = bytes.as_ptr().cast::<__m128i>();
                // SAFETY: `bytes` holds 32 bytes, two loads of 16; they need no alignment.
                let (lower, upper) =
                    unsafe { (_mm_loadu_si128(lower), _mm_loadu_si128(lower.add(1))) };
                let (lower, upper) = (_mm256_cvtepi8_epi16(lower), _mm256_cvtepi8_epi16(upper));
                for (row, totals) in totals.iter_mut().enumerate() {
                    // SAFETY: row < R and at < inputs / 4, and `values` holds R × inputs.
                    let four = unsafe { repeated(values, row * inputs + at * TOGETHER) };
                    totals[0] = $add(totals[0], lower, four);
                    totals[1] = $add(totals[1], upper, four);
                }
            }
            for (totals, sums) in totals.into_iter().zip(sums) {
                let paired = _mm256_hadd_epi32(totals[0], totals[1]);
                let ordered = _mm256_permute4x64_epi64::<0b11_01_10_00>(paired);
                let place = &mut sums[half..half + 8];
                // SAFETY: `place` holds 8 numbers of 4 bytes; the store needs no alignment.
                unsafe { _mm256_storeu_si256(place.as_mut_ptr().cast::<__m256i>(), ordered) };
            }
        }
    };
}

narrow_kernel!("avx2", block_avx2, tile_avx2, |total, a, b| _mm256_add_epi32(
    total,
    _mm256_madd_epi16(a, b)
));
narrow_kernel!("avx2,avxvnni", block_avx_vnni, tile_avx_vnni, dot_narrow);

/// Adds products in pairs to eight sums. Not by its intrinsic: the compiler makes two instructions of
/// that, which are sooner done one at a time and take twice as long among many.
#[inline]
#[target_feature(enable = "avx2,avxvnni")]
fn dot_narrow(mut total: __m256i, a: __m256i, b: __m256i) -> __m256i {
    // SAFETY: reads and writes the named registers only, on a processor that has the instruction.
    unsafe {
        asm!(
            "{{vex}} vpdpwssd {total}, {a}, {b}",
            total = inout(ymm_reg) total,
            a = in(ymm_reg) a,
            b = in(ymm_reg) b,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    total
}

/// The same for sixteen sums.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2")]
fn dot_wide(mut total: __m512i, a: __m512i, b: __m512i) -> __m512i {
    // SAFETY: as above.
    unsafe {
        asm!(
            "vpdpwssd {total}, {a}, {b}",
            total = inout(zmm_reg) total,
            a = in(zmm_reg) a,
            b = in(zmm_reg) b,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    total
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2")]
fn block_avx512(rows: &Rows, weights: &[Line], sums: &mut [[i32; CHANNELS]]) {
    assert_eq!(weights.len() * TOGETHER, rows.inputs);
    assert_eq!(sums.len() * rows.inputs, rows.values.len());
    tiles(sums.len(), 13, |first, height| {
        let values = &rows.values[first * rows.inputs..(first + height) * rows.inputs];
        let sums = &mut sums[first..first + height];
        match height {
            1 => tile_avx512::<1>(values, weights, sums),
            2 => tile_avx512::<2>(values, weights, sums),
            3 => tile_avx512::<3>(values, weights, sums),
            4 => tile_avx512::<4>(values, weights, sums),
            5 => tile_avx512::<5>(values, weights, sums),
            6 => tile_avx512::<6>(values, weights, sums),
            7 => tile_avx512::<7>(values, weights, sums),
            8 => tile_avx512::<8>(values, weights, sums),
            9 => tile_avx512::<9>(values, weights, sums),
            10 => tile_avx512::<10>(values, weights, sums),
            11 => tile_avx512::<11>(values, weights, sums),
            12 => tile_avx512::<12>(values, weights, sums),
            _ => tile_avx512::<13>(values, weights, sums),
        }
    });
}

/// Sixteen channels of `R` rows.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2")]
fn tile_avx512<const R: usize>(values: &[i16], weights: &[Line], sums: &mut [[i32; CHANNELS]]) {
    let inputs = weights.len() * TOGETHER;
    assert!(values.len() == R * inputs && sums.len() == R);
    let mut totals = [[_mm512_setzero_si512(); 2]; R];
    for (at, line) in weights.iter().enumerate() {
        let lower = line.0.as_ptr().cast::<__m256i>();
        fetch(line);
        // SAFETY: a line holds 64 bytes, two loads of 32; they need no alignment.
        let (lower, upper) =
            unsafe { (_mm256_loadu_si256(lower), _mm256_loadu_si256(lower.add(1))) };
        let (lower, upper) = (_mm512_cvtepi8_epi16(lower), _mm512_cvtepi8_epi16(upper));
        for (row, totals) in totals.iter_mut().enumerate() {
            let from = row * inputs + at * TOGETHER;
            // SAFETY: row < R and at < inputs / 4, and `values` holds R × inputs of two bytes.
            let four = unsafe { values.as_ptr().add(from).cast::<i64>().read_unaligned() };
            let four = _mm512_set1_epi64(four);
            totals[0] = dot_wide(totals[0], lower, four);
            totals[1] = dot_wide(totals[1], upper, four);
        }
    }
    for (totals, sums) in totals.into_iter().zip(sums) {
        let (lower, upper) = sums.split_at_mut(CHANNELS / 2);
        store_pairs(totals[0], lower);
        store_pairs(totals[1], upper);
    }
}

/// Adds neighbours and stores the eight sums.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2")]
fn store_pairs(total: __m512i, place: &mut [i32]) {
    let paired = _mm512_add_epi32(total, _mm512_srli_epi64::<32>(total));
    assert_eq!(place.len(), 8);
    // SAFETY: `place` holds 8 numbers of 4 bytes; the store needs no alignment.
    unsafe {
        let place = place.as_mut_ptr().cast::<__m256i>();
        _mm256_storeu_si256(place, _mm512_cvtepi64_epi32(paired));
    }
}

/// The two scans of 256 bits, which differ in how a product is added.
macro_rules! narrow_scan {
    ($features:literal, $scan:ident, $add:expr) => {
        #[target_feature(enable = $features)]
        fn $scan(query: &[i8], rows: &[i8], products: &mut [i32]) {
            let whole = query.len() / 16 * 16;
            let mut rest = rows;
            for product in products {
                let (row, others) = rest.split_at(query.len());
                rest = others;
                let mut total = _mm256_setzero_si256();
                for at in (0..whole).step_by(16) {
                    // SAFETY: query and row hold 16 bytes from `at`; the loads need no alignment.
                    let (a, b) = unsafe {
                        let (a, b) = (query.as_ptr().add(at), row.as_ptr().add(at));
                        (_mm_loadu_si128(a.cast()), _mm_loadu_si128(b.cast()))
                    };
                    total = $add(total, _mm256_cvtepi8_epi16(a), _mm256_cvtepi8_epi16(b));
                }
                let mut sums = [0_i32; 8];
                // SAFETY: `sums` holds 8 numbers of 4 bytes; the store needs no alignment.
                unsafe { _mm256_storeu_si256(sums.as_mut_ptr().cast::<__m256i>(), total) };
                *product = sums.iter().sum::<i32>() + portable::dot(&query[whole..], &row[whole..]);
            }
        }
    };
}

narrow_scan!("avx2", scan_avx2, |total, a, b| _mm256_add_epi32(total, _mm256_madd_epi16(a, b)));
narrow_scan!("avx2,avxvnni", scan_avx_vnni, dot_narrow);

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2")]
fn scan_avx512(query: &[i8], rows: &[i8], products: &mut [i32]) {
    let whole = query.len() / 32 * 32;
    let mut rest = rows;
    for product in products {
        let (row, others) = rest.split_at(query.len());
        rest = others;
        let mut total = _mm512_setzero_si512();
        for at in (0..whole).step_by(32) {
            // SAFETY: query and row hold 32 bytes from `at`; the loads need no alignment.
            let (a, b) = unsafe {
                let (a, b) = (query.as_ptr().add(at), row.as_ptr().add(at));
                (_mm256_loadu_si256(a.cast()), _mm256_loadu_si256(b.cast()))
            };
            total = dot_wide(total, _mm512_cvtepi8_epi16(a), _mm512_cvtepi8_epi16(b));
        }
        *product = _mm512_reduce_add_epi32(total) + portable::dot(&query[whole..], &row[whole..]);
    }
}
