use reqwest::Method;
use serde_json::{Value, json};

use super::{AGENTS, activated, agent, contents, get, has, of_agent, post, remembered};
use crate::surface::probe::{assert_own_words, count, leaving_nothing};

#[tokio::test]
async fn what_is_remembered_is_stored_and_recalled_at_once() {
    let (_app, agent) = activated().await;
    let body = json!({
        "content": "We deploy on Fridays.", "type": "decision", "title": "Deploys",
        "confidence": 0.9, "tags": ["ops", "team"], "provenance": "inferred", "source": "minutes",
        "ttl_seconds": 5, "unknown": { "to": ["us"] },
    });

    let kept = post(&agent, &of_agent("remember"), body).await;
    let body = json!({ "query": "deploy", "limit": 5 });
    let found = post(&agent, &of_agent("recall"), body).await;

    assert_eq!(kept.status, 200, "{}", kept.body);
    let session = kept.body["session_id"].clone();
    let expected = json!({
        "memory_id": kept.body["memory_id"], "agent_id": "my-agent", "session_id": session,
        "namespace": "memanto_agent_my-agent", "status": "stored", "provenance": "inferred",
        "confidence": 0.9, "type": "decision",
    });
    assert_eq!(kept.body, expected);
    has(&found.body, &["agent_id", "session_id", "query", "memories", "count"]);
    let item = &found.body["memories"][0];
    let score = &item["score"];
    assert!(score.as_f64().is_some_and(|score| score > 0.0 && score <= 1.0), "{score}");
    let expected = json!({
        "id": kept.body["memory_id"], "title": "Deploys", "content": "We deploy on Fridays.",
        "text": "[DECISION] Deploys\n\nWe deploy on Fridays.\n\nTags: ops, team",
        "type": "decision", "confidence": 0.9, "status": "active", "tags": ["ops", "team"],
        "created_at": "2026-11-22T09:00:00.000Z", "updated_at": "2026-11-22T09:00:00.000Z",
        "expired_at": null, "expired_by": null, "actor_id": "my-agent", "source": "minutes",
        "source_ref": null, "agent_id": "my-agent", "score": score, "provenance": "inferred",
        "change_type": null,
    });
    assert_eq!(*item, expected);
}

#[tokio::test]
async fn both_generations_of_a_request_are_understood() {
    let (_app, agent) = activated().await;
    let query = "remember?content=One&memory_type=goal&tags=a,b&confidence=0.5&title=";
    let body = json!({ "content": "Two", "memory_type": "goal", "tags": null, "title": null });

    let by_query = agent.rest(Method::POST, &of_agent(query), None).await;
    let by_body = post(&agent, &of_agent("remember"), body).await;

    for reply in [&by_query, &by_body] {
        assert_eq!((reply.status, &reply.body["type"]), (200, &json!("goal")), "{}", reply.body);
    }
    assert_eq!(by_query.body["confidence"], 0.5);
    let all = post(&agent, &of_agent("recall/recent"), json!({ "tags": ["a", "b"] })).await;
    assert_eq!(contents(&all.body), ["One"]);
}

