use super::{
    Caller, HOUR, MINUTE, Method, Raw, expired, fine, invalid, json, post, read, seen, started,
    token,
};
use crate::surface::probe::count;
use crate::surface::probe::{intact_chain, mcp_call};

/// The renewed token that an answer carries, if it does.
fn renewed(answer: &Raw) -> Option<String> {
    Some(answer.header("x-session-token").to_owned()).filter(|token| !token.is_empty())
}

async fn whoami(caller: &Caller) -> Raw {
    Raw::of(caller.request(Method::GET, "/v1/whoami")).await
}

#[tokio::test]
async fn with_half_an_hour_left_an_answer_carries_a_token_of_the_same_session() {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();

    app.clock.advance(6 * HOUR - 30 * MINUTE - 1);
    assert_eq!(renewed(&whoami(&active).await), None);
    app.clock.advance(1);
    let answer = whoami(&active).await;

    let new = renewed(&answer).expect("a token");
    let ((_, before), (_, after)) = (read(token(&active)), read(&new));
    assert_eq!(before["session_id"], after["session_id"]);
    assert_ne!(before["jti"], after["jti"]);
    assert_eq!(after["expires_at"], "2026-11-22T20:30:00.000Z");
    assert_eq!(answer.header("cache-control"), "no-store");
    app.clock.advance(30 * MINUTE);
    assert_eq!(seen(&active).await, expired());
    assert_eq!(seen(&active.with_session(&new)).await, fine());
}

#[tokio::test]
async fn a_client_that_goes_on_with_the_old_token_causes_one_write() {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();
    app.clock.advance(6 * HOUR - 10 * MINUTE);

    let before = count(&app, "activity");
    let mut ends = Vec::new();
    for _ in 0..5 {
        let new = renewed(&whoami(&active).await).expect("a token");
        ends.push(read(&new).1["expires_at"].clone());
        app.clock.advance(MINUTE);
    }

    assert!(ends.iter().all(|end| *end == "2026-11-22T20:50:00.000Z"), "{ends:?}");
    assert_eq!(count(&app, "activity"), before + 1);
    let event = &app.owner.team_events().await[0];
    assert_eq!((&event["operation"], &event["agent"]), (&json!("session_renew"), &json!("scout")));
    assert!(!event.to_string().contains("eyJ"), "{event}");
    intact_chain(&app.house).await;
}

#[tokio::test]
async fn many_answers_at_once_renew_a_session_once() {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();
    app.clock.advance(6 * HOUR - MINUTE);
    let before = count(&app, "activity");

    let answers = futures_util::future::join_all((0..8).map(|_| whoami(&active))).await;

    assert!(answers.iter().all(|answer| renewed(answer).is_some()));
    assert_eq!(count(&app, "activity"), before + 1);
}

#[tokio::test]
async fn an_answer_over_mcp_carries_it_too() {
    let (app, key) = started().await;
    let active = key.activated("scout").await;
    app.clock.advance(6 * HOUR - MINUTE);

    let answer = Raw::of(mcp_call(&active, "whoami", &json!({}))).await;

    let new = renewed(&answer).expect("a token");
    assert_eq!(seen(&key.without_key().with_session(&new)).await, fine());
}

#[tokio::test]
async fn a_refusal_renews_nothing() {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();
    app.clock.advance(6 * HOUR - MINUTE);
    let before = count(&app, "activity");

    for path in ["/v1/keys", "/v1/memories/mem_1", "/v1/nothing", "/v1/activity?limit=0"] {
        let answer = Raw::of(active.request(Method::GET, path)).await;
        assert!(answer.status >= 400, "{path}: {}", answer.status);
        assert_eq!(renewed(&answer), None, "{path}");
    }

    assert_eq!(count(&app, "activity"), before);
}

#[tokio::test]
async fn what_ends_a_session_does_not_renew_it() {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();
    app.clock.advance(6 * HOUR - MINUTE);

    let request = active.request(Method::POST, "/v1/sessions/end");
    let answer = Raw::of(request.body("{}")).await;

    assert_eq!((answer.status, renewed(&answer)), (200, None));
    assert_eq!(seen(&active).await, invalid());
}

#[tokio::test]
async fn a_key_alone_is_given_no_token() {
    let (app, key) = started().await;
    key.activated("scout").await;
    app.clock.advance(6 * HOUR - MINUTE);

    assert_eq!(renewed(&whoami(&key).await), None);
}

#[tokio::test]
async fn a_session_that_was_extended_is_not_cut_short_by_a_renewal() {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();
    post(&active, "/v1/sessions/extend", json!({ "hours": 18 })).await;
    app.clock.advance(6 * HOUR - MINUTE);
    let before = count(&app, "activity");

    let new = renewed(&whoami(&active).await).expect("the token itself soon ends");

    assert_eq!(read(&new).1["expires_at"], "2026-11-23T09:00:00.000Z");
    assert_eq!(count(&app, "activity"), before);
}
