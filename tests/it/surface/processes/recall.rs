//! Recall by the program itself: its own model, another's, none; and what a kill leaves behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

use super::{Home, LONGEST, Piped, Served};
use crate::support::Caller;

const FACT: &str = "Ana owns the billing service.";
const QUESTION: &str = "who is responsible for invoices?";

async fn asked(caller: &Caller) -> Value {
    caller.ok("recall", json!({ "query": QUESTION })).await
}

/// Asks until something is found, within bounds.
async fn found_in_time(caller: &Caller) -> Value {
    let since = Instant::now();
    loop {
        let answer = asked(caller).await;
        if answer["count"] != 0 {
            return answer;
        }
        assert!(since.elapsed() < LONGEST, "nothing is found");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_server_finds_by_meaning_without_any_setting() {
    let home = Home::new();
    let key = home.init();
    let served = Served::start(&home);
    let caller = served.caller(&key);

    caller.ok("remember", json!({ "content": FACT })).await;
    caller.ok("remember", json!({ "content": "It rained all day." })).await;

    assert_eq!(asked(&caller).await["hits"][0]["content"], FACT);
    served.stop();
}

#[tokio::test]
async fn vectors_that_a_kill_left_out_are_made_after_the_next_start() {
    let home = Home::new();
    let key = home.init();
    let long = "The harbour was quiet. ".repeat(120)
        + &"Ana owns billing and answers for what customers are charged. ".repeat(8);
    for round in 0..3 {
        let served = Served::start(&home);
        let kept = served
            .caller(&key)
            .ok("remember", json!({ "content": format!("{long} Round {round}.") }))
            .await;
        assert_eq!(kept["pending"], json!(["meaning"]));
        served.kill();
    }

    let served = Served::start(&home);

    let answer = found_in_time(&served.caller(&key)).await;
    assert!(answer["hits"].as_array().is_some_and(|hits| !hits.is_empty()), "{answer}");
    served.stop();
}

#[test]
fn stdio_and_the_command_line_find_by_meaning_too() {
    let home = Home::new();
    let kept = home.run(&["remember", FACT, "--json"]).json();
    assert!(kept["pending"].is_null());

    let found = home.run(&["recall", QUESTION, "--json"]).json();
    let mut piped = Piped::start(&home);
    piped.initialize("client");
    let answer = piped.call("recall", json!({ "query": QUESTION }));

    assert_eq!(found["hits"][0]["content"], FACT);
    assert_eq!(answer["structuredContent"]["hits"][0]["content"], FACT);
    assert_eq!(piped.end().0, Some(0));
}

#[tokio::test]
async fn without_a_model_words_find_and_nothing_is_pending() {
    let home = Home::new();
    let key = home.init();
    let served = Served::from(home.command(&["serve", "--listen", "127.0.0.1:0", "--no-model"]));
    let caller = served.caller(&key);

    let kept = caller.ok("remember", json!({ "content": FACT })).await;
    let meant = asked(&caller).await;
    let said = caller.ok("recall", json!({ "query": "billing" })).await;

    assert!(kept["pending"].is_null(), "{kept}");
    assert_eq!((meant["count"].clone(), said["count"].clone()), (json!(0), json!(1)));
    assert!(said["without"].is_null(), "nothing is missing that was never there: {said}");
    served.stop();
}

#[test]
fn a_model_that_is_none_is_refused_before_anything_is_made() {
    let home = Home::new();
    let empty = tempfile::tempdir().expect("a folder");
    let empty = empty.path().to_str().expect("UTF-8");

    for (flags, name) in [
        (vec!["--model-dir", empty], "model_dir"),
        (vec!["--embed-url", "ftp://h", "--embed-model", "m"], "embed-url"),
        (vec!["--embed-url", "http://127.0.0.1:1/v1"], "embed-model"),
        (vec!["--no-model=perhaps"], "no-model"),
        (vec!["--recall-memory", "much"], "recall-memory"),
    ] {
        let refused = home.run(&[&["serve", "--listen", "127.0.0.1:0"], &flags[..]].concat());

        refused.refused(64, "INVALID_ARGUMENT");
        assert!(refused.err.contains(&format!("`{name}` ")), "{}", refused.err);
        assert!(!home.data().exists(), "nothing was made");
    }
}

/// A server of embeddings that knows two subjects; and how it answers.
#[derive(Clone, Default)]
struct Elsewhere {
    /// 0 answers, 1 says 500, 2 gives garbage, 3 says nothing for long.
    mood: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
}

async fn embeddings(
    State(elsewhere): State<Elsewhere>,
    headers: HeaderMap,
    body: String,
) -> Response {
    elsewhere.asked.fetch_add(1, Ordering::SeqCst);
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok());
    if authorization != Some("Bearer the-key-of-the-model") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let body: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(body["model"], "subjects-of-this-test");
    match elsewhere.mood.load(Ordering::SeqCst) {
        1 => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        2 => return "{\"data\": [{\"embedding\": [\"no\"]}]}".into_response(),
        3 => std::future::pending::<()>().await,
        _ => {}
    }
    let text = body["input"].as_str().expect("a text");
    let is_of_billing = ["billing", "invoices"].iter().any(|word| text.contains(word));
    let vector = if is_of_billing { [1.0, 0.1, 0.0] } else { [0.0, 0.1, 1.0] };
    json!({ "data": [{ "embedding": vector }] }).to_string().into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_embeddings_is_asked_and_words_are_found_without_it() {
    let elsewhere = Elsewhere::default();
    let router =
        Router::new().route("/v1/embeddings", post(embeddings)).with_state(elsewhere.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let home = Home::new();
    let key = home.init();
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.args(["--embed-url", &url, "--embed-model", "subjects-of-this-test"]);
    command.env("MEMORANDA_EMBED_KEY", "the-key-of-the-model");
    let served = Served::from(command);
    let caller = served.caller(&key);

    let kept = caller.ok("remember", json!({ "content": FACT })).await;
    caller.ok("remember", json!({ "content": "It rained all day." })).await;
    let answer = found_in_time(&caller).await;

    assert_eq!(kept["pending"], json!(["meaning"]), "no writer waits for it");
    assert_eq!((answer["count"].clone(), answer["without"].clone()), (json!(1), Value::Null));
    for mood in 1..=3 {
        elsewhere.mood.store(mood, Ordering::SeqCst);
        let query = json!({ "query": format!("billing, question {mood}") });
        let answer = caller.ok("recall", query).await;
        assert_eq!(answer["hits"][0]["content"], FACT, "mood {mood}");
        assert_eq!(answer["without"], json!(["meaning"]), "mood {mood}");
    }
    // What was asked before needs nobody.
    assert!(asked(&caller).await["without"].is_null());
    let (code, out, err) = served.stop();
    assert_eq!(code, Some(0));
    assert!(!format!("{out}{err}").contains("the-key-of-the-model"));
    assert!(!err.contains(&url), "its URL is nobody's: {err}");
}
