//! `whoami`: who the caller is, and how to begin.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::brief::Brief;
use super::call::Call;
use super::desk::{self, Desk, OpenConflict, OwnTask, Suggested};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::AgentView;
use crate::core::error::Result;
use crate::identity::actor::Trust;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct Whoami;

/// How many tasks and conflicts are shown; the brief and the lists have more.
const SHOWN: usize = 5;

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
    /// Your open tasks, what you have begun first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tasks: Vec<OwnTask>,
    /// The task to take up next, and why
    #[serde(skip_serializing_if = "Option::is_none")]
    suggested: Option<Suggested>,
    /// Conflicts that wait for you
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<OpenConflict>,
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
        // This operation is everybody's; work and conflicts are for those who may read the brief.
        let may_see = call.principal.permit(&Brief::SPEC.requirement()).is_ok();
        let at = call.at;
        let found = call.look_up(move |tx, permit| {
            let agent = agent_id.map(|id| tx.agent(permit, id)).transpose()?.flatten();
            let member = member_id.map(|id| tx.member(permit, id)).transpose()?.flatten();
            let is_trusted = agent.as_ref().is_none_or(|one| one.status == Trust::Approved);
            let desk = if may_see && is_trusted {
                desk::look(tx, permit, at, SHOWN)?
            } else {
                Desk::default()
            };
            Ok((agent, member, desk))
        });
        let (agent, member, desk) = found.await?;
        let who = call.principal;
        let standing = agent.as_ref().map(|agent| (agent.status, agent.agent_type.is_none()));
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
            next: next(standing, &desk),
            tasks: desk.tasks,
            suggested: desk.suggested,
            conflicts: desk.conflicts,
            agent: agent.map(AgentView::from),
        })
    }
}

fn next(agent: Option<(Trust, bool)>, desk: &Desk) -> &'static str {
    let has_begun = desk.tasks.iter().any(|task| task.until.is_some());
    match agent {
        Some((Trust::Pending, _)) => {
            "An admin of the team must approve this agent before it can do more."
        }
        Some((Trust::Blocked, _)) => "This agent is blocked; ask an admin of the team.",
        Some((Trust::Approved, true)) => {
            "Say who you are with agent_register, then recall what the team knows of your task."
        }
        _ if has_begun => {
            "Go on with what you have begun: work_begin renews the lease and shows what was left."
        }
        _ if desk.suggested.is_some() => {
            "Recall what the team knows of the suggested task, then take it with work_begin."
        }
        _ if !desk.conflicts.is_empty() => {
            "Look at the conflicts that wait for you with conflicts_list, and settle what is plain."
        }
        _ => "Recall what the team knows of your task; remember what gets decided or learnt.",
    }
}
