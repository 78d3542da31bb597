//! Conflicts through family 2: listed with their index, resolved by it.

use serde_json::{Value, json};

use super::{activated, agent, get, has, of_agent, post, remembered};
use crate::support::{Caller, Reply};
use crate::surface::probe::leaving_nothing;

/// Two memories that contradict each other: their ids.
async fn contradicted(agent: &Caller, shelf: &str) -> [String; 2] {
    let say = |boxes| format!("The {shelf} shelf of the archive has {boxes} boxes.");
    [remembered(agent, &say(3)).await, remembered(agent, &say(4)).await]
}

async fn listed(agent: &Caller) -> Value {
    let reply = get(agent, &of_agent("conflicts")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

async fn resolve(agent: &Caller, body: Value) -> Reply {
    post(agent, &of_agent("conflicts/resolve"), body).await
}

#[tokio::test]
async fn conflicts_are_listed_and_counted() {
    let (_app, agent) = activated().await;
    let [old, new] = contradicted(&agent, "red").await;
    contradicted(&agent, "blue").await;

    let list = listed(&agent).await;
    let report = post(&agent, &of_agent("conflicts/generate"), json!({})).await.body;

    has(&list, &["agent_id", "session_id", "date", "conflicts", "count"]);
    let first = &list["conflicts"][0];
    assert_eq!((&list["count"], &first["index"]), (&json!(2), &json!(0)));
    assert_eq!((&first["old_memory_id"], &first["new_memory_id"]), (&json!(old), &json!(new)));
    assert_eq!(report["conflicts"]["conflict_count"], 2);
}

#[tokio::test]
async fn what_contradicts_the_strategy_is_not_listed_and_takes_no_index() {
    let (app, agent) = activated().await;
    let goal = json!({ "statement": "The red shelf of the archive has 3 boxes.", "type": "EPIC" });
    app.owner.ok("strategy_node_create", goal).await;
    let first = remembered(&agent, "The red shelf of the archive has 4 boxes.").await;

    let alone = listed(&agent).await;
    contradicted(&agent, "blue").await;
    let list = listed(&agent).await;

    let waiting = app.owner.ok("conflicts_list", json!({})).await;
    assert_eq!(waiting["conflicts"][1]["newer"]["id"], json!(first));
    assert_eq!((&alone["count"], &list["count"]), (&json!(0), &json!(1)));
    assert_eq!(list["conflicts"][0]["index"], 0);
}

#[tokio::test]
async fn each_action_does_what_its_name_says() {
    let left = |old, new| (json!(old), json!(new));
    for (action, expected) in [
        ("keep_old", left("active", "superseded")),
        ("keep_new", left("superseded", "active")),
        ("keep_both", left("active", "active")),
        ("remove_both", left("forgotten", "forgotten")),
        ("expire_old", left("expired", "active")),
        ("expire_new", left("active", "expired")),
        ("expire_both", left("expired", "expired")),
    ] {
        let (app, agent) = activated().await;
        let [old, new] = contradicted(&agent, "red").await;

        let done = resolve(&agent, json!({ "conflict_index": 0, "action": action })).await;

        assert_eq!((done.status, &done.body["status"]), (200, &json!("resolved")), "{action}");
        assert_eq!(done.body["action"], action);
        let status = async |id: &str| {
            let whole = json!({ "id": id, "versions": true });
            app.owner.ok("memory_get", whole).await["status"].clone()
        };
        assert_eq!((status(&old).await, status(&new).await), expected, "{action}");
        assert_eq!(listed(&agent).await["count"], 0, "{action}");
    }
}

#[tokio::test]
async fn a_manual_text_takes_the_place_of_both() {
    let (app, agent) = activated().await;
    let [old, _] = contradicted(&agent, "red").await;

    let manual = json!({
        "conflict_index": 0, "action": "manual", "manual_type": "decision",
        "manual_content": "Nobody has counted the boxes.",
    });
    let done = resolve(&agent, manual).await.body;

    assert_eq!((&done["deleted_old"], &done["deleted_new"]), (&json!(true), &json!(true)));
    let made = app.owner.ok("memory_get", json!({ "id": done["new_memory_id"] })).await;
    assert_eq!(made["content"], "Nobody has counted the boxes.");
    assert_eq!(made["type"], "decision");
    let old = app.owner.ok("memory_get", json!({ "id": old })).await;
    assert_eq!(old["status"], "superseded");
}

#[tokio::test]
async fn what_cannot_be_resolved_is_refused_and_leaves_nothing() {
    let (app, agent) = activated().await;
    contradicted(&agent, "red").await;

    for (body, status) in [
        (json!({ "conflict_index": 7, "action": "keep_old" }), 404),
        (json!({ "conflict_index": -1, "action": "keep_old" }), 400),
        (json!({ "action": "keep_old" }), 400),
        (json!({ "conflict_index": 0, "action": "burn" }), 400),
        (json!({ "conflict_index": 0, "action": "manual" }), 400),
        (json!({ "conflict_index": 0, "action": "keep_old", "date": "someday" }), 400),
    ] {
        let refused = leaving_nothing(&app, resolve(&agent, body.clone())).await;
        assert_eq!(refused.status, status, "{body}");
    }
}

#[tokio::test]
async fn a_day_limits_the_list_and_anothers_conflicts_are_not_in_it() {
    let (app, agent_of_path) = activated().await;
    contradicted(&agent_of_path, "red").await;
    let today = listed(&agent_of_path).await["date"].as_str().expect("a date").to_owned();
    let other = agent(&app, "other").await;

    let on = |day: &str| of_agent(&format!("conflicts?date={day}"));
    assert_eq!(get(&agent_of_path, &on(&today)).await.body["count"], 1);
    assert_eq!(get(&agent_of_path, &on("2020-01-01")).await.body["count"], 0);
    let theirs = get(&other, "/api/v2/agents/other/conflicts").await;
    assert_eq!((theirs.status, &theirs.body["count"]), (200, &json!(0)));
}
