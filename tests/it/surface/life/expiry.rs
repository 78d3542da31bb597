use serde_json::{Value, json};

use super::cheap_key;
use crate::support::{Caller, TestApp};
use crate::surface::probe::{assert_own_words, leaving_nothing, warm};

async fn kept(caller: &Caller, content: &str) -> Value {
    caller.ok("remember", json!({ "content": content })).await["id"].clone()
}

async fn found(caller: &Caller, query: &str) -> Value {
    caller.ok("recall", json!({ "query": query })).await["count"].clone()
}

async fn events(app: &TestApp, operation: &str) -> usize {
    let events = app.owner.team_events().await;
    events.iter().filter(|event| event["operation"] == operation).count()
}

#[tokio::test]
async fn an_expired_memory_leaves_recall_and_says_since_when_and_why() {
    let app = warm().await;
    let id = kept(&app.owner, "The heron nests here.").await;
    app.clock.advance(5_000);

    let expired = app.owner.ok("memory_expire", json!({ "id": id, "reason": "moved.on" })).await;

    assert_eq!(expired["status"], "expired");
    assert_eq!(expired["expired_at"], "2026-11-22T09:00:05.000Z");
    assert_eq!((&expired["expired_by"], &expired["version"]), (&json!("moved.on"), &json!(2)));
    assert_eq!(found(&app.owner, "heron").await, 0);
    let read = app.owner.ok("memory_get", json!({ "id": id })).await;
    assert_eq!((&read["status"], &read["status_reason"]), (&json!("expired"), &json!("moved.on")));
    assert_eq!(read["status_at"], expired["expired_at"]);
}

#[tokio::test]
async fn expiring_twice_changes_nothing_and_keeps_the_first_reason() {
    let app = warm().await;
    let id = kept(&app.owner, "The heron nests here.").await;
    app.owner.ok("memory_expire", json!({ "id": id })).await;

    let arguments = json!({ "id": id, "reason": "other" });
    let again = leaving_nothing(&app, app.owner.ok("memory_expire", arguments)).await;

    assert_eq!((&again["changed"], &again["expired_by"]), (&json!(false), &json!("manual")));
    assert_eq!(events(&app, "memory_expire").await, 1);
}

#[tokio::test]
async fn an_expired_or_forgotten_memory_comes_back_as_it_was_last() {
    let app = warm().await;

    for way in ["memory_expire", "forget"] {
        let id = kept(&app.owner, "The heron nests here.").await;
        app.owner.ok("memory_update", json!({ "id": id, "content": "The owl nests here." })).await;
        app.owner.ok(way, json!({ "id": id })).await;
        assert_eq!(found(&app.owner, "owl").await, 0, "{way}");

        let restored = app.owner.ok("memory_restore", json!({ "id": id })).await;

        assert_eq!((&restored["status"], &restored["version"]), (&json!("active"), &json!(4)));
        assert_eq!(found(&app.owner, "owl").await, 1, "{way}");
        let read = app.owner.ok("memory_get", json!({ "id": id, "versions": true })).await;
        assert_eq!(read["content"], "The owl nests here.", "{way}");
        assert_eq!(read["status_reason"], Value::Null, "{way}");
        assert_eq!(read["versions"].as_array().map(Vec::len), Some(4), "{way}");
        app.owner.ok("forget", json!({ "id": id })).await;
    }
    assert_eq!(events(&app, "memory_restore").await, 2);
}

#[tokio::test]
async fn restoring_what_is_active_changes_nothing() {
    let app = warm().await;
    let id = kept(&app.owner, "The heron nests here.").await;

    let restored = leaving_nothing(&app, app.owner.ok("memory_restore", json!({ "id": id }))).await;

    assert_eq!((&restored["changed"], &restored["version"]), (&json!(false), &json!(1)));
}

#[tokio::test]
async fn a_forgotten_memory_does_not_expire() {
    let app = warm().await;
    let id = kept(&app.owner, "The heron nests here.").await;
    app.owner.ok("forget", json!({ "id": id })).await;

    let error =
        leaving_nothing(&app, app.owner.refused("memory_expire", json!({ "id": id }))).await;

    assert_eq!(error["code"], "NOT_FOUND");
}

#[tokio::test]
async fn a_reason_is_a_label_and_nothing_else() {
    let app = warm().await;
    let id = kept(&app.owner, "The heron nests here.").await;

    for bad in ["", "zebra crossing", "zebra/1", "zebra\n", &"z".repeat(65), "z\u{e9}bra"] {
        let arguments = json!({ "id": id, "reason": bad });
        let error = leaving_nothing(&app, app.owner.refused("memory_expire", arguments)).await;

        assert_eq!(error["code"], "INVALID_ARGUMENT", "{bad}");
        assert_eq!(error["details"]["fields"][0]["field"], "reason", "{bad}");
        assert_own_words(&error, "zebra");
    }
}

#[tokio::test]
async fn what_another_keeps_to_itself_neither_expires_nor_comes_back() {
    let app = warm().await;
    let scout = cheap_key(&app).await.acting_as("scout");
    let private = json!({ "content": "The heron nests here.", "visibility": "agent" });
    let id = scout.ok("remember", private).await["id"].clone();

    for name in ["memory_expire", "memory_restore"] {
        let error = leaving_nothing(&app, app.owner.refused(name, json!({ "id": id }))).await;

        assert_eq!(error["code"], "NOT_FOUND", "{name}");
    }
}
