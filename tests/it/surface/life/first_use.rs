use futures_util::future::join_all;
use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::json;

use super::{cheap_key, count};
use crate::surface::probe::{Raw, intact_chain, leaving_nothing, warm};

#[tokio::test]
async fn a_keys_first_use_makes_its_own_agent() {
    let app = warm().await;
    let key = app.key("Scout", Role::Editor, &["read", "write"]).await;
    let key_id = key.key_id.clone().expect("an id");

    let who = key.ok("whoami", json!({})).await;
    key.ok("whoami", json!({})).await;

    assert_eq!(who["agent"]["id"], format!("key-{key_id}"));
    let whole = key.key.as_deref().expect("a key");
    assert_eq!(who["agent"]["display_name"], whole[..12]);
    assert_eq!((&who["trust"], &who["key_id"]), (&json!("approved"), &json!(key_id)));
    assert_eq!(count(&app, &format!("agents WHERE slug = 'key-{key_id}'")), 1);
    assert_eq!(count(&app, "activity WHERE operation = 'agent_first_use'"), 2, "the owner's too");
}

#[tokio::test]
async fn the_first_agent_id_renames_the_keys_own_agent_and_its_history_stays_one() {
    let app = warm().await;
    let key = cheap_key(&app).await;
    let kept = key.ok("remember", json!({ "content": "Before the name." })).await;
    let agents = count(&app, "agents");

    let scout = key.acting_as("scout");
    scout.ok("remember", json!({ "content": "After the name." })).await;

    assert_eq!(count(&app, "agents"), agents);
    let before = scout.ok("memory_get", json!({ "id": kept["id"] })).await;
    assert_eq!(before["author"]["agent"], "scout");
    let mine = scout.ok("my_activity", json!({ "operation": "remember" })).await;
    assert_eq!(mine["count"], 2);
    assert!(mine["events"].as_array().expect("events").iter().all(|e| e["agent"] == "scout"));
}

#[tokio::test]
async fn a_key_acts_as_its_locked_agent_with_or_without_the_header() {
    let app = warm().await;
    let key = cheap_key(&app).await;

    key.acting_as("scout").ok("whoami", json!({})).await;

    assert_eq!(key.ok("whoami", json!({})).await["agent"]["id"], "scout");
    assert_eq!(key.acting_as("scout").ok("whoami", json!({})).await["agent"]["id"], "scout");
}

#[tokio::test]
async fn a_second_agent_id_is_a_conflict() {
    let app = warm().await;
    let key = cheap_key(&app).await;
    key.acting_as("scout").ok("whoami", json!({})).await;

    for other in ["rover", "Scout", "scout2"] {
        let answer = key.acting_as(other).rest(Method::GET, "/v1/whoami", None).await;

        assert_eq!((answer.status, answer.code()), (403, "AGENT_KEY_CONFLICT"), "{other}");
        assert!(!answer.body.to_string().contains("rover"));
        assert!(answer.body["error"]["fix"].is_string());
        let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
        assert_eq!(key.acting_as(other).mcp(list).await.status, 403);
    }
    assert_eq!(count(&app, "agents WHERE slug IN ('rover', 'Scout', 'scout2')"), 0);
}

#[tokio::test]
async fn a_key_that_names_an_agent_of_the_team_is_bound_to_it() {
    let app = warm().await;
    let first = cheap_key(&app).await.acting_as("scout");
    first.ok("agent_register", json!({ "display_name": "Scout", "type": "coder" })).await;
    let agents = count(&app, "agents");

    let second = cheap_key(&app).await.acting_as("scout");
    let who = second.ok("whoami", json!({})).await;

    assert_eq!(who["agent"]["display_name"], "Scout");
    assert_eq!(count(&app, "agents"), agents);
}

#[tokio::test]
async fn of_fifty_first_requests_that_race_with_different_ids_exactly_one_wins() {
    let app = warm().await;

    for round in 0..6 {
        let key = cheap_key(&app).await;
        // In half the rounds the key has an agent of its own already.
        if round % 2 == 1 {
            key.ok("whoami", json!({})).await;
        }
        let agents = count(&app, "agents");
        let racing = (0..50).map(|number| {
            let racer = key.acting_as(&format!("racer-{round}-{number}"));
            async move {
                let answer = racer.rest(Method::GET, "/v1/whoami", None).await;
                (answer.status, answer.code().to_owned(), answer.body["agent"]["id"].clone())
            }
        });
        let answers = join_all(racing).await;

        let won: Vec<_> = answers.iter().filter(|answer| answer.0 == 200).collect();
        let lost =
            answers.iter().filter(|answer| (answer.0, &*answer.1) == (403, "AGENT_KEY_CONFLICT"));
        assert_eq!((won.len(), lost.count()), (1, 49), "{answers:?}");
        assert_eq!(key.ok("whoami", json!({})).await["agent"]["id"], won[0].2);
        let slugs = format!("agents WHERE slug LIKE 'racer-{round}-%'");
        assert_eq!(count(&app, &slugs), 1);
        assert_eq!(count(&app, "agents"), agents + i64::from(round % 2 == 0));
    }
    intact_chain(&app.house).await;
}

#[tokio::test]
async fn many_first_requests_with_one_id_or_none_make_one_agent() {
    let app = warm().await;

    for agent in [None, Some("scout")] {
        let key = cheap_key(&app).await;
        let key = agent.map_or(key.clone(), |agent| key.acting_as(agent));
        let agents = count(&app, "agents");
        let racing = (0..30).map(|_| key.ok("whoami", json!({})));
        join_all(racing).await;

        assert_eq!(count(&app, "agents"), agents + 1, "{agent:?}");
    }
}

#[tokio::test]
async fn a_keys_own_agent_id_is_taken_by_no_other_key() {
    let app = warm().await;
    let key = cheap_key(&app).await;
    let own = format!("key-{}", key.key_id.as_deref().expect("an id"));
    let thief = cheap_key(&app).await;

    let taking = thief.acting_as(&own).request(Method::GET, "/v1/whoami");
    let taken = leaving_nothing(&app, Raw::of(taking)).await;
    let making = json!({ "title": "Thief", "agent": own });
    let made = leaving_nothing(&app, app.owner.refused("key_create", making)).await;

    assert_eq!((taken.status, taken.code().as_str()), (403, "AGENT_KEY_CONFLICT"));
    assert_eq!(made["details"]["fields"][0]["field"], "agent", "{made}");
    assert_eq!(key.acting_as(&own).ok("whoami", json!({})).await["agent"]["id"], own);
}

#[tokio::test]
async fn under_approval_a_new_agent_waits_and_may_only_say_who_it_is() {
    let app = warm().await;
    super::super::probe::database(&app)
        .execute("UPDATE teams SET trust_policy = 'approval'", [])
        .expect("updated");
    let key = cheap_key(&app).await;

    let who = key.ok("whoami", json!({})).await;
    key.ok("agent_register", json!({ "display_name": "Scout" })).await;
    let refusal = key.refused("remember", json!({ "content": "Tea." })).await;

    assert_eq!(who["trust"], "pending");
    assert_eq!(refusal["code"], "TRUST_REQUIRED");
    assert!(refusal["fix"].as_str().is_some_and(|fix| fix.contains("approve")));
}
