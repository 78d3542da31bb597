//! What callers see of conflicts. What the memories say stands in fields of its own.

use schemars::JsonSchema;
use serde::Serialize;

use super::conflict_open::is_live;
use super::view::AuthorView;
use crate::core::clock::Timestamp;
use crate::identity::actor::Actor;
use crate::memory::conflict::record::Side;
use crate::memory::conflict::{
    Conflict, ConflictKind, ConflictStatus, Resolution, Severity, Sign, Signal,
};
use crate::memory::fields::{MemoryType, Status};
use crate::memory::memory::Memory;

/// Two memories that can't both hold.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConflictView {
    pub id: String,
    pub kind: ConflictKind,
    pub severity: Severity,
    pub status: ConflictStatus,
    /// What spoke for it
    pub signals: Vec<SignalView>,
    pub existing: SideView,
    pub newer: SideView,
    pub opened_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// What a merge that waits would say
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rationale: Option<String>,
    /// Why it was closed without a decision, as a label
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who decided, or asked for it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<ActorView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
}

/// One sign, and how much it weighs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SignalView {
    pub name: Sign,
    /// 0 to 1
    pub weight: f64,
    pub label: &'static str,
}

/// One of the two memories as it stands now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SideView {
    pub id: String,
    /// Absent where it doesn't stand any more
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    #[serde(rename = "type")]
    pub memory_type: MemoryType,
    pub status: Status,
    pub version: i64,
    /// Whether it was changed after they were compared
    pub changed_since: bool,
    pub created_at: Timestamp,
    pub author: AuthorView,
}

/// Who acted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ActorView {
    /// The agent's id
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The member's id, if a person or a person's own agent acted
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
}

impl ActorView {
    /// Somebody, for callers.
    pub(super) fn of(actor: &Actor) -> Self {
        Self {
            agent: actor.agent.as_ref().map(|agent| agent.slug.clone()),
            member: actor.member.map(|member| member.to_string()),
        }
    }
}

impl ConflictView {
    /// A conflict with its memories; `None` where one of them isn't given.
    pub(super) fn of(conflict: Conflict, memories: &[Memory]) -> Option<Self> {
        let find = |side: Side| memories.iter().find(|memory| memory.id == side.id);
        let existing = SideView::of(find(conflict.existing)?, conflict.existing);
        let newer = SideView::of(find(conflict.newer)?, conflict.newer);
        Some(Self {
            id: conflict.id.to_string(),
            kind: conflict.kind,
            severity: conflict.severity,
            status: conflict.status,
            signals: conflict.signals.into_iter().map(SignalView::of).collect(),
            existing,
            newer,
            opened_at: conflict.opened_at,
            resolution: conflict.resolution,
            content: conflict.content,
            rationale: conflict.rationale,
            reason: conflict.reason,
            decided_by: conflict.decided_by.as_ref().map(ActorView::of),
            decided_at: conflict.decided_at,
        })
    }
}

impl SignalView {
    fn of(signal: Signal) -> Self {
        Self { name: signal.sign, weight: signal.weight, label: signal.sign.label() }
    }
}

impl SideView {
    fn of(memory: &Memory, side: Side) -> Self {
        // What was retired may still be read by its decision; what was forgotten may not.
        let is_readable = is_live(memory) || memory.status == Status::Superseded;
        Self {
            id: memory.id.to_string(),
            content: is_readable.then(|| memory.statement.content.clone()),
            memory_type: memory.statement.memory_type,
            status: memory.status,
            version: memory.version,
            changed_since: memory.version != side.version && is_live(memory),
            created_at: memory.created_at,
            author: memory.author.clone().into(),
        }
    }
}
