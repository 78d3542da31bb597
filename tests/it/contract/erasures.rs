//! Erasing for good: nothing is left of a memory but that it was erased.

use futures_util::future::join_all;
use memoranda::core::id::MemoryId;
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{Status, Visibility};
use memoranda::memory::memory::Memory;
use memoranda::memory::search::{Filter, Statuses};
use memoranda::store::Store;
use memoranda::store::authorship::{Authorship, By};
use memoranda::store::erasures::Erasure;

use super::team::{ALL, Caller, Team, at, draft};

contract! {
    nothing_is_left_of_an_erased_memory,
    that_it_was_erased_stays_with_who_and_why,
    a_memory_is_erased_whatever_its_status_and_whoever_may_see_it,
    another_teams_memory_is_not_erased,
    what_was_erased_is_not_erased_again,
    others_are_found_as_before,
    a_change_in_flight_comes_before_the_erasure_or_not_at_all,
    an_authors_memories_are_told_by_their_ids,
}

const EVERYTHING: Filter = Filter {
    status: Statuses::All,
    types: Vec::new(),
    tags: Vec::new(),
    agents: Vec::new(),
    speakers: Vec::new(),
    thread: None,
    created_after: None,
    created_before: None,
    occurred_after: None,
    occurred_before: None,
    changed_after: None,
    visibility: None,
};

async fn erase(who: &Caller, id: MemoryId) -> bool {
    let erased =
        who.write(move |tx, permit| tx.erase_memory(permit.oversight()?, id, at(7), "request"));
    erased.await.expect("answers")
}

async fn erasure(who: &Caller, id: MemoryId) -> Option<Erasure> {
    who.read(move |tx, permit| tx.erasure(permit, id)).await.expect("reads")
}

fn edited(memory: &Memory, content: &str, moment: i64) -> Memory {
    let statement = draft(content).applied_to(&memory.statement, at(0)).expect("a statement");
    memory.next(statement, memory.status, at(moment))
}

/// Whether anything of a memory can still be read, by anybody and in any way.
async fn is_left(owner: &Caller, author: &Caller, memory: &Memory, words: &str) -> bool {
    let id = memory.id;
    for who in [owner, author] {
        let read = who.read(move |tx, permit| {
            let all = permit.oversight()?;
            let of = Authorship { author: By::Agent(author_of(permit)), after: None, before: None };
            let (then, _) = tx.memories_as_of(permit, &EVERYTHING, at(1), ALL)?;
            let changed = tx.changed_memories(permit, &EVERYTHING, ALL)?;
            Ok(tx.memory(permit, id)?.is_some()
                || !tx.memory_versions(permit, id)?.is_empty()
                || tx.any_memory(all, id)?.is_some()
                || tx.standing(all, id, 1)?.is_some()
                || tx.authored(all, &of, ALL)?.iter().any(|(one, _)| *one == id)
                || then.iter().chain(&changed).any(|one| one.id == id))
        });
        let found = who.found(words, &EVERYTHING, ALL).await;
        let newest = who.newest(&EVERYTHING, ALL).await;
        if read.await.expect("reads") || found.contains(&id) || newest.contains(&id) {
            return true;
        }
    }
    false
}

fn author_of(permit: &memoranda::identity::permit::Permit) -> memoranda::core::id::AgentId {
    permit
        .actor()
        .agent
        .as_ref()
        .map_or_else(|| "agt_00000000000000000000000000".parse().expect("an id"), |agent| agent.id)
}

async fn nothing_is_left_of_an_erased_memory(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let tags = Some(vec!["fruit".to_owned()]);
    let memory = ada.remember(Draft { tags, ..draft("apple") }).await;
    assert!(ada.change(edited(&memory, "apple and pear", 2)).await.expect("changes"));
    assert!(is_left(&owner, &ada, &memory, "apple").await);

    assert!(erase(&owner, memory.id).await);

    assert!(!is_left(&owner, &ada, &memory, "apple pear fruit").await);
    assert_eq!(owner.count().await, 0);
}

