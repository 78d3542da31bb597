//! The names, and how their arguments are spelt.

use super::Turn::{Among, And, As, Aside, Below, Lines, Link, Own, Published, True};
use super::When::{Always, Id, Kind};
use super::{Alias, Turn, When};

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
    Alias { name, when: Always, operation, fields, sets: &[], needs: None }
}

/// A row of a name that has others after it.
const fn when(when: When, row: Alias) -> Alias {
    Alias { when, ..row }
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

/// How a node of the strategy is written with Momental's words.
const PLANNED: &[(&str, Turn)] = &[
    ("nodeType", As("type")),
    ("node_type", As("type")),
    ("parentId", As("parent_id")),
    ("treeNodeId", As("parent_id")),
    ("sourceQuote", As("description")),
    ("status", Aside),
    ("voiceType", Aside),
];

/// How a task is written with Momental's words.
const TASK: &[(&str, Turn)] = &[
    ("parentId", As("parent_id")),
    ("treeNodeId", As("parent_id")),
    ("acceptanceCriteria", Lines("acceptance_criteria")),
    ("acceptance_criteria", Lines("acceptance_criteria")),
    ("agentId", As("assignee")),
    ("assigneeId", As("assignee")),
    ("dueDate", As("due_at")),
    ("dependencies", As("depends_on")),
    ("nodeType", Aside),
    ("node_type", Aside),
    ("type", Aside),
    ("status", Aside),
];

/// How a task is changed with Momental's words.
const TASK_CHANGED: &[(&str, Turn)] = &[
    ("taskId", As("id")),
    ("task_id", As("id")),
    ("nodeId", As("id")),
    ("agentId", As("assignee")),
    ("assigneeId", As("assignee")),
    ("dueDate", As("due_at")),
    ("acceptanceCriteria", Lines("acceptance_criteria")),
    ("acceptance_criteria", Lines("acceptance_criteria")),
];

/// How progress is kept with Momental's words.
const CHECKPOINT: &[(&str, Turn)] = &[
    ("taskId", As("task_id")),
    ("progress", As("summary")),
    ("nextSteps", As("next")),
    ("nextStep", As("next")),
];

/// How something is said with Momental's words.
const SAID: &[(&str, Turn)] = &[
    ("taskId", As("about_id")),
    ("nodeId", As("about_id")),
    ("conflictId", As("about_id")),
    ("comment", As("content")),
    ("text", As("content")),
];

/// The levels of the strategy.
const LEVELS: &[&str] = &[
    "VISION",
    "MISSION",
    "OBJECTIVE",
    "KEY_RESULT",
    "OPPORTUNITY",
    "SOLUTION",
    "EXPERIMENT",
    "EPIC",
];

const TASKS: &[&str] = &["TASK", "SUBTASK"];

const ONE: &[(&str, Turn)] = &[("nodeId", As("id")), ("node_id", As("id"))];

const ONE_TASK: &[(&str, Turn)] =
    &[("taskId", As("id")), ("task_id", As("id")), ("nodeId", As("id"))];

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
pub static ALIASES: [Alias; 46] = [
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
    when(Kind(LEVELS), row("momental_node_create", "strategy_node_create", PLANNED)),
    when(Kind(TASKS), row("momental_node_create", "task_create", TASK)),
    row("momental_node_create", "remember", WRITTEN),
    when(
        Kind(LEVELS),
        row("momental_node_search", "strategy_node_search", &[("nodeType", Among("types"))]),
    ),
    row("momental_node_search", "recall", SOUGHT),
    when(Id("nod_"), row("momental_node_get", "strategy_tree", ONE)),
    when(Id("tsk_"), row("momental_node_get", "task_get", ONE)),
    row("momental_node_get", "memory_get", &[("nodeId", As("id")), ("node_id", As("id"))]),
    when(
        Id("nod_"),
        row(
            "momental_node_update",
            "strategy_node_update",
            &[("nodeId", As("id")), ("node_id", As("id")), ("parentId", As("parent_id"))],
        ),
    ),
    when(Id("tsk_"), row("momental_node_update", "task_update", TASK_CHANGED)),
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
    row("momental_strategy_create", "strategy_node_create", PLANNED),
    row("momental_strategy_node_create", "strategy_node_create", PLANNED),
    row(
        "momental_strategy_tree",
        "strategy_tree",
        &[("maxDepth", As("depth")), ("nodeId", As("id")), ("rootId", As("id"))],
    ),
    row("momental_task_create", "task_create", TASK),
    row(
        "momental_task_list",
        "task_list",
        &[
            ("status", Among("status")),
            ("agentId", As("assignee")),
            ("assigneeId", As("assignee")),
            ("parentId", As("parent_id")),
            ("nodeId", As("parent_id")),
        ],
    ),
    row("momental_task_get", "task_get", ONE_TASK),
    row("momental_task_update", "task_update", TASK_CHANGED),
    needing("assignee", row("momental_task_assign_agent", "task_update", TASK_CHANGED)),
    row("momental_work_begin", "work_begin", &[("taskId", As("task_id"))]),
    row("momental_work_checkpoint", "work_checkpoint", CHECKPOINT),
    row("momental_task_checkpoint", "work_checkpoint", CHECKPOINT),
    row(
        "momental_work_complete",
        "work_complete",
        &[("taskId", As("task_id")), ("testsPassed", True), ("tests_passed", True)],
    ),
    row(
        "momental_work_blocked",
        "work_blocked",
        &[("taskId", As("task_id")), ("blocker", As("reason")), ("description", As("reason"))],
    ),
    row("momental_comment_add", "comment_add", SAID),
    row("momental_task_comment", "comment_add", SAID),
    // Memanto's.
    Alias {
        name: "batch_remember",
        when: Always,
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
