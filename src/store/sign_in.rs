//! From a credential to who it is: what is read and made before there is a permit.

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{AgentId, MemberId, TeamId};
use crate::identity::actor::{Credential, Trust};
use crate::identity::event::Event;
use crate::identity::guard::Policy;
use crate::identity::key::KeyId;
use crate::identity::permit::{Permit, trust_required};
use crate::identity::role::{Role, Scopes};

use super::agents::AgentRow;

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
pub trait CredentialRead {
    /// The key of an id, of whichever team.
    fn key_for_sign_in(&mut self, id: KeyId) -> Result<Option<SignInKey>>;

    /// The only team of this database, with its owner; `None` where there is none, or several.
    fn local_team(&mut self) -> Result<Option<LocalTeam>>;

    /// The agent of a slug.
    fn agent_for_sign_in(&mut self, team: TeamId, slug: &str) -> Result<Option<AgentRow>>;

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
    pub is_live: bool,
    pub agent: Option<Trust>,
}

/// What sign-in may change: the agent of a key on its first use.
pub trait SignInTx: CredentialRead {
    /// Adds an agent. Its slug must be free.
    fn add_agent(&mut self, team: TeamId, agent: &AgentRow) -> Result<()>;

    /// Gives an agent's record another slug, which must be free; its history stays one.
    fn rename_agent(&mut self, team: TeamId, agent: AgentId, slug: &str) -> Result<()>;

    /// Binds a key to an agent, for good if locked.
    fn bind_key(&mut self, team: TeamId, key: KeyId, agent: AgentId, is_locked: bool)
    -> Result<()>;

    /// Notes when a key was last used; never moves the time back.
    fn touch_key(&mut self, team: TeamId, key: KeyId, at: Timestamp) -> Result<()>;

    /// Writes the activity event of what sign-in did.
    fn record_sign_in(&mut self, permit: &Permit, event: &Event) -> Result<()>;
}

/// Refuses a permit whose credential was revoked, deactivated or expired since, or whose agent
/// lost the team's trust. Run first in every unit, in the unit's own transaction.
///
/// # Errors
/// `INVALID_API_KEY`, `TRUST_REQUIRED`.
pub fn check_credential(
    tx: &mut (impl CredentialRead + ?Sized),
    permit: &Permit,
    at: Timestamp,
) -> Result<()> {
    let agent = permit.actor().agent.as_ref().map(|agent| agent.id);
    let state = tx.credential_state(permit.team(), permit.credential(), agent, at)?;
    if !state.is_live {
        return Err(Error::invalid_api_key());
    }
    if permit.needs_trust() && state.agent.is_some_and(|trust| trust != Trust::Approved) {
        return Err(trust_required());
    }
    Ok(())
}
