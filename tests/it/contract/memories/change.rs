//! A change makes a version, and what was known stays.

use futures_util::future::join_all;
use memoranda::core::error::Result;
use memoranda::core::id::MemoryId;
use memoranda::memory::fields::Status;
use memoranda::memory::memory::{Memory, Version};
use memoranda::memory::search::Filter;
use memoranda::store::Store;

use super::{draft, tagged, titled};
use crate::contract::team::{ALL, Caller, Team, at};

contract! {
    a_change_is_seen_at_once_and_keeps_author_and_creation,
    every_version_stays_with_who_made_it,
    a_new_memory_has_its_first_version,
    a_change_of_a_stale_version_is_refused,
    a_change_that_skips_a_version_is_refused,
    of_many_changes_of_one_version_one_is_made,
    a_change_of_what_is_not_there_is_refused,
    the_words_of_an_older_version_find_nothing,
    the_tags_of_an_older_version_find_nothing,
    a_change_leaves_other_memories_alone,
    a_forgotten_memory_is_found_by_nothing_at_once,
    a_forgotten_memory_and_its_versions_stay_readable,
    a_memory_that_is_not_active_is_not_found,
    a_unit_that_fails_leaves_the_version_before,
}

fn next(memory: &Memory, content: &str, when: i64) -> Memory {
    let statement = draft(content).applied_to(&memory.statement, at(0)).expect("a statement");
    memory.next(statement, memory.status, at(when))
}

async fn versions(caller: &Caller, id: MemoryId) -> Vec<Version> {
    caller.read(move |tx, permit| tx.memory_versions(permit, id)).await.expect("reads")
}

async fn forget(caller: &Caller, memory: &Memory) -> Memory {
    let tombstone = memory.next(memory.statement.clone(), Status::Forgotten, at(5));
    let next = tombstone.clone();
    let forgotten = caller.write(move |tx, permit| tx.change_memory(permit, &next, None)).await;
    assert_eq!(forgotten.ok(), Some(true));
    tombstone
}

async fn a_change_is_seen_at_once_and_keeps_author_and_creation(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let first = ada.remember(draft("we deploy on Fridays")).await;
    let second = next(&first, "we deploy on Mondays", 3);

    assert_eq!(bo.change(second.clone()).await.ok(), Some(true));

    let now = ada.get(first.id).await.expect("there");
    assert_eq!(now, second);
    assert_eq!((now.author, now.created_at, now.updated_at), (first.author, at(0), at(3)));
}

async fn every_version_stays_with_who_made_it(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let first = ada.remember(titled("Deploys", "on Fridays")).await;
    let second = next(&first, "on Mondays", 1);
    let third = next(&second, "never", 2);
    let by_bo = bo.memory(draft("x")).author;

    bo.change(second.clone()).await.expect("changed");
    ada.change(third.clone()).await.expect("changed");

    let version = |memory: &Memory, changed_by, changed_at| Version {
        version: memory.version,
        status: memory.status,
        statement: memory.statement.clone(),
        changed_by,
        changed_at,
    };
    let expected = [
        version(&third, first.author.clone(), at(2)),
        version(&second, by_bo, at(1)),
        version(&first, first.author.clone(), at(0)),
    ];
    assert_eq!(versions(&bo, first.id).await, expected);
}

async fn a_new_memory_has_its_first_version(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;

    let memory = ada.remember(draft("new")).await;

    let versions = versions(&ada, memory.id).await;
    assert_eq!(versions.len(), 1);
    assert_eq!((versions[0].version, &versions[0].statement), (1, &memory.statement));
}

async fn a_change_of_a_stale_version_is_refused(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let first = ada.remember(draft("first")).await;
    let second = next(&first, "second", 1);
    ada.change(second.clone()).await.expect("changed");

    let stale = ada.change(next(&first, "lost", 2)).await;

    assert_eq!(stale.ok(), Some(false));
    assert_eq!(ada.get(first.id).await, Some(second));
    assert_eq!(versions(&ada, first.id).await.len(), 2);
    assert!(ada.found("lost", &Filter::default(), ALL).await.is_empty());
}

async fn a_change_that_skips_a_version_is_refused(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let first = ada.remember(draft("first")).await;
    let third = next(&next(&first, "second", 1), "third", 2);

    assert_eq!(ada.change(third).await.ok(), Some(false));

    assert_eq!(ada.get(first.id).await, Some(first));
}

async fn of_many_changes_of_one_version_one_is_made(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let first = ada.remember(draft("first")).await;

    let changes = (0..10).map(|number| ada.change(next(&first, &format!("change {number}"), 1)));
    let changes: Result<Vec<bool>> = join_all(changes).await.into_iter().collect();

    assert_eq!(changes.expect("none fails").into_iter().filter(|is_made| *is_made).count(), 1);
    assert_eq!(versions(&ada, first.id).await.len(), 2);
    assert_eq!(ada.found("change", &Filter::default(), ALL).await, [first.id]);
}

