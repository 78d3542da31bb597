//! Typed edges from a memory to what it has to do with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields::Named;
use crate::core::clock::Timestamp;
use crate::core::id::{MemoryId, NodeId, TaskId};

/// What a memory is to the one that it is linked to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum LinkType {
    DerivesFrom,
    Supports,
    Contradicts,
    /// It takes the other's place; the other is retired.
    Supersedes,
    RelatesTo,
}

impl Named for LinkType {
    const NAMES: &'static [(Self, &'static str)] = &[
        (LinkType::DerivesFrom, "derives_from"),
        (LinkType::Supports, "supports"),
        (LinkType::Contradicts, "contradicts"),
        (LinkType::Supersedes, "supersedes"),
        (LinkType::RelatesTo, "relates_to"),
    ];
}

/// What an edge leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Memory(MemoryId),
    /// A node of the strategy.
    Node(NodeId),
    Task(TaskId),
}

impl Target {
    /// What kind of thing it is, and its id, as the store writes them.
    #[must_use]
    pub fn parts(self) -> (&'static str, String) {
        match self {
            Target::Memory(id) => ("memory", id.to_string()),
            Target::Node(id) => ("node", id.to_string()),
            Target::Task(id) => ("task", id.to_string()),
        }
    }

    /// A target from its parts.
    #[must_use]
    pub fn from_parts(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "memory" => id.parse().ok().map(Target::Memory),
            "node" => id.parse().ok().map(Target::Node),
            "task" => id.parse().ok().map(Target::Task),
            _ => None,
        }
    }

    /// The target of an id; its prefix says what it is.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        ["memory", "node", "task"].into_iter().find_map(|kind| Self::from_parts(kind, id))
    }

    /// The memory, where it is one.
    #[must_use]
    pub fn memory(self) -> Option<MemoryId> {
        match self {
            Target::Memory(id) => Some(id),
            Target::Node(_) | Target::Task(_) => None,
        }
    }
}

impl From<MemoryId> for Target {
    fn from(id: MemoryId) -> Self {
        Target::Memory(id)
    }
}

/// An edge. Between two ends there is one of each type at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    pub from: MemoryId,
    pub link_type: LinkType,
    pub to: Target,
}

impl Link {
    /// An edge between two memories.
    #[must_use]
    pub fn between(from: MemoryId, link_type: LinkType, to: MemoryId) -> Self {
        Self { from, link_type, to: Target::Memory(to) }
    }
}

/// An edge that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linked {
    pub link: Link,
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::id::Ids;

    #[test]
    fn the_store_and_the_wire_use_the_same_names() {
        assert_eq!(LinkType::NAMES.len(), 5);
        for (value, name) in LinkType::NAMES {
            assert_eq!(serde_json::to_value(value).expect("serializes"), *name);
        }
    }

    #[test]
    fn a_target_survives_in_parts() {
        let (ids, at) = (Ids::default(), Timestamp::from_millis(1));
        let targets =
            [Target::Memory(ids.next(at)), Target::Node(ids.next(at)), Target::Task(ids.next(at))];

        for target in targets {
            let (kind, id) = target.parts();

            assert_eq!(Target::from_parts(kind, &id), Some(target));
            assert_eq!(Target::parse(&id), Some(target));
            assert_eq!(Target::from_parts("moon", &id), None);
            assert_eq!(Target::from_parts(kind, "mem_1"), None);
        }
        assert_eq!(Target::parse("key_1"), None);
    }
}
