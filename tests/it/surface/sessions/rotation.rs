use super::{
    HOUR, Method, Raw, TestApp, fine, invalid, json, post, read, secret_of, seen, started, token,
};
use crate::support::Caller;
use crate::surface::probe::count;

async fn rotate(app: &TestApp, arguments: super::Value) -> super::Value {
    app.owner.ok("session_key_rotate", arguments).await
}

/// The name of what signed a caller's token.
fn kid(active: &Caller) -> super::Value {
    read(token(active)).0["kid"].clone()
}

#[tokio::test]
async fn older_tokens_hold_after_a_rotation_and_new_ones_are_signed_anew() {
    let (app, key) = started().await;
    let old = key.activated("scout").await.without_key();

    let answer = rotate(&app, json!({})).await;
    let new = key.activated("scout").await.without_key();
    let extended = post(&old, "/v1/sessions/extend", json!({})).await;

    assert_eq!((seen(&old).await, seen(&new).await), (fine(), fine()));
    assert_ne!(kid(&old), kid(&new));
    assert_eq!((kid(&new), &answer["sessions_ended"]), (answer["kid"].clone(), &json!(0)));
    let extended = old.with_session(extended.body["session_token"].as_str().expect("a token"));
    assert_eq!(kid(&extended), answer["kid"]);
    assert_eq!(seen(&extended).await, fine());
}

#[tokio::test]
async fn what_a_retired_signing_key_signed_is_refused_after_a_day() {
    let (app, key) = started().await;
    let old = key.activated("scout").await.without_key();
    let (header, mut claims) = read(token(&old));
    let secret = secret_of(&app, &header);
    rotate(&app, json!({})).await;

    app.clock.advance(24 * HOUR - 1);
    // A token that no server made, of a session that goes on: only its signing key is too old.
    let newer = key.activated("scout").await;
    claims["session_id"] = read(token(&newer)).1["session_id"].clone();
    claims["exp"] = json!(4_102_444_800_i64);
    let forged = old.with_session(&super::signed(&header.to_string(), &claims, &secret));
    assert_eq!(seen(&forged).await, fine());
    app.clock.advance(1);

    assert_eq!((seen(&forged).await, seen(&newer).await), (invalid(), fine()));
}

#[tokio::test]
async fn a_rotation_that_ends_all_ends_every_session_and_forgets_the_secrets() {
    let (app, key) = started().await;
    let (_, other) = app.other_team("other").await;
    let other = other.acting_as("far");
    other.ok("whoami", json!({})).await;
    let theirs = other.activated("far").await;
    let first = key.activated("scout").await.without_key();
    rotate(&app, json!({})).await;
    let second = key.activated("scout").await.without_key();

    let answer = rotate(&app, json!({ "end_now": true })).await;

    assert_eq!((seen(&first).await, seen(&second).await), (invalid(), invalid()));
    assert_eq!((&answer["sessions_ended"], &answer["old_until"]), (&json!(2), &super::Value::Null));
    assert_eq!(seen(&theirs).await, fine(), "another team's go on");
    assert_eq!(count(&app, "signing_keys"), 2);
    assert_eq!(seen(&key.activated("scout").await.without_key()).await, fine());
}

#[tokio::test]
async fn no_answer_and_no_row_of_the_trail_holds_a_signing_secret() {
    let (app, key) = started().await;
    let active = key.activated("scout").await;
    let secret = secret_of(&app, &read(token(&active)).0);

    let answer = rotate(&app, json!({})).await.to_string();
    let trail = Raw::of(app.owner.request(Method::GET, "/v1/activity?team=true&limit=100")).await;

    for text in [&answer, &trail.text] {
        assert!(!text.contains(&secret) && !text.contains("eyJ"), "{text}");
    }
}

#[tokio::test]
async fn first_activations_that_race_make_one_signing_key() {
    let (app, key) = started().await;

    let activations = (0..8).map(|_| key.activated("scout"));
    let active = futures_util::future::join_all(activations).await;

    assert_eq!(count(&app, "signing_keys"), 1);
    for caller in active {
        assert_eq!(seen(&caller.without_key()).await, fine());
    }
}
