//! What a stretch of time brought to memories that are there already: conflicts and confirmations.

use memoranda::core::id::MemoryId;
use memoranda::memory::conflict::{
    Conflict, ConflictKind, ConflictStatus, Finding, Resolution, Severity,
};
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{Status, Visibility};
use memoranda::memory::memory::Memory;
use memoranda::store::Store;
use memoranda::store::conflicts::ConflictCounts;

use super::team::{ALL, Caller, Team, at, draft};

contract! {
    conflicts_are_counted_when_they_are_opened_and_when_they_are_settled,
    conflicts_are_counted_for_those_who_see_both_memories,
    what_was_confirmed_comes_by_how_often,
    what_is_confirmed_counts_while_it_stands_and_is_seen,
}

async fn opened(who: &Caller, existing: &Memory, newer: &Memory, millis: i64) -> Conflict {
    let finding =
        Finding { kind: ConflictKind::Outdated, severity: Severity::Low, signals: Vec::new() };
    let conflict = Conflict::new(who.next_id(), finding, existing, newer, at(millis));
    let new = conflict.clone();
    let opens = who.write(move |tx, permit| tx.open_conflict(permit, &new));
    assert!(opens.await.expect("opens"));
    conflict
}

async fn counts(who: &Caller, from: i64, until: i64, agents: &[&str]) -> (u64, u64) {
    let agents: Vec<String> = agents.iter().map(|slug| (*slug).to_owned()).collect();
    let read = who.read(move |tx, permit| tx.conflict_counts(permit, at(from), at(until), &agents));
    let ConflictCounts { opened, settled } = read.await.expect("counts");
    (opened, settled)
}

async fn confirm(who: &Caller, memory: &Memory, millis: i64) {
    let memory = memory.clone();
    let confirmed = who.write(move |tx, permit| tx.confirm(permit, &memory, at(millis)));
    assert!(confirmed.await.expect("confirms"));
}

async fn confirmed(who: &Caller, from: i64, until: i64, agents: &[&str]) -> Vec<(MemoryId, u64)> {
    let agents: Vec<String> = agents.iter().map(|slug| (*slug).to_owned()).collect();
    let read =
        who.read(move |tx, permit| tx.confirmed_between(permit, at(from), at(until), &agents, ALL));
    read.await.expect("reads")
}

async fn conflicts_are_counted_when_they_are_opened_and_when_they_are_settled(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let (apple, pear) = (ada.remember(draft("apple")).await, bo.remember(draft("pear")).await);
    let plum = bo.remember(draft("plum")).await;
    let first = opened(&ada, &apple, &pear, 10).await;
    opened(&bo, &pear, &plum, 20).await;
    let asked = Conflict {
        status: ConflictStatus::PendingApproval,
        resolution: Some(Resolution::Merge),
        decided_at: Some(at(25)),
        ..first.clone()
    };
    let done =
        Conflict { status: ConflictStatus::Resolved, decided_at: Some(at(30)), ..asked.clone() };
    for (next, was) in [(asked, ConflictStatus::Pending), (done, ConflictStatus::PendingApproval)] {
        let settles = ada.write(move |tx, permit| tx.settle_conflict(permit, &next, was));
        assert!(settles.await.expect("settles"));
        assert_eq!(counts(&ada, 21, 29, &[]).await, (0, 0), "to ask settles nothing");
    }

    assert_eq!(counts(&ada, 0, 99, &[]).await, (2, 1));
    assert_eq!(counts(&ada, 10, 20, &[]).await, (2, 0));
    assert_eq!(counts(&ada, 11, 30, &[]).await, (1, 1));
    assert_eq!(counts(&ada, 0, 99, &["ada"]).await, (1, 1));
    assert_eq!(counts(&ada, 0, 99, &["bo"]).await, (2, 1));
    assert_eq!(counts(&ada, 0, 99, &["cy"]).await, (0, 0));
}

async fn conflicts_are_counted_for_those_who_see_both_memories(store: &Store) {
    let (team, other) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let apple = ada.remember(draft("apple")).await;
    let mine = Draft { visibility: Some(Visibility::Agent), ..draft("pear") };
    let pear = ada.remember(mine).await;
    opened(&ada, &apple, &pear, 10).await;

    assert_eq!(counts(&ada, 0, 99, &[]).await, (1, 0));
    assert_eq!(counts(&bo, 0, 99, &[]).await, (0, 0));
    assert_eq!(counts(&other.owner(), 0, 99, &[]).await, (0, 0));
}

async fn what_was_confirmed_comes_by_how_often(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo, cy) = (team.agent("ada").await, team.agent("bo").await, team.agent("cy").await);
    let (apple, pear) = (ada.remember(draft("apple")).await, ada.remember(draft("pear")).await);
    let plum = bo.remember(draft("plum")).await;
    confirm(&bo, &apple, 10).await;
    confirm(&cy, &apple, 50).await;
    confirm(&bo, &pear, 20).await;
    confirm(&cy, &pear, 20).await;
    confirm(&cy, &plum, 20).await;

    let first = [(apple.id, 2), (pear.id, 2), (plum.id, 1)];
    assert_eq!(confirmed(&ada, 0, 99, &[]).await, first);
    assert_eq!(confirmed(&ada, 20, 49, &[]).await, [(pear.id, 2), (plum.id, 1)]);
    assert_eq!(confirmed(&ada, 0, 99, &["bo"]).await, [(plum.id, 1)]);
    assert_eq!(confirmed(&ada, 60, 99, &[]).await, []);
}

async fn what_is_confirmed_counts_while_it_stands_and_is_seen(store: &Store) {
    let (team, other) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let (apple, pear) = (ada.remember(draft("apple")).await, ada.remember(draft("pear")).await);
    confirm(&bo, &apple, 10).await;
    confirm(&bo, &pear, 10).await;
    let said = draft("quince").applied_to(&apple.statement, at(0)).expect("a statement");
    assert!(ada.change(apple.next(said, Status::Active, at(20))).await.expect("changes"));
    let gone = pear.next(pear.statement.clone(), Status::Expired, at(20));
    assert_eq!(confirmed(&ada, 0, 99, &[]).await, [(pear.id, 1)]);
    assert_eq!(confirmed(&other.owner(), 0, 99, &[]).await, []);

    assert!(ada.change(gone).await.expect("expires"));

    assert_eq!(confirmed(&ada, 0, 99, &[]).await, []);
}
