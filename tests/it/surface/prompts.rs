//! Prompts: what they say, what a user may give with them, and what they never hold.

use memoranda::ops;
use regex::Regex;
use serde_json::{Value, json};

use super::eras::{names, result, send, versions};
use super::probe::warm;
use crate::support::TestApp;

const VERSION: Option<&str> = Some("2025-11-25");

async fn text(app: &TestApp, name: &str, arguments: Value) -> String {
    let get = json!({ "name": name, "arguments": arguments });
    let prompt = result(&app.owner, VERSION, "prompts/get", get).await;
    assert_eq!(prompt["messages"][0]["role"], "user");
    prompt["messages"][0]["content"]["text"].as_str().expect("text").to_owned()
}

#[tokio::test]
async fn every_prompt_is_listed_with_what_it_takes() {
    let app = warm().await;

    for version in versions() {
        let list = result(&app.owner, version, "prompts/list", json!({})).await;

        let all = ["session_start", "handoff", "resolve_conflicts", "weekly_review"];
        assert_eq!(names(&list, "prompts", "name"), all);
        for prompt in list["prompts"].as_array().expect("a list") {
            assert!(prompt["title"].is_string() && prompt["description"].is_string());
            let arguments = prompt["arguments"].as_array().expect("arguments");
            assert!(arguments.iter().all(|one| one["description"].is_string()), "{prompt}");
        }
    }
}

#[tokio::test]
async fn prompts_name_only_tools_and_resources_that_are_there() {
    let app = warm().await;
    let named = Regex::new("`([a-z_:/]+)`").expect("a pattern");

    for name in ["session_start", "handoff", "resolve_conflicts", "weekly_review"] {
        let text = text(&app, name, json!({})).await;
        for found in named.captures_iter(&text) {
            let said = &found[1];
            let is_field = ops::find("recall")
                .is_some_and(|recall| recall.input()["properties"][said].is_object());
            let is_there = ops::find(said).is_some() || ops::resource::of(said).is_some();
            assert!(is_there || is_field, "{name}: {said}");
        }
    }
}

#[tokio::test]
async fn what_a_user_gives_stands_below_and_what_is_stored_nowhere() {
    let app = warm().await;
    app.owner.ok("remember", json!({ "content": "Zebras are striped." })).await;

    let without = text(&app, "session_start", json!({})).await;
    let with = text(&app, "session_start", json!({ "topic": " the billing API " })).await;
    let review = json!({ "since": "last 14 days", "agent": "scout" });
    let review = text(&app, "weekly_review", review).await;

    assert_eq!(with, format!("{without}\n\nThis session is about: the billing API"));
    assert!(review.ends_with("Look back to: last 14 days\n\nOnly what this agent did: scout"));
    assert!(!format!("{with}{review}").contains("Zebra"));
}

#[tokio::test]
async fn what_a_prompt_does_not_take_is_refused_by_name() {
    let app = warm().await;

    for (arguments, field) in [
        (json!({ "topic": 7 }), "topic"),
        (json!({ "topic": "x".repeat(501) }), "topic"),
        (json!({ "topic": "one\ntwo" }), "topic"),
        (json!({ "zebra": "x" }), "arguments"),
    ] {
        let get = json!({ "name": "session_start", "arguments": arguments });
        let answer = send(&app.owner, VERSION, "prompts/get", get).await;

        let error = &answer.json()["error"];
        assert_eq!(error["code"], -32602, "{}", answer.text);
        assert_eq!(error["data"]["details"]["fields"][0]["field"], field);
        assert!(!answer.text.contains("zebra"));
    }
}
