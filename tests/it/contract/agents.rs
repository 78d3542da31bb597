//! Agents of a team.

use memoranda::core::error::Code;
use memoranda::core::id::AgentId;
use memoranda::identity::actor::Trust;
use memoranda::store::Store;
use memoranda::store::agents::AgentRow;

use super::team::{Caller, Team, at, draft};

contract! {
    an_agent_is_found_by_id_and_by_slug,
    an_agent_of_another_team_is_not_there,
    two_teams_may_have_an_agent_of_one_slug,
    a_slug_is_taken_once_in_a_team,
    an_agent_is_described_and_nothing_else_changes,
    an_agent_of_another_team_is_not_described,
    agents_are_listed_newest_first_with_what_they_did,
    the_agents_of_another_team_are_not_listed,
    an_agents_standing_is_set_and_nothing_else,
    the_standing_of_another_teams_agent_is_not_set,
    one_agent_is_summed_up_as_the_list_does,
    a_retired_agent_stays_as_a_record_and_is_nowhere_else,
    a_retired_agent_is_found_by_the_slug_it_has_since_where_any_will_do,
    the_slug_of_a_retired_agent_is_free_again_and_again,
    a_retired_agent_stays_blocked_and_as_it_was_described,
    an_agent_is_retired_once,
    an_agent_of_another_team_is_not_retired,
}

async fn an_agent_is_found_by_id_and_by_slug(store: &Store) {
    let team = Team::new(store, "north").await;
    let agent = AgentRow {
        agent_type: Some("coder".to_owned()),
        description: Some("writes the store".to_owned()),
        created_at: at(7),
        ..team.new_agent("ada", Trust::Pending)
    };
    let (id, new) = (agent.id, agent.clone());
    let added = team.owner().write(move |tx, permit| tx.add_named_agent(permit, &new)).await;
    added.expect("added");

    let found = team
        .owner()
        .read(move |tx, permit| Ok((tx.agent(permit, id)?, tx.agent_of_slug(permit, "ada")?)))
        .await;

    assert_eq!(found.expect("reads"), (Some(agent.clone()), Some(agent)));
}

async fn an_agent_of_another_team_is_not_there(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let ada = north.agent("ada").await.agent_id();

    let found = south
        .owner()
        .read(move |tx, permit| Ok((tx.agent(permit, ada)?, tx.agent_of_slug(permit, "ada")?)))
        .await;

    assert_eq!(found.expect("reads"), (None, None));
}

async fn two_teams_may_have_an_agent_of_one_slug(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);

    let (here, there) = (north.agent("ada").await, south.agent("ada").await);

    let found = south.owner().read(|tx, permit| tx.agent_of_slug(permit, "ada")).await;
    let found = found.expect("reads").map(|agent| agent.id);
    assert_eq!(found, Some(there.agent_id()));
    assert_ne!(found, Some(here.agent_id()));
}

async fn a_slug_is_taken_once_in_a_team(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let twin = team.new_agent("ada", Trust::Approved);

    let added = team.owner().write(move |tx, permit| tx.add_named_agent(permit, &twin)).await;

    assert!(added.is_err());
    let found = team.owner().read(|tx, permit| tx.agent_of_slug(permit, "ada")).await;
    assert_eq!(found.expect("reads").map(|agent| agent.id), Some(ada.agent_id()));
}

async fn an_agent_is_described_and_nothing_else_changes(store: &Store) {
    let team = Team::new(store, "north").await;
    let before = team.new_agent("ada", Trust::Pending);
    let id = team.add_agent(before.clone()).await;
    let described = AgentRow {
        slug: "not-the-slug".to_owned(),
        display_name: "Ada".to_owned(),
        agent_type: Some("coder".to_owned()),
        description: Some("writes the store".to_owned()),
        status: Trust::Approved,
        created_at: at(99),
        ..before.clone()
    };

    let new = described.clone();
    let changed = team.owner().write(move |tx, permit| tx.describe_agent(permit, &new)).await;

    assert_eq!(changed.ok(), Some(true));
    let now = team.owner().read(move |tx, permit| tx.agent(permit, id)).await.expect("reads");
    let AgentRow { slug, status, created_at, .. } = before;
    assert_eq!(now, Some(AgentRow { slug, status, created_at, ..described }));
}

