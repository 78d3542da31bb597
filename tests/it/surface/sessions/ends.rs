use std::sync::Arc;
use std::time::Duration;

use super::{Caller, HOUR, Method, Raw, Value, fine, invalid, json, post, seen, started};
use crate::surface::probe::count;
use crate::surface::probe::{mcp_call, rest_call};

#[tokio::test]
async fn a_session_ends_with_the_key_that_made_it() {
    let (app, _) = started().await;

    for (name, more) in [
        ("key_revoke", json!({})),
        ("key_deactivate", json!({})),
        ("key_rotate", json!({})),
        ("key_delete", json!({ "confirm": true })),
    ] {
        let key = app.key_with(name, json!({})).await;
        key.ok("whoami", json!({})).await;
        let active = key.activated("scout").await.without_key();
        assert_eq!(seen(&active).await, fine(), "{name}");

        let mut arguments = more;
        arguments["key_id"] = json!(key.key_id);
        app.owner.ok(name, arguments).await;

        assert_eq!(seen(&active).await, invalid(), "{name}");
        let over_mcp = Raw::of(mcp_call(&active, "whoami", &json!({}))).await;
        assert_eq!((over_mcp.status, over_mcp.code()), invalid(), "{name}");
    }
    let running = app.owner.ok("session_list", json!({})).await;
    assert_eq!(running["count"], 0);
}

#[tokio::test]
async fn a_session_outlasts_its_key_by_nothing() {
    let (app, _) = started().await;
    let key = app.key_with("Brief", json!({ "expires_at": "2026-11-22T10:00:00Z" })).await;
    key.ok("whoami", json!({})).await;
    let active = key.activated("scout").await.without_key();

    app.clock.advance(HOUR - 1);
    assert_eq!(seen(&active).await, fine());
    app.clock.advance(1);

    assert_eq!(seen(&active).await, invalid());
}

#[tokio::test]
async fn a_session_lives_through_an_overlap_and_no_longer() {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();

    app.owner.ok("key_rotate", json!({ "key_id": key.key_id, "overlap_hours": 1 })).await;

    app.clock.advance(HOUR - 1);
    assert_eq!(seen(&active).await, fine());
    app.clock.advance(1);
    assert_eq!(seen(&active).await, invalid());
}

#[tokio::test]
async fn activating_a_key_again_does_not_bring_its_sessions_back() {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();

    app.owner.ok("key_deactivate", json!({ "key_id": key.key_id })).await;
    app.owner.ok("key_activate", json!({ "key_id": key.key_id })).await;

    assert_eq!((seen(&key).await, seen(&active).await), (fine(), invalid()));
}

#[tokio::test]
async fn an_agent_that_is_blocked_is_refused_in_its_session_too() {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();

    app.owner.ok("agent_block", json!({ "agent_id": "scout" })).await;

    let refused = active.refused("recall", json!({})).await;
    assert_eq!(refused["code"], "TRUST_REQUIRED");
    key.ok("recall", json!({})).await;
}

#[tokio::test]
async fn the_sessions_of_an_agent_that_was_deleted_end_and_do_not_pass_to_the_next() {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();

    app.owner.ok("agent_delete", json!({ "agent_id": "scout", "confirm": true })).await;
    app.owner.ok("agent_create", json!({ "agent_id": "scout" })).await;

    assert_eq!(seen(&active).await, invalid());
    assert_eq!(seen(&key.activated("scout").await.without_key()).await, fine());
}

const ROUNDS: u64 = 200;
const WRITERS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn of_writes_that_race_the_end_of_their_session_the_answered_ones_are_kept_and_no_others() {
    let (app, key) = started().await;
    let entry = memoranda::ops::find("remember").expect("an operation");
    let (mut kept, mut refused) = (0, 0);

    for round in 0..ROUNDS {
        let active = Arc::new(key.activated("scout").await.without_key());
        let begun = count(&app, "memories");
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let active = Arc::clone(&active);
                tokio::spawn(async move { write(&active, entry, round, number).await })
            })
            .collect();
        // The race itself: the end sets out a little later in each round.
        tokio::time::sleep(Duration::from_micros(round % 40 * 100)).await;
        let ended = post(&key, "/v1/sessions/end", json!({ "agent_id": "scout" })).await;
        let at_the_answer = count(&app, "memories");
        let mut answered = 0;
        for writer in writers {
            let is_kept = writer.await.expect("no panic");
            answered += i64::from(is_kept);
            refused += i64::from(!is_kept);
        }

        assert_eq!(count(&app, "memories"), at_the_answer, "kept after the end's answer");
        assert_eq!(at_the_answer - begun, answered, "kept, and not answered so");
        assert_eq!(ended.body["sessions"][0]["memories_created"], answered);
        kept += answered;
    }

    assert!(kept > 0 && refused > 0, "nothing raced: {kept} kept, {refused} refused");
}

/// Writes over REST or MCP; whether it was kept. Anything but that and 401 fails.
async fn write(active: &Caller, entry: &memoranda::ops::Entry, round: u64, number: usize) -> bool {
    let content = json!({ "content": format!("Writer {number}, round {round}.") });
    let answer = if number.is_multiple_of(2) {
        Raw::of(mcp_call(active, "remember", &content)).await
    } else {
        Raw::of(rest_call(active, entry, &content)).await
    };
    if answer.status == 401 {
        assert_eq!(answer.code(), "INVALID_SESSION_TOKEN", "{}", answer.text);
        return false;
    }
    let body = answer.json();
    let id = [&body["id"], &body["result"]["structuredContent"]["id"]];
    let is_kept = id.into_iter().find_map(Value::as_str).is_some_and(|id| id.starts_with("mem_"));
    assert!(is_kept, "{} {}", answer.status, answer.text);
    true
}

#[tokio::test]
async fn a_read_after_the_end_is_refused_on_every_surface() {
    let (_app, key) = started().await;
    let active = key.activated("scout").await.without_key();
    post(&active, "/v1/sessions/end", json!({})).await;

    for path in ["/v1/whoami", "/v1/sessions/current", "/v1/activity"] {
        let answer = Raw::of(active.request(Method::GET, path)).await;
        assert_eq!((answer.status, answer.code()), invalid(), "{path}");
    }
}
