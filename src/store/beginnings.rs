//! What begins with some letters, for callers who are still typing.

use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;

/// What can be read of what begins so. As everywhere, a method sees what its permit may see.
pub trait BeginningRead {
    /// Active memories whose id begins so, the newest id first; at most `limit`.
    fn memories_beginning(
        &mut self,
        permit: &Permit,
        beginning: &str,
        limit: usize,
    ) -> Result<Vec<MemoryId>>;

    /// Tags of active memories that begin so, those that most of them have first, ties by the tag; at
    /// most `limit`.
    fn tags_beginning(
        &mut self,
        permit: &Permit,
        beginning: &str,
        limit: usize,
    ) -> Result<Vec<String>>;
}
