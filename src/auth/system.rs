//! The server itself, which keeps to what a team has decided while nobody asks.

use super::{Auth, Principal};
use crate::core::id::TeamId;
use crate::identity::actor::{Actor, Credential, Trust};
use crate::identity::guard::Policy;
use crate::identity::role::{Role, Scopes};

impl Auth {
    /// The server acting for a team, by these operations and no others. It is nobody's agent and no
    /// member, so it sees no private memory but by an admin's oversight. For the composition root
    /// alone: nothing that comes from outside leads here.
    #[must_use]
    pub fn system(&self, team: TeamId, operations: &[&str]) -> Principal {
        Principal {
            team,
            team_slug: String::new(),
            actor: Actor { agent: None, member: None },
            credential: Credential::System,
            role: Role::Admin,
            scopes: Scopes::all(),
            allow_list: Some(operations.iter().map(|name| (*name).to_owned()).collect()),
            trust: Trust::Approved,
            secrets: Policy::Reject,
        }
    }
}
