//! What a memory is, how one is written down, and how the right ones are found. No I/O.
//!
//! The one idea: a memory is never overwritten. Each change is a [`version`](memory::Version), and
//! what callers see is the newest. Open [`memory`] first, then [`draft`] for the rules of writing.

pub mod answer;
pub mod bm25;
pub mod conflict;
pub mod copy;
pub mod decided;
pub mod draft;
pub mod duplicate;
pub mod echo;
pub mod extract;
pub mod fields;
pub mod index;
pub mod kind;
pub mod link;
pub mod memory;
pub mod ranking;
pub mod retention;
pub mod rights;
pub mod same;
pub mod search;
pub mod summary;
pub mod undo;
