use reqwest::Method;
use serde_json::{Value, json};

use super::{activated, contents, get, has, of_agent, post, remembered};
use crate::support::{Caller, TestApp};
use crate::surface::probe::{assert_own_words, leaving_nothing};

/// Three memories a minute apart: the first changed later, the last expired.
async fn history() -> (TestApp, Caller) {
    let (app, agent) = activated().await;
    let mut ids = Vec::new();
    for content in ["Tea is hot.", "Milk is cold.", "Bread is dry."] {
        app.clock.advance(60_000);
        ids.push(remembered(&agent, content).await);
    }
    app.clock.advance(60_000);
    let path = of_agent(&format!("memories/{}", ids[0]));
    agent.rest(Method::PATCH, &path, Some(json!({ "content": "Tea is warm." }))).await;
    app.clock.advance(60_000);
    agent.rest(Method::POST, &of_agent(&format!("memories/{}/expire", ids[2])), None).await;
    (app, agent)
}

#[tokio::test]
async fn every_list_answers_by_both_methods_in_the_same_shape() {
    let (_app, agent) = history().await;

    for (route, query, mode, expected) in [
        (
            "recall/recent",
            json!({}),
            "recent",
            vec!["Bread is dry.", "Milk is cold.", "Tea is warm."],
        ),
        ("recall/recent", json!({ "limit": 1 }), "recent", vec!["Bread is dry."]),
        (
            "recall/recent",
            json!({ "status": "active" }),
            "recent",
            vec!["Milk is cold.", "Tea is warm."],
        ),
        (
            "recall/recent",
            json!({ "created_after": "2026-11-22T09:02:00Z",
            "created_before": "2026-11-22T09:02:59Z" }),
            "recent",
            vec!["Milk is cold."],
        ),
        (
            "recall/all",
            json!({ "limit": 9999 }),
            "recent",
            vec!["Bread is dry.", "Milk is cold.", "Tea is warm."],
        ),
        (
            "recall/as-of",
            json!({ "as_of": "2026-11-22T09:02:30Z" }),
            "as_of",
            vec!["Milk is cold.", "Tea is hot."],
        ),
        (
            "recall/as-of",
            json!({ "as_of": "2026-11-22", "query": "milk" }),
            "as_of",
            vec!["Milk is cold."],
        ),
        (
            "recall/changed-since",
            json!({ "since": "2026-11-22T09:03:30Z" }),
            "changed_since",
            vec!["Bread is dry.", "Tea is warm."],
        ),
        (
            "recall/changed-since",
            json!({ "since": "2026-11-22", "type": ["goal"] }),
            "changed_since",
            vec![],
        ),
    ] {
        let fields = query.as_object().expect("fields");
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| match value {
                Value::String(text) => format!("{name}={text}"),
                Value::Array(texts) => format!("memory_types={}", texts[0].as_str().expect("text")),
                other => format!("{name}={other}"),
            })
            .collect();
        let by_query = get(&agent, &of_agent(&format!("{route}?{}", pairs.join("&")))).await;
        let by_body = post(&agent, &of_agent(route), query.clone()).await;

        assert_eq!(by_body.status, 200, "{route} {}", by_body.body);
        assert_eq!(by_query.body, by_body.body, "{route} {query}");
        has(&by_body.body, &["agent_id", "session_id", "count", "total_available"]);
        has(&by_body.body, &["as_of_date", "since_date"]);
        assert_eq!(by_body.body["temporal_mode"], mode);
        assert_eq!(contents(&by_body.body), expected, "{route} {query}");
    }
}

#[tokio::test]
async fn a_list_says_how_many_there_are_beyond_it() {
    let (_app, agent) = history().await;

    for (route, body, total) in [
        ("recall/recent", json!({ "limit": 1 }), 3),
        ("recall/as-of", json!({ "limit": 1, "as_of": "2026-11-22" }), 2),
        ("recall/changed-since", json!({ "limit": 1, "since": "2026-11-22T09:03:30Z" }), 2),
    ] {
        let reply = post(&agent, &of_agent(route), body).await.body;

        assert_eq!((&reply["count"], &reply["total_available"]), (&json!(1), &json!(total)));
    }
}

