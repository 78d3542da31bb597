use memoranda::core::clock::Timestamp;
use memoranda::core::error::{Code, Result};
use memoranda::identity::actor::{Credential, Trust};
use memoranda::identity::permit::Permit;
use memoranda::store::{Store, WriteTx};

use super::{begin, end, only, sessions, within};
use crate::contract::sign_in::{holds, refusals};
use crate::contract::team::{Team, at, draft};

contract! {
    an_ended_session_reads_and_writes_nothing,
    a_session_holds_until_the_moment_it_expires,
    a_session_ends_with_its_key,
    a_session_lives_through_the_overlap_of_its_keys_rotation,
    a_session_proves_nothing_with_another_key_or_secret,
    a_sessions_agent_needs_trust,
    of_a_write_that_races_the_end_of_its_session_all_or_nothing_is_kept,
}

const END: i64 = 9_000;

async fn an_ended_session_reads_and_writes_nothing(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let id = begin(&team, &ada, at(END)).await;
    let active = within(&ada, id);
    assert!(holds(store, &active.permit(), at(1)).await);

    end(&team.owner(), only(id), at(1)).await;

    let refused = refusals(store, &active, &active.permit(), at(1)).await;
    assert_eq!(refused, [Code::InvalidSessionToken; 3]);
    assert_eq!(team.owner().count().await, 0);
    assert!(holds(store, &ada.permit(), at(1)).await, "the key itself goes on");
}

async fn a_session_holds_until_the_moment_it_expires(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let active = within(&ada, begin(&team, &ada, at(END)).await);

    assert!(holds(store, &active.permit(), at(END - 1)).await);

    let refused = refusals(store, &active, &active.permit(), at(END)).await;
    assert_eq!(refused, [Code::ExpiredSessionToken; 3]);
}

type Strike = fn(&mut dyn WriteTx, &Permit, memoranda::identity::key::KeyId) -> Result<()>;

async fn a_session_ends_with_its_key(store: &Store) {
    let strikes: [(&str, Strike); 4] = [
        ("revoked", |tx, permit, key| tx.revoke_key(permit, key, at(1)).map(drop)),
        ("deactivated", |tx, permit, key| tx.set_key_active(permit, key, false)),
        ("rotated", |tx, permit, key| tx.rotate_key(permit, key, "new", None, at(1))),
        ("deleted", |tx, permit, key| tx.delete_key(permit, key)),
    ];
    let team = Team::new(store, "north").await;
    for (what, strike) in strikes {
        let agent = team.agent(what).await;
        let (id, key) = (begin(&team, &agent, at(END)).await, agent.key_id());
        let active = within(&agent, id);

        team.owner().write(move |tx, permit| strike(tx, permit, key)).await.expect("struck");

        let refused = refusals(store, &active, &active.permit(), at(2)).await;
        assert_eq!(refused, [Code::InvalidSessionToken; 3], "{what}");
        let row = &sessions(&team.owner(), only(id), at(2)).await[0];
        assert!(!row.has_live_key && !row.is_live(at(2)), "{what}");
    }
    let brief = team.agent_with("brief", Trust::Approved, Some(at(5_000))).await;
    let active = within(&brief, begin(&team, &brief, at(END)).await);

    assert!(holds(store, &active.permit(), at(4_999)).await);
    let refused = refusals(store, &active, &active.permit(), at(5_000)).await;
    assert_eq!(refused, [Code::InvalidSessionToken; 3]);
}

async fn a_session_lives_through_the_overlap_of_its_keys_rotation(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let (id, key) = (begin(&team, &ada, at(END)).await, ada.key_id());
    let active = within(&ada, id);

    let owner = team.owner();
    let rotated =
        owner.write(move |tx, permit| tx.rotate_key(permit, key, "new", Some(at(5_000)), at(1)));
    rotated.await.expect("rotated");

    let live = async |now: Timestamp| sessions(&team.owner(), only(id), now).await[0].is_live(now);
    assert!(holds(store, &active.permit(), at(4_999)).await && live(at(4_999)).await);
    let refused = refusals(store, &active, &active.permit(), at(5_000)).await;
    assert_eq!(refused, [Code::InvalidSessionToken; 3]);
    assert!(!live(at(5_000)).await);
}

async fn a_session_proves_nothing_with_another_key_or_secret(store: &Store) {
    let (team, other) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, bo, far) =
        (team.agent("ada").await, team.agent("bo").await, other.agent("far").await);
    let id = begin(&team, &ada, at(END)).await;
    let key = ada.key_id();
    team.owner()
        .write(move |tx, permit| tx.rotate_key(permit, key, "new", Some(at(END)), at(1)))
        .await
        .expect("rotated");
    let mut newer = within(&ada, id);
    newer.principal.credential = Credential::Key { id: key, secret_number: 2, session: Some(id) };

    for caller in [within(&bo, id), within(&far, id), newer] {
        let refused = refusals(store, &caller, &caller.permit(), at(2)).await;
        assert_eq!(refused, [Code::InvalidSessionToken; 3]);
    }
    let unknown = within(&bo, team.next_id());
    let refused = refusals(store, &unknown, &unknown.permit(), at(2)).await;
    assert_eq!(refused, [Code::InvalidSessionToken; 3]);
}

async fn a_sessions_agent_needs_trust(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent_with("ada", Trust::Blocked, None).await;
    let active = within(&ada, begin(&team, &ada, at(END)).await);

    let refused = refusals(store, &active, &active.permit(), at(1)).await;

    assert_eq!(refused, [Code::TrustRequired; 3]);
}

const ROUNDS: usize = 1_000;

async fn of_a_write_that_races_the_end_of_its_session_all_or_nothing_is_kept(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let (mut kept, mut refused) = (0, 0);

    for round in 0..ROUNDS {
        let id = begin(&team, &ada, at(END)).await;
        let active = within(&ada, id);
        let memory = active.memory(draft("written in a race"));
        let (write, ending) = (active.add(memory), end(&owner, only(id), at(1)));
        // The first of two that are polled sets out first; each round turns them.
        let (written, ended) = if round % 2 == 0 {
            futures_util::future::join(write, ending).await
        } else {
            let (ended, written) = futures_util::future::join(ending, write).await;
            (written, ended)
        };
        let late = active.add(active.memory(draft("too late"))).await;

        assert_eq!(ended, 1);
        assert_eq!(late.expect_err("ended").code(), Code::InvalidSessionToken);
        let found = sessions(&owner, only(id), at(1)).await[0].memories;
        match written {
            Ok(_) => {
                assert_eq!(found, 1);
                kept += 1;
            }
            Err(error) => {
                assert_eq!((error.code(), found), (Code::InvalidSessionToken, 0));
                refused += 1;
            }
        }
    }

    assert_eq!(kept + refused, ROUNDS);
    assert!(kept > 0 && refused > 0, "nothing raced: {kept} kept, {refused} refused");
    assert_eq!(owner.count().await, kept as u64);
}
