//! `work_blocked`: the worker can't go on, says why, and lets go.

use schemars::JsonSchema;
use serde::Deserialize;

use super::call::{Call, Done};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::work_step::{Said, Standing, Taken, act, words};
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::work::comment::CommentKind;
use crate::work::lease;

pub struct WorkBlocked;

/// What is in the way.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// tsk_…
    #[schemars(length(min = 1, max = 64))]
    task_id: String,
    /// What keeps it from going on, and what would help
    #[schemars(length(min = 1, max = 2000))]
    reason: String,
    /// work_begin's; refused if somebody took over since
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_i64))]
    fence: Option<i64>,
}

impl Operation for WorkBlocked {
    type Input = Input;
    type Output = Standing;
    const SPEC: Spec = Spec {
        name: "work_blocked",
        title: "Say that a task is blocked",
        description: include_str!("../../tools/work_blocked.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: false,
        toolset: Toolset::Work,
        is_listed: true,
        route: Route { method: Method::Post, path: "/tasks/{task_id}/block", status: 200 },
        cli: Some(Cli { path: &["work", "blocked"], positional: Some("task_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Standing> {
        let taken = Taken::new(call, &input.task_id, input.fence)?;
        let reason = words("reason", input.reason)?;
        call.change(move |tx, permit| {
            let said = Said { kind: CommentKind::Block, content: reason.clone(), next_step: None };
            let (_, task) = taken
                .take(tx, permit, Some(said), |task, step| lease::block(task, step, &reason))?;
            Ok(Done::Changed(Standing::of(&task), act(&task)))
        })
        .await
    }
}
