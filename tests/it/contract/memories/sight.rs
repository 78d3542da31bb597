//! Who sees a memory: its team, and of private ones the author alone.

use memoranda::core::id::MemoryId;
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::Visibility;
use memoranda::memory::search::Filter;
use memoranda::store::Store;

use super::{draft, private};
use crate::contract::team::{ALL, Caller, Team, at};

contract! {
    a_memory_of_another_team_is_seen_by_nothing,
    a_memory_of_another_team_is_not_changed,
    two_teams_may_hold_one_id_and_each_sees_its_own,
    a_private_memory_is_seen_by_its_author,
    a_private_memory_is_seen_by_nobody_else,
    a_private_memory_is_changed_by_its_author_alone,
    a_private_memory_of_a_person_is_that_persons,
    a_private_memory_of_the_owners_agent_is_that_agents,
    a_memory_that_becomes_private_is_hidden_at_once,
    a_memory_that_becomes_the_teams_is_seen_at_once,
    what_was_private_stays_its_authors_when_the_memory_becomes_the_teams,
    what_is_not_seen_takes_no_place_in_the_limit,
}

/// How many of the ways to a memory lead there: by id, versions, newest, words.
async fn ways(caller: &Caller, id: MemoryId, word: &str) -> usize {
    let versions = caller.read(move |tx, permit| tx.memory_versions(permit, id)).await;
    [
        caller.get(id).await.is_some(),
        !versions.expect("reads").is_empty(),
        caller.newest(&Filter::default(), ALL).await.contains(&id),
        caller.found(word, &Filter::default(), ALL).await.contains(&id),
    ]
    .into_iter()
    .filter(|is_found| *is_found)
    .count()
}

async fn a_memory_of_another_team_is_seen_by_nothing(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, bo) = (north.agent("ada").await, south.agent("bo").await);

    let id = ada.remember(draft("apple")).await.id;

    assert_eq!(ways(&ada, id, "apple").await, 4);
    assert_eq!(ways(&bo, id, "apple").await, 0);
    assert_eq!(ways(&south.owner(), id, "apple").await, 0);
    assert_eq!((bo.count().await, ada.count().await), (0, 1));
}

async fn a_memory_of_another_team_is_not_changed(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, bo) = (north.agent("ada").await, south.agent("bo").await);
    let memory = ada.remember(draft("apple")).await;

    let next = memory.next(memory.statement.clone(), memory.status, at(1));
    let changed = bo.change(next).await;

    assert_eq!(changed.ok(), Some(false));
    assert_eq!(ada.get(memory.id).await, Some(memory));
    assert_eq!(bo.count().await, 0);
}

async fn two_teams_may_hold_one_id_and_each_sees_its_own(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, bo) = (north.agent("ada").await, south.agent("bo").await);
    let here = ada.remember(draft("apple")).await;
    let mut there = bo.memory(draft("pear"));
    there.id = here.id;
    bo.add(there.clone()).await.expect("kept");

    let next = there.next(there.statement.clone(), there.status, at(1));
    bo.change(next.clone()).await.expect("changed");

    assert_eq!(ada.get(here.id).await.as_ref(), Some(&here));
    assert_eq!(bo.get(here.id).await, Some(next));
    assert_eq!(ada.found("apple pear", &Filter::default(), ALL).await.len(), 1);
    assert_eq!(ada.newest(&Filter::default(), ALL).await, [here.id]);
}

async fn a_private_memory_is_seen_by_its_author(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;

    let id = ada.remember(private("apple")).await.id;

    assert_eq!(ways(&ada, id, "apple").await, 4);
    assert_eq!(ada.count().await, 1);
}

async fn a_private_memory_is_seen_by_nobody_else(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);

    let id = ada.remember(private("apple")).await.id;

    for other in [bo, team.owner(), team.owners_agent("mine").await] {
        assert_eq!(ways(&other, id, "apple").await, 0);
        assert_eq!(other.count().await, 0);
    }
}

