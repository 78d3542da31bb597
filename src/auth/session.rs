//! Session tokens: what one proves, and the renewal of one that soon ends.

use serde_json::json;

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::secret::Secret;
use crate::identity::actor::{Credential, check_slug};
use crate::identity::event::Act;
use crate::identity::permit::{Exempt, Requirement};
use crate::identity::role::{Role, Scope};
use crate::identity::session::{Forged, Grant, RENEWED_WITHIN_MS, Token, USUAL_HOURS, end_after};
use crate::store::agents::AgentRow;
use crate::store::sign_in::{
    CredentialRead, SessionState, SignInKey, SignInSession, check_credential,
};

use super::api_key::{conflict, principal};
use super::attempts::Attempt;
use super::{Auth, Principal};

/// Who a session token proved, and how long that token still holds.
#[derive(Debug, Clone)]
pub struct BySession {
    pub principal: Principal,
    expires_at: Timestamp,
}

/// What a renewal is recorded as. It has no scope of its own: whoever has a session may keep it.
const RENEWAL: Requirement = Requirement {
    operation: "session_renew",
    scope: Scope::Read,
    least_role: Role::Viewer,
    exempt: Exempt::Everything,
};

impl Auth {
    /// The principal of a session token, acting as the session's agent. A key beside it must be of
    /// the same team and not locked to another agent; an agent id beside it must be the session's.
    ///
    /// Role, scopes and allow-list are those of the key that made the session, as they stand now.
    ///
    /// # Errors
    /// `INVALID_SESSION_TOKEN`, `EXPIRED_SESSION_TOKEN`; `INVALID_API_KEY` for the key beside it;
    /// `AGENT_KEY_CONFLICT`; `INVALID_ARGUMENT` for a malformed agent id; `RATE_LIMITED` as
    /// [`Auth::key_in`]; `UNAVAILABLE`.
    pub async fn session_in(
        &self,
        attempt: &Attempt<'_>,
        presented: &Secret,
        agent: Option<&str>,
        beside: Option<&Secret>,
    ) -> Result<BySession> {
        let beside = match beside {
            Some(key) => Some(self.known_key(attempt, key).await?.0),
            None => None,
        };
        let (presented, now) = (presented.clone(), self.clock.now());
        let found = self.store.sign_in(move |tx| proved(tx, &presented, now)).await?;
        let Proved { session, key, expires_at } = found;
        if beside.as_ref().is_some_and(|beside| beside.team != key.team) {
            return Err(Error::invalid_session_token());
        }
        if is_locked_elsewhere(&key, &session.agent)
            || beside.is_some_and(|beside| is_locked_elsewhere(&beside, &session.agent))
        {
            return Err(conflict());
        }
        if let Some(slug) = agent {
            check_slug("X-Agent-Id", slug)?;
            if slug != session.agent.slug {
                return Err(Error::agent_key_conflict("the session is another agent's")
                    .with_fix("leave `X-Agent-Id` out, or activate the agent that it names"));
            }
        }
        self.note_use(key.id, key.team, now);
        let (id, secret_number) = (key.id, session.secret_number);
        let mut principal = principal(key, session.agent, secret_number);
        principal.credential = Credential::Key { id, secret_number, session: Some(session.id) };
        Ok(BySession { principal, expires_at })
    }

    /// A token to follow the one that was presented, if that one has half an hour or less left and
    /// its session still holds.
    ///
    /// The session itself is prolonged only once: whoever goes on with the old token is given
    /// tokens for the time that the session has by then, and nothing is written for them.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn renewed(&self, by: &BySession) -> Result<Option<Secret>> {
        let now = self.clock.now();
        let Some(id) = by.principal.credential.session().filter(|_| is_late(by.expires_at, now))
        else {
            return Ok(None);
        };
        let (team, permit) = (by.principal.team, by.principal.permit(&RENEWAL)?);
        let bearer = permit.clone();
        let found = self.store.sign_in(move |tx| {
            if check_credential(tx, &bearer, now).is_err() {
                return Ok(None);
            }
            Ok(tx.session_for_sign_in(team, id)?.zip(tx.signing_key_for_sign_in(team)?))
        });
        let Some((session, signer)) = found.await? else { return Ok(None) };
        let mut expires_at = session.expires_at;
        if is_late(expires_at, now) {
            let (until, fresh) = (end_after(now, USUAL_HOURS), self.fresh(now));
            let moved = self.store.first_use(move |tx| {
                if check_credential(tx, &permit, now).is_err() {
                    return Ok(None);
                }
                // False where another answer has renewed it meanwhile.
                if tx.renew_session(team, id, until, now)? {
                    let summary = json!({ "expires_at": until });
                    let act = Act { object_kind: "session", object_id: id.to_string(), summary };
                    tx.record_sign_in(&permit, &fresh.event(act))?;
                }
                Ok(tx.session_for_sign_in(team, id)?.map(|session| session.expires_at))
            });
            let Some(moved) = moved.await? else { return Ok(None) };
            expires_at = moved;
        }
        let grant = Grant {
            token: self.ids.next(now),
            team,
            session: id,
            agent: session.agent.slug,
            started_at: session.started_at,
            issued_at: now,
            expires_at,
        };
        Ok(Some(signer.sign(&grant)))
    }
}

/// What a token was found to prove.
struct Proved {
    session: SignInSession,
    key: SignInKey,
    /// When this token ends; its session may last longer.
    expires_at: Timestamp,
}

/// Everything that must hold of a token, in one moment of the store.
///
/// The agent is that of the session's row: its slug may have changed since the token was made.
fn proved(tx: &mut dyn CredentialRead, presented: &Secret, now: Timestamp) -> Result<Proved> {
    let forged = |_: Forged| Error::invalid_session_token();
    let token = Token::read(presented.expose()).map_err(forged)?;
    let signer = tx.verifying_key(token.kid(), now)?;
    let (team, secret) = signer.ok_or_else(Error::invalid_session_token)?;
    let shown = token.check(&secret).map_err(forged)?;
    if shown.team != team || now < shown.not_before {
        return Err(Error::invalid_session_token());
    }
    let session = tx.session_for_sign_in(team, shown.session)?;
    let session = session.ok_or_else(Error::invalid_session_token)?;
    let key = tx.key_for_sign_in(session.key)?.filter(|key| {
        key.team == team && key.live_secrets(now).any(|held| held.number == session.secret_number)
    });
    let key = key.ok_or_else(Error::invalid_session_token)?;
    match SessionState::at(now, session.expires_at, session.ended_at) {
        SessionState::Ended => Err(Error::invalid_session_token()),
        SessionState::Running if now < shown.expires_at => {
            Ok(Proved { session, key, expires_at: shown.expires_at })
        }
        SessionState::Running | SessionState::Expired => Err(Error::expired_session_token()),
    }
}

fn is_locked_elsewhere(key: &SignInKey, agent: &AgentRow) -> bool {
    key.is_locked && key.agent.as_ref().is_none_or(|own| own.id != agent.id)
}

/// Whether so little is left that a token or a session is renewed.
fn is_late(expires_at: Timestamp, now: Timestamp) -> bool {
    expires_at.as_millis() - now.as_millis() <= RENEWED_WITHIN_MS
}
