use std::sync::mpsc;

use futures_util::future::join_all;
use memoranda::core::error::{Code, Result};
use memoranda::identity::chain::first_break;
use memoranda::memory::search::Filter;
use memoranda::store::Store;
use memoranda::store::keys::NewKey;
use memoranda::store::postgres::Postgres;

use super::{on, open};
use crate::cluster::Database;
use crate::contract::team::{ALL, Caller, Team, at, draft};
use crate::contract::{conflicts_with_nodes, pieces};

/// Two servers' stores on one database, with a team.
async fn two_servers() -> Option<(Database, Store, Store, Team)> {
    let database = Database::new()?;
    let (one, two) = (open(&database), open(&database));
    let team = Team::new(&one, "north").await;
    Some((database, one, two, team))
}

async fn assert_whole(caller: &Caller, events: usize) {
    let chain = caller.read(|tx, permit| tx.chain(permit, 0, ALL)).await.expect("reads");
    assert_eq!(first_break(chain.iter().map(|(event, hash)| (event, *hash))), None);
    assert_eq!(chain.len(), events);
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_on_two_servers_keep_one_chain() {
    let Some((_database, _one, two, team)) = two_servers().await else { return };
    let here = team.agent("ada").await;
    let there = on(&two, &here);

    let writers = (0..200).map(|number| {
        let caller = if number % 2 == 0 { here.clone() } else { there.clone() };
        let (memory, event) = (caller.memory(draft("apple")), caller.event("x"));
        tokio::spawn(async move {
            let answer = caller.write(move |tx, permit| {
                tx.add_memory(permit, &memory, &memory.words())?;
                tx.record(permit, &event)
            });
            answer.await
        })
    });
    for answer in join_all(writers).await {
        answer.expect("no panic").expect("kept");
    }

    for caller in [here, there] {
        assert_eq!(caller.found("apple", &Filter::default(), ALL).await.len(), 200);
        assert_whole(&caller, 200).await;
    }
}

/// Runs a unit on one server that has done its work and doesn't commit before it is told to.
async fn held_back(
    caller: &Caller,
    mut work: impl FnMut(
        &mut dyn memoranda::store::WriteTx,
        &memoranda::identity::permit::Permit,
    ) -> Result<()>
    + Send
    + 'static,
) -> (tokio::task::JoinHandle<Result<()>>, mpsc::Sender<()>) {
    let ((done, wait_done), (go_on, wait)) = (mpsc::channel(), mpsc::channel());
    let caller = caller.clone();
    let unit = tokio::spawn(async move {
        let answer = caller.write(move |tx, permit| {
            work(tx, permit)?;
            // A count makes sure that what was sent has been carried out.
            tx.count_memories(permit)?;
            done.send(()).expect("the test waits");
            wait.recv().expect("the test goes on");
            Ok(())
        });
        answer.await
    });
    tokio::task::spawn_blocking(move || wait_done.recv()).await.expect("runs").expect("done");
    (unit, go_on)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_waits_behind_another_servers_revocation_is_refused() {
    let Some((_database, _one, two, team)) = two_servers().await else { return };
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let key = ada.key_id();

    let revoking =
        held_back(&owner, move |tx, permit| tx.revoke_key(permit, key, at(1)).map(drop)).await;
    let there = on(&two, &ada);
    let writing = tokio::spawn(async move { there.add(there.memory(draft("apple"))).await });
    // Reads don't wait for a writer: until the commit the key is good.
    assert_eq!(on(&two, &ada).count().await, 0);
    revoking.1.send(()).expect("the unit waits");

    assert!(revoking.0.await.expect("runs").is_ok());
    let refused = writing.await.expect("runs").expect_err("refused");
    assert_eq!(refused.code(), Code::InvalidApiKey);
    assert_eq!(owner.count().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_answered_only_when_no_unit_of_the_key_can_still_commit() {
    let Some((_database, _one, two, team)) = two_servers().await else { return };
    let ada = team.agent("ada").await;
    let (key, memory) = (ada.key_id(), ada.memory(draft("apple")));

    let writing =
        held_back(&ada, move |tx, permit| tx.add_memory(permit, &memory, &memory.words())).await;
    let owner = on(&two, &team.owner());
    let revoking = {
        let owner = owner.clone();
        tokio::spawn(async move {
            owner.write(move |tx, permit| tx.revoke_key(permit, key, at(1))).await?;
            Ok::<_, memoranda::core::error::Error>(owner.count().await)
        })
    };
    writing.1.send(()).expect("the unit waits");

    assert!(writing.0.await.expect("runs").is_ok());
    let counted_after_the_answer = revoking.await.expect("runs").expect("revoked");
    assert_eq!(counted_after_the_answer, 1);
    assert_eq!(owner.count().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_that_is_held_up_holds_up_no_other_team_and_no_reader() {
    let Some((_database, one, two, team)) = two_servers().await else { return };
    let ada = team.agent("ada").await;
    let south = Team::new(&one, "south").await.agent("bo").await;
    let memory = ada.memory(draft("apple"));

    let held =
        held_back(&ada, move |tx, permit| tx.add_memory(permit, &memory, &memory.words())).await;
    // Of the same process and of the other one.
    south.remember(draft("pear")).await;
    on(&two, &south).remember(draft("plum")).await;
    let read = (ada.count().await, on(&two, &ada).count().await, south.count().await);
    held.1.send(()).expect("the unit waits");

    assert!(held.0.await.expect("runs").is_ok());
    assert_eq!(read, (0, 0, 2));
    assert_eq!(ada.count().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_that_strike_one_of_the_last_two_owner_keys_one_is_refused() {
    let Some((_database, _one, two, team)) = two_servers().await else { return };
    let there = on(&two, &team.owner());
    for round in 0..20 {
        let keys = [
            team.add_key(team.new_key(&format!("first {round}"))).await,
            team.add_key(team.new_key(&format!("second {round}"))).await,
        ];
        let strike = |caller: Caller, key| {
            tokio::spawn(async move {
                let struck = caller.write(move |tx, permit| {
                    if !tx.has_other_owner_key(permit, key, at(0))? {
                        return Ok(false);
                    }
                    tx.revoke_key(permit, key, at(1))
                });
                struck.await.expect("decided")
            })
        };

        let (first, second) = (strike(team.owner(), keys[0]), strike(there.clone(), keys[1]));
        let struck = [first.await.expect("no panic"), second.await.expect("no panic")];

        assert_eq!(struck.into_iter().filter(|is_struck| *is_struck).count(), 1, "round {round}");
        for key in keys {
            team.owner()
                .write(move |tx, permit| tx.revoke_key(permit, key, at(2)))
                .await
                .expect("r");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_taken_once_on_two_servers() {
    let Some((_database, _one, two, team)) = two_servers().await else { return };
    let there = on(&two, &team.owner());
    for round in 0..20 {
        let add = |caller: Caller, key: NewKey| {
            tokio::spawn(async move {
                caller.write(move |tx, permit| tx.add_key(permit, &key)).await.expect("decided")
            })
        };
        let title = format!("title {round}");

        let first = add(team.owner(), team.new_key(&title));
        let second = add(there.clone(), team.new_key(&title));
        let added = [first.await.expect("no panic"), second.await.expect("no panic")];

        assert_eq!(added.into_iter().filter(|is_added| *is_added).count(), 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_note_the_last_use_of_keys_of_many_teams_all_succeed() {
    let Some((_database, one, two, _)) = two_servers().await else { return };
    let mut keys = Vec::new();
    for number in 0..4 {
        let team = Team::new(&one, &format!("team-{number}")).await;
        keys.push((team.id, team.add_key(team.new_key("key")).await));
    }
    let noting = (0..12).map(|number| {
        let store = if number % 2 == 0 { one.clone() } else { two.clone() };
        let mut keys = keys.clone();
        // In both orders, which is how two transactions come to wait for one another.
        if number % 4 < 2 {
            keys.reverse();
        }
        tokio::spawn(async move {
            let noted = store.first_use(move |tx| {
                keys.iter().try_for_each(|(team, key)| tx.touch_key(*team, *key, at(number)))
            });
            noted.await
        })
    });

    for noted in join_all(noting).await {
        noted.expect("no panic").expect("noted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_pool_serves_many_readers_and_writers_of_many_teams() {
    let Some(database) = Database::new() else { return };
    let url = database.url() + "?connections=2";
    let store = Store::new(Postgres::open(&url, None).expect("opens"));
    let mut callers = Vec::new();
    for number in 0..6 {
        callers.push(Team::new(&store, &format!("team-{number}")).await.agent("ada").await);
    }

    let working = (0..120).map(|number| {
        let caller = callers[number % callers.len()].clone();
        tokio::spawn(async move {
            caller.remember(draft("apple")).await;
            caller.count().await
        })
    });
    for counted in join_all(working).await {
        assert!(counted.expect("no panic") > 0);
    }

    for caller in callers {
        assert_eq!(caller.count().await, 20);
    }
    let held = database.ask(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                             AND application_name = 'memoranda'",
    );
    assert!(held[0].parse::<i64>().expect("a number") <= 2, "{held:?}");
}

#[tokio::test]
async fn each_of_two_servers_follows_what_both_write() {
    let Some((_database, _one, two, team)) = two_servers().await else { return };
    let ada = team.agent("ada").await;

    pieces::each_follows_both(ada.clone(), on(&two, &ada)).await;
}

#[tokio::test]
async fn of_two_servers_one_opens_a_conflict_and_one_settles_it() {
    let Some((_database, _one, two, team)) = two_servers().await else { return };
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);

    conflicts_with_nodes::one_of_two_wins(&ada, &on(&two, &bo)).await;
}
