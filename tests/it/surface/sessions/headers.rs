use memoranda::identity::key::ApiKey;
use memoranda::identity::role::Role;

use super::{Method, Raw, fine, invalid, json, post, seen, started, token};
use crate::surface::probe::{leaving_nothing, mcp_call};

#[tokio::test]
async fn a_session_token_signs_in_alone_and_beside_its_key_and_another() {
    let (app, key) = started().await;
    let active = key.activated("scout").await;
    let other = app.key("Other", Role::Editor, &["read"]).await.with_session(token(&active));

    for caller in [&active, &active.without_key(), &other, &active.acting_as("scout")] {
        let rest = caller.rest(Method::GET, "/v1/whoami", None).await;
        let mcp = caller.ok("whoami", json!({})).await;
        for who in [&rest.body, &mcp] {
            assert_eq!(who["agent"]["id"], "scout");
            assert_eq!(
                who["key_id"],
                json!(key.key_id),
                "rights are those of the key that made it"
            );
            assert!(who["session_id"].as_str().is_some_and(|id| id.starts_with("sess_")));
        }
    }
}

#[tokio::test]
async fn a_session_has_the_rights_of_its_key_as_they_are_now() {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();
    active.ok("remember", json!({ "content": "Tea." })).await;

    assert_eq!(active.refused("key_list", json!({})).await["code"], "PERMISSION_DENIED");
    app.owner.ok("key_edit", json!({ "key_id": key.key_id, "operations": ["recall"] })).await;

    let refused = active.refused("remember", json!({ "content": "Tea." })).await;
    assert_eq!(refused["code"], "PERMISSION_DENIED");
    active.ok("recall", json!({})).await;
}

#[tokio::test]
async fn a_wrong_key_beside_a_session_token_is_refused_as_a_key() {
    let (app, key) = started().await;
    let active = key.activated("scout").await;
    let unknown = ApiKey::generate().whole().expose().to_owned();

    for wrong in [unknown.as_str(), "nonsense"] {
        let caller = app.with_key(wrong).with_session(token(&active));
        let answer = leaving_nothing(&app, seen(&caller)).await;
        assert_eq!(answer, (401, "INVALID_API_KEY".to_owned()));
    }
    let request = active.without_key().request(Method::GET, "/v1/whoami");
    let answer = Raw::of(request.header("authorization", "Basic x")).await;
    assert_eq!(answer.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_key_of_another_team_beside_a_session_token_is_refused() {
    let (app, key) = started().await;
    let active = key.activated("scout").await;
    let (_, other) = app.other_team("other").await;

    let answer = leaving_nothing(&app, seen(&other.with_session(token(&active)))).await;

    assert_eq!(answer, invalid());
}

#[tokio::test]
async fn a_key_locked_to_another_agent_beside_a_session_token_is_refused() {
    let (app, key) = started().await;
    let active = key.activated("scout").await;
    let locked = app.key_with("Locked", json!({ "agent": "else" })).await;
    let own = app.key_with("Scout's own", json!({ "agent": "scout" })).await;

    let answer = leaving_nothing(&app, seen(&locked.with_session(token(&active)))).await;

    assert_eq!(answer, (403, "AGENT_KEY_CONFLICT".to_owned()));
    assert_eq!(seen(&own.with_session(token(&active))).await, fine());
}

#[tokio::test]
async fn a_session_of_a_key_that_was_locked_to_another_agent_since_is_refused() {
    let (_app, key) = started().await;
    let active = key.activated("scout").await.without_key();

    key.acting_as("somebody").ok("whoami", json!({})).await;

    assert_eq!(seen(&active).await, (403, "AGENT_KEY_CONFLICT".to_owned()));
}

#[tokio::test]
async fn an_agent_id_beside_a_session_token_names_its_agent_or_is_refused() {
    let (app, key) = started().await;
    let active = key.activated("scout").await;

    let other = leaving_nothing(&app, seen(&active.acting_as("other"))).await;
    let malformed = leaving_nothing(&app, seen(&active.acting_as("no slug"))).await;

    assert_eq!(other, (403, "AGENT_KEY_CONFLICT".to_owned()));
    assert_eq!(malformed, (400, "INVALID_ARGUMENT".to_owned()));
    // Naming it beside a session locks nothing.
    assert_eq!(seen(&active.acting_as("scout")).await, fine());
    assert_eq!(post(&key, "/v1/sessions", json!({ "agent_id": "scout" })).await.status, 201);
}

#[tokio::test]
async fn a_header_that_is_empty_twice_there_or_no_text_is_refused() {
    let (app, key) = started().await;
    let active = key.activated("scout").await;
    let request = |caller: &super::Caller| caller.request(Method::GET, "/v1/whoami");
    let bytes = reqwest::header::HeaderValue::from_bytes(b"ey\xff").expect("a value");

    for request in [
        request(&key).header("x-session-token", ""),
        request(&key).header("x-session-token", "  "),
        request(&active).header("x-session-token", token(&active)),
        request(&active).header("x-session-token", "other"),
        request(&key).header("x-session-token", bytes),
    ] {
        let answer = leaving_nothing(&app, Raw::of(request)).await;

        assert_eq!((answer.status, answer.code()), invalid());
        assert!(answer.json()["error"]["fix"].as_str().is_some_and(|fix| fix.contains("once")));
    }
}

#[tokio::test]
async fn what_is_about_a_session_asks_for_its_token() {
    let (_app, key) = started().await;

    let current = Raw::of(key.request(Method::GET, "/v1/sessions/current")).await;
    let over_mcp = Raw::of(mcp_call(&key, "session_extend", &json!({}))).await;

    assert_eq!((current.status, &*current.code()), (401, "MISSING_SESSION_TOKEN"));
    assert!(current.header("www-authenticate").starts_with("Bearer"));
    assert_eq!((over_mcp.status, &*over_mcp.code()), (200, "MISSING_SESSION_TOKEN"));
}
