use reqwest::Method;
use serde_json::{Value, json};

use super::{activated, of_agent};
use crate::support::{Caller, Reply};

/// Sends a body to a route of `my-agent`.
async fn post(agent: &Caller, route: &str, body: Value) -> Reply {
    super::post(agent, &of_agent(route), body).await
}

#[tokio::test]
async fn a_question_is_answered_with_its_sources_from_the_agents_own_memories() {
    let (app, agent) = activated().await;
    let kept = post(&agent, "remember", json!({ "content": "The regatta is on 3 May." })).await;
    app.owner.ok("remember", json!({ "content": "The regatta is on 4 June." })).await;

    let asked = json!({ "question": "When is the regatta?", "temperature": 0.7, "limit": 15 });
    let answer = post(&agent, "answer", asked).await;
    let by_query =
        agent.rest(Method::POST, &of_agent("answer?question=When+is+the+regatta"), None).await;
    let nothing = post(&agent, "answer", json!({ "question": "Who won the derby?" })).await;

    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["answer"], "The regatta is on 3 May.");
    assert_eq!(answer.body["sources"][0]["id"], kept.body["memory_id"]);
    assert_eq!(answer.body["namespace"], "memanto_agent_my-agent");
    assert_eq!(
        (&answer.body["agent_id"], &answer.body["state"]),
        (&json!("my-agent"), &json!("held"))
    );
    assert!(answer.body["session_id"].is_string());
    assert_eq!(by_query.body["answer"], answer.body["answer"]);
    assert_eq!(
        (&nothing.body["state"], &nothing.body["sources"]),
        (&json!("not_held"), &json!([]))
    );
    assert!(nothing.body["answer"].as_str().is_some_and(|text| text.starts_with("Nothing")));
}

#[tokio::test]
async fn a_strict_caller_is_told_nothing_that_is_not_sure_enough() {
    let (_app, agent) = activated().await;
    let unsure = json!({ "content": "The regatta is on 3 May.", "confidence": 0.2 });
    post(&agent, "remember", unsure).await;
    let ask = async |more: Value| {
        let mut body = json!({ "question": "When is the regatta?" });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        post(&agent, "answer", body).await.body["state"].clone()
    };

    assert_eq!(ask(json!({ "threshold": 0.9 })).await, "held");
    assert_eq!(ask(json!({ "kiosk_mode": true })).await, "held");
    assert_eq!(ask(json!({ "kiosk_mode": true, "threshold": 0.9 })).await, "not_held");
}

#[tokio::test]
async fn a_question_beyond_its_limits_is_refused_as_there() {
    let (_app, agent) = activated().await;

    for (body, status, code) in [
        (json!({}), 400, "INVALID_ARGUMENT"),
        (json!({ "question": " " }), 400, "INVALID_ARGUMENT"),
        (json!({ "question": "y".repeat(1001) }), 413, "TOO_LARGE"),
        (json!({ "question": "Who?", "limit": 101 }), 400, "INVALID_ARGUMENT"),
        (json!({ "question": "Who?", "limit": "many" }), 400, "INVALID_ARGUMENT"),
    ] {
        let reply = post(&agent, "answer", body.clone()).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{body}");
    }
}

#[tokio::test]
async fn statements_are_taken_from_a_conversation_shown_or_kept() {
    let (app, agent) = activated().await;
    let messages = json!([
        { "role": "user", "content": "Hi! I prefer tea. Can you order some?", "id": 7 },
        { "role": "assistant", "content": "We decided to drink coffee." },
        { "role": "user", "content": "We deploy on Fridays." },
    ]);
    let recent = async || {
        let listed = agent.rest(Method::GET, &of_agent("recall/recent"), None).await;
        listed.body["memories"].as_array().cloned().unwrap_or_default()
    };

    let dry =
        post(&agent, "remember/extract", json!({ "messages": messages, "dry_run": true })).await;
    let after_dry = recent().await.len();
    let kept =
        post(&agent, "remember/extract", json!({ "messages": messages, "ai_model": "x" })).await;

    assert_eq!((dry.status, &dry.body["count"], after_dry), (200, &json!(2), 0), "{}", dry.body);
    assert_eq!(dry.body["candidates"][0]["content"], "I prefer tea.");
    assert_eq!(
        (&dry.body["candidates"][1]["turn"], &dry.body["dry_run"]),
        (&json!(2), &json!(true))
    );
    assert_eq!((&kept.body["successful"], &kept.body["failed"]), (&json!(2), &json!(0)));
    let found = recent().await;
    let contents: Vec<&Value> = found.iter().map(|memory| &memory["content"]).collect();
    assert_eq!(contents.len(), 2, "{contents:?}");
    let listed = app.owner.ok("memory_list", json!({})).await;
    let mut memories = listed["memories"].as_array().expect("a list").iter();
    let tea = memories.find(|memory| memory["content"] == "I prefer tea.").expect("kept");
    assert_eq!((&tea["type"], &tea["speaker"]), (&json!("preference"), &json!("user")));
    assert_eq!((&tea["source"], &tea["source_ref"]), (&json!("conversation"), &json!("turn 0")));
}

#[tokio::test]
async fn a_conversation_beyond_its_limits_is_refused() {
    let (_app, agent) = activated().await;
    let many = vec![json!({ "role": "user", "content": "I prefer tea." }); 201];

    for messages in [
        json!(null),
        json!([]),
        json!("I prefer tea."),
        json!(many),
        json!([{ "role": "user" }]),
        json!(["I prefer tea."]),
        json!([{ "role": "u".repeat(51), "content": "I prefer tea." }]),
        json!([{ "role": "user", "content": "y".repeat(10_001) }]),
    ] {
        let reply = post(&agent, "remember/extract", json!({ "messages": messages })).await;
        assert_eq!((reply.status, reply.code()), (400, "INVALID_ARGUMENT"), "{}", reply.body);
    }
}