#[tokio::test]
async fn an_agent_recalls_and_changes_its_own_memories_alone() {
    let (app, mine) = activated().await;
    let other = agent(&app, "other").await;
    let id = remembered(&mine, "The heron nests here.").await;
    app.owner.ok("remember", json!({ "content": "The team's heron." })).await;

    let own = get(&mine, &of_agent("recall?query=heron")).await;
    let others = get(&other, &format!("{AGENTS}/other/recall?query=heron")).await;

    assert_eq!(contents(&own.body), ["The heron nests here."]);
    assert_eq!(others.body["count"], 0);
    let path = format!("{AGENTS}/other/memories/{id}");
    for (method, path) in [
        (Method::PATCH, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/expire")),
        (Method::POST, format!("{path}/restore")),
    ] {
        let sent = other.rest(method.clone(), &path, Some(json!({ "title": "Mine" })));
        let reply = leaving_nothing(&app, sent).await;

        assert_eq!((reply.status, reply.code()), (404, "NOT_FOUND"), "{method} {path}");
    }
    let team = app.owner.ok("recall", json!({ "query": "heron" })).await;
    assert_eq!(team["count"], 2, "what an agent remembers here is the team's");
}

#[tokio::test]
async fn a_session_opens_no_other_agents_routes() {
    let (app, _) = activated().await;
    let other = agent(&app, "other").await;

    for (method, route, body) in [
        (Method::POST, "remember", json!({ "content": "Hello" })),
        (Method::POST, "batch-remember", json!({ "memories": [{ "content": "Hello" }] })),
        (Method::POST, "recall", json!({ "query": "hello" })),
        (Method::GET, "recall?query=hello", Value::Null),
        (Method::POST, "recall/all", json!({})),
        (Method::DELETE, "memories/mem_1", Value::Null),
        (Method::POST, "deactivate", Value::Null),
    ] {
        let path = of_agent(route);
        let sent = other.rest(method, &path, Some(body));
        let reply = leaving_nothing(&app, sent).await;

        assert_eq!((reply.status, reply.code()), (403, "AGENT_KEY_CONFLICT"), "{route}");
    }
}

#[tokio::test]
async fn a_memory_is_changed_expired_restored_and_deleted() {
    let (app, agent) = activated().await;
    let id = remembered(&agent, "Tea is hot.").await;
    let path = of_agent(&format!("memories/{id}"));

    let body = json!({ "content": "Tea is warm.", "tags": ["tea"], "note": 1, "type": null });
    let changed = agent.rest(Method::PATCH, &path, Some(body)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    has(&changed.body, &["agent_id", "session_id", "namespace", "memory_id", "status"]);
    assert_eq!(changed.body["action"], "updated");
    assert_eq!(changed.body["updated_fields"], json!(["content", "tags"]));

    app.clock.advance(1000);
    let body = json!({ "reason": "no.longer" });
    let expired = post(&agent, &format!("{path}/expire"), body).await.body;
    assert_eq!(
        (&expired["status"], &expired["expired_by"]),
        (&json!("expired"), &json!("no.longer"))
    );
    assert_eq!(
        (&expired["expired_at"], &expired["memory_id"]),
        (&json!("2026-11-22T09:00:01.000Z"), &json!(id))
    );
    let both = get(&agent, &of_agent("recall?query=tea")).await.body;
    assert_eq!(
        (&both["count"], &both["memories"][0]["expired_by"]),
        (&json!(1), &json!("no.longer"))
    );
    for (status, count) in [("active", 0), ("expired", 1), ("all", 1)] {
        let body = json!({ "query": "tea", "status": status });
        let found = post(&agent, &of_agent("recall"), body).await.body;
        assert_eq!(found["count"], count, "{status}");
    }

    let restored = agent.rest(Method::POST, &format!("{path}/restore"), None).await;
    assert_eq!((restored.status, &restored.body["status"]), (200, &json!("active")));

    let deleted = agent.rest(Method::DELETE, &path, None).await;
    assert_eq!((deleted.status, &deleted.body["status"]), (200, &json!("deleted")));
    has(&deleted.body, &["agent_id", "memory_id", "namespace"]);
    for (method, path) in
        [(Method::DELETE, path.clone()), (Method::POST, format!("{path}/restore"))]
    {
        let gone = agent.rest(method, &path, None).await;
        assert_eq!((gone.status, gone.code()), (404, "NOT_FOUND"));
    }
}

#[tokio::test]
async fn the_reason_of_an_expiry_may_be_left_out() {
    let (_app, agent) = activated().await;

    for body in [None, Some(Value::Null), Some(json!({}))] {
        let id = remembered(&agent, "Tea is hot.").await;
        let path = of_agent(&format!("memories/{id}/expire"));
        let expired = agent.rest(Method::POST, &path, body).await;

        assert_eq!((expired.status, &expired.body["expired_by"]), (200, &json!("manual")));
    }
}

#[tokio::test]
async fn each_memory_of_a_batch_is_answered_for_itself() {
    let (app, agent) = activated().await;
    let key = format!("ghp_{}", "a1B2".repeat(9));
    let body = json!({ "memories": [
        { "content": "One", "type": "goal" },
        { "content": " " },
        { "content": "Two", "type": "zebra" },
        { "content": format!("the zebra's is {key}") },
        { "content": "Three", "tags": ["#zebra"] },
        "Four",
        { "content": "Five", "ignored": true },
        { "title": "Nothing" },
        { "content": "Six", "api_key": "zebra" },
    ]});

    let reply = post(&agent, &of_agent("batch-remember"), body).await;

    assert_eq!(reply.status, 200, "{}", reply.body);
    has(&reply.body, &["agent_id", "session_id", "namespace"]);
    assert_eq!(
        (&reply.body["total_submitted"], &reply.body["successful"], &reply.body["failed"]),
        (&json!(9), &json!(2), &json!(7))
    );
    let reasons: Vec<Value> = reply.body["results"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|result| result["reason"].clone())
        .collect();
    let (invalid, secret) = (json!("INVALID_ARGUMENT"), json!("SECRET_ARGUMENT"));
    let expected = [
        Value::Null,
        invalid.clone(),
        invalid.clone(),
        secret.clone(),
        invalid.clone(),
        invalid.clone(),
        Value::Null,
        invalid,
        secret,
    ];
    assert_eq!(reasons, expected);
    assert!(!reply.body.to_string().contains("zebra"), "{}", reply.body);
    let first = &reply.body["results"][0];
    assert_eq!(
        (&first["status"], &first["type"], &first["error"]),
        (&json!("stored"), &json!("goal"), &Value::Null)
    );
    assert_eq!(reply.body["results"][1]["status"], "failed");
    let all = get(&agent, &of_agent("recall/all")).await;
    assert_eq!(contents(&all.body), ["Five", "One"]);
    assert_eq!(count(&app, "activity WHERE operation = 'remember' AND outcome = 'done'"), 1);
    assert_eq!(count(&app, "activity WHERE operation = 'remember' AND outcome <> 'done'"), 2);
}

#[tokio::test]
async fn a_batch_of_none_or_too_many_is_refused() {
    let (app, agent) = activated().await;
    let many: Vec<Value> = (0..101).map(|n| json!({ "content": format!("{n}") })).collect();

    for memories in [json!([]), json!(many), json!("Hello"), Value::Null] {
        let path = of_agent("batch-remember");
        let sent = post(&agent, &path, json!({ "memories": memories }));
        let reply = leaving_nothing(&app, sent).await;

        assert_eq!((reply.status, reply.code()), (400, "INVALID_ARGUMENT"));
        assert_eq!(reply.body["error"]["details"]["reason"], "batch_size");
    }
}

#[tokio::test]
async fn mistakes_about_memories_are_400_or_404_and_leave_nothing() {
    let (app, agent) = activated().await;
    let id = remembered(&agent, "Tea is hot.").await;
    let memory = of_agent(&format!("memories/{id}"));
    let missing = of_agent(&format!("memories/mem_{}", "0".repeat(26)));
    let remember = of_agent("remember");

    for (method, path, body, status) in [
        (Method::POST, &remember, json!({}), 400),
        (Method::POST, &remember, json!({ "content": "" }), 400),
        (Method::POST, &remember, json!({ "content": "z".repeat(10_001) }), 400),
        (Method::POST, &remember, json!({ "content": "x", "type": "zebra" }), 400),
        (Method::POST, &remember, json!({ "content": "x", "confidence": 2 }), 400),
        (Method::POST, &remember, json!({ "content": "x", "title": "z".repeat(101) }), 400),
        (Method::POST, &remember, json!({ "content": ["zebra"] }), 400),
        (Method::POST, &remember, json!(["zebra"]), 400),
        (Method::PATCH, &memory, json!({}), 400),
        (Method::PATCH, &memory, json!({ "unknown": 1 }), 400),
        (Method::PATCH, &memory, json!({ "content": " " }), 400),
        (Method::PATCH, &missing, json!({ "content": "x" }), 404),
        (Method::DELETE, &missing, Value::Null, 404),
        (Method::POST, &format!("{missing}/expire"), Value::Null, 404),
        (Method::POST, &format!("{missing}/restore"), Value::Null, 404),
        (Method::POST, &format!("{memory}/expire"), json!({ "reason": "the zebra" }), 400),
    ] {
        let reply = leaving_nothing(&app, agent.rest(method, path, Some(body))).await;

        let code = if status == 400 { "INVALID_ARGUMENT" } else { "NOT_FOUND" };
        assert_eq!((reply.status, reply.code()), (status, code), "{path} {}", reply.body);
        assert_own_words(&reply.body["error"], "zebra");
    }
}

#[tokio::test]
async fn a_secret_is_refused_wherever_it_stands() {
    let (app, agent) = activated().await;
    let key = format!("ghp_{}", "a1B2".repeat(9));
    let id = remembered(&agent, "Tea is hot.").await;
    let memory = of_agent(&format!("memories/{id}"));
    let before = count(&app, "activity");
    let remember = of_agent("remember");

    for (method, path, body) in [
        (Method::POST, &remember, json!({ "content": format!("it is {key}") })),
        (Method::POST, &remember, json!({ "content": "x", "ignored": { "deep": [key] } })),
        (Method::POST, &remember, json!({ "content": "x", "password": "y" })),
        (Method::POST, &format!("{remember}?content={key}"), json!({})),
        (Method::PATCH, &memory, json!({ "content": key })),
        (Method::POST, &of_agent("recall"), json!({ "query": key })),
        (
            Method::POST,
            &of_agent("batch-remember"),
            json!({ "memories": [{ "content": "x" }], "token": "y" }),
        ),
    ] {
        let reply = agent.rest(method, path, Some(body)).await;

        assert_eq!((reply.status, reply.code()), (400, "SECRET_ARGUMENT"), "{path}");
        assert!(!reply.body.to_string().contains(&key));
    }
    assert_eq!(count(&app, "activity"), before + 7, "each refusal is written down");
    assert_eq!(count(&app, "memories"), 1);
}
