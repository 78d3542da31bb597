use memoranda::identity::role::Role;
use serde_json::{Value, json};

use super::{kept, read};
use crate::support::Caller;
use crate::surface::probe::{leaving_nothing, warm};

const ALL: [&str; 3] = ["read", "write", "admin"];

const FIRST: &str = "The heron nests by the pond.";

async fn change(caller: &Caller, id: &Value, content: &str) {
    caller.ok("memory_update", json!({ "id": id, "content": content })).await;
}

/// What each hit says.
fn said(answer: &Value) -> Vec<&str> {
    let hits = answer["hits"].as_array().expect("hits");
    hits.iter().map(|hit| hit["content"].as_str().expect("text")).collect()
}

async fn as_of(caller: &Caller, moment: &str, query: &str) -> Value {
    caller.ok("recall", json!({ "query": query, "as_of": moment })).await
}

#[tokio::test]
async fn recall_answers_with_what_was_known_then() {
    let app = warm().await;
    let (edited, gone) = (kept(&app.owner, FIRST).await, kept(&app.owner, "Herons fish.").await);
    let old = kept(&app.owner, "The heron is grey.").await;
    app.clock.advance(60_000);
    change(&app.owner, &edited, "The heron nests by the river.").await;
    app.owner.ok("forget", json!({ "id": gone })).await;
    app.owner.ok("remember", json!({ "content": "Herons are white.", "supersedes": [old] })).await;

    let mut then = said(&as_of(&app.owner, "2026-11-22T09:00:30Z", "heron").await)
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let now = as_of(&app.owner, "2026-11-22T09:02:00Z", "heron").await;
    let before = as_of(&app.owner, "2026-11-22T08:00:00Z", "heron").await;

    then.sort_unstable();
    assert_eq!(then, ["Herons fish.", "The heron is grey.", FIRST]);
    assert_eq!(now["count"], 2);
    assert!(!said(&now).contains(&FIRST));
    assert_eq!(before["count"], 0);
    let pond = as_of(&app.owner, "2026-11-22T09:00:30Z", "pond").await;
    assert_eq!((&pond["hits"][0]["version"], &pond["hits"][0]["score"]), (&json!(1), &json!(1.0)));
}

#[tokio::test]
async fn recall_tells_what_has_changed_and_how() {
    let app = warm().await;
    let untouched = kept(&app.owner, "Untouched.").await;
    let updated = kept(&app.owner, FIRST).await;
    let old = kept(&app.owner, "The heron is grey.").await;
    let expired = kept(&app.owner, "The heron is young.").await;
    let gone = kept(&app.owner, "A hidden word: xylophone.").await;
    app.clock.advance(60_000);
    change(&app.owner, &updated, "The heron nests by the river.").await;
    app.owner.ok("memory_expire", json!({ "id": expired })).await;
    app.owner.ok("forget", json!({ "id": gone })).await;
    let new = json!({ "content": "Herons are white.", "supersedes": [old] });
    let created = app.owner.ok("remember", new).await["id"].clone();

    let since = json!({ "changed_since": "2026-11-22T09:00:30Z" });
    let answer = app.owner.ok("recall", since).await;

    let told = |id: &Value| {
        let hits = answer["hits"].as_array().expect("hits");
        hits.iter().find(|hit| hit["id"] == *id).map(|hit| hit["change_type"].clone())
    };
    assert_eq!(told(&created), Some(json!("created")));
    assert_eq!(told(&updated), Some(json!("updated")));
    assert_eq!(told(&old), Some(json!("superseded")));
    assert_eq!(told(&expired), Some(json!("expired")));
    assert_eq!((told(&untouched), told(&gone)), (None, None));
    assert_eq!(answer["gone"], json!([{ "id": gone, "at": "2026-11-22T09:01:00.000Z" }]));
    assert!(!answer.to_string().contains("xylophone"));

    let by_words = json!({ "changed_since": "2026-11-22T09:00:30Z", "query": "xylophone heron" });
    let found = app.owner.ok("recall", by_words).await;
    assert_eq!((&found["gone"], &found["count"]), (&Value::Null, &json!(4)));
    let active = json!({ "changed_since": "2026-11-22T09:00:30Z", "status": "active" });
    assert_eq!(app.owner.ok("recall", active).await["count"], 2);
}

