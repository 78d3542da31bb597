//! Nodes of the strategy as callers see them.

use schemars::JsonSchema;
use serde::Serialize;

use super::task_view::PartyView;
use crate::core::clock::Timestamp;
use crate::work::node::{Node, NodeKind, NodeStatus};

/// A node, all that is its own.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NodeView {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: NodeKind,
    /// Absent of a topmost one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// Its place among those of the same parent, from 0
    pub position: i64,
    pub statement: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub status: NodeStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<PartyView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<PartyView>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<Node> for NodeView {
    fn from(node: Node) -> Self {
        Self {
            id: node.id.to_string(),
            kind: node.kind,
            parent_id: node.parent.map(|id| id.to_string()),
            position: node.position,
            statement: node.statement,
            description: node.description,
            status: node.status,
            owner: node.owner.map(PartyView::from),
            author: node.author.map(PartyView::from),
            version: node.version,
            created_at: node.created_at,
            updated_at: node.updated_at,
        }
    }
}
