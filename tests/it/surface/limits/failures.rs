use std::sync::Arc;

use futures_util::future::join_all;
use memoranda::auth::attempts::Attempts;
use memoranda::core::error::Code;
use memoranda::identity::key::{ApiKey, KeyId};
use memoranda::surface::http::{Limits, Proxies};
use reqwest::Method;
use serde_json::json;

use super::{limited, wait, whoami};
use crate::support::{Caller, TestApp, unlimited};
use crate::surface::life::cheap_key;
use crate::surface::probe::{Raw, leaving_nothing};

fn three_a_minute() -> Limits {
    Limits { failed_sign_ins: 3, ..unlimited() }
}

/// A well-formed key with the id of a caller's, and another secret.
fn guess(of: &Caller) -> ApiKey {
    let id = of.key.as_ref().expect("a key")[5..17].parse::<KeyId>().expect("its id");
    ApiKey::with_id(id)
}

#[tokio::test]
async fn every_kind_of_failure_counts_and_then_none_is_looked_at() {
    let kinds: [fn(&TestApp) -> Caller; 4] = [
        |app| app.anonymous(),
        |app| app.with_key("no key at all"),
        |app| app.with_key(ApiKey::generate().whole().expose()),
        |app| app.with_key(guess(&app.owner).whole().expose()),
    ];
    for kind in kinds {
        let app = TestApp::with_limits(three_a_minute()).await;
        let (failing, guessing) = (kind(&app), app.with_key(guess(&app.owner).whole().expose()));
        for _ in 0..3 {
            assert_eq!(whoami(&failing).await.status, 401);
        }

        let computed = app.house.app.hasher.computed();
        let refused = leaving_nothing(&app, whoami(&failing)).await;
        limited(&leaving_nothing(&app, whoami(&guessing)).await);

        assert_eq!(app.house.app.hasher.computed(), computed, "no argon2id any more");
        assert!(refused.header("www-authenticate").is_empty());
        wait(&app, limited(&refused));
        assert_eq!([whoami(&failing).await.status, whoami(&failing).await.status], [401, 429]);
    }
}

#[tokio::test]
async fn a_key_that_was_verified_passes_beside_one_that_guesses() {
    let app = TestApp::with_limits(three_a_minute()).await;
    let late = cheap_key(&app).await;
    assert_eq!(whoami(&app.owner).await.status, 200);
    for _ in 0..4 {
        whoami(&app.with_key(guess(&app.owner).whole().expose())).await;
    }

    let verified = whoami(&app.owner).await;
    let unknown = whoami(&late).await;
    wait(&app, limited(&unknown));

    assert_eq!(verified.status, 200);
    assert_eq!(whoami(&late).await.status, 200, "it waited, and has its turn");
}

#[tokio::test]
async fn sign_ins_that_succeed_are_not_counted() {
    let app = TestApp::with_limits(Limits { failed_sign_ins: 1, ..unlimited() }).await;

    for _ in 0..5 {
        let caller = cheap_key(&app).await;
        assert_eq!(whoami(&caller).await.status, 200);
    }
    let locked = cheap_key(&app).await.acting_as("ada");
    assert_eq!(whoami(&locked).await.status, 200);
    for _ in 0..5 {
        let answer = whoami(&locked.acting_as("bo")).await;
        assert_eq!(answer.code(), "AGENT_KEY_CONFLICT", "refused, and yet who it said it is");
    }
    assert_eq!(whoami(&app.anonymous()).await.status, 401);
    limited(&whoami(&app.anonymous()).await);
}

