//! Times in words, from the wire to the disk: they are seen from the server's clock.

use memoranda::core::clock::DAY_MS;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

fn contents(answer: &Value) -> Vec<&str> {
    let hits = answer["hits"].as_array().into_iter().flatten();
    hits.filter_map(|hit| hit["content"].as_str()).collect()
}

#[tokio::test]
async fn recall_takes_times_in_words() {
    let app = TestApp::start().await;
    app.owner.ok("remember", json!({ "content": "Ten days ago: tea." })).await;
    app.clock.advance(9 * DAY_MS);
    app.owner.ok("remember", json!({ "content": "Yesterday: coffee." })).await;
    app.clock.advance(DAY_MS);
    app.owner.ok("remember", json!({ "content": "Today: cocoa." })).await;

    for (field, words, found) in [
        ("created_after", "today", vec!["Today: cocoa."]),
        ("created_after", "last 7 days", vec!["Today: cocoa.", "Yesterday: coffee."]),
        ("created_before", "yesterday", vec!["Yesterday: coffee.", "Ten days ago: tea."]),
        ("created_before", "last week", vec!["Ten days ago: tea."]),
        ("created_after", "in December 2026", vec!["Today: cocoa.", "Yesterday: coffee."]),
    ] {
        let mut arguments = json!({});
        arguments[field] = json!(words);
        let answer = app.owner.ok("recall", arguments).await;
        assert_eq!(contents(&answer), found, "{field}: {words}");
    }
    let answer =
        app.owner.rest(Method::POST, "/v1/recall", Some(json!({ "created_after": "today" })));
    assert_eq!(contents(&answer.await.body), ["Today: cocoa."]);
}

#[tokio::test]
async fn what_is_remembered_of_yesterday_holds_its_date() {
    let app = TestApp::start().await;

    let kept = app.owner.ok("remember", json!({ "content": "Lunch.", "occurred_at": "yesterday" }));
    let id = kept.await["id"].clone();
    app.clock.advance(30 * DAY_MS);

    let memory = app.owner.ok("memory_get", json!({ "id": id })).await;
    assert_eq!(memory["occurred_at"], "2026-11-21T00:00:00.000Z");
}
