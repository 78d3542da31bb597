//! `work_complete`: the worker says that it is done, and somebody else says so too.

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

pub struct WorkComplete;

/// What was done.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// tsk_…
    #[schemars(length(min = 1, max = 64))]
    task_id: String,
    /// What was done, and how that can be seen
    #[schemars(length(min = 1, max = 4000))]
    summary: String,
    /// Numbers of the criteria that are met now
    #[schemars(length(max = 100), inner(range(min = 1, max = 1000)))]
    criteria_met: Option<Vec<i64>>,
    /// work_begin's; refused if somebody took over since
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_i64))]
    fence: Option<i64>,
}

impl Operation for WorkComplete {
    type Input = Input;
    type Output = Standing;
    const SPEC: Spec = Spec {
        name: "work_complete",
        title: "Complete a task",
        description: include_str!("../../tools/work_complete.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: false,
        toolset: Toolset::Work,
        is_listed: true,
        route: Route { method: Method::Post, path: "/tasks/{task_id}/complete", status: 200 },
        cli: Some(Cli { path: &["work", "complete"], positional: Some("task_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Standing> {
        let taken = Taken::new(call, &input.task_id, input.fence)?;
        let said = Said {
            kind: CommentKind::Completion,
            content: words("summary", input.summary)?,
            next_step: None,
        };
        let met = input.criteria_met.unwrap_or_default();
        call.change(move |tx, permit| {
            let allows = tx.policies(permit)?.allows_self_approval;
            let (_, task) = taken.take(tx, permit, Some(said.clone()), |task, step| {
                lease::complete(task, step, &met, allows)
            })?;
            Ok(Done::Changed(Standing::of(&task), act(&task)))
        })
        .await
    }
}
