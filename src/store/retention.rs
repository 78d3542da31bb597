//! How long memories stay: what was decided, and which memories are old enough to be looked at.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{AgentId, MemoryId};
use crate::identity::permit::{Oversight, Permit};
use crate::memory::decided::RetentionCopy;
use crate::memory::fields::Status;
use crate::memory::memory::Memory;
use crate::memory::retention::{Policies, Policy};

/// A policy as it was set last.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyRow {
    /// Whose memories it is for; `None` is the whole team's.
    pub agent: Option<AgentId>,
    /// From 1, one more each time it is set.
    pub version: i64,
    pub policy: Policy,
    pub updated_at: Timestamp,
}

impl From<PolicyRow> for RetentionCopy {
    fn from(row: PolicyRow) -> Self {
        Self {
            agent_id: row.agent,
            version: row.version,
            policy: row.policy,
            updated_at: row.updated_at,
        }
    }
}

impl From<RetentionCopy> for PolicyRow {
    fn from(copy: RetentionCopy) -> Self {
        Self {
            agent: copy.agent_id,
            version: copy.version,
            policy: copy.policy,
            updated_at: copy.updated_at,
        }
    }
}

/// Which memories are looked at: those that were made before a moment, from the oldest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aged {
    pub status: Status,
    /// Written by this agent alone; `None` is everybody.
    pub author: Option<AgentId>,
    /// Neither made nor changed later than then.
    pub until: Timestamp,
    /// Only what comes after this one, by its creation and its id: where the last page ended.
    pub beyond: Option<(Timestamp, MemoryId)>,
}

/// What can be read of retention.
pub trait RetentionRead {
    /// Every policy of the team, its own first.
    fn retention_policies(&mut self, permit: &Permit) -> Result<Vec<PolicyRow>>;

    /// Memories, whoever may see them, in the order of their creation, then of their ids. At most
    /// `limit`.
    fn aged_memories(&mut self, all: Oversight<'_>, of: &Aged, limit: usize)
    -> Result<Vec<Memory>>;
}

/// What can be changed of retention.
pub trait RetentionWrite {
    /// Sets a policy. It holds from the next sweep on.
    fn set_retention_policy(&mut self, permit: &Permit, row: &PolicyRow) -> Result<()>;
}

/// The policies of a team, as memories are judged by them.
#[must_use]
pub fn policies(rows: Vec<PolicyRow>) -> Policies {
    let mut policies = Policies::default();
    for row in rows {
        match row.agent {
            None => policies.team = row.policy,
            Some(agent) => policies.agents.push((agent, row.policy)),
        }
    }
    policies
}
