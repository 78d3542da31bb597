//! `agent_list`: the team's agents, newest first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::AgentView;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::store::agents::AgentSummary;

pub struct AgentList;

/// Nothing is asked.
#[derive(Deserialize, JsonSchema)]
pub struct Input {}

/// The agents.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    agents: Vec<Seen>,
    count: usize,
}

/// An agent, and what it has done.
#[derive(Serialize, JsonSchema)]
pub struct Seen {
    #[serde(flatten)]
    agent: AgentView,
    /// How many active memories it wrote
    memories: u64,
    /// At most a minute stale; absent when it has done nothing
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_at: Option<Timestamp>,
    /// How many sessions it ever had
    sessions: u64,
    /// When the newest of them began
    #[serde(skip_serializing_if = "Option::is_none")]
    last_session_at: Option<Timestamp>,
}

impl Operation for AgentList {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "agent_list",
        title: "List agents",
        description: include_str!("../../tools/agent_list.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Get, path: "/agents", status: 200 },
        cli: Some(Cli { path: &["agent", "list"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, _: Input) -> Result<Output> {
        let found = call.read(|tx, permit| tx.agents(permit)).await?;
        let agents: Vec<Seen> = found.into_iter().map(Seen::from).collect();
        Ok(Output { count: agents.len(), agents })
    }
}

impl From<AgentSummary> for Seen {
    fn from(summary: AgentSummary) -> Self {
        Self {
            agent: summary.agent.into(),
            memories: summary.memories,
            last_seen_at: summary.last_seen_at,
            sessions: summary.sessions,
            last_session_at: summary.last_session_at,
        }
    }
}
