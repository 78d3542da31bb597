//! Nodes of the strategy: a tree from a vision down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::party::Party;
use crate::core::clock::Timestamp;
use crate::core::id::NodeId;
use crate::core::named::Named;

/// What kind of node it is, from the top down.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
pub enum NodeKind {
    Vision,
    Mission,
    Objective,
    KeyResult,
    Opportunity,
    Solution,
    Experiment,
    Epic,
}

impl Named for NodeKind {
    const NAMES: &'static [(Self, &'static str)] = &[
        (NodeKind::Vision, "VISION"),
        (NodeKind::Mission, "MISSION"),
        (NodeKind::Objective, "OBJECTIVE"),
        (NodeKind::KeyResult, "KEY_RESULT"),
        (NodeKind::Opportunity, "OPPORTUNITY"),
        (NodeKind::Solution, "SOLUTION"),
        (NodeKind::Experiment, "EXPERIMENT"),
        (NodeKind::Epic, "EPIC"),
    ];
}

impl NodeKind {
    /// Whether a node of this kind may stand right below one of another: levels may be skipped, but
    /// their order holds. A kind never stands below itself, so no path through the tree is longer
    /// than there are kinds, and none comes back to where it began.
    #[must_use]
    pub fn may_stand_below(self, parent: Self) -> bool {
        self > parent
    }
}

/// How it stands with a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
pub enum NodeStatus {
    #[default]
    Active,
    Achieved,
    Dropped,
}

impl Named for NodeStatus {
    const NAMES: &'static [(Self, &'static str)] = &[
        (NodeStatus::Active, "ACTIVE"),
        (NodeStatus::Achieved, "ACHIEVED"),
        (NodeStatus::Dropped, "DROPPED"),
    ];
}

/// A node as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub id: NodeId,
    pub kind: NodeKind,
    pub parent: Option<NodeId>,
    /// Its place among the nodes of the same parent, from 0.
    pub position: i64,
    pub statement: String,
    pub description: Option<String>,
    pub status: NodeStatus,
    pub owner: Option<Party>,
    pub author: Option<Party>,
    /// From 1, one more with each change.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_and_the_wire_use_the_same_names() {
        for (value, name) in NodeKind::NAMES {
            assert_eq!(serde_json::to_value(value).expect("serializes"), *name);
        }
        for (value, name) in NodeStatus::NAMES {
            assert_eq!(serde_json::to_value(value).expect("serializes"), *name);
        }
    }

    #[test]
    fn levels_may_be_skipped_but_not_turned_round() {
        assert!(NodeKind::Epic.may_stand_below(NodeKind::Vision));
        assert!(NodeKind::KeyResult.may_stand_below(NodeKind::Objective));
        assert!(!NodeKind::Vision.may_stand_below(NodeKind::Epic));
        assert!(!NodeKind::Epic.may_stand_below(NodeKind::Epic));
    }
}
