//! What is written down of an act: what was done, when, how it ended. [`super::chain`] seals it.

use serde_json::Value;

use crate::core::clock::Timestamp;
use crate::core::error::Code;
use crate::core::id::{EventId, RequestId};

/// What an operation did, for the trail: said by the operation, completed by the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// What kind of thing it was done to: `memory`, `key`, `agent`.
    pub object_kind: &'static str,
    /// Which one; of many, the first.
    pub object_id: String,
    /// Facts for a reader, free of credentials and of long text.
    pub summary: Value,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Refused before anything ran, with the error's code.
    Refused(Code),
}

impl Outcome {
    /// The name in the store and on the wire: `done`, or the code of the refusal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused(code) => code.as_str(),
        }
    }
}

/// One event before it takes its place in the chain.
#[derive(Debug, Clone)]
pub struct Event {
    pub id: EventId,
    pub at: Timestamp,
    pub request: RequestId,
    pub outcome: Outcome,
    pub act: Act,
}
