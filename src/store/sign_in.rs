//! From a credential to who it is: what is read and made before there is a permit.

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{AgentId, MemberId, SessionId, SigningKeyId, TeamId};
use crate::core::secret::Secret;
use crate::identity::actor::{Credential, Trust};
use crate::identity::event::Event;
use crate::identity::guard::Policy;
use crate::identity::key::KeyId;
use crate::identity::permit::{Permit, trust_required};
use crate::identity::role::{Role, Scopes};
use crate::identity::session::SigningKey;

use super::agents::AgentRow;
use super::member_sign_in::{MemberSignInRead, MemberSignInTx};

/// A key's row as sign-in needs it.
#[derive(Debug, Clone)]
pub struct SignInKey {
    pub team: TeamId,
    pub team_slug: String,
    pub id: KeyId,
    /// The secrets that are good at some time, newest first: the current one, and the one before it
    /// while a rotation's overlap lasts. None once revoked.
    pub secrets_held: Vec<HeldSecret>,
    pub role: Role,
    pub scopes: Scopes,
    pub allow_list: Option<Vec<String>>,
    /// Active, not revoked, and its agent (if it has one) with its state.
    pub is_active: bool,
    pub expires_at: Option<Timestamp>,
    pub agent: Option<AgentRow>,
    /// Whether the agent is the only one this key may name.
    pub is_locked: bool,
    /// What becomes of an agent that is new to the team.
    pub new_agents: Trust,
    /// What the team wants done with secrets in arguments.
    pub secrets: Policy,
}

impl SignInKey {
    /// The secrets that are good at a moment; none where the key itself isn't.
    pub fn live_secrets(&self, at: Timestamp) -> impl Iterator<Item = &HeldSecret> {
        let is_live = self.is_live(at);
        self.secrets_held
            .iter()
            .filter(move |secret| is_live && secret.until.is_none_or(|until| at < until))
    }

    /// Whether it may be used at a moment, its secrets aside.
    #[must_use]
    pub fn is_live(&self, at: Timestamp) -> bool {
        self.is_active && self.expires_at.is_none_or(|expires_at| at < expires_at)
    }
}

/// One of a key's secrets.
#[derive(Debug, Clone)]
pub struct HeldSecret {
    /// argon2id, as a PHC string.
    pub hash: String,
    /// Which of the key's secrets it is, from 1.
    pub number: i64,
    /// When it ends; `None` with the key.
    pub until: Option<Timestamp>,
}

/// A session's row as sign-in needs it.
#[derive(Debug, Clone)]
pub struct SignInSession {
    pub id: SessionId,
    pub agent: AgentRow,
    /// The key that made it, and by which of its secrets.
    pub key: KeyId,
    pub secret_number: i64,
    pub started_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// The team of an embedded database, and the member who owns it.
#[derive(Debug, Clone)]
pub struct LocalTeam {
    pub team: TeamId,
    pub slug: String,
    pub owner: MemberId,
    /// What the team wants done with secrets in arguments.
    pub secrets: Policy,
}

/// What can be read of a credential before there is a permit.
pub trait CredentialRead: MemberSignInRead {
    /// The key of an id, of whichever team.
    fn key_for_sign_in(&mut self, id: KeyId) -> Result<Option<SignInKey>>;

    /// The only team of this database, with its owner; `None` where there is none, or several.
    fn local_team(&mut self) -> Result<Option<LocalTeam>>;

    /// The agent of a slug.
    fn agent_for_sign_in(&mut self, team: TeamId, slug: &str) -> Result<Option<AgentRow>>;

    /// Whose tokens a signing key signs, of whichever team, and its secret, if what it signed holds
    /// at a moment.
    fn verifying_key(
        &mut self,
        kid: SigningKeyId,
        at: Timestamp,
    ) -> Result<Option<(TeamId, Secret)>>;

    /// What signs a team's tokens from now on.
    fn signing_key_for_sign_in(&mut self, team: TeamId) -> Result<Option<SigningKey>>;

    /// A session of a team, ended or not.
    fn session_for_sign_in(
        &mut self,
        team: TeamId,
        session: SessionId,
    ) -> Result<Option<SignInSession>>;

