use futures_util::future::join_all;
use memoranda::core::id::{SigningKeyId, TeamId};
use memoranda::identity::session::SigningKey;
use memoranda::store::Store;

use crate::contract::team::{Caller, Team, at};

contract! {
    a_signing_key_is_found_by_its_name_and_signs_for_its_team,
    a_team_has_one_signing_key_at_a_time,
    of_many_first_signing_keys_one_is_made,
    a_retired_signing_key_verifies_until_its_time,
    deleted_signing_keys_verify_nothing,
}

fn signing_key(team: &Team) -> SigningKey {
    SigningKey::generate(team.next_id())
}

async fn add(owner: &Caller, key: &SigningKey) -> bool {
    let key = key.clone();
    owner.write(move |tx, permit| tx.add_signing_key(permit, &key, at(0))).await.is_ok()
}

async fn current(owner: &Caller) -> Option<SigningKeyId> {
    let found = owner.write(|tx, permit| tx.signing_key(permit)).await.expect("reads");
    found.map(|key| key.kid)
}

/// Whose tokens a signing key verifies at a moment, and whether it has this secret.
async fn verifies(store: &Store, key: &SigningKey, now: i64) -> Option<TeamId> {
    let kid = key.kid;
    let found = store.sign_in(move |tx| tx.verifying_key(kid, at(now))).await.expect("reads");
    found.map(|(team, secret)| {
        assert!(secret.matches(&key.secret));
        team
    })
}

async fn retire(owner: &Caller, until: i64, now: i64) {
    let retired = owner.write(move |tx, permit| tx.retire_signing_key(permit, at(until), at(now)));
    retired.await.expect("retired");
}

async fn a_signing_key_is_found_by_its_name_and_signs_for_its_team(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let key = signing_key(&north);

    assert!(add(&north.owner(), &key).await);

    assert_eq!(verifies(store, &key, 0).await, Some(north.id));
    assert_eq!(verifies(store, &signing_key(&north), 0).await, None);
    assert_eq!(
        (current(&north.owner()).await, current(&south.owner()).await),
        (Some(key.kid), None)
    );
    let (here, there) = (north.id, south.id);
    let found = store.sign_in(move |tx| {
        Ok((tx.signing_key_for_sign_in(here)?, tx.signing_key_for_sign_in(there)?))
    });
    let (own, other) = found.await.expect("reads");
    assert!(own.is_some_and(|own| own.kid == key.kid) && other.is_none());
}

async fn a_team_has_one_signing_key_at_a_time(store: &Store) {
    let team = Team::new(store, "north").await;
    let (first, second) = (signing_key(&team), signing_key(&team));

    assert!(add(&team.owner(), &first).await);
    assert!(!add(&team.owner(), &second).await);

    assert_eq!(current(&team.owner()).await, Some(first.kid));
    assert_eq!(verifies(store, &second, 0).await, None);
}

async fn of_many_first_signing_keys_one_is_made(store: &Store) {
    for round in 0..20 {
        let team = Team::new(store, &format!("team-{round}")).await;
        let owner = team.owner();

        let firsts = (0..8).map(|_| {
            let fresh = signing_key(&team);
            owner.write(move |tx, permit| {
                if let Some(there) = tx.signing_key(permit)? {
                    return Ok(there.kid);
                }
                tx.add_signing_key(permit, &fresh, at(0))?;
                Ok(fresh.kid)
            })
        });
        let answers: Result<Vec<_>, _> = join_all(firsts).await.into_iter().collect();

        let mut kids = answers.expect("all find or make one");
        kids.dedup();
        assert_eq!(kids, [current(&owner).await.expect("made")]);
    }
}

async fn a_retired_signing_key_verifies_until_its_time(store: &Store) {
    let team = Team::new(store, "north").await;
    let owner = team.owner();
    let [first, second, third] = [(); 3].map(|()| signing_key(&team));
    add(&owner, &first).await;

    retire(&owner, 5_000, 1).await;
    assert!(add(&owner, &second).await);

    assert_eq!(current(&owner).await, Some(second.kid));
    assert_eq!(verifies(store, &first, 4_999).await, Some(team.id));
    assert_eq!(verifies(store, &first, 5_000).await, None);
    assert_eq!(verifies(store, &second, 5_000).await, Some(team.id));

    retire(&owner, 9_000, 2).await;
    add(&owner, &third).await;
    assert_eq!(verifies(store, &first, 4_999).await, Some(team.id), "its own time goes on");
    retire(&owner, 99_000, 5_000).await;
    assert_eq!(verifies(store, &first, 0).await, None, "it is gone");
    assert_eq!(verifies(store, &second, 5_001).await, Some(team.id));
}

async fn deleted_signing_keys_verify_nothing(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (old, new, theirs) = (signing_key(&north), signing_key(&north), signing_key(&south));
    add(&south.owner(), &theirs).await;
    add(&north.owner(), &old).await;
    retire(&north.owner(), 5_000, 1).await;
    add(&north.owner(), &new).await;

    north.owner().write(|tx, permit| tx.delete_signing_keys(permit)).await.expect("deleted");

    assert_eq!(verifies(store, &old, 1).await, None);
    assert_eq!(verifies(store, &new, 1).await, None);
    assert_eq!(verifies(store, &theirs, 1).await, Some(south.id));
}
