//! Word of changes between servers.

use std::time::Duration;

use futures_util::future::poll_fn;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_postgres::{AsyncMessage, NoTls};

use super::{on, open};
use crate::cluster::{Cluster, Database};
use crate::contract::changes::{act, heard_until};
use crate::contract::team::{Caller, Team};

/// A team with a caller on each of two servers.
async fn two_servers(database: &Database) -> (Caller, Caller) {
    let (one, two) = (open(database), open(database));
    let here = Team::new(&one, "north").await.agent("ada").await;
    let there = on(&two, &here);
    (here, there)
}

#[tokio::test]
async fn a_server_hears_what_another_has_done() {
    let Some(database) = Database::new() else { return };
    let (here, there) = two_servers(&database).await;
    let mut changes = here.store().changes(&here.permit());

    for sequence in 1..20 {
        act(if sequence % 2 == 0 { &here } else { &there }).await;

        heard_until(&mut changes, sequence).await;
    }
}

/// A server listens just when another commits: either that is heard, or it could be read already.
#[tokio::test(flavor = "multi_thread")]
async fn who_begins_to_listen_while_another_server_commits_misses_nothing() {
    let Some(database) = Database::new() else { return };
    let (here, there) = two_servers(&database).await;

    for sequence in 1..=100 {
        let acting = tokio::spawn({
            let there = there.clone();
            async move { act(&there).await }
        });
        if sequence % 3 == 0 {
            tokio::task::yield_now().await;
        }
        let mut changes = here.store().changes(&here.permit());
        let already = here.events().await;
        acting.await.expect("no panic");

        if already < sequence {
            heard_until(&mut changes, i64::try_from(sequence).expect("few")).await;
        }
    }
}

#[tokio::test]
async fn a_listening_connection_that_was_ended_is_replaced_and_nothing_is_missed() {
    let Some(database) = Database::new() else { return };
    let (here, there) = two_servers(&database).await;
    let mut changes = here.store().changes(&here.permit());
    act(&there).await;
    heard_until(&mut changes, 1).await;

    for round in 1..=3 {
        let ended = database.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'memoranda'",
        );
        assert!(!ended.is_empty());
        act(&there).await;
        // It may only be told to look again: then it sees what it has missed.
        let told = tokio::time::timeout(Duration::from_secs(30), changes.next()).await;
        assert!(told.expect("it is told").is_some());
        assert_eq!(here.events().await, 2 * round);

        act(&there).await;
        heard_until(&mut changes, i64::try_from(2 * round + 1).expect("few")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_and_comes_back_is_listened_to_again() {
    let Some(cluster) = Cluster::own() else { return };
    let database = cluster.database();
    let (here, there) = two_servers(&database).await;
    let mut changes = here.store().changes(&here.permit());
    act(&there).await;
    heard_until(&mut changes, 1).await;

    cluster.stop();
    assert!(here.read(|tx, permit| tx.count_memories(permit)).await.is_err());
    cluster.resume();
    act(&there).await;

    heard_until(&mut changes, 1).await;
    act(&there).await;
    heard_until(&mut changes, 3).await;
}

/// Everything that is sent on the channel of changes, whoever listens.
async fn overheard(database: &Database) -> (tokio_postgres::Client, UnboundedReceiver<String>) {
    let connected = tokio_postgres::connect(&database.url(), NoTls).await;
    let (client, mut moving) = connected.expect("connects");
    let (heard, hearing) = unbounded_channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| moving.poll_message(context)).await {
            if let AsyncMessage::Notification(notice) = message {
                let _ = heard.send(notice.payload().to_owned());
            }
        }
    });
    client.batch_execute("LISTEN memoranda_changes").await.expect("listens");
    (client, hearing)
}

#[tokio::test]
async fn nothing_is_sent_while_nobody_listens_to_the_team_and_never_what_it_was() {
    let Some(database) = Database::new() else { return };
    let (here, there) = two_servers(&database).await;
    let south = Team::new(here.store(), "south").await.agent("bob").await;
    let (_client, mut overheard) = overheard(&database).await;

    act(&there).await;
    act(&south).await;
    let mut changes = here.store().changes(&here.permit());
    // From the first word on it is listened to.
    changes.next().await.expect("open");
    act(&south).await;
    act(&there).await;
    heard_until(&mut changes, 2).await;

    let sent = overheard.recv().await.expect("it was sent");
    assert_eq!(sent, format!("{} 2", here.principal.team));
}
