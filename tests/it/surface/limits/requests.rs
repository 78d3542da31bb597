use memoranda::surface::http::Limits;
use reqwest::Method;
use serde_json::json;

use super::{limited, wait, whoami};
use crate::support::{TestApp, unlimited};
use crate::surface::life::cheap_key;
use crate::surface::probe::{leaving_nothing, mcp_call};

fn two_a_second() -> Limits {
    Limits { requests_per_second: 2, burst: 5, ..unlimited() }
}

#[tokio::test]
async fn a_key_has_its_burst_and_then_its_rate() {
    let app = TestApp::with_limits(two_a_second()).await;
    for _ in 0..5 {
        assert_eq!(whoami(&app.owner).await.status, 200);
    }

    let refused = whoami(&app.owner).await;
    wait(&app, limited(&refused));
    let after = [whoami(&app.owner).await, whoami(&app.owner).await, whoami(&app.owner).await];

    let limit = &refused.json()["error"]["details"]["limit"];
    assert_eq!(*limit, json!({ "requests_per_second": 2, "burst": 5 }));
    assert_eq!(after.map(|answer| answer.status), [200, 200, 429]);
}

#[tokio::test]
async fn a_request_too_many_does_nothing_over_rest_and_mcp() {
    let app = TestApp::with_limits(two_a_second()).await;
    for _ in 0..5 {
        whoami(&app.owner).await;
    }

    let body = json!({ "content": "Tea." });
    leaving_nothing(&app, async {
        let rest = app.owner.rest(Method::POST, "/v1/memories", Some(body.clone())).await;
        let mcp = mcp_call(&app.owner, "remember", &body).send().await.expect("an answer");
        assert_eq!((rest.status, rest.code(), mcp.status().as_u16()), (429, "RATE_LIMITED", 429));
        assert_eq!(mcp.headers()["retry-after"], "1");
    })
    .await;
}

#[tokio::test]
async fn one_keys_requests_are_not_anothers() {
    let app = TestApp::with_limits(two_a_second()).await;
    let other = cheap_key(&app).await;
    let same = other.acting_as("scout");
    for _ in 0..6 {
        whoami(&app.owner).await;
    }

    let others: Vec<u16> = [whoami(&other).await, whoami(&same).await].map(|a| a.status).into();

    assert_eq!(others, [200, 200]);
    for _ in 0..3 {
        whoami(&other).await;
    }
    limited(&whoami(&same).await);
}

#[tokio::test]
async fn what_was_refused_counts_too() {
    let app = TestApp::with_limits(two_a_second()).await;
    for _ in 0..5 {
        let answer = app.owner.rest(Method::GET, "/v1/memories/mem_1", None).await;
        assert_eq!(answer.status, 404);
    }

    limited(&whoami(&app.owner).await);
}

#[tokio::test]
async fn no_limit_is_none_and_the_usual_one_is_not_met_by_two_thousand_at_once() {
    let usual = TestApp::with_limits(Limits::default()).await;
    let unlimited = TestApp::with_limits(Limits { burst: 1, ..unlimited() }).await;

    for _ in 0..2_000 {
        assert_eq!(whoami(&usual.owner).await.status, 200);
    }
    for _ in 0..10 {
        assert_eq!(whoami(&unlimited.owner).await.status, 200);
    }
    limited(&whoami(&usual.owner).await);
}

#[tokio::test]
async fn what_needs_no_key_is_not_counted() {
    let app = TestApp::with_limits(two_a_second()).await;
    for _ in 0..6 {
        whoami(&app.owner).await;
    }

    for path in ["/healthz", "/readyz", "/openapi.json"] {
        assert_eq!(app.owner.rest(Method::GET, path, None).await.status, 200, "{path}");
    }
}
