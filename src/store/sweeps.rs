//! Whose turn it is to apply a team's policies: of many servers, one at a time.
//!
//! The lease saves work and nothing hangs on it: two sweeps at once would do no harm, because each
//! unit looks at each memory anew.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TeamId;

/// A turn that one server takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    pub team: TeamId,
    /// The server, by a name that no other has.
    pub holder: String,
    /// When another may take it, though this one be never heard of again.
    pub until: Timestamp,
}

/// What a server may do of its own accord, before there is any permit.
pub trait SweepTx {
    /// The teams that have decided how long memories stay, and whose sweep is due and nobody's.
    fn due_sweeps(&mut self, at: Timestamp) -> Result<Vec<TeamId>>;

    /// Takes a team's turn. `false` when it isn't due any more, or is another's.
    fn take_sweep(&mut self, turn: &Turn, at: Timestamp) -> Result<bool>;

    /// Gives a turn back; the next is due then. Nothing changes where it is another's by now.
    fn end_sweep(&mut self, turn: &Turn, due_at: Timestamp) -> Result<()>;
}
