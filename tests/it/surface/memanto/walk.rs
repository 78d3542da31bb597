//! The walk that must work as it stands, over HTTP, step by step.

use reqwest::Method;
use serde_json::{Value, json};

use super::{AGENTS, get, has, of_agent, post};
use crate::support::Caller;
use crate::surface::probe::warm;

/// What a program reads in a token without verifying it.
fn claims(token: &str) -> Value {
    use base64::Engine;
    let part = token.split('.').nth(1).expect("three parts");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).expect("base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_else(|| panic!("without {field}: {body}"))
}

#[tokio::test]
async fn the_walk_works_as_it_stands() {
    let app = warm().await;
    let key = &app.owner;

    let list = get(key, AGENTS).await;
    assert_eq!(list.status, 200);
    has(&list.body, &["agents", "count", "warnings"]);

    let made = post(key, AGENTS, json!({ "agent_id": "my-agent" })).await;
    assert_eq!(made.status, 201, "{}", made.body);

    let session = key.rest(Method::POST, &of_agent("activate"), None).await;
    assert_eq!(session.status, 200, "{}", session.body);
    assert_eq!(text(&session.body, "agent_id"), "my-agent");
    assert_eq!(text(&session.body, "expires_at"), "2026-11-22T15:00:00.000Z");
    let token = text(&session.body, "session_token");
    let read = claims(token);
    assert_eq!(
        (&read["agent_id"], &read["expires_at"]),
        (&json!("my-agent"), &json!("2026-11-22T15:00:00.000Z"))
    );
    assert_eq!(read["exp"], 1_795_359_600);

    let both = key.with_session(token);
    let body = json!({ "content": "Hello", "type": "fact" });
    let by_body = post(&both, &of_agent("remember"), body).await;
    let by_query =
        both.rest(Method::POST, &of_agent("remember?content=Hello%20again&type=goal"), None).await;
    assert_eq!((by_body.status, by_query.status), (200, 200), "{}", by_query.body);
    assert_eq!(text(&by_query.body, "type"), "goal");

    let recalled = get(&both, &of_agent("recall?query=hello&limit=5")).await;
    assert_eq!((recalled.status, &recalled.body["count"]), (200, &json!(2)));

    let alone = both.without_key();
    let current = get(&alone, "/api/v2/session/current").await;
    assert_eq!((current.status, text(&current.body, "agent_id")), (200, "my-agent"));

    let extended = alone.rest(Method::POST, "/api/v2/session/extend", None).await;
    assert_eq!(extended.status, 200, "{}", extended.body);
    assert_eq!(text(&extended.body, "expires_at"), "2026-11-22T21:00:00.000Z");
    let longer = text(&extended.body, "session_token");
    assert_ne!(longer, token);
    assert_eq!(claims(longer)["expires_at"], extended.body["expires_at"]);

    let ended = key.rest(Method::POST, &of_agent("deactivate"), None).await;
    assert_eq!(ended.status, 200, "{}", ended.body);
    assert_eq!(ended.body["memories_created"], 2);

    for token in [token, longer] {
        assert_eq!(refusal(&key.with_session(token)).await, (401, "INVALID_SESSION_TOKEN".into()));
    }
}

/// What a caller who tries to remember is told.
async fn refusal(caller: &Caller) -> (u16, String) {
    let reply = post(caller, &of_agent("remember"), json!({ "content": "Hello" })).await;
    assert_eq!(reply.body["status"], "error");
    assert!(reply.body["error"]["message"].is_string(), "{}", reply.body);
    assert_eq!(reply.body["detail"]["error"], reply.body["error"]["code"]);
    assert_eq!(reply.headers["content-type"], "application/json");
    (reply.status, reply.code().to_owned())
}

#[tokio::test]
async fn without_a_token_or_with_one_past_its_time_nothing_is_remembered() {
    let (app, agent) = super::activated().await;
    let wrong_key = memoranda::identity::key::ApiKey::generate();
    let wrong = app.with_key(wrong_key.whole().expose());
    let missing = (401, "MISSING_SESSION_TOKEN".to_owned());
    let invalid = (401, "INVALID_API_KEY".to_owned());

    assert_eq!(refusal(&app.owner).await, missing);
    assert_eq!(refusal(&app.anonymous()).await, missing);
    assert_eq!(refusal(&wrong).await, invalid);
    let token = agent.session.clone().expect("a token");
    assert_eq!(refusal(&wrong.with_session(&token)).await, invalid);
    app.clock.advance(6 * 60 * 60 * 1000);
    assert_eq!(refusal(&agent).await, (401, "EXPIRED_SESSION_TOKEN".to_owned()));
}

#[tokio::test]
async fn an_agent_made_again_sees_nothing_of_the_one_before() {
    let (app, agent) = super::activated().await;
    super::remembered(&agent, "The heron nests here.").await;

    let gone = app.owner.rest(Method::DELETE, &format!("{AGENTS}/my-agent"), None).await;
    let token = agent.session.as_deref().expect("a token");
    let late = refusal(&app.owner.with_session(token)).await;
    let again = super::agent(&app, "my-agent").await;

    assert_eq!(gone.status, 200, "{}", gone.body);
    has(&gone.body, &["message"]);
    assert_eq!(late, (401, "INVALID_SESSION_TOKEN".to_owned()));
    let recalled = get(&again, &of_agent("recall?query=heron")).await;
    assert_eq!((recalled.status, &recalled.body["count"]), (200, &json!(0)));
    let shown = get(&app.owner, &format!("{AGENTS}/my-agent")).await;
    assert_eq!((&shown.body["memory_count"], &shown.body["session_count"]), (&json!(0), &json!(1)));
}
