//! `session_end`: no token of these sessions ever works again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::session_target;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::AgentId;
use crate::identity::event::Act;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::identity::session::HOUR_MS;
use crate::store::WriteTx;
use crate::store::sessions::{SessionFilter, SessionRow};

pub struct SessionEnd;

/// Whose.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The agent's id; the one that acts if left out
    #[schemars(length(min = 1, max = 64))]
    agent_id: Option<String>,
}

/// What has ended.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// Newest first
    sessions: Vec<Finished>,
    count: usize,
}

/// A session that has ended, and what was done in it.
#[derive(Serialize, JsonSchema)]
pub struct Finished {
    session_id: String,
    agent_id: String,
    started_at: Timestamp,
    ended_at: Timestamp,
    duration_hours: f64,
    memories_created: u64,
}

impl Operation for SessionEnd {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "session_end",
        title: "End a session",
        description: include_str!("../../tools/session_end.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Destroy,
        is_idempotent: false,
        toolset: Toolset::Identity,
        is_listed: false,
        route: Route { method: Method::Post, path: "/sessions/end", status: 200 },
        cli: Some(Cli { path: &["session", "end"], positional: Some("agent_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let at = call.at;
        call.change(move |tx, permit| {
            let agent = agent(tx, permit, input.agent_id.as_deref())?;
            let filter = match permit.credential().session() {
                Some(own) => SessionFilter { id: Some(own), ..SessionFilter::default() },
                None => SessionFilter {
                    agent: Some(agent),
                    key: session_target::reach(permit),
                    open_at: Some(at),
                    ..SessionFilter::default()
                },
            };
            let open = tx.sessions(permit, &filter, at, usize::MAX)?;
            if open.is_empty() {
                return Err(Error::not_found("session")
                    .with_fix("none of this agent's is running, or another key made it"));
            }
            tx.end_sessions(permit, &filter, at)?;
            let sessions: Vec<Finished> =
                open.into_iter().map(|session| Finished::at(session, at)).collect();
            let ids: Vec<&str> = sessions.iter().map(|ended| ended.session_id.as_str()).collect();
            let act = Act {
                object_kind: "session",
                object_id: ids[0].to_owned(),
                summary: json!({ "agent": sessions[0].agent_id, "count": ids.len(), "ids": ids }),
            };
            Ok(Done::Changed(Output { count: sessions.len(), sessions }, act))
        })
        .await
    }
}

/// The agent whose sessions end: the one that was named, or the one that acts. Whoever comes by a
/// session's token names no other.
fn agent(tx: &mut dyn WriteTx, permit: &Permit, named: Option<&str>) -> Result<AgentId> {
    let own = permit.actor().agent.as_ref().map(|agent| agent.id);
    let Some(slug) = named else {
        return own.ok_or_else(|| Error::invalid("agent_id", "is required where no agent acts"));
    };
    let agent = session_target::agent(tx, permit, slug)?;
    if permit.credential().session().is_some() && own != Some(agent) {
        return Err(Error::agent_key_conflict("the session is another agent's")
            .with_fix("leave `agent_id` out, or end that agent's sessions by a key alone"));
    }
    Ok(agent)
}

impl Finished {
    fn at(session: SessionRow, at: Timestamp) -> Self {
        let lasted = at.as_millis() - session.started_at.as_millis();
        Self {
            session_id: session.id.to_string(),
            agent_id: session.agent,
            started_at: session.started_at,
            ended_at: at,
            duration_hours: lasted as f64 / HOUR_MS as f64,
            memories_created: session.memories,
        }
    }
}
