//! What is searched for, and what is found.

use schemars::JsonSchema;
use serde::Deserialize;

use super::fields::{MemoryType, Status, Visibility};
use super::memory::Memory;
use crate::core::clock::Timestamp;

/// In which statuses memories are looked for. Forgotten ones are found by nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Statuses {
    #[default]
    Active,
    Proposed,
    Expired,
    Superseded,
    All,
}

impl Statuses {
    /// The statuses that are meant.
    #[must_use]
    pub const fn among(self) -> &'static [Status] {
        match self {
            Statuses::Active => &[Status::Active],
            Statuses::Proposed => &[Status::Proposed],
            Statuses::Expired => &[Status::Expired],
            Statuses::Superseded => &[Status::Superseded],
            Statuses::All => {
                &[Status::Active, Status::Proposed, Status::Expired, Status::Superseded]
            }
        }
    }
}

/// Which memories may be found at all. Applied in the store, before anything is cut off.
///
/// Team and visibility are not here: they come from the permit and can't be left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Active ones unless said otherwise.
    pub status: Statuses,
    /// Any of these types; empty is every type.
    pub types: Vec<MemoryType>,
    /// All of these tags.
    pub tags: Vec<String>,
    /// Written by any of these agents (slugs); empty is every author.
    pub agents: Vec<String>,
    /// Said by any of these; empty is everyone.
    pub speakers: Vec<String>,
    pub thread: Option<String>,
    pub created_after: Option<Timestamp>,
    pub created_before: Option<Timestamp>,
    pub occurred_after: Option<Timestamp>,
    pub occurred_before: Option<Timestamp>,
    /// Changed later than this moment, and not at it.
    pub changed_after: Option<Timestamp>,
    pub visibility: Option<Visibility>,
}

/// A memory that full text found, best first.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub memory: Memory,
    /// The engine's own score, higher is better. Comparable within one answer only.
    pub words: f64,
}

/// The weights of the fields in full text, in the order of the index: title, labels, content.
///
/// A title is a summary that someone chose, and a tag or a speaker's name is rare and telling, so
/// a word there weighs more than one in the text.
pub const FIELD_WEIGHTS: [f64; 3] = [2.0, 1.5, 1.0];
