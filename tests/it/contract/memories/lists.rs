//! Memories as lists: counted, by their last change, and as they stood at a moment.

use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{MemoryType, Status, Visibility};
use memoranda::memory::memory::Memory;
use memoranda::memory::search::{Filter, Statuses};
use memoranda::store::Store;

use super::{draft, private, tagged};
use crate::contract::team::{ALL, Caller, Team, at};

contract! {
    what_a_filter_finds_is_counted,
    what_changed_comes_by_its_last_change,
    a_change_at_the_very_moment_is_not_after_it,
    each_memory_stands_as_it_was_at_the_moment,
    what_was_not_active_then_is_not_listed,
    what_was_forgotten_since_stood_then,
    types_and_tags_are_those_of_then,
    of_two_changes_of_one_moment_the_later_stood,
    what_stood_is_counted_beyond_the_limit,
    what_was_or_is_private_is_its_authors,
    another_teams_memories_never_stood_here,
    what_is_forgotten_is_told_by_its_id_and_time_to_those_who_saw_it,
}

async fn changed(caller: &Caller, memory: &Memory, content: &str, when: i64) -> Memory {
    let statement = draft(content).applied_to(&memory.statement, at(0)).expect("a statement");
    let next = memory.next(statement, memory.status, at(when));
    assert_eq!(caller.change(next.clone()).await.ok(), Some(true));
    next
}

async fn set(caller: &Caller, memory: &Memory, status: Status, when: i64) -> Memory {
    let next = memory.next(memory.statement.clone(), status, at(when));
    assert_eq!(caller.change(next.clone()).await.ok(), Some(true));
    next
}

async fn count(caller: &Caller, filter: Filter) -> u64 {
    caller.read(move |tx, permit| tx.count_found(permit, &filter)).await.expect("reads")
}

async fn by_change(caller: &Caller, filter: Filter) -> Vec<Memory> {
    let found = caller.read(move |tx, permit| tx.changed_memories(permit, &filter, ALL));
    found.await.expect("reads")
}

async fn stood(caller: &Caller, filter: Filter, when: i64) -> Vec<String> {
    let read = caller.read(move |tx, permit| tx.memories_as_of(permit, &filter, at(when), ALL));
    let (found, count) = read.await.expect("reads");
    assert_eq!(found.len() as u64, count);
    found.into_iter().map(|memory| memory.statement.content).collect()
}

async fn what_a_filter_finds_is_counted(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    ada.remember(tagged(&["red"], "one")).await;
    let two = ada.remember(tagged(&["red"], "two")).await;
    bo.remember(tagged(&["red"], "three")).await;
    bo.remember(private("four")).await;
    set(&ada, &two, Status::Expired, 1).await;
    let red = Filter { tags: vec!["red".to_owned()], ..Filter::default() };

    assert_eq!(count(&ada, Filter::default()).await, 2);
    assert_eq!(count(&bo, Filter::default()).await, 3);
    assert_eq!(count(&ada, Filter { status: Statuses::All, ..red.clone() }).await, 3);
    assert_eq!(count(&ada, Filter { agents: vec!["bo".to_owned()], ..red }).await, 1);
}

async fn what_changed_comes_by_its_last_change(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let one = ada.remember(draft("one")).await;
    let two = ada.remember(draft("two")).await;
    let three = ada.remember(draft("three")).await;
    let one = changed(&ada, &one, "one more", 5).await;
    set(&ada, &two, Status::Forgotten, 6).await;

    assert_eq!(by_change(&ada, Filter::default()).await, [one.clone(), three]);
    let since = Filter { changed_after: Some(at(0)), ..Filter::default() };
    assert_eq!(by_change(&ada, since).await, [one]);
}

async fn a_change_at_the_very_moment_is_not_after_it(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let one = ada.remember(draft("one")).await;
    changed(&ada, &one, "one more", 5).await;
    let since = |when| Filter { changed_after: Some(at(when)), ..Filter::default() };

    assert_eq!(by_change(&ada, since(4)).await.len(), 1);
    assert_eq!(by_change(&ada, since(5)).await, []);
}

async fn each_memory_stands_as_it_was_at_the_moment(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let one = ada.remember(draft("first")).await;
    let one = changed(&ada, &one, "second", 3).await;
    changed(&ada, &one, "third", 6).await;
    ada.add(ada.memory_at(at(4), draft("later"))).await.expect("added");

    assert_eq!(stood(&ada, Filter::default(), -1).await, Vec::<String>::new());
    assert_eq!(stood(&ada, Filter::default(), 2).await, ["first"]);
    assert_eq!(stood(&ada, Filter::default(), 3).await, ["second"]);
    assert_eq!(stood(&ada, Filter::default(), 5).await, ["later", "second"]);
    assert_eq!(stood(&ada, Filter::default(), 9).await, ["third", "later"]);
}

