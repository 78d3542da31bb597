//! Tasks. Everybody of the team sees them all.

use crate::core::error::Result;
use crate::core::id::TaskId;
use crate::identity::permit::Permit;
use crate::work::task::Task;

/// What can be read of tasks.
pub trait TaskRead {
    /// A task by its id.
    fn task(&mut self, permit: &Permit, id: TaskId) -> Result<Option<Task>>;
}

/// What can be changed of tasks.
pub trait TaskWrite {
    /// Adds a task. What it stands below is in the team; whoever adds it has read it in the same unit.
    fn add_task(&mut self, permit: &Permit, task: &Task) -> Result<()>;

    /// Puts a task in the place of its version before, lease and fence included. `false`, and nothing
    /// is changed, where that isn't the newest any more.
    fn update_task(&mut self, permit: &Permit, task: &Task) -> Result<bool>;
}