async fn a_change_of_what_is_not_there_is_refused(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let unsaved = ada.memory(draft("never kept"));

    assert_eq!(ada.change(next(&unsaved, "changed", 1)).await.ok(), Some(false));

    assert_eq!(ada.count().await, 0);
}

async fn the_words_of_an_older_version_find_nothing(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let first = ada.remember(titled("cherry", "apple")).await;

    let statement =
        titled("plum", "pear").applied_to(&first.statement, at(0)).expect("a statement");
    ada.change(first.next(statement, first.status, at(1))).await.expect("changed");

    for (word, expected) in [("apple", 0), ("cherry", 0), ("pear", 1), ("plum", 1)] {
        let found = ada.found(word, &Filter::default(), ALL).await;
        assert_eq!(found.len(), expected, "{word}");
    }
}

async fn the_tags_of_an_older_version_find_nothing(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let first = ada.remember(tagged(&["red", "green"], "fruit")).await;

    let statement =
        tagged(&["green", "blue"], "fruit").applied_to(&first.statement, at(0)).expect("ok");
    ada.change(first.next(statement, first.status, at(1))).await.expect("changed");

    for (tag, expected) in [("red", 0), ("green", 1), ("blue", 1)] {
        let filter = Filter { tags: vec![tag.to_owned()], ..Filter::default() };
        assert_eq!(ada.newest(&filter, ALL).await.len(), expected, "{tag}");
        assert_eq!(ada.found(tag, &Filter::default(), ALL).await.len(), expected, "{tag}");
    }
}

async fn a_change_leaves_other_memories_alone(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (one, other) = (
        ada.remember(tagged(&["red"], "apple")).await,
        ada.remember(tagged(&["red"], "apple")).await,
    );

    ada.change(next(&one, "pear", 1)).await.expect("changed");

    assert_eq!(ada.get(other.id).await.as_ref(), Some(&other));
    assert_eq!(ada.found("apple", &Filter::default(), ALL).await, [other.id]);
}

async fn a_forgotten_memory_is_found_by_nothing_at_once(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.remember(tagged(&["red"], "apple")).await;

    forget(&ada, &memory).await;

    let red = Filter { tags: vec!["red".to_owned()], ..Filter::default() };
    assert!(ada.found("apple", &Filter::default(), ALL).await.is_empty());
    assert!(ada.newest(&Filter::default(), ALL).await.is_empty());
    assert!(ada.newest(&red, ALL).await.is_empty());
    assert_eq!(ada.count().await, 0);
}

async fn a_forgotten_memory_and_its_versions_stay_readable(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.remember(draft("apple")).await;

    let tombstone = forget(&ada, &memory).await;

    assert_eq!(ada.get(memory.id).await, Some(tombstone));
    let versions = versions(&ada, memory.id).await;
    let life: Vec<_> = versions.iter().map(|version| (version.version, version.status)).collect();
    assert_eq!(life, [(2, Status::Forgotten), (1, Status::Active)]);
    assert!(versions.iter().all(|version| version.statement.content == "apple"));
}

async fn a_memory_that_is_not_active_is_not_found(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;

    for status in [Status::Proposed, Status::Expired, Status::Superseded, Status::Forgotten] {
        let memory = ada.remember(draft("apple")).await;
        // With its words: an engine must look at the status itself.
        let next = memory.next(memory.statement.clone(), status, at(1));
        ada.change(next.clone()).await.expect("changed");

        assert!(ada.found("apple", &Filter::default(), ALL).await.is_empty(), "{status:?}");
        assert!(ada.newest(&Filter::default(), ALL).await.is_empty(), "{status:?}");
        assert_eq!(ada.count().await, 0, "{status:?}");
        assert_eq!(ada.get(memory.id).await, Some(next));
    }
}

async fn a_unit_that_fails_leaves_the_version_before(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let first = ada.remember(tagged(&["red"], "apple")).await;
    let second = next(&first, "pear", 1);

    let answer: Result<()> = ada
        .write(move |tx, permit| {
            tx.change_memory(permit, &second, Some(&second.words()))?;
            Err(memoranda::core::error::Error::not_found("memory"))
        })
        .await;

    assert!(answer.is_err());
    assert_eq!(ada.found("apple", &Filter::default(), ALL).await, [first.id]);
    assert!(ada.found("pear", &Filter::default(), ALL).await.is_empty());
    assert_eq!(versions(&ada, first.id).await.len(), 1);
    assert_eq!(ada.get(first.id).await, Some(first));
}
