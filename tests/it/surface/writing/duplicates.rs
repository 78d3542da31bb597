use std::collections::BTreeSet;

use futures_util::future::join_all;
use memoranda::identity::role::Role;
use serde_json::{Value, json};

use super::{kept, read};
use crate::support::{Caller, TestApp};
use crate::surface::probe::{leaving_nothing, warm};

const ALL: [&str; 3] = ["read", "write", "admin"];

const SAID: &str = "The heron nests here.";

async fn remember(caller: &Caller, arguments: Value) -> Value {
    caller.ok("remember", arguments).await
}

async fn count(caller: &Caller) -> Value {
    caller.ok("memory_list", json!({ "status": "all" })).await["total"].clone()
}

async fn editor(app: &TestApp, title: &str) -> Caller {
    let caller = app.key(title, Role::Editor, &ALL).await;
    caller.ok("whoami", json!({})).await;
    caller
}

#[tokio::test]
async fn who_says_again_what_they_said_gets_the_same_memory_back() {
    let app = warm().await;
    let id = kept(&app.owner, SAID).await;

    for said in [SAID, "the heron nests  here", "Note that the heron nests here!"] {
        app.clock.advance(3_600_000);
        let again = remember(&app.owner, json!({ "content": said }));
        let again = leaving_nothing(&app, again).await;

        assert_eq!((&again["id"], &again["duplicate_of"]), (&id, &id), "{said}");
        assert_eq!((&again["reason"], &again["version"]), (&json!("held"), &json!(1)), "{said}");
    }
    let shown = read(&app.owner, &id).await;
    assert_eq!((&shown["confidence"], &shown["confirmations"]), (&json!(0.8), &Value::Null));
}

#[tokio::test]
async fn whoever_else_says_it_confirms_it_once() {
    let app = warm().await;
    let (bo, cy) = (editor(&app, "Bo").await, editor(&app, "Cy").await);
    let id = kept(&app.owner, SAID).await;
    app.clock.advance(5_000);

    for caller in [&bo, &bo, &cy] {
        let again = remember(caller, json!({ "content": SAID })).await;
        assert_eq!(again["duplicate_of"], id);
    }

    let shown = read(&app.owner, &id).await;
    assert_eq!((&shown["confidence"], &shown["confirmations"]), (&json!(0.8875), &json!(2)));
    assert_eq!(shown["version"], 1);
    let by: Vec<&Value> = shown["confirmed_by"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["key_id"])
        .collect();
    assert_eq!(by.len(), 2);
    assert_eq!(shown["confirmed_by"][0]["at"], "2026-11-22T09:00:05.000Z");
    let events = app.owner.team_events().await;
    let confirmed = events.iter().filter(|event| !event["summary"]["confirmed"].is_null());
    assert_eq!(confirmed.count(), 2);
    let found = app.owner.ok("recall", json!({ "query": "heron" })).await;
    assert_eq!((&found["count"], &found["hits"][0]["confidence"]), (&json!(1), &json!(0.8875)));
}

#[tokio::test]
async fn what_differs_is_kept_beside_what_is_held() {
    let app = warm().await;
    kept(&app.owner, "The port is 7420.").await;

    for (number, new) in [
        json!({ "content": "The port is 7421." }),
        json!({ "content": "The port is not 7420." }),
        json!({ "content": "The port is 7420.", "visibility": "agent" }),
        json!({ "content": "The port is 7420.", "valid_until": "2026-12-01" }),
        json!({ "content": "The port is 7420.", "thread": "setup" }),
        json!({ "content": "The port is 7420.", "allow_duplicate": true }),
    ]
    .into_iter()
    .enumerate()
    {
        let kept = remember(&app.owner, new.clone()).await;
        assert_eq!((&kept["duplicate_of"], &kept["version"]), (&Value::Null, &json!(1)), "{new}");
        assert_eq!(count(&app.owner).await, number + 2, "{new}");
    }
}

#[tokio::test]
async fn what_was_retired_may_be_said_anew() {
    let app = warm().await;

    for way in ["memory_expire", "forget"] {
        let id = kept(&app.owner, SAID).await;
        app.owner.ok(way, json!({ "id": id })).await;

        let anew = kept(&app.owner, SAID).await;

        assert_ne!(anew, id, "{way}");
        app.owner.ok("forget", json!({ "id": anew })).await;
    }
    let id = kept(&app.owner, SAID).await;
    let anew = remember(&app.owner, json!({ "content": SAID, "supersedes": [id] })).await;
    assert_eq!((&anew["duplicate_of"], &anew["superseded"]), (&Value::Null, &json!([id])));
}

