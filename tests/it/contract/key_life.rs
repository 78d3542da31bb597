//! What becomes of a key: edited, deactivated, rotated, deleted.

use memoranda::core::error::Code;
use memoranda::identity::key::KeyId;
use memoranda::identity::role::{Role, Scope};
use memoranda::store::Store;
use memoranda::store::keys::{KeyRow, NewKey};

use super::team::{Caller, Team, at};

contract! {
    a_key_is_described_anew_and_its_rights_stay,
    a_key_does_not_take_the_title_of_another,
    a_deactivated_key_is_refused_until_it_is_activated,
    a_revoked_key_is_not_activated,
    a_rotated_secret_is_dead_at_once,
    a_rotated_secret_lives_through_its_overlap_and_no_longer,
    a_second_rotation_ends_the_overlap_of_the_first,
    revoking_ends_an_overlap_too,
    a_deleted_key_is_gone_and_its_title_free,
    another_owner_key_counts_only_while_it_is_live,
    a_key_of_another_team_is_not_changed,
}

async fn key(caller: &Caller, id: KeyId) -> Option<KeyRow> {
    caller.read(move |tx, permit| tx.key(permit, id)).await.expect("reads")
}

async fn rotate(owner: &Caller, id: KeyId, hash: &'static str, until: Option<i64>, now: i64) {
    let turned =
        owner.write(move |tx, permit| tx.rotate_key(permit, id, hash, until.map(at), at(now)));
    turned.await.expect("rotates");
}

/// The hashes that are good at a moment.
async fn live(store: &Store, id: KeyId, now: i64) -> Vec<String> {
    let row = store.sign_in(move |tx| tx.key_for_sign_in(id)).await.expect("reads").expect("there");
    row.live_secrets(at(now)).map(|held| held.hash.clone()).collect()
}

/// Whether a unit of somebody who showed the key's secret of a number is refused.
async fn is_refused(store: &Store, team: &Team, id: KeyId, number: i64, now: i64) -> bool {
    let caller = team.with_secret(id, number);
    let permit = caller.permit();
    match store.check(&permit, at(now)).await {
        Ok(()) => false,
        Err(error) => {
            assert_eq!(error.code(), Code::InvalidApiKey);
            true
        }
    }
}

async fn a_key_is_described_anew_and_its_rights_stay(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();
    let id = team.add_key(team.new_key("build")).await;
    let before = key(&owner, id).await.expect("there");
    let after = KeyRow {
        title: "release".to_owned(),
        description: Some("signs releases".to_owned()),
        allow_list: Some(vec!["recall".to_owned()]),
        ..before.clone()
    };

    let mut asked = after.clone();
    asked.role = Role::Viewer;
    let described = owner.write(move |tx, permit| tx.describe_key(permit, &asked)).await;

    assert_eq!(described.ok(), Some(true));
    assert_eq!(key(&owner, id).await, Some(after));
}

async fn a_key_does_not_take_the_title_of_another(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();
    team.add_key(team.new_key("build")).await;
    let id = team.add_key(team.new_key("night")).await;
    let before = key(&owner, id).await.expect("there");

    let asked = KeyRow { title: "build".to_owned(), ..before.clone() };
    let described = owner.write(move |tx, permit| tx.describe_key(permit, &asked)).await;

    assert_eq!(described.ok(), Some(false));
    assert_eq!(key(&owner, id).await, Some(before));
}

async fn a_deactivated_key_is_refused_until_it_is_activated(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();
    let id = team.add_key(team.new_key("build")).await;

    owner.write(move |tx, permit| tx.set_key_active(permit, id, false)).await.expect("changes");
    let while_deactivated = is_refused(store, &team, id, 1, 1).await;
    owner.write(move |tx, permit| tx.set_key_active(permit, id, true)).await.expect("changes");

    assert!(while_deactivated);
    assert!(!is_refused(store, &team, id, 1, 1).await);
}

async fn a_revoked_key_is_not_activated(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();
    let id = team.add_key(team.new_key("build")).await;
    owner.write(move |tx, permit| tx.revoke_key(permit, id, at(1))).await.expect("revokes");

    owner.write(move |tx, permit| tx.set_key_active(permit, id, true)).await.expect("no error");

    assert!(is_refused(store, &team, id, 1, 2).await);
    assert!(live(store, id, 2).await.is_empty());
}