    /// What is left of a credential: whether it is live, and its agent's standing (`None` where it
    /// has no agent yet).
    fn credential_state(
        &mut self,
        team: TeamId,
        credential: &Credential,
        agent: Option<AgentId>,
        at: Timestamp,
    ) -> Result<CredentialState>;

    /// Does nothing but reach the database.
    fn ping(&mut self) -> Result<()>;
}

/// What a unit of work finds of its caller's credential.
#[derive(Debug, Clone, Copy)]
pub struct CredentialState {
    /// Whether the key's secret is still good.
    pub is_live: bool,
    /// What became of the session, where one was the proof.
    pub session: Option<SessionState>,
    pub agent: Option<Trust>,
}

/// What became of a session, its key aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    Running,
    /// Its time is over.
    Expired,
    /// It was ended, or there is none.
    Ended,
}

impl SessionState {
    /// What its row says at a moment.
    #[must_use]
    pub fn at(at: Timestamp, expires_at: Timestamp, ended_at: Option<Timestamp>) -> Self {
        match ended_at {
            Some(_) => SessionState::Ended,
            None if at < expires_at => SessionState::Running,
            None => SessionState::Expired,
        }
    }
}

/// What sign-in may change: the agent of a key on its first use.
pub trait SignInTx: CredentialRead + MemberSignInTx {
    /// Adds an agent. Its slug must be free.
    fn add_agent(&mut self, team: TeamId, agent: &AgentRow) -> Result<()>;

    /// Gives an agent's record another slug, which must be free; its history stays one.
    fn rename_agent(&mut self, team: TeamId, agent: AgentId, slug: &str) -> Result<()>;

    /// Binds a key to an agent, for good if locked.
    fn bind_key(&mut self, team: TeamId, key: KeyId, agent: AgentId, is_locked: bool)
    -> Result<()>;

    /// Notes when a key was last used; never moves the time back.
    fn touch_key(&mut self, team: TeamId, key: KeyId, at: Timestamp) -> Result<()>;

    /// Moves a session's end. `false`, and nothing is changed, when it has ended, its time is over
    /// at `at`, or it lasts as long already.
    fn renew_session(
        &mut self,
        team: TeamId,
        session: SessionId,
        expires_at: Timestamp,
        at: Timestamp,
    ) -> Result<bool>;

    /// Writes the activity event of what sign-in did.
    fn record_sign_in(&mut self, permit: &Permit, event: &Event) -> Result<()>;
}

/// Refuses a permit whose credential was revoked, deactivated or expired since, whose session
/// ended, or whose agent lost the team's trust. Run first in every unit, in the unit's own
/// transaction.
///
/// # Errors
/// `INVALID_API_KEY`, or for a session's caller `INVALID_SESSION_TOKEN` and
/// `EXPIRED_SESSION_TOKEN`; `UNAUTHENTICATED` for a member; `TRUST_REQUIRED`.
pub fn check_credential(
    tx: &mut (impl CredentialRead + ?Sized),
    permit: &Permit,
    at: Timestamp,
) -> Result<()> {
    let agent = permit.actor().agent.as_ref().map(|agent| agent.id);
    let state = tx.credential_state(permit.team(), permit.credential(), agent, at)?;
    match (permit.credential(), state.session) {
        (Credential::Member { .. }, _) if !state.is_live => {
            return Err(Error::unauthenticated("this member has to sign in again")
                .with_fix("sign in with e-mail and password"));
        }
        (_, None) if !state.is_live => return Err(Error::invalid_api_key()),
        (_, Some(_)) if !state.is_live => return Err(Error::invalid_session_token()),
        (_, Some(SessionState::Ended)) => return Err(Error::invalid_session_token()),
        (_, Some(SessionState::Expired)) => return Err(Error::expired_session_token()),
        (_, None | Some(SessionState::Running)) => {}
    }
    if permit.needs_trust() && state.agent.is_some_and(|trust| trust != Trust::Approved) {
        return Err(trust_required());
    }
    Ok(())
}
