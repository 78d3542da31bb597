//! API keys of a team. Nothing here ever gives a hash back.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::AgentId;
use crate::identity::key::KeyId;
use crate::identity::permit::Permit;
use crate::identity::role::{Role, Scopes};

/// A key to be added.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub id: KeyId,
    pub title: String,
    pub description: Option<String>,
    pub role: Role,
    pub scopes: Scopes,
    pub allow_list: Option<Vec<String>>,
    /// argon2id, as a PHC string.
    pub secret_hash: String,
    /// The agent it is locked to from the start.
    pub agent: Option<AgentId>,
    /// Who made it, for people: `member mbr_…` or `agent <slug>`.
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// A key as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    pub id: KeyId,
    pub title: String,
    pub description: Option<String>,
    pub role: Role,
    pub scopes: Scopes,
    pub allow_list: Option<Vec<String>>,
    pub is_active: bool,
    /// The slug of the agent it acts as; `None` before its first use.
    pub agent: Option<String>,
    pub is_locked: bool,
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// What can be read of keys.
pub trait KeyRead {
    /// The keys of the team, newest first.
    fn keys(&mut self, permit: &Permit) -> Result<Vec<KeyRow>>;

    /// A key by its id.
    fn key(&mut self, permit: &Permit, id: KeyId) -> Result<Option<KeyRow>>;
}

/// What can be changed of keys.
pub trait KeyWrite {
    /// Adds a key; `false` when the team has one of that title.
    fn add_key(&mut self, permit: &Permit, key: &NewKey) -> Result<bool>;

    /// Destroys a key's hash; the next request that presents it is refused on every replica.
    ///
    /// `false` when it was revoked already, or there is none.
    fn revoke_key(&mut self, permit: &Permit, id: KeyId, at: Timestamp) -> Result<bool>;
}
