//! What is held already, and who else said it.

use memoranda::core::id::MemoryId;
use memoranda::identity::role::Role;
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{Status, Visibility};
use memoranda::memory::memory::Memory;
use memoranda::memory::same;
use memoranda::memory::search::Filter;
use memoranda::store::Store;
use memoranda::store::confirmations::Confirmation;

use super::team::{ALL, Caller, Team, at, draft};

contract! {
    what_is_held_is_found_however_it_is_written,
    what_cannot_be_seen_is_not_held,
    what_is_no_longer_active_is_not_held,
    a_memory_is_held_by_what_it_says_now,
    a_turn_of_a_transcript_is_held_while_it_is_new,
    what_is_held_comes_newest_first_and_stops_at_the_limit,
    each_actor_confirms_once_and_is_told_with_the_time,
    a_confirmation_is_seen_in_every_reading,
    a_confirmation_counts_while_the_memory_says_that,
    what_cannot_be_seen_is_not_confirmed,
    the_confirmations_of_another_team_stay_its_own,
}

const SAID: &str = "The heron nests here.";

async fn held(caller: &Caller, said: &str, since: i64, limit: usize) -> Vec<MemoryId> {
    let prints = vec![same::print(said)];
    let found = caller.read(move |tx, permit| tx.held(permit, &prints, at(since), limit)).await;
    found.expect("reads").iter().map(|memory| memory.id).collect()
}

async fn confirm(caller: &Caller, memory: &Memory, millis: i64) -> bool {
    let memory = memory.clone();
    let confirmed = caller.write(move |tx, permit| tx.confirm(permit, &memory, at(millis))).await;
    confirmed.expect("writes")
}

async fn confirmations(caller: &Caller, id: MemoryId) -> Vec<Confirmation> {
    caller.read(move |tx, permit| tx.confirmations(permit, id)).await.expect("reads")
}

async fn count(caller: &Caller, id: MemoryId) -> u32 {
    caller.get(id).await.expect("there").confirmations
}

fn edited(memory: &Memory, content: &str) -> Memory {
    let statement = draft(content).applied_to(&memory.statement, at(0)).expect("a statement");
    memory.next(statement, memory.status, at(1))
}

async fn what_is_held_is_found_however_it_is_written(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let id = ada.remember(draft(SAID)).await.id;
    ada.remember(draft("The owl nests here.")).await;

    for said in [SAID, "the heron  nests here", "HERON NESTS HERE"] {
        assert_eq!(held(&bo, said, 0, ALL).await, [id], "{said}");
    }
    assert!(held(&bo, "The heron nested here.", 0, ALL).await.is_empty());
    let nothing = bo.read(|tx, permit| tx.held(permit, &[], at(0), ALL)).await;
    assert!(nothing.expect("reads").is_empty());
}

async fn what_cannot_be_seen_is_not_held(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let own = Draft { visibility: Some(Visibility::Agent), ..draft(SAID) };
    let own = ada.remember(own).await.id;
    let proposal = Memory { status: Status::Proposed, ..ada.memory_at(at(1), draft(SAID)) };
    let proposal = ada.add(proposal).await.expect("kept");
    let stranger = Team::new(store, "south").await.agent("cy").await;

    assert_eq!(held(&ada, SAID, 0, ALL).await, [proposal, own]);
    assert_eq!(held(&bo, SAID, 0, ALL).await, [proposal]);
    assert!(held(&bo.in_role(Role::Viewer), SAID, 0, ALL).await.is_empty());
    assert!(held(&stranger, SAID, 0, ALL).await.is_empty());
}

async fn what_is_no_longer_active_is_not_held(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let statuses = [Status::Expired, Status::Superseded, Status::Forgotten, Status::Quarantined];

    for status in statuses {
        let memory = Memory { status, ..ada.memory(draft(SAID)) };
        ada.add(memory).await.expect("kept");
    }

    assert!(held(&ada, SAID, 0, ALL).await.is_empty());
}

async fn a_memory_is_held_by_what_it_says_now(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.remember(draft(SAID)).await;

    let changed = edited(&memory, "The owl nests here.");
    ada.change(changed.clone()).await.expect("changed");

    assert!(held(&ada, SAID, 0, ALL).await.is_empty());
    assert_eq!(held(&ada, "the owl nests here", 0, ALL).await, [memory.id]);
    let tombstone = changed.next(changed.statement.clone(), Status::Forgotten, at(2));
    let gone = ada.write(move |tx, permit| tx.change_memory(permit, &tombstone, None)).await;
    assert_eq!(gone.ok(), Some(true));
    assert!(held(&ada, "the owl nests here", 0, ALL).await.is_empty());
}

