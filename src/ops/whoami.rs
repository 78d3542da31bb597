//! `whoami`: who the caller is, and how to begin.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::AgentView;
use crate::core::error::Result;
use crate::identity::actor::Trust;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct Whoami;

/// Nothing is asked.
#[derive(Deserialize, JsonSchema)]
pub struct Input {}

/// Who the caller is.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// The team's name
    team: String,
    /// The agent that acts; absent when a person does
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<AgentView>,
    /// The member, when a person or a person's own agent acts
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    /// That member's name
    #[serde(skip_serializing_if = "Option::is_none")]
    member_name: Option<String>,
    /// `key`, `local` or `member`
    credential_kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    /// Where a session's token was the proof
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    role: Role,
    scopes: Vec<Scope>,
    /// The operations this key may call; absent when it may call every one
    #[serde(skip_serializing_if = "Option::is_none")]
    operations: Option<Vec<String>>,
    trust: Trust,
    /// What to do first
    next: &'static str,
}

impl Operation for Whoami {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "whoami",
        title: "Who am I",
        description: include_str!("../../tools/whoami.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Everything,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Identity,
        is_listed: true,
        route: Route { method: Method::Get, path: "/whoami", status: 200 },
        cli: Some(Cli { path: &["whoami"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, _: Input) -> Result<Output> {
        let agent_id = call.permit.actor().agent.as_ref().map(|agent| agent.id);
        let member_id = call.permit.actor().member;
        let found = call.look_up(move |tx, permit| {
            let agent = agent_id.map(|id| tx.agent(permit, id)).transpose()?.flatten();
            let member = member_id.map(|id| tx.member(permit, id)).transpose()?.flatten();
            Ok((agent, member))
        });
        let (agent, member) = found.await?;
        let who = call.principal;
        Ok(Output {
            team: who.team_slug.clone(),
            member: who.actor.member.map(|member| member.to_string()),
            member_name: member.map(|member| member.display_name),
            credential_kind: who.credential.kind(),
            key_id: who.credential.key().map(|key| key.to_string()),
            session_id: who.credential.session().map(|session| session.to_string()),
            role: who.role,
            scopes: who.scopes.iter().collect(),
            operations: who.allow_list.clone(),
            trust: agent.as_ref().map_or(Trust::Approved, |agent| agent.status),
            next: next(agent.as_ref().map(|agent| (agent.status, agent.agent_type.is_none()))),
            agent: agent.map(AgentView::from),
        })
    }
}

fn next(agent: Option<(Trust, bool)>) -> &'static str {
    match agent {
        Some((Trust::Pending, _)) => {
            "An admin of the team must approve this agent before it can do more."
        }
        Some((Trust::Blocked, _)) => "This agent is blocked; ask an admin of the team.",
        Some((Trust::Approved, true)) => {
            "Say who you are with agent_register, then recall what the team knows of your task."
        }
        _ => "Recall what the team knows of your task; remember what gets decided or learnt.",
    }
}
