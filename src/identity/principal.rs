//! The caller, as a credential showed it.

use super::actor::{Actor, Credential, Trust};
use super::guard::Policy;
use super::role::{Role, Scopes};
use crate::core::id::TeamId;

/// Who asks. `auth` makes it from a credential; it knows no operation.
///
/// [`Principal::permit`] (in [`super::permit`]) turns it into the permission for one.
#[derive(Debug, Clone)]
pub struct Principal {
    pub team: TeamId,
    /// The team's name, for people.
    pub team_slug: String,
    pub actor: Actor,
    pub credential: Credential,
    /// The role frozen into the credential.
    pub role: Role,
    pub scopes: Scopes,
    /// The operations that may be called; `None` is every one.
    pub allow_list: Option<Vec<String>>,
    pub trust: Trust,
    /// What the team wants done with arguments whose values are secrets.
    pub secrets: Policy,
}
