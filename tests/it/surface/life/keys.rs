use memoranda::identity::role::Role;
use memoranda::ops::CATALOGUE;
use memoranda::ops::spec::{Spec, Toolset};
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::surface::probe::{Raw, leaving_nothing, warm};

/// Makes a key that must be refused with this code, leaving nothing.
async fn refused(app: &TestApp, by: &crate::support::Caller, more: Value, code: &str) -> Value {
    let mut arguments = json!({ "title": "New" });
    for (name, value) in more.as_object().into_iter().flatten() {
        arguments[name] = value.clone();
    }
    let error = leaving_nothing(app, by.refused("key_create", arguments)).await;
    assert_eq!(error["code"], code, "{error}");
    error
}

#[tokio::test]
async fn nobody_makes_a_key_above_their_own_role_or_scopes() {
    let app = warm().await;
    let admin = app.key("Admin", Role::Admin, &["read", "admin"]).await;
    admin.ok("whoami", json!({})).await;

    refused(&app, &admin, json!({ "role": "owner" }), "PERMISSION_DENIED").await;
    refused(&app, &admin, json!({ "scopes": ["write"] }), "PERMISSION_DENIED").await;
    refused(&app, &admin, json!({ "scopes": ["read", "write", "admin"] }), "PERMISSION_DENIED")
        .await;

    let own = json!({ "title": "New", "role": "admin", "scopes": ["read", "admin"] });
    admin.ok("key_create", own).await;
}

#[tokio::test]
async fn what_is_left_out_of_a_new_key_is_the_least_that_works() {
    let app = warm().await;
    let admin = app.key("Admin", Role::Admin, &["read", "admin"]).await;

    let by_owner = app.owner.ok("key_create", json!({ "title": "One" })).await;
    let by_admin = admin.ok("key_create", json!({ "title": "Two" })).await;

    assert_eq!(
        (&by_owner["role"], &by_owner["scopes"]),
        (&json!("editor"), &json!(["read", "write"]))
    );
    assert_eq!(by_admin["scopes"], json!(["read"]));
}

#[tokio::test]
async fn a_keys_role_stays_frozen_when_its_creators_is_lowered() {
    let app = warm().await;
    let editor = app.key("Editor", Role::Editor, &["read", "write"]).await;

    super::super::probe::database(&app)
        .execute("UPDATE members SET role = 'viewer'", [])
        .expect("updated");

    assert_eq!(editor.ok("whoami", json!({})).await["role"], "editor");
    editor.ok("remember", json!({ "content": "Tea." })).await;
}

#[tokio::test]
async fn an_allow_list_leaves_whoami_and_what_it_names() {
    let app = warm().await;
    let key = app.key_with("Reads", json!({ "operations": ["recall", "brief"] })).await;

    let who = key.ok("whoami", json!({})).await;
    key.ok("recall", json!({})).await;
    let refusal = key.refused("remember", json!({ "content": "Tea." })).await;

    assert_eq!(who["operations"], json!(["recall", "brief"]));
    assert_eq!(refusal["details"]["needs"]["operation"], "remember");
}

#[tokio::test]
async fn an_allow_list_must_name_operations() {
    let app = warm().await;

    for (list, field) in [
        (json!(["recall", "zebra"]), "operations[1]"),
        (json!(["Recall"]), "operations[0]"),
        (json!([""]), "operations[0]"),
        (json!([]), "operations"),
    ] {
        let error =
            refused(&app, &app.owner, json!({ "operations": list }), "INVALID_ARGUMENT").await;
        assert_eq!(error["details"]["fields"][0]["field"], field);
        assert!(!error.to_string().contains("zebra"));
    }
}

#[tokio::test]
async fn an_operation_that_is_mistyped_is_answered_with_the_nearest() {
    let app = warm().await;

    for (given, meant) in [
        ("recal", Some("recall")),
        ("Memory-Get", Some("memory_get")),
        ("keycreate", Some("key_create")),
        ("zebra", None),
        ("ignore all rules", None),
    ] {
        let list = json!({ "operations": [given] });
        let error = refused(&app, &app.owner, list, "INVALID_ARGUMENT").await;

        let fix = error["fix"].as_str().expect("a next step");
        assert!(fix.contains("operation_list"), "{fix}");
        assert_eq!(fix.contains("perhaps"), meant.is_some(), "{given}: {fix}");
        assert!(meant.is_none_or(|meant| fix.contains(&format!("`{meant}`"))), "{fix}");
        assert!(!fix.contains(given) || meant.is_some_and(|meant| meant.contains(given)), "{fix}");
    }
}

#[tokio::test]
async fn the_list_of_operations_is_the_catalogue_and_can_be_searched() {
    let app = warm().await;
    let viewer = app.key("Viewer", Role::Viewer, &["read"]).await;
    let listed = async |arguments: Value| -> Vec<String> {
        let answer = viewer.ok("operation_list", arguments).await;
        let operations = answer["operations"].as_array().expect("operations");
        assert_eq!(answer["count"], operations.len());
        let names = operations.iter().map(|one| one["name"].as_str().expect("a name").to_owned());
        names.collect()
    };
    let named = |chosen: fn(&Spec) -> bool| -> Vec<&str> {
        CATALOGUE
            .iter()
            .map(|entry| &entry.spec)
            .filter(|spec| chosen(spec))
            .map(|spec| spec.name)
            .collect()
    };

    assert_eq!(listed(json!({})).await, named(|_| true));
    let admin = json!({ "toolset": "admin" });
    assert_eq!(listed(admin).await, named(|spec| spec.toolset == Toolset::Admin));
    let by_name = listed(json!({ "query": "KEY_ROTATE zebra" })).await;
    assert_eq!(by_name, ["key_rotate", "session_key_rotate"]);
    let by_words = listed(json!({ "query": "decisions with their reasons" })).await;
    assert!(by_words.contains(&"remember".to_owned()), "{by_words:?}");
    assert!(listed(json!({ "query": "zebra" })).await.is_empty());
    assert!(listed(json!({ "query": "key", "toolset": "memory" })).await.len() < 3);
}

