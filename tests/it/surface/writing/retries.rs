use std::collections::BTreeSet;

use futures_util::future::join_all;
use memoranda::identity::role::Role;
use serde_json::{Value, json};

use super::kept;
use crate::surface::probe::{leaving_nothing, warm};

const ALL: [&str; 3] = ["read", "write", "admin"];

fn keyed(key: &str, content: &str) -> Value {
    json!({ "content": content, "allow_duplicate": true, "idempotency_key": key })
}

#[tokio::test]
async fn a_request_that_comes_again_is_answered_as_before_and_done_once() {
    let app = warm().await;
    let one = keyed("one", "The heron nests here.");
    let batch = json!({
        "items": [{ "content": "a" }, { "content": "b", "allow_duplicate": true }],
        "idempotency_key": "many",
    });

    for request in [one, batch] {
        let first = app.owner.ok("remember", request.clone()).await;
        app.clock.advance(24 * 60 * 60 * 1_000);
        let again = leaving_nothing(&app, app.owner.ok("remember", request)).await;
        assert_eq!(again, first);
    }
}

#[tokio::test]
async fn a_key_with_other_arguments_is_refused() {
    let app = warm().await;
    app.owner.ok("remember", keyed("one", "The heron nests here.")).await;

    let other = keyed("one", "The owl hunts at night.");
    let refused = leaving_nothing(&app, app.owner.refused("remember", other)).await;

    assert_eq!(refused["code"], "CONFLICT");
    assert!(refused["message"].as_str().is_some_and(|said| said.contains("idempotency_key")));
}

#[tokio::test]
async fn each_caller_has_keys_of_its_own() {
    let app = warm().await;
    let bo = app.key("Bo", Role::Editor, &ALL).await;

    let ours = app.owner.ok("remember", keyed("one", "The heron nests here.")).await;
    let theirs = bo.ok("remember", keyed("one", "The owl hunts at night.")).await;

    assert_ne!(ours["id"], theirs["id"]);
}

#[tokio::test]
async fn what_was_refused_may_be_mended_under_the_same_key() {
    let app = warm().await;
    let missing = json!({
        "content": "New.", "supersedes": [format!("mem_{}", "0".repeat(26))],
        "idempotency_key": "one",
    });

    assert_eq!(app.owner.refused("remember", missing).await["code"], "NOT_FOUND");

    app.owner.ok("remember", json!({ "content": "New.", "idempotency_key": "one" })).await;
}

#[tokio::test]
async fn a_key_that_is_too_long_or_empty_is_refused() {
    let app = warm().await;

    for key in [String::new(), "k".repeat(129)] {
        let refused = leaving_nothing(&app, app.owner.refused("remember", keyed(&key, "x"))).await;
        assert_eq!(refused["details"]["fields"][0]["field"], "idempotency_key");
    }
    app.owner.ok("remember", keyed(&"é".repeat(128), "x")).await;
}

#[tokio::test]
async fn of_one_request_that_comes_many_times_at_once_one_memory_is_kept() {
    let app = warm().await;
    kept(&app.owner, "Something else.").await;

    for round in 0..20 {
        let request = keyed(&format!("round {round}"), &format!("Said in round {round}."));
        let sent = (0..8).map(|_| {
            let (caller, request) = (app.owner.clone(), request.clone());
            tokio::spawn(async move { caller.ok("remember", request).await.to_string() })
        });
        let answers: BTreeSet<String> =
            join_all(sent).await.into_iter().map(|answer| answer.expect("no panic")).collect();

        assert_eq!(answers.len(), 1, "round {round}");
    }
    let all = app.owner.ok("memory_list", json!({})).await;
    assert_eq!(all["total"], 21);
}
