//! Whom a team trusts, and what it does with secrets: policies, approval, blocking.

use reqwest::Method;
use serde_json::json;

use super::cheap_key;
use crate::surface::probe::{leaving_nothing, warm};

#[tokio::test]
async fn under_approval_a_new_agent_acts_only_once_it_is_approved() {
    let app = warm().await;
    app.owner.ok("policy_set", json!({ "trust": "approval" })).await;
    let scout = cheap_key(&app).await.acting_as("scout");

    scout.ok("agent_register", json!({ "display_name": "Scout" })).await;
    let who = scout.ok("whoami", json!({})).await;
    let refused = scout.refused("remember", json!({ "content": "tea" })).await;
    app.owner.ok("agent_approve", json!({ "agent_id": "scout" })).await;

    assert_eq!((&who["trust"], &refused["code"]), (&json!("pending"), &json!("TRUST_REQUIRED")));
    scout.ok("remember", json!({ "content": "tea" })).await;
}

#[tokio::test]
async fn a_blocked_agent_is_refused_at_once_whatever_its_key() {
    let app = warm().await;
    let scout = cheap_key(&app).await.acting_as("scout");
    scout.ok("remember", json!({ "content": "tea" })).await;

    let path = "/v1/agents/scout/block";
    let blocked = app.owner.rest(Method::POST, path, None).await;

    assert_eq!((blocked.status, &blocked.body["changed"]), (200, &json!(true)));
    let refused = leaving_nothing(&app, scout.refused("remember", json!({ "content": "x" }))).await;
    assert_eq!(refused["code"], "TRUST_REQUIRED");
}

#[tokio::test]
async fn approving_twice_changes_nothing_more() {
    let app = warm().await;
    let scout = cheap_key(&app).await.acting_as("scout");
    scout.ok("whoami", json!({})).await;

    let again = app.owner.ok("agent_approve", json!({ "agent_id": "scout" }));

    assert_eq!(leaving_nothing(&app, again).await["changed"], json!(false));
}

#[tokio::test]
async fn nobody_blocks_itself() {
    let app = warm().await;
    let owner = app.owner.ok("whoami", json!({})).await;

    let own = json!({ "agent_id": owner["agent"]["id"] });
    let refused = leaving_nothing(&app, app.owner.refused("agent_block", own)).await;

    assert_eq!(refused["code"], "CONFLICT");
}

#[tokio::test]
async fn agents_are_listed_with_what_they_did() {
    let app = warm().await;
    let scout = cheap_key(&app).await.acting_as("scout");
    scout.ok("remember", json!({ "content": "tea" })).await;

    let listed = app.owner.ok("agent_list", json!({})).await;

    let found = listed["agents"].as_array().expect("a list");
    let scout = found.iter().find(|agent| agent["id"] == "scout").expect("listed");
    assert_eq!((&scout["memories"], &scout["status"]), (&json!(1), &json!("approved")));
    assert_eq!(scout["last_seen_at"], "2026-11-22T09:00:00.000Z");
}

#[tokio::test]
async fn a_secret_value_is_blanked_where_the_team_wants_it() {
    let app = warm().await;
    let held =
        format!("The key is ghp_{}.", "a1B2c3D4e5F6g7H8i9J0".repeat(2).get(..36).expect("36"));
    let content = json!({ "content": held });
    let refused = app.owner.refused("remember", content.clone()).await;

    app.owner.ok("policy_set", json!({ "secret_values": "redact" })).await;
    let kept = app.owner.ok("remember", content).await;

    assert_eq!(refused["code"], "SECRET_ARGUMENT");
    let memory = app.owner.ok("memory_get", json!({ "id": kept["id"] })).await;
    assert_eq!(memory["content"], "The key is [redacted:github_token].");
}
