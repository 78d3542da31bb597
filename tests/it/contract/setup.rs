//! The first start of a database.

use std::sync::Arc;

use futures_util::future::join_all;
use memoranda::cli::compose::House;
use memoranda::core::clock::{Clock, ManualClock};
use memoranda::core::error::Code;
use memoranda::core::id::{Ids, TeamId};
use memoranda::store::Store;
use memoranda::store::setup::NewTeam;

use super::team::{Team, at};

contract! {
    an_empty_database_has_no_team_and_no_key,
    the_oldest_team_is_the_first,
    of_teams_of_one_moment_the_lowest_id_is_first,
    a_team_comes_with_its_owner,
    the_slug_of_a_team_is_taken_once,
    a_revoked_key_still_counts_as_one_that_was,
    of_many_first_starts_one_makes_team_and_key,
    a_first_start_without_a_key_leaves_it_to_a_later_one,
}

async fn first_team(store: &Store) -> Option<TeamId> {
    store.set_up(|tx| tx.first_team()).await.expect("reads")
}

async fn has_key(store: &Store) -> bool {
    store.set_up(|tx| tx.has_key()).await.expect("reads")
}

async fn an_empty_database_has_no_team_and_no_key(store: &Store) {
    assert_eq!(first_team(store).await, None);
    assert!(!has_key(store).await);
    assert!(store.sign_in(|tx| tx.local_team()).await.expect("reads").is_none());
}

async fn the_oldest_team_is_the_first(store: &Store) {
    let ids = Ids::default();
    let team = |slug: &str, age| NewTeam {
        id: ids.next(at(0)),
        slug: slug.to_owned(),
        owner: ids.next(at(0)),
        owner_name: "Owner".to_owned(),
        created_at: at(age),
    };
    let teams = [team("newer", 2), team("oldest", 0), team("old", 1)];
    let oldest = teams[1].id;
    store
        .set_up(move |tx| teams.iter().try_for_each(|team| tx.add_team(team)))
        .await
        .expect("three teams");

    assert_eq!(first_team(store).await, Some(oldest));
}

async fn of_teams_of_one_moment_the_lowest_id_is_first(store: &Store) {
    let (one, two) = (Team::new(store, "one").await, Team::new(store, "two").await);

    assert_eq!(first_team(store).await, Some(one.id.min(two.id)));
}

async fn a_team_comes_with_its_owner(store: &Store) {
    let north = Team::new(store, "north").await;

    let local = store.sign_in(|tx| tx.local_team()).await.expect("reads").expect("a team");

    assert_eq!((local.team, &*local.slug, local.owner), (north.id, "north", north.owner));
}

async fn the_slug_of_a_team_is_taken_once(store: &Store) {
    let north = Team::new(store, "north").await;
    let twin = NewTeam {
        id: north.next_id(),
        slug: "north".to_owned(),
        owner: north.next_id(),
        owner_name: "Owner".to_owned(),
        created_at: at(0),
    };

    let answer = store.set_up(move |tx| tx.add_team(&twin)).await;

    assert!(answer.is_err());
    let local = store.sign_in(|tx| tx.local_team()).await.expect("reads");
    assert_eq!(local.map(|local| local.team), Some(north.id), "there is still one team");
}

async fn a_revoked_key_still_counts_as_one_that_was(store: &Store) {
    let north = Team::new(store, "north").await;
    let key = north.add_key(north.new_key("only")).await;

    let revoked = north.owner().write(move |tx, permit| tx.revoke_key(permit, key, at(1))).await;

    assert_eq!(revoked.ok(), Some(true));
    assert!(has_key(store).await);
}

async fn of_many_first_starts_one_makes_team_and_key(store: &Store) {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(at(0)));
    let houses: Vec<House> =
        (0..6).map(|_| House::over(store.clone(), Arc::clone(&clock))).collect();

    let keys = join_all(houses.iter().map(|house| house.set_up("local", true))).await;

    let keys: Vec<_> = keys.into_iter().filter_map(|key| key.expect("set up")).collect();
    assert_eq!(keys.len(), 1, "one of them shows a key");
    let works = houses[0].auth.key(keys[0].whole(), None).await;
    assert_eq!(works.expect("signs in").team_slug, "local");
    assert!(store.sign_in(|tx| tx.local_team()).await.expect("reads").is_some(), "one team");
}

async fn a_first_start_without_a_key_leaves_it_to_a_later_one(store: &Store) {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(at(0)));
    let house = House::over(store.clone(), clock);

    let without = house.set_up("local", false).await.expect("set up");
    let with = house.set_up("local", true).await.expect("set up");
    let again = house.set_up("local", true).await.expect("set up");

    assert!(without.is_none() && with.is_some() && again.is_none());
    let local = house.auth.local_owner().await.map_err(|error| error.code());
    assert_eq!(local.map(|owner| owner.team_slug), Ok::<_, Code>("local".to_owned()));
}
