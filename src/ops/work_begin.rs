//! `work_begin`: one agent takes a task, and learns all that the one before has left.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::{Call, Done};
use super::comment_view::CommentView;
use super::linked_view::{MemoryLine, linked};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::task_view::{CriterionView, parent_id};
use super::work_step::{Taken, act};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::link::Target;
use crate::store::comments::Seen;
use crate::work::comment::{Comment, Subject};
use crate::work::lease::{self, Start};
use crate::work::task::{Priority, Task, TaskStatus};

pub struct WorkBegin;

/// Comments that come with the task; comment_list has them all.
const COMMENTS: usize = 10;

/// Which task.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// tsk_…
    #[schemars(length(min = 1, max = 64))]
    task_id: String,
    /// Also where it is planned for somebody else
    take_over: Option<bool>,
}

/// The task, and the lease.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    id: String,
    status: TaskStatus,
    /// Send it with every write on this task
    fence: i64,
    /// The lease ends then; each checkpoint renews it
    until: Timestamp,
    statement: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    acceptance_criteria: Vec<CriterionView>,
    /// What it stands below: nod_… or tsk_…
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    priority: Priority,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
    /// Why it was blocked or sent back before
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Where whoever worked on it last has stopped
    #[serde(skip_serializing_if = "Option::is_none")]
    last_checkpoint: Option<CommentView>,
    /// The newest first
    comments: Vec<CommentView>,
    /// What speaks against it, for it, or has to do with it
    memories: Vec<MemoryLine>,
}

impl Operation for WorkBegin {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "work_begin",
        title: "Begin a task",
        description: include_str!("../../tools/work_begin.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: false,
        toolset: Toolset::Work,
        is_listed: true,
        route: Route { method: Method::Post, path: "/tasks/{task_id}/begin", status: 200 },
        cli: Some(Cli { path: &["work", "begin"], positional: Some("task_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let taken = Taken::new(call, &input.task_id, None)?;
        let takes_over = input.take_over.unwrap_or(false);
        call.change(move |tx, permit| {
            let needs = tx.open_needs(permit, taken.id)?;
            let start = Start { open_needs: &needs, takes_over };
            let (before, task) =
                taken.take(tx, permit, None, |task, step| lease::begin(task, step, start))?;
            let seen = Seen::look(tx, permit, Subject::Task(task.id))?
                .ok_or_else(|| Error::not_found("task"))?;
            let comments = tx.comments(permit, seen, None, COMMENTS)?;
            let last = tx.last_checkpoint(permit, task.id)?;
            let about = Target::Task(task.id);
            let memories = linked(tx, permit, &[about])?.remove(&about).unwrap_or_default();
            let act = act(&task);
            let left = Left { reason: before.reason, last, comments, memories };
            Ok(Done::Changed(Output::of(task, left), act))
        })
        .await
    }
}

/// What is there for whoever begins.
struct Left {
    reason: Option<String>,
    last: Option<Comment>,
    comments: Vec<Comment>,
    memories: Vec<MemoryLine>,
}

impl Output {
    fn of(task: Task, left: Left) -> Self {
        let until = task.lease.as_ref().map_or(task.updated_at, |lease| lease.until);
        Self {
            id: task.id.to_string(),
            status: task.status,
            fence: task.fence,
            until,
            statement: task.statement,
            description: task.description,
            acceptance_criteria: CriterionView::all(task.criteria),
            parent_id: task.parent.map(parent_id),
            priority: task.priority,
            due_at: task.due_at,
            reason: left.reason,
            last_checkpoint: left.last.map(CommentView::from),
            comments: left.comments.into_iter().map(CommentView::from).collect(),
            memories: left.memories,
        }
    }
}
