//! A conflict as it is kept: what was found, and what was decided about it.
//!
//! The newer side is always a memory. What was there before is a memory too, or a node of the strategy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::{ConflictKind, Finding, Severity, Signal};
use crate::core::clock::Timestamp;
use crate::core::id::{ConflictId, MemoryId, NodeId};
use crate::identity::actor::Actor;
use crate::memory::fields::Named;
use crate::memory::memory::Memory;

/// Where a conflict stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
pub enum ConflictStatus {
    /// Nobody has decided.
    Pending,
    /// Somebody has decided who may not do so alone.
    PendingApproval,
    Resolved,
    /// It went away by itself: what was said no longer conflicts.
    AutoResolved,
    /// There was nothing to decide, or there is nothing any more.
    Dismissed,
}

impl Named for ConflictStatus {
    const NAMES: &'static [(Self, &'static str)] = &[
        (ConflictStatus::Pending, "PENDING"),
        (ConflictStatus::PendingApproval, "PENDING_APPROVAL"),
        (ConflictStatus::Resolved, "RESOLVED"),
        (ConflictStatus::AutoResolved, "AUTO_RESOLVED"),
        (ConflictStatus::Dismissed, "DISMISSED"),
    ];
}

impl ConflictStatus {
    /// Those that wait for somebody.
    pub const WAITING: [Self; 2] = [ConflictStatus::Pending, ConflictStatus::PendingApproval];

    /// Whether somebody has yet to decide.
    #[must_use]
    pub fn waits(self) -> bool {
        Self::WAITING.contains(&self)
    }
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
pub enum Resolution {
    /// The newer one is retired.
    KeepExisting,
    /// The older one is retired; a node is dropped.
    KeepNew,
    /// Both stay, linked as contradicting each other.
    KeepBoth,
    /// Both are retired for one that says it right; memories alone.
    Merge,
    /// It was no conflict.
    Dismiss,
}

impl Named for Resolution {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Resolution::KeepExisting, "KEEP_EXISTING"),
        (Resolution::KeepNew, "KEEP_NEW"),
        (Resolution::KeepBoth, "KEEP_BOTH"),
        (Resolution::Merge, "MERGE"),
        (Resolution::Dismiss, "DISMISS"),
    ];
}

/// Why a conflict was dismissed whose sides don't both stand any more.
pub const GONE: &str = "gone";

/// Why a conflict resolved itself when one of its sides came to say something else.
pub const EDITED: &str = "edited";

/// A memory and what was there before it, which can't both hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    pub id: ConflictId,
    pub kind: ConflictKind,
    pub severity: Severity,
    pub signals: Vec<Signal>,
    pub status: ConflictStatus,
    pub existing: Existing,
    pub newer: Side,
    pub opened_at: Timestamp,
    pub resolution: Option<Resolution>,
    /// What a merge that waits for consent would say.
    pub content: Option<String>,
    pub rationale: Option<String>,
    /// Why it was closed without anybody deciding, as a label.
    pub reason: Option<String>,
    /// Who decided, or asked for it.
    pub decided_by: Option<Actor>,
    pub decided_at: Option<Timestamp>,
}

/// One side, in the version that was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side<I = MemoryId> {
    pub id: I,
    pub version: i64,
}

/// What was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    Memory(Side),
    /// A node of the strategy.
    Node(Side<NodeId>),
}

impl Side {
    fn of(memory: &Memory) -> Self {
        Self { id: memory.id, version: memory.version }
    }
}

impl Existing {
    /// The memory, where it is one.
    #[must_use]
    pub fn memory(self) -> Option<MemoryId> {
        match self {
            Existing::Memory(side) => Some(side.id),
            Existing::Node(_) => None,
        }
    }

    /// The node, where it is one.
    #[must_use]
    pub fn node(self) -> Option<NodeId> {
        match self {
            Existing::Memory(_) => None,
            Existing::Node(side) => Some(side.id),
        }
    }

    /// The version that was compared.
    #[must_use]
    pub fn version(self) -> i64 {
        match self {
            Existing::Memory(side) => side.version,
            Existing::Node(side) => side.version,
        }
    }
}

impl Conflict {
    /// A conflict of two memories that was just found.
    #[must_use]
    pub fn new(
        id: ConflictId,
        finding: Finding,
        existing: &Memory,
        newer: &Memory,
        at: Timestamp,
    ) -> Self {
        Self::opened(id, finding, Existing::Memory(Side::of(existing)), newer, at)
    }

    /// A conflict with a node of the strategy that was just found.
    #[must_use]
    pub fn with_node(
        id: ConflictId,
        finding: Finding,
        node: Side<NodeId>,
        newer: &Memory,
        at: Timestamp,
    ) -> Self {
        Self::opened(id, finding, Existing::Node(node), newer, at)
    }

    fn opened(
        id: ConflictId,
        finding: Finding,
        existing: Existing,
        newer: &Memory,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            kind: finding.kind,
            severity: finding.severity,
            signals: finding.signals,
            status: ConflictStatus::Pending,
            existing,
            newer: Side::of(newer),
            opened_at: at,
            resolution: None,
            content: None,
            rationale: None,
            reason: None,
            decided_by: None,
            decided_at: None,
        }
    }

    /// The ids of its memories: two, or one where it is with a node.
    pub fn memories(&self) -> impl Iterator<Item = MemoryId> {
        self.existing.memory().into_iter().chain([self.newer.id])
    }
}
