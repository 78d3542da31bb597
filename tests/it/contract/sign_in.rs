//! Credentials: what is read of them, what their first use makes, and that a struck one can't act.

use std::sync::Arc;

use futures_util::future::join_all;
use memoranda::cli::compose::House;
use memoranda::core::clock::{Clock, ManualClock, Timestamp};
use memoranda::core::error::{Code, Result};
use memoranda::identity::actor::{AgentRef, Credential, Trust};
use memoranda::identity::key::{ApiKey, KeyId};
use memoranda::identity::permit::{Exempt, Permit};
use memoranda::memory::search::Filter;
use memoranda::store::Store;
use memoranda::store::sign_in::SignInKey;

use super::team::{ALL, Caller, Team, at, draft};

contract! {
    a_revoked_key_reads_and_writes_nothing,
    a_key_holds_until_the_moment_it_expires,
    an_unknown_key_reads_and_writes_nothing,
    a_key_holds_for_its_own_team_alone,
    an_agent_that_is_blocked_or_pending_needs_trust,
    an_agent_that_is_not_there_needs_trust,
    what_is_exempt_from_trust_still_needs_a_live_key,
    the_local_owner_always_holds,
    a_key_is_found_by_its_id_with_team_and_agent,
    a_revoked_key_has_no_hash_left,
    several_teams_have_no_local_one,
    an_agent_is_found_by_slug_in_its_own_team,
    a_key_is_bound_for_good_or_not,
    an_agent_keeps_its_id_under_another_slug,
    when_a_key_was_last_used_never_goes_back,
    of_many_first_agent_ids_of_a_key_one_wins,
    many_first_uses_of_a_key_make_one_agent,
    the_first_agent_id_takes_over_the_keys_own_agent,
    the_first_agent_id_may_be_an_agent_that_is_there,
}

/// What the store says to a write, a read and a check under one permit, and whether anything was
/// kept or read.
pub(super) async fn refusals(
    store: &Store,
    caller: &Caller,
    permit: &Permit,
    now: Timestamp,
) -> [Code; 3] {
    let (memory, bearer) = (caller.memory(draft("not to be kept")), permit.clone());
    let write = store.write(permit, now, move |tx| {
        tx.add_memory(&bearer, &memory, &memory.words())?;
        Ok(())
    });
    let (write, bearer) = (write.await, permit.clone());
    let read = store.read(permit, now, move |tx| {
        tx.newest_memories(&bearer, &Filter::default(), ALL).map(drop)
    });
    let answers = [write, read.await, store.check(permit, now).await];
    answers.map(|answer| answer.expect_err("refused").code())
}

pub(super) async fn holds(store: &Store, permit: &Permit, now: Timestamp) -> bool {
    let write = store.write(permit, now, |_| Ok(())).await.is_ok();
    let read = store.read(permit, now, |_| Ok(())).await.is_ok();
    let check = store.check(permit, now).await.is_ok();
    assert!(write == read && read == check, "{write} {read} {check}");
    check
}

async fn sign_in_key(store: &Store, key: KeyId) -> Option<SignInKey> {
    store.sign_in(move |tx| tx.key_for_sign_in(key)).await.expect("reads")
}

async fn a_revoked_key_reads_and_writes_nothing(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let (permit, key) = (ada.permit(), ada.key_id());
    assert!(holds(store, &permit, at(0)).await);

    owner.write(move |tx, permit| tx.revoke_key(permit, key, at(1))).await.expect("revoked");

    assert_eq!(refusals(store, &ada, &permit, at(0)).await, [Code::InvalidApiKey; 3]);
    assert_eq!(owner.count().await, 0);
}

async fn a_key_holds_until_the_moment_it_expires(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent_with("ada", Trust::Approved, Some(at(1_000))).await;
    let permit = ada.permit();

    assert!(holds(store, &permit, at(999)).await);

    assert_eq!(refusals(store, &ada, &permit, at(1_000)).await, [Code::InvalidApiKey; 3]);
    assert_eq!(team.owner().count().await, 0);
}

async fn an_unknown_key_reads_and_writes_nothing(store: &Store) {
    let team = Team::new(store, "north").await;
    let mut nobody = team.agent("ada").await;
    let id = ApiKey::generate().id();
    nobody.principal.credential = Credential::Key { id, secret_number: 1, session: None };
    let permit = nobody.permit();

    assert_eq!(refusals(store, &nobody, &permit, at(0)).await, [Code::InvalidApiKey; 3]);
    assert_eq!(team.owner().count().await, 0);
}

async fn a_key_holds_for_its_own_team_alone(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let mut crossing = north.agent("ada").await;
    crossing.principal.team = south.id;
    let permit = crossing.permit();

    assert_eq!(refusals(store, &crossing, &permit, at(0)).await, [Code::InvalidApiKey; 3]);
    assert_eq!(south.owner().count().await, 0);
}

