//! Prose from evidence, by a language model outside of this program, if one is configured.

use crate::core::error::Result;
use crate::store::Pending;

/// Writes prose. What it writes is checked against the evidence before anybody sees it.
pub trait Composer: Send + Sync {
    /// Asks with instructions of ours, and apart from them the evidence as JSON.
    ///
    /// # Errors
    /// `UNAVAILABLE` when nothing usable came in time.
    fn compose<'a>(
        &'a self,
        instructions: &'a str,
        evidence: String,
    ) -> Pending<'a, Result<String>>;
}
