use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use memoranda::core::error::{Code, Result};
use memoranda::core::id::MemoryId;
use memoranda::identity::chain::first_break;
use memoranda::store::Store;
use memoranda::store::postgres::Postgres;

use super::open;
use crate::cluster::{Cluster, Database};
use crate::contract::team::{ALL, Caller, Team, draft};

/// Ends every connection of the servers to this database.
fn end_connections(database: &Database) -> usize {
    let ended = database.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'memoranda'",
    );
    ended.len()
}

#[tokio::test]
async fn connections_that_the_server_ended_are_replaced_without_a_failure() {
    let Some(database) = Database::new() else { return };
    let store = open(&database);
    let ada = Team::new(&store, "north").await.agent("ada").await;

    for round in 1..=5 {
        ada.remember(draft("apple")).await;
        assert_eq!(ada.count().await, round);

        assert!(end_connections(&database) > 0);
    }

    assert!(store.is_ready().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_whose_connection_is_lost_is_run_again_and_kept_once() {
    let Some(database) = Database::new() else { return };
    let store = open(&database);
    let ada = Team::new(&store, "north").await.agent("ada").await;
    let (memory, event) = (ada.memory(draft("apple")), ada.event("x"));
    let ((begun, wait_begun), (go_on, wait)) = (mpsc::channel(), mpsc::channel());
    let runs = Arc::new(AtomicUsize::new(0));
    let unit = tokio::spawn({
        let (ada, runs) = (ada.clone(), Arc::clone(&runs));
        async move {
            let answer = ada.write(move |tx, permit| {
                tx.add_memory(permit, &memory, &memory.words())?;
                tx.count_memories(permit)?;
                if runs.fetch_add(1, Ordering::SeqCst) == 0 {
                    begun.send(()).expect("the test waits");
                    wait.recv().expect("the test goes on");
                }
                tx.count_memories(permit)?;
                tx.record(permit, &event)
            });
            answer.await
        }
    });
    tokio::task::spawn_blocking(move || wait_begun.recv()).await.expect("runs").expect("begun");

    end_connections(&database);
    go_on.send(()).expect("the unit waits");

    unit.await.expect("no panic").expect("kept at the second attempt");
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!((ada.count().await, ada.events().await), (1, 1));
}

/// Remembers until told to stop; gives the ids that were answered for, and how often it was told
/// to try again.
async fn remember_on(ada: Caller, stop: Arc<AtomicBool>) -> (Vec<MemoryId>, usize) {
    let (mut kept, mut refused) = (Vec::new(), 0);
    while !stop.load(Ordering::SeqCst) {
        let (memory, event) = (ada.memory(draft("apple")), ada.event("x"));
        let id = memory.id;
        let answer: Result<()> = ada
            .write(move |tx, permit| {
                tx.add_memory(permit, &memory, &memory.words())?;
                tx.record(permit, &event)
            })
            .await;
        match answer {
            Ok(()) => kept.push(id),
            Err(error) => {
                assert_eq!(error.code(), Code::Unavailable, "{error:?}");
                assert!(error.retry_after_seconds().is_some());
                refused += 1;
            }
        }
    }
    (kept, refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_restarts_under_load_loses_nothing_that_was_answered() {
    let Some(cluster) = Cluster::own() else { return };
    let database = cluster.database();
    let stores: Vec<Store> =
        (0..2).map(|_| Store::new(Postgres::open(&database.url(), None).expect("opens"))).collect();
    let ada = Team::new(&stores[0], "north").await.agent("ada").await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..8)
        .map(|number| {
            let caller = super::on(&stores[number % 2], &ada);
            tokio::spawn(remember_on(caller, Arc::clone(&stop)))
        })
        .collect();

    let mut before = 0;
    for mode in ["fast", "immediate"] {
        // Each restart finds work going on.
        while ada.count().await < before + 50 {
            tokio::task::yield_now().await;
        }
        tokio::task::spawn_blocking(move || cluster.restart(mode)).await.expect("restarted");
        before = loop {
            let counted = ada.read(|tx, permit| tx.count_memories(permit)).await;
            match counted {
                Ok(count) => break count,
                Err(error) => assert_eq!(error.code(), Code::Unavailable),
            }
        };
    }
    while ada.count().await < before + 50 {
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::SeqCst);
    let mut kept = Vec::new();
    for writer in writers {
        kept.extend(writer.await.expect("no panic").0);
    }

    for id in &kept {
        assert!(ada.get(*id).await.is_some(), "{id} was answered for");
    }
    let chain = ada.read(|tx, permit| tx.chain(permit, 0, ALL)).await.expect("reads");
    assert_eq!(first_break(chain.iter().map(|(event, hash)| (event, *hash))), None);
    assert_eq!(ada.count().await, chain.len() as u64, "a memory without its event, or without one");
    assert!(chain.len() >= kept.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_everything_is_unavailable_and_then_it_works_again() {
    let Some(cluster) = Cluster::own() else { return };
    let database = cluster.database();
    let store = Store::new(Postgres::open(&database.url(), None).expect("opens"));
    let ada = Team::new(&store, "north").await.agent("ada").await;
    ada.remember(draft("apple")).await;

    tokio::task::spawn_blocking(|| cluster.stop()).await.expect("stopped");
    let write = ada.add(ada.memory(draft("too late"))).await.expect_err("refused");
    let read = ada.read(|tx, permit| tx.count_memories(permit)).await.expect_err("refused");
    let ready = store.is_ready().await.expect_err("refused");
    tokio::task::spawn_blocking(|| cluster.resume()).await.expect("started");

    assert_eq!([write.code(), read.code(), ready.code()], [Code::Unavailable; 3]);
    assert!(write.retry_after_seconds().is_some());
    assert_eq!(ada.count().await, 1, "without a restart of the server");
    ada.remember(draft("pear")).await;
}
