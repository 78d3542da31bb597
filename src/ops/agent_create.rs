//! `agent_create`: an agent's record, made before the agent itself comes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::agent_target;
use super::call::{Call, Done};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::AgentView;
use crate::core::error::{Code, Error, Result};
use crate::core::id::AgentId;
use crate::identity::actor::check_slug;
use crate::identity::event::Act;
use crate::identity::key::owner_of_agent;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::store::agents::AgentRow;

pub struct AgentCreate;

/// The agent to make.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Its id: letters, digits, `_` and `-`
    #[schemars(length(min = 1, max = 64))]
    agent_id: String,
    /// A name for people; the id if left out
    #[schemars(length(min = 1, max = 100))]
    display_name: Option<String>,
    /// What kind of agent: coder, reviewer, support …
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
}

impl Operation for AgentCreate {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "agent_create",
        title: "Create an agent",
        description: include_str!("../../tools/agent_create.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Add,
        is_idempotent: false,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Post, path: "/agents", status: 201 },
        cli: Some(Cli { path: &["agent", "create"], positional: Some("agent_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        check_slug("agent_id", &input.agent_id)?;
        if owner_of_agent(&input.agent_id).is_some() {
            return Err(Error::invalid("agent_id", "must not be that of a key's own agent"));
        }
        agent_target::check_words(
            input.display_name.as_deref(),
            input.agent_type.as_deref(),
            input.description.as_deref(),
        )?;
        let (id, at): (AgentId, _) = (call.next_id(), call.at);
        call.change(move |tx, permit| {
            if tx.agent_of_slug(permit, &input.agent_id)?.is_some() {
                return Err(taken());
            }
            let agent = AgentRow {
                id,
                slug: input.agent_id.clone(),
                display_name: input.display_name.clone().unwrap_or(input.agent_id.clone()),
                agent_type: input.agent_type.clone(),
                description: input.description.clone(),
                status: tx.policies(permit)?.trust.new_agent(),
                created_at: at,
            };
            tx.add_named_agent(permit, &agent)?;
            let act = Act {
                object_kind: "agent",
                object_id: agent.slug.clone(),
                summary: json!({ "type": agent.agent_type, "status": agent.status }),
            };
            Ok(Done::Changed(Output { agent: agent.into() }, act))
        })
        .await
    }
}

fn taken() -> Error {
    Error::new(Code::AlreadyExists, "the team has an agent of this id")
        .with_fix("choose another `agent_id`, or use the one that is there")
        .with_detail("field", json!("agent_id"))
}
