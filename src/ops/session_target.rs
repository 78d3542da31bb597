//! What the operations on sessions share: their view, whose they are, and what signs their tokens.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::call::Call;
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::id::{AgentId, SessionId};
use crate::core::secret::Secret;
use crate::identity::actor::Credential;
use crate::identity::key::KeyId;
use crate::identity::permit::Permit;
use crate::identity::role::{Role, Scope};
use crate::identity::session::{Grant, SigningKey, namespace};
use crate::store::sessions::{SessionFilter, SessionRow};
use crate::store::{ReadTx, WriteTx};

/// A session as it is shown.
#[derive(Clone, Serialize, JsonSchema)]
pub struct SessionView {
    session_id: String,
    agent_id: String,
    namespace: String,
    /// The agent's type; `support` where it has none
    pattern: String,
    /// `active`, `expired` or `ended`
    status: &'static str,
    /// The key that made it
    key_id: String,
    started_at: Timestamp,
    expires_at: Timestamp,
    /// Absent while it runs, and where its key or its time ended it
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    time_remaining_seconds: i64,
    /// How many memories were first written in it
    memories_created: u64,
}

impl SessionView {
    /// A session as it stands at a moment.
    #[must_use]
    pub fn at(session: SessionRow, at: Timestamp) -> Self {
        let is_live = session.is_live(at);
        let status = match (session.ended_at, is_live) {
            (_, true) => "active",
            (None, false) if session.has_live_key => "expired",
            _ => "ended",
        };
        let left = session.expires_at.as_millis() - at.as_millis();
        Self {
            session_id: session.id.to_string(),
            namespace: namespace(&session.agent),
            agent_id: session.agent,
            pattern: session.agent_type.unwrap_or_else(|| "support".to_owned()),
            status,
            key_id: session.key.to_string(),
            started_at: session.started_at,
            expires_at: session.expires_at,
            ended_at: session.ended_at,
            time_remaining_seconds: if is_live { left / 1000 } else { 0 },
            memories_created: session.memories,
        }
    }
}

/// The session by whose token the caller has signed in.
///
/// # Errors
/// `MISSING_SESSION_TOKEN` when there was none.
pub(super) fn of_caller(call: &Call<'_>) -> Result<SessionId> {
    call.permit.credential().session().ok_or_else(Error::missing_session_token)
}

/// One session as it stands.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) fn find<T: ReadTx + ?Sized>(
    tx: &mut T,
    permit: &Permit,
    id: SessionId,
    at: Timestamp,
) -> Result<SessionRow> {
    let filter = SessionFilter { id: Some(id), ..SessionFilter::default() };
    tx.sessions(permit, &filter, at, 1)?.pop().ok_or_else(|| Error::not_found("session"))
}

/// The record of an agent that the caller named.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) fn agent<T: ReadTx + ?Sized>(
    tx: &mut T,
    permit: &Permit,
    slug: &str,
) -> Result<AgentId> {
    let agent = tx.agent_of_slug(permit, slug)?.ok_or_else(|| Error::not_found("agent"))?;
    Ok(agent.id)
}

/// The key whose sessions the caller sees and ends; `None` is every key, for admins.
pub(super) fn reach(permit: &Permit) -> Option<KeyId> {
    let is_admin = permit.role() >= Role::Admin && permit.scopes().has(Scope::Admin);
    permit.credential().key().filter(|_| !is_admin)
}

/// A token for a session, by what signs the team's tokens. The first of a team makes that.
pub(super) fn sign(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    fresh: &SigningKey,
    grant: &Grant,
) -> Result<Secret> {
    if let Some(signer) = tx.signing_key(permit)? {
        return Ok(signer.sign(grant));
    }
    tx.add_signing_key(permit, fresh, grant.issued_at)?;
    Ok(fresh.sign(grant))
}

/// The caller's key and which of its secrets was shown.
///
/// # Errors
/// `PERMISSION_DENIED` for a person, who has none.
pub(super) fn key_of(credential: &Credential) -> Result<(KeyId, i64)> {
    match credential {
        Credential::Key { id, secret_number, .. } => Ok((*id, *secret_number)),
        Credential::Member { .. } | Credential::Local | Credential::System => Err(Error::new(
            Code::PermissionDenied,
            "a session belongs to the key that makes it, and none was used",
        )
        .with_fix("call the server with an API key: `--url URL` and MEMORANDA_API_KEY")
        .with_detail("needs", json!({ "credential": "key" }))),
    }
}
