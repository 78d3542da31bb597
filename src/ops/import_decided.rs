//! What becomes of records of an import that say what a team has decided.
//!
//! A team that holds nothing yet is being restored, and takes its policies as they were. One that
//! lives has decided for itself: no file loosens what it refuses, or makes its memories expire.

use crate::core::error::Result;
use crate::identity::permit::Permit;
use crate::memory::conflict::Existing;
use crate::memory::decided::{ConflictCopy, RetentionCopy, TeamCopy};
use crate::store::teams::Policies;
use crate::store::{ReadTx, WriteTx};

use super::import_record::{Change, Verdict};

/// A decision as it was elsewhere.
#[derive(Clone)]
pub(super) enum Decided {
    Team(TeamCopy),
    Retention(RetentionCopy),
    Conflict(Box<ConflictCopy>),
}

impl Decided {
    /// Says what becomes of it in this team.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub(super) fn weigh(
        &self,
        tx: &mut dyn ReadTx,
        permit: &Permit,
        is_dry: bool,
    ) -> Result<Verdict> {
        let refused = |rule: &str| Ok(Verdict::Refuse(rule.to_owned()));
        let taken = || Ok(Verdict::Take(Change::Decided(self.clone())));
        match self {
            Decided::Team(copy) => {
                let now = tx.policies(permit)?;
                let here = TeamCopy {
                    trust: now.trust,
                    secret_values: now.secrets,
                    self_approval: now.allows_self_approval,
                };
                if *copy == here {
                    return Ok(Verdict::Known);
                }
                if copy.is_as_strict_as(&here) || is_empty(tx, permit)? {
                    return taken();
                }
                refused("would loosen this team's policies: `policy_set` changes them")
            }
            Decided::Retention(copy) => {
                let rows = tx.retention_policies(permit)?.into_iter().map(RetentionCopy::from);
                let here = rows.into_iter().find(|row| row.agent_id == copy.agent_id);
                if here.as_ref() == Some(copy) {
                    return Ok(Verdict::Known);
                }
                if here.is_some() || !is_empty(tx, permit)? {
                    return refused(
                        "says how long memories stay, which this team decides: `retention_set` \
                         changes it",
                    );
                }
                let is_here = match copy.agent_id {
                    Some(agent) => is_dry || tx.agent(permit, agent)?.is_some(),
                    None => true,
                };
                if is_here { taken() } else { refused("names an agent that is not here") }
            }
            Decided::Conflict(copy) => {
                let all = permit.oversight()?;
                if let Some(here) = tx.conflict_like(all, copy)? {
                    return match here {
                        _ if here == **copy => Ok(Verdict::Known),
                        _ if here.id == copy.id => refused("is here already, decided otherwise"),
                        _ => refused("another conflict of the same two waits here"),
                    };
                }
                if is_dry {
                    return taken();
                }
                let existing = Existing::from(copy.existing);
                for id in existing.memory().into_iter().chain([copy.newer.id]) {
                    if tx.memory_copy(all, id)?.is_none() {
                        return refused("names a memory that is not here");
                    }
                }
                match existing.node() {
                    Some(id) if tx.node(permit, id)?.is_none() => {
                        refused("names a node that is not here")
                    }
                    _ => taken(),
                }
            }
        }
    }

    /// Takes it.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub(super) fn make(&self, tx: &mut dyn WriteTx, permit: &Permit) -> Result<()> {
        match self {
            Decided::Team(copy) => {
                let policies = Policies {
                    trust: copy.trust,
                    secrets: copy.secret_values,
                    allows_self_approval: copy.self_approval,
                };
                tx.set_policies(permit, policies)
            }
            Decided::Retention(copy) => tx.set_retention_policy(permit, &copy.clone().into()),
            Decided::Conflict(copy) => tx.add_conflict_copy(permit.oversight()?, copy),
        }
    }
}

/// Whether the team holds no memory, not even a forgotten one.
fn is_empty(tx: &mut dyn ReadTx, permit: &Permit) -> Result<bool> {
    Ok(tx.copy_counts(permit.oversight()?, true)?.memories == 0)
}
