//! Memories listed: the newest, what changed, what stood at some time; and what recall leaves out.

use serde_json::{Value, json};

use super::probe::{assert_own_words, leaving_nothing, warm};
use crate::support::{Caller, TestApp};

/// Three memories, a minute apart; the first is changed, and the second forgotten, later.
async fn history(app: &TestApp) {
    for content in ["Tea is hot.", "Milk is cold.", "Bread is dry."] {
        app.clock.advance(60_000);
        let id = app.owner.ok("remember", json!({ "content": content })).await["id"].clone();
        if content.starts_with("Bread") {
            app.owner.ok("memory_expire", json!({ "id": id })).await;
        }
    }
    app.clock.advance(60_000);
    let all = app.owner.ok("memory_list", json!({})).await;
    let id = |at: usize| all["memories"][at]["id"].clone();
    app.owner.ok("memory_update", json!({ "id": id(1), "content": "Tea is warm." })).await;
    app.owner.ok("forget", json!({ "id": id(0) })).await;
}

async fn contents(caller: &Caller, arguments: Value) -> Vec<String> {
    let listed = caller.ok("memory_list", arguments).await;
    let all = listed["memories"].as_array().expect("a list").iter();
    all.map(|memory| memory["content"].as_str().expect("text").to_owned()).collect()
}

#[tokio::test]
async fn the_newest_are_listed_and_all_of_them_counted() {
    let app = warm().await;
    history(&app).await;

    assert_eq!(contents(&app.owner, json!({})).await, ["Tea is warm."]);
    let all = json!({ "status": "all" });
    assert_eq!(contents(&app.owner, all).await, ["Bread is dry.", "Tea is warm."]);
    let one = app.owner.ok("memory_list", json!({ "status": "all", "limit": 1 })).await;
    assert_eq!((&one["count"], &one["total"]), (&json!(1), &json!(2)));
}

#[tokio::test]
async fn what_stood_then_is_as_it_was_then() {
    let app = warm().await;
    history(&app).await;

    let then = json!({ "as_of": "2026-11-22T09:02:30Z" });
    assert_eq!(contents(&app.owner, then).await, ["Milk is cold.", "Tea is hot."]);
    let by_words = json!({ "as_of": "2026-11-22T09:02:30Z", "query": "hot tea" });
    assert_eq!(contents(&app.owner, by_words).await, ["Tea is hot."]);
    assert_eq!(contents(&app.owner, json!({ "as_of": "2026-11-22" })).await, ["Tea is warm."]);
    let before = json!({ "as_of": "2026-11-21" });
    assert_eq!(contents(&app.owner, before).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_changed_since_says_whether_it_is_new() {
    let app = warm().await;
    history(&app).await;

    let since = json!({ "changed_since": "2026-11-22T09:02:30Z", "status": "all" });
    let listed = app.owner.ok("memory_list", since).await;

    let seen: Vec<_> = listed["memories"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|memory| (memory["content"].as_str(), memory["change_type"].as_str()))
        .collect();
    assert_eq!(
        seen,
        [(Some("Tea is warm."), Some("updated")), (Some("Bread is dry."), Some("created"))]
    );
    assert_eq!(listed["total"], 2);
}

#[tokio::test]
async fn what_contradicts_itself_is_refused_by_its_field() {
    let app = warm().await;

    for (field, arguments) in [
        ("changed_since", json!({ "as_of": "2026-11-22", "changed_since": "2026-11-21" })),
        ("status", json!({ "as_of": "2026-11-22", "status": "all" })),
        ("query", json!({ "query": "zebra" })),
        ("query", json!({ "query": "?!", "as_of": "2026-11-22" })),
        ("as_of", json!({ "as_of": "zebra" })),
        ("changed_since", json!({ "changed_since": "zebra" })),
        ("limit", json!({ "limit": 5001 })),
    ] {
        let error = leaving_nothing(&app, app.owner.refused("memory_list", arguments)).await;

        assert_eq!(error["code"], "INVALID_ARGUMENT");
        assert_eq!(error["details"]["fields"][0]["field"], field);
        assert_own_words(&error, "zebra");
    }
}

#[tokio::test]
async fn recall_leaves_out_what_is_less_alike_than_asked() {
    let app = warm().await;
    for content in ["tea", "tea and a long story about something else entirely", "milk"] {
        app.owner.ok("remember", json!({ "content": content })).await;
    }

    let all = app.owner.ok("recall", json!({ "query": "tea" })).await;
    let highest = &all["hits"][0]["score"];
    let best = json!({ "query": "tea", "min_similarity": highest });
    let best = app.owner.ok("recall", best).await;
    let none = app.owner.ok("recall", json!({ "query": "tea", "min_similarity": 1 })).await;

    assert_eq!((&all["count"], &best["count"]), (&json!(2), &json!(1)));
    assert_eq!((&best["hits"], &best["more"]), (&json!([all["hits"][0]]), &json!(false)));
    assert_eq!((&none["count"], &none["more"]), (&json!(0), &json!(false)));
}

#[tokio::test]
async fn recall_and_the_list_tell_own_from_team() {
    let app = warm().await;
    app.owner.ok("remember", json!({ "content": "Our tea." })).await;
    app.owner.ok("remember", json!({ "content": "My tea.", "visibility": "agent" })).await;

    for (visibility, content) in [("team", "Our tea."), ("agent", "My tea.")] {
        let arguments = json!({ "query": "tea", "visibility": visibility });
        let found = app.owner.ok("recall", arguments).await;
        assert_eq!((&found["count"], &found["hits"][0]["content"]), (&json!(1), &json!(content)));
        assert_eq!(contents(&app.owner, json!({ "visibility": visibility })).await, [content]);
    }
}
