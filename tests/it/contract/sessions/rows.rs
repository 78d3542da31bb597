use memoranda::store::Store;
use memoranda::store::sessions::SessionFilter;

use super::{begin, end, only, sessions, within};
use crate::contract::team::{Caller, Team, at, draft};

contract! {
    a_session_is_shown_as_it_was_added,
    sessions_are_listed_newest_first_and_filtered,
    a_session_of_another_team_is_neither_seen_nor_ended_nor_extended,
    the_end_of_a_session_moves_on_and_never_back,
    an_ended_session_stays_as_it_ended,
    memories_are_counted_by_the_session_that_first_wrote_them,
    an_agent_is_shown_with_its_sessions,
    sign_in_finds_a_session_in_its_own_team,
}

async fn a_session_is_shown_as_it_was_added(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;

    let id = begin(&team, &ada, at(9_000)).await;

    let [row] = &sessions(&team.owner(), only(id), at(1)).await[..] else { panic!("one session") };
    assert_eq!((row.id, &*row.agent, row.key), (id, "ada", ada.key_id()));
    assert_eq!((row.started_at, row.expires_at, row.ended_at), (at(0), at(9_000), None));
    assert_eq!((row.has_live_key, row.memories), (true, 0));
    assert!(row.is_live(at(8_999)) && !row.is_live(at(9_000)));
}

async fn sessions_are_listed_newest_first_and_filtered(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo, owner) = (team.agent("ada").await, team.agent("bo").await, team.owner());
    let first = begin(&team, &ada, at(5_000)).await;
    let second = begin(&team, &bo, at(9_000)).await;
    let third = begin(&team, &ada, at(9_000)).await;
    end(&owner, only(third), at(1)).await;

    let all = SessionFilter::default();
    for (filter, expected) in [
        (all, vec![third, second, first]),
        (SessionFilter { agent: Some(ada.agent_id()), ..all }, vec![third, first]),
        (SessionFilter { key: Some(bo.key_id()), ..all }, vec![second]),
        (SessionFilter { open_at: Some(at(2)), ..all }, vec![second, first]),
        (SessionFilter { open_at: Some(at(5_000)), ..all }, vec![second]),
        (SessionFilter { id: Some(first), agent: Some(bo.agent_id()), ..all }, vec![]),
    ] {
        let found: Vec<_> =
            sessions(&owner, filter, at(2)).await.into_iter().map(|row| row.id).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    let one = owner.read(move |tx, permit| tx.sessions(permit, &all, at(2), 1)).await;
    assert_eq!(one.expect("reads")[0].id, third);
}

async fn a_session_of_another_team_is_neither_seen_nor_ended_nor_extended(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let ada = north.agent("ada").await;
    let id = begin(&north, &ada, at(9_000)).await;

    let stranger = south.owner();
    let extended =
        stranger.write(move |tx, permit| tx.extend_session(permit, id, at(99_000), at(1)));

    assert_eq!(extended.await.ok(), Some(false));
    assert_eq!(end(&stranger, SessionFilter::default(), at(1)).await, 0);
    assert!(sessions(&stranger, SessionFilter::default(), at(1)).await.is_empty());
    let row = &sessions(&north.owner(), only(id), at(1)).await[0];
    assert_eq!((row.expires_at, row.ended_at), (at(9_000), None));
}

async fn the_end_of_a_session_moves_on_and_never_back(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let id = begin(&team, &ada, at(5_000)).await;

    for (until, now, is_moved, expected) in [
        (8_000, 1, true, 8_000),
        (8_000, 1, false, 8_000),
        (7_000, 1, false, 8_000),
        (9_000, 7_999, true, 9_000),
        (99_000, 9_000, false, 9_000),
    ] {
        let moved =
            owner.write(move |tx, permit| tx.extend_session(permit, id, at(until), at(now)));
        assert_eq!(moved.await.ok(), Some(is_moved), "to {until} at {now}");
        assert_eq!(sessions(&owner, only(id), at(1)).await[0].expires_at, at(expected));
    }
}

async fn an_ended_session_stays_as_it_ended(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let id = begin(&team, &ada, at(9_000)).await;

    let first = end(&owner, only(id), at(3)).await;
    let again = end(&owner, only(id), at(5)).await;
    let longer = owner.write(move |tx, permit| tx.extend_session(permit, id, at(99_000), at(5)));
    let (here, longer) = (team.id, longer.await.ok());
    let renewed = store.first_use(move |tx| tx.renew_session(here, id, at(99_000), at(5))).await;

    assert_eq!((first, again, longer, renewed.ok()), (1, 0, Some(false), Some(false)));
    let row = &sessions(&owner, only(id), at(6)).await[0];
    assert_eq!((row.ended_at, row.expires_at), (Some(at(3)), at(9_000)));
    assert!(!row.is_live(at(6)));
}

async fn memories_are_counted_by_the_session_that_first_wrote_them(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let [one, two] = [begin(&team, &ada, at(9_000)).await, begin(&team, &ada, at(9_000)).await];
    let written = async |caller: &Caller, text: &str| caller.remember(draft(text)).await;
    written(&ada, "without a session").await;
    written(&within(&ada, one), "in the first").await;
    let memory = written(&within(&ada, one), "in the first too").await;
    written(&within(&ada, two), "in the second").await;

    let mut next = memory;
    next.version += 1;
    within(&ada, two).change(next).await.expect("changed");

    let rows = sessions(&team.owner(), SessionFilter::default(), at(1)).await;
    let counts: Vec<_> = rows.iter().map(|row| (row.id, row.memories)).collect();
    assert_eq!(counts, [(two, 1), (one, 2)]);
}

async fn an_agent_is_shown_with_its_sessions(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, _) = (team.agent("ada").await, team.agent("bo").await);
    begin(&team, &ada, at(5_000)).await;
    begin(&team, &ada, at(9_000)).await;

    let agents = team.owner().read(|tx, permit| tx.agents(permit)).await.expect("reads");

    let mut shown: Vec<_> = agents
        .iter()
        .map(|seen| (&*seen.agent.slug, seen.sessions, seen.last_session_at))
        .collect();
    shown.sort_unstable();
    assert_eq!(shown, [("ada", 2, Some(at(0))), ("bo", 0, None)]);
}

async fn sign_in_finds_a_session_in_its_own_team(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let ada = north.agent("ada").await;
    let id = begin(&north, &ada, at(9_000)).await;

    let (here, there) = (north.id, south.id);
    let found = store.sign_in(move |tx| {
        Ok((tx.session_for_sign_in(here, id)?, tx.session_for_sign_in(there, id)?))
    });

    let (own, other) = found.await.expect("reads");
    let own = own.expect("there");
    assert_eq!((own.id, own.agent.id, own.key), (id, ada.agent_id(), ada.key_id()));
    assert_eq!((own.secret_number, own.ended_at, own.expires_at), (1, None, at(9_000)));
    assert!(other.is_none());
}
