//! What changed in a stretch of time, as a summary counts it.

use memoranda::identity::role::Role;
use memoranda::memory::fields::{MemoryType, Status};
use memoranda::memory::memory::Memory;
use memoranda::memory::summary::Change;
use memoranda::store::Store;

use super::{draft, private};
use crate::contract::team::{ALL, Caller, Team, at};

contract! {
    every_change_comes_in_its_order_with_the_status_before_it,
    changes_before_and_after_the_stretch_do_not_come,
    a_change_is_its_makers_and_the_filter_asks_for_the_author,
    what_one_may_not_see_has_not_changed,
    changes_are_cut_at_the_limit,
}

async fn changes(caller: &Caller, from: i64, until: i64, agents: &[&str]) -> Vec<Change> {
    let agents: Vec<String> = agents.iter().map(|agent| (*agent).to_owned()).collect();
    let read = caller
        .read(move |tx, permit| tx.changes_between(permit, at(from), at(until), &agents, ALL));
    read.await.expect("reads")
}

async fn set(caller: &Caller, memory: &Memory, status: Status, when: i64) -> Memory {
    let next = memory.next(memory.statement.clone(), status, at(when));
    assert_eq!(caller.change(next.clone()).await.ok(), Some(true));
    next
}

async fn every_change_comes_in_its_order_with_the_status_before_it(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let one = ada.remember(draft("one")).await;
    let two = ada.memory_at(at(1), draft("two"));
    ada.add(two.clone()).await.expect("added");
    let expired = set(&ada, &one, Status::Expired, 2).await;
    let back = set(&ada, &expired, Status::Active, 3).await;
    set(&ada, &back, Status::Forgotten, 4).await;

    let seen = changes(&ada, 0, 9, &[]).await;

    let change = |memory: &Memory, version, status, was| Change {
        id: memory.id,
        version,
        status,
        was,
        memory_type: MemoryType::Fact,
        agent: Some("ada".to_owned()),
    };
    let expected = [
        change(&one, 1, Status::Active, None),
        change(&two, 1, Status::Active, None),
        change(&one, 2, Status::Expired, Some(Status::Active)),
        change(&one, 3, Status::Active, Some(Status::Expired)),
        change(&one, 4, Status::Forgotten, Some(Status::Active)),
    ];
    assert_eq!(seen, expected);
}

async fn changes_before_and_after_the_stretch_do_not_come(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let one = ada.remember(draft("one")).await;
    let one = set(&ada, &one, Status::Expired, 5).await;
    set(&ada, &one, Status::Active, 9).await;
    let versions = async |from, until| -> Vec<i64> {
        changes(&ada, from, until, &[]).await.iter().map(|change| change.version).collect()
    };

    assert_eq!(versions(0, 9).await, [1, 2, 3]);
    assert_eq!(versions(1, 8).await, [2]);
    assert_eq!(versions(5, 5).await, [2], "both ends are within");
    assert_eq!(versions(10, 20).await, Vec::<i64>::new());
}

async fn a_change_is_its_makers_and_the_filter_asks_for_the_author(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let one = ada.remember(draft("one")).await;
    bo.remember(draft("two")).await;
    set(&bo, &one, Status::Expired, 1).await;
    let makers = |changes: Vec<Change>| -> Vec<Option<String>> {
        changes.into_iter().map(|change| change.agent).collect()
    };

    let of_ada = makers(changes(&ada, 0, 9, &["ada"]).await);
    let of_both = changes(&ada, 0, 9, &["ada", "bo"]).await;
    let by_owner = team.owner().remember(draft("three")).await;
    let all = changes(&ada, 0, 9, &[]).await;

    assert_eq!(of_ada, [Some("ada".to_owned()), Some("bo".to_owned())]);
    assert_eq!((of_both.len(), all.len()), (3, 4));
    assert_eq!(changes(&ada, 0, 9, &["cleo"]).await, []);
    let people = all.iter().find(|change| change.id == by_owner.id).expect("there");
    assert_eq!(people.agent, None);
}

async fn what_one_may_not_see_has_not_changed(store: &Store) {
    let team = Team::new(store, "north").await;
    let other = Team::new(store, "south").await.agent("ada").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    ada.remember(private("mine")).await;
    let proposal = Memory { status: Status::Proposed, ..ada.memory(draft("proposal")) };
    ada.add(proposal.clone()).await.expect("added");
    let hidden = ada.remember(draft("hidden")).await;
    set(&ada, &hidden, Status::Quarantined, 1).await;
    let viewer = team.agent("cleo").await.in_role(Role::Viewer);

    assert_eq!(changes(&ada, 0, 9, &[]).await.len(), 2, "its own, and what it proposed");
    assert_eq!(changes(&bo, 0, 9, &[]).await.len(), 1, "an editor sees proposals");
    assert_eq!(changes(&viewer, 0, 9, &[]).await, []);
    assert_eq!(changes(&other, 0, 9, &[]).await, []);
    // Once it is accepted, that it was proposed stays its author's and the editors'.
    set(&bo, &proposal, Status::Active, 2).await;
    assert_eq!(changes(&viewer, 0, 9, &[]).await.len(), 1);
    assert_eq!(changes(&ada, 0, 9, &[]).await.len(), 3);
}

async fn changes_are_cut_at_the_limit(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    for content in ["one", "two", "three"] {
        ada.remember(draft(content)).await;
    }

    let two = ada.read(|tx, permit| tx.changes_between(permit, at(0), at(9), &[], 2)).await;

    assert_eq!(two.expect("reads").len(), 2);
}
