//! `agent_register`: the caller says who it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::agent_target;
use super::call::{Call, Done};
use super::spec::{Effect, Method, Operation, Route, Spec, Toolset};
use super::view::AgentView;
use crate::core::error::{Code, Error, Result};
use crate::identity::event::Act;
use crate::identity::permit::{Exempt, trust_required};
use crate::identity::role::{Role, Scope};

pub struct AgentRegister;

/// What the agent says of itself.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// A name for people
    #[schemars(length(min = 1, max = 100))]
    display_name: String,
    /// What kind of agent: coder, reviewer, researcher …
    #[serde(rename = "type")]
    #[schemars(length(min = 1, max = 64))]
    agent_type: Option<String>,
    /// What it works on
    #[schemars(length(min = 1, max = 1000))]
    description: Option<String>,
}

/// The agent's record.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    agent: AgentView,
    /// False when it was described so already
    changed: bool,
}

impl Operation for AgentRegister {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "agent_register",
        title: "Say who you are",
        description: include_str!("../../tools/agent_register.md"),
        scope: Scope::Write,
        least_role: Role::Viewer,
        exempt: Exempt::Trust,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Identity,
        is_listed: true,
        route: Route { method: Method::Put, path: "/agents/me", status: 200 },
        cli: None,
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        agent_target::check_words(
            Some(&input.display_name),
            input.agent_type.as_deref(),
            input.description.as_deref(),
        )?;
        let Some(agent) = call.permit.actor().agent.clone() else {
            return Err(Error::new(Code::PermissionDenied, "a person acts here, not an agent")
                .with_fix("call it with an agent's key"));
        };
        call.change(move |tx, permit| {
            let now = tx.agent(permit, agent.id)?.ok_or_else(|| Error::not_found("agent"))?;
            let mut next = now.clone();
            next.display_name.clone_from(&input.display_name);
            next.agent_type = input.agent_type.clone().or(next.agent_type);
            next.description = input.description.clone().or(next.description);
            if next == now {
                return Ok(Done::Unchanged(Output { agent: now.into(), changed: false }));
            }
            if !tx.describe_agent(permit, &next)? {
                // Retired: its record is history.
                return Err(trust_required());
            }
            let act = Act {
                object_kind: "agent",
                object_id: next.slug.clone(),
                summary: json!({ "type": next.agent_type }),
            };
            Ok(Done::Changed(Output { agent: next.into(), changed: true }, act))
        })
        .await
    }
}
