//! What the server does of its own accord: policies are applied while nobody asks.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use memoranda::cli::compose::House;
use memoranda::core::clock::Clock;
use memoranda::ops;
use memoranda::store::Store;
use memoranda::store::postgres::Postgres;
use memoranda::store::sqlite::Sqlite;
use serde_json::{Value, json};

use super::count;
use crate::support::{Caller, TestApp};
use crate::surface::probe::{intact_chain, warm};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const HOUR: Duration = Duration::from_secs(60 * 60);

async fn kept(who: &Caller, content: &str) -> Value {
    who.ok("remember", json!({ "content": content, "type": "fact" })).await["id"].clone()
}

async fn status(who: &Caller, id: &Value) -> Value {
    who.ok("memory_get", json!({ "id": id })).await["status"].clone()
}

/// Another server on the same database, with the same clock.
fn beside(app: &TestApp) -> House {
    let store = match &app.database {
        None => Store::new(Sqlite::open(app.folder.path()).expect("opens")),
        Some(database) => Store::new(Postgres::open(&database.url(), None).expect("opens")),
    };
    House::over(store, Arc::clone(&app.clock) as Arc<dyn Clock>)
}

#[tokio::test]
async fn a_sweep_lets_expire_and_purges_as_the_server_itself() {
    let app = warm().await;
    app.owner
        .ok("retention_set", json!({ "retention": { "fact": "1d" }, "purge_expired_after": "7d" }))
        .await;
    let id = kept(&app.owner, "The heron stands.").await;
    app.clock.advance(2 * DAY_MS);

    let swept = app.house.sweep(HOUR).await.expect("sweeps");

    assert_eq!((swept, status(&app.owner, &id).await), (1, json!("expired")));
    let event = app.owner.team_events().await[0].clone();
    assert_eq!(
        (&event["operation"], &event["credential_kind"], &event["summary"]["count"]),
        (&json!("retention_run"), &json!("system"), &json!(1))
    );
    app.clock.advance(8 * DAY_MS);
    app.house.sweep(HOUR).await.expect("sweeps");
    assert_eq!(app.owner.refused("memory_get", json!({ "id": id })).await["code"], "NOT_FOUND");
    assert_eq!(count(&app, "erasures WHERE credential_kind = 'system'"), 1);
    intact_chain(&app.house).await;
}

#[tokio::test]
async fn a_team_without_a_policy_is_left_alone() {
    let app = warm().await;
    let id = kept(&app.owner, "The heron stands.").await;
    app.clock.advance(9999 * DAY_MS);

    assert_eq!(app.house.sweep(HOUR).await.ok(), Some(0));

    assert_eq!((status(&app.owner, &id).await, count(&app, "sweeps")), (json!("active"), 0));
}

#[tokio::test]
async fn the_next_sweep_is_due_when_its_time_has_come_and_not_by_a_restart() {
    let app = warm().await;
    app.owner.ok("retention_set", json!({ "preset": "balanced" })).await;

    let first = app.house.sweep(HOUR).await;
    let restarted = beside(&app).sweep(HOUR).await;
    app.clock.advance(60 * 60 * 1000 - 1);
    let early = app.house.sweep(HOUR).await;
    app.clock.advance(1);
    let due = beside(&app).sweep(HOUR).await;

    let swept = [first, restarted, early, due].map(|swept| swept.expect("answers"));
    assert_eq!(swept, [1, 0, 0, 1]);
}

#[tokio::test]
async fn of_two_servers_that_sweep_at_once_one_does_and_nothing_is_done_twice() {
    let app = warm().await;
    let (_, other) = app.other_team("other").await;
    let servers = [beside(&app), beside(&app)];
    for who in [&app.owner, &other] {
        who.ok("retention_set", json!({ "retention": { "fact": "1d" } })).await;
    }
    for round in 0..10 {
        for who in [&app.owner, &other] {
            kept(who, &format!("The heron stands in pond {round}.")).await;
        }
        app.clock.advance(2 * DAY_MS);

        let swept = join_all(servers.iter().map(|server| server.sweep(HOUR))).await;

        let swept: Vec<usize> = swept.into_iter().map(|swept| swept.expect("sweeps")).collect();
        assert_eq!(swept.iter().sum::<usize>(), 2, "each team once: {swept:?}");
        assert_eq!(count(&app, "memories WHERE status = 'active'"), 0);
    }
    assert_eq!(count(&app, "memory_versions WHERE version = 2"), 20);
    assert_eq!(count(&app, "memory_versions WHERE version > 2"), 0);
}

#[tokio::test]
async fn a_sweep_keeps_within_its_team() {
    let app = warm().await;
    let (_, other) = app.other_team("other").await;
    app.owner.ok("retention_set", json!({ "retention": { "fact": "1d" } })).await;
    let (ours, theirs) =
        (kept(&app.owner, "The heron stands.").await, kept(&other, "The owl sits.").await);
    app.clock.advance(9 * DAY_MS);

    app.house.sweep(HOUR).await.expect("sweeps");

    assert_eq!(status(&app.owner, &ours).await, "expired");
    assert_eq!(status(&other, &theirs).await, "active");
}

#[tokio::test]
async fn the_server_itself_may_do_nothing_else() {
    let app = warm().await;
    let team = app.house.auth.local_owner().await.expect("one team").team;
    let server = app.house.auth.system(team, &["retention_run"]);
    kept(&app.owner, "The heron stands.").await;

    for entry in &ops::CATALOGUE {
        if ["retention_run", "whoami"].contains(&entry.spec.name) {
            continue;
        }
        let refused = server.permit(&entry.spec.requirement()).err();
        let code = refused.map(|error| error.code().as_str());
        assert_eq!(code, Some("PERMISSION_DENIED"), "{}", entry.spec.name);
    }
}
