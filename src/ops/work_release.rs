//! `work_release`: the worker hands a task on, without blame, with what the next one has to know.

use schemars::JsonSchema;
use serde::Deserialize;

use super::call::{Call, Done};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::work_step::{Said, Standing, Taken, act, words};
use crate::core::error::{Error, Result};
use crate::core::id::MemberId;
use crate::identity::actor::{AgentRef, Trust};
use crate::identity::member::Standing as Membership;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::store::WriteTx;
use crate::work::comment::CommentKind;
use crate::work::lease;
use crate::work::party::Party;

pub struct WorkRelease;

/// What is handed on.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// tsk_…
    #[schemars(length(min = 1, max = 64))]
    task_id: String,
    /// What was done so far
    #[schemars(length(min = 1, max = 4000))]
    summary: String,
    /// What to do next
    #[schemars(length(min = 1, max = 2000))]
    next: Option<String>,
    /// For whom it is left: an agent's id or mbr_…; for whoever wants it if left out
    #[schemars(length(min = 1, max = 64))]
    to: Option<String>,
    /// work_begin's; refused if somebody took over since
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_i64))]
    fence: Option<i64>,
}

impl Operation for WorkRelease {
    type Input = Input;
    type Output = Standing;
    const SPEC: Spec = Spec {
        name: "work_release",
        title: "Hand a task on",
        description: include_str!("../../tools/work_release.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: false,
        toolset: Toolset::Work,
        is_listed: false,
        route: Route { method: Method::Post, path: "/tasks/{task_id}/release", status: 200 },
        cli: Some(Cli { path: &["work", "release"], positional: Some("task_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Standing> {
        let taken = Taken::new(call, &input.task_id, input.fence)?;
        let said = Said {
            kind: CommentKind::Checkpoint,
            content: words("summary", input.summary)?,
            next_step: input.next.map(|next| words("next", next)).transpose()?,
        };
        call.change(move |tx, permit| {
            let to = input.to.as_deref().map(|to| heir(tx, permit, to)).transpose()?;
            let (_, task) = taken.take(tx, permit, Some(said.clone()), |task, step| {
                lease::release(task, step, to)
            })?;
            Ok(Done::Changed(Standing::of(&task), act(&task)))
        })
        .await
    }
}

/// Somebody who can take up what is left for them.
fn heir(tx: &mut dyn WriteTx, permit: &Permit, to: &str) -> Result<Party> {
    if let Ok(id) = to.parse::<MemberId>() {
        let member = tx.member(permit, id)?;
        return member
            .filter(|member| member.standing == Membership::Active)
            .map(|member| Party::Member { id, name: member.display_name })
            .ok_or_else(|| Error::not_found("member"));
    }
    let agent = tx.agent_of_slug(permit, to)?.filter(|agent| agent.status == Trust::Approved);
    let agent = agent.ok_or_else(|| Error::not_found("agent"))?;
    Ok(Party::Agent(AgentRef { id: agent.id, slug: agent.slug }))
}
