use serde_json::json;

use super::{cheap_key, count};
use crate::surface::probe::{assert_own_words, leaving_nothing, warm};

#[tokio::test]
async fn registering_twice_changes_nothing_and_makes_one_event() {
    let app = warm().await;
    let key = cheap_key(&app).await.acting_as("scout");
    let words = json!({ "display_name": "Scout", "type": "coder", "description": "Looks around." });

    let first = key.ok("agent_register", words.clone()).await;
    let again = leaving_nothing(&app, key.ok("agent_register", words)).await;

    assert_eq!((&first["changed"], &again["changed"]), (&json!(true), &json!(false)));
    assert_eq!(first["agent"], again["agent"]);
    assert_eq!(count(&app, "activity WHERE operation = 'agent_register'"), 1);
}

#[tokio::test]
async fn what_a_registration_leaves_out_stays() {
    let app = warm().await;
    let key = cheap_key(&app).await;
    key.ok("agent_register", json!({ "display_name": "Scout", "type": "coder" })).await;

    let changed = key.ok("agent_register", json!({ "display_name": "Rover" })).await;

    assert_eq!(
        (&changed["agent"]["display_name"], &changed["agent"]["type"]),
        (&json!("Rover"), &json!("coder"))
    );
}

#[tokio::test]
async fn a_registration_with_bad_words_is_refused_by_its_field() {
    let app = warm().await;
    let key = cheap_key(&app).await;
    key.ok("whoami", json!({})).await;

    for (field, bad) in [
        ("display_name", json!("")),
        ("display_name", json!("  ")),
        ("display_name", json!("zebra\u{7}")),
        ("display_name", json!("z".repeat(101))),
        ("type", json!("z".repeat(65))),
        ("description", json!("z".repeat(1001))),
        ("id", json!("zebra")),
    ] {
        let mut words = json!({ "display_name": "Scout" });
        words[field] = bad;
        let error = leaving_nothing(&app, key.refused("agent_register", words)).await;

        assert_eq!(error["code"], "INVALID_ARGUMENT");
        assert_eq!(error["details"]["fields"][0]["field"], field);
        assert_own_words(&error, "zebra");
    }
}

#[tokio::test]
async fn what_one_agent_keeps_to_itself_no_other_recalls() {
    let app = warm().await;
    let scout = cheap_key(&app).await.acting_as("scout");
    let rover = cheap_key(&app).await.acting_as("rover");
    let private = json!({ "content": "The heron nests here.", "visibility": "agent" });

    let kept = scout.ok("remember", private).await;

    assert_eq!(scout.ok("recall", json!({ "query": "heron" })).await["count"], 1);
    for other in [&rover, &app.owner] {
        assert_eq!(other.ok("recall", json!({ "query": "heron" })).await["count"], 0);
        for name in ["memory_get", "memory_update", "forget"] {
            let error = other.refused(name, json!({ "id": kept["id"] })).await;
            assert_eq!(error["code"], "NOT_FOUND", "{name}");
        }
    }
}

#[tokio::test]
async fn an_agent_sees_its_own_activity_and_an_admin_everyones() {
    let app = warm().await;
    let scout = cheap_key(&app).await.acting_as("scout");
    scout.ok("remember", json!({ "content": "Tea." })).await;
    app.owner.ok("remember", json!({ "content": "Milk." })).await;

    let mine = scout.ok("my_activity", json!({})).await;
    let everyones = app.owner.ok("my_activity", json!({ "team": true })).await;
    let refusal = scout.refused("my_activity", json!({ "team": true })).await;

    let agents = |answer: &serde_json::Value| -> Vec<String> {
        let events = answer["events"].as_array().expect("events");
        let names =
            events.iter().map(|event| event["agent"].as_str().unwrap_or_default().to_owned());
        names.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    };
    assert_eq!(agents(&mine), ["scout"]);
    assert_eq!(agents(&everyones).len(), 2);
    assert_eq!(
        (&refusal["code"], &refusal["details"]["needs"]["role"]),
        (&json!("PERMISSION_DENIED"), &json!("admin"))
    );
}
