//! Foreign calls, as their products' documents show them, and what they become.

use serde_json::json;

use super::*;
use crate::core::error::Code;
use crate::ops::decode;

const OWN: Option<&str> = Some("scout");

/// What a call becomes: the operation, and its arguments as they are checked.
fn read(name: &str, mut arguments: Value) -> (&'static str, Value) {
    let named = find(name, &arguments).expect("a name");
    let spelt = named.read(&mut arguments, OWN).expect("it has a meaning");
    let checked = decode::check(named.entry.input(), &mut arguments);
    checked.map_err(|error| spelt.back(error)).expect("what the operation takes");
    (named.entry.spec.name, arguments)
}

/// How it is refused.
fn refused(name: &str, mut arguments: Value) -> Error {
    let named = find(name, &arguments).expect("a name");
    let spelt = match named.read(&mut arguments, OWN) {
        Ok(spelt) => spelt,
        Err(error) => return error,
    };
    let checked = decode::check(named.entry.input(), &mut arguments);
    spelt.back(checked.expect_err("it is refused"))
}

#[test]
fn every_name_is_of_an_operation_that_is_there_and_says_what_to_do_with_fields_it_has() {
    for alias in &ALIASES {
        let entry = CATALOGUE.iter().find(|entry| entry.spec.name == alias.operation);
        let entry = entry.unwrap_or_else(|| panic!("{}", alias.name));
        for (theirs, turn) in alias.fields {
            let ours = match turn {
                Turn::As(ours)
                | Turn::Among(ours)
                | Turn::And(ours)
                | Turn::Below(ours)
                | Turn::Lines(ours) => ours,
                Turn::Link => "links",
                Turn::Published => "visibility",
                Turn::Own | Turn::True | Turn::Aside => continue,
            };
            let fields = &entry.input()["properties"];
            assert!(fields[ours].is_object(), "{} {theirs}: {ours}", alias.name);
        }
        for field in alias.sets.iter().chain(&alias.needs) {
            assert!(entry.input()["properties"][field].is_object(), "{}: {field}", alias.name);
        }
    }
}

#[test]
fn a_foreign_name_is_never_an_operation_of_ours() {
    for alias in ALIASES.iter().filter(|alias| alias.is_foreign()) {
        let ours = CATALOGUE.iter().any(|entry| entry.spec.name == alias.name);
        assert!(!ours, "{}", alias.name);
    }
}

#[test]
fn an_agent_makes_itself_known_by_either_name() {
    let by_name = read("momental_agent_register", json!({ "name": "my-deployment-agent" }));
    let more = json!({
        "displayName": "Claude Code", "agentType": "coding-tool", "description": "Writes tests",
    });

    assert_eq!(by_name, ("agent_register", json!({ "display_name": "my-deployment-agent" })));
    assert_eq!(
        read("momental_agent_register", more).1,
        json!({
            "display_name": "Claude Code", "type": "coding-tool", "description": "Writes tests",
        })
    );
}

#[test]
fn an_atom_is_a_memory() {
    let (operation, arguments) = read(
        "momental_node_create",
        json!({
            "statement": "The cache misses below 60 seconds", "nodeType": "LEARNING",
            "status": "ACTIVE", "domain": "engineering", "tags": ["redis", "caching"],
            "sourceQuote": "Measured at 2,000 requests a second.", "voiceType": "observed",
        }),
    );

    assert_eq!(operation, "remember");
    assert_eq!(
        arguments,
        json!({
            "content": "The cache misses below 60 seconds\n\nMeasured at 2,000 requests a second.",
            "type": "learning", "visibility": "team", "tags": ["redis", "caching", "engineering"],
            "voice": "OBSERVED",
        })
    );
}

#[test]
fn a_draft_is_its_authors_until_it_is_active() {
    let draft = json!({ "statement": "Tea?", "nodeType": "DECISION", "status": "DRAFT" });
    let published = json!({ "nodeId": "mem_1", "status": "ACTIVE" });

    assert_eq!(read("momental_node_create", draft).1["visibility"], "agent");
    let published = read("momental_node_update", published);
    assert_eq!(published, ("memory_update", json!({ "id": "mem_1", "visibility": "team" })));
    let other = json!({ "statement": "Tea?", "status": "MERGED" });
    assert_eq!(
        refused("momental_node_create", other).message(),
        "`status` must be one of: ACTIVE, DRAFT"
    );
}

#[test]
fn atoms_are_found_by_one_type_or_several() {
    let one = json!({ "query": "auth decisions", "nodeType": "DECISION", "limit": 10 });
    let two = json!({ "nodeType": ["PRINCIPLE", "DATA"] });

    assert_eq!(
        read("momental_node_search", one),
        ("recall", json!({ "query": "auth decisions", "types": ["decision"], "limit": 10 }))
    );
    assert_eq!(read("momental_node_search", two).1, json!({ "types": ["instruction", "fact"] }));
}

