use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{AGENTS, activated, agent, get, has, of_agent, post, remembered};
use crate::surface::probe::{leaving_nothing, warm};

const SESSION: [&str; 8] = [
    "session_id",
    "agent_id",
    "namespace",
    "started_at",
    "expires_at",
    "status",
    "time_remaining_seconds",
    "pattern",
];

#[tokio::test]
async fn an_agent_is_described_under_that_apis_names() {
    let app = warm().await;

    let body = json!({ "agent_id": "desk", "pattern": "tool", "description": "answers" });
    let made = post(&app.owner, AGENTS, body).await;

    let expected = json!({
        "agent_id": "desk", "namespace": "memanto_agent_desk", "pattern": "tool",
        "description": "answers", "created_at": "2026-11-22T09:00:00.000Z", "last_session": null,
        "memory_count": 0, "session_count": 0, "status": "ready",
    });
    assert_eq!((made.status, &made.body), (201, &expected));
    let shown = get(&app.owner, &format!("{AGENTS}/desk")).await;
    assert_eq!((shown.status, &shown.body), (200, &expected));
    let listed = get(&app.owner, &format!("{AGENTS}?include_counts=false")).await;
    assert_eq!(listed.body["agents"][0], expected);
    assert_eq!((&listed.body["count"], &listed.body["warnings"]), (&json!(2), &json!([])));
}

#[tokio::test]
async fn an_agents_sessions_and_memories_are_counted() {
    let (app, agent) = activated().await;
    remembered(&agent, "Tea.").await;

    let shown = get(&app.owner, &format!("{AGENTS}/my-agent")).await.body;

    assert_eq!((&shown["memory_count"], &shown["session_count"]), (&json!(1), &json!(1)));
    assert_eq!(shown["last_session"], "2026-11-22T09:00:00.000Z");
    assert_eq!(shown["pattern"], "support");
}

#[tokio::test]
async fn mistakes_about_agents_are_named() {
    let (app, _) = activated().await;
    let missing = format!("{AGENTS}/nobody");

    for (method, path, body, status, code) in [
        (Method::POST, AGENTS, json!({ "agent_id": "my-agent" }), 409, "ALREADY_EXISTS"),
        (Method::POST, AGENTS, json!({ "agent_id": "two words" }), 400, "INVALID_ARGUMENT"),
        (Method::POST, AGENTS, json!({ "agent_id": 7 }), 400, "INVALID_ARGUMENT"),
        (Method::POST, AGENTS, json!({}), 400, "INVALID_ARGUMENT"),
        (Method::POST, AGENTS, json!({ "agent_id": "x", "pattern": "y" }), 400, "INVALID_ARGUMENT"),
        (Method::POST, AGENTS, json!([]), 400, "INVALID_ARGUMENT"),
        (Method::GET, &missing, Value::Null, 404, "NOT_FOUND"),
        (Method::DELETE, &missing, Value::Null, 404, "NOT_FOUND"),
        (Method::POST, &format!("{missing}/activate"), Value::Null, 404, "NOT_FOUND"),
        (Method::POST, &format!("{missing}/deactivate"), Value::Null, 404, "NOT_FOUND"),
    ] {
        let sent = app.owner.rest(method.clone(), path, Some(body));
        let reply = leaving_nothing(&app, sent).await;

        assert_eq!((reply.status, reply.code()), (status, code), "{method} {path}");
    }
}

#[tokio::test]
async fn who_may_make_and_delete_agents_is_as_everywhere() {
    let (app, _) = activated().await;
    let scopes = ["read", "write", "admin"];
    let viewer = app.key("Viewer", Role::Viewer, &scopes).await;
    let editor = app.key("Editor", Role::Editor, &scopes).await;

    let by_viewer = post(&viewer, AGENTS, json!({ "agent_id": "desk" })).await;
    let by_editor = post(&editor, AGENTS, json!({ "agent_id": "desk" })).await;
    let deleted = editor.rest(Method::DELETE, &format!("{AGENTS}/desk"), None).await;

    assert_eq!((by_viewer.status, by_viewer.code()), (403, "PERMISSION_DENIED"));
    assert_eq!(by_editor.status, 201);
    assert_eq!((deleted.status, deleted.code()), (403, "PERMISSION_DENIED"));
}

