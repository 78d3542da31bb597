//! Policies to begin with. What people decided, prefer or instructed is in none of them.

use super::{ByType, Keep, Match, Policy, Rule};
use crate::memory::fields::{MemoryType, Provenance};

/// A policy under a name.
pub struct Preset {
    pub name: &'static str,
    pub description: &'static str,
}

/// Every preset, the mildest first.
pub const ALL: [Preset; 3] = [
    Preset {
        name: "conservative",
        description: "Passing things go after months; nothing is ever erased",
    },
    Preset {
        name: "balanced",
        description: "Context goes after a month, observations after three; nothing is ever erased",
    },
    Preset {
        name: "aggressive",
        description: "Context goes after a week, facts after half a year; erased 90 days later",
    },
];

/// A text of ours as a duration.
fn keep(text: &str) -> Keep {
    Keep::parse(text).expect("a preset holds durations")
}

fn rule(name: &str, matching: Match, expire_after: &str) -> Rule {
    Rule { name: name.to_owned(), matching: Some(matching), expire_after: keep(expire_after) }
}

/// What is marked to stay, stays: the first rule of each preset.
fn pinned() -> Rule {
    let tags = ["pinned", "keep"].map(str::to_owned).to_vec();
    rule("pinned", Match { tags: Some(tags), ..Match::default() }, "never")
}

/// What was only inferred, and not surely.
fn guessed(expire_after: &str) -> Rule {
    let matching = Match {
        provenance: Some(vec![Provenance::Inferred]),
        confidence_below: Some(0.5),
        ..Match::default()
    };
    rule("guessed", matching, expire_after)
}

/// The policy of a preset's name.
#[must_use]
pub fn named(name: &str) -> Option<Policy> {
    use MemoryType::{
        Artifact, Commitment, Context, Error, Event, Fact, Goal, Learning, Observation,
        Relationship,
    };
    let (retention, rules, purge) = match name {
        "conservative" => (
            ByType::from([(Context, keep("180d")), (Observation, keep("365d"))]),
            vec![pinned()],
            "never",
        ),
        "balanced" => (
            ByType::from([
                (Context, keep("30d")),
                (Observation, keep("90d")),
                (Event, keep("180d")),
                (Error, keep("180d")),
            ]),
            vec![pinned(), guessed("30d")],
            "never",
        ),
        "aggressive" => (
            ByType::from([
                (Context, keep("7d")),
                (Observation, keep("30d")),
                (Event, keep("30d")),
                (Error, keep("30d")),
                (Goal, keep("90d")),
                (Commitment, keep("90d")),
                (Learning, keep("90d")),
                (Artifact, keep("90d")),
                (Fact, keep("180d")),
                (Relationship, keep("180d")),
            ]),
            vec![pinned(), guessed("7d")],
            "90d",
        ),
        _ => return None,
    };
    Some(Policy {
        retention: Some(retention),
        rules: Some(rules),
        purge_expired_after: Some(keep(purge)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_policy_that_holds_its_own_rules() {
        for preset in &ALL {
            let policy = named(preset.name).expect("a policy");
            assert!(policy.check().is_ok() && !policy.is_empty(), "{}", preset.name);
        }
        assert_eq!(named("other"), None);
    }

    #[test]
    fn what_people_decided_stays_under_every_preset() {
        for preset in &ALL {
            let retention = named(preset.name).and_then(|policy| policy.retention);
            let retention = retention.expect("types");
            for kept in [MemoryType::Decision, MemoryType::Preference, MemoryType::Instruction] {
                assert_eq!(retention.of(kept), None, "{}", preset.name);
            }
        }
    }
}