#[tokio::test]
async fn a_hit_comes_with_its_versions_where_asked_and_within_the_budget() {
    let app = warm().await;
    let id = kept(&app.owner, FIRST).await;
    app.clock.advance(1_000);
    change(&app.owner, &id, "The heron nests by the river.").await;

    let asked = json!({ "query": "heron", "include_history": true });
    let answer = app.owner.ok("recall", asked.clone()).await;

    let history = &answer["hits"][0]["history"];
    assert_eq!((&history[0]["version"], &history[1]["content"]), (&json!(2), &json!(FIRST)));
    assert!(history[1]["changed_by"]["key_id"].is_string());
    assert_eq!(history[0]["changed_at"], "2026-11-22T09:00:01.000Z");
    for number in 0..9 {
        kept(&app.owner, &format!("The heron stands on leg {number}.")).await;
    }
    let mut little = asked;
    little["max_tokens"] = json!(500);
    let answer = app.owner.ok("recall", little).await;
    assert!(answer["hits"].to_string().len() <= 2_050 && answer["more"] == true, "{answer:#}");
    assert_ne!(answer["count"], 0);
}

#[tokio::test]
async fn what_contradicts_itself_is_refused_by_its_field() {
    let app = warm().await;

    for (arguments, field) in [
        (json!({ "as_of": "yesterday", "changed_since": "yesterday" }), "changed_since"),
        (json!({ "as_of": "yesterday", "status": "all" }), "status"),
        (json!({ "as_of": "someday" }), "as_of"),
        (json!({ "changed_since": "someday" }), "changed_since"),
        (json!({ "as_of": "yesterday", "query": "?!" }), "query"),
    ] {
        let refused = app.owner.refused("recall", arguments).await;
        assert_eq!(refused["details"]["fields"][0]["field"], field);
    }
}

#[tokio::test]
async fn one_memory_is_read_as_it_stood_though_it_was_forgotten_since() {
    let app = warm().await;
    let id = kept(&app.owner, FIRST).await;
    app.clock.advance(60_000);
    change(&app.owner, &id, "The heron nests by the river.").await;
    app.clock.advance(60_000);
    app.owner.ok("forget", json!({ "id": id })).await;

    let at = async |moment: &str| {
        let then = json!({ "id": id, "as_of": moment });
        app.owner.ok("memory_get", then).await
    };

    let then = at("2026-11-22T09:00:30Z").await;
    assert_eq!((&then["content"], &then["version"]), (&json!(FIRST), &json!(1)));
    assert_eq!(at("2026-11-22T09:01:30Z").await["version"], 2);
    for moment in ["2026-11-22T08:00:00Z", "2026-11-22T09:05:00Z"] {
        let asked = json!({ "id": id, "as_of": moment });
        assert_eq!(app.owner.refused("memory_get", asked).await["code"], "NOT_FOUND", "{moment}");
    }
}

#[tokio::test]
async fn nobody_reads_what_was_anothers_own_then() {
    let app = warm().await;
    let bo = app.key("Bo", Role::Editor, &ALL).await;
    let own = json!({ "content": "Only Bo's xylophone.", "visibility": "agent" });
    let id = bo.ok("remember", own).await["id"].clone();
    app.clock.advance(60_000);
    let open = json!({ "id": id, "content": "For all.", "visibility": "team" });
    bo.ok("memory_update", open).await;

    let then = json!({ "id": id, "as_of": "2026-11-22T09:00:30Z" });
    assert_eq!(app.owner.refused("memory_get", then.clone()).await["code"], "NOT_FOUND");
    assert_eq!(as_of(&app.owner, "2026-11-22T09:00:30Z", "xylophone").await["count"], 0);
    let history = json!({ "query": "all", "include_history": true });
    let answer = app.owner.ok("recall", history).await;
    assert_eq!(answer["hits"][0]["history"].as_array().map(Vec::len), Some(1));
    assert_eq!(bo.ok("memory_get", then).await["content"], "Only Bo's xylophone.");
    let back = json!({ "id": id, "version": 1 });
    assert_eq!(app.owner.refused("memory_restore", back).await["code"], "NOT_FOUND");
}

#[tokio::test]
async fn an_old_version_comes_back_as_a_new_one() {
    let app = warm().await;
    let id = kept(&app.owner, FIRST).await;
    change(&app.owner, &id, "The heron nests by the river.").await;
    change(&app.owner, &id, "The heron nests by the sea.").await;

    let back = json!({ "id": id, "version": 1 });
    let restored = app.owner.ok("memory_restore", back.clone()).await;

    assert_eq!((&restored["version"], &restored["changed"]), (&json!(4), &json!(true)));
    assert_eq!(read(&app.owner, &id).await["content"], FIRST);
    let again = leaving_nothing(&app, app.owner.ok("memory_restore", back)).await;
    assert_eq!((&again["version"], &again["changed"]), (&json!(4), &json!(false)));
    let missing = json!({ "id": id, "version": 9 });
    let refused = leaving_nothing(&app, app.owner.refused("memory_restore", missing)).await;
    assert_eq!(refused["code"], "NOT_FOUND");
    app.owner.ok("forget", json!({ "id": id })).await;
    let second = json!({ "id": id, "version": 2 });
    assert_eq!(app.owner.ok("memory_restore", second).await["status"], "active");
    assert_eq!(read(&app.owner, &id).await["content"], "The heron nests by the river.");
}
