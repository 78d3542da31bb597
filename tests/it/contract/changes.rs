//! Word that something of a team has changed.

use std::time::Duration;

use memoranda::core::error::Error;
use memoranda::store::Store;
use memoranda::store::changes::Changes;

use super::team::{Caller, Team};

contract! {
    what_is_committed_after_listening_is_heard,
    every_listener_of_a_team_hears,
    another_teams_changes_are_not_heard,
    what_was_refused_is_not_heard,
    who_listens_when_the_last_has_gone_hears,
    what_gathers_is_heard_once,
    a_closed_store_ends_its_listeners,
}

/// Generous: a machine under load is no failure.
const LONGEST: Duration = Duration::from_secs(30);

/// Records an event.
pub async fn act(caller: &Caller) {
    let event = caller.event("x");
    caller.write(move |tx, permit| tx.record(permit, &event)).await.expect("recorded");
}

/// What is heard until this event of the team is.
pub async fn heard_until(changes: &mut Changes, sequence: i64) -> Vec<i64> {
    let mut heard = Vec::new();
    let hearing = async {
        while heard.last().is_none_or(|last| *last < sequence) {
            heard.push(changes.next().await.expect("the store is open"));
        }
    };
    let in_time = tokio::time::timeout(LONGEST, hearing).await;
    assert!(in_time.is_ok(), "event {sequence} isn't heard of, only {heard:?}");
    heard
}

async fn what_is_committed_after_listening_is_heard(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    act(&ada).await;
    let mut changes = store.changes(&ada.permit());

    for sequence in 2..10 {
        act(&ada).await;

        assert_eq!(heard_until(&mut changes, sequence).await.last(), Some(&sequence));
    }
}

async fn every_listener_of_a_team_hears(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bob) = (team.agent("ada").await, team.agent("bob").await);
    let mut first = store.changes(&ada.permit());
    let mut second = store.changes(&bob.permit());

    act(&ada).await;

    heard_until(&mut first, 1).await;
    heard_until(&mut second, 1).await;
}

async fn another_teams_changes_are_not_heard(store: &Store) {
    let north = Team::new(store, "north").await.agent("ada").await;
    let south = Team::new(store, "south").await.agent("ada").await;
    let mut of_north = store.changes(&north.permit());
    let mut of_south = store.changes(&south.permit());

    for _ in 0..5 {
        act(&south).await;
    }
    heard_until(&mut of_south, 5).await;
    act(&north).await;

    let heard = heard_until(&mut of_north, 1).await;
    assert!(heard.iter().all(|sequence| *sequence <= 1), "{heard:?}");
}

async fn what_was_refused_is_not_heard(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut changes = store.changes(&ada.permit());

    let event = ada.event("refused");
    let refused = ada.write(move |tx, permit| {
        tx.record(permit, &event)?;
        tx.record(permit, &event)?;
        Err::<(), _>(Error::not_found("thing"))
    });
    assert!(refused.await.is_err());
    act(&ada).await;

    assert_eq!(heard_until(&mut changes, 1).await.last(), Some(&1));
}

async fn who_listens_when_the_last_has_gone_hears(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;

    for sequence in 1..=20 {
        let mut changes = store.changes(&ada.permit());
        act(&ada).await;

        heard_until(&mut changes, sequence).await;
    }
}

async fn what_gathers_is_heard_once(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (mut early, mut late) = (store.changes(&ada.permit()), store.changes(&ada.permit()));

    for _ in 0..20 {
        act(&ada).await;
    }
    heard_until(&mut early, 20).await;

    assert_eq!(heard_until(&mut late, 20).await, [20]);
}

async fn a_closed_store_ends_its_listeners(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut changes = store.changes(&ada.permit());

    store.close().await;

    let ended = async { while changes.next().await.is_some() {} };
    tokio::time::timeout(LONGEST, ended).await.expect("it ends");
    assert_eq!(store.changes(&ada.permit()).next().await, None);
}
