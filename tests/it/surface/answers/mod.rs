//! What is answered, as callers see it: statements with their citations, or honestly nothing.

pub mod composed;

use memoranda::identity::key::ApiKey;
use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

async fn ask(caller: &Caller, question: &str) -> Value {
    caller.ok("answer", json!({ "question": question })).await
}

/// Keeps statements; gives their ids.
async fn keep(caller: &Caller, contents: &[&str]) -> Vec<Value> {
    let items: Vec<Value> = contents.iter().map(|content| json!({ "content": content })).collect();
    let kept = caller.ok("remember", json!({ "items": items })).await;
    kept["items"].as_array().expect("a list").iter().map(|kept| kept["id"].clone()).collect()
}

#[tokio::test]
async fn a_statement_answers_word_for_word_with_all_that_is_known_of_it() {
    let app = TestApp::start().await;
    let ada = app.owner.acting_as("ada");
    let memory = json!({
        "content": "Bo joined in May. The nightly backup starts at 03:30. It rained.",
        "type": "decision", "confidence": 0.9, "provenance": "observed", "speaker": "Bo",
        "occurred_at": "2026-11-01", "valid_from": "2026-11-02", "valid_until": "2027-12-31",
    });
    let id = ada.ok("remember", memory).await["id"].clone();

    let answer = ask(&app.owner, "When does the nightly backup start?").await;

    assert_eq!((&answer["state"], &answer["mode"]), (&json!("held"), &json!("extractive")));
    let statements = answer["statements"].as_array().expect("a list");
    assert_eq!(statements.len(), 1, "{answer}");
    let cited = &statements[0];
    assert_eq!(cited["text"], "The nightly backup starts at 03:30.");
    assert_eq!((&cited["memory_id"], &cited["version"]), (&id, &json!(1)));
    assert_eq!(
        (&cited["author"]["agent"], &cited["author"]["trust"]),
        (&json!("ada"), &json!("approved"))
    );
    assert_eq!((&cited["provenance"], &cited["confidence"]), (&json!("observed"), &json!(0.9)));
    assert_eq!(cited["occurred_at"], "2026-11-01T00:00:00.000Z");
    assert_eq!(cited["valid_from"], "2026-11-02T00:00:00.000Z");
    assert_eq!(cited["valid_until"], "2027-12-31T23:59:59.999Z");
    assert!(answer["confidence"].as_f64().expect("a number") > 0.5, "{answer}");
    assert_eq!((&answer["prose"], &answer["note"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn what_nobody_said_is_not_held_and_the_threshold_is_told() {
    let app = TestApp::start().await;
    keep(&app.owner, &["Ada's dog is called Biscuit.", "The staging port is 8443."]).await;

    for question in ["What is Bo's dog called?", "Which port does the exporter use?", "Who won?"] {
        let answer = ask(&app.owner, question).await;

        assert_eq!(answer["state"], "not_held", "{question}: {answer}");
        assert_eq!((&answer["statements"], &answer["confidence"]), (&json!([]), &json!(0.0)));
        let best = answer["best"].as_f64().expect("a number");
        assert!(best < answer["threshold"].as_f64().expect("a number"), "{answer}");
        assert!(
            answer["note"].as_str().is_some_and(|note| note.starts_with("nothing")),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn what_has_expired_is_stale_until_somebody_says_it_anew() {
    let app = TestApp::start().await;
    let ids = keep(&app.owner, &["The discount for schools is 20 percent."]).await;
    let question = "How much is the discount for schools?";
    assert_eq!(ask(&app.owner, question).await["state"], "held");

    app.owner.ok("memory_expire", json!({ "id": ids[0] })).await;
    let stale = ask(&app.owner, question).await;
    keep(&app.owner, &["The discount for schools is 15 percent."]).await;
    let anew = ask(&app.owner, question).await;

    assert_eq!(
        (&stale["state"], &stale["statements"][0]["status"]),
        (&json!("stale"), &json!("expired"))
    );
    assert_eq!(anew["state"], "held");
    assert_eq!(anew["statements"].as_array().map(Vec::len), Some(1), "{anew}");
    assert!(anew.to_string().contains("15 percent"));
}

#[tokio::test]
async fn a_changed_memory_answers_with_its_newest_version_and_a_forgotten_one_not_at_all() {
    let app = TestApp::start().await;
    let ids = keep(&app.owner, &["The release is on 3 May."]).await;
    let change = json!({ "id": ids[0], "content": "The release is on 9 June." });
    app.owner.ok("memory_update", change).await;

    let changed = ask(&app.owner, "When is the release?").await;
    app.owner.ok("forget", json!({ "id": ids[0] })).await;
    let forgotten = ask(&app.owner, "When is the release?").await;

    let cited = &changed["statements"][0];
    assert_eq!(
        (&cited["text"], &cited["version"]),
        (&json!("The release is on 9 June."), &json!(2))
    );
    assert_eq!(forgotten["state"], "not_held");
}

#[tokio::test]
async fn statements_that_wait_to_be_decided_are_in_conflict_until_somebody_decides() {
    let app = TestApp::start().await;
    let bo = app.key("Bo", Role::Editor, &["read", "write"]).await;
    let first = keep(&app.owner, &["The search service times out after 10 seconds."]).await;
    let second = keep(&bo, &["The search service times out after 30 seconds."]).await;
    let question = "After how many seconds does the search service time out?";

    let open = ask(&app.owner, question).await;
    let waiting = app.owner.ok("conflicts_list", json!({})).await;
    let id = &waiting["conflicts"][0]["id"];
    app.owner.ok("conflict_resolve", json!({ "id": id, "resolution": "KEEP_NEW" })).await;
    let decided = ask(&app.owner, question).await;

    assert_eq!(open["state"], "in_conflict", "{open}");
    assert_eq!(open["conflicts"], json!([[second[0], first[0]]]));
    assert_eq!(open["statements"].as_array().map(Vec::len), Some(2));
    assert_eq!(decided["state"], "held", "{decided}");
    assert_eq!(decided["statements"][0]["memory_id"], second[0]);
    assert_eq!(
        (&decided["conflicts"], decided["statements"].as_array().map(Vec::len)),
        (&Value::Null, Some(1))
    );
}

#[tokio::test]
async fn what_was_superseded_gives_way_to_what_took_its_place_whatever_its_words() {
    let app = TestApp::start().await;
    let old = keep(&app.owner, &["The nightly backup starts at 01:00."]).await;
    let new = json!({ "content": "Copies are made from 03:30 on.", "supersedes": [old[0]] });
    let new = app.owner.ok("remember", new).await;

    let answer = ask(&app.owner, "When does the nightly backup start?").await;

    assert_eq!(answer["state"], "held", "{answer}");
    assert_eq!(answer["statements"][0]["memory_id"], new["id"]);
    assert_eq!(answer["statements"][0]["text"], "Copies are made from 03:30 on.");
}

#[tokio::test]
async fn nobody_is_answered_from_what_they_may_not_see() {
    let app = TestApp::start().await;
    let (_, other) = app.other_team("other").await;
    let private = json!({ "content": "The regatta is on 3 May.", "visibility": "agent" });
    app.owner.acting_as("ada").ok("remember", private).await;
    let viewer = app.key("Viewer", Role::Viewer, &["read", "write"]).await;
    viewer.acting_as("eve").ok("remember", json!({ "content": "The regatta is on 4 May." })).await;
    let question = "When is the regatta?";

    let own = ask(&app.owner.acting_as("ada"), question).await;
    let reader = app.key("Reader", Role::Viewer, &["read"]).await;

    assert_eq!(own["state"], "held");
    assert_eq!(ask(&reader.acting_as("bo"), question).await["state"], "not_held");
    assert_eq!(ask(&other, question).await["state"], "not_held");
}

#[tokio::test]
async fn filters_narrow_what_answers() {
    let app = TestApp::start().await;
    for (name, content, thread) in [
        ("Ada", "I prefer tea over all drinks.", "one"),
        ("Bo", "I prefer mead over all drinks.", "two"),
    ] {
        let memory =
            json!({ "content": content, "speaker": name, "thread": thread, "tags": [thread] });
        let key = app.key(name, Role::Editor, &["read", "write"]).await;
        key.acting_as(&name.to_lowercase()).ok("remember", memory).await;
    }
    let texts = async |more: Value| -> Vec<String> {
        let mut arguments = json!({ "question": "Which drink is preferred?" });
        for (name, value) in more.as_object().into_iter().flatten() {
            arguments[name] = value.clone();
        }
        let answer = app.owner.ok("answer", arguments).await;
        let statements = answer["statements"].as_array().expect("a list").iter();
        statements.map(|cited| cited["text"].as_str().expect("text").to_owned()).collect()
    };
    let tea = ["I prefer tea over all drinks."];

    assert_eq!(texts(json!({})).await.len(), 2);
    assert_eq!(texts(json!({ "limit": 1 })).await.len(), 1);
    assert_eq!(texts(json!({ "speakers": ["Ada"] })).await, tea);
    assert_eq!(texts(json!({ "agents": ["ada"] })).await, tea);
    assert_eq!(texts(json!({ "thread": "one" })).await, tea);
    assert_eq!(texts(json!({ "tags": ["one"] })).await, tea);
    assert_eq!(texts(json!({ "types": ["decision"] })).await, Vec::<String>::new());
    assert_eq!(texts(json!({ "created_before": "2020-01-01" })).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_keeps_within_its_budget_of_tokens() {
    let app = TestApp::start().await;
    let contents: Vec<String> = (1..8)
        .map(|number| format!("Harbour {number} opens the lock at {number} o'clock."))
        .collect();
    let contents: Vec<&str> = contents.iter().map(String::as_str).collect();
    keep(&app.owner, &contents).await;
    let question = json!({ "question": "When does the harbour open the lock?", "limit": 7 });

    let whole = app.owner.ok("answer", question.clone()).await;
    let mut short = question;
    short["max_tokens"] = json!(300);
    let short = app.owner.ok("answer", short).await;

    let count = |answer: &Value| answer["statements"].as_array().map_or(0, Vec::len);
    assert_eq!(count(&whole), 7, "{whole}");
    assert!((1..7).contains(&count(&short)), "{short}");
    assert!(short.to_string().len() <= 1200, "{}", short.to_string().len());
    assert!(short["note"].is_string());
}

#[tokio::test]
async fn a_question_that_is_none_is_refused_by_its_rule() {
    let app = TestApp::start().await;

    for (question, more) in [("", 0), ("?!", 0), ("x", 1001)] {
        let question = format!("{question}{}", "y".repeat(more));
        let body = json!({ "question": question });
        let reply = app.owner.rest(Method::POST, "/v1/answer", Some(body)).await;

        assert_eq!((reply.status, reply.code()), (400, "INVALID_ARGUMENT"), "{}", reply.body);
        let message = reply.body["error"]["message"].as_str().unwrap_or_default();
        assert!(message.starts_with("`question` must"), "{message}");
    }
    let key = ApiKey::generate();
    let secret = json!({ "question": format!("What opens with {}?", key.whole().expose()) });
    let refused = app.owner.refused("answer", secret).await;
    assert_eq!(refused["code"], "SECRET_ARGUMENT", "{refused}");
}
