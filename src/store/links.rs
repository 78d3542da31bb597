//! Links: typed edges from a memory to a memory, a node of the strategy or a task.
//!
//! A link is seen where both its ends are seen and neither is forgotten; so it shows nobody that a
//! memory is there which they can't see. Nodes and tasks everybody of the team sees.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::link::{Link, Linked, Target};

/// What can be read of links.
pub trait LinkRead {
    /// The links from these memories and to them: by the memory they lead from, then type, then the
    /// memory they lead to. At most `limit`.
    fn links_of(&mut self, permit: &Permit, ids: &[MemoryId], limit: usize) -> Result<Vec<Linked>>;

    /// The links to these nodes and tasks: by what they lead to, then type, then the memory they lead
    /// from. At most `limit`.
    fn links_to(&mut self, permit: &Permit, work: &[Target], limit: usize) -> Result<Vec<Linked>>;
}

/// What can be changed of links.
pub trait LinkWrite {
    /// Adds a link between what the permit sees. `false` when it is there already, or when one end
    /// can't be seen, or is forgotten.
    fn add_link(&mut self, permit: &Permit, link: &Link, at: Timestamp) -> Result<bool>;

    /// Takes a link away. `false` when it isn't there, or can't be seen.
    fn remove_link(&mut self, permit: &Permit, link: &Link) -> Result<bool>;
}
