//! The permission to run one operation once. There is one way to get it.

use super::actor::{Actor, Credential, Trust};
use super::principal::Principal;
use super::role::{Role, Scope, Scopes};
use crate::core::error::{Code, Error, Result};
use crate::core::id::TeamId;

/// What an operation asks of its caller.
#[derive(Debug, Clone, Copy)]
pub struct Requirement {
    /// The operation's name, as allow-lists hold it.
    pub operation: &'static str,
    pub scope: Scope,
    pub least_role: Role,
    /// Which checks it is free of.
    pub exempt: Exempt,
}

/// Which of the checks an operation is free of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exempt {
    /// None.
    Nothing,
    /// An agent that isn't approved may call it: how it makes itself known.
    Trust,
    /// Every one: whoever has signed in may call it. `whoami` always works.
    Everything,
}

/// Proof that a principal may run an operation. Every team-scoped method of the store takes one.
///
/// Its fields are private and [`Principal::permit`] is its one constructor, so that a query
/// without a permission check doesn't compile.
#[derive(Debug, Clone)]
pub struct Permit {
    team: TeamId,
    actor: Actor,
    credential: Credential,
    role: Role,
    scopes: Scopes,
    needs_trust: bool,
    operation: &'static str,
}

impl Permit {
    /// The team whose rows it opens, and no other's.
    #[must_use]
    pub fn team(&self) -> TeamId {
        self.team
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// By which credential; it is checked again inside each unit of work.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The role frozen into the credential.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// The scopes of the credential.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// Whether the agent must (still) be approved when the unit of work runs.
    #[must_use]
    pub fn needs_trust(&self) -> bool {
        self.needs_trust
    }

    /// The sight of everything in the team, private memories included.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for whoever isn't an admin.
    pub fn oversight(&self) -> Result<Oversight<'_>> {
        if self.role >= Role::Admin && self.scopes.has(Scope::Admin) {
            return Ok(Oversight(self));
        }
        Err(denied("only an admin sees what is others' alone".to_owned())
            .with_detail("needs", serde_json::json!({ "role": "admin", "scope": "admin" })))
    }

    /// The operation it is for.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }
}

/// Proof that a permit's bearer is an admin. What no visibility holds back takes one: a query over
/// what is others' alone doesn't compile without.
#[derive(Debug, Clone, Copy)]
pub struct Oversight<'p>(&'p Permit);

impl<'p> Oversight<'p> {
    /// The permit that gave it.
    #[must_use]
    pub fn permit(self) -> &'p Permit {
        self.0
    }

    /// The team, and no other's.
    #[must_use]
    pub fn team(self) -> TeamId {
        self.0.team
    }
}

impl Principal {
    /// Asks whether this principal may run an operation.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for scope, role or allow-list, with what is needed in `details`;
    /// `TRUST_REQUIRED` when the agent is not approved.
    pub fn permit(&self, requirement: &Requirement) -> Result<Permit> {
        let operation = requirement.operation;
        let is_free = requirement.exempt == Exempt::Everything;
        let is_listed = is_free
            || self
                .allow_list
                .as_ref()
                .is_none_or(|list| list.iter().any(|name| name == operation));
        if !is_listed {
            return Err(denied(format!("this key's allow-list leaves `{operation}` out"))
                .with_detail("needs", serde_json::json!({ "operation": operation })));
        }
        if !is_free && !self.scopes.has(requirement.scope) {
            let scope = requirement.scope.as_str();
            return Err(denied(format!("this operation needs the scope `{scope}`"))
                .with_detail("needs", serde_json::json!({ "scope": scope })));
        }
        if !is_free && self.role < requirement.least_role {
            return Err(role_required(requirement.least_role));
        }
        let needs_trust = requirement.exempt == Exempt::Nothing;
        if needs_trust && self.trust != Trust::Approved {
            return Err(trust_required());
        }
        Ok(Permit {
            team: self.team,
            actor: self.actor.clone(),
            credential: self.credential.clone(),
            role: self.role,
            scopes: self.scopes,
            needs_trust,
            operation,
        })
    }
}

/// The agent is pending or blocked.
#[must_use]
pub fn trust_required() -> Error {
    Error::new(Code::TrustRequired, "this agent is not approved")
        .with_fix("ask an admin of the team to approve the agent")
}

/// The role is too low: for an operation, or for what it was asked to do.
#[must_use]
pub fn role_required(least: Role) -> Error {
    let role = least.as_str();
    denied(format!("this operation needs the role `{role}` or a higher one"))
        .with_detail("needs", serde_json::json!({ "role": role }))
}

fn denied(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Code::PermissionDenied, message)
        .with_fix("use a key that has it, or ask an admin of the team for one")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::Timestamp;
    use crate::core::id::Ids;

    fn principal() -> Principal {
        Principal {
            team: Ids::default().next(Timestamp::from_millis(1)),
            team_slug: "local".to_owned(),
            actor: Actor { agent: None, member: None },
            credential: Credential::Local,
            role: Role::Editor,
            scopes: [Scope::Read, Scope::Write].into_iter().collect(),
            allow_list: None,
            trust: Trust::Approved,
            secrets: crate::identity::guard::Policy::Reject,
        }
    }

    fn requirement(scope: Scope, least_role: Role) -> Requirement {
        Requirement { operation: "remember", scope, least_role, exempt: Exempt::Nothing }
    }

    fn refusal(principal: &Principal, requirement: &Requirement) -> Option<Code> {
        principal.permit(requirement).err().map(|error| error.code())
    }

    #[test]
    fn scope_and_role_are_both_needed() {
        let editor = principal();

        assert_eq!(refusal(&editor, &requirement(Scope::Write, Role::Editor)), None);
        assert_eq!(
            refusal(&editor, &requirement(Scope::Admin, Role::Editor)),
            Some(Code::PermissionDenied)
        );
        assert_eq!(
            refusal(&editor, &requirement(Scope::Write, Role::Admin)),
            Some(Code::PermissionDenied)
        );
    }

    #[test]
    fn an_allow_list_leaves_only_the_chosen_and_whoami() {
        let mut chosen = principal();
        chosen.allow_list = Some(vec!["recall".to_owned()]);
        let mut whoami = requirement(Scope::Read, Role::Viewer);
        whoami.exempt = Exempt::Everything;

        let refused = refusal(&chosen, &requirement(Scope::Write, Role::Editor));

        assert_eq!(refused, Some(Code::PermissionDenied));
        assert_eq!(refusal(&chosen, &whoami), None);
    }

    #[test]
    fn an_agent_that_is_not_approved_may_only_make_itself_known() {
        let mut pending = principal();
        pending.trust = Trust::Pending;
        let mut register = requirement(Scope::Write, Role::Viewer);
        register.exempt = Exempt::Trust;

        let refused = refusal(&pending, &requirement(Scope::Read, Role::Viewer));

        assert_eq!(refused, Some(Code::TrustRequired));
        assert_eq!(refusal(&pending, &register), None);
    }
}
