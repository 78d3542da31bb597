//! An export in another team: what is taken, what is known, what is refused.

use memoranda::identity::role::Role;
use serde_json::{Value, json};

use super::{exported, import, memories};
use crate::support::{Caller, TestApp};

/// A team with agents, versions, private and forgotten memories; and the owner of another.
async fn two_teams() -> (TestApp, Caller) {
    let app = TestApp::start().await;
    let ada = app.owner.acting_as("ada");
    let tea =
        json!({ "content": "Tea.", "tags": ["drinks"], "confidence": 0.123_456_789_012_345_6 });
    let kept = ada.ok("remember", tea).await;
    app.clock.advance(1000);
    ada.ok("memory_update", json!({ "id": kept["id"], "content": "Green tea." })).await;
    let mine = json!({ "content": "Mine alone.", "visibility": "agent" });
    ada.ok("remember", mine).await;
    let bo = app.key("Bo", Role::Editor, &["read", "write"]).await.acting_as("bo");
    let lost = bo.ok("remember", json!({ "content": "Milk." })).await;
    app.clock.advance(1000);
    bo.ok("forget", json!({ "id": lost["id"] })).await;
    let (_, other) = app.other_team("other").await;
    (app, other)
}

fn with_forgotten() -> Value {
    json!({ "with_forgotten": true })
}

#[tokio::test]
async fn an_empty_team_gets_the_same_ids_versions_times_and_authors() {
    let (app, other) = two_teams().await;
    let all = exported(&app.owner, with_forgotten()).await;

    let answer = import(&other, "whole", &all).await;

    assert_eq!(answer["refused"], json!([]));
    // The team's policies are those that every team begins with.
    assert_eq!((&answer["taken"], &answer["known"]), (&json!(all.len() - 1), &json!(1)));
    let there = exported(&other, with_forgotten()).await;
    let of = |records: &[Value], kind: &str| -> Vec<Value> {
        records.iter().filter(|record| record["record"] == kind).cloned().collect()
    };
    assert_eq!(of(&there, "memory"), of(&all, "memory"));
    for agent in of(&all, "agent") {
        assert!(there.contains(&agent), "{agent}");
    }
    // The first team's trail stands beside the second's own.
    for event in of(&all, "activity") {
        assert!(there.contains(&event), "{event}");
    }
    let found = other.ok("recall", json!({ "query": "green tea" })).await;
    assert_eq!(found["hits"][0]["author"]["agent"], "ada");
    for team in [&app.owner, &other] {
        assert_eq!(team.ok("activity_verify", json!({})).await["is_intact"], true);
    }
}

#[tokio::test]
async fn what_is_there_already_is_known_and_changes_nothing() {
    let (app, other) = two_teams().await;
    let all = exported(&app.owner, with_forgotten()).await;
    import(&other, "first", &all).await;
    let before = memories(&other).await;

    let answer = import(&other, "second", &all).await;
    let own = import(&app.owner, "own", &all).await;

    assert_eq!((&answer["known"], &answer["taken"]), (&json!(all.len()), &json!(0)));
    assert_eq!(answer["refused"], json!([]));
    assert_eq!(memories(&other).await, before);
    assert_eq!((&own["known"], &own["taken"]), (&json!(all.len()), &json!(0)));
}

#[tokio::test]
async fn a_memory_that_differs_is_refused_and_the_rest_goes_on() {
    let (app, other) = two_teams().await;
    let all = memories(&app.owner).await;
    import(&other, "first", &all[..1]).await;
    let mut changed = all.clone();
    changed[0]["versions"][0]["statement"]["content"] = json!("Coffee.");

    let answer = import(&other, "second", &changed).await;

    assert_eq!(answer["taken"], 2);
    assert_eq!(answer["refused"][0]["place"], 0);
    assert_eq!(answer["refused"][0]["rule"], "is here already, with other versions");
    assert_eq!(memories(&other).await[0], all[0]);
}

#[tokio::test]
async fn what_was_erased_for_good_is_not_brought_back() {
    let (app, other) = two_teams().await;
    let all = memories(&app.owner).await;
    import(&other, "first", &all).await;
    let erase = json!({ "ids": [all[0]["id"]], "reason": "asked", "confirm": true });
    other.ok("memory_erase", erase).await;

    let answer = import(&other, "second", &all).await;

    assert_eq!(answer["refused"][0]["rule"], "was erased here for good");
    assert_eq!(memories(&other).await.len(), all.len() - 1);
}

#[tokio::test]
async fn an_agent_whose_name_is_taken_keeps_its_memories_and_cannot_act() {
    let (app, other) = two_teams().await;
    other.acting_as("ada").ok("remember", json!({ "content": "Their own." })).await;
    let all = exported(&app.owner, with_forgotten()).await;

    let answer = import(&other, "whole", &all).await;

    assert_eq!(answer["refused"], json!([]));
    let agents = exported(&other, json!({ "parts": ["agents"] })).await;
    let adas: Vec<&Value> = agents
        .iter()
        .filter(|agent| agent["slug"].as_str().is_some_and(|slug| slug.starts_with("ada")))
        .collect();
    assert_eq!(adas.len(), 2);
    let aside = adas.iter().find(|agent| agent["slug"] != "ada").expect("set aside");
    assert_eq!(aside["status"], "blocked");
    // Nobody of this team sees what the other ada kept to herself.
    let found = other.acting_as("ada").ok("recall", json!({ "query": "alone" })).await;
    assert_eq!(found["hits"], json!([]));
}

