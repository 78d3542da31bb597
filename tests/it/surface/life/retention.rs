//! How long memories stay: policies that let them expire, and what is erased for good.

use futures_util::future::join_all;
use memoranda::identity::role::Role;
use serde_json::{Value, json};

use super::{cheap_key, count};
use crate::support::{Caller, TestApp};
use crate::surface::probe::{assert_own_words, database, intact_chain, leaving_nothing, warm};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Remembers something, as a fact unless said otherwise.
async fn kept(who: &Caller, mut memory: Value) -> String {
    if memory["type"].is_null() {
        memory["type"] = json!("fact");
    }
    who.ok("remember", memory).await["id"].as_str().expect("an id").to_owned()
}

async fn status(who: &Caller, id: &str) -> Value {
    who.ok("memory_get", json!({ "id": id })).await["status"].clone()
}

async fn events(app: &TestApp, operation: &str) -> Vec<Value> {
    let events = app.owner.team_events().await.into_iter();
    events.filter(|event| event["operation"] == operation).collect()
}

#[tokio::test]
async fn a_policy_lets_expire_what_it_is_done_with_and_says_which_line_did_it() {
    let app = warm().await;
    let policy = json!({
        "retention": { "context": "30d" },
        "rules": [{ "name": "pinned", "match": { "tags": ["pin"] }, "expire_after": "never" }],
    });
    app.owner.ok("retention_set", policy).await;
    let context = json!({ "content": "The heron stands.", "type": "context" });
    let old = kept(&app.owner, context).await;
    let pinned = json!({ "content": "The heron is ours.", "type": "context", "tags": ["pin"] });
    let pinned = kept(&app.owner, pinned).await;
    let fact = kept(&app.owner, json!({ "content": "A heron is a bird." })).await;
    app.clock.advance(30 * DAY_MS);
    let young = json!({ "content": "The heron sits.", "type": "context" });
    let young = kept(&app.owner, young).await;

    let dry = app.owner.ok("retention_run", json!({ "dry_run": true }));
    let dry = leaving_nothing(&app, dry).await;
    let run = app.owner.ok("retention_run", json!({})).await;
    let again = leaving_nothing(&app, app.owner.ok("retention_run", json!({}))).await;

    assert_eq!((&dry["matched"], &dry["changed"]), (&json!(1), &json!(0)));
    assert_eq!((&run["matched"], &run["changed"]), (&json!(1), &json!(1)));
    assert_eq!(run["by_rule"], json!([{ "rule": "retention.context", "count": 1 }]));
    assert_eq!((&dry["memories"], &dry["by_rule"]), (&run["memories"], &run["by_rule"]));
    assert_eq!(run["memories"][0]["id"], json!(old));
    assert_eq!(again["matched"], 0);
    let expired = app.owner.ok("memory_get", json!({ "id": old })).await;
    assert_eq!(
        (&expired["status"], &expired["status_reason"]),
        (&json!("expired"), &json!("retention.context"))
    );
    for id in [&pinned, &fact, &young] {
        assert_eq!(status(&app.owner, id).await, "active");
    }
    assert_eq!(app.owner.ok("recall", json!({ "query": "stands" })).await["count"], 0);
    assert_eq!(events(&app, "retention_run").await.len(), 1);
}

#[tokio::test]
async fn what_is_restored_has_its_time_again() {
    let app = warm().await;
    app.owner.ok("retention_set", json!({ "retention": { "fact": "10d" } })).await;
    let id = kept(&app.owner, json!({ "content": "The heron stands." })).await;
    app.clock.advance(11 * DAY_MS);
    app.owner.ok("retention_run", json!({})).await;

    app.owner.ok("memory_restore", json!({ "id": id })).await;

    app.clock.advance(9 * DAY_MS);
    assert_eq!(app.owner.ok("retention_run", json!({})).await["matched"], 0);
    app.clock.advance(DAY_MS);
    assert_eq!(app.owner.ok("retention_run", json!({})).await["matched"], 1);
}

