//! A principal of before, as its credential stands now: for what lasts longer than a request.

use super::attempts::Attempt;
use super::{Auth, Principal};
use crate::core::error::{Error, Result};
use crate::core::secret::Secret;
use crate::identity::permit::{Exempt, Requirement};
use crate::identity::role::{Role, Scope};
use crate::store::sign_in::check_credential;

/// What is asked of a credential that is only looked at.
const STANDING: Requirement = Requirement {
    operation: "whoami",
    scope: Scope::Read,
    least_role: Role::Viewer,
    exempt: Exempt::Everything,
};

impl Auth {
    /// Whether a key would be let in, without using it for the first time: its role and its team.
    ///
    /// # Errors
    /// `INVALID_API_KEY`; `UNAVAILABLE`.
    pub async fn tried(&self, presented: &Secret) -> Result<(Role, String)> {
        let attempt = Attempt::unbounded();
        let outcome = self.known_key(&attempt, presented).await;
        let (key, _) = attempt.settle(outcome)?;
        Ok((key.role, key.team_slug))
    }

    /// The principal that a credential proved before, with the allow-list, the standing and the
    /// policy of now.
    ///
    /// # Errors
    /// As [`check_credential`] when the credential was struck since; `UNAVAILABLE`.
    pub async fn again(&self, known: &Principal) -> Result<Principal> {
        let (permit, mut principal) = (known.permit(&STANDING)?, known.clone());
        let now = self.clock.now();
        let found = self.store.sign_in(move |tx| {
            check_credential(tx, &permit, now)?;
            let agent = permit.actor().agent.as_ref().map(|agent| agent.id);
            let state = tx.credential_state(permit.team(), permit.credential(), agent, now)?;
            let key = match permit.credential().key() {
                Some(id) => Some(tx.key_for_sign_in(id)?.ok_or_else(Error::invalid_api_key)?),
                None => None,
            };
            Ok((key, state.agent))
        });
        let (key, trust) = found.await?;
        principal.trust = trust.unwrap_or(principal.trust);
        if let Some(key) = key {
            principal.role = key.role;
            principal.scopes = key.scopes;
            principal.allow_list = key.allow_list;
            principal.secrets = key.secrets;
        }
        Ok(principal)
    }
}
