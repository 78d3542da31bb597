//! `agent_delete`: an agent is retired for good, and its id is free again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::agent_target;
use super::call::{Call, Done};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::{Error, Result};
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::store::sessions::SessionFilter;

pub struct AgentDelete;

/// Which agent.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Its id, as agent_list shows it
    #[schemars(length(min = 1, max = 64))]
    agent_id: String,
    /// Must be true: it can't be undone
    confirm: Option<bool>,
}

/// What was retired.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    agent_id: String,
    status: &'static str,
    /// The id under which its record, and what it wrote for the team, stays
    retired_as: String,
    /// How many memories that it kept to itself were forgotten
    forgotten: u64,
    /// How many of its sessions were ended
    sessions_ended: u64,
}

impl Operation for AgentDelete {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "agent_delete",
        title: "Delete an agent",
        description: include_str!("../../tools/agent_delete.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Destroy,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Delete, path: "/agents/{agent_id}", status: 200 },
        cli: Some(Cli { path: &["agent", "delete"], positional: Some("agent_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        if input.confirm != Some(true) {
            return Err(Error::invalid("confirm", "must be true: deleting can't be undone")
                .with_fix(
                    "call again with `confirm: true`, or block the agent, which can be undone",
                ));
        }
        let at = call.at;
        call.change(move |tx, permit| {
            let agent = agent_target::removable(tx, permit, &input.agent_id)?;
            let forgotten = tx.forget_private(permit, agent.id, at)?;
            let of_agent = SessionFilter { agent: Some(agent.id), ..SessionFilter::default() };
            let sessions_ended = tx.end_sessions(permit, &of_agent, at)?;
            tx.end_leases(permit, &agent_target::party(&agent), at)?;
            tx.retire_agent(permit, agent.id, at)?;
            let its = SessionFilter {
                agent: Some(agent.id),
                open_at: Some(at),
                ..SessionFilter::default()
            };
            tx.end_sessions(permit, &its, at)?;
            let retired = tx.agent(permit, agent.id)?.ok_or_else(agent_target::missing)?;
            let act = Act {
                object_kind: "agent",
                object_id: agent.slug.clone(),
                summary: json!({
                    "retired_as": retired.slug, "forgotten": forgotten,
                    "sessions_ended": sessions_ended,
                }),
            };
            let output = Output {
                agent_id: agent.slug,
                status: "deleted",
                retired_as: retired.slug,
                forgotten,
                sessions_ended,
            };
            Ok(Done::Changed(output, act))
        })
        .await
    }
}
