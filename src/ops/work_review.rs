//! `work_review`: somebody other than the worker says that it is done, or sends it back.

use schemars::JsonSchema;
use serde::Deserialize;

use super::call::{Call, Done};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::work_step::{Said, Standing, Taken, act, words};
use crate::core::error::{Error, Result};
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::work::comment::CommentKind;
use crate::work::lease;

pub struct WorkReview;

/// The verdict.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// tsk_…
    #[schemars(length(min = 1, max = 64))]
    task_id: String,
    /// approve: it is done; send_back: its worker goes on
    verdict: Verdict,
    /// Why; what is missing, where it is sent back
    #[schemars(length(min = 1, max = 2000))]
    comment: Option<String>,
    /// Numbers of the criteria that are met now
    #[schemars(length(max = 100), inner(range(min = 1, max = 1000)))]
    criteria_met: Option<Vec<i64>>,
    /// Numbers of those that aren't, where it is sent back
    #[schemars(length(max = 100), inner(range(min = 1, max = 1000)))]
    criteria_unmet: Option<Vec<i64>>,
}

/// Whether it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Verdict {
    Approve,
    SendBack,
}

impl Operation for WorkReview {
    type Input = Input;
    type Output = Standing;
    const SPEC: Spec = Spec {
        name: "work_review",
        title: "Review a task",
        description: include_str!("../../tools/work_review.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: false,
        toolset: Toolset::Work,
        is_listed: false,
        route: Route { method: Method::Post, path: "/tasks/{task_id}/review", status: 200 },
        cli: Some(Cli { path: &["work", "review"], positional: Some("task_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Standing> {
        let taken = Taken::new(call, &input.task_id, None)?;
        let approves = input.verdict == Verdict::Approve;
        let comment = input.comment.map(|said| words("comment", said)).transpose()?;
        if !approves && comment.is_none() {
            return Err(Error::invalid("comment", "is required with the verdict send_back"));
        }
        let foreign = [
            ("criteria_met", !approves && input.criteria_met.is_some()),
            ("criteria_unmet", approves && input.criteria_unmet.is_some()),
        ];
        if let Some((field, _)) = foreign.iter().find(|(_, is_foreign)| *is_foreign) {
            return Err(Error::invalid(field, "goes with the other verdict"));
        }
        let (met, unmet) =
            (input.criteria_met.unwrap_or_default(), input.criteria_unmet.unwrap_or_default());
        let kind = if approves { CommentKind::Approval } else { CommentKind::Rejection };
        call.change(move |tx, permit| {
            let said = comment.clone().map(|content| Said { kind, content, next_step: None });
            let (_, task) = taken.take(tx, permit, said, |task, step| {
                if approves {
                    lease::approve(task, step, &met)
                } else {
                    lease::send_back(task, step, comment.as_deref().unwrap_or_default(), &unmet)
                }
            })?;
            Ok(Done::Changed(Standing::of(&task), act(&task)))
        })
        .await
    }
}
