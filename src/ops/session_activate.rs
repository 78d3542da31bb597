//! `session_activate`: an agent's session, with the token that carries it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::session_target::{self, SessionView};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::{Error, Result};
use crate::identity::actor::Trust;
use crate::identity::event::Act;
use crate::identity::key::{KeyId, owner_of_agent};
use crate::identity::permit::{Exempt, Permit, trust_required};
use crate::identity::role::{Role, Scope};
use crate::identity::session::{Grant, SigningKey, USUAL_HOURS, end_after};
use crate::store::WriteTx;
use crate::store::agents::AgentRow;
use crate::store::sessions::NewSession;

pub struct SessionActivate;

/// Which agent, and for how long.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The agent's id
    #[schemars(length(min = 1, max = 64))]
    agent_id: String,
    /// 6 if left out
    #[schemars(range(min = 1, max = 24))]
    duration_hours: Option<u32>,
}

/// The session.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// To be sent in the header X-Session-Token; it can't be shown again
    session_token: String,
    #[serde(flatten)]
    view: SessionView,
}

impl Operation for SessionActivate {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "session_activate",
        title: "Activate an agent",
        description: include_str!("../../tools/session_activate.md"),
        // A key that only reads needs a session all the same, where REST asks for one.
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Add,
        is_idempotent: false,
        toolset: Toolset::Identity,
        is_listed: false,
        route: Route { method: Method::Post, path: "/sessions", status: 201 },
        cli: Some(Cli { path: &["session", "activate"], positional: Some("agent_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let (key, secret_number) = session_target::key_of(call.permit.credential())?;
        let (at, id, token) = (call.at, call.next_id(), call.next_id());
        let fresh = SigningKey::generate(call.next_id());
        let expires_at = end_after(at, input.duration_hours.unwrap_or(USUAL_HOURS));
        call.change(move |tx, permit| {
            let agent = tx.agent_of_slug(permit, &input.agent_id)?;
            let agent = agent.ok_or_else(|| Error::not_found("agent"))?;
            check_may_act_as(tx, permit, key, &agent)?;
            if agent.status != Trust::Approved {
                return Err(trust_required());
            }
            let session =
                NewSession { id, agent: agent.id, key, secret_number, started_at: at, expires_at };
            tx.add_session(permit, &session)?;
            let grant = Grant {
                token,
                team: permit.team(),
                session: id,
                agent: agent.slug,
                started_at: at,
                issued_at: at,
                expires_at,
            };
            let token = session_target::sign(tx, permit, &fresh, &grant)?;
            let act = Act {
                object_kind: "session",
                object_id: id.to_string(),
                summary: json!({ "agent": grant.agent, "expires_at": expires_at }),
            };
            let view = SessionView::at(session_target::find(tx, permit, id, at)?, at);
            Ok(Done::Changed(Output { session_token: token.expose().to_owned(), view }, act))
        })
        .await
    }
}

/// Refuses an agent that isn't the caller's to be: a locked key is one agent alone, a session's
/// caller is that session's agent, and a key's own agent is nobody else's.
fn check_may_act_as(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    key: KeyId,
    agent: &AgentRow,
) -> Result<()> {
    let own = permit.actor().agent.as_ref();
    let is_bound = permit.credential().session().is_some()
        || tx.key(permit, key)?.is_none_or(|row| row.is_locked);
    if is_bound && own.is_none_or(|own| own.id != agent.id) {
        return Err(Error::agent_key_conflict("this credential is bound to another agent")
            .with_fix("activate the agent it acts as, or use a key that isn't locked to one"));
    }
    if owner_of_agent(&agent.slug).is_some_and(|owner| owner != key) {
        return Err(Error::agent_key_conflict("this is another key's own agent")
            .with_fix("activate an agent of a name of its own"));
    }
    Ok(())
}
