//! Nothing crosses from one team to another, not even that something exists.

use memoranda::ops::{CATALOGUE, Entry};
use serde_json::{Value, json};

use super::cases::{self, Objects};
use super::probe::{self, Raw, mcp_call, rest_call};
use crate::support::{Caller, TestApp};

/// Two teams that have each been at work; the second one's objects are named in its texts.
async fn two_teams() -> (TestApp, Caller, Objects) {
    let app = probe::warm().await;
    let (_, other) = app.other_team("heron").await;
    let other = other.acting_as("heron-agent");
    other.ok("agent_register", json!({ "display_name": "Heron", "type": "coder" })).await;
    other.activated("heron-agent").await;
    let details = json!({ "content": "The heron stands.", "tags": ["heron"], "type": "goal" });
    let kept = other.ok("remember", details).await;
    other.ok("remember", json!({ "content": "The heron's nest has 3 eggs." })).await;
    let doubted = other.ok("remember", json!({ "content": "The heron's nest has 4 eggs." })).await;
    let made = other.ok("key_create", json!({ "title": "Heron key" })).await;
    app.owner.ok("remember", json!({ "content": "The owl flies." })).await;
    let who = json!({ "email": "heron@example.org", "display_name": "Heron" });
    let invited = other.ok("member_invite", who).await;
    let about = json!({ "statement": "Heron first.", "type": "VISION" });
    let node = other.ok("strategy_node_create", about).await;
    other.ok("task_create", json!({ "statement": "Feed the heron." })).await;
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let objects = Objects {
        memory: text(&kept["id"]),
        expired: text(&kept["id"]),
        proposal: text(&kept["id"]),
        conflict: text(&doubted["conflicts"][0]["id"]),
        task: cases::task(&app, "heron", 1, "PLANNED"),
        held_task: cases::task(&app, "heron", 2, "IN_PROGRESS"),
        finished_task: cases::task(&app, "heron", 3, "IN_REVIEW"),
        key_id: text(&made["key_id"]),
        idle_key_id: text(&made["key_id"]),
        agent: "heron-agent".to_owned(),
        active_agent: "heron-agent".to_owned(),
        member: text(&invited["member_id"]),
        node: text(&node["id"]),
        secret_values: "reject",
        title: "The owl".to_owned(),
    };
    (app, other, objects)
}

/// What an operation answers about such objects, over both surfaces.
async fn answers(caller: &Caller, entry: &Entry, on: &Objects) -> [String; 2] {
    let arguments = cases::arguments(entry, on);
    let rest = Raw::of(rest_call(caller, entry, &arguments)).await;
    let mcp = Raw::of(mcp_call(caller, entry.spec.name, &arguments)).await;
    [rest.comparable(), mcp.comparable()]
}

#[tokio::test]
async fn anothers_object_is_answered_for_in_the_bytes_of_a_missing_one() {
    let (app, _, theirs) = two_teams().await;
    let mut tried = 0;

    for entry in CATALOGUE.iter().filter(|entry| cases::id_field(entry).is_some()) {
        let about_theirs = probe::leaving_nothing(&app, answers(&app.owner, entry, &theirs)).await;
        let about_none = answers(&app.owner, entry, &Objects::missing()).await;
        let about_nonsense = answers(&app.owner, entry, &Objects::malformed()).await;

        assert!(about_theirs[0].contains("NOT_FOUND"), "{}", about_theirs[0]);
        assert_eq!(about_theirs, about_none, "{}", entry.spec.name);
        assert_eq!(about_nonsense, about_none, "{}", entry.spec.name);
        tried += 1;
    }

    assert!(tried >= 4, "the catalogue has operations on one object");
}

#[tokio::test]
async fn an_object_of_another_team_stays_as_it_was() {
    let (app, other, theirs) = two_teams().await;
    let before = other.ok("memory_get", json!({ "id": theirs.memory, "versions": true })).await;

    for entry in CATALOGUE.iter().filter(|entry| cases::id_field(entry).is_some()) {
        answers(&app.owner, entry, &theirs).await;
    }

    let after = other.ok("memory_get", json!({ "id": theirs.memory, "versions": true })).await;
    assert_eq!(after, before);
    let keys = other.ok("key_list", json!({})).await;
    assert!(keys["keys"].as_array().expect("keys").iter().all(|key| key["status"] == "active"));
}

