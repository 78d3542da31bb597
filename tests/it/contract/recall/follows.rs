//! The index keeps in step with what is written, on every server.

use std::sync::Arc;

use memoranda::memory::fields::Status;
use memoranda::memory::memory::Memory;
use memoranda::memory::search::{Filter, Statuses};
use memoranda::recall::{Recaller, Wanted};
use memoranda::store::Store;

use super::{Subjects, filtered, found, remember, search, server, settle, wanted};
use crate::contract::team::{Team, at, draft};

recall_contract! {
    what_is_erased_is_gone_at_once,
    what_was_answered_is_found_at_once_on_every_server,
    what_is_changed_is_found_as_it_is_now,
    what_is_forgotten_expired_or_quarantined_is_gone_at_once,
    more_memories_than_a_page_are_all_found,
    indexes_that_were_let_go_are_made_again,
    writers_and_readers_that_run_together_agree,
}

async fn what_was_answered_is_found_at_once_on_every_server(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let servers = [server(), server()];

    for number in 0..12 {
        let writer = &servers[number % 2];
        let memory = remember(writer, &ada, draft(&format!("kitten {number}"))).await;
        for server in &servers {
            let all = filtered(server, &ada, "feline", Filter::default()).await;
            assert_eq!(all.len(), number + 1);
            assert!(all.contains(&memory.id));
        }
    }
}

async fn what_is_changed_is_found_as_it_is_now(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let server = server();
    let memory = remember(&server, &ada, draft("the cat sleeps")).await;
    assert_eq!(found(&server, &ada, "feline").await, [memory.id]);
    let statement = draft("the bread is fresh").applied_to(&memory.statement, at(1));
    let next = memory.next(statement.expect("valid"), Status::Active, at(1));
    let written = server.embed_written(&["the bread is fresh"]).await;

    let changed = ada.write({
        let next = next.clone();
        move |tx, permit| {
            assert!(tx.change_memory(permit, &next, Some(&next.words()))?);
            written.put(tx, permit, &next)
        }
    });
    changed.await.expect("changed");

    assert!(found(&server, &ada, "feline").await.is_empty());
    let hits = search(&server, &ada, wanted("bakery")).await;
    assert_eq!(hits.iter().map(|hit| &hit.memory).collect::<Vec<_>>(), [&next]);
}

async fn what_is_forgotten_expired_or_quarantined_is_gone_at_once(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let servers = [server(), server()];
    for status in [Status::Forgotten, Status::Expired, Status::Quarantined, Status::Superseded] {
        let memory = remember(&servers[0], &ada, draft("the cat sleeps")).await;
        for server in &servers {
            assert_eq!(found(server, &ada, "cat feline").await, [memory.id]);
        }

        settle(&owner, &memory, status).await;

        for server in &servers {
            assert!(found(server, &ada, "cat feline").await.is_empty(), "{status:?}");
            let all = Filter { status: Statuses::All, ..Filter::default() };
            let is_listed = matches!(status, Status::Expired | Status::Superseded);
            let listed = filtered(server, &ada, "cat feline", all).await;
            assert_eq!(listed.contains(&memory.id), is_listed, "{status:?}");
        }
    }
}

async fn what_is_erased_is_gone_at_once(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let server = server();
    let memory = remember(&server, &ada, draft("the cat sleeps")).await;
    let stays = remember(&server, &ada, draft("a kitten")).await;
    assert_eq!(found(&server, &ada, "feline").await.len(), 2);

    let erased = ada
        .write(move |tx, permit| tx.erase_memory(permit.oversight()?, memory.id, at(1), "request"));
    assert!(erased.await.expect("answers"));

    assert_eq!(found(&server, &ada, "feline").await, [stays.id]);
}

async fn more_memories_than_a_page_are_all_found(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let server = server();
    let add_some = async |from: usize, to: usize| {
        let memories: Vec<Memory> =
            (from..to).map(|number| ada.memory(draft(&format!("apple {number}")))).collect();
        let added = ada.write(move |tx, permit| {
            memories.iter().try_for_each(|memory| tx.add_memory(permit, memory, &memory.words()))
        });
        added.await.expect("kept");
    };

    add_some(0, 2_100).await;
    let made = search(&server, &ada, Wanted { limit: 5_000, ..wanted("apple") }).await.len();
    add_some(2_100, 3_200).await;
    let followed = search(&server, &ada, Wanted { limit: 5_000, ..wanted("apple") }).await.len();

    assert_eq!((made, followed), (2_100, 3_200));
}

async fn indexes_that_were_let_go_are_made_again(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, bob) = (north.agent("ada").await, south.agent("bob").await);
    let server = Arc::new(Recaller::new(Some(Subjects::named("subjects")), 1));
    let ours = remember(&server, &ada, draft("the cat sleeps")).await;
    let theirs = remember(&server, &bob, draft("a kitten")).await;

    for _ in 0..3 {
        assert_eq!(found(&server, &ada, "feline").await, [ours.id]);
        assert_eq!(found(&server, &bob, "feline").await, [theirs.id]);
    }
}

async fn writers_and_readers_that_run_together_agree(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let servers = [server(), server()];
    let lanes = (0..8_usize).map(|lane| {
        let (ada, servers) = (ada.clone(), servers.clone());
        async move {
            for round in 0..15_usize {
                let (writer, reader) = (&servers[lane % 2], &servers[(lane + round) % 2]);
                let text = format!("kitten {lane} of {round}");
                let memory = remember(writer, &ada, draft(&text)).await;
                let all = filtered(reader, &ada, "kitten", Filter::default()).await;
                assert!(all.contains(&memory.id));
                if round % 2 == 0 {
                    settle(&ada, &memory, Status::Forgotten).await;
                    let all = filtered(reader, &ada, "kitten", Filter::default()).await;
                    assert!(!all.contains(&memory.id));
                }
            }
        }
    });

    // By words: in such a rush some are embedded later.
    futures_util::future::join_all(lanes).await;

    for server in &servers {
        let all = filtered(server, &ada, "kitten", Filter::default()).await;
        assert_eq!(all.len(), 8 * 7);
    }
}
