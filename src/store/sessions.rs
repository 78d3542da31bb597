//! Sessions of a team's agents, and the keys that sign their tokens.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{AgentId, SessionId};
use crate::identity::key::KeyId;
use crate::identity::permit::Permit;
use crate::identity::session::SigningKey;

/// A session to be added.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub id: SessionId,
    pub agent: AgentId,
    /// The key that makes it, and which of its secrets was shown.
    pub key: KeyId,
    pub secret_number: i64,
    pub started_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A session as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    pub id: SessionId,
    /// The agent's slug.
    pub agent: String,
    pub agent_type: Option<String>,
    pub key: KeyId,
    pub started_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Whether the secret that made it is still good.
    pub has_live_key: bool,
    /// How many memories were first written in it, whatever became of them.
    pub memories: u64,
}

impl SessionRow {
    /// Whether its tokens are good for anything at a moment.
    #[must_use]
    pub fn is_live(&self, at: Timestamp) -> bool {
        self.ended_at.is_none() && self.has_live_key && at < self.expires_at
    }
}

/// Which sessions; a field that is `None` leaves none out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionFilter {
    pub id: Option<SessionId>,
    pub agent: Option<AgentId>,
    pub key: Option<KeyId>,
    /// Only those that haven't ended, by themselves or by their time, at this moment. What became
    /// of their keys is not asked.
    pub open_at: Option<Timestamp>,
}

/// What can be read of sessions.
pub trait SessionRead {
    /// Sessions as they stand at a moment, newest first. At most `limit`.
    fn sessions(
        &mut self,
        permit: &Permit,
        filter: &SessionFilter,
        at: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionRow>>;
}

/// What can be changed of sessions.
pub trait SessionWrite {
    /// What signs the team's tokens from now on; `None` before its first session.
    fn signing_key(&mut self, permit: &Permit) -> Result<Option<SigningKey>>;

    /// Adds what signs from now on. The team must have none, or have retired it.
    fn add_signing_key(&mut self, permit: &Permit, key: &SigningKey, at: Timestamp) -> Result<()>;

    /// Retires what signs now: what it signed holds until `until`. Those retired before whose time
    /// is over at `at` go for good.
    fn retire_signing_key(
        &mut self,
        permit: &Permit,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<()>;

    /// Takes away all that ever signed, so that no token of the team holds any more.
    fn delete_signing_keys(&mut self, permit: &Permit) -> Result<()>;

    /// Adds a session.
    fn add_session(&mut self, permit: &Permit, session: &NewSession) -> Result<()>;

    /// Moves a session's end. `false`, and nothing is changed, when it has ended, its time is over at
    /// `at`, or it lasts as long already.
    fn extend_session(
        &mut self,
        permit: &Permit,
        id: SessionId,
        expires_at: Timestamp,
        at: Timestamp,
    ) -> Result<bool>;

    /// Ends those of these sessions that haven't ended; gives how many. Their running units are
    /// refused from then on.
    fn end_sessions(
        &mut self,
        permit: &Permit,
        filter: &SessionFilter,
        at: Timestamp,
    ) -> Result<u64>;
}
