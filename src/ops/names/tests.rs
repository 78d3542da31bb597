//! Foreign calls, as their products' documents show them, and what they become.

use serde_json::json;

use super::*;
use crate::core::error::Code;
use crate::ops::decode;

const OWN: Option<&str> = Some("scout");

/// What a call becomes: the operation, and its arguments as they are checked.
fn read(name: &str, mut arguments: Value) -> (&'static str, Value) {
    let named = find(name).expect("a name");
    let spelt = named.read(&mut arguments, OWN).expect("it has a meaning");
    let checked = decode::check(named.entry.input(), &mut arguments);
    checked.map_err(|error| spelt.back(error)).expect("what the operation takes");
    (named.entry.spec.name, arguments)
}

/// How it is refused.
fn refused(name: &str, mut arguments: Value) -> Error {
    let named = find(name).expect("a name");
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
                Turn::As(ours) | Turn::Among(ours) | Turn::And(ours) | Turn::Below(ours) => ours,
                Turn::Link => "links",
                Turn::Published => "visibility",
                Turn::Own | Turn::Aside => continue,
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