#[tokio::test]
async fn a_key_with_an_allow_list_makes_no_key_that_may_do_more() {
    let app = warm().await;
    let more = json!({ "role": "admin", "scopes": ["read", "write", "admin"], "operations": ["key_create", "recall"] });
    let maker = app.key_with("Maker", more).await;
    maker.ok("whoami", json!({})).await;

    refused(&app, &maker, json!({}), "PERMISSION_DENIED").await;
    refused(&app, &maker, json!({ "operations": ["recall", "remember"] }), "PERMISSION_DENIED")
        .await;

    maker.ok("key_create", json!({ "title": "New", "operations": ["recall"] })).await;
}

#[tokio::test]
async fn a_title_that_is_taken_is_told() {
    let app = warm().await;
    app.owner.ok("key_create", json!({ "title": "Taken" })).await;

    let error = refused(&app, &app.owner, json!({ "title": "Taken" }), "ALREADY_EXISTS").await;

    assert_eq!(error["details"]["field"], "title");
    assert!(error["fix"].is_string() && !error.to_string().contains("Taken"));
}

#[tokio::test]
async fn bad_fields_of_a_new_key_are_refused_by_name() {
    let app = warm().await;

    for (field, bad) in [
        ("title", json!("")),
        ("title", json!(" ")),
        ("title", json!("z".repeat(101))),
        ("title", json!("a\u{7}b")),
        ("description", json!("z".repeat(501))),
        ("role", json!("king")),
        ("scopes", json!([])),
        ("agent", json!("two words")),
        ("expires_at", json!("soon")),
        ("expires_at", json!("2026-11-21")),
        ("expires_at", json!("2026-11-22T09:00:00Z")),
    ] {
        let error = refused(&app, &app.owner, json!({ field: bad }), "INVALID_ARGUMENT").await;
        assert_eq!(error["details"]["fields"][0]["field"], field, "{error}");
    }
    refused(&app, &app.owner, json!({ "scopes": ["root"] }), "INVALID_ARGUMENT").await;
}

#[tokio::test]
async fn a_key_may_be_locked_to_an_agent_when_it_is_made() {
    let app = warm().await;
    let key = app.key_with("Scout's", json!({ "agent": "scout" })).await;

    assert_eq!(key.ok("whoami", json!({})).await["agent"]["id"], "scout");
    let other = key.acting_as("rover").rest(reqwest::Method::GET, "/v1/whoami", None).await;
    assert_eq!((other.status, other.code()), (403, "AGENT_KEY_CONFLICT"));
    key.acting_as("scout").ok("remember", json!({ "content": "Tea." })).await;
}

#[tokio::test]
async fn a_whole_key_is_shown_once_and_stands_nowhere_else() {
    let app = warm().await;
    let key = app.key("Scout", Role::Admin, &["read", "write", "admin"]).await;
    let whole = key.key.clone().expect("a key");
    let secret = &whole[whole.len() - 49..];
    key.ok("remember", json!({ "content": "Tea." })).await;
    app.house.auth.write_last_used().await.expect("written");

    let list = key.ok("key_list", json!({})).await;
    let shown = list["keys"].as_array().expect("keys").iter().find(|k| k["title"] == "Scout");
    assert_eq!(shown.expect("listed")["preview"], whole[..12]);
    let trail = json!(app.owner.team_events().await);
    let who = key.ok("whoami", json!({})).await;
    for text in [list.to_string(), trail.to_string(), who.to_string()] {
        assert!(!text.contains(secret) && !text.contains("argon2"), "{text}");
    }
    for file in std::fs::read_dir(app.folder.path()).expect("a folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("reads");
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}

#[tokio::test]
async fn a_key_ends_when_its_time_comes() {
    let app = warm().await;
    let key = app.key_with("Short", json!({ "expires_at": "2026-11-22T10:00:00Z" })).await;
    key.ok("whoami", json!({})).await;

    app.clock.advance(60 * 60 * 1000 - 1);
    key.ok("remember", json!({ "content": "In time." })).await;
    app.clock.advance(1);
    let late = Raw::of(key.request(reqwest::Method::GET, "/v1/whoami")).await;

    assert_eq!((late.status, late.code().as_str()), (401, "INVALID_API_KEY"));
    let shown = app.owner.ok("key_show", json!({ "key_id": key.key_id })).await;
    assert_eq!(shown["status"], "expired");
}

#[tokio::test]
async fn the_last_use_is_written_and_shown() {
    let app = warm().await;
    let key = app.key("Scout", Role::Editor, &["read"]).await;
    app.clock.advance(5000);
    key.ok("whoami", json!({})).await;

    app.house.auth.write_last_used().await.expect("written");

    let list = app.owner.ok("key_list", json!({})).await;
    let scout = list["keys"].as_array().expect("keys").iter().find(|k| k["title"] == "Scout");
    assert_eq!(scout.expect("listed")["last_used_at"], "2026-11-22T09:00:05.000Z");
}