#[tokio::test]
async fn nobody_learns_that_somebody_else_keeps_the_same_to_themselves() {
    let app = warm().await;
    let bo = editor(&app, "Bo").await;
    remember(&bo, json!({ "content": SAID, "visibility": "agent" })).await;

    for visibility in ["agent", "team"] {
        let kept = remember(&app.owner, json!({ "content": SAID, "visibility": visibility })).await;
        assert_eq!(kept["duplicate_of"], Value::Null, "{visibility}");
    }
}

#[tokio::test]
async fn a_viewer_repeats_its_proposal_and_an_editor_does_not() {
    let app = warm().await;
    let viewer = app.key("Viewer", Role::Viewer, &ALL).await;
    let proposal = kept(&viewer, SAID).await;

    assert_eq!(remember(&viewer, json!({ "content": SAID })).await["duplicate_of"], proposal);
    let active = remember(&app.owner, json!({ "content": SAID })).await;
    assert_eq!((&active["duplicate_of"], &active["status"]), (&Value::Null, &json!("active")));
    let again = remember(&viewer, json!({ "content": SAID })).await;
    assert_eq!((&again["duplicate_of"], &again["status"]), (&active["id"], &json!("active")));
}

#[tokio::test]
async fn a_transcript_keeps_every_turn_and_a_retried_one_keeps_none_twice() {
    let app = warm().await;
    let turn = |position: i64| json!({ "content": "Yes.", "thread": "call", "position": position, "speaker": "Bo" });
    let batch = json!({ "items": [turn(1), turn(2), turn(3)] });

    let first = remember(&app.owner, batch.clone()).await;
    let again = leaving_nothing(&app, remember(&app.owner, batch)).await;

    let ids = |answer: &Value| -> Vec<String> {
        let items = answer["items"].as_array().expect("items");
        items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(ids(&first).iter().collect::<BTreeSet<_>>().len(), 3);
    assert_eq!(ids(&again), ids(&first));
}

#[tokio::test]
async fn a_batch_keeps_what_it_says_twice_once() {
    let app = warm().await;
    let items = json!([{ "content": SAID }, { "content": "the heron nests here" }]);

    let answer = remember(&app.owner, json!({ "items": items })).await;

    assert_eq!(answer["items"][1]["duplicate_of"], answer["items"][0]["id"]);
    assert_eq!(count(&app.owner).await, 1);
}

#[tokio::test]
async fn what_was_recalled_is_not_kept_again() {
    let app = warm().await;
    let bo = editor(&app, "Bo").await;
    let id = kept(&app.owner, SAID).await;
    let owl = kept(&app.owner, "The owl hunts at night.").await;
    let hits = bo.ok("recall", json!({})).await;
    let hit = id.as_str().expect("an id");

    for echo in [
        format!("Recalled memory: {SAID}"),
        format!("[{hit}] {SAID}"),
        format!("From memory:\n- {SAID}\n- The owl hunts at night."),
        hits.to_string(),
    ] {
        let again = leaving_nothing(&app, remember(&bo, json!({ "content": echo }))).await;
        assert_eq!(again["reason"], "recalled", "{echo}");
        assert!([&id, &owl].contains(&&again["duplicate_of"]), "{echo}");
    }
    let more = format!("From memory:\n- {SAID}\n- The owl sleeps by day.");
    let more = remember(&bo, json!({ "content": more })).await;
    assert_eq!(more["duplicate_of"], Value::Null);
}

#[tokio::test]
async fn of_many_who_say_the_same_at_once_one_is_kept() {
    let app = warm().await;
    let callers = [editor(&app, "Bo").await, editor(&app, "Cy").await, editor(&app, "Dee").await];

    for round in 0..20 {
        let content = format!("The heron nests by pond {round}.");
        let said = (0..12).map(|number| {
            let caller = callers[number % callers.len()].clone();
            let arguments = json!({ "items": [{ "content": content }] });
            tokio::spawn(async move { caller.ok("remember", arguments).await })
        });
        let answers: Vec<Value> =
            join_all(said).await.into_iter().map(|answer| answer.expect("no panic")).collect();

        let items = || answers.iter().map(|answer| &answer["items"][0]);
        let ids: BTreeSet<&str> = items().filter_map(|item| item["id"].as_str()).collect();
        assert_eq!(ids.len(), 1, "round {round}");
        assert_eq!(items().filter(|item| item["duplicate_of"].is_null()).count(), 1);
        let id = json!(ids.first());
        assert_eq!(read(&app.owner, &id).await["confirmations"], 2, "round {round}");
    }
}