#[tokio::test]
async fn a_session_is_described_under_that_apis_names() {
    let (app, agent) = activated().await;

    let body = json!({ "agent_id": "my-agent", "duration_hours": 2 });
    let session = post(&app.owner, &of_agent("activate"), body).await.body;

    has(&session, &SESSION);
    has(&session, &["session_token", "metadata"]);
    assert_eq!((&session["status"], &session["pattern"]), (&json!("active"), &json!("support")));
    assert_eq!(session["namespace"], "memanto_agent_my-agent");
    assert_eq!(session["expires_at"], "2026-11-22T11:00:00.000Z");
    assert!(session["session_id"].as_str().is_some_and(|id| id.starts_with("sess_")));
    let current = get(&agent.without_key(), "/api/v2/session/current").await.body;
    has(&current, &SESSION);
    assert_eq!(current["time_remaining_seconds"], 6 * 60 * 60);
    assert!(current["session_token"].is_null(), "a token is shown once");
    let list = get(&app.owner, "/api/v2/sessions").await.body;
    assert_eq!(list["count"], 2);
    has(&list["sessions"][0], &SESSION);
}

#[tokio::test]
async fn the_status_is_that_of_the_session_activated_last() {
    let app = warm().await;
    let none = get(&app.owner, "/api/v2/status").await;
    agent(&app, "first").await;
    app.clock.advance(1000);
    agent(&app, "second").await;

    let status = get(&app.owner, "/api/v2/status").await;

    assert_eq!((none.status, none.code()), (404, "NOT_FOUND"));
    assert_eq!(none.body["error"]["message"], "no active session");
    has(&status.body, &SESSION);
    assert_eq!((status.status, &status.body["agent_id"]), (200, &json!("second")));
}

#[tokio::test]
async fn a_session_is_extended_by_either_name_of_the_hours() {
    let (_app, agent) = activated().await;

    for (query, added, until) in [
        ("?additional_hours=1", 1.0, "2026-11-22T16:00:00.000Z"),
        ("?extend_hours=2", 2.0, "2026-11-22T18:00:00.000Z"),
    ] {
        let path = format!("/api/v2/session/extend{query}");
        let reply = agent.rest(Method::POST, &path, None).await;

        assert_eq!(reply.status, 200, "{}", reply.body);
        has(&reply.body, &["session_token", "agent_id", "namespace", "started_at"]);
        assert_eq!(reply.body["hours_added"].as_f64(), Some(added));
        assert_eq!(reply.body["new_expires_at"], until);
        assert_eq!(reply.body["expires_at"], until);
    }
    let bad = agent.rest(Method::POST, "/api/v2/session/extend?extend_hours=x", None).await;
    assert_eq!((bad.status, bad.code()), (400, "INVALID_ARGUMENT"));
}

#[tokio::test]
async fn a_session_that_ends_is_summed_up_and_only_once() {
    let (app, agent) = activated().await;
    remembered(&agent, "Tea.").await;
    app.clock.advance(30 * 60 * 1000);

    let ended = app.owner.rest(Method::POST, &of_agent("deactivate"), None).await;
    let again = app.owner.rest(Method::POST, &of_agent("deactivate"), None).await;

    let fields = ["session_id", "agent_id", "started_at", "ended_at", "summary_memory_id"];
    has(&ended.body, &fields);
    assert_eq!(
        (&ended.body["duration_hours"], &ended.body["memories_created"]),
        (&json!(0.5), &json!(1))
    );
    assert_eq!((again.status, again.code()), (404, "NOT_FOUND"));
}
