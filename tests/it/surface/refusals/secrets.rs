use memoranda::identity::key::ApiKey;
use memoranda::ops;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::surface::probe::{Raw, mcp_call, rest_call, rows, warm};

/// Secrets of known formats with their kinds, put together here so that no scanner finds them.
fn secrets() -> Vec<(String, &'static str)> {
    let run =
        |length: usize| "a8Xk2Qz7Lm4Rt9Vb3Nc6".chars().cycle().take(length).collect::<String>();
    let own = ApiKey::generate().whole().expose().to_owned();
    vec![
        (own, "memoranda_key"),
        (format!("{}_{}", "ghp", run(36)), "github_token"),
        (format!("{}-----\n{}", "-----BEGIN RSA PRIVATE KEY", run(64)), "private_key"),
        (format!("postgres://app:{}@db.example.org/app", run(12)), "url_password"),
        (format!("{}_{}_{}", "sk", "live", run(24)), "stripe_key"),
    ]
}

/// Calls an operation with a secret in its arguments over both surfaces, where it must be refused
/// by path and kind, recorded once each, and otherwise leave nothing.
async fn refused(
    app: &TestApp,
    name: &str,
    arguments: Value,
    path: &str,
    kind: &str,
    secret: &str,
) {
    let entry = ops::find(name).expect("an operation");
    let before = rows(app);

    let rest = Raw::of(rest_call(&app.owner, entry, &arguments)).await;
    let mcp = Raw::of(mcp_call(&app.owner, name, &arguments)).await;

    assert_eq!((rest.status, rest.code().as_str()), (400, "SECRET_ARGUMENT"), "{}", rest.text);
    assert_eq!((mcp.status, mcp.code().as_str()), (200, "SECRET_ARGUMENT"), "{}", mcp.text);
    for error in [&rest.json()["error"], &mcp.json()["result"]["structuredContent"]] {
        assert_eq!(error["details"], json!({ "path": path, "kind": kind }));
        assert!(error["message"].as_str().is_some_and(|m| m.contains(path) && m.contains(kind)));
        assert!(error["fix"].is_string());
    }
    for text in [&rest.text, &mcp.text] {
        assert!(!text.contains(secret), "the answer repeats the secret");
    }
    for ((table, before), (_, now)) in before.iter().zip(rows(app)) {
        let more = if table == "activity" { 2 } else { 0 };
        assert_eq!(now, before + more, "{table}");
    }
    let events = app.owner.team_events().await;
    for event in &events[..2] {
        assert_eq!(event["outcome"], "SECRET_ARGUMENT");
        assert_eq!((&event["operation"], &event["object_id"]), (&json!(name), &json!(path)));
        assert_eq!(event["summary"], json!({ "kind": kind }));
    }
    assert!(!json!(events).to_string().contains(secret), "the trail repeats the secret");
}

#[tokio::test]
async fn a_secret_value_is_refused_by_its_path_and_kind() {
    let app = warm().await;

    for (secret, kind) in secrets() {
        let arguments = json!({ "content": format!("The key is {secret} and works.") });
        refused(&app, "remember", arguments, "content", kind, &secret).await;
    }
}

#[tokio::test]
async fn a_secret_value_is_found_in_every_item_and_list() {
    let app = warm().await;
    let (secret, kind) = secrets().remove(1);

    let items =
        json!({ "items": [{ "content": "Tea." }, { "content": "Tea.", "tags": ["a", secret] }] });
    refused(&app, "remember", items, "items[1].tags[1]", kind, &secret).await;
    refused(&app, "recall", json!({ "query": secret }), "query", kind, &secret).await;
    refused(&app, "forget", json!({ "id": "mem_1", "reason": secret }), "reason", kind, &secret)
        .await;
    let title = json!({ "title": format!("For {secret}") });
    refused(&app, "key_create", title, "title", kind, &secret).await;
}

#[tokio::test]
async fn a_secret_name_is_refused_at_any_depth_whatever_it_holds() {
    let app = warm().await;
    let deep = json!({ "items": [{ "content": "Tea." }, { "content": "Tea." },
        { "content": "Tea.", "metadata": { "api_key": "zebra" } }] });

    refused(&app, "remember", deep, "items[2].metadata.api_key", "secret_name", "zebra").await;
    for name in ["password", "clientSecret", "auth-token", "db_passwd", "Authorization"] {
        let mut arguments = json!({ "content": "Tea." });
        arguments[name] = json!("zebra");
        refused(&app, "remember", arguments, name, "secret_name", "zebra").await;
    }
}

#[tokio::test]
async fn a_secret_name_in_a_query_string_is_refused_too() {
    let app = warm().await;

    let request = app.owner.request(reqwest::Method::GET, "/v1/brief?access_token=zebra");
    let answer = Raw::of(request).await;

    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "SECRET_ARGUMENT"),
        "{}",
        answer.text
    );
    assert!(!answer.text.contains("zebra"));
}

#[tokio::test]
async fn a_name_that_only_sounds_like_a_secret_passes_the_guard() {
    let app = warm().await;

    for name in ["max_tokens", "token_count", "next_token", "password_policy", "is_secret"] {
        let mut arguments = json!({ "content": "Tea." });
        arguments[name] = json!(1);
        let error = app.owner.refused("remember", arguments).await;

        assert_eq!(error["code"], "INVALID_ARGUMENT", "{name}");
    }
}

#[tokio::test]
async fn a_caller_without_permission_leaves_no_event_by_sending_a_secret() {
    let app = warm().await;
    let viewer = app.key("Viewer", memoranda::identity::role::Role::Viewer, &["read"]).await;
    viewer.ok("whoami", json!({})).await;
    let (secret, _) = secrets().remove(1);
    let before = rows(&app);

    let error = viewer.refused("remember", json!({ "content": secret })).await;

    assert_eq!(error["code"], "SECRET_ARGUMENT");
    assert_eq!(rows(&app), before);
}

#[tokio::test]
async fn nothing_in_the_database_files_holds_a_refused_secret() {
    let app = warm().await;
    let (secret, _) = secrets().remove(1);

    app.owner.refused("remember", json!({ "content": secret })).await;

    for file in std::fs::read_dir(app.folder.path()).expect("a folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("reads");
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}
