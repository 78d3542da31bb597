//! In which status a memory is found, and by whom.

use memoranda::core::id::MemoryId;
use memoranda::identity::role::Role;
use memoranda::memory::fields::Status;
use memoranda::memory::memory::Memory;
use memoranda::memory::search::{Filter, Statuses};
use memoranda::store::Store;

use super::{draft, private};
use crate::contract::team::{ALL, Caller, Team, at};

contract! {
    each_status_finds_its_own,
    every_status_but_forgotten_is_found_by_all,
    the_newest_of_all_statuses_stand_in_one_order,
    the_newest_of_all_statuses_stop_at_the_limit,
    a_memory_is_found_where_its_newest_version_stands,
    what_is_proposed_is_seen_by_its_author_and_by_editors,
    what_is_proposed_in_private_is_seen_by_its_author_alone,
    what_is_expired_or_superseded_is_seen_by_viewers,
}

const STATUSES: [(Statuses, Status); 4] = [
    (Statuses::Active, Status::Active),
    (Statuses::Proposed, Status::Proposed),
    (Statuses::Expired, Status::Expired),
    (Statuses::Superseded, Status::Superseded),
];

fn of(status: Statuses) -> Filter {
    Filter { status, ..Filter::default() }
}

async fn add(caller: &Caller, status: Status, millis: i64) -> MemoryId {
    let memory = caller.memory_at(at(millis), draft("apple"));
    caller.add(Memory { status, ..memory }).await.expect("kept")
}

/// How many of the ways to a memory lead there, asking for every status.
async fn ways(caller: &Caller, id: MemoryId) -> usize {
    let versions = caller.read(move |tx, permit| tx.memory_versions(permit, id)).await;
    let found = [
        caller.get(id).await.is_some(),
        !versions.expect("reads").is_empty(),
        caller.newest(&of(Statuses::All), ALL).await.contains(&id),
        caller.found("apple", &of(Statuses::All), ALL).await.contains(&id),
    ];
    found.into_iter().filter(|is_found| *is_found).count()
}

async fn each_status_finds_its_own(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;

    for (asked, status) in STATUSES {
        let id = add(&ada, status, 0).await;

        assert_eq!(ada.newest(&of(asked), ALL).await, [id], "{status:?}");
        assert_eq!(ada.found("apple", &of(asked), ALL).await, [id], "{status:?}");
    }
}

async fn every_status_but_forgotten_is_found_by_all(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut kept = Vec::new();
    for (_, status) in STATUSES {
        kept.push(add(&ada, status, 0).await);
    }

    // With its words: an engine must look at the status itself.
    add(&ada, Status::Forgotten, 0).await;

    let (mut newest, mut found) = (
        ada.newest(&of(Statuses::All), ALL).await,
        ada.found("apple", &of(Statuses::All), ALL).await,
    );
    newest.sort_unstable();
    found.sort_unstable();
    kept.sort_unstable();
    assert_eq!((&newest, &found), (&kept, &kept));
}

async fn the_newest_of_all_statuses_stand_in_one_order(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut kept = Vec::new();
    for millis in [0, 0, 1, 2] {
        for (_, status) in STATUSES {
            kept.push((at(millis), add(&ada, status, millis).await));
        }
    }

    let newest = ada.newest(&of(Statuses::All), ALL).await;

    kept.sort_unstable();
    let expected: Vec<MemoryId> = kept.iter().rev().map(|(_, id)| *id).collect();
    assert_eq!(newest, expected);
}

async fn the_newest_of_all_statuses_stop_at_the_limit(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    for (_, status) in STATUSES {
        add(&ada, status, 0).await;
        add(&ada, status, 1).await;
    }

    let all = ada.newest(&of(Statuses::All), ALL).await;

    assert_eq!(ada.newest(&of(Statuses::All), 3).await, all[..3]);
}

async fn a_memory_is_found_where_its_newest_version_stands(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.remember(draft("apple")).await;

    let expired = memory.next(memory.statement.clone(), Status::Expired, at(1));
    ada.change(expired).await.expect("changed");

    for (asked, expected) in [(Statuses::Active, 0), (Statuses::Expired, 1)] {
        assert_eq!(ada.newest(&of(asked), ALL).await.len(), expected, "{asked:?}");
        assert_eq!(ada.found("apple", &of(asked), ALL).await.len(), expected, "{asked:?}");
    }
}

async fn what_is_proposed_is_seen_by_its_author_and_by_editors(store: &Store) {
    let team = Team::new(store, "north").await;
    let author = team.agent("ada").await.in_role(Role::Viewer);

    let id = add(&author, Status::Proposed, 0).await;

    assert_eq!(ways(&author, id).await, 4);
    for (slug, role, expected) in
        [("bo", Role::Viewer, 0), ("cleo", Role::Editor, 4), ("dan", Role::Admin, 4)]
    {
        assert_eq!(ways(&team.agent(slug).await.in_role(role), id).await, expected, "{role:?}");
    }
}

async fn what_is_proposed_in_private_is_seen_by_its_author_alone(store: &Store) {
    let team = Team::new(store, "north").await;
    let (author, editor) = (team.agent("ada").await, team.agent("bo").await);
    let memory = author.memory(private("apple"));

    let id = author.add(Memory { status: Status::Proposed, ..memory }).await.expect("kept");

    assert_eq!((ways(&author, id).await, ways(&editor, id).await), (4, 0));
}

async fn what_is_expired_or_superseded_is_seen_by_viewers(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, viewer) = (team.agent("ada").await, team.agent("bo").await.in_role(Role::Viewer));

    for status in [Status::Expired, Status::Superseded] {
        let id = add(&ada, status, 0).await;

        assert_eq!(ways(&viewer, id).await, 4, "{status:?}");
    }
}
