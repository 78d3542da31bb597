//! `agent_block`: an agent may act no more, whatever its key.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agent_target;
use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::AgentView;
use crate::core::error::Result;
use crate::identity::actor::Trust;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct AgentBlock;

/// Which agent.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Its id, as agent_list shows it
    #[schemars(length(min = 1, max = 64))]
    agent_id: String,
}

/// The agent as it stands now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    agent: AgentView,
    /// False when it was so already
    changed: bool,
}

impl Operation for AgentBlock {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "agent_block",
        title: "Block an agent",
        description: include_str!("../../tools/agent_block.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Post, path: "/agents/{agent_id}/block", status: 200 },
        cli: Some(Cli { path: &["agent", "block"], positional: Some("agent_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let (agent, changed) =
            agent_target::set_standing(call, input.agent_id, Trust::Blocked).await?;
        Ok(Output { agent, changed })
    }
}