async fn an_agent_of_another_team_is_not_described(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let before = north.new_agent("ada", Trust::Approved);
    let id = north.add_agent(before.clone()).await;
    let described = AgentRow { display_name: "Mallory".to_owned(), ..before.clone() };

    let changed =
        south.owner().write(move |tx, permit| tx.describe_agent(permit, &described)).await;

    assert_eq!(changed.ok(), Some(false));
    let now = north.owner().read(move |tx, permit| tx.agent(permit, id)).await.expect("reads");
    assert_eq!(now, Some(before));
}

async fn agents_are_listed_newest_first_with_what_they_did(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    ada.remember(draft("apple")).await;
    ada.remember(draft("pear")).await;
    let event = ada.event("mem_1");
    ada.write(move |tx, permit| tx.record(permit, &event)).await.expect("recorded");
    let (id, key) = (team.id, bo.key_id());
    store.first_use(move |tx| tx.touch_key(id, key, at(9))).await.expect("touched");

    let listed = team.owner().read(|tx, permit| tx.agents(permit)).await.expect("reads");

    let seen: Vec<_> = listed
        .iter()
        .map(|one| (one.agent.slug.as_str(), one.memories, one.last_seen_at))
        .collect();
    assert_eq!(seen, [("bo", 0, Some(at(9))), ("ada", 2, Some(at(0)))]);
}

async fn the_agents_of_another_team_are_not_listed(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    north.agent("ada").await;

    let listed = south.owner().read(|tx, permit| tx.agents(permit)).await;

    assert_eq!(listed.expect("reads"), []);
}

async fn an_agents_standing_is_set_and_nothing_else(store: &Store) {
    let team = Team::new(store, "north").await;
    let before = team.new_agent("ada", Trust::Pending);
    let id = team.add_agent(before.clone()).await;
    let owner = team.owner();

    let set = owner.write(move |tx, permit| tx.set_agent_status(permit, id, Trust::Blocked));

    set.await.expect("set");
    let now = owner.read(move |tx, permit| tx.agent(permit, id)).await.expect("reads");
    assert_eq!(now, Some(AgentRow { status: Trust::Blocked, ..before }));
}

async fn the_standing_of_another_teams_agent_is_not_set(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let before = north.new_agent("ada", Trust::Approved);
    let id = north.add_agent(before.clone()).await;
    let mallory = south.owner();

    let set = mallory.write(move |tx, permit| tx.set_agent_status(permit, id, Trust::Blocked));

    set.await.expect("nothing to set is no error");
    let now = north.owner().read(move |tx, permit| tx.agent(permit, id)).await.expect("reads");
    assert_eq!(now, Some(before));
}

async fn retire(by: &Caller, id: AgentId) -> bool {
    by.write(move |tx, permit| tx.retire_agent(permit, id, at(5))).await.expect("runs")
}

async fn of_slug(by: &Caller, slug: &'static str) -> Option<AgentId> {
    let found = by.read(move |tx, permit| tx.agent_of_slug(permit, slug)).await;
    found.expect("reads").map(|agent| agent.id)
}

async fn one_agent_is_summed_up_as_the_list_does(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, _) = (north.agent("ada").await, north.agent("bo").await);
    ada.remember(draft("apple")).await;
    let event = ada.event("mem_1");
    ada.write(move |tx, permit| tx.record(permit, &event)).await.expect("recorded");

    let listed = north.owner().read(|tx, permit| tx.agents(permit)).await.expect("reads");
    let here = north.owner().read(|tx, permit| tx.agent_summary(permit, "ada")).await;
    let there = south.owner().read(|tx, permit| tx.agent_summary(permit, "ada")).await;

    let here = here.expect("reads").expect("there");
    assert_eq!((here.memories, here.last_seen_at), (1, Some(at(0))));
    assert!(listed.contains(&here));
    assert_eq!(there.expect("reads"), None);
}

