//! What a memory says against the strategy, found when it is written, within the unit that writes it.
//!
//! The strategy shows it by a link `contradicts` from the memory to the node; a conflict asks somebody
//! to settle it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::conflict_open::{Opened, is_live, settle_edited};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{ConflictId, MemoryId, NodeId};
use crate::identity::permit::Permit;
use crate::memory::conflict::record::Side;
use crate::memory::conflict::{Conflict, ConflictStatus, Finding, Newcomer};
use crate::memory::link::{Link, LinkType, Target};
use crate::memory::memory::Memory;
use crate::store::WriteTx;
use crate::store::conflicts::ConflictFilter;
use crate::work::node::{Node, NodeKind};

/// Nodes that are compared, those last changed.
const COMPARED: usize = 500;

/// Conflicts of one node that are looked at again when it changes.
const LOOKED_AT: usize = 200;

/// A node of the strategy that a memory seems to contradict.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Against {
    /// The node's id
    node: String,
    #[serde(rename = "type")]
    kind: NodeKind,
    /// What the team is after there
    statement: String,
}

/// Links a memory to the nodes that it has come to contradict and opens a conflict with each, as many
/// as there are ids; and takes its links away to those that only its text before contradicted.
///
/// # Errors
/// `UNAVAILABLE`.
pub(super) fn open(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    before: Option<&Memory>,
    memory: &Memory,
    ids: &[ConflictId],
    at: Timestamp,
) -> Result<(Vec<Opened>, Vec<Against>)> {
    let (mut opened, mut against) = (Vec::new(), Vec::new());
    let was = before.and_then(Newcomer::of);
    let now = Some(memory).filter(|memory| is_live(memory)).and_then(Newcomer::of);
    if was.is_none() && now.is_none() {
        return Ok((opened, against));
    }
    // What it said already waits for somebody, or somebody has decided.
    let says_it_still = before.is_some_and(|before| {
        is_live(before) && before.statement.content == memory.statement.content
    });
    for node in tx.active_nodes(permit, COMPARED)? {
        let said = speaks(was.as_ref(), &node.statement).is_some();
        let Some(finding) = speaks(now.as_ref(), &node.statement) else {
            if said {
                tx.remove_link(permit, &link(memory.id, node.id))?;
            }
            continue;
        };
        let Some(id) = ids.get(against.len()).filter(|_| !(said && says_it_still)) else {
            continue;
        };
        tx.add_link(permit, &link(memory.id, node.id), at)?;
        let side = Side { id: node.id, version: node.version };
        let conflict = Conflict::with_node(*id, finding, side, memory, at);
        if tx.open_conflict(permit, &conflict)? {
            opened.push(Opened::of(&conflict, node.id));
        }
        against.push(Against {
            node: node.id.to_string(),
            kind: node.kind,
            statement: node.statement,
        });
    }
    Ok((opened, against))
}

/// Looks again at the conflicts of a node that says something else now, or is pursued again: those
/// that are none any more resolve themselves.
///
/// # Errors
/// `UNAVAILABLE`.
pub(super) fn look_again(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    node: &Node,
    at: Timestamp,
) -> Result<()> {
    let statuses = ConflictStatus::WAITING.to_vec();
    let filter = ConflictFilter { statuses, node: Some(node.id), ..ConflictFilter::default() };
    for conflict in tx.conflicts(permit, &filter, LOOKED_AT)? {
        let Some(memory) = tx.memory(permit, conflict.newer.id)? else { continue };
        if speaks(Newcomer::of(&memory).as_ref(), &node.statement).is_none() {
            tx.remove_link(permit, &link(memory.id, node.id))?;
            settle_edited(tx, permit, conflict, at)?;
        }
    }
    Ok(())
}

/// That a memory speaks against a node.
pub(super) fn link(memory: MemoryId, node: NodeId) -> Link {
    Link { from: memory, link_type: LinkType::Contradicts, to: Target::Node(node) }
}

/// How a memory contradicts what a node says.
pub(super) fn speaks(memory: Option<&Newcomer<'_>>, statement: &str) -> Option<Finding> {
    memory.and_then(|memory| memory.against_aim(statement))
}