async fn that_it_was_erased_stays_with_who_and_why(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let memory = ada.remember(draft("apple")).await;
    assert_eq!(erasure(&ada, memory.id).await, None);

    assert!(erase(&ada, memory.id).await);

    let erasure = erasure(&team.owner(), memory.id).await.expect("noted");
    assert_eq!((erasure.erased_at, erasure.reason.as_str()), (at(7), "request"));
    assert_eq!(erasure.by.actor, ada.principal.actor);
    assert_eq!(erasure.by.key, Some(ada.key_id()));
}

async fn a_memory_is_erased_whatever_its_status_and_whoever_may_see_it(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    for status in [
        Status::Active,
        Status::Proposed,
        Status::Expired,
        Status::Superseded,
        Status::Forgotten,
        Status::Quarantined,
    ] {
        let private = Draft { visibility: Some(Visibility::Agent), ..draft("apple") };
        let memory = ada.remember(private).await;
        let next = memory.next(memory.statement.clone(), status, at(1));
        let is_found = !matches!(status, Status::Forgotten | Status::Quarantined);
        let changed = owner.write(move |tx, permit| {
            let words = is_found.then(|| next.words());
            tx.change_any_memory(permit.oversight()?, &next, words.as_ref())
        });
        assert!(changed.await.expect("changes"));

        assert!(erase(&owner, memory.id).await, "{status:?}");

        assert!(!is_left(&owner, &ada, &memory, "apple").await, "{status:?}");
    }
}

async fn another_teams_memory_is_not_erased(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let ada = north.agent("ada").await;
    let memory = ada.remember(draft("apple")).await;

    assert!(!erase(&south.owner(), memory.id).await);

    assert_eq!(ada.get(memory.id).await.as_ref(), Some(&memory));
    assert_eq!(erasure(&south.owner(), memory.id).await, None);
    assert!(erase(&north.owner(), memory.id).await);
    assert_eq!(erasure(&south.owner(), memory.id).await, None);
}

async fn what_was_erased_is_not_erased_again(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let memory = ada.remember(draft("apple")).await;
    assert!(erase(&ada, memory.id).await);
    let first = erasure(&owner, memory.id).await;

    assert!(!erase(&owner, memory.id).await);

    assert_eq!(erasure(&owner, memory.id).await, first, "the first is what is noted");
}

async fn others_are_found_as_before(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let apples = join_all((0..5).map(|_| ada.remember(draft("apple")))).await;

    assert!(erase(&ada, apples[2].id).await);
    let later = ada.remember(draft("apple")).await;

    let mut found = ada.found("apple", &Filter::default(), ALL).await;
    found.sort_unstable();
    let mut expected: Vec<MemoryId> = apples.iter().map(|memory| memory.id).collect();
    expected.remove(2);
    expected.push(later.id);
    expected.sort_unstable();
    assert_eq!(found, expected);
    let versions = ada.read(move |tx, permit| tx.memory_versions(permit, expected[0])).await;
    assert_eq!(versions.expect("reads").len(), 1);
}

async fn a_change_in_flight_comes_before_the_erasure_or_not_at_all(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    for round in 0..100 {
        let memory = ada.remember(draft("apple")).await;
        let change = ada.change(edited(&memory, "pear", 2));

        // Sent in an order that differs from round to round; either may come first.
        let (changed, erased) = if round % 2 == 0 {
            tokio::join!(change, erase(&owner, memory.id))
        } else {
            let (erased, changed) = tokio::join!(erase(&owner, memory.id), change);
            (changed, erased)
        };

        assert!(erased);
        changed.expect("it is done or it isn't, and nothing fails");
        assert!(!is_left(&owner, &ada, &memory, "apple pear").await);
    }
}

async fn an_authors_memories_are_told_by_their_ids(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, bo) = (north.agent("ada").await, north.agent("bo").await);
    let first = ada.remember(draft("apple")).await;
    let of_bo = bo.remember(draft("apple")).await;
    let second = ada.remember(draft("apple")).await;
    assert!(ada.change(edited(&of_bo, "changed by another", 1)).await.expect("changes"));
    let author = ada.agent_id();
    let ids = |who: Caller, limit| async move {
        let ids = who.read(move |tx, permit| tx.ids_by_author(permit.oversight()?, author, limit));
        ids.await.expect("reads")
    };

    assert_eq!(ids(north.owner(), ALL).await, [first.id, second.id]);
    assert_eq!(ids(north.owner(), 1).await, [first.id]);
    assert!(ids(south.owner(), ALL).await.is_empty());
}
