//! Names and spellings from elsewhere over MCP: they do what ours do, and are allowed and written down
//! as ours are.

use memoranda::identity::role::Role;
use memoranda::ops::names::ALIASES;
use serde_json::{Value, json};

use super::probe::{assert_own_words, leaving_nothing, warm};

#[tokio::test]
async fn foreign_names_answer_and_are_not_listed() {
    let app = warm().await;
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });

    let listed = app.owner.mcp(message).await.body["result"]["tools"].to_string();
    let me = app.owner.ok("momental_whoami", json!({})).await;

    assert_eq!(me, app.owner.ok("whoami", json!({})).await);
    for alias in ALIASES.iter().filter(|alias| alias.is_foreign()) {
        assert!(!listed.contains(alias.name), "{}", alias.name);
    }
}

#[tokio::test]
async fn the_first_session_of_momentals_document_goes_through() {
    let app = warm().await;
    let agent = app.key("Bot", Role::Editor, &["read", "write"]).await;

    let named = json!({ "name": "my-deployment-agent" });
    let me = agent.ok("momental_agent_register", named).await;
    let atom = json!({
        "statement": "We cache public answers at the edge, not in Redis", "nodeType": "DECISION",
        "status": "ACTIVE", "domain": "infrastructure",
        "sourceQuote": "A small team shouldn't run one more stateful service.",
    });
    let kept = agent.ok("momental_node_create", atom).await;
    let sought = json!({ "query": "where do we cache?", "nodeType": "DECISION", "limit": 10 });
    let found = agent.ok("momental_node_search", sought).await;
    let trail = agent.ok("momental_my_activity", json!({})).await;

    assert_eq!(me["agent"]["display_name"], "my-deployment-agent");
    assert_eq!((&kept["status"], &kept["type"]), (&json!("active"), &json!("decision")));
    assert_eq!(found["hits"][0]["id"], kept["id"]);
    assert_eq!(found["hits"][0]["tags"], json!(["infrastructure"]));
    let content = found["hits"][0]["content"].as_str().expect("text");
    assert!(content.ends_with("one more stateful service."), "{content}");
    // The trail knows operations, by whatever name they were called.
    assert_eq!(trail["events"][0]["operation"], "remember");
    assert_eq!(trail["events"][1]["operation"], "agent_register");
}

#[tokio::test]
async fn a_conflict_is_listed_and_resolved_by_momentals_names() {
    let app = warm().await;
    for content in ["The office opens at 8:00.", "The office opens at 9:00."] {
        app.owner.ok("momental_remember", json!({ "content": content })).await;
    }

    let open = app.owner.ok("momental_conflicts_list", json!({})).await;
    let id = &open["conflicts"][0]["id"];
    let kept = json!({ "conflictId": id, "resolution": "KEEP_NEW", "rationale": "It moved" });
    app.owner.ok("momental_conflict_resolve", kept).await;

    let after = app.owner.ok("momental_conflicts_list", json!({ "status": "RESOLVED" })).await;
    assert_eq!((&open["count"], &after["count"]), (&json!(1), &json!(1)));
    assert_eq!(after["conflicts"][0]["resolution"], "KEEP_NEW");
}

#[tokio::test]
async fn a_task_is_planned_done_and_reviewed_by_momentals_names() {
    let app = warm().await;
    let agent = app.key("Bot", Role::Editor, &["read", "write"]).await.acting_as("scout");
    agent.ok("momental_agent_register", json!({ "name": "Scout", "agentType": "coder" })).await;

    let epic = json!({ "statement": "Bill by the month", "nodeType": "EPIC", "status": "ACTIVE" });
    let epic = agent.ok("momental_node_create", epic).await;
    let task = json!({
        "statement": "Write the invoice", "parentId": epic["id"],
        "acceptanceCriteria": "- [ ] Numbered\n- [ ] Sent",
    });
    let task = agent.ok("momental_task_create", task).await;
    let one = json!({ "taskId": task["id"] });
    let assign = json!({ "taskId": task["id"], "agentId": "scout" });
    agent.ok("momental_task_assign_agent", assign).await;
    let suggested = agent.ok("momental_whoami", json!({})).await["suggested"].clone();
    let begun = agent.ok("momental_work_begin", one.clone()).await;
    let half = json!({ "taskId": task["id"], "summary": "It is numbered" });
    agent.ok("momental_task_checkpoint", half).await;
    let said = json!({ "taskId": task["id"], "comment": "Sent on Monday" });
    agent.ok("momental_comment_add", said).await;
    let failing = json!({ "taskId": task["id"], "summary": "All", "testsPassed": false });
    let failing = agent.refused("momental_work_complete", failing).await;
    let all = json!({ "taskId": task["id"], "summary": "All", "testsPassed": true });
    let ended = agent.ok("momental_work_complete", all).await;
    let read = agent.ok("momental_node_get", json!({ "nodeId": task["id"] })).await;

    assert_eq!(suggested["id"], task["id"]);
    assert_eq!(begun["acceptance_criteria"][1]["text"], "Sent");
    assert_eq!(failing["details"]["fields"][0]["field"], "testsPassed");
    assert_eq!((&ended["status"], &read["status"]), (&json!("IN_REVIEW"), &json!("IN_REVIEW")));
}

