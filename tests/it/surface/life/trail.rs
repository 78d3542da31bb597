use memoranda::identity::chain::first_break;
use memoranda::ops::CATALOGUE;
use memoranda::ops::spec::Effect;
use serde_json::json;

use super::count;
use crate::surface::cases::{self, Objects};
use crate::surface::probe::{Raw, chain, database, intact_chain, mcp_call, rest_call, warm};

#[tokio::test]
async fn each_changing_operation_leaves_exactly_one_event_and_a_reading_one_none() {
    let app = warm().await;
    let who = app.owner.ok("whoami", json!({})).await;
    let active = app.owner.activated(who["agent"]["id"].as_str().expect("an agent")).await;

    for (number, entry) in CATALOGUE.iter().enumerate() {
        let expected = i64::from(entry.spec.effect != Effect::Read);
        for by_mcp in [false, true] {
            let objects = Objects::fresh(&app, number * 2 + usize::from(by_mcp)).await;
            let arguments = cases::arguments(entry, &objects);
            let before = count(&app, "activity");
            let caller = if cases::needs_session(entry) { &active } else { &app.owner };
            let call = if by_mcp {
                mcp_call(caller, entry.spec.name, &arguments)
            } else {
                rest_call(caller, entry, &arguments)
            };
            let answer = Raw::of(call).await;

            assert!(answer.code().is_empty(), "{}", answer.text);
            assert_eq!(count(&app, "activity"), before + expected, "{}", entry.spec.name);
            if expected == 1 {
                let event = &app.owner.team_events().await[0];
                assert_eq!(
                    (&event["operation"], &event["outcome"]),
                    (&json!(entry.spec.name), &json!("done"))
                );
                assert_eq!(event["request_id"], answer.header("x-request-id"));
                assert_eq!(
                    (&event["agent"], &event["key_id"]),
                    (&who["agent"]["id"], &who["key_id"])
                );
            }
        }
    }
    intact_chain(&app.house).await;
}

#[tokio::test]
async fn a_change_that_changes_nothing_leaves_no_event() {
    let app = warm().await;
    let kept = app.owner.ok("remember", json!({ "content": "Tea.", "tags": ["a"] })).await;
    let id = &kept["id"];
    app.owner.ok("forget", json!({ "id": id })).await;
    let other = app.owner.ok("remember", json!({ "content": "Milk." })).await;
    let before = count(&app, "activity");

    let again = app.owner.ok("forget", json!({ "id": id })).await;
    let same =
        app.owner.ok("memory_update", json!({ "id": other["id"], "content": "Milk." })).await;

    assert_eq!((&again["status"], &same["changed"]), (&json!("forgotten"), &json!(false)));
    assert_eq!(count(&app, "activity"), before);
}

#[tokio::test]
async fn a_refused_change_leaves_no_event() {
    let app = warm().await;
    let kept = app.owner.ok("remember", json!({ "content": "Tea." })).await;
    let before = count(&app, "activity");

    let stale = json!({ "id": kept["id"], "content": "Milk.", "if_version": 7 });
    let error = app.owner.refused("memory_update", stale).await;
    app.owner.refused("forget", json!({ "id": Objects::missing().memory })).await;

    assert_eq!((&error["code"], &error["details"]["version"]), (&json!("CONFLICT"), &json!(1)));
    assert_eq!(count(&app, "activity"), before);
}

#[tokio::test]
async fn an_event_holds_no_text_of_a_memory() {
    let app = warm().await;

    let kept =
        app.owner.ok("remember", json!({ "content": "The heron nests.", "tags": ["heron"] })).await;
    app.owner.ok("memory_update", json!({ "id": kept["id"], "content": "The heron left." })).await;

    assert!(!json!(app.owner.team_events().await).to_string().contains("heron"));
}

#[tokio::test]
async fn the_chain_of_many_writers_holds_and_a_changed_event_breaks_it() {
    let app = warm().await;
    let writing = (0..40).map(|number| {
        let owner = app.owner.clone();
        async move { owner.ok("remember", json!({ "content": format!("Tea {number}.") })).await }
    });
    futures_util::future::join_all(writing).await;
    let events = intact_chain(&app.house).await;
    assert_eq!(events.len(), 41);

    let sql = "UPDATE activity SET object_id = 'mem_other' WHERE sequence = 17";
    assert_eq!(database(&app).execute(sql, []).expect("updated"), 1);

    let chain = chain(&app.house).await;
    assert_eq!(first_break(chain.iter().map(|(event, hash)| (event, *hash))), Some(17));
}

#[tokio::test]
async fn the_activity_of_a_revoked_key_stays() {
    let app = warm().await;
    let key = app.key("Scout", memoranda::identity::role::Role::Editor, &["read", "write"]).await;
    key.ok("remember", json!({ "content": "Tea." })).await;

    app.owner.ok("key_revoke", json!({ "key_id": key.key_id })).await;

    let events = app.owner.team_events().await;
    let by_key = events.iter().filter(|event| event["key_id"] == json!(key.key_id)).count();
    assert_eq!(by_key, 2, "its first use and one memory: {events:?}");
}
