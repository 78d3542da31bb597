//! What was answered to requests that may come again: under a key that the caller chose, each
//! caller's own.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::permit::Permit;

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// SHA-256 of the request's arguments.
    pub hash: [u8; 32],
    /// The answer, in JSON.
    pub answer: String,
}

/// What can be read of answers.
pub trait RetryRead {
    /// What the permit's actor was answered under a key.
    fn answered(&mut self, permit: &Permit, key: &str) -> Result<Option<Answered>>;
}

/// What can be changed of answers.
pub trait RetryWrite {
    /// Notes an answer under a key that has none, and lets go of the team's answers from before
    /// `since`.
    fn note_answer(
        &mut self,
        permit: &Permit,
        key: &str,
        answered: &Answered,
        at: Timestamp,
        since: Timestamp,
    ) -> Result<()>;
}
