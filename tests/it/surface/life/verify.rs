//! Tampering by hand shows, in the database and in an export.

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};
use crate::surface::probe::{database, leaving_nothing, warm};

/// A running app whose trail holds this many events.
async fn with_events(count: usize) -> TestApp {
    let app = warm().await;
    for number in 1..count {
        app.owner.ok("remember", json!({ "content": format!("Tea {number}.") })).await;
    }
    app
}

async fn verify(app: &TestApp) -> Value {
    app.owner.ok("activity_verify", json!({})).await
}

fn tamper(app: &TestApp, sql: &str) {
    database(app).execute_batch(sql).expect("tampered");
}

#[tokio::test]
async fn an_untouched_trail_is_intact_and_its_head_can_be_expected() {
    let app = with_events(9).await;

    let found = leaving_nothing(&app, verify(&app)).await;
    let head = &found["head"];
    app.owner.ok("remember", json!({ "content": "One more." })).await;
    let expected = json!({ "expect_sequence": head["sequence"], "expect_hash": head["hash"] });
    let again = app.owner.ok("activity_verify", expected).await;

    assert_eq!((&found["is_intact"], &found["events"]), (&json!(true), &json!(9)));
    assert_eq!((&head["sequence"], &found["first_break"]), (&json!(9), &Value::Null));
    assert_eq!((&again["is_intact"], &again["events"]), (&json!(true), &json!(10)));
}

#[tokio::test]
async fn a_trail_of_several_pages_is_walked_to_its_end() {
    let app = warm().await;
    let owner = app.house.auth.local_owner().await.expect("one team");
    let entry = memoranda::ops::find("remember").expect("an operation");
    let permit = owner.permit(&entry.spec.requirement()).expect("may");
    let (bearer, house) = (permit.clone(), &app.house.app);
    let at = house.clock.now();
    let events: Vec<_> = (0..2_500)
        .map(|_| memoranda::identity::event::Event {
            id: house.ids.next(at),
            at,
            request: house.ids.next(at),
            outcome: memoranda::identity::event::Outcome::Done,
            act: memoranda::identity::event::Act {
                object_kind: "memory",
                object_id: "mem_1".to_owned(),
                summary: json!({}),
            },
        })
        .collect();
    let recorded = house.store.write(&permit, at, move |tx| {
        events.iter().try_for_each(|event| tx.record(&bearer, event))
    });
    recorded.await.expect("recorded");

    let intact = verify(&app).await;
    tamper(&app, "UPDATE activity SET object_id = 'mem_2' WHERE sequence = 2300");
    let broken = verify(&app).await;

    assert_eq!((&intact["is_intact"], &intact["events"]), (&json!(true), &json!(2_501)));
    assert_eq!(broken["first_break"], json!({ "sequence": 2_300, "reason": "altered" }));
    assert_eq!(broken["head"]["sequence"], 2_299, "the last that holds");
}

#[tokio::test]
async fn every_way_of_tampering_shows_where_it_begins() {
    let swap = "UPDATE activity SET sequence = -1 WHERE sequence = 4;
                UPDATE activity SET sequence = 4 WHERE sequence = 5;
                UPDATE activity SET sequence = 5 WHERE sequence = -1;";
    let insert = "UPDATE activity SET sequence = -sequence WHERE sequence > 4;
                  UPDATE activity SET sequence = 1 - sequence WHERE sequence < 0;
                  CREATE TEMP TABLE forged AS SELECT * FROM activity WHERE sequence = 4;
                  UPDATE forged SET sequence = 5;
                  INSERT INTO activity SELECT * FROM forged;";
    for (sql, sequence, reason) in [
        ("UPDATE activity SET summary = '{}' WHERE sequence = 4", 4, "altered"),
        ("UPDATE activity SET at = at + 1 WHERE sequence = 4", 4, "altered"),
        ("UPDATE activity SET agent_id = NULL WHERE sequence = 4", 4, "altered"),
        ("UPDATE activity SET secret_number = 7 WHERE sequence = 4", 4, "altered"),
        ("UPDATE activity SET secret_number = NULL WHERE sequence = 4", 4, "altered"),
        ("UPDATE activity SET session_id = 'sess_1' WHERE sequence = 4", 4, "altered"),
        ("UPDATE activity SET hash = x'00' WHERE sequence = 4", 4, "altered"),
        ("DELETE FROM activity WHERE sequence = 4", 4, "missing"),
        ("DELETE FROM activity WHERE sequence = 1", 1, "missing"),
        (swap, 4, "altered"),
        (insert, 5, "altered"),
    ] {
        let app = with_events(8).await;
        tamper(&app, sql);

        let found = verify(&app).await;

        assert_eq!(found["is_intact"], false, "{sql}");
        let expected = json!({ "sequence": sequence, "reason": reason });
        assert_eq!(found["first_break"], expected, "{sql}");
    }
}

