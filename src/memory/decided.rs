//! What a team has decided, as an export holds it: its policies, how long memories stay, and what
//! contradicts what.
//!
//! Records of the lossless format like those of [`super::copy`], which has the others.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::conflict::record::Side;
use super::conflict::{
    Conflict, ConflictKind, ConflictStatus, Existing, Resolution, Severity, Signal,
};
use super::copy::{ConfirmationCopy, LinkCopy, MemoryCopy};
use super::draft::{Draft, label};
use super::retention::Policy;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{AgentId, ConflictId, MemberId, MemoryId, NodeId};
use crate::core::text;
use crate::identity::actor::{Actor, AgentRef, TrustPolicy};
use crate::identity::guard;

/// What a team has decided about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamCopy {
    /// How new agents begin.
    pub trust: TrustPolicy,
    /// What becomes of arguments whose values are secrets.
    #[serde(serialize_with = "named_policy", deserialize_with = "policy_of_name")]
    pub secret_values: guard::Policy,
    /// Whether who did a task may say that it is done; left out where not, as older exports do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub self_approval: bool,
}

/// How long memories stay: the team's own policy, or an agent's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionCopy {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    pub version: i64,
    pub policy: Policy,
    pub updated_at: Timestamp,
}

/// A memory and what was there before it, which can't both hold, and what was decided about them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConflictCopy {
    pub id: ConflictId,
    pub kind: ConflictKind,
    pub severity: Severity,
    pub signals: Vec<Signal>,
    pub status: ConflictStatus,
    pub existing: ExistingCopy,
    pub newer: SideCopy,
    pub opened_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// What a merge that waits for consent would say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rationale: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who decided, or asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<MemberId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
}

/// What was there before; the prefix of its id says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ExistingCopy {
    Memory(SideCopy),
    /// A node of the strategy.
    Node(SideCopy<NodeId>),
}

/// One side, in the version that was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideCopy<I = MemoryId> {
    pub id: I,
    pub version: i64,
}

/// The most signs that speak for one conflict: more than the rules know.
const MOST_SIGNALS: usize = 32;

impl TeamCopy {
    /// Whether a team that has this would let nothing through that it refuses by another.
    #[must_use]
    pub fn is_as_strict_as(&self, other: &Self) -> bool {
        let waits = |copy: &Self| copy.trust == TrustPolicy::Approval;
        let strict = |copy: &Self| match copy.secret_values {
            guard::Policy::Reject => 2,
            guard::Policy::Redact => 1,
            guard::Policy::Allow => 0,
        };
        waits(self) >= waits(other)
            && strict(self) >= strict(other)
            && self.self_approval <= other.self_approval
    }
}

impl RetentionCopy {
    /// Checks what an export could not hold.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the field and its rule.
    pub fn check(&self) -> Result<()> {
        if self.version < 1 {
            return Err(Error::invalid("version", "must be at least 1"));
        }
        self.policy.check()
    }
}

impl ConflictCopy {
    /// Checks what an export could not hold.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the field and its rule.
    pub fn check(&self) -> Result<()> {
        let existing = Existing::from(self.existing);
        if existing.memory() == Some(self.newer.id) {
            return Err(Error::invalid("newer", "must be another memory"));
        }
        if existing.version() < 1 || self.newer.version < 1 {
            return Err(Error::invalid("version", "must be at least 1"));
        }
        let is_weight = |signal: &Signal| (0.0..=1.0).contains(&signal.weight);
        if self.signals.len() > MOST_SIGNALS || !self.signals.iter().all(is_weight) {
            let rule = format!("must be at most {MOST_SIGNALS}, with weights of 0 to 1");
            return Err(Error::invalid("signals", rule));
        }
        if let Some(content) = self.content.clone() {
            let draft = Draft { content: Some(content), ..Draft::default() };
            draft.into_statement(Timestamp::from_millis(0))?;
        }
        let is_merged = self.resolution == Some(Resolution::Merge) || self.content.is_some();
        if existing.node().is_some() && is_merged {
            return Err(Error::invalid("resolution", "can't be MERGE where one is a node"));
        }
        let is_long = |rationale: &String| !(1..=1000).contains(&text::chars(rationale));
        if self.rationale.as_ref().is_some_and(is_long) {
            return Err(Error::invalid("rationale", "must be 1 to 1000 characters"));
        }
        if let Some(reason) = self.reason.clone() {
            label("reason", reason)?;
        }
        let asks = self.resolution.is_some() || self.decided_at.is_some();
        if asks == (self.status == ConflictStatus::Pending) {
            return Err(Error::invalid("status", "must go with what was decided"));
        }
        Ok(())
    }

