//! What callers see of conflicts. What memories and nodes say stands in fields of its own.

use schemars::JsonSchema;
use serde::Serialize;

use super::conflict_open::is_live;
use super::view::AuthorView;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{MemoryId, NodeId};
use crate::identity::actor::Actor;
use crate::identity::permit::Permit;
use crate::memory::conflict::record::Side;
use crate::memory::conflict::{
    Conflict, ConflictKind, ConflictStatus, Existing, Resolution, Severity, Sign, Signal,
};
use crate::memory::fields::{MemoryType, Status};
use crate::memory::memory::Memory;
use crate::store::ReadTx;
use crate::work::node::{Node, NodeKind, NodeStatus};

/// A memory and what was there before it, which can't both hold.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConflictView {
    pub id: String,
    pub kind: ConflictKind,
    pub severity: Severity,
    pub status: ConflictStatus,
    /// What spoke for it
    pub signals: Vec<SignalView>,
    pub existing: ExistingView,
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

/// What was there before: the fields of a memory, or `node`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExistingView {
    #[serde(flatten)]
    memory: Option<SideView>,
    /// The node of the strategy, where it is one
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<NodeSideView>,
}

/// A node of the strategy as it stands now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NodeSideView {
    id: String,
    #[serde(rename = "type")]
    kind: NodeKind,
    /// What the team is after there
    statement: String,
    status: NodeStatus,
    version: i64,
    /// Whether it was changed after they were compared
    changed_since: bool,
}

/// A memory as it stands now.
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

/// What some conflicts are between, as it was read.
pub(super) struct Sides {
    pub(super) memories: Vec<Memory>,
    pub(super) nodes: Vec<Node>,
}

impl Sides {
    /// Reads them.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub(super) fn read(
        tx: &mut dyn ReadTx,
        permit: &Permit,
        conflicts: &[Conflict],
    ) -> Result<Self> {
        let memories: Vec<MemoryId> = conflicts.iter().flat_map(Conflict::memories).collect();
        let nodes: Vec<NodeId> =
            conflicts.iter().filter_map(|conflict| conflict.existing.node()).collect();
        let memories = tx.memories_of(permit, &memories)?;
        let nodes = if nodes.is_empty() { Vec::new() } else { tx.nodes_of(permit, &nodes)? };
        Ok(Self { memories, nodes })
    }

    fn memory(&self, side: Side) -> Option<SideView> {
        let memory = self.memories.iter().find(|memory| memory.id == side.id)?;
        Some(SideView::of(memory, side))
    }

    fn existing(&self, existing: Existing) -> Option<ExistingView> {
        Some(match existing {
            Existing::Memory(side) => ExistingView { memory: Some(self.memory(side)?), node: None },
            Existing::Node(side) => {
                let node = self.nodes.iter().find(|node| node.id == side.id)?;
                ExistingView { memory: None, node: Some(NodeSideView::of(node, side)) }
            }
        })
    }
}

impl ConflictView {
    /// A conflict with its sides; `None` where one of them isn't given.
    pub(super) fn of(conflict: Conflict, sides: &Sides) -> Option<Self> {
        let existing = sides.existing(conflict.existing)?;
        let newer = sides.memory(conflict.newer)?;
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

impl NodeSideView {
    fn of(node: &Node, side: Side<NodeId>) -> Self {
        Self {
            id: node.id.to_string(),
            kind: node.kind,
            statement: node.statement.clone(),
            status: node.status,
            version: node.version,
            changed_since: node.version != side.version,
        }
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
