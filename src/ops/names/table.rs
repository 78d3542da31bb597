//! The names, and how their arguments are spelt.

use super::Turn::{Among, And, As, Aside, Below, Link, Own, Published};
use super::{Alias, Turn};

/// Words of other products for choices of ours.
pub(super) const VALUES: [(&str, &str); 7] = [
    ("data", "fact"),
    ("principle", "instruction"),
    ("lesson", "learning"),
    ("pattern", "learning"),
    ("insight", "learning"),
    ("correction", "learning"),
    ("keep_old", "KEEP_EXISTING"),
];

const fn row(
    name: &'static str,
    operation: &'static str,
    fields: &'static [(&'static str, Turn)],
) -> Alias {
    Alias { name, operation, fields, sets: &[], needs: None }
}

/// A row whose calls mean something else without a field of ours.
const fn needing(field: &'static str, row: Alias) -> Alias {
    Alias { needs: Some(field), ..row }
}

/// How a memory is written with Momental's words.
const WRITTEN: &[(&str, Turn)] = &[
    ("statement", As("content")),
    ("text", As("content")),
    ("nodeType", As("type")),
    ("node_type", As("type")),
    ("memoryType", As("type")),
    ("voiceType", As("voice")),
    ("voice_type", As("voice")),
    ("status", Published),
    ("sourceQuote", Below("content")),
    ("source_quote", Below("content")),
    ("domain", And("tags")),
    ("treeNodeId", Link),
    ("tree_node_id", Link),
];

/// How memories are looked for with Momental's words.
const SOUGHT: &[(&str, Turn)] = &[
    ("type", Among("types")),
    ("nodeType", Among("types")),
    ("node_type", Among("types")),
    ("nodeTypes", Among("types")),
    ("domain", And("tags")),
    ("agentId", Among("agents")),
];

/// What all of Memanto's ways to look for memories have.
const RECALLED: &[(&str, Turn)] =
    &[("type", Among("types")), ("agent_id", Among("agents")), ("since", As("changed_since"))];

/// Every name, Momental's first. Of several rows of one name the last is what it means most.
pub static ALIASES: [Alias; 24] = [
    row("momental_whoami", "whoami", &[]),
    row(
        "momental_agent_register",
        "agent_register",
        &[
            ("displayName", As("display_name")),
            ("name", As("display_name")),
            ("agentType", As("type")),
        ],
    ),
    row(
        "momental_my_activity",
        "my_activity",
        &[("agentId", As("agent")), ("since", As("after")), ("until", As("before"))],
    ),
    row("momental_remember", "remember", WRITTEN),
    row("momental_recall", "recall", SOUGHT),
    row("momental_node_create", "remember", WRITTEN),
    row("momental_node_search", "recall", SOUGHT),
    row("momental_node_get", "memory_get", &[("nodeId", As("id")), ("node_id", As("id"))]),
    row(
        "momental_node_update",
        "memory_update",
        &[
            ("nodeId", As("id")),
            ("node_id", As("id")),
            ("statement", As("content")),
            ("nodeType", As("type")),
            ("voiceType", As("voice")),
            ("status", Published),
        ],
    ),
    row("momental_node_delete", "forget", &[("nodeId", As("id")), ("node_id", As("id"))]),
    row("momental_forget", "forget", &[("memoryId", As("id")), ("nodeId", As("id"))]),
    row(
        "momental_conflicts_list",
        "conflicts_list",
        &[("status", Among("status")), ("nodeId", As("memory")), ("atomId", As("memory"))],
    ),
    row(
        "momental_conflict_resolve",
        "conflict_resolve",
        &[
            ("conflictId", As("id")),
            ("conflict_id", As("id")),
            ("mergedStatement", As("content")),
            ("mergedContent", As("content")),
        ],
    ),
    // Memanto's.
    Alias {
        name: "batch_remember",
        operation: "remember",
        fields: &[("memories", As("items")), ("agent_id", Own)],
        sets: &["partial"],
        needs: Some("items"),
    },
    row("recall_recent", "recall", RECALLED),
    needing("as_of", row("recall_as_of", "recall", RECALLED)),
    needing("changed_since", row("recall_changed_since", "recall", RECALLED)),
    row("create_agent", "agent_create", &[("pattern", As("type"))]),
    row("list_agents", "agent_list", &[]),
    row("get_agent", "agent_show", &[]),
    row("delete_agent", "agent_delete", &[]),
    // Ours, where Memanto's of the same name take more.
    row("remember", "remember", &[("agent_id", Own)]),
    row("recall", "recall", &[("type", Among("types")), ("agent_id", Among("agents"))]),
    row(
        "answer",
        "answer",
        &[("agent_id", Among("agents")), ("temperature", Aside), ("kiosk_mode", Aside)],
    ),
];