async fn an_agent_that_is_blocked_or_pending_needs_trust(store: &Store) {
    let team = Team::new(store, "north").await;

    for status in [Trust::Blocked, Trust::Pending] {
        let agent = team.agent_with(status.as_str(), status, None).await;
        let permit = agent.permit();

        assert_eq!(refusals(store, &agent, &permit, at(0)).await, [Code::TrustRequired; 3]);
    }
    assert_eq!(team.owner().count().await, 0);
}

async fn an_agent_that_is_not_there_needs_trust(store: &Store) {
    let team = Team::new(store, "north").await;
    let mut gone = team.agent("ada").await;
    gone.principal.actor.agent = Some(AgentRef { id: team.next_id(), slug: "gone".to_owned() });
    let permit = gone.permit();

    assert_eq!(refusals(store, &gone, &permit, at(0)).await, [Code::TrustRequired; 3]);
}

async fn what_is_exempt_from_trust_still_needs_a_live_key(store: &Store) {
    let team = Team::new(store, "north").await;
    let blocked = team.agent_with("ada", Trust::Blocked, None).await;
    let key = blocked.key_id();

    for exempt in [Exempt::Trust, Exempt::Everything] {
        assert!(holds(store, &blocked.permit_exempt(exempt), at(0)).await, "{exempt:?}");
    }
    team.owner().write(move |tx, permit| tx.revoke_key(permit, key, at(1))).await.expect("revoked");

    let permit = blocked.permit_exempt(Exempt::Everything);
    assert_eq!(refusals(store, &blocked, &permit, at(0)).await, [Code::InvalidApiKey; 3]);
}

async fn the_local_owner_always_holds(store: &Store) {
    let team = Team::new(store, "north").await;

    assert!(holds(store, &team.owner().permit(), at(0)).await);
    assert!(holds(store, &team.owners_agent("ada").await.permit(), at(0)).await);
}

async fn a_key_is_found_by_its_id_with_team_and_agent(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let ada = south.agent("ada").await;
    let bare = north.add_key(north.new_key("bare")).await;

    let bound = sign_in_key(store, ada.key_id()).await.expect("there");
    let unbound = sign_in_key(store, bare).await.expect("there");

    assert_eq!((bound.team, &*bound.team_slug), (south.id, "south"));
    assert_eq!(bound.agent.clone().map(|agent| agent.id), Some(ada.agent_id()));
    let hashes: Vec<&str> = bound.secrets_held.iter().map(|held| held.hash.as_str()).collect();
    assert_eq!(hashes, ["the hash of ada"]);
    assert!(bound.is_locked && bound.is_live(at(0)) && bound.new_agents == Trust::Approved);
    assert_eq!((unbound.team, unbound.agent, unbound.is_locked), (north.id, None, false));
    assert!(sign_in_key(store, ApiKey::generate().id()).await.is_none());
}

async fn a_revoked_key_has_no_hash_left(store: &Store) {
    let team = Team::new(store, "north").await;
    let key = team.add_key(team.new_key("short-lived")).await;

    team.owner().write(move |tx, permit| tx.revoke_key(permit, key, at(1))).await.expect("revoked");

    let row = sign_in_key(store, key).await.expect("the record stays");
    assert!(row.secrets_held.is_empty());
    assert!(!row.is_live(at(0)));
}

async fn several_teams_have_no_local_one(store: &Store) {
    Team::new(store, "north").await;
    Team::new(store, "south").await;

    assert!(store.sign_in(|tx| tx.local_team()).await.expect("reads").is_none());
}

async fn an_agent_is_found_by_slug_in_its_own_team(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let ada = north.agent("ada").await;

    let (here, there) = (north.id, south.id);
    let found = store.sign_in(move |tx| {
        Ok((tx.agent_for_sign_in(here, "ada")?, tx.agent_for_sign_in(there, "ada")?))
    });

    let (own, other) = found.await.expect("reads");
    assert_eq!(own.map(|agent| agent.id), Some(ada.agent_id()));
    assert_eq!(other, None);
}

async fn a_key_is_bound_for_good_or_not(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await.agent_id();
    let key = team.add_key(team.new_key("bare")).await;

    for is_locked in [false, true] {
        let id = team.id;
        let bound = store.first_use(move |tx| tx.bind_key(id, key, ada, is_locked)).await;

        assert!(bound.is_ok());
        let row = sign_in_key(store, key).await.expect("there");
        assert_eq!((row.agent.map(|agent| agent.id), row.is_locked), (Some(ada), is_locked));
    }
}

