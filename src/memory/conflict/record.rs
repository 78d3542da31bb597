//! A conflict as it is kept: what was found, and what was decided about it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::{ConflictKind, Finding, Severity, Signal};
use crate::core::clock::Timestamp;
use crate::core::id::{ConflictId, MemoryId};
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
    /// The older one is retired.
    KeepNew,
    /// Both stay, linked as contradicting each other.
    KeepBoth,
    /// Both are retired for one that says it right.
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

/// Why a conflict was dismissed whose memories aren't both there any more.
pub const GONE: &str = "gone";

/// Why a conflict resolved itself when one of its memories came to say something else.
pub const EDITED: &str = "edited";

/// Two memories that can't both hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    pub id: ConflictId,
    pub kind: ConflictKind,
    pub severity: Severity,
    pub signals: Vec<Signal>,
    pub status: ConflictStatus,
    pub existing: Side,
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

/// One of the two, in the version that was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    pub id: MemoryId,
    pub version: i64,
}

impl Side {
    fn of(memory: &Memory) -> Self {
        Self { id: memory.id, version: memory.version }
    }
}

impl Conflict {
    /// A conflict that was just found.
    #[must_use]
    pub fn new(
        id: ConflictId,
        finding: Finding,
        existing: &Memory,
        newer: &Memory,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            kind: finding.kind,
            severity: finding.severity,
            signals: finding.signals,
            status: ConflictStatus::Pending,
            existing: Side::of(existing),
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

    /// The other memory of the two.
    #[must_use]
    pub fn other(&self, id: MemoryId) -> MemoryId {
        if self.existing.id == id { self.newer.id } else { self.existing.id }
    }
}
