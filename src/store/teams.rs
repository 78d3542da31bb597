//! What a team has decided about itself.

use crate::core::error::Result;
use crate::identity::actor::TrustPolicy;
use crate::identity::guard::Policy;
use crate::identity::permit::Permit;

/// A team's policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policies {
    /// How agents that are new to the team begin.
    pub trust: TrustPolicy,
    /// What becomes of arguments whose values are secrets.
    pub secrets: Policy,
    /// Whether who did a task may say that it is done.
    pub allows_self_approval: bool,
}

/// What can be read of a team.
pub trait TeamRead {
    /// The team's policies.
    fn policies(&mut self, permit: &Permit) -> Result<Policies>;
}

/// What can be changed of a team.
pub trait TeamWrite {
    /// Sets the team's policies. They hold from the next request on.
    fn set_policies(&mut self, permit: &Permit, policies: Policies) -> Result<()>;
}
