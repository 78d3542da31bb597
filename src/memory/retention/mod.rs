//! How long memories stay: what a policy says of one memory at a moment. Pure.
//!
//! The age of a memory is counted from its last change, confirmations and restorings included: what
//! somebody has touched lately is alive. Of a policy's rules the first that matches decides; where
//! none does, the memory's type. What an agent's own policy doesn't speak of, the team's decides. A
//! memory that says itself until when it holds (`valid_until`) is left to that, unless a rule asks
//! for such memories.

mod keep;
pub mod presets;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields::{MemoryType, Named, Provenance, Status};
use super::memory::Memory;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::AgentId;

pub use keep::{ByType, Keep, RULE as DURATION};

/// What a team or an agent has decided.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// How long memories of each type stay
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<ByType>,
    /// The first that matches decides, before the types
    #[schemars(length(max = 100))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Rule>>,
    /// How long expired memories stay before they are erased for good; never if left out
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purge_expired_after: Option<Keep>,
}

/// One rule of a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What expired memories name as the reason
    #[schemars(regex(pattern = "^[A-Za-z0-9._-]{1,64}$"))]
    pub name: String,
    /// Which memories; all if left out
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matching: Option<Match>,
    /// How long they stay: 30d, 12h, never
    pub expire_after: Keep,
}

/// Which memories a rule is for: all that is given must be so.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Any of these types
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<MemoryType>>,
    /// Any of these tags
    #[schemars(length(max = 20), inner(length(min = 1, max = 64)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// From any of these sources
    #[schemars(length(max = 20), inner(length(min = 1, max = 64)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Vec<String>>,
    /// Known in any of these ways
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Vec<Provenance>>,
    /// Less sure than this
    #[schemars(range(min = 0, max = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence_below: Option<f64>,
    /// True: those with a valid_until, which no other rule and no type touches
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dated: Option<bool>,
}

impl Policy {
    /// Checks what a schema can't say.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the rule by its place.
    pub fn check(&self) -> Result<()> {
        let mut names = BTreeSet::new();
        for (at, rule) in self.rules().iter().enumerate() {
            if !names.insert(rule.name.as_str()) {
                let field = format!("rules[{at}].name");
                return Err(Error::invalid(&field, "must not be that of another rule"));
            }
        }
        Ok(())
    }

    /// Whether it lets every memory be.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let by_type = self.retention.iter().flat_map(ByType::iter);
        by_type.count() == 0 && self.rules().is_empty() && self.purge_expired_after.is_none()
    }

    /// Its rules, in their order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        self.rules.as_deref().unwrap_or_default()
    }

    /// How long it keeps a memory, and which of its lines says so; `None` where it says nothing.
    fn speaks_of(&self, memory: &Memory) -> Option<(Keep, String)> {
        if let Some(rule) = self.rules().iter().find(|rule| rule.is_for(memory)) {
            return Some((rule.expire_after, rule.name.clone()));
        }
        if memory.statement.valid_until.is_some() {
            return None;
        }
        let memory_type = memory.statement.memory_type;
        let keep = self.retention.as_ref()?.of(memory_type)?;
        Some((keep, format!("retention.{}", memory_type.as_str())))
    }

    /// The least time after which it lets anything expire.
    fn soonest(&self) -> Option<i64> {
        let by_type = self.retention.iter().flat_map(ByType::iter).map(|(_, keep)| keep);
        let by_rule = self.rules().iter().map(|rule| rule.expire_after);
        by_type.chain(by_rule).filter_map(Keep::millis).min()
    }
}

impl Rule {
    fn is_for(&self, memory: &Memory) -> bool {
        let (nothing, said) = (Match::default(), &memory.statement);
        let wanted = self.matching.as_ref().unwrap_or(&nothing);
        let any = |wanted: Option<&Vec<String>>, holds: &dyn Fn(&String) -> bool| {
            wanted.is_none_or(|wanted| wanted.iter().any(holds))
        };
        said.valid_until.is_some() == wanted.dated.unwrap_or(false)
            && wanted.types.as_ref().is_none_or(|types| types.contains(&said.memory_type))
            && any(wanted.tags.as_ref(), &|tag| said.tags.contains(tag))
            && any(wanted.source.as_ref(), &|source| said.source.as_ref() == Some(source))
            && wanted.provenance.as_ref().is_none_or(|all| all.contains(&said.provenance))
            && wanted.confidence_below.is_none_or(|below| said.confidence < below)
    }
}

/// The policies of a team: its own, and those of its agents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policies {
    pub team: Policy,
    pub agents: Vec<(AgentId, Policy)>,
}

impl Policies {
    /// Those that speak of a memory, the first before the second.
    fn of(&self, memory: &Memory) -> impl Iterator<Item = &Policy> {
        let author = memory.author.actor.agent.as_ref().map(|agent| agent.id);
        let own = self.agents.iter().find(|(agent, _)| Some(*agent) == author);
        own.map(|(_, policy)| policy).into_iter().chain([&self.team])
    }

    /// Which line lets a memory expire now; `None` where it stays.
    #[must_use]
    pub fn expires(&self, memory: &Memory, now: Timestamp) -> Option<String> {
        if memory.status != Status::Active {
            return None;
        }
        let (keep, line) = self.of(memory).find_map(|policy| policy.speaks_of(memory))?;
        keep.is_over(memory.updated_at, now).then_some(line)
    }

    /// Whether a memory has been expired for so long that it is erased.
    #[must_use]
    pub fn purges(&self, memory: &Memory, now: Timestamp) -> bool {
        let keep = self.of(memory).find_map(|policy| policy.purge_expired_after);
        memory.status == Status::Expired
            && keep.is_some_and(|keep| keep.is_over(memory.updated_at, now))
    }

    /// What was touched after this moment can't expire yet; `None` where nothing ever does.
    #[must_use]
    pub fn expiring_before(&self, now: Timestamp) -> Option<Timestamp> {
        let soonest = self.all().filter_map(Policy::soonest).min()?;
        Some(now.plus_millis(-soonest))
    }

    /// What expired after this moment can't be erased yet; `None` where nothing ever is.
    #[must_use]
    pub fn purging_before(&self, now: Timestamp) -> Option<Timestamp> {
        let kept = self.all().filter_map(|policy| policy.purge_expired_after?.millis());
        Some(now.plus_millis(-kept.min()?))
    }

    fn all(&self) -> impl Iterator<Item = &Policy> {
        self.agents.iter().map(|(_, policy)| policy).chain([&self.team])
    }
}

#[cfg(test)]
mod tests;