async fn a_retired_agent_stays_as_a_record_and_is_nowhere_else(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let id = ada.agent_id();
    let kept = ada.remember(draft("apple")).await;

    assert!(retire(&owner, id).await);

    let record = owner.read(move |tx, permit| tx.agent(permit, id)).await.expect("reads");
    let record = record.expect("a record");
    assert_eq!(record.slug, format!("ada~{}", &id.to_string()[4..]));
    assert_eq!(record.status, Trust::Blocked);
    assert_eq!(of_slug(&owner, "ada").await, None);
    let listed = owner.read(|tx, permit| tx.agents(permit)).await.expect("reads");
    let summed = owner.read(|tx, permit| tx.agent_summary(permit, "ada")).await;
    assert_eq!((listed, summed.expect("reads")), (Vec::new(), None));
    let author = owner.get(kept.id).await.expect("there").author;
    assert_eq!(author.actor.agent.map(|agent| agent.slug), Some(record.slug));
    let refused = ada.read(|tx, permit| tx.count_memories(permit)).await;
    assert_eq!(refused.expect_err("blocked").code(), Code::TrustRequired);
}

async fn a_retired_agent_is_found_by_the_slug_it_has_since_where_any_will_do(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let owner = north.owner();
    let id = north.add_agent(north.new_agent("ada", Trust::Approved)).await;
    let bo = north.add_agent(north.new_agent("bo", Trust::Approved)).await;
    retire(&owner, id).await;
    let slug = format!("ada~{}", &id.to_string()[4..]);

    for (who, slug, expected) in [
        (&owner, slug.as_str(), Some(id)),
        (&owner, "bo", Some(bo)),
        (&owner, "ada", None),
        (&south.owner(), slug.as_str(), None),
    ] {
        let asked = slug.to_owned();
        let found = who.read(move |tx, permit| tx.any_agent_of_slug(permit, &asked)).await;
        assert_eq!(found.expect("reads").map(|agent| agent.id), expected, "{slug}");
    }
}

async fn the_slug_of_a_retired_agent_is_free_again_and_again(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();

    for _ in 0..3 {
        let id = team.add_agent(team.new_agent("ada", Trust::Approved)).await;
        assert_eq!(of_slug(&owner, "ada").await, Some(id));
        assert!(retire(&owner, id).await);
    }

    assert_eq!(of_slug(&owner, "ada").await, None);
}

async fn a_retired_agent_stays_blocked_and_as_it_was_described(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();
    let agent = team.new_agent("ada", Trust::Approved);
    let id = team.add_agent(agent.clone()).await;
    retire(&owner, id).await;

    let new = AgentRow { display_name: "Mallory".to_owned(), ..agent.clone() };
    let described = owner
        .write(move |tx, permit| {
            tx.set_agent_status(permit, id, Trust::Approved)?;
            tx.describe_agent(permit, &new)
        })
        .await;

    assert_eq!(described.ok(), Some(false));
    let now = owner.read(move |tx, permit| tx.agent(permit, id)).await.expect("reads");
    let now = now.expect("a record");
    assert_eq!((now.status, now.display_name), (Trust::Blocked, agent.display_name));
}

async fn an_agent_is_retired_once(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();
    let id = team.add_agent(team.new_agent("ada", Trust::Approved)).await;

    let (first, again) = (retire(&owner, id).await, retire(&owner, id).await);

    assert_eq!((first, again), (true, false));
}

async fn an_agent_of_another_team_is_not_retired(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let id = north.add_agent(north.new_agent("ada", Trust::Approved)).await;

    assert!(!retire(&south.owner(), id).await);

    assert_eq!(of_slug(&north.owner(), "ada").await, Some(id));
}