#[test]
fn a_conflict_is_resolved_with_the_words_of_the_document() {
    let documented =
        json!({ "conflictId": "cfl_1", "resolution": "KEEP_NEW", "rationale": "It changed" });
    let merged =
        json!({ "conflictId": "cfl_1", "resolution": "merge", "mergedStatement": "Both hold" });

    assert_eq!(
        read("momental_conflict_resolve", documented).1,
        json!({ "id": "cfl_1", "resolution": "KEEP_NEW", "rationale": "It changed" })
    );
    assert_eq!(
        read("momental_conflict_resolve", merged).1,
        json!({ "id": "cfl_1", "resolution": "MERGE", "content": "Both hold" })
    );
    assert_eq!(
        read("momental_conflicts_list", json!({ "status": "pending" })).1,
        json!({ "status": ["PENDING"] })
    );
}

#[test]
fn memantos_tools_are_ours_with_more_names() {
    let batch = json!({ "memories": [{ "content": "Tea." }], "agent_id": "scout" });

    assert_eq!(
        read("batch_remember", batch),
        ("remember", json!({ "items": [{ "content": "Tea." }], "partial": true }))
    );
    assert_eq!(
        read("recall_recent", json!({ "limit": 3, "type": ["goal"], "agent_id": "ada" })).1,
        json!({ "limit": 3, "types": ["goal"], "agents": ["ada"] })
    );
    assert_eq!(
        read("recall_as_of", json!({ "as_of": "2026-11-01" })),
        ("recall", json!({ "as_of": "2026-11-01" }))
    );
    assert_eq!(
        read("recall_changed_since", json!({ "since": "2026-11-01", "type": null })).1,
        json!({ "changed_since": "2026-11-01" })
    );
    let answer = json!({ "question": "Tea?", "temperature": 0.2, "kiosk_mode": true });
    assert_eq!(read("answer", answer), ("answer", json!({ "question": "Tea?" })));
    assert_eq!(
        read("create_agent", json!({ "agent_id": "ada", "pattern": "tool" })).1,
        json!({ "agent_id": "ada", "type": "tool" })
    );
}

#[test]
fn our_own_names_take_camel_case_and_other_letters() {
    let ours = json!({ "query": "tea", "createdAfter": "2026-11-01", "types": ["Decision"] });

    assert_eq!(
        read("recall", ours).1,
        json!({ "query": "tea", "created_after": "2026-11-01", "types": ["decision"] })
    );
    // Other products' words for our choices are understood under their names alone.
    let theirs = refused("recall", json!({ "types": ["DATA"] }));
    assert!(theirs.message().starts_with("`types[0]` must be one of: fact"), "{theirs}");
}

#[test]
fn a_refusal_names_the_field_as_the_caller_spelt_it() {
    for (name, arguments, field) in [
        ("momental_node_create", json!({ "statement": 7 }), "statement"),
        ("momental_node_create", json!({ "statement": "x", "nodeType": "MOON" }), "nodeType"),
        ("momental_node_create", json!({ "statement": "x", "domain": 7 }), "domain"),
        ("momental_node_create", json!({ "statement": "x", "sourceQuote": 7 }), "sourceQuote"),
        ("momental_node_search", json!({ "nodeType": "MOON" }), "nodeType"),
        ("momental_node_search", json!({ "nodeType": ["GOAL", "MOON"] }), "nodeType[1]"),
        ("momental_conflict_resolve", json!({ "resolution": "KEEP_NEW" }), "conflictId"),
        ("momental_agent_register", json!({}), "displayName"),
        ("recall_changed_since", json!({}), "since"),
        ("recall_as_of", json!({ "as_of": null }), "as_of"),
        ("batch_remember", json!({}), "memories"),
        ("batch_remember", json!({ "memories": [] }), "memories"),
        ("recall", json!({ "maxTokens": 1 }), "maxTokens"),
        ("recall", json!({ "mostTokens": 1 }), "mostTokens"),
        // Both names of one field: which of the two is meant can't be told.
        ("recall", json!({ "createdAfter": "x", "created_after": "x" }), "createdAfter"),
        ("recall", json!({ "type": ["goal"], "types": ["goal"] }), "type"),
        ("momental_agent_register", json!({ "name": "a", "displayName": "a" }), "name"),
    ] {
        let error = refused(name, arguments);

        assert_eq!(error.code(), Code::InvalidArgument);
        assert_eq!(error.details()["fields"][0]["field"], field, "{name}: {error}");
        assert!(error.message().starts_with(&format!("`{field}` ")), "{name}: {error}");
    }
}