#[tokio::test]
async fn a_cut_off_tail_shows_only_to_whoever_noted_the_head() {
    let app = with_events(8).await;
    let head = verify(&app).await["head"].clone();
    let noted = json!({ "expect_sequence": head["sequence"], "expect_hash": head["hash"] });

    tamper(&app, "DELETE FROM activity WHERE sequence > 6");

    assert_eq!(verify(&app).await["is_intact"], true, "by itself it holds");
    let found = app.owner.ok("activity_verify", noted).await;
    assert_eq!(found["first_break"], json!({ "sequence": 7, "reason": "missing" }));
}

#[tokio::test]
async fn a_trail_that_was_written_anew_is_not_the_one_that_was_noted() {
    let app = with_events(5).await;
    let noted = verify(&app).await["head"].clone();
    tamper(&app, "DELETE FROM activity WHERE sequence > 3");
    for number in 0..4 {
        app.owner.ok("remember", json!({ "content": format!("Milk {number}.") })).await;
    }

    let expected = json!({ "expect_sequence": noted["sequence"], "expect_hash": noted["hash"] });
    let found = app.owner.ok("activity_verify", expected).await;

    assert_eq!(verify(&app).await["is_intact"], true, "by itself it holds");
    assert_eq!(found["first_break"], json!({ "sequence": 5, "reason": "unexpected" }));
}

#[tokio::test]
async fn half_a_head_or_a_malformed_one_is_refused_by_name() {
    let app = warm().await;
    for (arguments, field) in [
        (json!({ "expect_sequence": 1 }), "expect_hash"),
        (json!({ "expect_hash": "0".repeat(64) }), "expect_sequence"),
        (json!({ "expect_sequence": 1, "expect_hash": "x".repeat(64) }), "expect_hash"),
        (json!({ "expect_sequence": 1, "expect_hash": "00" }), "expect_hash"),
    ] {
        let refusal = app.owner.refused("activity_verify", arguments.clone()).await;

        assert_eq!(refusal["code"], "INVALID_ARGUMENT", "{arguments}");
        assert_eq!(refusal["details"]["fields"][0]["field"], field, "{arguments}");
    }
}

async fn export(caller: &Caller, arguments: Value) -> Vec<Value> {
    let page = caller.ok("activity_export", arguments).await;
    page["events"].as_array().expect("events").clone()
}

#[tokio::test]
async fn an_export_comes_in_pages_in_the_order_of_the_chain() {
    let app = with_events(7).await;
    let whole = export(&app.owner, json!({})).await;

    let first = app.owner.ok("activity_export", json!({ "limit": 4 })).await;
    let rest = json!({ "limit": 4, "cursor": first["next_cursor"] });
    let mut pages = first["events"].as_array().expect("events").clone();
    pages.extend(export(&app.owner, rest).await);

    assert_eq!((pages.len(), &pages), (7, &whole));
    assert_eq!(whole[0]["previous"], "0".repeat(64));
    assert!(whole.windows(2).all(|pair| pair[1]["previous"] == pair[0]["hash"]));
    assert_eq!(whole[6]["hash"], verify(&app).await["head"]["hash"]);
    assert_eq!(whole[6]["key_generation"], 1);
    assert!(whole[6]["summary"].is_string(), "as it was sealed");
}

#[tokio::test]
async fn an_export_of_a_period_ends_with_it_and_its_cursor_is_bound_to_it() {
    let app = with_events(3).await;
    app.clock.advance(60_000);
    app.owner.ok("remember", json!({ "content": "Later." })).await;
    let early = json!({ "before": "2026-11-22T09:00:30Z", "limit": 2 });

    let late = export(&app.owner, json!({ "after": "2026-11-22T09:00:30Z" })).await;
    let first = app.owner.ok("activity_export", early.clone()).await;
    let mut more = early;
    more["cursor"] = first["next_cursor"].clone();
    let rest = app.owner.ok("activity_export", more).await;
    let elsewhere = json!({ "cursor": first["next_cursor"] });
    let refusal = app.owner.refused("activity_export", elsewhere).await;

    assert_eq!((late.len(), &late[0]["sequence"]), (1, &json!(4)));
    assert_eq!((&rest["count"], rest.get("next_cursor")), (&json!(1), None));
    assert_eq!(refusal["details"]["fields"][0]["field"], "cursor");
}
