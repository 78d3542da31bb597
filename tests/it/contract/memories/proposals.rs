//! What is proposed, accepted and declined, and who sees which part of it.

use memoranda::core::id::MemoryId;
use memoranda::identity::role::Role;
use memoranda::memory::fields::Status;
use memoranda::memory::memory::Memory;
use memoranda::memory::search::{Filter, Statuses};
use memoranda::store::Store;

use super::draft;
use crate::contract::team::{ALL, Caller, Team, at};

contract! {
    a_proposal_is_counted_for_its_author_and_for_editors_alone,
    an_accepted_proposal_is_seen_and_found_by_everyone,
    the_versions_that_were_proposals_stay_their_authors_and_the_editors,
    an_author_sees_every_version_of_its_proposal,
    a_declined_proposal_stays_hidden,
    a_proposal_that_expires_stays_hidden,
    a_memory_that_was_accepted_and_forgotten_stays_readable,
    a_memory_that_is_proposed_anew_is_hidden_again,
    a_viewer_changes_no_proposal_that_it_does_not_see,
}

/// The author of a proposal, another viewer, and an editor.
struct People {
    author: Caller,
    viewer: Caller,
    editor: Caller,
}

async fn people(store: &Store) -> People {
    let team = Team::new(store, "north").await;
    People {
        author: team.agent("ada").await.in_role(Role::Viewer),
        viewer: team.agent("bo").await.in_role(Role::Viewer),
        editor: team.agent("cleo").await.in_role(Role::Editor),
    }
}

async fn proposed(author: &Caller) -> Memory {
    let memory = Memory { status: Status::Proposed, ..author.memory(draft("apple")) };
    author.add(memory.clone()).await.expect("kept");
    memory
}

/// Makes the next version, in another status.
async fn turned(by: &Caller, memory: &Memory, status: Status) -> Memory {
    let next = memory.next(memory.statement.clone(), status, at(memory.version));
    assert_eq!(by.change(next.clone()).await.ok(), Some(true));
    next
}

async fn versions(caller: &Caller, id: MemoryId) -> Vec<i64> {
    let versions = caller.read(move |tx, permit| tx.memory_versions(permit, id)).await;
    versions.expect("reads").iter().map(|version| version.version).collect()
}

async fn proposals(caller: &Caller) -> u64 {
    caller.read(|tx, permit| tx.count_proposals(permit)).await.expect("reads")
}

async fn a_proposal_is_counted_for_its_author_and_for_editors_alone(store: &Store) {
    let people = people(store).await;

    proposed(&people.author).await;

    for (caller, expected) in [(&people.author, 1), (&people.viewer, 0), (&people.editor, 1)] {
        assert_eq!((proposals(caller).await, caller.count().await), (expected, 0));
    }
}

async fn an_accepted_proposal_is_seen_and_found_by_everyone(store: &Store) {
    let people = people(store).await;
    let memory = proposed(&people.author).await;

    let accepted = turned(&people.editor, &memory, Status::Active).await;

    for caller in [&people.author, &people.viewer, &people.editor] {
        assert_eq!(caller.get(memory.id).await.as_ref(), Some(&accepted));
        assert_eq!(caller.found("apple", &Filter::default(), ALL).await, [memory.id]);
        assert_eq!(caller.newest(&Filter::default(), ALL).await, [memory.id]);
        assert_eq!((proposals(caller).await, caller.count().await), (0, 1));
    }
}

async fn the_versions_that_were_proposals_stay_their_authors_and_the_editors(store: &Store) {
    let people = people(store).await;
    let memory = proposed(&people.author).await;

    turned(&people.editor, &memory, Status::Active).await;

    assert_eq!(versions(&people.author, memory.id).await, [2, 1]);
    assert_eq!(versions(&people.editor, memory.id).await, [2, 1]);
    assert_eq!(versions(&people.viewer, memory.id).await, [2]);
}

async fn an_author_sees_every_version_of_its_proposal(store: &Store) {
    let people = people(store).await;
    let memory = proposed(&people.author).await;

    turned(&people.editor, &memory, Status::Proposed).await;

    assert_eq!(versions(&people.author, memory.id).await, [2, 1]);
    assert!(versions(&people.viewer, memory.id).await.is_empty());
}

/// Fails unless the memory, which isn't recalled any more, is its author's and the editors' alone.
async fn stays_hidden(people: &People, id: MemoryId) {
    let all = Filter { status: Statuses::All, ..Filter::default() };
    assert_eq!(people.viewer.get(id).await, None);
    assert!(versions(&people.viewer, id).await.is_empty());
    assert!(people.viewer.newest(&all, ALL).await.is_empty());
    assert!(people.viewer.found("apple", &all, ALL).await.is_empty());
    for caller in [&people.author, &people.editor] {
        assert!(caller.get(id).await.is_some());
        assert_eq!(versions(caller, id).await, [2, 1]);
    }
}

async fn a_declined_proposal_stays_hidden(store: &Store) {
    let people = people(store).await;
    let memory = proposed(&people.author).await;

    turned(&people.editor, &memory, Status::Forgotten).await;

    stays_hidden(&people, memory.id).await;
}

async fn a_proposal_that_expires_stays_hidden(store: &Store) {
    let people = people(store).await;
    let memory = proposed(&people.author).await;

    turned(&people.editor, &memory, Status::Expired).await;

    stays_hidden(&people, memory.id).await;
}

async fn a_memory_that_was_accepted_and_forgotten_stays_readable(store: &Store) {
    let people = people(store).await;
    let memory = proposed(&people.author).await;
    let accepted = turned(&people.editor, &memory, Status::Active).await;

    let forgotten = turned(&people.editor, &accepted, Status::Forgotten).await;

    assert_eq!(people.viewer.get(memory.id).await, Some(forgotten));
    assert_eq!(versions(&people.viewer, memory.id).await, [3, 2]);
}

async fn a_memory_that_is_proposed_anew_is_hidden_again(store: &Store) {
    let people = people(store).await;
    let memory = people.author.remember(draft("apple")).await;

    turned(&people.author, &memory, Status::Proposed).await;

    stays_hidden(&people, memory.id).await;
}

async fn a_viewer_changes_no_proposal_that_it_does_not_see(store: &Store) {
    let people = people(store).await;
    let memory = proposed(&people.author).await;
    let next = memory.next(memory.statement.clone(), Status::Active, at(1));

    let changed = people.viewer.change(next).await;

    assert_eq!(changed.ok(), Some(false));
    assert_eq!(people.author.get(memory.id).await, Some(memory));
}