async fn what_was_not_active_then_is_not_listed(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let one = ada.remember(draft("one")).await;
    let gone = set(&ada, &one, Status::Expired, 3).await;
    set(&ada, &gone, Status::Active, 6).await;

    assert_eq!(stood(&ada, Filter::default(), 2).await, ["one"]);
    assert_eq!(stood(&ada, Filter::default(), 4).await, Vec::<String>::new());
    assert_eq!(stood(&ada, Filter::default(), 7).await, ["one"]);
}

async fn what_was_forgotten_since_stood_then(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let one = ada.remember(draft("one")).await;
    set(&ada, &one, Status::Forgotten, 3).await;

    assert_eq!(stood(&ada, Filter::default(), 2).await, ["one"]);
    assert_eq!(stood(&ada, Filter::default(), 3).await, Vec::<String>::new());
}

async fn types_and_tags_are_those_of_then(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let goal = |tags| Draft { memory_type: Some(MemoryType::Goal), ..tagged(tags, "one") };
    let one = ada.remember(goal(&["red", "hot"])).await;
    let now = Draft { memory_type: Some(MemoryType::Fact), ..tagged(&["blue"], "one") };
    let statement = now.applied_to(&one.statement, at(0)).expect("a statement");
    ada.change(one.next(statement, one.status, at(3))).await.expect("changed");
    let of_type = |kind| Filter { types: vec![kind], ..Filter::default() };
    let with = |tags: &[&str]| Filter {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..Filter::default()
    };

    assert_eq!(stood(&ada, of_type(MemoryType::Goal), 2).await, ["one"]);
    assert_eq!(stood(&ada, of_type(MemoryType::Fact), 2).await, Vec::<String>::new());
    assert_eq!(stood(&ada, with(&["hot", "red"]), 2).await, ["one"]);
    assert_eq!(stood(&ada, with(&["red", "blue"]), 2).await, Vec::<String>::new());
    assert_eq!(stood(&ada, with(&["blue"]), 4).await, ["one"]);
}

async fn of_two_changes_of_one_moment_the_later_stood(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let one = ada.remember(draft("first")).await;
    let one = changed(&ada, &one, "second", 3).await;
    changed(&ada, &one, "third", 3).await;

    assert_eq!(stood(&ada, Filter::default(), 3).await, ["third"]);
}

async fn what_stood_is_counted_beyond_the_limit(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    for content in ["one", "two", "three"] {
        ada.remember(draft(content)).await;
    }

    let filter = Filter::default();
    let read = ada.read(move |tx, permit| tx.memories_as_of(permit, &filter, at(1), 2)).await;

    let (found, count) = read.expect("reads");
    assert_eq!((found.len(), count), (2, 3));
}

async fn what_was_or_is_private_is_its_authors(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let was = ada.remember(private("was private")).await;
    let is = ada.remember(draft("is private")).await;
    for (memory, visibility) in [(was, Visibility::Team), (is, Visibility::Agent)] {
        let now = Draft { visibility: Some(visibility), ..Draft::default() };
        let statement = now.applied_to(&memory.statement, at(0)).expect("a statement");
        ada.change(memory.next(statement, memory.status, at(3))).await.expect("changed");
    }

    assert_eq!(stood(&ada, Filter::default(), 1).await.len(), 2);
    assert_eq!(stood(&bo, Filter::default(), 1).await, Vec::<String>::new());
    assert_eq!(stood(&bo, Filter::default(), 3).await, ["was private"]);
}

async fn another_teams_memories_never_stood_here(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    north.agent("ada").await.remember(draft("one")).await;

    assert_eq!(stood(&south.owner(), Filter::default(), 9).await, Vec::<String>::new());
    assert_eq!(count(&south.owner(), Filter::default()).await, 0);
    assert_eq!(by_change(&south.owner(), Filter::default()).await, []);
}

async fn what_is_forgotten_is_told_by_its_id_and_time_to_those_who_saw_it(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let stranger = Team::new(store, "south").await.agent("cy").await;
    ada.remember(draft("kept")).await;
    let mut gone = Vec::new();
    for (millis, new) in [(2, draft("apple")), (3, private("pear")), (4, draft("plum"))] {
        let memory = ada.remember(new).await;
        let next = memory.next(memory.statement.clone(), Status::Forgotten, at(millis));
        let forgotten = ada.write(move |tx, permit| tx.change_memory(permit, &next, None)).await;
        assert_eq!(forgotten.ok(), Some(true));
        gone.insert(0, (memory.id, at(millis)));
    }
    let told = async |caller: &Caller, after: i64, limit: usize| {
        let filter = Filter { changed_after: Some(at(after)), ..Filter::default() };
        let told = caller.read(move |tx, permit| tx.forgotten_memories(permit, &filter, limit));
        told.await.expect("reads")
    };

    assert_eq!(told(&ada, 0, ALL).await, gone);
    assert_eq!(told(&bo, 0, ALL).await, [gone[0], gone[2]]);
    assert_eq!(told(&ada, 3, ALL).await, gone[..1]);
    assert_eq!(told(&ada, 0, 2).await, gone[..2]);
    assert!(told(&stranger, 0, ALL).await.is_empty());
}
