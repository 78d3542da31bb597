//! What an export gives of strategy, tasks and comments.
//!
//! Nodes come by kind, from the top down, and tasks by how many stand above them: whatever something
//! stands below has come before it. What tasks need follows them all. What was said comes last, after
//! the conflicts that it may be about.

use super::export::Part;
use crate::core::error::Result;
use crate::core::id::TaskId;
use crate::core::named::Named;
use crate::identity::permit::Permit;
use crate::store::ReadTx;
use crate::work::copy::{CommentCopy, NeedsCopy, NodeCopy, TaskCopy, WorkRecord};
use crate::work::node::NodeKind;
use crate::work::task::Task;

/// Where an export stands in this: after something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Nodes(NodeKind, String),
    /// How many tasks stand above it, and its id.
    Tasks(i64, String),
    Needs(String),
    Comments(String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Nodes(kind, after) => write!(f, "nodes:{}:{after}", kind.as_str()),
            Place::Tasks(depth, after) => write!(f, "tasks:{depth}:{after}"),
            Place::Needs(after) => write!(f, "needs:{after}"),
            Place::Comments(after) => write!(f, "comments:{after}"),
        }
    }
}

impl Place {
    /// Reads a place from its words; `None` if it is none of these.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once(':')?;
        match name {
            "nodes" => {
                let (kind, after) = rest.split_once(':')?;
                Some(Place::Nodes(NodeKind::parse(kind)?, after.to_owned()))
            }
            "tasks" => {
                let (depth, after) = rest.split_once(':')?;
                Some(Place::Tasks(depth.parse().ok()?, after.to_owned()))
            }
            "needs" => Some(Place::Needs(rest.to_owned())),
            "comments" => Some(Place::Comments(rest.to_owned())),
            _ => None,
        }
    }

    /// Where all of it begins.
    pub(super) fn first() -> Self {
        Place::Nodes(NodeKind::Vision, String::new())
    }

    /// Where the comments begin.
    pub(super) fn said() -> Self {
        Place::Comments(String::new())
    }

    /// The part that it is in.
    pub(super) fn part(&self) -> Part {
        match self {
            Place::Nodes(..) => Part::Nodes,
            Place::Tasks(..) | Place::Needs(_) => Part::Tasks,
            Place::Comments(_) => Part::Comments,
        }
    }

    /// The beginning of what follows, before the conflicts and after them.
    pub(super) fn following(&self) -> Option<Self> {
        match self {
            Place::Nodes(kind, _) => {
                let below = NodeKind::NAMES.iter().map(|(below, _)| *below);
                let next = below.filter(|below| below.may_stand_below(*kind)).min();
                Some(next.map_or(Place::Tasks(-1, String::new()), |next| {
                    Place::Nodes(next, String::new())
                }))
            }
            Place::Tasks(..) => Some(Place::Needs(String::new())),
            Place::Needs(_) | Place::Comments(_) => None,
        }
    }

    /// Some records after this place, and the place after them: `None` at the end of its kind.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub(super) fn read(
        &self,
        tx: &mut dyn ReadTx,
        permit: &Permit,
        with_forgotten: bool,
        room: usize,
    ) -> Result<(Vec<WorkRecord>, Option<Self>)> {
        let all = permit.oversight()?;
        Ok(match self {
            Place::Nodes(kind, after) => {
                let found = tx.nodes_to_copy(all, *kind, after.parse().ok(), room)?;
                let last = found.last().map(|node| Place::Nodes(*kind, node.id.to_string()));
                let record = |node| WorkRecord::Node(Box::new(NodeCopy::from(node)));
                (found.into_iter().map(record).collect(), last)
            }
            Place::Tasks(depth, after) => {
                let after = after.parse().ok().map(|id| (*depth, id));
                let found = tx.tasks_to_copy(all, after, room)?;
                let last = found.last().map(|at| Place::Tasks(at.depth, at.task.id.to_string()));
                let tasks = found.into_iter().map(|at| TaskCopy::from(at.task));
                (tasks.map(|task| WorkRecord::Task(Box::new(task))).collect(), last)
            }
            Place::Needs(after) => {
                let ids = tx.tasks_in_need(all, after.parse().ok(), room)?;
                let last = ids.last().map(|id| Place::Needs(id.to_string()));
                (needs(tx, permit, &ids)?, last)
            }
            Place::Comments(after) => {
                let after = after.parse().ok();
                let found = tx.comments_to_copy(all, after, with_forgotten, room)?;
                let last = found.last().map(|comment| Place::Comments(comment.id.to_string()));
                let record = |comment| WorkRecord::Comment(Box::new(CommentCopy::from(comment)));
                (found.into_iter().map(record).collect(), last)
            }
        })
    }
}

/// What these tasks need.
fn needs(tx: &mut dyn ReadTx, permit: &Permit, ids: &[TaskId]) -> Result<Vec<WorkRecord>> {
    let (tasks, all) = (tx.tasks_of(permit, ids)?, tx.needs_of(permit, ids)?);
    let record = |task: Task| {
        let own = all.iter().filter(|need| need.task == task.id);
        WorkRecord::Needs(NeedsCopy {
            task_id: task.id,
            version: task.version,
            needs: own.map(|need| need.needs).collect(),
        })
    };
    Ok(tasks.into_iter().map(record).collect())
}