async fn an_agent_keeps_its_id_under_another_slug(store: &Store) {
    let team = Team::new(store, "north").await;
    let (id, ada) = (team.id, team.agent("ada").await.agent_id());

    store.first_use(move |tx| tx.rename_agent(id, ada, "countess")).await.expect("renamed");

    let owner = team.owner();
    let found = owner.read(|tx, permit| {
        Ok((tx.agent_of_slug(permit, "countess")?, tx.agent_of_slug(permit, "ada")?))
    });
    let (new, old) = found.await.expect("reads");
    assert_eq!((new.map(|agent| agent.id), old), (Some(ada), None));
}

async fn when_a_key_was_last_used_never_goes_back(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let key = north.add_key(north.new_key("used")).await;
    let last_used = || async {
        let row = north.owner().read(move |tx, permit| tx.key(permit, key)).await;
        row.expect("reads").expect("there").last_used_at
    };
    assert_eq!(last_used().await, None);

    for (team, used, expected) in
        [(north.id, 5, 5), (north.id, 3, 5), (north.id, 9, 9), (south.id, 99, 9)]
    {
        store.first_use(move |tx| tx.touch_key(team, key, at(used))).await.expect("noted");

        assert_eq!(last_used().await, Some(at(expected)));
    }
}

/// Two processes on one store, and the owner's key.
async fn two_houses(store: &Store) -> ([House; 2], ApiKey) {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(at(0)));
    let houses = [0, 1].map(|_| House::over(store.clone(), Arc::clone(&clock)));
    let key = houses[0].set_up("north", true).await.expect("set up").expect("a key");
    (houses, key)
}

async fn of_many_first_agent_ids_of_a_key_one_wins(store: &Store) {
    let (houses, key) = two_houses(store).await;
    let slugs: Vec<String> = (0..8).map(|number| format!("agent-{number}")).collect();

    let first = slugs.iter().enumerate();
    let first = first.map(|(at, slug)| houses[at % 2].auth.key(key.whole(), Some(slug)));
    let answers = join_all(first).await;

    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert!(
        lost.into_iter()
            .all(|answer| { answer.is_err_and(|error| error.code() == Code::AgentKeyConflict) })
    );
    let [Ok(winner)] = &won[..] else { panic!("{} of them won", won.len()) };
    let row = sign_in_key(store, key.id()).await.expect("there");
    let slug = row.agent.expect("bound").slug;
    assert!(row.is_locked);
    assert_eq!(winner.actor.agent.as_ref().map(|agent| &agent.slug), Some(&slug));
    for other in slugs.into_iter().filter(|other| *other != slug) {
        let found = store.sign_in(move |tx| tx.agent_for_sign_in(row.team, &other)).await;
        assert_eq!(found.ok(), Some(None), "a loser leaves no agent");
    }
}

async fn many_first_uses_of_a_key_make_one_agent(store: &Store) {
    let (houses, key) = two_houses(store).await;

    let uses = (0..8).map(|number| houses[number % 2].auth.key(key.whole(), None));
    let answers: Result<Vec<_>> = join_all(uses).await.into_iter().collect();

    let mut agents: Vec<_> =
        answers.expect("all sign in").into_iter().filter_map(|who| who.actor.agent).collect();
    assert_eq!(agents.len(), 8);
    agents.dedup();
    assert_eq!(agents.len(), 1);
    assert_eq!(agents[0].slug, format!("key-{}", key.id()));
    let owner = houses[0].auth.local_owner().await.expect("one team");
    let owner = Caller::new(store, &houses[0].app.ids, owner);
    assert_eq!(owner.events().await, 1, "the first use is recorded once");
}

async fn the_first_agent_id_takes_over_the_keys_own_agent(store: &Store) {
    let (houses, key) = two_houses(store).await;

    let before = houses[0].auth.key(key.whole(), None).await.expect("signs in");
    let after = houses[1].auth.key(key.whole(), Some("ada")).await.expect("signs in");
    let other = houses[0].auth.key(key.whole(), Some("bo")).await;

    let (before, after) = (before.actor.agent.expect("own"), after.actor.agent.expect("named"));
    assert_eq!((before.id, &*after.slug), (after.id, "ada"));
    assert_eq!(other.expect_err("locked").code(), Code::AgentKeyConflict);
}

async fn the_first_agent_id_may_be_an_agent_that_is_there(store: &Store) {
    let (houses, key) = two_houses(store).await;
    let there = houses[0].auth.local_agent("ada", "Ada").await.expect("signs in");

    let named = houses[1].auth.key(key.whole(), Some("ada")).await.expect("signs in");

    assert_eq!(named.actor.agent, there.actor.agent);
    assert!(sign_in_key(store, key.id()).await.expect("there").is_locked);
}