async fn a_private_memory_is_changed_by_its_author_alone(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let memory = ada.remember(private("apple")).await;
    let next = memory.next(memory.statement.clone(), memory.status, at(1));

    let answers =
        [bo.change(next.clone()).await.ok(), team.owner().change(next.clone()).await.ok()];

    assert_eq!(answers, [Some(false); 2]);
    assert_eq!(ada.get(memory.id).await, Some(memory));
    assert_eq!(ada.change(next).await.ok(), Some(true));
}

async fn a_private_memory_of_a_person_is_that_persons(store: &Store) {
    let team = Team::new(store, "north").await;
    let (owner, agent) = (team.owner(), team.owners_agent("mine").await);
    let mut colleague = team.owner();
    colleague.principal.actor.member = Some(team.next_id());

    let id = owner.remember(private("apple")).await.id;

    assert_eq!(ways(&owner, id, "apple").await, 4);
    assert_eq!(ways(&colleague, id, "apple").await, 0);
    assert_eq!(ways(&agent, id, "apple").await, 0, "an agent is not the person");
}

async fn a_private_memory_of_the_owners_agent_is_that_agents(store: &Store) {
    let team = Team::new(store, "north").await;
    let (one, other) = (team.owners_agent("one").await, team.owners_agent("other").await);

    let id = one.remember(private("apple")).await.id;

    assert_eq!(ways(&one, id, "apple").await, 4);
    assert_eq!(ways(&other, id, "apple").await, 0);
    assert_eq!(ways(&team.owner(), id, "apple").await, 0);
}

async fn turned(caller: &Caller, from: Draft, visibility: Visibility) -> MemoryId {
    let memory = caller.remember(from).await;
    let turn = Draft { visibility: Some(visibility), ..Draft::default() };
    let statement = turn.applied_to(&memory.statement, at(0)).expect("a statement");
    let changed = caller.change(memory.next(statement, memory.status, at(1))).await;
    assert_eq!(changed.ok(), Some(true));
    memory.id
}

async fn a_memory_that_becomes_private_is_hidden_at_once(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);

    let id = turned(&ada, draft("apple"), Visibility::Agent).await;

    assert_eq!((ways(&ada, id, "apple").await, ways(&bo, id, "apple").await), (4, 0));
}

async fn a_memory_that_becomes_the_teams_is_seen_at_once(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);

    let id = turned(&ada, private("apple"), Visibility::Team).await;

    assert_eq!((ways(&ada, id, "apple").await, ways(&bo, id, "apple").await), (4, 4));
}

async fn what_is_not_seen_takes_no_place_in_the_limit(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, bo) = (north.agent("ada").await, north.agent("bo").await);
    let elsewhere = south.agent("ada").await;
    let seen = ada.remember(draft("apple and more words to rank it last")).await.id;
    for _ in 0..20 {
        bo.add(bo.memory_at(at(1), private("apple"))).await.expect("kept");
        elsewhere.add(elsewhere.memory_at(at(1), draft("apple"))).await.expect("kept");
    }

    assert_eq!(ada.newest(&Filter::default(), 1).await, [seen]);
    assert_eq!(ada.found("apple", &Filter::default(), 1).await, [seen]);
}

async fn what_was_private_stays_its_authors_when_the_memory_becomes_the_teams(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let memory = ada.remember(private("my doubts about apples")).await;
    let open = draft("apples are fine").into_statement(at(0)).expect("a statement");
    let next = memory.next(open, memory.status, at(1));

    ada.change(next).await.expect("changed");

    let versions = async |caller: &Caller| {
        let id = memory.id;
        let all = caller.read(move |tx, permit| tx.memory_versions(permit, id)).await;
        all.expect("reads").iter().map(|version| version.version).collect::<Vec<_>>()
    };
    assert_eq!(versions(&ada).await, [2, 1]);
    assert_eq!(versions(&bo).await, [2]);
}
