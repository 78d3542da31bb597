//! What is decided where a memory contradicts a node of the strategy: the part of `conflict_resolve`
//! for these.
//!
//! To keep the node retires the memory, to keep the memory drops the node. A node is no memory, so the
//! two can't be merged: it is rewritten by hand, and then the conflict settles itself.

use super::against::{link, speaks};
use super::call::Done;
use super::conflict_open::is_live;
use super::conflict_resolve::{Decision, Deed, Output};
use super::work_target::changed_since;
use crate::core::error::{Error, Result};
use crate::core::id::NodeId;
use crate::identity::permit::Permit;
use crate::memory::conflict::record::{EDITED, GONE};
use crate::memory::conflict::{Conflict, Newcomer, Resolution};
use crate::memory::fields::{Status, Visibility};
use crate::memory::memory::Memory;
use crate::memory::rights::{check_change, is_person, needs_consent};
use crate::store::WriteTx;
use crate::store::memories::set_status;
use crate::work::node::{Node, NodeStatus};
use crate::work::party::Party;

/// Why a memory is superseded that no memory took the place of: the team goes on with a node.
const REASON: &str = "against_strategy";

impl Decision {
    /// As for two memories, with a node as the one that was there before.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for what can't be decided so; `CONFLICT` where somebody was faster.
    pub(super) fn apply_to_node(
        &self,
        tx: &mut dyn WriteTx,
        permit: &Permit,
        conflict: Conflict,
        node: NodeId,
    ) -> Result<Done<Output>> {
        let node = tx.node(permit, node)?.filter(|node| node.status == NodeStatus::Active);
        let memory = tx.memory(permit, conflict.newer.id)?.filter(is_live);
        let Some((node, memory)) = node.zip(memory) else {
            return self.close(tx, permit, conflict, GONE);
        };
        if node.version != conflict.existing.version()
            && speaks(Newcomer::of(&memory).as_ref(), &node.statement).is_none()
        {
            // By somebody who doesn't see the memory, and so not the conflict.
            tx.remove_link(permit, &link(memory.id, node.id))?;
            return self.close(tx, permit, conflict, EDITED);
        }
        check(self.resolution, &memory)?;
        if self.waits_for_consent_to_node(permit, &conflict, &node, &memory) {
            return self.ask(tx, permit, conflict, None);
        }
        let mut deed = Deed::default();
        match self.resolution {
            Resolution::KeepExisting => {
                let only = std::slice::from_ref(&memory);
                let retired = set_status(tx, permit, only, Status::Superseded, REASON, self.at)?;
                deed.retired = retired.iter().map(|memory| memory.id).collect();
            }
            Resolution::KeepNew => {
                self.accepted(tx, permit, memory)?;
                deed.dropped = Some(self.drop_node(tx, permit, node)?);
            }
            // MERGE was refused above.
            Resolution::KeepBoth | Resolution::Merge => {
                tx.add_link(permit, &link(memory.id, node.id), self.at)?;
            }
            Resolution::Dismiss => {
                tx.remove_link(permit, &link(memory.id, node.id))?;
            }
        }
        self.put_decided(tx, permit, conflict, deed)
    }

    /// Whether this bearer may not decide so alone: an agent neither retires what a person wrote, nor
    /// drops what a person made or answers for.
    fn waits_for_consent_to_node(
        &self,
        permit: &Permit,
        conflict: &Conflict,
        node: &Node,
        memory: &Memory,
    ) -> bool {
        let may_retire = check_change(memory, permit).is_ok();
        let is_of_person = match self.resolution {
            Resolution::KeepExisting if !may_retire => return true,
            Resolution::KeepExisting => needs_consent(memory, permit),
            Resolution::KeepNew if !self.may_change_nodes => return true,
            Resolution::KeepNew => is_persons(node) && !is_person(permit.actor()),
            _ => return !may_retire && !self.may_change_nodes,
        };
        is_of_person && !self.is_consent(permit, conflict)
    }

    fn drop_node(&self, tx: &mut dyn WriteTx, permit: &Permit, node: Node) -> Result<NodeId> {
        let next = Node {
            status: NodeStatus::Dropped,
            version: node.version + 1,
            updated_at: self.at,
            ..node
        };
        if !tx.update_node(permit, &next)? {
            return Err(changed_since(node.version, "strategy_tree"));
        }
        Ok(next.id)
    }
}

/// Refuses what can't be decided about a memory and a node.
fn check(resolution: Resolution, memory: &Memory) -> Result<()> {
    match resolution {
        Resolution::Merge => {
            Err(Error::invalid("resolution", "can't be MERGE where one is a node").with_fix(
                "rewrite the node with strategy_node_update: the conflict then settles itself",
            ))
        }
        // What everybody pursues doesn't end for what nobody else can read.
        Resolution::KeepNew if memory.statement.visibility == Visibility::Agent => {
            let rule = "can't be KEEP_NEW: what you keep for yourself ends nothing of the team's";
            Err(Error::invalid("resolution", rule)
                .with_fix("show the memory to the team with memory_update, or decide otherwise"))
        }
        _ => Ok(()),
    }
}

/// Whether a person made the node, or answers for it.
fn is_persons(node: &Node) -> bool {
    let is_member = |party: &Party| matches!(party, Party::Member { .. });
    [&node.author, &node.owner].into_iter().flatten().any(is_member)
}
