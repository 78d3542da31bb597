//! The forms in which memories leave and come in: from text to records and back. No I/O.
//!
//! The one idea: every form becomes the same records, those of `memory/copy.rs`, so that one
//! operation takes them all. Open [`lines`] for our own lossless form; beside it stands a file for
//! each form of another program.

pub mod basic;
pub mod draft;
pub mod front;
pub mod graph;
pub mod lines;
pub mod markdown;
pub mod mem0;
pub mod memory_md;
pub mod notes;
pub mod service;
