//! `task_get`: one task, with what it has to do with.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::comment_view::CommentView;
use super::linked_view::{MemoryLine, linked};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::task_view::{TaskLine, TaskView, lines};
use super::view::known_id;
use super::work_target::task;
use crate::core::error::{Error, Result};
use crate::core::id::TaskId;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::link::Target;
use crate::store::comments::Seen;
use crate::work::comment::Subject;
use crate::work::task::Parent;

pub struct TaskGet;

/// Which task.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// tsk_…
    #[schemars(length(min = 1, max = 64))]
    id: String,
}

/// The task.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    task: TaskView,
    /// What it needs
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<TaskLine>,
    /// What needs it
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needed_by: Vec<TaskLine>,
    /// What stands right below it, up to 100
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subtasks: Vec<TaskLine>,
    /// What speaks against it, for it, or has to do with it
    #[serde(skip_serializing_if = "Vec::is_empty")]
    memories: Vec<MemoryLine>,
    /// Where whoever worked on it last has stopped
    #[serde(skip_serializing_if = "Option::is_none")]
    last_checkpoint: Option<CommentView>,
    /// The newest ten; comment_list has them all
    #[serde(skip_serializing_if = "Vec::is_empty")]
    comments: Vec<CommentView>,
}

/// How many are shown of what has to do with it.
const MOST: usize = 100;

/// How many comments are shown.
const COMMENTS: usize = 10;

impl Operation for TaskGet {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "task_get",
        title: "Read a task",
        description: include_str!("../../tools/task_get.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Work,
        is_listed: false,
        route: Route { method: Method::Get, path: "/tasks/{id}", status: 200 },
        cli: Some(Cli { path: &["task", "get"], positional: Some("id") }),
        resource: Some("memoranda://task/{id}"),
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let (id, at): (TaskId, _) = (known_id("task", &input.id)?, call.at);
        call.read(move |tx, permit| {
            let task = task(tx, permit, id)?;
            let about = tx.needs_of(permit, &[id])?;
            let needs = about.iter().filter(|need| need.task == id).map(|need| need.needs);
            let needs: Vec<TaskId> = needs.take(MOST).collect();
            let needed = about.iter().filter(|need| need.needs == id).map(|need| need.task);
            let needed: Vec<TaskId> = needed.take(MOST).collect();
            let needs = tx.tasks_of(permit, &needs)?;
            let needed = tx.tasks_of(permit, &needed)?;
            let below = tx.tasks_below(permit, Parent::Task(id), MOST)?;
            let open: BTreeSet<TaskId> =
                needs.iter().filter(|task| !task.status.is_closed()).map(|task| task.id).collect();
            let open: Vec<TaskId> = open.into_iter().collect();
            let seen = Seen::look(tx, permit, Subject::Task(id))?
                .ok_or_else(|| Error::not_found("task"))?;
            let comments = tx.comments(permit, seen, None, COMMENTS)?;
            let last_checkpoint = tx.last_checkpoint(permit, id)?;
            Ok(Output {
                task: TaskView::of(task, &open, at),
                depends_on: lines(tx, permit, &needs, at)?,
                needed_by: lines(tx, permit, &needed, at)?,
                subtasks: lines(tx, permit, &below, at)?,
                memories: linked(tx, permit, &[Target::Task(id)])?
                    .remove(&Target::Task(id))
                    .unwrap_or_default(),
                last_checkpoint: last_checkpoint.map(CommentView::from),
                comments: comments.into_iter().map(CommentView::from).collect(),
            })
        })
        .await
    }
}
