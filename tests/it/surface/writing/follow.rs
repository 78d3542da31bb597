//! What `recall` finds beside its hits, by the links between memories.

use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::kept;
use crate::support::{Caller, TestApp};
use crate::surface::probe::{leaving_nothing, warm};

const ALL: [&str; 2] = ["read", "write"];

async fn link(caller: &Caller, from: &Value, relation: &str, to: &Value) {
    caller.ok("link_add", json!({ "id": from, "type": relation, "to": to })).await;
}

async fn link_away(caller: &Caller, from: &Value, relation: &str, to: &Value) {
    caller.ok("link_remove", json!({ "id": from, "type": relation, "to": to })).await;
}

/// What follows the hits: ids with the link by which each was reached.
fn followed(answer: &Value) -> Vec<(Value, Value)> {
    let hits = answer["hits"].as_array().expect("hits");
    let followed = hits.iter().filter(|hit| !hit["via"].is_null());
    followed.map(|hit| (hit["id"].clone(), hit["via"].clone())).collect()
}

fn via(hit: &Value, relation: &str, direction: &str) -> Value {
    json!({ "id": hit, "relation": relation, "direction": direction })
}

/// A heron that a count supports, and that an owl has to do with.
async fn linked() -> (TestApp, Value, Value, Value) {
    let app = warm().await;
    let heron = kept(&app.owner, "The heron nests here.").await;
    let count = kept(&app.owner, "Three nests were counted in May.").await;
    let owl = kept(&app.owner, "An owl hunts at night.").await;
    link(&app.owner, &count, "supports", &heron).await;
    link(&app.owner, &heron, "relates_to", &owl).await;
    (app, heron, count, owl)
}

#[tokio::test]
async fn what_hangs_on_a_hit_comes_after_it_and_says_by_which_link() {
    let (app, heron, count, owl) = linked().await;
    let asked = json!({ "query": "heron", "follow": ["all"] });

    let (_, by_mcp) = app.owner.tool("recall", asked.clone()).await;
    let by_rest = app.owner.rest(Method::POST, "/v1/recall", Some(asked)).await.body;
    let plain = app.owner.ok("recall", json!({ "query": "heron" })).await;

    assert_eq!(by_mcp, by_rest);
    assert_eq!((&plain["count"], followed(&plain)), (&json!(1), vec![]));
    assert_eq!((&by_rest["count"], &by_rest["hits"][0]["id"]), (&json!(3), &heron));
    let expected = vec![
        (owl, via(&heron, "relates_to", "outgoing")),
        (count, via(&heron, "supports", "incoming")),
    ];
    let mut found = followed(&by_rest);
    found.sort_by_key(|(_, via)| via["direction"] == "incoming");
    assert_eq!(found, expected);
    assert_eq!(
        (&by_rest["hits"][1]["score"], &by_rest["hits"][1]["why"]),
        (&json!(0.0), &json!({}))
    );
}

#[tokio::test]
async fn only_the_named_relations_are_followed() {
    let (app, heron, count, _) = linked().await;
    let ask = |relations: &[&str]| json!({ "query": "heron", "follow": relations });

    let supports = app.owner.ok("recall", ask(&["supports", "derives_from"])).await;
    let none = app.owner.ok("recall", ask(&["contradicts"])).await;
    let refused = app.owner.refused("recall", ask(&["likes"])).await;

    assert_eq!(followed(&supports), [(count, via(&heron, "supports", "incoming"))]);
    assert_eq!(followed(&none), []);
    assert_eq!(refused["details"]["fields"][0]["field"], "follow[0]");
}

#[tokio::test]
async fn a_memory_that_is_a_hit_itself_comes_once() {
    let (app, heron, ..) = linked().await;
    let other = kept(&app.owner, "The heron fishes at dawn.").await;
    link(&app.owner, &other, "relates_to", &heron).await;
    link(&app.owner, &other, "supports", &heron).await;

    let found = app.owner.ok("recall", json!({ "query": "heron", "follow": ["all"] })).await;

    let ids: Vec<&Value> =
        found["hits"].as_array().expect("hits").iter().map(|hit| &hit["id"]).collect();
    assert_eq!(ids.len(), 4, "{ids:?}");
    assert_eq!(ids.iter().filter(|id| ***id == other).count(), 1);
}

#[tokio::test]
async fn at_most_as_many_follow_as_hits_were_asked_for() {
    let (app, heron, ..) = linked().await;
    for number in 0..4 {
        let other = kept(&app.owner, &format!("Visit {number} of the warden.")).await;
        link(&app.owner, &other, "derives_from", &heron).await;
    }

    let ask = json!({ "query": "heron", "follow": ["all"], "limit": 2 });
    let found = app.owner.ok("recall", ask).await;

    assert_eq!((&found["count"], followed(&found).len()), (&json!(3), 2));
}

