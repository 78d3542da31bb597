//! API keys of a team.

use futures_util::future::join_all;
use memoranda::core::error::Result;
use memoranda::identity::key::{ApiKey, KeyId};
use memoranda::identity::role::{Role, Scope, Scopes};
use memoranda::store::Store;
use memoranda::store::keys::{KeyRow, NewKey};

use super::team::{Caller, Team, at};

contract! {
    a_key_comes_back_as_it_was_added,
    an_allow_list_that_allows_nothing_stays_one,
    keys_are_listed_newest_first,
    keys_of_one_moment_are_listed_by_id,
    a_title_is_taken_once_in_a_team,
    two_teams_may_have_a_key_of_one_title,
    of_many_keys_of_one_title_one_is_added,
    a_key_is_not_locked_to_an_agent_that_is_not_there,
    a_key_is_revoked_once,
    of_many_revocations_one_revokes,
    a_key_of_another_team_is_neither_listed_nor_found_nor_revoked,
}

async fn key(caller: &Caller, id: KeyId) -> Option<KeyRow> {
    caller.read(move |tx, permit| tx.key(permit, id)).await.expect("reads")
}

async fn add(caller: &Caller, key: NewKey) -> Result<bool> {
    caller.write(move |tx, permit| tx.add_key(permit, &key)).await
}

async fn listed(caller: &Caller) -> Vec<KeyId> {
    let keys = caller.read(|tx, permit| tx.keys(permit)).await.expect("reads");
    keys.iter().map(|key| key.id).collect()
}

async fn a_key_comes_back_as_it_was_added(store: &Store) {
    let team = Team::new(store, "north").await;
    let (owner, ada) = (team.owner(), team.agent("ada").await);
    let scopes: Scopes = [Scope::Read, Scope::Admin].into_iter().collect();
    let new = NewKey {
        description: Some("for the night build".to_owned()),
        role: Role::Editor,
        scopes,
        allow_list: Some(vec!["recall".to_owned(), "brief".to_owned()]),
        agent: Some(ada.agent_id()),
        created_by: "member somebody".to_owned(),
        created_at: at(3),
        expires_at: Some(at(4_000)),
        ..team.new_key("night")
    };
    let expected = KeyRow {
        id: new.id,
        title: "night".to_owned(),
        description: new.description.clone(),
        role: Role::Editor,
        scopes,
        allow_list: new.allow_list.clone(),
        is_active: true,
        agent: Some("ada".to_owned()),
        is_locked: true,
        secret_number: 1,
        created_by: "member somebody".to_owned(),
        created_at: at(3),
        expires_at: Some(at(4_000)),
        last_used_at: None,
        rotated_at: None,
        revoked_at: None,
    };

    let added = add(&owner, new).await;

    assert_eq!(added.ok(), Some(true));
    assert_eq!(key(&owner, expected.id).await, Some(expected));
}

async fn an_allow_list_that_allows_nothing_stays_one(store: &Store) {
    let team = Team::new(store, "north").await;
    let none = team.add_key(NewKey { allow_list: Some(Vec::new()), ..team.new_key("none") }).await;
    let every = team.add_key(team.new_key("every")).await;

    let [none, every] = [key(&team.owner(), none).await, key(&team.owner(), every).await];

    assert_eq!(none.expect("there").allow_list, Some(Vec::new()));
    assert_eq!(every.expect("there").allow_list, None);
}

async fn keys_are_listed_newest_first(store: &Store) {
    let team = Team::new(store, "north").await;
    let mut made = Vec::new();
    for (title, age) in [("second", 2), ("third", 3), ("first", 1)] {
        made.push(team.add_key(NewKey { created_at: at(age), ..team.new_key(title) }).await);
    }

    assert_eq!(listed(&team.owner()).await, [made[1], made[0], made[2]]);
}

async fn keys_of_one_moment_are_listed_by_id(store: &Store) {
    let team = Team::new(store, "north").await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(team.add_key(team.new_key(&format!("key {number}"))).await);
    }

    made.sort_unstable();
    assert_eq!(listed(&team.owner()).await, made);
}

async fn a_title_is_taken_once_in_a_team(store: &Store) {
    let team = Team::new(store, "north").await;
    let first = team.add_key(team.new_key("build")).await;

    let again = add(&team.owner(), team.new_key("build")).await;

    assert_eq!(again.ok(), Some(false));
    assert_eq!(listed(&team.owner()).await, [first]);
}

async fn two_teams_may_have_a_key_of_one_title(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    north.add_key(north.new_key("build")).await;
    let new = south.new_key("build");
    let id = new.id;

    let added = add(&south.owner(), new).await;

    assert_eq!(added.ok(), Some(true));
    assert_eq!(listed(&south.owner()).await, [id]);
}

async fn of_many_keys_of_one_title_one_is_added(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();

    let added = join_all((0..10).map(|_| add(&owner, team.new_key("build")))).await;

    let added: Result<Vec<bool>> = added.into_iter().collect();
    assert_eq!(added.expect("none fails").into_iter().filter(|is_added| *is_added).count(), 1);
    assert_eq!(listed(&owner).await.len(), 1);
}

async fn a_key_is_not_locked_to_an_agent_that_is_not_there(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let elsewhere = south.agent("ada").await.agent_id();

    let added = add(&north.owner(), NewKey { agent: Some(elsewhere), ..north.new_key("x") }).await;

    assert!(added.is_err());
    assert!(listed(&north.owner()).await.is_empty());
}

async fn a_key_is_revoked_once(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();
    let id = team.add_key(team.new_key("short-lived")).await;
    let revoke = |id, when| owner.write(move |tx, permit| tx.revoke_key(permit, id, at(when)));

    let answers = [
        revoke(id, 5).await.ok(),
        revoke(id, 9).await.ok(),
        revoke(ApiKey::generate().id(), 9).await.ok(),
    ];

    assert_eq!(answers, [Some(true), Some(false), Some(false)]);
    let row = key(&owner, id).await.expect("the record stays");
    assert_eq!((row.revoked_at, row.is_active), (Some(at(5)), false));
}

async fn of_many_revocations_one_revokes(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();
    let id = team.add_key(team.new_key("short-lived")).await;

    let revoked =
        (0..10).map(|when| owner.write(move |tx, permit| tx.revoke_key(permit, id, at(when))));
    let revoked: Result<Vec<bool>> = join_all(revoked).await.into_iter().collect();

    assert_eq!(revoked.expect("none fails").into_iter().filter(|is_it| *is_it).count(), 1);
}

async fn a_key_of_another_team_is_neither_listed_nor_found_nor_revoked(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let id = north.add_key(north.new_key("build")).await;

    let revoked = south.owner().write(move |tx, permit| tx.revoke_key(permit, id, at(1))).await;

    assert_eq!(revoked.ok(), Some(false));
    assert_eq!(key(&south.owner(), id).await, None);
    assert!(listed(&south.owner()).await.is_empty());
    assert_eq!(key(&north.owner(), id).await.expect("untouched").revoked_at, None);
}
