//! The words that a memory's fields may hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::core::named::Named;

/// What kind of statement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum MemoryType {
    Fact,
    Preference,
    Goal,
    Decision,
    Artifact,
    Learning,
    Event,
    Instruction,
    Relationship,
    Context,
    Observation,
    Commitment,
    Error,
}

impl Named for MemoryType {
    const NAMES: &'static [(Self, &'static str)] = &[
        (MemoryType::Fact, "fact"),
        (MemoryType::Preference, "preference"),
        (MemoryType::Goal, "goal"),
        (MemoryType::Decision, "decision"),
        (MemoryType::Artifact, "artifact"),
        (MemoryType::Learning, "learning"),
        (MemoryType::Event, "event"),
        (MemoryType::Instruction, "instruction"),
        (MemoryType::Relationship, "relationship"),
        (MemoryType::Context, "context"),
        (MemoryType::Observation, "observation"),
        (MemoryType::Commitment, "commitment"),
        (MemoryType::Error, "error"),
    ];
}

/// How the author came to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Provenance {
    #[default]
    ExplicitStatement,
    Inferred,
    Corrected,
    Validated,
    Observed,
    Imported,
}

impl Named for Provenance {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Provenance::ExplicitStatement, "explicit_statement"),
        (Provenance::Inferred, "inferred"),
        (Provenance::Corrected, "corrected"),
        (Provenance::Validated, "validated"),
        (Provenance::Observed, "observed"),
        (Provenance::Imported, "imported"),
    ];
}

/// How firmly it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub enum Voice {
    Decided,
    Proposed,
    Known,
    Believed,
    Assumed,
    Observed,
    Received,
}

impl Named for Voice {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Voice::Decided, "DECIDED"),
        (Voice::Proposed, "PROPOSED"),
        (Voice::Known, "KNOWN"),
        (Voice::Believed, "BELIEVED"),
        (Voice::Assumed, "ASSUMED"),
        (Voice::Observed, "OBSERVED"),
        (Voice::Received, "RECEIVED"),
    ];
}

/// Who may recall it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Visibility {
    /// Every agent of the team.
    #[default]
    Team,
    /// Its author alone.
    Agent,
}

impl Named for Visibility {
    const NAMES: &'static [(Self, &'static str)] =
        &[(Visibility::Team, "team"), (Visibility::Agent, "agent")];
}

/// Where it stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Status {
    Active,
    Proposed,
    Expired,
    Superseded,
    Forgotten,
    /// Hidden by an admin, until it is released or rolled back.
    Quarantined,
}

impl Named for Status {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Status::Active, "active"),
        (Status::Proposed, "proposed"),
        (Status::Expired, "expired"),
        (Status::Superseded, "superseded"),
        (Status::Forgotten, "forgotten"),
        (Status::Quarantined, "quarantined"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Named + Serialize + std::fmt::Debug>(count: usize) {
        assert_eq!(T::NAMES.len(), count);
        for (value, name) in T::NAMES {
            assert_eq!(serde_json::to_value(value).expect("serializes"), *name);
            assert_eq!(T::parse(name), Some(*value));
        }
    }

    #[test]
    fn the_store_and_the_wire_use_the_same_names() {
        check::<MemoryType>(13);
        check::<Provenance>(6);
        check::<Voice>(7);
        check::<Visibility>(2);
        check::<Status>(6);
    }
}
