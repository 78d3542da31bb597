//! What leases depend on: the tasks that a task needs, and who may still work.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TaskId;
use crate::identity::permit::Permit;
use crate::work::party::Party;

/// What can be read.
pub trait LeaseRead {
    /// The tasks that a task needs and that aren't closed, by their ids.
    fn open_needs(&mut self, permit: &Permit, id: TaskId) -> Result<Vec<TaskId>>;
}

/// What can be changed.
pub trait LeaseWrite {
    /// Ends the leases that somebody holds; gives how many. Their fences stay, so that the next lease
    /// still has a greater one.
    fn end_leases(&mut self, permit: &Permit, holder: &Party, at: Timestamp) -> Result<u64>;
}
