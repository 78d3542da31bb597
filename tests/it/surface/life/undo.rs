//! After a key leaked or an agent went wrong: what it wrote is hidden, given back, or undone.

use futures_util::future::join_all;
use memoranda::identity::role::Role;
use serde_json::{Value, json};

use super::{cheap_key, count};
use crate::support::{Caller, TestApp};
use crate::surface::probe::{database, intact_chain, leaving_nothing, warm};

/// A team in which a rogue changed a memory, forgot one, and made a private and a plain one.
struct Wronged {
    app: TestApp,
    rogue: Caller,
    changed: String,
    lost: String,
    made: String,
    private: String,
}

fn id(answer: &Value) -> String {
    answer["id"].as_str().expect("an id").to_owned()
}

async fn remember(who: &Caller, content: &str) -> String {
    id(&who.ok("remember", json!({ "content": content })).await)
}

async fn wronged() -> Wronged {
    let app = warm().await;
    let rogue = app.key("Rogue", Role::Editor, &["read", "write"]).await;
    let changed = remember(&app.owner, "The heron nests in May.").await;
    let lost = remember(&app.owner, "The heron eats fish.").await;
    let wrong = json!({ "id": changed, "content": "The heron is a myth.", "tags": ["lie"] });
    rogue.ok("memory_update", wrong).await;
    rogue.ok("forget", json!({ "id": lost })).await;
    let made = remember(&rogue, "The heron owes me money.").await;
    let mine = json!({ "content": "Only I know the heron.", "visibility": "agent" });
    let private = id(&rogue.ok("remember", mine).await);
    Wronged { app, rogue, changed, lost, made, private }
}

impl Wronged {
    fn by_key(&self) -> Value {
        json!({ "key_id": self.rogue.key_id })
    }

    async fn herons(&self) -> Vec<String> {
        let found = self.app.owner.ok("recall", json!({ "query": "heron" })).await;
        let mut texts: Vec<String> = found["hits"]
            .as_array()
            .expect("hits")
            .iter()
            .map(|hit| hit["content"].as_str().expect("text").to_owned())
            .collect();
        texts.sort();
        texts
    }
}

#[tokio::test]
async fn what_a_rogue_wrote_is_hidden_at_once_from_everybody() {
    let team = wronged().await;
    let owner = &team.app.owner;

    let answer = owner.ok("author_quarantine", team.by_key()).await;

    assert_eq!((&answer["counts"]["quarantined"], &answer["dry_run"]), (&json!(4), &json!(false)));
    assert!(team.herons().await.is_empty());
    let brief = owner.ok("brief", json!({})).await;
    assert_eq!((&brief["memories"], &brief["recent"]), (&json!(0), &json!([])));
    for who in [owner, &team.rogue] {
        for id in [&team.changed, &team.lost, &team.made, &team.private] {
            for (name, arguments) in [
                ("memory_get", json!({ "id": id })),
                ("memory_get", json!({ "id": id, "versions": true })),
                ("memory_update", json!({ "id": id, "content": "x" })),
                ("forget", json!({ "id": id })),
                ("memory_expire", json!({ "id": id })),
                ("memory_restore", json!({ "id": id })),
            ] {
                assert_eq!(who.refused(name, arguments).await["code"], "NOT_FOUND", "{name}");
            }
        }
        assert_eq!(who.ok("recall", json!({})).await["count"], 0);
        assert_eq!(who.ok("recall", json!({ "status": "all" })).await["count"], 0);
        assert_eq!(who.ok("recall", json!({ "tags": ["lie"] })).await["count"], 0);
    }
}

#[tokio::test]
async fn a_release_restores_exactly_what_was() {
    let team = wronged().await;
    let state = |who: &Caller, id: &str| {
        let (who, id) = (who.clone(), id.to_owned());
        async move {
            let mut memory = who.ok("memory_get", json!({ "id": id, "versions": true })).await;
            for field in ["version", "versions", "updated_at"] {
                memory[field].take();
            }
            memory
        }
    };
    let all = [&team.changed, &team.lost, &team.made, &team.private];
    let before = join_all(all.map(|id| state(&team.rogue, id))).await;
    team.app.owner.ok("author_quarantine", team.by_key()).await;

    let answer = team.app.owner.ok("author_release", team.by_key()).await;

    assert_eq!(answer["counts"]["released"], 4);
    assert_eq!(join_all(all.map(|id| state(&team.rogue, id))).await, before);
    assert_eq!(before[1]["status"], "forgotten");
    assert_eq!(team.herons().await, ["The heron is a myth.", "The heron owes me money."]);
    let tagged = team.app.owner.ok("recall", json!({ "tags": ["lie"] })).await;
    assert_eq!(tagged["count"], 1);
}

