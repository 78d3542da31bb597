//! What a memory says against the strategy, found when it is written, within the unit that writes it.
//!
//! It is kept as a link `contradicts` from the memory to the node. A conflict is between two memories,
//! and deciding it retires one of them; a node is changed by hand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::conflict_open::is_live;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::permit::Permit;
use crate::memory::conflict::Newcomer;
use crate::memory::link::{Link, LinkType, Target};
use crate::memory::memory::Memory;
use crate::store::WriteTx;
use crate::work::node::NodeKind;

/// Nodes that are compared, those last changed.
const COMPARED: usize = 500;

/// Nodes that one memory is linked to at most: what contradicts more is itself in doubt.
const MOST: usize = 5;

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

/// Links a memory to the nodes that it contradicts, and from those that only its text before did.
///
/// # Errors
/// `UNAVAILABLE`.
pub(super) fn link(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    before: Option<&Memory>,
    memory: &Memory,
    at: Timestamp,
) -> Result<Vec<Against>> {
    let was = before.and_then(Newcomer::of);
    let now = Some(memory).filter(|memory| is_live(memory)).and_then(Newcomer::of);
    if was.is_none() && now.is_none() {
        return Ok(Vec::new());
    }
    let mut against = Vec::new();
    for node in tx.active_nodes(permit, COMPARED)? {
        let speaks = |one: &Option<Newcomer<'_>>| {
            one.as_ref().is_some_and(|one| one.contradicts(&node.statement))
        };
        let link =
            Link { from: memory.id, link_type: LinkType::Contradicts, to: Target::Node(node.id) };
        if speaks(&now) && against.len() < MOST {
            tx.add_link(permit, &link, at)?;
            against.push(Against {
                node: node.id.to_string(),
                kind: node.kind,
                statement: node.statement,
            });
        } else if speaks(&was) {
            tx.remove_link(permit, &link)?;
        }
    }
    Ok(against)
}
