//! Nodes of the strategy. Everybody of the team sees them all.

use crate::core::error::Result;
use crate::core::id::NodeId;
use crate::identity::permit::Permit;
use crate::work::node::Node;

/// What can be read of nodes.
pub trait NodeRead {
    /// A node by its id.
    fn node(&mut self, permit: &Permit, id: NodeId) -> Result<Option<Node>>;
}

/// What can be changed of nodes.
pub trait NodeWrite {
    /// Adds a node. Its parent is in the team; whoever adds it has read it in the same unit.
    fn add_node(&mut self, permit: &Permit, node: &Node) -> Result<()>;

    /// Puts a node in the place of its version before. `false`, and nothing is changed, where that
    /// isn't the newest any more.
    fn update_node(&mut self, permit: &Permit, node: &Node) -> Result<bool>;
}