#[tokio::test]
async fn no_list_shows_anything_of_another_team() {
    let (app, other, theirs) = two_teams().await;
    let members = probe::database(&app)
        .query_row(
            "SELECT team_id || ' ' || member_id FROM members JOIN teams USING (team_id)
                    WHERE slug = 'heron'",
            [],
            |row| row.get::<_, String>(0),
        )
        .expect("a member");
    let their_key = other.key.as_deref().expect("a key");
    let mut marks: Vec<&str> = members.split(' ').collect();
    marks.extend(["heron", "Heron", &theirs.memory, &theirs.key_id, &their_key[5..17]]);

    for (name, arguments) in [
        ("whoami", json!({})),
        ("recall", json!({})),
        ("recall", json!({ "query": "heron stands" })),
        ("recall", json!({ "tags": ["heron"] })),
        ("recall", json!({ "agents": ["heron-agent"] })),
        ("memory_list", json!({ "status": "all" })),
        ("memory_list", json!({ "changed_since": "2026-11-01", "query": "heron" })),
        ("memory_list", json!({ "as_of": "2026-11-30", "tags": ["heron"] })),
        ("agent_list", json!({})),
        ("brief", json!({})),
        ("strategy_tree", json!({})),
        ("strategy_node_search", json!({ "query": "heron" })),
        ("task_list", json!({})),
        ("task_list", json!({ "assignee": "heron-agent", "query": "heron" })),
        ("my_activity", json!({ "team": true, "limit": 100 })),
        ("key_list", json!({})),
        ("session_list", json!({ "all": true })),
    ] {
        let entry = memoranda::ops::find(name).expect("an operation");
        let rest = Raw::of(rest_call(&app.owner, entry, &arguments)).await;
        let mcp = Raw::of(mcp_call(&app.owner, name, &arguments)).await;

        assert_eq!((rest.status, mcp.status), (200, 200), "{name}: {}", rest.text);
        for mark in &marks {
            assert!(!rest.text.contains(mark), "{name} shows {mark}: {}", rest.text);
            assert!(!mcp.text.contains(mark), "{name} shows {mark}: {}", mcp.text);
        }
    }
}

#[tokio::test]
async fn the_brief_as_a_resource_shows_the_callers_team_alone() {
    let (app, other, _) = two_teams().await;
    let read = json!({
        "jsonrpc": "2.0", "id": 1, "method": "resources/read",
        "params": { "uri": "memoranda://brief" },
    });

    let ours = app.owner.mcp(read.clone()).await.body.to_string();
    let theirs = other.mcp(read).await.body.to_string();

    assert!(ours.contains("The owl flies.") && !ours.to_lowercase().contains("heron"), "{ours}");
    assert!(theirs.contains("The heron stands.") && !theirs.contains("owl"), "{theirs}");
}

#[tokio::test]
async fn filtering_by_anothers_id_finds_what_filtering_by_none_finds() {
    let (app, other, theirs) = two_teams().await;
    let seen = other.ok("my_activity", json!({ "object_id": theirs.memory })).await;
    assert_eq!(seen["count"], 1);

    for object in [&theirs.memory, &Objects::missing().memory] {
        let arguments = json!({ "team": true, "object_id": object });
        let found = app.owner.ok("my_activity", arguments).await;

        assert_eq!(found, json!({ "events": [], "count": 0 }));
    }
}

#[tokio::test]
async fn a_cursor_of_another_team_is_refused() {
    let (app, other, _) = two_teams().await;
    let page = other.ok("my_activity", json!({ "team": true, "limit": 1 })).await;
    let cursor = page["next_cursor"].as_str().expect("there is more");

    let arguments = json!({ "team": true, "limit": 1, "cursor": cursor });
    let refusal = app.owner.refused("my_activity", arguments.clone()).await;
    let entry = memoranda::ops::find("my_activity").expect("an operation");
    let by_rest = Raw::of(rest_call(&app.owner, entry, &arguments)).await;

    assert_eq!(refusal["code"], "INVALID_ARGUMENT");
    assert_eq!(refusal["details"]["fields"][0]["field"], "cursor");
    assert_eq!((by_rest.status, by_rest.code().as_str()), (400, "INVALID_ARGUMENT"));
    other.ok("my_activity", arguments).await;
}

#[tokio::test]
async fn two_teams_may_have_agents_and_keys_of_the_same_name() {
    let (app, other, _) = two_teams().await;
    let ours = app.owner.acting_as("heron-agent");

    let who = ours.ok("whoami", json!({})).await;
    app.key_with("Heron key", json!({})).await;

    assert_eq!(who["team"], "local");
    assert_eq!(who["agent"]["display_name"].as_str().map(str::len), Some(12));
    assert_eq!(other.ok("whoami", json!({})).await["agent"]["display_name"], "Heron");
}
