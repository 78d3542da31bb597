use reqwest::Method;
use serde_json::json;

use super::{activated, agent, get, has, of_agent, remembered};
use crate::surface::probe::leaving_nothing;

#[tokio::test]
async fn what_is_validated_says_so_and_counts_those_who_said_the_same() {
    let (app, agent) = activated().await;
    let id = remembered(&agent, "The heron nests here.").await;
    let path = of_agent(&format!("validate/{id}"));

    let first = agent.rest(Method::POST, &path, None).await;
    let other = app.key("Bo", memoranda::identity::role::Role::Editor, &["read", "write"]).await;
    let same = json!({ "content": "The heron nests here." });
    other.acting_as("bo").ok("remember", same).await;
    let again = agent.rest(Method::POST, &path, None).await;

    assert_eq!(first.status, 200, "{}", first.body);
    has(&first.body, &["memory_id", "agent_id", "session_id", "validated_at"]);
    assert_eq!(
        (&first.body["status"], &first.body["validation_count"]),
        (&json!("validated"), &json!(1))
    );
    assert_eq!((again.status, &again.body["validation_count"]), (200, &json!(2)));
    let found = get(&agent, &of_agent("recall?query=heron")).await.body;
    assert_eq!(found["memories"][0]["provenance"], "validated");
}

#[tokio::test]
async fn what_is_superseded_leaves_recall_and_names_what_took_its_place() {
    let (app, agent) = activated().await;
    let old = remembered(&agent, "The heron nests by the pond.").await;
    let new = remembered(&agent, "The heron nests by the river.").await;
    let path = of_agent(&format!("supersede/{old}"));

    let bare = leaving_nothing(&app, agent.rest(Method::POST, &path, None)).await;
    let path = format!("{path}?new_memory_id={new}");
    let done = agent.rest(Method::POST, &path, None).await;

    assert_eq!((bare.status, bare.code()), (400, "INVALID_ARGUMENT"));
    assert_eq!(done.status, 200, "{}", done.body);
    has(&done.body, &["message", "session_id"]);
    assert_eq!(
        (&done.body["old_memory_id"], &done.body["new_memory_id"]),
        (&json!(old), &json!(new))
    );
    assert_eq!(done.body["status"], "superseded");
    let found = get(&agent, &of_agent("recall/current?query=heron")).await.body;
    assert_eq!((&found["count"], &found["memories"][0]["id"]), (&json!(1), &json!(new)));
}

#[tokio::test]
async fn what_is_contradicted_expires_for_that_reason_and_can_be_restored() {
    let (_app, agent) = activated().await;
    let id = remembered(&agent, "The heron nests here.").await;

    let done = agent.rest(Method::POST, &of_agent(&format!("contradict/{id}")), None).await;
    let found = get(&agent, &of_agent("recall?query=heron&status=expired")).await.body;
    let back = agent.rest(Method::POST, &of_agent(&format!("memories/{id}/restore")), None).await;

    assert_eq!((done.status, &done.body["status"]), (200, &json!("contradicted")), "{}", done.body);
    assert_eq!((&done.body["memory_id"], &done.body["agent_id"]), (&json!(id), &json!("my-agent")));
    assert_eq!(found["memories"][0]["expired_by"], "contradicted");
    assert_eq!((back.status, &back.body["status"]), (200, &json!("active")));
}

#[tokio::test]
async fn anothers_memory_is_neither_validated_nor_superseded_nor_contradicted() {
    let (app, mine) = activated().await;
    let other = agent(&app, "other").await;
    let body = json!({ "content": "The owl hunts." });
    let kept = other.rest(Method::POST, "/api/v2/agents/other/remember", Some(body)).await;
    let theirs = kept.body["memory_id"].as_str().expect("an id").to_owned();
    let own = remembered(&mine, "The heron nests here.").await;

    for route in [
        format!("validate/{theirs}"),
        format!("contradict/{theirs}"),
        format!("supersede/{theirs}?new_memory_id={own}"),
        format!("supersede/{own}?new_memory_id={theirs}"),
        format!("supersede/{own}?new_memory_id=mem_1"),
        "validate/mem_1".to_owned(),
    ] {
        let path = of_agent(&route);
        let reply = leaving_nothing(&app, mine.rest(Method::POST, &path, None)).await;
        assert_eq!((reply.status, reply.code()), (404, "NOT_FOUND"), "{route}");
    }
}