#[tokio::test]
async fn a_released_memory_that_had_expired_has_expired_for_the_reason_it_had() {
    let team = wronged().await;
    let expire = json!({ "id": team.made, "reason": "stale" });
    team.app.owner.ok("memory_expire", expire.clone()).await;
    let before = team.app.owner.ok("memory_get", json!({ "id": team.made })).await;
    team.app.clock.advance(60_000);

    team.app.owner.ok("author_quarantine", team.by_key()).await;
    let hidden = team.app.owner.ok("recall", json!({ "query": "heron", "status": "all" })).await;
    team.app.owner.ok("author_release", team.by_key()).await;

    let after = team.app.owner.ok("memory_get", json!({ "id": team.made })).await;
    assert_eq!(hidden["count"], 0);
    assert_eq!(before["status"], "expired");
    for field in ["status", "expired_at", "expired_by", "content"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    let found = team.app.owner.ok("recall", json!({ "query": "money", "status": "expired" })).await;
    assert_eq!(found["count"], 1);
}

#[tokio::test]
async fn what_a_retired_agent_did_is_listed_and_undone_by_the_name_it_has_since() {
    let app = warm().await;
    let agent = app.key("Scout", Role::Editor, &["read", "write"]).await.acting_as("scout");
    remember(&agent, "By the scout.").await;
    app.owner.ok("agent_delete", json!({ "agent_id": "scout", "confirm": true })).await;
    let name = app.owner.team_events().await.iter().find_map(|event| {
        let name = event["agent"].as_str()?;
        name.starts_with("scout~").then(|| name.to_owned())
    });
    let by = json!({ "agent": name.expect("it acted") });

    let listed = app.owner.ok("my_activity", by.clone()).await;
    let answer = app.owner.ok("author_roll_back", by).await;

    assert_eq!(listed["events"][0]["operation"], "remember");
    assert_eq!(answer["counts"]["forgotten"], 1, "{answer}");
}

#[tokio::test]
async fn a_roll_back_brings_back_what_stood_before_quarantined_or_not() {
    for is_quarantined in [false, true] {
        let team = wronged().await;
        let owner = &team.app.owner;
        if is_quarantined {
            owner.ok("author_quarantine", team.by_key()).await;
        }

        let answer = owner.ok("author_roll_back", team.by_key()).await;

        let counts = json!({
            "quarantined": 0, "released": 0, "restored": 2, "forgotten": 2, "skipped": 0,
        });
        assert_eq!(answer["counts"], counts, "{answer}");
        assert_eq!(team.herons().await, ["The heron eats fish.", "The heron nests in May."]);
        let back = owner.ok("memory_get", json!({ "id": team.changed })).await;
        assert_eq!((&back["status"], &back["tags"]), (&json!("active"), &json!([])));
        assert_eq!(owner.ok("recall", json!({ "tags": ["lie"] })).await["count"], 0);
        let made = owner.ok("memory_get", json!({ "id": team.made, "versions": true })).await;
        assert_eq!(made["status"], "forgotten", "its versions are still there");
        team.rogue.refused("memory_get", json!({ "id": team.private })).await;
    }
}

#[tokio::test]
async fn a_dry_run_says_what_will_be_done_and_does_nothing() {
    for name in ["author_quarantine", "author_roll_back", "author_release"] {
        let team = wronged().await;
        if name == "author_release" {
            team.app.owner.ok("author_quarantine", team.by_key()).await;
        }
        let mut dry = team.by_key();
        dry["dry_run"] = json!(true);
        let versions = || count(&team.app, "memory_versions");
        let before = (versions(), team.herons().await);

        let said = leaving_nothing(&team.app, team.app.owner.ok(name, dry)).await;
        assert_eq!((versions(), team.herons().await), before);
        let done = team.app.owner.ok(name, team.by_key()).await;

        assert_eq!(said["dry_run"], true);
        assert_eq!(said["memories"].as_array().map(Vec::len), Some(4));
        for field in ["counts", "memories", "more", "not_undone"] {
            assert_eq!(said[field], done[field], "{name}: {field}");
        }
    }
}

#[tokio::test]
async fn an_undoing_leaves_one_event_and_a_second_one_changes_nothing() {
    let team = wronged().await;
    for name in ["author_quarantine", "author_release", "author_roll_back"] {
        let before = count(&team.app, "activity");

        team.app.owner.ok(name, team.by_key()).await;
        let event = team.app.owner.team_events().await[0].clone();
        let again = team.app.owner.ok(name, team.by_key()).await;

        assert_eq!(count(&team.app, "activity"), before + 1, "{name}");
        assert_eq!((&event["operation"], &event["object_kind"]), (&json!(name), &json!("key")));
        assert_eq!(event["object_id"], json!(team.rogue.key_id));
        assert_eq!(event["summary"]["ids"].as_array().map(Vec::len), Some(4), "{name}");
        assert_eq!(again["counts"]["skipped"], 4, "{again}");
    }
    assert!(!json!(team.app.owner.team_events().await).to_string().contains("heron"));
    intact_chain(&team.app.house).await;
}

#[tokio::test]
async fn what_somebody_else_has_changed_since_is_left_and_listed() {
    let team = wronged().await;
    let owner = &team.app.owner;
    owner.ok("memory_update", json!({ "id": team.changed, "content": "The heron moved." })).await;

    let answer = owner.ok("author_roll_back", team.by_key()).await;

    assert_eq!(answer["counts"]["skipped"], 1, "{answer}");
    let listed = answer["memories"].as_array().expect("a list");
    let left = listed.iter().find(|entry| entry["id"] == team.changed.as_str()).expect("listed");
    assert_eq!((&left["action"], &left["reason"]), (&json!("skip"), &json!("changed_since")));
    assert_eq!(team.herons().await, ["The heron eats fish.", "The heron moved."]);
}

#[tokio::test]
async fn the_content_of_a_private_memory_is_not_shown() {
    let team = wronged().await;

    let answer = team.app.owner.ok("author_quarantine", team.by_key()).await;

    assert!(!answer.to_string().contains("Only I know"), "{answer}");
    let listed = answer["memories"].as_array().expect("a list");
    let private = listed.iter().find(|entry| entry["id"] == team.private.as_str()).expect("listed");
    assert_eq!((private.get("title"), &private["action"]), (None, &json!("quarantine")));
}

#[tokio::test]
async fn the_acts_of_one_secret_of_a_key_are_undone_apart() {
    let app = warm().await;
    let key = app.key("Builder", Role::Editor, &["read", "write"]).await;
    let id = key.key_id.clone();
    let leaked = remember(&key, "By whoever found the secret.").await;
    let fresh = app.owner.ok("key_rotate", json!({ "key_id": id, "overlap_hours": 1 })).await;
    let rotated = app.with_key(fresh["key"].as_str().expect("a key"));
    let honest = remember(&rotated, "By whoever was given the new one.").await;
    let overlap = remember(&key, "Again with the old one.").await;

    let shown = app.owner.ok("key_show", json!({ "key_id": id })).await;
    let by_old = json!({ "key_id": id, "key_generation": 1 });
    let listed = app.owner.ok("my_activity", by_old.clone()).await;
    let answer = app.owner.ok("author_roll_back", by_old).await;

    assert_eq!((&shown["generation"], &fresh["generation"]), (&json!(2), &json!(2)));
    let acts = listed["events"].as_array().expect("events").iter();
    let kept: Vec<&Value> =
        acts.filter(|event| event["operation"] == "remember").map(|e| &e["object_id"]).collect();
    assert_eq!(kept, [&json!(overlap), &json!(leaked)]);
    assert_eq!(answer["counts"]["forgotten"], 2, "{answer}");
    app.owner.ok("memory_get", json!({ "id": honest })).await;
    for gone in [leaked, overlap] {
        app.owner.refused("memory_get", json!({ "id": gone })).await;
    }
}

#[tokio::test]
async fn an_agents_acts_are_undone_in_a_period_and_its_other_acts_are_counted() {
    let app = warm().await;
    let agent = app.key("Boss", Role::Admin, &["read", "write", "admin"]).await.acting_as("boss");
    let early = remember(&agent, "Before.").await;
    app.clock.advance(60_000);
    let late = remember(&agent, "After.").await;
    agent.ok("key_create", json!({ "title": "Backdoor", "role": "viewer" })).await;
    agent.ok("key_create", json!({ "title": "Another", "role": "viewer" })).await;

    let period = json!({ "agent": "boss", "after": "2026-11-22T09:00:30Z" });
    let answer = app.owner.ok("author_roll_back", period).await;

    assert_eq!(
        (&answer["counts"]["forgotten"], &answer["memories"][0]["id"]),
        (&json!(1), &json!(late))
    );
    assert_eq!(answer["not_undone"], json!([{ "operation": "key_create", "count": 2 }]));
    app.owner.ok("memory_get", json!({ "id": early })).await;
}

#[tokio::test]
async fn what_a_rogue_admin_hid_is_undone_too() {
    let app = warm().await;
    let rogue = app.key("Rogue", Role::Admin, &["read", "write", "admin"]).await;
    let good = app.key("Good", Role::Editor, &["read", "write"]).await;
    let memory = remember(&good, "True.").await;
    rogue.ok("author_quarantine", json!({ "key_id": good.key_id })).await;

    let answer = app.owner.ok("author_roll_back", json!({ "key_id": rogue.key_id })).await;

    assert_eq!(answer["counts"]["restored"], 1, "{answer}");
    assert_eq!(app.owner.ok("memory_get", json!({ "id": memory })).await["status"], "active");
    let others = answer["not_undone"].to_string();
    assert!(others.contains("author_quarantine"), "{others}");
}

#[tokio::test]
async fn a_key_that_was_deleted_can_still_be_undone() {
    let team = wronged().await;
    let delete = json!({ "key_id": team.rogue.key_id, "confirm": true });
    team.app.owner.ok("key_delete", delete).await;

    let answer = team.app.owner.ok("author_quarantine", team.by_key()).await;

    assert_eq!(answer["counts"]["quarantined"], 4);
}

#[tokio::test]
async fn more_memories_than_a_unit_takes_are_refused_and_a_shorter_period_is_not() {
    let app = warm().await;
    let key = app.key("Flood", Role::Editor, &["read", "write"]).await;
    let one = remember(&key, "One.").await;
    let ten_thousand = "WITH RECURSIVE n(n) AS
        (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10000)";
    database(&app)
        .execute_batch(&format!(
            "CREATE TEMP TABLE m AS {ten_thousand}
                 SELECT memories.* FROM memories, n WHERE memory_id = '{one}';
             UPDATE m SET entry = 100 + rowid, memory_id = 'mem_' || printf('%026d', rowid),
                          change_number = 100 + rowid;
             INSERT INTO memories SELECT * FROM m;
             CREATE TEMP TABLE v AS {ten_thousand}
                 SELECT memory_versions.* FROM memory_versions, n WHERE memory_id = '{one}';
             UPDATE v SET memory_id = 'mem_' || printf('%026d', rowid),
                          changed_at = changed_at + rowid;
             INSERT INTO memory_versions SELECT * FROM v;"
        ))
        .expect("flooded");

    let refusal = app.owner.refused("author_quarantine", json!({ "key_id": key.key_id })).await;
    let first = json!({ "key_id": key.key_id, "before": "2026-11-22T09:00:00.020Z", "limit": 5 });
    let answer = app.owner.ok("author_quarantine", first).await;

    assert_eq!(refusal["code"], "TOO_LARGE");
    assert!(refusal["fix"].as_str().is_some_and(|fix| fix.contains("`before`")));
    assert_eq!((&answer["counts"]["quarantined"], &answer["more"]), (&json!(21), &json!(true)));
    assert_eq!(answer["memories"].as_array().map(Vec::len), Some(5));
}

#[tokio::test]
async fn one_author_must_be_named_and_be_there() {
    let app = warm().await;
    for (arguments, code, field) in [
        (json!({}), "INVALID_ARGUMENT", json!("agent")),
        (json!({ "agent": "a", "key_id": "abcdefghijkl" }), "INVALID_ARGUMENT", json!("agent")),
        (json!({ "agent": "a", "key_generation": 1 }), "INVALID_ARGUMENT", json!("key_generation")),
        (json!({ "agent": "a", "after": "soon" }), "INVALID_ARGUMENT", json!("after")),
        (json!({ "agent": "nobody" }), "NOT_FOUND", Value::Null),
        (json!({ "key_id": "abcdefghijkl" }), "NOT_FOUND", Value::Null),
    ] {
        let refusal = app.owner.refused("author_roll_back", arguments.clone()).await;

        assert_eq!(refusal["code"], code, "{arguments}");
        assert_eq!(refusal["details"]["fields"][0]["field"], field, "{arguments}");
    }
}

#[tokio::test]
async fn nothing_of_a_revoked_key_is_seen_after_its_quarantine_whatever_was_in_flight() {
    let app = warm().await;
    for round in 0..60 {
        let key = cheap_key(&app).await;
        key.ok("whoami", json!({})).await;
        let arguments = json!({ "key_id": key.key_id });
        let undoing = async {
            app.owner.ok("key_revoke", arguments.clone()).await;
            app.owner.ok("author_quarantine", arguments.clone()).await
        };
        let writing = join_all((0..4).map(|writer| {
            let body = json!({ "content": format!("Round {round}, writer {writer}.") });
            key.rest(reqwest::Method::POST, "/v1/memories", Some(body))
        }));

        let (answer, written) = tokio::join!(undoing, writing);

        let kept = written.iter().filter(|reply| reply.status == 201).count();
        let refused = written.iter().filter(|reply| reply.status == 401).count();
        assert_eq!(kept + refused, 4);
        assert_eq!(answer["counts"]["quarantined"], json!(kept), "each was kept before, or never");
        assert_eq!(app.owner.ok("recall", json!({})).await["count"], 0);
    }
}
