//! Recall shows nobody what the store would not, and keeps to what was asked.

use std::collections::BTreeSet;

use memoranda::core::clock::Timestamp;
use memoranda::identity::role::Role;
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{MemoryType, Status, Visibility};
use memoranda::memory::search::{Filter, Statuses};
use memoranda::recall::{Found, Wanted};
use memoranda::store::Store;

use super::{add, filtered, found, remember, search, server, settle, wanted};
use crate::contract::team::{Caller, Team, draft};

recall_contract! {
    a_private_memory_is_found_by_its_author_alone_whatever_is_asked,
    a_proposal_is_found_by_its_author_and_editors,
    another_teams_memories_are_never_found,
    filters_are_kept,
    a_renamed_author_is_found_by_the_new_name,
    a_name_that_nobody_has_finds_nothing,
    limits_and_scores_are_kept,
}

fn private(content: &str) -> Draft {
    Draft { visibility: Some(Visibility::Agent), ..draft(content) }
}

async fn a_private_memory_is_found_by_its_author_alone_whatever_is_asked(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bob, owner) = (team.agent("ada").await, team.agent("bob").await, team.owner());
    let server = server();
    let hers = Draft {
        tags: Some(vec!["pets".to_owned()]),
        thread: Some("talk".to_owned()),
        position: Some(1),
        speaker: Some("Ada".to_owned()),
        occurred_at: Some("2026-05-08".to_owned()),
        ..private("the cat sleeps")
    };
    let hers = remember(&server, &ada, hers).await;
    let beside = Draft { thread: Some("talk".to_owned()), ..draft("it rained") };
    let beside = remember(&server, &bob, Draft { position: Some(2), ..beside }).await;
    // By its author, so that the index holds it.
    assert_eq!(found(&server, &ada, "feline").await[0], hers.id);

    let moment = |text: &str| Timestamp::parse(text, false);
    for filter in [
        Filter::default(),
        Filter { status: Statuses::All, ..Filter::default() },
        Filter { visibility: Some(Visibility::Agent), ..Filter::default() },
        Filter { agents: vec!["ada".to_owned()], ..Filter::default() },
        Filter { tags: vec!["pets".to_owned()], ..Filter::default() },
        Filter { thread: Some("talk".to_owned()), ..Filter::default() },
        Filter { speakers: vec!["Ada".to_owned()], ..Filter::default() },
        Filter { types: vec![MemoryType::Fact], ..Filter::default() },
        Filter { occurred_after: moment("2026-05-01"), ..Filter::default() },
        Filter { created_after: moment("2020-01-01"), ..Filter::default() },
    ] {
        for other in [&bob, &owner] {
            let seen = filtered(&server, other, "the cat sleeps, feline", filter.clone()).await;
            assert!(!seen.contains(&hers.id), "{filter:?}");
        }
        let hers_too = filtered(&server, &ada, "the cat sleeps, feline", filter.clone()).await;
        assert!(hers_too.contains(&hers.id), "{filter:?}");
    }
    // What stands beside it scores as if it weren't there.
    let scores = async |caller: &Caller| {
        let hits = search(&server, caller, wanted("rain")).await;
        hits.into_iter().find(|hit| hit.memory.id == beside.id).expect("found").scored
    };
    let alone = Team::new(store, "south").await.agent("bob").await;
    let same = Draft { thread: Some("talk".to_owned()), ..draft("it rained") };
    remember(&server, &alone, Draft { position: Some(2), ..same }).await;
    let apart = search(&server, &alone, wanted("rain")).await[0].scored;
    assert!((scores(&bob).await.score - apart.score).abs() < f32::EPSILON);
}

async fn a_proposal_is_found_by_its_author_and_editors(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bob) = (team.agent("ada").await, team.agent("bob").await);
    let viewer = bob.clone().in_role(Role::Viewer);
    let server = server();
    let mut memory = ada.memory(draft("the cat sleeps"));
    memory.status = Status::Proposed;
    add(&server, &ada, memory.clone()).await;
    let proposed = || Filter { status: Statuses::Proposed, ..Filter::default() };

    assert_eq!(filtered(&server, &ada, "feline", proposed()).await.len(), 1);
    assert_eq!(filtered(&server, &bob, "feline", proposed()).await.len(), 1);
    assert!(filtered(&server, &viewer, "feline", proposed()).await.is_empty());
    assert!(found(&server, &bob, "feline").await.is_empty());
    settle(&team.owner(), &memory, Status::Active).await;
    assert_eq!(found(&server, &viewer, "feline").await, [memory.id]);
}

