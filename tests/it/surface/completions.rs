//! Completions: what begins with some letters, of what the caller may see.

use memoranda::identity::role::Role;
use serde_json::{Value, json};

use super::eras::{names, result, send, versions};
use super::probe::warm;
use crate::support::{Caller, TestApp};

const VERSION: Option<&str> = Some("2025-11-25");

async fn complete(caller: &Caller, reference: Value, name: &str, value: &str) -> Value {
    let params = json!({ "ref": reference, "argument": { "name": name, "value": value } });
    result(caller, VERSION, "completion/complete", params).await["completion"].clone()
}

fn template(uri: &str) -> Value {
    json!({ "type": "ref/resource", "uri": uri })
}

fn prompt(name: &str) -> Value {
    json!({ "type": "ref/prompt", "name": name })
}

async fn two(app: &TestApp) -> (Caller, Caller) {
    let scopes = &["read", "write"];
    let ada = app.key("Ada", Role::Editor, scopes).await.acting_as("ada");
    let bob = app.key("Bob", Role::Editor, scopes).await.acting_as("bob");
    ada.ok("whoami", json!({})).await;
    bob.ok("whoami", json!({})).await;
    (ada, bob)
}

#[tokio::test]
async fn templates_are_listed_and_read_as_the_contract_names_them() {
    let app = warm().await;
    let ada = app.key("Ada", Role::Editor, &["read", "write"]).await.acting_as("ada");
    let kept = ada.ok("remember", json!({ "content": "We drink tea." })).await;
    let id = kept["id"].as_str().expect("an id");

    for version in versions() {
        let listed = result(&ada, version, "resources/templates/list", json!({})).await;
        let uris = names(&listed, "resourceTemplates", "uriTemplate");
        for uri in [
            "memoranda://memory/{id}",
            "memoranda://task/{id}",
            "memoranda://agent/{id}/activity",
            "memoranda://schemas/{name}",
        ] {
            assert!(uris.contains(&uri.to_owned()), "{uri}: {uris:?}");
        }
        for (uri, place, expected) in [
            (format!("memoranda://memory/{id}"), "/content", json!("We drink tea.")),
            ("memoranda://agent/ada/activity".to_owned(), "/events/0/operation", json!("remember")),
            ("memoranda://schemas/recall".to_owned(), "/name", json!("recall")),
        ] {
            let read = result(&ada, version, "resources/read", json!({ "uri": uri })).await;
            let text = read["contents"][0]["text"].as_str().expect("text");
            let read: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(read.pointer(place), Some(&expected), "{uri}");
        }
    }
}

#[tokio::test]
async fn another_agents_activity_is_for_admins() {
    let app = warm().await;
    let (_, bob) = two(&app).await;

    let uri = json!({ "uri": "memoranda://agent/ada/activity" });
    let refused = send(&bob, VERSION, "resources/read", uri.clone()).await;

    assert_eq!(refused.json()["error"]["data"]["code"], "PERMISSION_DENIED", "{}", refused.text);
    result(&app.owner, VERSION, "resources/read", uri).await;
}

#[tokio::test]
async fn a_schema_holds_the_rare_fields_that_lists_leave_out() {
    let app = warm().await;

    let shown = app.owner.ok("operation_show", json!({ "name": "recall" })).await;

    assert!(shown["arguments"]["properties"]["as_of"].is_object(), "{shown}");
    assert!(shown["answer"]["properties"]["hits"].is_object());
    let missing = app.owner.refused("operation_show", json!({ "name": "zebra" })).await;
    assert_eq!(missing["code"], "NOT_FOUND");
}

#[tokio::test]
async fn what_a_reference_asks_for_is_completed() {
    let app = warm().await;
    let (ada, _) = two(&app).await;
    let kept = json!({ "content": "We drink tea.", "tags": ["kitchen", "kit"] });
    let id = ada.ok("remember", kept).await["id"].clone();
    let task = ada.ok("task_create", json!({ "statement": "Buy tea" })).await["id"].clone();

    for (reference, name, value, found) in [
        (template("memoranda://memory/{id}"), "id", "mem_", json!([id])),
        (template("memoranda://agent/{id}/activity"), "id", "a", json!(["ada"])),
        (template("memoranda://schemas/{name}"), "name", "rec", json!(["recall"])),
        (template("memoranda://task/{id}"), "id", "tsk_", json!([task])),
        (prompt("handoff"), "task", "tsk_", json!([task])),
        (prompt("session_start"), "topic", "ki", json!(["kit", "kitchen"])),
        (prompt("weekly_review"), "agent", "bo", json!(["bob"])),
        (prompt("weekly_review"), "since", "last", json!([])),
        (prompt("resolve_conflicts"), "conflict", "", json!([])),
    ] {
        let completion = complete(&ada, reference.clone(), name, value).await;

        assert_eq!(completion["values"], found, "{reference} {value}");
        assert_ne!(completion["hasMore"], true);
    }
}

#[tokio::test]
async fn nothing_is_completed_that_the_caller_may_not_see() {
    let app = warm().await;
    let (ada, bob) = two(&app).await;
    let (_, eve) = app.other_team("south").await;
    let private = json!({ "content": "My tea.", "tags": ["mine"], "visibility": "agent" });
    ada.ok("remember", private).await;

    for caller in [&bob, &eve] {
        let memories = template("memoranda://memory/{id}");
        assert_eq!(complete(caller, memories, "id", "").await["values"], json!([]));
        let tags = complete(caller, prompt("session_start"), "topic", "").await;
        assert_eq!(tags["values"], json!([]));
    }
    let agents = complete(&eve, prompt("weekly_review"), "agent", "a").await;
    assert_eq!(agents["values"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_completed_is_refused() {
    let app = warm().await;
    let narrow = app.key_with("Narrow", json!({ "operations": ["recall"] })).await;
    let secret = format!("ghp_{}", "Zz9Xy8Wv7Ut6".repeat(3));

    for (caller, reference, name, value, code) in [
        (&app.owner, prompt("zebra"), "topic", "", "NOT_FOUND"),
        (&app.owner, template("memoranda://zebra/{id}"), "id", "", "NOT_FOUND"),
        (&app.owner, prompt("session_start"), "zebra", "", "INVALID_ARGUMENT"),
        (&app.owner, template("memoranda://memory/{id}"), "zebra", "", "INVALID_ARGUMENT"),
        (&app.owner, prompt("session_start"), "topic", secret.as_str(), "SECRET_ARGUMENT"),
        (&narrow, prompt("session_start"), "topic", "", "PERMISSION_DENIED"),
    ] {
        let params = json!({ "ref": reference, "argument": { "name": name, "value": value } });
        let answer = send(caller, VERSION, "completion/complete", params).await;

        assert_eq!(answer.json()["error"]["data"]["code"], code, "{}", answer.text);
        assert!(!answer.text.contains("zebra") && !answer.text.contains(&secret));
    }
}

#[tokio::test]
async fn a_hundred_are_shown_and_it_is_said_that_there_are_more() {
    let app = warm().await;
    for at in 0..101 {
        let tags = json!([format!("tag-{at}")]);
        let kept = json!({ "content": format!("Number {at}."), "tags": tags });
        app.owner.ok("remember", kept).await;
    }

    let completion = complete(&app.owner, prompt("session_start"), "topic", "tag-").await;

    assert_eq!(completion["values"].as_array().map(Vec::len), Some(100));
    assert_eq!(completion["hasMore"], true);
}
