//! What everything else stands on: errors, ids, time, rates, pages, secrets, text. Imports nothing of ours.
//!
//! Open [`error`] first: its table is what the outside world sees of a failure.

pub mod bucket;
pub mod clock;
pub mod document;
pub mod error;
pub mod id;
pub mod named;
pub mod page;
pub mod secret;
pub mod text;
pub mod when;