#[tokio::test]
async fn what_is_retired_forgotten_or_anothers_own_is_not_reached() {
    let (app, heron, count, owl) = linked().await;
    let other = app.key("Other", Role::Editor, &ALL).await;
    let own = json!({ "content": "A note to myself.", "visibility": "agent" });
    let own = other.ok("remember", own).await["id"].clone();
    link(&other, &own, "supports", &heron).await;
    let new = json!({ "content": "Four nests were counted.", "supersedes": [count] });
    app.owner.ok("remember", new).await;
    app.owner.ok("forget", json!({ "id": owl })).await;
    let ask = json!({ "query": "heron", "follow": ["all"] });

    let by_owner = app.owner.ok("recall", ask.clone()).await;
    let by_other = other.ok("recall", ask.clone()).await;
    let (_, elsewhere) = app.other_team("other").await;
    let by_stranger = elsewhere.ok("recall", ask).await;

    assert_eq!(followed(&by_owner), []);
    assert_eq!(followed(&by_other), [(own, via(&heron, "supports", "incoming"))]);
    assert_eq!(by_stranger["count"], 0);
}

#[tokio::test]
async fn what_is_looked_for_binds_the_hits_alone_but_their_status_binds_all() {
    let (app, heron, count, _) = linked().await;
    let new = json!({ "content": "Four nests were counted.", "supersedes": [count] });
    app.owner.ok("remember", new).await;
    let typed = json!({ "content": "A heron day.", "type": "event", "tags": ["day"] });
    let day = app.owner.ok("remember", typed).await["id"].clone();
    link(&app.owner, &day, "relates_to", &heron).await;

    let ask = json!({ "query": "heron", "tags": ["day"], "follow": ["all"] });
    let of_day = app.owner.ok("recall", ask).await;
    let ask = json!({ "query": "heron", "status": "all", "follow": ["supports"] });
    let of_all = app.owner.ok("recall", ask).await;

    assert_eq!(followed(&of_day), [(heron.clone(), via(&day, "relates_to", "outgoing"))]);
    assert_eq!(followed(&of_all), [(count, via(&heron, "supports", "incoming"))]);
}

#[tokio::test]
async fn a_budget_of_tokens_and_versions_hold_for_what_follows_too() {
    let (app, ..) = linked().await;

    let ask = json!({ "query": "heron", "follow": ["all"], "max_tokens": 200 });
    let short = app.owner.ok("recall", ask).await;
    let ask = json!({ "query": "heron", "follow": ["all"], "include_history": true });
    let whole = app.owner.ok("recall", ask).await;

    assert_eq!((&short["more"], &whole["more"]), (&json!(true), &json!(false)));
    assert!(short["count"].as_u64() < whole["count"].as_u64(), "{short}");
    for hit in whole["hits"].as_array().expect("hits") {
        assert_eq!(hit["history"][0]["content"], hit["content"]);
    }
}

#[tokio::test]
async fn links_have_no_past() {
    let (app, ..) = linked().await;

    let ask = json!({ "as_of": "2026-11-22", "follow": ["all"] });
    let refused = leaving_nothing(&app, app.owner.refused("recall", ask)).await;

    assert_eq!(refused["details"]["fields"][0]["field"], "follow");
}

#[tokio::test]
async fn a_hit_says_which_node_or_task_it_speaks_for_or_against() {
    let (app, heron, ..) = linked().await;
    let owner = &app.owner;
    let goal = json!({ "statement": "Protect the river birds.", "type": "OBJECTIVE" });
    let goal = owner.ok("strategy_node_create", goal).await["id"].clone();
    let task = json!({ "statement": "Drain the marsh." });
    let task = owner.ok("task_create", task).await["id"].clone();
    link(owner, &heron, "supports", &goal).await;
    link(owner, &heron, "contradicts", &task).await;

    let found = owner.ok("recall", json!({ "query": "heron", "follow": ["all"] })).await;
    let listed = owner.ok("recall", json!({ "tags": [] })).await;
    let past = owner.ok("recall", json!({ "as_of": "2200-01-01" })).await;

    let work = json!([
        { "id": task, "relation": "contradicts", "statement": "Drain the marsh." },
        { "id": goal, "relation": "supports", "statement": "Protect the river birds." },
    ]);
    assert_eq!((&found["hits"][0]["id"], &found["hits"][0]["work"]), (&heron, &work));
    let with_work = |answer: &Value| -> Vec<Value> {
        let hits = answer["hits"].as_array().expect("hits");
        hits.iter().filter(|hit| hit.get("work").is_some()).map(|hit| hit["id"].clone()).collect()
    };
    assert_eq!(with_work(&found), vec![heron.clone()]);
    assert_eq!(with_work(&listed), vec![heron.clone()]);
    assert_eq!((past["count"].as_u64(), with_work(&past)), (Some(3), vec![]));
    link_away(owner, &heron, "supports", &goal).await;
    link_away(owner, &heron, "contradicts", &task).await;
    let found = owner.ok("recall", json!({ "query": "heron" })).await;
    assert_eq!(with_work(&found), Vec::<Value>::new());
}