async fn a_rotated_secret_is_dead_at_once(store: &Store) {
    let team = Team::new(store, "north").await;
    let id = team.add_key(team.new_key("build")).await;

    rotate(&team.owner(), id, "the new hash", None, 5).await;

    assert_eq!(live(store, id, 5).await, ["the new hash"]);
    assert!(is_refused(store, &team, id, 1, 5).await);
    assert!(!is_refused(store, &team, id, 2, 5).await);
    assert_eq!(key(&team.owner(), id).await.expect("there").rotated_at, Some(at(5)));
}

async fn a_rotated_secret_lives_through_its_overlap_and_no_longer(store: &Store) {
    let team = Team::new(store, "north").await;
    let id = team.add_key(team.new_key("build")).await;

    rotate(&team.owner(), id, "the new hash", Some(100), 5).await;

    assert_eq!(live(store, id, 99).await, ["the new hash", "the hash of build"]);
    assert!(!is_refused(store, &team, id, 1, 99).await);
    assert_eq!(live(store, id, 100).await, ["the new hash"]);
    assert!(is_refused(store, &team, id, 1, 100).await);
    assert!(!is_refused(store, &team, id, 2, 100).await);
}

async fn a_second_rotation_ends_the_overlap_of_the_first(store: &Store) {
    let team = Team::new(store, "north").await;
    let id = team.add_key(team.new_key("build")).await;
    rotate(&team.owner(), id, "the second hash", Some(100), 5).await;

    rotate(&team.owner(), id, "the third hash", Some(200), 10).await;

    assert_eq!(live(store, id, 20).await, ["the third hash", "the second hash"]);
    assert!(is_refused(store, &team, id, 1, 20).await);
    assert!(!is_refused(store, &team, id, 2, 20).await);
}

async fn revoking_ends_an_overlap_too(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();
    let id = team.add_key(team.new_key("build")).await;
    rotate(&owner, id, "the new hash", Some(100), 5).await;

    owner.write(move |tx, permit| tx.revoke_key(permit, id, at(6))).await.expect("revokes");

    assert!(live(store, id, 7).await.is_empty());
    assert!(is_refused(store, &team, id, 1, 7).await);
    assert!(is_refused(store, &team, id, 2, 7).await);
}

async fn a_deleted_key_is_gone_and_its_title_free(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();
    let id = team.add_key(team.new_key("build")).await;

    owner.write(move |tx, permit| tx.delete_key(permit, id)).await.expect("deletes");

    assert_eq!(key(&owner, id).await, None);
    assert!(is_refused(store, &team, id, 1, 1).await);
    let again = team.new_key("build");
    let added = owner.write(move |tx, permit| tx.add_key(permit, &again)).await;
    assert_eq!(added.ok(), Some(true));
}

async fn another_owner_key_counts_only_while_it_is_live(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();
    let id = team.add_key(team.new_key("first")).await;
    let scopes = [Scope::Read, Scope::Write].into_iter().collect();
    team.add_key(NewKey { role: Role::Admin, ..team.new_key("an admin's") }).await;
    team.add_key(NewKey { scopes, ..team.new_key("without admin") }).await;
    let other = NewKey { expires_at: Some(at(100)), ..team.new_key("expires") };
    team.add_key(other).await;
    let has_other = async |now: i64| {
        let found = owner.read(move |tx, permit| tx.has_other_owner_key(permit, id, at(now)));
        found.await.expect("reads")
    };

    assert!(has_other(99).await);
    assert!(!has_other(100).await);
}

async fn a_key_of_another_team_is_not_changed(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let id = north.add_key(north.new_key("build")).await;
    let before = key(&north.owner(), id).await.expect("there");

    let stolen = KeyRow { title: "stolen".to_owned(), ..before.clone() };
    let owner = south.owner();
    let changes = owner.write(move |tx, permit| {
        tx.describe_key(permit, &stolen)?;
        tx.set_key_active(permit, id, false)?;
        tx.rotate_key(permit, id, "another hash", None, at(1))?;
        tx.delete_key(permit, id)
    });
    changes.await.expect("nothing to change is no error");

    assert_eq!(key(&north.owner(), id).await, Some(before));
    assert_eq!(live(store, id, 2).await, ["the hash of build"]);
}