async fn another_teams_memories_are_never_found(store: &Store) {
    let north = Team::new(store, "north").await;
    let south = Team::new(store, "south").await;
    let (ada, eve) = (north.agent("ada").await, south.agent("ada").await);
    let server = server();
    let ours = remember(&server, &ada, draft("the cat sleeps")).await;
    let theirs = remember(&server, &eve, draft("the cat sleeps")).await;

    for round in 0..3 {
        assert_eq!(found(&server, &ada, "cat feline").await, [ours.id], "round {round}");
        assert_eq!(found(&server, &eve, "cat feline").await, [theirs.id], "round {round}");
    }
}

async fn filters_are_kept(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bob) = (team.agent("ada").await, team.agent("bob").await);
    let server = server();
    let wanted_one = Draft {
        tags: Some(vec!["red".to_owned(), "blue".to_owned()]),
        memory_type: Some(MemoryType::Goal),
        speaker: Some("Eve".to_owned()),
        thread: Some("t".to_owned()),
        ..draft("cat one")
    };
    let one = remember(&server, &ada, wanted_one).await.id;
    let other = remember(&server, &bob, draft("cat two")).await.id;

    for filter in [
        Filter { tags: vec!["blue".to_owned()], ..Filter::default() },
        Filter { types: vec![MemoryType::Goal], ..Filter::default() },
        Filter { speakers: vec!["Eve".to_owned()], ..Filter::default() },
        Filter { thread: Some("t".to_owned()), ..Filter::default() },
        Filter { agents: vec!["ada".to_owned()], ..Filter::default() },
    ] {
        let seen = filtered(&server, &bob, "feline", filter.clone()).await;
        assert_eq!(seen, BTreeSet::from([one]), "{filter:?}");
    }
    let all = filtered(&server, &bob, "feline", Filter::default()).await;
    assert_eq!(all, BTreeSet::from([one, other]));
    let both = Filter { agents: vec!["ada".to_owned(), "bob".to_owned()], ..Filter::default() };
    assert_eq!(filtered(&server, &bob, "feline", both).await, all);
}

async fn a_renamed_author_is_found_by_the_new_name(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bob) = (team.agent("ada").await, team.agent("bob").await);
    let server = server();
    let hers = remember(&server, &ada, draft("cat one")).await.id;
    remember(&server, &bob, draft("cat two")).await;
    let by = |name: &str| Filter { agents: vec![name.to_owned()], ..Filter::default() };
    assert_eq!(filtered(&server, &bob, "feline", by("ada")).await, BTreeSet::from([hers]));
    let (id, agent) = (team.id, ada.agent_id());

    store.first_use(move |tx| tx.rename_agent(id, agent, "ida")).await.expect("renamed");

    assert_eq!(filtered(&server, &bob, "feline", by("ida")).await, BTreeSet::from([hers]));
    assert!(filtered(&server, &bob, "feline", by("ada")).await.is_empty());
}

async fn a_name_that_nobody_has_finds_nothing(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let server = server();
    for number in 0..50 {
        remember(&server, &ada, draft(&format!("cat {number}"))).await;
    }

    let nobody = Filter { agents: vec!["nobody".to_owned()], ..Filter::default() };

    assert!(filtered(&server, &ada, "feline", nobody).await.is_empty());
}

async fn limits_and_scores_are_kept(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let server = server();
    for number in 0..60 {
        remember(&server, &ada, draft(&format!("cat number {number}"))).await;
    }
    remember(&server, &ada, draft("cat feline kitten")).await;

    let all = search(&server, &ada, Wanted { limit: 100, ..wanted("feline kitten") }).await;

    assert_eq!(all.len(), 61);
    let order = |found: &[Found]| found.iter().map(|hit| hit.memory.id).collect::<Vec<_>>();
    assert!(all.windows(2).all(|two| two[0].scored.score >= two[1].scored.score));
    for limit in [1, 19, 20, 21, 60, 61] {
        let some = search(&server, &ada, Wanted { limit, ..wanted("feline kitten") }).await;
        assert_eq!(order(&some), order(&all[..limit]));
    }
    let least = all[0].scored.score;
    let best = search(&server, &ada, Wanted { least, ..wanted("feline kitten") }).await;
    assert_eq!(order(&best), order(&all[..1]));
    let varied = Wanted { diversity: 0.5, limit: 5, ..wanted("feline kitten") };
    assert_eq!(search(&server, &ada, varied).await.len(), 5);
}