#[tokio::test]
async fn memantos_tools_keep_find_and_look_back() {
    let app = warm().await;
    let agent = app.key("Bot", Role::Editor, &["read", "write"]).await.acting_as("scout");

    let batch = json!({ "memories": [{ "content": "Tea is hot." }, { "content": " " }] });
    let kept = agent.ok("batch_remember", batch).await;
    app.clock.advance(86_400_000);
    let one = json!({ "content": "Milk is cold.", "agent_id": "scout", "type": "fact" });
    agent.ok("remember", one).await;
    let recent = agent.ok("recall_recent", json!({ "limit": 5, "agent_id": "scout" })).await;
    let then = agent.ok("recall_as_of", json!({ "as_of": "2026-11-22" })).await;
    let since = agent.ok("recall_changed_since", json!({ "since": "2026-11-23" })).await;

    assert_eq!(kept["items"][1]["error"]["field"], "items[1].content", "each for itself");
    let contents = |found: &Value| {
        let hits = found["hits"].as_array().expect("hits").iter();
        hits.map(|hit| hit["content"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(contents(&recent), ["Milk is cold.", "Tea is hot."]);
    assert_eq!(contents(&then), ["Tea is hot."]);
    assert_eq!(contents(&since), ["Milk is cold."]);
}

#[tokio::test]
async fn a_foreign_name_needs_what_its_operation_needs() {
    let app = warm().await;
    let chosen = json!({ "role": "editor", "scopes": ["read", "write"], "operations": ["recall"] });
    let reader = app.key_with("Reader", chosen).await;
    reader.ok("whoami", json!({})).await;

    reader.ok("momental_node_search", json!({ "query": "tea" })).await;
    let atom = json!({ "statement": "Tea is hot." });
    let error = leaving_nothing(&app, reader.refused("momental_node_create", atom)).await;

    assert_eq!(error["code"], "PERMISSION_DENIED");
    assert_eq!(error["details"]["needs"]["operation"], "remember");
}

#[tokio::test]
async fn a_secret_is_refused_where_it_stood_even_in_what_is_put_aside() {
    let app = warm().await;
    let key = format!("ghp_{}", "Zz9Xy8Wv7Ut6".repeat(3));

    for (name, arguments, path) in [
        ("answer", json!({ "question": "Tea?", "temperature": key }), "temperature"),
        ("momental_node_create", json!({ "statement": "Tea", "sourceQuote": key }), "sourceQuote"),
        ("momental_node_create", json!({ "statement": "Tea", "apiKey": "x" }), "apiKey"),
        ("batch_remember", json!({ "memories": [{ "content": key }] }), "memories[0].content"),
    ] {
        let error = app.owner.refused(name, arguments).await;

        assert_eq!(error["code"], "SECRET_ARGUMENT", "{name}");
        assert_eq!(error["details"]["path"], path, "{name}");
        assert_own_words(&error, &key);
    }
    let refused = json!({ "operation": "answer", "outcome": "SECRET_ARGUMENT" });
    assert_eq!(app.owner.ok("my_activity", refused).await["count"], 1);
}

#[tokio::test]
async fn what_is_refused_is_named_as_it_was_spelt_and_leaves_nothing() {
    let app = warm().await;

    for (name, arguments, field) in [
        ("momental_node_create", json!({ "nodeType": "DECISION" }), "statement"),
        ("momental_node_create", json!({ "statement": "Tea", "nodeType": "zebra" }), "nodeType"),
        ("momental_conflict_resolve", json!({ "conflictId": 7 }), "conflictId"),
        ("momental_node_search", json!({ "zebra": 1 }), "zebra"),
    ] {
        let error = leaving_nothing(&app, app.owner.refused(name, arguments)).await;

        assert_eq!(error["code"], "INVALID_ARGUMENT", "{name}");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains(&format!("`{field}` ")), "{name}: {message}");
    }
    let other = json!({ "content": "Tea.", "agent_id": "ada" });
    let error = leaving_nothing(&app, app.owner.refused("remember", other)).await;
    assert_eq!(error["code"], "AGENT_KEY_CONFLICT");
}

#[tokio::test]
async fn rest_knows_our_names_and_spellings_alone() {
    let app = warm().await;

    let body = Some(json!({ "content": "Tea.", "agent_id": "ada" }));
    let refused = app.owner.rest(reqwest::Method::POST, "/v1/memories", body).await;

    assert_eq!(refused.code(), "INVALID_ARGUMENT");
    assert!(memoranda::ops::find("momental_recall").is_none());
}