#[test]
fn another_agents_id_is_refused_where_something_is_written() {
    for name in ["remember", "batch_remember"] {
        let error = refused(name, json!({ "memories": [], "agent_id": "ada" }));

        assert_eq!(error.code(), Code::AgentKeyConflict, "{name}");
    }
}

#[test]
fn a_level_of_the_strategy_is_a_node_and_a_task_a_task() {
    let epic = json!({
        "statement": "Bill by the month", "nodeType": "EPIC", "status": "ACTIVE",
        "parentId": "nod_1",
    });
    let task = json!({
        "statement": "Write the invoice", "nodeType": "TASK", "treeNodeId": "nod_1",
        "acceptanceCriteria": "\n- [ ] Numbered\n- [ ] Sent\n",
    });

    assert_eq!(
        read("momental_node_create", epic),
        (
            "strategy_node_create",
            json!({ "statement": "Bill by the month", "type": "EPIC", "parent_id": "nod_1" })
        )
    );
    assert_eq!(
        read("momental_node_create", task),
        (
            "task_create",
            json!({
                "statement": "Write the invoice", "parent_id": "nod_1",
                "acceptance_criteria": ["Numbered", "Sent"],
            })
        )
    );
    let sought = json!({ "query": "billing", "nodeType": "EPIC" });
    assert_eq!(
        read("momental_node_search", sought),
        ("strategy_node_search", json!({ "query": "billing", "types": ["EPIC"] }))
    );
}

#[test]
fn a_node_is_read_and_changed_as_what_its_id_says() {
    for (id, operation) in
        [("nod_1", "strategy_tree"), ("tsk_1", "task_get"), ("mem_1", "memory_get")]
    {
        assert_eq!(
            read("momental_node_get", json!({ "nodeId": id })),
            (operation, json!({ "id": id }))
        );
    }
    let achieved = json!({ "nodeId": "nod_1", "status": "ACHIEVED" });
    assert_eq!(
        read("momental_node_update", achieved),
        ("strategy_node_update", json!({ "id": "nod_1", "status": "ACHIEVED" }))
    );
}

#[test]
fn work_is_begun_kept_and_finished_with_the_words_of_the_document() {
    for (name, arguments, operation, ours) in [
        ("momental_strategy_tree", json!({ "depth": 3 }), "strategy_tree", json!({ "depth": 3 })),
        (
            "momental_work_begin",
            json!({ "taskId": "tsk_1" }),
            "work_begin",
            json!({ "task_id": "tsk_1" }),
        ),
        ("work_begin", json!({ "taskId": "tsk_1" }), "work_begin", json!({ "task_id": "tsk_1" })),
        (
            "momental_task_checkpoint",
            json!({ "taskId": "tsk_1", "summary": "Half" }),
            "work_checkpoint",
            json!({ "task_id": "tsk_1", "summary": "Half" }),
        ),
        (
            "momental_work_complete",
            json!({ "taskId": "tsk_1", "summary": "All", "testsPassed": true }),
            "work_complete",
            json!({ "task_id": "tsk_1", "summary": "All" }),
        ),
        (
            "momental_work_blocked",
            json!({ "taskId": "tsk_1", "reason": "No key" }),
            "work_blocked",
            json!({ "task_id": "tsk_1", "reason": "No key" }),
        ),
        (
            "momental_task_assign_agent",
            json!({ "taskId": "tsk_1", "agentId": "huginn" }),
            "task_update",
            json!({ "id": "tsk_1", "assignee": "huginn" }),
        ),
        (
            "momental_task_list",
            json!({ "status": "planned" }),
            "task_list",
            json!({ "status": ["PLANNED"] }),
        ),
        (
            "momental_comment_add",
            json!({ "taskId": "tsk_1", "comment": "Done soon" }),
            "comment_add",
            json!({ "about_id": "tsk_1", "content": "Done soon" }),
        ),
    ] {
        assert_eq!(read(name, arguments), (operation, ours), "{name}");
    }
    let failing = json!({ "taskId": "tsk_1", "summary": "All", "testsPassed": false });
    let refused = refused("momental_work_complete", failing);
    assert_eq!(refused.message(), "`testsPassed` must be true, or left out");
}

#[test]
fn a_list_in_a_text_loses_its_bullets_and_boxes() {
    let text = "\n- [ ] Headers follow the rule\n* [x] Documented\n2. Safe\n\n  plain 3. \n";

    let lines: Vec<&str> = turn::lines(text).collect();

    assert_eq!(lines, ["Headers follow the rule", "Documented", "Safe", "plain 3."]);
}