/// Fails once from an address that a proxy on this machine names.
async fn forwarded(app: &TestApp, lines: &[&str]) -> u16 {
    let request = app.anonymous().request(Method::GET, "/v1/whoami");
    let named =
        |request: reqwest::RequestBuilder, line: &&str| request.header("x-forwarded-for", *line);
    Raw::of(lines.iter().fold(request, named)).await.status
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_address_is_its_own() {
    let trusted_proxies = Proxies::parse("127.0.0.0/8").expect("a list");
    let app = TestApp::with_limits(Limits { trusted_proxies, ..three_a_minute() }).await;

    for number in 0..3 {
        // What the client says of itself stands to the left, and differs each time.
        let line = format!("203.0.113.{number}, 198.51.100.7");
        assert_eq!(forwarded(&app, &[&line]).await, 401);
    }

    assert_eq!(forwarded(&app, &["203.0.113.9, 198.51.100.7"]).await, 429);
    assert_eq!(forwarded(&app, &["203.0.113.9", "198.51.100.7"]).await, 429);
    assert_eq!(forwarded(&app, &["198.51.100.7, 127.0.0.2"]).await, 429);
    assert_eq!(forwarded(&app, &["198.51.100.8"]).await, 401);
    assert_eq!(forwarded(&app, &["2001:db8::1"]).await, 401);
    assert_eq!(forwarded(&app, &[]).await, 401);
}

#[tokio::test]
async fn without_a_trusted_proxy_the_header_changes_nothing() {
    let app = TestApp::with_limits(three_a_minute()).await;

    for number in 0..3 {
        assert_eq!(forwarded(&app, &[&format!("198.51.100.{number}")]).await, 401);
    }

    assert_eq!(forwarded(&app, &["198.51.100.7"]).await, 429);
}

#[tokio::test]
async fn of_many_that_guess_at_once_only_so_many_cost_anything() {
    let app = TestApp::with_limits(Limits { failed_sign_ins: 5, ..unlimited() }).await;
    let computed = app.house.app.hasher.computed();

    let guesses: Vec<Caller> =
        (0..40).map(|_| app.with_key(guess(&app.owner).whole().expose())).collect();
    let answers = join_all(guesses.iter().map(whoami)).await;

    let wrong = answers.iter().filter(|answer| answer.status == 401).count();
    answers.iter().filter(|answer| answer.status != 401).for_each(|answer| {
        limited(answer);
    });
    assert_eq!((wrong, app.house.app.hasher.computed() - computed), (5, 5));
}

#[tokio::test]
async fn a_thousand_wrong_keys_at_once_cost_twenty_computations() {
    let app = TestApp::start().await;
    let (auth, hasher) = (Arc::clone(&app.house.auth), app.house.app.hasher.clone());
    let attempts = Arc::new(Attempts::new(20, Arc::clone(&app.house.app.clock)));
    let computed = hasher.computed();

    let guessing = (0..1_000).map(|_| {
        let (auth, attempts, key) = (Arc::clone(&auth), Arc::clone(&attempts), guess(&app.owner));
        tokio::spawn(async move {
            let attempt = attempts.from("192.0.2.1".parse().ok());
            let outcome = auth.key_in(&attempt, key.whole(), None).await;
            attempt.settle(outcome).map(drop).expect_err("a wrong key").code()
        })
    });
    let codes = join_all(guessing.collect::<Vec<_>>()).await;

    let codes: Vec<Code> = codes.into_iter().map(|code| code.expect("no panic")).collect();
    let wrong = codes.iter().filter(|code| **code == Code::InvalidApiKey).count();
    let limited = codes.iter().filter(|code| **code == Code::RateLimited).count();
    assert_eq!((wrong, limited, hasher.computed() - computed), (20, 980, 20));
}

#[tokio::test]
async fn many_good_keys_of_one_address_may_come_at_once() {
    let app = TestApp::with_limits(Limits { failed_sign_ins: 3, ..unlimited() }).await;
    let mut keys = Vec::new();
    for _ in 0..30 {
        keys.push(cheap_key(&app).await);
    }

    let answers = join_all(keys.iter().map(whoami)).await;

    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200; 30], "more than may fail, and none fails");
}

#[tokio::test]
async fn wrong_invitations_count_like_wrong_keys() {
    let app = TestApp::with_limits(three_a_minute()).await;
    let body = json!({ "invitation": "no invitation", "password": "correct horse battery" });
    let nobody = app.anonymous();
    let guess = async || nobody.rest(Method::POST, "/auth/invitation", Some(body.clone())).await;
    for _ in 0..3 {
        assert_eq!(guess().await.status, 404);
    }

    let refused = guess().await;

    assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"));
    limited(&whoami(&nobody).await);
}