#[tokio::test]
async fn a_date_alone_is_a_whole_day() {
    let (_app, agent) = history().await;

    let then = get(&agent, &of_agent("recall/as-of?as_of=2026-11-22")).await.body;
    let since = get(&agent, &of_agent("recall/changed-since?since=2026-11-22")).await.body;

    assert_eq!(then["as_of_date"], "2026-11-22T23:59:59.999Z");
    assert_eq!((&then["since_date"], &since["as_of_date"]), (&Value::Null, &Value::Null));
    assert_eq!(since["since_date"], "2026-11-22T00:00:00.000Z");
    assert_eq!(since["memories"][0]["change_type"], "created");
}

#[tokio::test]
async fn what_changed_is_told_from_what_is_new() {
    let (_app, agent) = history().await;

    let since =
        get(&agent, &of_agent("recall/changed-since?since=2026-11-22T09:02:30Z")).await.body;

    let types: Vec<&Value> =
        since["memories"].as_array().expect("a list").iter().map(|m| &m["change_type"]).collect();
    assert_eq!(types, [&json!("created"), &json!("updated")]);
}

#[tokio::test]
async fn what_holds_now_is_found_with_a_query_or_without() {
    let (_app, agent) = history().await;

    for (query, expected) in [
        ("", vec!["Milk is cold.", "Tea is warm."]),
        ("?query=tea", vec!["Tea is warm."]),
        ("?query=bread", vec![]),
    ] {
        let reply = get(&agent, &of_agent(&format!("recall/current{query}"))).await.body;

        assert_eq!(reply["temporal_mode"], "current_only");
        assert_eq!(contents(&reply), expected, "{query}");
    }
}

#[tokio::test]
async fn recall_is_narrowed_by_types_tags_times_and_likeness() {
    let (_app, agent) = activated().await;
    for (content, kind, tag) in
        [("tea", "goal", "hot"), ("tea with milk and bread", "fact", "cold")]
    {
        let body = json!({ "content": content, "type": kind, "tags": [tag] });
        post(&agent, &of_agent("remember"), body).await;
    }

    for (query, found) in [
        ("query=tea", 2),
        ("query=tea&memory_types=goal,event", 1),
        ("query=tea&type=goal&type=fact", 2),
        ("query=tea&tags=cold", 1),
        ("query=tea&tags=cold,hot", 0),
        ("query=tea&min_similarity=1.0", 0),
        ("query=tea&min_similarity=0", 2),
        ("query=tea&created_after=2026-11-22", 2),
        ("query=tea&created_before=2026-11-21", 0),
        ("query=tea&limit=1", 1),
    ] {
        let reply = get(&agent, &of_agent(&format!("recall?{query}"))).await;

        assert_eq!((reply.status, &reply.body["count"]), (200, &json!(found)), "{query}");
    }
}

#[tokio::test]
async fn limits_are_answered_with_that_apis_reasons() {
    let (app, agent) = activated().await;
    let long = "z".repeat(1001);

    for (route, body, status, reason) in [
        ("recall", json!({ "query": "x", "limit": 101 }), 400, json!("k_too_large")),
        ("recall/recent", json!({ "limit": 101 }), 400, json!("k_too_large")),
        ("recall", json!({ "query": long }), 413, json!("query_too_long")),
        ("recall", json!({ "query": "x", "limit": 0 }), 400, Value::Null),
        ("recall", json!({ "query": "x", "limit": "ten" }), 400, Value::Null),
        ("recall", json!({ "query": " " }), 400, Value::Null),
        ("recall", json!({ "query": 7 }), 400, Value::Null),
        ("recall", json!({}), 400, Value::Null),
        ("recall", json!({ "query": "x", "status": "zebra" }), 400, Value::Null),
        ("recall", json!({ "query": "x", "type": ["zebra"] }), 400, Value::Null),
        ("recall", json!({ "query": "x", "min_similarity": 2 }), 400, Value::Null),
        ("recall", json!({ "query": "x", "created_after": "zebra" }), 400, Value::Null),
        ("recall/as-of", json!({}), 400, Value::Null),
        ("recall/as-of", json!({ "as_of": "zebra" }), 400, Value::Null),
        ("recall/changed-since", json!({ "since": null }), 400, Value::Null),
        ("recall/all", json!({ "limit": -1 }), 400, Value::Null),
    ] {
        let reply = leaving_nothing(&app, post(&agent, &of_agent(route), body)).await;

        let code = if status == 413 { "TOO_LARGE" } else { "INVALID_ARGUMENT" };
        assert_eq!((reply.status, reply.code()), (status, code), "{route} {}", reply.body);
        assert_eq!(reply.body["error"]["details"]["reason"], reason);
        assert_own_words(&reply.body["error"], "zebra");
    }
}
