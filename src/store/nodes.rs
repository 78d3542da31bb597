//! Nodes of the strategy. Everybody of the team sees them all.

use crate::core::error::Result;
use crate::core::id::NodeId;
use crate::identity::permit::Permit;
use crate::work::node::{Node, NodeKind};
use crate::work::tree::Place;

/// A node that is pursued, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveNode {
    pub id: NodeId,
    pub kind: NodeKind,
    pub version: i64,
    pub statement: String,
}

/// What can be read of nodes.
pub trait NodeRead {
    /// A node by its id.
    fn node(&mut self, permit: &Permit, id: NodeId) -> Result<Option<Node>>;

    /// Nodes by their ids, in the order of the ids; those that aren't there are left out.
    fn nodes_of(&mut self, permit: &Permit, ids: &[NodeId]) -> Result<Vec<Node>>;

    /// The nodes that are pursued, the last changed first. At most `limit`.
    fn active_nodes(&mut self, permit: &Permit, limit: usize) -> Result<Vec<ActiveNode>>;

    /// Where every node stands, those of one parent in their order.
    fn node_places(&mut self, permit: &Permit) -> Result<Vec<Place>>;

    /// The nodes right below one, or the topmost, in their order.
    fn nodes_below(&mut self, permit: &Permit, parent: Option<NodeId>) -> Result<Vec<NodeId>>;
}

/// What can be changed of nodes.
pub trait NodeWrite {
    /// Adds a node. Its parent is in the team; whoever adds it has read it in the same unit.
    fn add_node(&mut self, permit: &Permit, node: &Node) -> Result<()>;

    /// Puts a node in the place of its version before. `false`, and nothing is changed, where that
    /// isn't the newest any more.
    fn update_node(&mut self, permit: &Permit, node: &Node) -> Result<bool>;

    /// Numbers nodes from 0 in the order given, which are those of one parent. Their versions stay:
    /// who has moved is another node.
    fn order_nodes(&mut self, permit: &Permit, ids: &[NodeId]) -> Result<()>;
}
