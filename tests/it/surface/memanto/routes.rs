use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::json;

use super::{activated, get, of_agent};
use crate::support::Caller;
use crate::surface::probe::{Raw, leaving_nothing, warm};

/// Paths that look like routes and are none.
const ABSENT: [(&str, &str); 4] = [
    ("GET", "nothing"),
    ("POST", "agents/my-agent/forget"),
    ("GET", "agents/my-agent/memories"),
    ("GET", ""),
];

#[tokio::test]
async fn what_is_no_route_is_not_there() {
    let (app, agent) = activated().await;

    for (method, route) in ABSENT {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let path = format!("/api/v2/{route}");
        for caller in [&agent, &app.anonymous()] {
            let reply = leaving_nothing(&app, caller.rest(method.clone(), &path, None)).await;

            assert_eq!((reply.status, reply.code()), (404, "NOT_FOUND"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn an_admin_verifies_the_trail() {
    let (app, _agent) = activated().await;

    let whole = get(&app.owner, "/api/v2/activity/verify").await;
    let another =
        format!("/api/v2/activity/verify?expect_sequence=1&expect_hash={}", "0".repeat(64));
    let expected = get(&app.owner, &another).await;
    let editor = app.key("Editor", Role::Editor, &["read", "write"]).await;
    let refused = get(&editor, "/api/v2/activity/verify").await;

    assert_eq!((whole.status, &whole.body["is_intact"]), (200, &json!(true)), "{}", whole.body);
    assert_eq!(expected.body["is_intact"], json!(false), "{}", expected.body);
    assert_eq!((refused.status, refused.code()), (403, "PERMISSION_DENIED"));
}

#[tokio::test]
async fn health_is_open_to_all() {
    let app = warm().await;
    let anyone = app.anonymous();

    let health = get(&anyone, "/health").await;

    assert_eq!(health.status, 200);
    let expected = json!({
        "status": "healthy", "service": "memoranda", "version": env!("CARGO_PKG_VERSION"),
        "moorcheh_connected": true,
    });
    assert_eq!(health.body, expected);
    assert_eq!(get(&anyone, "/ready").await.body, json!({ "status": "ready" }));
    assert_eq!(get(&anyone, "/live").await.body, json!({ "status": "alive" }));
    app.house.app.store.close().await;
    let health = get(&anyone, "/health").await;
    assert_eq!((health.status, &health.body["status"]), (200, &json!("unhealthy")));
    assert_eq!(health.body["moorcheh_connected"], false);
    assert_eq!(get(&anyone, "/ready").await.status, 503);
}

#[tokio::test]
async fn a_body_that_is_no_json_or_too_large_is_refused() {
    let (app, agent) = activated().await;
    let path = of_agent("remember");
    let large = format!("{{\"content\": \"{}\"}}", "z".repeat(5 * 1024 * 1024));

    for (body, status, code) in [
        ("{".to_owned(), 400, "INVALID_ARGUMENT"),
        ("content=Hello".to_owned(), 400, "INVALID_ARGUMENT"),
        (large, 413, "TOO_LARGE"),
    ] {
        let sent = Raw::of(agent.request(Method::POST, &path).body(body));
        let answer = leaving_nothing(&app, sent).await;

        assert_eq!((answer.status, answer.code().as_str()), (status, code));
    }
}

#[tokio::test]
async fn a_wrong_method_is_405() {
    let (_app, agent) = activated().await;

    let reply = agent.rest(Method::PUT, &of_agent("remember"), None).await;

    assert_eq!(reply.status, 405);
}

/// A key of this role, and its session of `my-agent`.
async fn session_of(app: &crate::support::TestApp, role: Role, scopes: &[&str]) -> Caller {
    let key = app.key(&format!("{role:?} {scopes:?}"), role, scopes).await;
    key.activated("my-agent").await
}

#[tokio::test]
async fn a_session_has_the_rights_of_its_key_and_no_more() {
    let (app, _) = activated().await;
    let reader = session_of(&app, Role::Editor, &["read"]).await;
    let editor = session_of(&app, Role::Editor, &["read", "write"]).await;
    let remember = |caller: Caller| async move {
        let body = json!({ "content": "Hello" });
        caller.rest(Method::POST, &of_agent("remember"), Some(body)).await
    };

    let by_reader = remember(reader.clone()).await;
    let by_editor = remember(editor.without_key()).await;
    let seen = get(&reader.without_key(), &of_agent("recall?query=hello")).await;

    assert_eq!((by_reader.status, by_reader.code()), (403, "PERMISSION_DENIED"));
    assert_eq!((by_editor.status, seen.status), (200, 200), "{}", seen.body);
}

#[tokio::test]
async fn a_session_ends_with_its_key() {
    let (app, _) = activated().await;
    let key = app.key("Short", Role::Editor, &["read", "write"]).await;
    let agent = key.activated("my-agent").await.without_key();
    assert_eq!(get(&agent, &of_agent("recall/recent")).await.status, 200);

    app.owner.ok("key_revoke", json!({ "key_id": key.key_id })).await;

    let reply = get(&agent, &of_agent("recall/recent")).await;
    assert_eq!((reply.status, reply.code()), (401, "INVALID_SESSION_TOKEN"));
}

#[tokio::test]
async fn another_teams_agents_are_not_there() {
    let (app, _) = activated().await;
    let (_, other) = app.other_team("other").await;

    let shown = get(&other, "/api/v2/agents/my-agent").await;
    let activated = other.rest(Method::POST, &of_agent("activate"), None).await;
    let listed = get(&other, "/api/v2/agents").await.body;

    assert_eq!((shown.status, activated.status), (404, 404));
    assert!(!listed.to_string().contains("my-agent"), "{listed}");
    let status = get(&other, "/api/v2/status").await;
    assert_eq!((status.status, &status.body["error"]["details"]), (404, &json!({})));
}

#[tokio::test]
async fn what_a_viewer_remembers_waits_and_says_so() {
    let (app, _) = activated().await;
    let viewer = session_of(&app, Role::Viewer, &["read", "write"]).await;

    let body = json!({ "content": "The heron nests here." });
    let kept = viewer.rest(Method::POST, &of_agent("remember"), Some(body)).await;

    assert_eq!((kept.status, &kept.body["status"]), (200, &json!("proposed")), "{}", kept.body);
    for (status, count) in [("active", 0), ("all", 1)] {
        let found = get(&viewer, &of_agent(&format!("recall?query=heron&status={status}"))).await;
        assert_eq!(found.body["count"], count, "{status}");
    }
    let path = of_agent(&format!("memories/{}", kept.body["memory_id"].as_str().expect("an id")));
    let expired = viewer.rest(Method::POST, &format!("{path}/expire"), None).await;
    let deleted = viewer.rest(Method::DELETE, &path, None).await;
    assert_eq!((expired.status, expired.code()), (403, "PERMISSION_DENIED"));
    assert_eq!(deleted.status, 200, "its own proposal is its author's to withdraw");
}
