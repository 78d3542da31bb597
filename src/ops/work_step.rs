//! What the operations of work share: one step on one task, and what is said with it, in one unit.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::call::Call;
use super::view::known_id;
use super::work_target::task;
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::id::{CommentId, TaskId};
use crate::core::named::Named;
use crate::core::text;
use crate::identity::event::Act;
use crate::identity::permit::Permit;
use crate::store::WriteTx;
use crate::store::comments::Seen;
use crate::work::comment::{Comment, CommentKind, Subject};
use crate::work::lease::Step;
use crate::work::party::Party;
use crate::work::refusal::Refusal;
use crate::work::task::{Task, TaskStatus};

/// A step that somebody takes, and the id of what they say with it.
#[derive(Clone, Copy)]
pub(super) struct Taken {
    pub id: TaskId,
    pub at: Timestamp,
    fence: Option<i64>,
    comment: CommentId,
}

/// What somebody says with a step.
#[derive(Clone)]
pub(super) struct Said {
    pub kind: CommentKind,
    pub content: String,
    pub next_step: Option<String>,
}

impl Taken {
    /// A step on the task of an id, under the fence that the caller shows.
    ///
    /// # Errors
    /// `NOT_FOUND` for what can't be a task's id.
    pub(super) fn new(call: &Call<'_>, task_id: &str, fence: Option<i64>) -> Result<Self> {
        let id = known_id("task", task_id)?;
        Ok(Self { id, at: call.at, fence, comment: call.next_id() })
    }

    /// Takes it: the task as it was, and as it is now.
    ///
    /// # Errors
    /// `NOT_FOUND`; `CONFLICT` for the reasons of [`Refusal`]; `UNAVAILABLE`.
    pub(super) fn take(
        self,
        tx: &mut dyn WriteTx,
        permit: &Permit,
        said: Option<Said>,
        step: impl FnOnce(&Task, Step<'_>) -> Result<Task, Refusal>,
    ) -> Result<(Task, Task)> {
        let by = doer(permit)?;
        let before = task(tx, permit, self.id)?;
        let next = step(&before, Step { by: &by, at: self.at, fence: self.fence })?;
        if !tx.update_task(permit, &next)? {
            return Err(Error::new(Code::Conflict, "the task has changed just now")
                .with_fix("read it again and decide anew; nothing was written"));
        }
        if let Some(said) = said {
            let about = Subject::Task(self.id);
            let seen = Seen::look(tx, permit, about)?.ok_or_else(|| Error::not_found("task"))?;
            // A review is no work: it stands under no lease.
            let is_review = matches!(said.kind, CommentKind::Approval | CommentKind::Rejection);
            let comment = Comment {
                id: self.comment,
                about,
                kind: said.kind,
                content: said.content,
                next_step: said.next_step,
                fence: (!is_review).then_some(next.fence),
                author: Some(by),
                created_at: self.at,
            };
            tx.add_comment(permit, seen, &comment)?;
        }
        Ok((before, next))
    }
}

/// What the trail says of a step.
pub(super) fn act(task: &Task) -> Act {
    Act {
        object_kind: "task",
        object_id: task.id.to_string(),
        summary: json!({ "status": task.status.as_str(), "fence": task.fence }),
    }
}

/// Who acts.
///
/// # Errors
/// `INTERNAL` for the server itself, which does no work.
pub(super) fn doer(permit: &Permit) -> Result<Party> {
    Party::of(permit.actor()).ok_or_else(|| Error::internal("nobody does this work"))
}

/// A text that says something.
///
/// # Errors
/// `INVALID_ARGUMENT` where it shows nothing.
pub(super) fn words(field: &str, given: String) -> Result<String> {
    if text::is_blank(&given) {
        return Err(Error::invalid(field, "must not be blank"));
    }
    Ok(given)
}

/// How a task stands after a step.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Standing {
    id: String,
    status: TaskStatus,
    /// The number of its last lease
    fence: i64,
    /// Until when you hold it, if you do
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// The numbers of the criteria that aren't met
    unmet: Vec<usize>,
}

impl Standing {
    pub(super) fn of(task: &Task) -> Self {
        let numbered = task.criteria.iter().zip(1..);
        Self {
            id: task.id.to_string(),
            status: task.status,
            fence: task.fence,
            until: task.lease.as_ref().map(|lease| lease.until),
            unmet: numbered.filter(|(one, _)| !one.is_met).map(|(_, number)| number).collect(),
        }
    }
}