#[tokio::test]
async fn what_is_private_expires_too_and_its_title_is_not_shown() {
    let app = warm().await;
    let scout = cheap_key(&app).await.acting_as("scout");
    let private = json!({ "content": "Only I know the heron.", "visibility": "agent" });
    let id = kept(&scout, private).await;
    app.owner.ok("retention_set", json!({ "retention": { "fact": "1d" } })).await;
    app.clock.advance(DAY_MS);

    let run = app.owner.ok("retention_run", json!({})).await;

    assert_eq!(
        (&run["memories"][0]["id"], &run["memories"][0]["title"]),
        (&json!(id), &Value::Null)
    );
    assert_eq!(status(&scout, &id).await, "expired");
}

#[tokio::test]
async fn an_agents_own_policy_is_for_its_own_memories() {
    let app = warm().await;
    let (ada, bo) =
        (app.owner.acting_as("ada"), app.key("Bo", Role::Admin, &["read", "write"]).await);
    let of_ada = kept(&ada, json!({ "content": "The heron stands." })).await;
    let of_bo = kept(&bo, json!({ "content": "The owl sits." })).await;
    app.owner.ok("retention_set", json!({ "retention": { "fact": "never" } })).await;
    let own = json!({ "agent": "ada", "retention": { "fact": "1d" } });
    app.owner.ok("retention_set", own).await;
    app.clock.advance(2 * DAY_MS);

    let shown = app.owner.ok("retention_show", json!({ "agent": "ada" })).await;
    app.owner.ok("retention_run", json!({})).await;

    assert_eq!(shown["policy"]["retention"], json!({ "fact": "1d" }));
    assert_eq!(status(&app.owner, &of_ada).await, "expired");
    assert_eq!(status(&app.owner, &of_bo).await, "active");
}