#[tokio::test]
async fn an_agent_that_only_a_memory_names_waits_to_be_approved() {
    let (app, other) = two_teams().await;
    let all = memories(&app.owner).await;

    import(&other, "memories", &all).await;

    let agents = exported(&other, json!({ "parts": ["agents"] })).await;
    let ada = agents.iter().find(|agent| agent["slug"] == "ada").expect("there");
    assert_eq!(ada["status"], "pending");
    assert_eq!(memories(&other).await, all);
}

#[tokio::test]
async fn whoever_is_no_admin_takes_the_text_and_forges_neither_author_nor_time() {
    let (app, other) = two_teams().await;
    let all = exported(&app.owner, with_forgotten()).await;
    let body = json!({ "title": "Editor", "role": "editor", "scopes": ["read", "write"] });
    let made = other.rest(reqwest::Method::POST, "/v1/keys", Some(body)).await;
    let editor = app.with_key(made.body["key"].as_str().expect("a key")).acting_as("eve");

    let answer = import(&editor, "whole", &all).await;

    let here = memories(&other).await;
    assert_eq!((&answer["taken"], here.len()), (&json!(2), 2), "{answer}");
    assert_eq!(answer["refused"].as_array().expect("a list").len(), all.len() - 2);
    let tea = here
        .iter()
        .find(|memory| memory["versions"][0]["statement"]["content"] == "Green tea.")
        .expect("there");
    let original = all.iter().find(|record| record["record"] == "memory").expect("one");
    assert_ne!(tea["id"], original["id"]);
    assert_eq!(tea["author"]["agent"], "eve");
    assert_eq!(tea["versions"].as_array().expect("versions").len(), 1);
    let statement = &tea["versions"][0]["statement"];
    assert_eq!(statement["provenance"], "imported");
    assert_eq!(statement["source"], "memoranda");
    let id = original["id"].as_str().expect("an id");
    assert_eq!(statement["source_ref"], format!("{id} by ada"));
    let events = exported(&other, json!({ "parts": ["activity"] })).await;
    let team = &events.last().expect("its own")["team"];
    assert!(events.iter().all(|event| event["team"] == *team), "nobody's trail but its own");
}

#[tokio::test]
async fn a_viewers_import_is_proposed() {
    let app = TestApp::start().await;
    let viewer = app.key("Viewer", Role::Viewer, &["read", "write"]).await.acting_as("eve");

    import(&viewer, "notes", &super::drafts(1)).await;

    let here = memories(&app.owner).await;
    assert_eq!(here[0]["versions"][0]["status"], "proposed");
    assert_eq!(here[0]["is_accepted"], false);
}

#[tokio::test]
async fn records_that_no_export_holds_are_refused_one_by_one() {
    let (app, other) = two_teams().await;
    let all = exported(&app.owner, with_forgotten()).await;
    let of = |kind: &str| all.iter().find(|record| record["record"] == kind).expect("one").clone();
    let with = |kind: &str, path: &str, value: Value| {
        let mut record = of(kind);
        *record.pointer_mut(path).expect("a field") = value;
        record
    };
    let mut unknown = of("memory");
    unknown["colour"] = json!("red");
    let wrong = [
        unknown,
        with("memory", "/id", json!("mem_1")),
        with("memory", "/versions", json!([])),
        with("memory", "/versions/0/version", json!(2)),
        with("memory", "/versions/0/changed_at", json!("2020-01-01T00:00:00Z")),
        with("memory", "/versions/0/statement/confidence", json!(7)),
        with("memory", "/versions/0/statement/content", json!("x".repeat(10_001))),
        with("memory", "/versions/0/statement/tags", json!(["#no"])),
        with("memory", "/versions/0/changed_by/credential_kind", json!("crown")),
        with("memory", "/is_accepted", json!(false)),
        with("agent", "/slug", json!("no slug")),
        with("agent", "/status", json!("king")),
        with("team", "/trust", json!("crown")),
        with("team", "/secret_values", json!("show")),
        with("activity", "/operation", json!("key_revoke")),
        with("activity", "/team", json!("a:b")),
        json!({ "record": "draft", "content": " " }),
        json!({ "record": "draft" }),
        json!({}),
    ];

    let answer = import(&other, "wrong", &wrong).await;

    let refused = answer["refused"].as_array().expect("a list");
    let places: Vec<u64> =
        refused.iter().map(|one| one["place"].as_u64().expect("a place")).collect();
    assert_eq!(places, (0..wrong.len() as u64).collect::<Vec<_>>(), "{answer:#}");
    assert!(memories(&other).await.is_empty());
}
