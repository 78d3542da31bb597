//! Tasks, and what they wait for. Everybody of the team sees them all.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{NodeId, TaskId};
use crate::identity::permit::Permit;
use crate::work::party::Party;
use crate::work::task::{Parent, Priority, Task, TaskStatus};

/// Which tasks are asked for; what is left out lets every one through.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// Any of these.
    pub statuses: Vec<TaskStatus>,
    pub assignee: Option<Party>,
    /// Assigned to nobody.
    pub is_unassigned: bool,
    /// With everything below it; what it names itself is none of them.
    pub below: Option<Parent>,
    /// Below no node and no task.
    pub is_loose: bool,
    /// That could be begun at this moment: nobody works on it, and nothing that it needs is open.
    pub ready_at: Option<Timestamp>,
    pub due_before: Option<Timestamp>,
}

/// Where a list of tasks was left off: by priority, then due, then age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskPlace {
    pub priority: Priority,
    pub due_at: Option<Timestamp>,
    pub id: TaskId,
}

impl TaskPlace {
    /// The place of a task.
    #[must_use]
    pub fn of(task: &Task) -> Self {
        Self { priority: task.priority, due_at: task.due_at, id: task.id }
    }

    /// When it is due, as lists sort it: what has no date comes last.
    #[must_use]
    pub fn due_millis(&self) -> i64 {
        self.due_at.map_or(i64::MAX, Timestamp::as_millis)
    }
}

/// One task waits for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    pub task: TaskId,
    pub needs: TaskId,
}

/// How many tasks of a status hang below a node, whatever lies between; below none where it is `None`.
pub type TaskCount = (Option<NodeId>, TaskStatus, u64);

/// What can be read of tasks.
pub trait TaskRead {
    /// A task by its id.
    fn task(&mut self, permit: &Permit, id: TaskId) -> Result<Option<Task>>;

    /// Tasks by their ids, in the order of the ids; those that aren't there are left out.
    fn tasks_of(&mut self, permit: &Permit, ids: &[TaskId]) -> Result<Vec<Task>>;

    /// Tasks after a place, the most urgent first, then by due date, then the oldest. At most `limit`.
    fn tasks(
        &mut self,
        permit: &Permit,
        filter: &TaskFilter,
        after: Option<TaskPlace>,
        limit: usize,
    ) -> Result<Vec<Task>>;

    /// The tasks right below a node or a task, in their order. At most `limit`.
    fn tasks_below(&mut self, permit: &Permit, parent: Parent, limit: usize) -> Result<Vec<Task>>;

    /// How many tasks stand right below a node or a task, or below nothing.
    fn count_tasks_below(&mut self, permit: &Permit, parent: Option<Parent>) -> Result<i64>;

    /// How many tasks of each status hang below each node alone: not counted again for those above it.
    fn task_counts(&mut self, permit: &Permit) -> Result<Vec<TaskCount>>;

    /// What these tasks wait for, and who waits for them, by ids.
    fn needs_of(&mut self, permit: &Permit, ids: &[TaskId]) -> Result<Vec<Need>>;

    /// What has to be closed before these tasks can be: those that they need, and those right below
    /// them. Each once, by id.
    fn tasks_before(&mut self, permit: &Permit, ids: &[TaskId]) -> Result<Vec<TaskId>>;
}

/// What can be changed of tasks.
pub trait TaskWrite {
    /// Adds a task. What it stands below is in the team; whoever adds it has read it in the same unit.
    fn add_task(&mut self, permit: &Permit, task: &Task) -> Result<()>;

    /// Puts a task in the place of its version before, lease and fence included. `false`, and nothing
    /// is changed, where that isn't the newest any more.
    fn update_task(&mut self, permit: &Permit, task: &Task) -> Result<bool>;

    /// Makes these what a task waits for, and nothing else. They are in the team, and no way leads
    /// from them back to it; whoever calls has looked in the same unit.
    fn set_needs(&mut self, permit: &Permit, id: TaskId, needs: &[TaskId]) -> Result<()>;
}