async fn a_turn_of_a_transcript_is_held_while_it_is_new(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let turn = Draft { thread: Some("call".into()), position: Some(1), ..draft(SAID) };
    let turn = ada.memory_at(at(5), turn);
    let id = ada.add(turn).await.expect("kept");

    assert_eq!(held(&ada, SAID, 5, ALL).await, [id]);
    assert!(held(&ada, SAID, 6, ALL).await.is_empty());
}

async fn what_is_held_comes_newest_first_and_stops_at_the_limit(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut ids = Vec::new();
    for millis in [1, 2, 3] {
        ids.insert(0, ada.add(ada.memory_at(at(millis), draft(SAID))).await.expect("kept"));
    }

    for limit in 0..4 {
        assert_eq!(held(&ada, SAID, 0, limit).await, ids[..limit]);
    }
}

async fn each_actor_confirms_once_and_is_told_with_the_time(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo, owner) = (team.agent("ada").await, team.agent("bo").await, team.owner());
    let memory = ada.remember(draft(SAID)).await;

    assert!(confirm(&bo, &memory, 3).await);
    assert!(!confirm(&bo, &memory, 4).await);
    assert!(confirm(&owner, &memory, 2).await);

    assert_eq!(count(&ada, memory.id).await, 2);
    let [by_bo, by_owner] = [&bo, &owner].map(|caller| caller.memory(draft("x")).author);
    let expected =
        [Confirmation { by: by_owner, at: at(2) }, Confirmation { by: by_bo, at: at(3) }];
    assert_eq!(confirmations(&ada, memory.id).await, expected);
}

async fn a_confirmation_is_seen_in_every_reading(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let memory = ada.remember(draft(SAID)).await;

    confirm(&bo, &memory, 0).await;

    let id = memory.id;
    let read = ada.read(move |tx, permit| {
        let mut all = tx.newest_memories(permit, &Filter::default(), ALL)?;
        all.extend(tx.changed_memories(permit, &Filter::default(), ALL)?);
        all.extend(tx.memories_of(permit, &[id])?);
        all.extend(tx.held(permit, &[same::print(SAID)], at(0), ALL)?);
        let words = ["heron".to_owned()];
        let found = tx.memories_with_words(permit, &words, &Filter::default(), ALL)?;
        all.extend(found.into_iter().map(|candidate| candidate.memory));
        Ok(all)
    });
    let all = read.await.expect("reads");
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|memory| memory.confirmations == 1));
    assert!((all[0].confidence() - 0.85).abs() < f64::EPSILON);
}

async fn a_confirmation_counts_while_the_memory_says_that(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let memory = ada.remember(draft(SAID)).await;
    confirm(&bo, &memory, 0).await;
    let memory = ada.get(memory.id).await.expect("there");

    let other = edited(&memory, "The owl nests here.");
    ada.change(other.clone()).await.expect("changed");

    assert_eq!((other.confirmations, count(&ada, memory.id).await), (0, 0));
    assert!(confirmations(&ada, memory.id).await.is_empty());
    assert!(!confirm(&bo, &memory, 0).await);
    let back = edited(&other, "the heron nests here");
    ada.change(back).await.expect("changed");
    assert_eq!(count(&ada, memory.id).await, 1);
}

async fn what_cannot_be_seen_is_not_confirmed(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let own = Draft { visibility: Some(Visibility::Agent), ..draft(SAID) };
    let memory = ada.remember(own).await;

    assert!(!confirm(&bo, &memory, 0).await);

    assert_eq!(count(&ada, memory.id).await, 0);
    assert!(confirmations(&bo, memory.id).await.is_empty());
}

async fn the_confirmations_of_another_team_stay_its_own(store: &Store) {
    let north = Team::new(store, "north").await;
    let (ada, bo) = (north.agent("ada").await, north.agent("bo").await);
    let stranger = Team::new(store, "south").await.agent("cy").await;
    let memory = ada.remember(draft(SAID)).await;
    confirm(&bo, &memory, 0).await;

    assert!(!confirm(&stranger, &memory, 0).await);

    assert!(confirmations(&stranger, memory.id).await.is_empty());
    assert_eq!(confirmations(&ada, memory.id).await.len(), 1);
}
