//! `agent_show`: one agent of the team, and what it has done.

use schemars::JsonSchema;
use serde::Deserialize;

use super::agent_list::Seen;
use super::agent_target;
use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct AgentShow;

/// Which agent.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Its id, as agent_list shows it
    #[schemars(length(min = 1, max = 64))]
    agent_id: String,
}

impl Operation for AgentShow {
    type Input = Input;
    type Output = Seen;
    const SPEC: Spec = Spec {
        name: "agent_show",
        title: "Show an agent",
        description: include_str!("../../tools/agent_show.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Get, path: "/agents/{agent_id}", status: 200 },
        cli: Some(Cli { path: &["agent", "show"], positional: Some("agent_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Seen> {
        let found = call.read(move |tx, permit| tx.agent_summary(permit, &input.agent_id)).await?;
        found.map(Seen::from).ok_or_else(agent_target::missing)
    }
}
