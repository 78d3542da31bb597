//! Since when a memory stands where it does, and why; and what goes when its author does.

use memoranda::core::id::AgentId;
use memoranda::memory::fields::Status;
use memoranda::memory::memory::Memory;
use memoranda::memory::search::Filter;
use memoranda::store::Store;

use super::{draft, private, tagged};
use crate::contract::team::{ALL, Caller, Team, at};

contract! {
    a_status_keeps_its_time_and_reason,
    a_change_of_the_text_leaves_both_as_they_are,
    a_restored_memory_is_found_again,
    what_an_agent_kept_to_itself_is_forgotten_and_nothing_else,
    forgetting_it_twice_forgets_nothing_more,
    forgetting_it_makes_a_version_by_who_asked,
    many_private_memories_are_all_forgotten,
    another_teams_private_memories_stay,
}

fn expired(memory: &Memory, when: i64) -> Memory {
    memory.next(memory.statement.clone(), Status::Expired, at(when)).because("manual")
}

async fn forget_private(by: &Caller, agent: AgentId) -> u64 {
    by.write(move |tx, permit| tx.forget_private(permit, agent, at(7))).await.expect("runs")
}

async fn a_status_keeps_its_time_and_reason(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let first = ada.remember(draft("tea")).await;
    assert_eq!((first.status_at, &first.status_reason), (None, &None));

    let second = expired(&first, 3);
    ada.change(second.clone()).await.expect("changed");

    let now = ada.get(first.id).await.expect("there");
    assert_eq!(now, second);
    assert_eq!((now.status_at, now.status_reason.as_deref()), (Some(at(3)), Some("manual")));
}

async fn a_change_of_the_text_leaves_both_as_they_are(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let first = ada.remember(draft("tea")).await;
    let second = expired(&first, 3);
    ada.change(second.clone()).await.expect("changed");

    let statement = draft("milk").applied_to(&second.statement, at(0)).expect("a statement");
    ada.change(second.next(statement, second.status, at(9))).await.expect("changed");

    let now = ada.get(first.id).await.expect("there");
    assert_eq!((now.status, now.updated_at, now.status_at), (Status::Expired, at(9), Some(at(3))));
    assert_eq!(now.status_reason.as_deref(), Some("manual"));
}

async fn a_restored_memory_is_found_again(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let first = ada.remember(tagged(&["hot"], "tea")).await;
    let second = expired(&first, 3);
    ada.change(second.clone()).await.expect("changed");
    assert!(ada.found("tea", &Filter::default(), ALL).await.is_empty());
    assert!(ada.newest(&Filter::default(), ALL).await.is_empty());

    let third = second.next(second.statement.clone(), Status::Active, at(4));
    ada.change(third.clone()).await.expect("changed");

    assert_eq!(ada.found("tea", &Filter::default(), ALL).await, [first.id]);
    assert_eq!(ada.newest(&Filter::default(), ALL).await, [first.id]);
    assert_eq!((third.status_at, third.status_reason), (Some(at(4)), None));
}

async fn what_an_agent_kept_to_itself_is_forgotten_and_nothing_else(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let own = ada.remember(private("my tea")).await;
    let shared = ada.remember(draft("our tea")).await;
    let others = bo.remember(private("his tea")).await;

    let forgotten = forget_private(&team.owner(), ada.agent_id()).await;

    assert_eq!(forgotten, 1);
    assert_eq!(ada.get(own.id).await.map(|memory| memory.status), Some(Status::Forgotten));
    assert_eq!(ada.found("tea", &Filter::default(), ALL).await, [shared.id]);
    assert_eq!(bo.get(others.id).await, Some(others));
    assert_eq!(team.owner().get(own.id).await, None);
}

async fn forgetting_it_twice_forgets_nothing_more(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    ada.remember(private("my tea")).await;

    let first = forget_private(&team.owner(), ada.agent_id()).await;
    let again = forget_private(&team.owner(), ada.agent_id()).await;

    assert_eq!((first, again), (1, 0));
}

async fn forgetting_it_makes_a_version_by_who_asked(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let own = ada.remember(private("my tea")).await;

    forget_private(&team.owner(), ada.agent_id()).await;

    let now = ada.get(own.id).await.expect("its own");
    assert_eq!((now.version, now.updated_at, now.author), (2, at(7), own.author));
    // The owner made the second version, and yet reads neither.
    let id = own.id;
    let read = team.owner().read(move |tx, permit| tx.memory_versions(permit, id)).await;
    assert_eq!(read.expect("reads"), []);
}

async fn many_private_memories_are_all_forgotten(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let many: Vec<Memory> = (0..501).map(|n| ada.memory(private(&format!("tea {n}")))).collect();
    let added = ada.write(move |tx, permit| {
        many.iter().try_for_each(|memory| tx.add_memory(permit, memory, &memory.words()))
    });
    added.await.expect("added");

    let forgotten = forget_private(&team.owner(), ada.agent_id()).await;

    assert_eq!((forgotten, ada.count().await), (501, 0));
}

async fn another_teams_private_memories_stay(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let ada = north.agent("ada").await;
    let own = ada.remember(private("my tea")).await;

    let forgotten = forget_private(&south.owner(), ada.agent_id()).await;

    assert_eq!(forgotten, 0);
    assert_eq!(ada.get(own.id).await, Some(own));
}