    /// The conflict that it is a copy of.
    #[must_use]
    pub fn into_conflict(self) -> Conflict {
        let agent = self.agent_id.map(|id| AgentRef { id, slug: String::new() });
        let has_decided = agent.is_some() || self.member_id.is_some();
        Conflict {
            id: self.id,
            kind: self.kind,
            severity: self.severity,
            signals: self.signals,
            status: self.status,
            existing: self.existing.into(),
            newer: self.newer.into(),
            opened_at: self.opened_at,
            resolution: self.resolution,
            content: self.content,
            rationale: self.rationale,
            reason: self.reason,
            decided_by: has_decided.then_some(Actor { agent, member: self.member_id }),
            decided_at: self.decided_at,
        }
    }
}

impl<I> From<SideCopy<I>> for Side<I> {
    fn from(copy: SideCopy<I>) -> Self {
        Self { id: copy.id, version: copy.version }
    }
}

impl<I> From<Side<I>> for SideCopy<I> {
    fn from(side: Side<I>) -> Self {
        Self { id: side.id, version: side.version }
    }
}

impl From<ExistingCopy> for Existing {
    fn from(copy: ExistingCopy) -> Self {
        match copy {
            ExistingCopy::Memory(side) => Existing::Memory(side.into()),
            ExistingCopy::Node(side) => Existing::Node(side.into()),
        }
    }
}

impl From<Existing> for ExistingCopy {
    fn from(existing: Existing) -> Self {
        match existing {
            Existing::Memory(side) => ExistingCopy::Memory(side.into()),
            Existing::Node(side) => ExistingCopy::Node(side.into()),
        }
    }
}

impl From<Conflict> for ConflictCopy {
    fn from(conflict: Conflict) -> Self {
        let by = conflict.decided_by;
        Self {
            id: conflict.id,
            kind: conflict.kind,
            severity: conflict.severity,
            signals: conflict.signals,
            status: conflict.status,
            existing: conflict.existing.into(),
            newer: conflict.newer.into(),
            opened_at: conflict.opened_at,
            resolution: conflict.resolution,
            content: conflict.content,
            rationale: conflict.rationale,
            reason: conflict.reason,
            agent_id: by.as_ref().and_then(|by| by.agent.as_ref()).map(|agent| agent.id),
            member_id: by.and_then(|by| by.member),
            decided_at: conflict.decided_at,
        }
    }
}

impl MemoryCopy {
    /// The links and confirmations of another copy that this one lacks.
    #[must_use]
    pub fn lacking(&self, other: &Self) -> (Vec<LinkCopy>, Vec<ConfirmationCopy>) {
        let has_link = |link: &&LinkCopy| {
            let edge = |link: &LinkCopy| (link.link_type, link.to_kind.clone(), link.to_id.clone());
            self.links.iter().any(|here| edge(here) == edge(link))
        };
        let has_word = |word: &&ConfirmationCopy| {
            let is = |here: &ConfirmationCopy| {
                here.print == word.print && here.actor_id == word.actor_id
            };
            self.confirmations.iter().any(is)
        };
        let links = other.links.iter().filter(|link| !has_link(link)).cloned().collect();
        let words = other.confirmations.iter().filter(|word| !has_word(word)).cloned().collect();
        (links, words)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn named_policy<S: Serializer>(
    policy: &guard::Policy,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(policy.as_str())
}

fn policy_of_name<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<guard::Policy, D::Error> {
    let name = String::deserialize(deserializer)?;
    guard::Policy::parse(&name).ok_or_else(|| serde::de::Error::custom("no such policy"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_as_strict_as_another_in_all_its_parts_or_not_at_all() {
        use guard::Policy::{Allow, Redact, Reject};
        let policy = |trust, secret_values| TeamCopy { trust, secret_values, self_approval: false };
        let lax = |copy: TeamCopy| TeamCopy { self_approval: true, ..copy };
        let (open, closed) = (TrustPolicy::Automatic, TrustPolicy::Approval);

        assert!(policy(closed, Reject).is_as_strict_as(&policy(open, Redact)));
        assert!(policy(open, Redact).is_as_strict_as(&policy(open, Redact)));
        assert!(policy(open, Redact).is_as_strict_as(&lax(policy(open, Redact))));
        assert!(!lax(policy(closed, Reject)).is_as_strict_as(&policy(open, Redact)));
        assert!(!policy(open, Reject).is_as_strict_as(&policy(closed, Allow)));
        assert!(!policy(closed, Allow).is_as_strict_as(&policy(open, Redact)));
    }
}
