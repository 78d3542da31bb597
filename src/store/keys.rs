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
    /// How many secrets it has had: the number of the one it has now.
    pub secret_number: i64,
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub rotated_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// What can be read of keys.
pub trait KeyRead {
    /// The keys of the team, newest first.
    fn keys(&mut self, permit: &Permit) -> Result<Vec<KeyRow>>;

    /// A key by its id.
    fn key(&mut self, permit: &Permit, id: KeyId) -> Result<Option<KeyRow>>;

    /// Whether any other key than this one is live at a moment, with role owner and scope admin.
    fn has_other_owner_key(&mut self, permit: &Permit, id: KeyId, at: Timestamp) -> Result<bool>;
}

/// What can be changed of keys.
pub trait KeyWrite {
    /// Adds a key; `false` when the team has one of that title.
    fn add_key(&mut self, permit: &Permit, key: &NewKey) -> Result<bool>;

    /// Sets title, description and allow-list; `false` when another key of the team has the title.
    fn describe_key(&mut self, permit: &Permit, key: &KeyRow) -> Result<bool>;

    /// Makes a key usable or unusable. Not for one that was revoked.
    fn set_key_active(&mut self, permit: &Permit, id: KeyId, is_active: bool) -> Result<()>;

    /// Gives a key another secret. The one before it ends at `previous_until`, or now if `None`.
    fn rotate_key(
        &mut self,
        permit: &Permit,
        id: KeyId,
        secret_hash: &str,
        previous_until: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<()>;

    /// Removes a key's record. What was done by it stays in the activity trail.
    fn delete_key(&mut self, permit: &Permit, id: KeyId) -> Result<()>;

    /// Destroys a key's hash; the next request that presents it is refused on every replica.
    ///
    /// `false` when it was revoked already, or there is none.
    fn revoke_key(&mut self, permit: &Permit, id: KeyId, at: Timestamp) -> Result<bool>;
}
