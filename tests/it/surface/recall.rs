//! Recall with the built-in model, from the wire to the disk.

use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

fn contents(answer: &Value) -> Vec<&str> {
    let hits = answer["hits"].as_array().into_iter().flatten();
    hits.filter_map(|hit| hit["content"].as_str()).collect()
}

async fn remember(caller: &Caller, content: &str) -> Value {
    caller.ok("remember", json!({ "content": content })).await
}

async fn make_vectors(app: &TestApp) -> u64 {
    let house = &app.house.app;
    house.recaller().make_missing(&house.store).await.expect("made")
}

#[tokio::test]
async fn a_question_finds_what_means_the_same_and_says_why() {
    let app = TestApp::with_meaning().await;
    for content in ["Ana owns the billing service.", "It rained all day.", "The harbour is quiet."]
    {
        remember(&app.owner, content).await;
    }

    let answer = app.owner.ok("recall", json!({ "query": "who is responsible for invoices?" }));
    let answer = answer.await;

    assert_eq!(contents(&answer)[0], "Ana owns the billing service.");
    let why = &answer["hits"][0]["why"];
    assert!(why["meaning"].as_f64().is_some_and(|share| share > 0.05), "{answer}");
    assert!(why["words"].is_null() && answer["without"].is_null(), "{answer}");
    let score = answer["hits"][0]["score"].as_f64().expect("a score");
    assert!(score > 0.0 && score <= 1.0);
}

#[tokio::test]
async fn words_find_a_long_text_at_once_and_its_meaning_soon_after() {
    let app = TestApp::with_meaning().await;
    let long = "The harbour was quiet. ".repeat(60)
        + &"Ana owns billing and answers for what customers are charged. ".repeat(8);
    let question = json!({ "query": "who is responsible for invoices?" });

    let kept = remember(&app.owner, &long).await;
    let by_words = app.owner.ok("recall", json!({ "query": "billing" })).await;
    let too_early = app.owner.ok("recall", question.clone()).await;
    let made = make_vectors(&app).await;
    let found = app.owner.ok("recall", question).await;

    assert_eq!(kept["pending"], json!(["meaning"]));
    assert_eq!((by_words["count"].clone(), too_early["count"].clone()), (json!(1), json!(0)));
    assert_eq!((made, found["count"].clone()), (1, json!(1)));
}

#[tokio::test]
async fn short_texts_are_embedded_with_their_memory_and_large_batches_after_it() {
    let app = TestApp::with_meaning().await;
    let batch = |count: usize| {
        let items: Vec<Value> =
            (0..count).map(|at| json!({ "content": format!("note {at} of {count}") })).collect();
        json!({ "items": items })
    };

    let one = remember(&app.owner, "a short one").await;
    let some = app.owner.ok("remember", batch(16)).await;
    let made_at_once = make_vectors(&app).await;
    let many = app.owner.ok("remember", batch(17)).await;
    let made_after = make_vectors(&app).await;

    assert!(one["pending"].is_null() && some["items"][0]["pending"].is_null());
    assert_eq!(many["items"][16]["pending"], json!(["meaning"]));
    assert_eq!((made_at_once, made_after), (0, 17));
}

#[tokio::test]
async fn a_changed_text_is_found_by_what_it_means_now() {
    let app = TestApp::with_meaning().await;
    let kept = remember(&app.owner, "It rained all day.").await;
    let change = json!({ "id": kept["id"], "content": "Ana owns the billing service." });

    app.owner.ok("memory_update", change).await;

    let answer = app.owner.ok("recall", json!({ "query": "who is responsible for invoices?" }));
    assert_eq!(contents(&answer.await), ["Ana owns the billing service."]);
    let answer = app.owner.ok("recall", json!({ "query": "wet weather" })).await;
    assert_eq!(answer["count"], 0, "{answer}");
    assert_eq!(make_vectors(&app).await, 0);
}

#[tokio::test]
async fn what_an_agent_keeps_for_itself_is_near_to_nobody_elses_question() {
    let app = TestApp::with_meaning().await;
    let (ada, bob) = (
        app.key("Ada", Role::Editor, &["read", "write"]).await,
        app.key("Bob", Role::Editor, &["read", "write"]).await,
    );
    let private = json!({ "content": "Ana owns the billing service.", "visibility": "agent" });
    ada.ok("remember", private).await;
    let question = json!({ "query": "who is responsible for billing?", "status": "all" });

    assert_eq!(ada.ok("recall", question.clone()).await["count"], 1);
    for other in [&bob, &app.owner] {
        assert_eq!(other.ok("recall", question.clone()).await["count"], 0);
    }
}

#[tokio::test]
async fn what_was_forgotten_is_near_to_no_question() {
    let app = TestApp::with_meaning().await;
    let kept = remember(&app.owner, "Ana owns the billing service.").await;
    let question = json!({ "query": "who is responsible for invoices?" });
    assert_eq!(app.owner.ok("recall", question.clone()).await["count"], 1);

    app.owner.ok("forget", json!({ "id": kept["id"] })).await;

    assert_eq!(app.owner.ok("recall", question.clone()).await["count"], 0);
    assert_eq!(make_vectors(&app).await, 0);
}

#[tokio::test]
async fn what_was_erased_is_near_to_no_question() {
    let app = TestApp::with_meaning().await;
    let kept = remember(&app.owner, "Ana owns the billing service.").await;
    remember(&app.owner, "It rained all day.").await;
    let question = json!({ "query": "who is responsible for invoices?" });
    assert_eq!(app.owner.ok("recall", question.clone()).await["count"], 1);

    let erase = json!({ "ids": [kept["id"]], "reason": "asked", "confirm": true });
    let erased = app.owner.rest(Method::POST, "/v1/memories/erase", Some(erase)).await;

    assert_eq!((erased.status, &erased.body["erased"]), (200, &json!(1)), "{}", erased.body);
    assert_eq!(app.owner.ok("recall", question).await["count"], 0);
    assert_eq!(make_vectors(&app).await, 0);
}

#[tokio::test]
async fn hits_differ_where_that_is_asked_for() {
    let app = TestApp::with_meaning().await;
    for content in ["We have tea at four.", "We do have tea at four.", "Coffee is at nine."] {
        remember(&app.owner, content).await;
    }
    let ask = |diversity: f64| json!({ "query": "tea time", "limit": 2, "diversity": diversity });

    let same = app.owner.ok("recall", ask(0.0)).await;
    let varied = app.owner.ok("recall", ask(0.7)).await;
    let refused = app.owner.rest(Method::POST, "/v1/recall", Some(ask(1.5))).await;

    assert!(contents(&same).iter().all(|content| content.starts_with("We")), "{same}");
    assert!(contents(&varied).contains(&"Coffee is at nine."), "{varied}");
    assert_eq!((refused.status, refused.code()), (400, "INVALID_ARGUMENT"));
}