#[tokio::test]
async fn a_run_for_one_agent_leaves_the_others_alone() {
    let app = warm().await;
    let (ada, scout) = (app.owner.acting_as("ada"), cheap_key(&app).await.acting_as("scout"));
    let of_ada = kept(&ada, json!({ "content": "The heron stands." })).await;
    let of_scout = kept(&scout, json!({ "content": "The owl sits." })).await;
    app.owner.ok("retention_set", json!({ "retention": { "fact": "1d" } })).await;
    app.clock.advance(2 * DAY_MS);

    let run = app.owner.ok("retention_run", json!({ "agent": "scout" })).await;
    let nobody = app.owner.refused("retention_run", json!({ "agent": "nobody" })).await;

    assert_eq!((&run["scanned"], &run["changed"]), (&json!(1), &json!(1)));
    assert_eq!(status(&app.owner, &of_ada).await, "active");
    assert_eq!(status(&app.owner, &of_scout).await, "expired");
    assert_eq!(nobody["code"], "NOT_FOUND");
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_names_the_line_and_leaves_nothing() {
    let app = warm().await;

    for (text, line, field) in [
        ("{\n  \"rules\": [\n", 3, ""),
        ("{\n  \"retention\": {\n    \"fact\": \"zebra\"\n  }\n}", 3, "retention.fact"),
        (
            "{ \"rules\": [\n{ \"name\": \"a\", \"expire_after\": \"0d\" }\n] }",
            2,
            "rules[0].expire_after",
        ),
        ("{\n\"rules\": [\n{ \"expire_after\": \"1d\" } ] }", 3, "rules[0].name"),
        ("{\n\n\"zebra\": 1 }", 3, "zebra"),
        (
            "{ \"rules\": [\n{ \"name\": \"a\", \"expire_after\": \"1d\" },\n\
             { \"name\": \"a\", \"expire_after\": \"1d\" } ] }",
            3,
            "rules[1].name",
        ),
    ] {
        let set = app.owner.refused("retention_set", json!({ "text": text }));
        let error = leaving_nothing(&app, set).await;

        let message = error["message"].as_str().expect("a message");
        assert_eq!(error["code"], "INVALID_ARGUMENT", "{text}");
        assert!(message.contains(&format!("line {line}")), "{message}");
        assert!(message.contains(field), "{message}");
    }
    let bad = json!({ "rules": [{ "name": "a", "expire_after": "zebra" }] });
    let error = leaving_nothing(&app, app.owner.refused("retention_set", bad)).await;
    assert_eq!(error["details"]["fields"][0]["field"], "rules[0].expire_after");
    assert_own_words(&error, "zebra");
    for two in [
        json!({ "preset": "balanced", "text": "{}" }),
        json!({ "preset": "balanced", "rules": [] }),
        json!({ "text": "{}", "purge_expired_after": "1d" }),
    ] {
        let error = leaving_nothing(&app, app.owner.refused("retention_set", two)).await;
        assert_eq!(error["code"], "INVALID_ARGUMENT");
    }
}

#[tokio::test]
async fn of_two_who_change_a_policy_they_have_read_one_is_told() {
    let app = warm().await;
    for round in 0..10 {
        let set = |days: i64| {
            let policy = json!({
                "retention": { "fact": format!("{days}d") }, "expected_version": round,
            });
            app.owner.tool("retention_set", policy)
        };

        let answers = tokio::join!(set(2 * round + 1), set(2 * round + 2));

        let [(_, won), (_, lost)] =
            if answers.0.0 { [answers.1, answers.0] } else { [answers.0, answers.1] };
        assert_eq!((&won["version"], &lost["code"]), (&json!(round + 1), &json!("CONFLICT")));
        let stands = app.owner.ok("retention_show", json!({})).await;
        assert_eq!(stands["policy"], won["policy"]);
    }
}

#[tokio::test]
async fn a_policy_that_is_set_again_changes_nothing_and_an_empty_one_ends_it() {
    let app = warm().await;
    app.owner.ok("retention_set", json!({ "preset": "aggressive" })).await;

    let again = json!({ "preset": "aggressive" });
    let again = leaving_nothing(&app, app.owner.ok("retention_set", again)).await;
    let ended = app.owner.ok("retention_set", json!({})).await;

    assert_eq!((&again["changed"], &again["version"]), (&json!(false), &json!(1)));
    assert_eq!((&ended["is_empty"], &ended["version"]), (&json!(true), &json!(2)));
    let run = app.owner.ok("retention_run", json!({})).await;
    assert_eq!(run["is_empty"], true);
}

#[tokio::test]
async fn many_memories_expire_in_units_of_a_few_hundred_each_in_the_trail() {
    let app = warm().await;
    app.owner.ok("retention_set", json!({ "retention": { "fact": "1d" } })).await;
    for round in 0..5 {
        let heron =
            |n: i32| json!({ "content": format!("Heron {n} of flock {round}."), "type": "fact" });
        let items: Vec<Value> = (0..100).map(heron).collect();
        app.owner.ok("remember", json!({ "items": items })).await;
    }
    app.clock.advance(DAY_MS);

    let run = app.owner.ok("retention_run", json!({ "limit": 3 })).await;

    assert_eq!((&run["changed"], &run["more"]), (&json!(500), &json!(false)));
    assert_eq!(run["memories"].as_array().map(Vec::len), Some(3));
    let counts: Vec<i64> = events(&app, "retention_run")
        .await
        .iter()
        .map(|event| event["summary"]["count"].as_i64().expect("a count"))
        .collect();
    assert_eq!(counts, [100, 200, 200]);
    intact_chain(&app.house).await;
}

#[tokio::test]
async fn what_expired_long_ago_is_purged_only_where_a_policy_says_so() {
    let app = warm().await;
    let id = kept(&app.owner, json!({ "content": "The heron stands." })).await;
    let active = kept(&app.owner, json!({ "content": "The owl sits." })).await;
    app.owner.ok("memory_expire", json!({ "id": id })).await;
    app.clock.advance(400 * DAY_MS);
    let by_default = leaving_nothing(&app, app.owner.ok("retention_purge", json!({}))).await;
    app.owner.ok("retention_set", json!({ "purge_expired_after": "1y" })).await;

    let dry = app.owner.ok("retention_purge", json!({ "dry_run": true }));
    let dry = leaving_nothing(&app, dry).await;
    let purged = app.owner.ok("retention_purge", json!({})).await;

    assert_eq!((&by_default["is_empty"], &by_default["changed"]), (&json!(true), &json!(0)));
    assert_eq!((&dry["matched"], &dry["changed"]), (&json!(1), &json!(0)));
    assert_eq!(purged["changed"], 1);
    let error = app.owner.refused("memory_get", json!({ "id": id })).await;
    assert_eq!(error["code"], "NOT_FOUND");
    assert_eq!(app.owner.refused("memory_restore", json!({ "id": id })).await["code"], "NOT_FOUND");
    assert_eq!(status(&app.owner, &active).await, "active");
    assert_eq!(count(&app, "erasures WHERE reason = 'retention.purge'"), 1);
}

#[tokio::test]
async fn nothing_answers_for_an_erased_memory_any_more() {
    let app = warm().await;
    let scout = cheap_key(&app).await.acting_as("scout");
    let whole = json!({ "content": "The heron stands.", "tags": ["bird"], "visibility": "agent" });
    let private = kept(&scout, whole).await;
    let shared = kept(&scout, json!({ "content": "The heron sits.", "tags": ["bird"] })).await;
    scout.ok("memory_update", json!({ "id": shared, "content": "The heron flies." })).await;
    scout.ok("forget", json!({ "id": shared })).await;
    app.clock.advance(1_000);
    // In the order of their ids, which two servers don't give in the order of the requests.
    let mut ids = [&private, &shared];
    ids.sort();
    let ids = json!(ids);

    let dry = json!({ "ids": ids, "reason": "request", "dry_run": true });
    let dry = leaving_nothing(&app, app.owner.ok("memory_erase", dry)).await;
    let arguments = json!({ "ids": ids, "reason": "request", "confirm": true });
    let erased = app.owner.ok("memory_erase", arguments.clone()).await;
    let again = leaving_nothing(&app, app.owner.ok("memory_erase", arguments)).await;

    assert_eq!((&dry["erased"], &dry["dry_run"]), (&json!(2), &json!(true)));
    assert_eq!((&erased["erased"], &erased["erased_before"]), (&json!(2), &json!(0)));
    assert_eq!((&again["erased"], &again["erased_before"]), (&json!(0), &json!(2)));
    for who in [&app.owner, &scout] {
        for id in [&private, &shared] {
            for (name, arguments) in [
                ("memory_get", json!({ "id": id, "versions": true })),
                ("memory_update", json!({ "id": id, "content": "x" })),
                ("memory_restore", json!({ "id": id })),
                ("forget", json!({ "id": id })),
            ] {
                assert_eq!(who.refused(name, arguments).await["code"], "NOT_FOUND", "{name}");
            }
        }
        for arguments in [
            json!({ "query": "heron", "status": "all" }),
            json!({ "tags": ["bird"], "status": "all" }),
        ] {
            assert_eq!(who.ok("recall", arguments).await["count"], 0);
        }
        for arguments in [
            json!({ "as_of": "2026-11-22T09:00:00Z" }),
            json!({ "changed_since": "2026-11-01", "status": "all" }),
        ] {
            assert_eq!(who.ok("memory_list", arguments).await["count"], 0);
        }
    }
    let trail = json!(app.owner.team_events().await).to_string();
    assert!(!trail.to_lowercase().contains("heron"), "{trail}");
    let event = events(&app, "memory_erase").await;
    assert_eq!(event.len(), 1);
    assert_eq!(event[0]["summary"], json!({ "count": 2, "ids": ids, "reason": "request" }));
    intact_chain(&app.house).await;
}

#[tokio::test]
async fn a_retried_request_is_not_answered_with_what_was_erased() {
    let app = warm().await;
    let memory = json!({ "content": "The heron stands.", "idempotency_key": "once" });
    let first = kept(&app.owner, memory.clone()).await;
    assert_eq!(kept(&app.owner, memory.clone()).await, first);

    let arguments = json!({ "ids": [first], "reason": "request", "confirm": true });
    app.owner.ok("memory_erase", arguments).await;

    assert_eq!(count(&app, "retries"), 0);
    assert_ne!(kept(&app.owner, memory).await, first);
}

#[tokio::test]
async fn erasing_wants_to_be_meant_and_takes_all_or_nothing() {
    let app = warm().await;
    let (_, other) = app.other_team("other").await;
    let ours = kept(&app.owner, json!({ "content": "The heron stands." })).await;
    let theirs = kept(&other, json!({ "content": "The owl sits." })).await;

    for (arguments, code) in [
        (json!({ "ids": [ours], "reason": "x" }), "INVALID_ARGUMENT"),
        (json!({ "ids": [ours], "reason": "x", "confirm": false }), "INVALID_ARGUMENT"),
        (json!({ "ids": [ours], "reason": "a zebra", "confirm": true }), "INVALID_ARGUMENT"),
        (json!({ "reason": "x", "confirm": true }), "INVALID_ARGUMENT"),
        (json!({ "ids": [], "reason": "x", "confirm": true }), "INVALID_ARGUMENT"),
        (
            json!({ "ids": [ours], "agent": "a", "reason": "x", "confirm": true }),
            "INVALID_ARGUMENT",
        ),
        (json!({ "ids": [ours, theirs], "reason": "x", "confirm": true }), "NOT_FOUND"),
        (json!({ "ids": [ours, "mem_1"], "reason": "x", "confirm": true }), "NOT_FOUND"),
        (json!({ "agent": "nobody", "reason": "x", "confirm": true }), "NOT_FOUND"),
    ] {
        let refused = app.owner.refused("memory_erase", arguments);
        let error = leaving_nothing(&app, refused).await;

        assert_eq!(error["code"], code, "{error}");
        assert_own_words(&error, "zebra");
    }
    assert_eq!(status(&other, &theirs).await, "active");
}

#[tokio::test]
async fn all_that_an_agent_is_the_author_of_is_erased_and_nothing_of_others() {
    let app = warm().await;
    let scout = cheap_key(&app).await.acting_as("scout");
    for n in 0..3 {
        kept(&scout, json!({ "content": format!("The heron, {n}."), "visibility": "agent" })).await;
    }
    let mine = kept(&app.owner, json!({ "content": "The owl sits." })).await;
    scout.ok("memory_update", json!({ "id": mine, "content": "The owl flies." })).await;

    let arguments = json!({ "agent": "scout", "reason": "request", "confirm": true });
    let erased = app.owner.ok("memory_erase", arguments).await;

    assert_eq!((&erased["erased"], &erased["more"]), (&json!(3), &json!(false)));
    assert_eq!(count(&app, "memories"), 1);
    assert_eq!(status(&app.owner, &mine).await, "active");
    let undone = app.owner.ok("author_roll_back", json!({ "agent": "scout" })).await;
    assert_eq!(undone["counts"]["restored"], 1, "what is left can still be undone: {undone}");
}

#[tokio::test]
async fn a_quarantined_memory_is_erased_too() {
    let app = warm().await;
    let scout = cheap_key(&app).await.acting_as("scout");
    let id = kept(&scout, json!({ "content": "The heron stands." })).await;
    app.owner.ok("author_quarantine", json!({ "agent": "scout" })).await;

    let arguments = json!({ "ids": [id], "reason": "request", "confirm": true });
    let erased = app.owner.ok("memory_erase", arguments).await;

    assert_eq!(erased["erased"], 1);
    let released = app.owner.ok("author_release", json!({ "agent": "scout" })).await;
    assert_eq!(released["counts"]["released"], 0);
    assert_eq!(count(&app, "memory_versions"), 0);
}

#[tokio::test]
async fn whoever_comes_with_a_change_finds_the_memory_or_nothing() {
    let app = warm().await;
    for round in 0..30 {
        let id = kept(&app.owner, json!({ "content": "The heron stands." })).await;
        let change = json!({ "id": id, "content": format!("The heron sits, {round}.") });
        let erase = json!({ "ids": [id], "reason": "request", "confirm": true });

        let (changes, erased) = tokio::join!(
            join_all((0..3).map(|_| app.owner.tool("memory_update", change.clone()))),
            app.owner.ok("memory_erase", erase),
        );

        assert_eq!(erased["erased"], 1);
        for (is_error, answer) in changes {
            assert!(
                !is_error
                    || ["NOT_FOUND", "CONFLICT"]
                        .contains(&answer["code"].as_str().expect("a code"))
            );
        }
        assert_eq!(count(&app, &format!("memory_versions WHERE memory_id = '{id}'")), 0);
        assert_eq!(count(&app, &format!("memories WHERE memory_id = '{id}'")), 0);
    }
    intact_chain(&app.house).await;
}

#[tokio::test]
async fn a_policy_in_the_database_that_cannot_be_read_lets_nothing_expire() {
    let app = warm().await;
    app.owner.ok("retention_set", json!({ "retention": { "fact": "1d" } })).await;
    let id = kept(&app.owner, json!({ "content": "The heron stands." })).await;
    app.clock.advance(9 * DAY_MS);
    database(&app)
        .execute(
            "UPDATE retention_policies SET policy = '{\"rules\": 1}' WHERE agent_id = ?1",
            [""],
        )
        .expect("updated");

    let error = app.owner.refused("retention_run", json!({})).await;

    assert_eq!(error["code"], "INTERNAL");
    assert_eq!(status(&app.owner, &id).await, "active");
}
