use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::count;
use crate::support::{Caller, TestApp};
use crate::surface::probe::{leaving_nothing, warm};

async fn status(key: &Caller) -> u16 {
    key.rest(Method::GET, "/v1/whoami", None).await.status
}

/// The caller that a rotation's answer makes.
fn with_new(app: &TestApp, answer: &Value) -> Caller {
    app.with_key(answer["key"].as_str().expect("a key"))
}

#[tokio::test]
async fn a_rotated_keys_old_secret_is_dead_at_once_and_the_new_one_is_the_same_key() {
    let app = warm().await;
    let key = app.key("Scout", Role::Editor, &["read", "write"]).await.acting_as("scout");
    key.ok("remember", json!({ "content": "Before." })).await;

    let rotated = app.owner.ok("key_rotate", json!({ "key_id": key.key_id })).await;
    let new = with_new(&app, &rotated);

    assert_eq!(status(&key).await, 401);
    let who = new.ok("whoami", json!({})).await;
    assert_eq!((&who["agent"]["id"], &who["key_id"]), (&json!("scout"), &json!(key.key_id)));
    assert_eq!(new.ok("my_activity", json!({ "operation": "remember" })).await["count"], 1);
    assert!(rotated["old_until"].is_null());
}

#[tokio::test]
async fn an_overlap_ends_on_time() {
    let app = warm().await;
    let key = app.key("Scout", Role::Editor, &["read", "write"]).await;
    let arguments = json!({ "key_id": key.key_id, "overlap_hours": 2 });

    let new = with_new(&app, &app.owner.ok("key_rotate", arguments).await);

    app.clock.advance(2 * 60 * 60 * 1000 - 1);
    assert_eq!((status(&key).await, status(&new).await), (200, 200));
    app.clock.advance(1);
    assert_eq!((status(&key).await, status(&new).await), (401, 200));
}

#[tokio::test]
async fn an_overlap_of_more_than_a_day_is_refused() {
    let app = warm().await;
    let key = app.key("Scout", Role::Editor, &["read"]).await;
    let arguments = json!({ "key_id": key.key_id, "overlap_hours": 25 });

    let error = leaving_nothing(&app, app.owner.refused("key_rotate", arguments)).await;

    assert_eq!(error["details"]["fields"][0]["field"], "overlap_hours");
}

#[tokio::test]
async fn nobody_gets_by_rotating_a_key_that_may_do_more_than_they() {
    let app = warm().await;
    let wide = app.key("Wide", Role::Editor, &["read", "write"]).await;
    let scopes = json!({ "role": "admin", "scopes": ["read", "admin"] });
    let reader = app.key_with("Reads and rules", scopes).await;
    let all = json!({ "role": "admin", "scopes": ["read", "write", "admin"], "operations": ["key_rotate"] });
    let narrow = app.key_with("Rotates alone", all).await;

    for caller in [&reader, &narrow] {
        caller.ok("whoami", json!({})).await;
        let act = caller.refused("key_rotate", json!({ "key_id": wide.key_id }));
        assert_eq!(leaving_nothing(&app, act).await["code"], "PERMISSION_DENIED");
    }
    assert_eq!(status(&wide).await, 200);
}

#[tokio::test]
async fn a_key_with_an_allow_list_cannot_widen_its_own_or_anothers() {
    let app = warm().await;
    let all = json!({ "role": "admin", "scopes": ["read", "write", "admin"], "operations": ["key_edit", "recall"] });
    let narrow = app.key_with("Narrow", all).await;
    let other = app.key_with("Other", json!({ "operations": ["recall"] })).await;
    narrow.ok("whoami", json!({})).await;

    for key in [&narrow, &other] {
        for operations in [json!([]), json!(["recall", "remember"])] {
            let arguments = json!({ "key_id": key.key_id, "operations": operations });
            let act = narrow.refused("key_edit", arguments);
            assert_eq!(leaving_nothing(&app, act).await["code"], "PERMISSION_DENIED");
        }
    }
    narrow.ok("key_edit", json!({ "key_id": other.key_id, "title": "Renamed" })).await;
}

#[tokio::test]
async fn an_edited_allow_list_holds_from_the_next_request_on() {
    let app = warm().await;
    let key = app.key("Scout", Role::Editor, &["read", "write"]).await;
    key.ok("remember", json!({ "content": "Tea." })).await;

    app.owner.ok("key_edit", json!({ "key_id": key.key_id, "operations": ["recall"] })).await;

    assert_eq!(
        key.refused("remember", json!({ "content": "Tea." })).await["code"],
        "PERMISSION_DENIED"
    );
    app.owner.ok("key_edit", json!({ "key_id": key.key_id, "operations": [] })).await;
    key.ok("remember", json!({ "content": "Tea." })).await;
}

#[tokio::test]
async fn a_deactivated_key_is_refused_until_it_is_activated() {
    let app = warm().await;
    let key = app.key("Scout", Role::Editor, &["read"]).await;
    key.ok("whoami", json!({})).await;

    app.owner.ok("key_deactivate", json!({ "key_id": key.key_id })).await;
    assert_eq!(status(&key).await, 401);
    app.owner.ok("key_activate", json!({ "key_id": key.key_id })).await;

    assert_eq!(status(&key).await, 200);
}

#[tokio::test]
async fn what_was_revoked_stays_so() {
    let app = warm().await;
    let key = app.key("Scout", Role::Editor, &["read"]).await;
    app.owner.ok("key_revoke", json!({ "key_id": key.key_id })).await;

    for name in ["key_activate", "key_deactivate", "key_rotate"] {
        let act = app.owner.refused(name, json!({ "key_id": key.key_id }));
        assert_eq!(leaving_nothing(&app, act).await["code"], "CONFLICT", "{name}");
    }
    assert_eq!(status(&key).await, 401);
}

#[tokio::test]
async fn a_deleted_key_is_gone_and_its_activity_and_memories_stay() {
    let app = warm().await;
    let key = app.key("Scout", Role::Editor, &["read", "write"]).await.acting_as("scout");
    let kept = key.ok("remember", json!({ "content": "Tea." })).await;

    let unsure = app.owner.refused("key_delete", json!({ "key_id": key.key_id })).await;
    app.owner.ok("key_delete", json!({ "key_id": key.key_id, "confirm": true })).await;

    assert_eq!(unsure["details"]["fields"][0]["field"], "confirm");
    assert_eq!((status(&key).await, count(&app, "keys")), (401, 1));
    let memory = app.owner.ok("memory_get", json!({ "id": kept["id"] })).await;
    assert_eq!(
        (&memory["author"]["agent"], &memory["author"]["key_id"]),
        (&json!("scout"), &json!(key.key_id))
    );
    let events = app.owner.team_events().await;
    assert_eq!(events.iter().filter(|event| event["key_id"] == json!(key.key_id)).count(), 2);
}

#[tokio::test]
async fn the_last_owners_key_goes_only_by_force() {
    let app = warm().await;
    let who = app.owner.ok("whoami", json!({})).await;

    for name in ["key_deactivate", "key_revoke", "key_delete"] {
        let mut arguments = json!({ "key_id": who["key_id"] });
        if name == "key_delete" {
            arguments["confirm"] = json!(true);
        }
        let act = app.owner.refused(name, arguments.clone());
        assert_eq!(leaving_nothing(&app, act).await["code"], "CONFLICT", "{name}");
    }
    app.owner.ok("key_revoke", json!({ "key_id": who["key_id"], "force": true })).await;
    assert_eq!(status(&app.owner).await, 401);
}
