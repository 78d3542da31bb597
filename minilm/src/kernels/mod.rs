//! The one hot loop, products of whole numbers, for each kind of processor.
//!
//! A kernel multiplies rows of activations (16 bits, at most [`MOST`] either way) with sixteen
//! channels of weights (8 bits) and adds up in 32 bits, exactly: a pack whose sums could be larger is
//! refused when it is read. So all kernels give the same numbers. What is computed in floats is
//! written once, in `network.rs`, and compiled for each kernel: additions stay in the order in which
//! they stand there, and nothing is fused, so that a vector doesn't depend on the processor.

mod portable;

#[cfg(target_arch = "aarch64")]
mod arm;
#[cfg(target_arch = "x86_64")]
mod x86;

use crate::network::{Network, Room};

/// The largest activation, either way: 14 bits with the sign. Two planes of 7 bits hold it, and the
/// longest sum of products stays within 32 bits.
pub(crate) const MOST: i16 = 8191;

/// Channels that a kernel computes at once.
pub(crate) const CHANNELS: usize = 16;

/// Inputs of a channel that lie together.
pub(crate) const TOGETHER: usize = 4;

/// Four inputs of sixteen channels: the unit in which weights lie in memory.
#[derive(Clone)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [i8; CHANNELS * TOGETHER]);

/// Activations of some rows, as whole numbers.
#[derive(Default)]
pub(crate) struct Rows {
    /// Row after row.
    pub(crate) values: Vec<i16>,
    /// The same as 128 × high + low, where a kernel multiplies bytes: for every four inputs four high
    /// ones, then four low ones. Empty where none does.
    pub(crate) planes: Vec<i8>,
    /// What a row's numbers are to be multiplied with.
    pub(crate) scales: Vec<f32>,
    pub(crate) inputs: usize,
}

impl Rows {
    pub(crate) fn count(&self) -> usize {
        self.scales.len()
    }
}

/// A way to compute, for processors that have what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Plain Rust, for any processor.
    Portable,
    /// x86-64 with AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// x86-64 with AVX-VNNI.
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    /// x86-64 with AVX-512 and its VNNI.
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    /// Any 64-bit ARM.
    #[cfg(target_arch = "aarch64")]
    Neon,
    /// 64-bit ARM with the dot product of bytes.
    #[cfg(target_arch = "aarch64")]
    NeonDot,
}

impl Kernel {
    /// The kernels that this processor can run, best last.
    #[must_use]
    pub fn available() -> Vec<Kernel> {
        let mut all = vec![Kernel::Portable];
        #[cfg(target_arch = "x86_64")]
        all.extend(x86::available());
        #[cfg(target_arch = "aarch64")]
        all.extend(arm::available());
        all
    }

    /// The fastest of them.
    #[must_use]
    pub fn best() -> Kernel {
        Kernel::available().pop().unwrap_or(Kernel::Portable)
    }

    /// Runs a network on pieces with this kernel; with the portable one where it can't run here.
    pub(crate) fn run(self, network: &Network, room: &mut Room, pieces: &[u32]) -> Vec<f32> {
        match self {
            Kernel::Portable => portable::run(network, room, pieces),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 | Kernel::AvxVnni | Kernel::Avx512Vnni => {
                x86::run(self, network, room, pieces)
            }
            #[cfg(target_arch = "aarch64")]
            Kernel::Neon | Kernel::NeonDot => arm::run(self, network, room, pieces),
        }
    }

    /// As [`scan`], with this kernel; with the portable one where it can't run here.
    ///
    /// # Panics
    /// As [`scan`].
    pub fn scan(self, query: &[i8], rows: &[i8], products: &mut [i32]) {
        assert!(query.len() <= LONGEST, "the sum of the products must fit");
        assert_eq!(query.len() * products.len(), rows.len(), "whole rows");
        match self {
            Kernel::Portable => portable::scan(query, rows, products),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 | Kernel::AvxVnni | Kernel::Avx512Vnni => {
                x86::scan(self, query, rows, products);
            }
            #[cfg(target_arch = "aarch64")]
            Kernel::Neon | Kernel::NeonDot => arm::scan(self, query, rows, products),
        }
    }
}

/// The longest vector whose products with another surely add up within 32 bits.
const LONGEST: usize = 1 << 16;

/// Multiplies a vector with each of many of its length, which lie one after another: a product for
/// each row, exact, with the fastest kernel.
///
/// # Panics
/// If `rows` doesn't hold a row for each product, or the vector has more than 65,536 numbers.
pub fn scan(query: &[i8], rows: &[i8], products: &mut [i32]) {
    Kernel::best().scan(query, rows, products);
}
