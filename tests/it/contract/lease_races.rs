//! Two agents want one task, a thousand times over, on one server and on two: one of them gets it.

use std::sync::Arc;

use memoranda::auth::Principal;
use memoranda::cli::compose::House;
use memoranda::core::clock::{Clock, ManualClock};
use memoranda::core::error::{Code, Result};
use memoranda::ops;
use memoranda::store::Store;
use memoranda::store::postgres::Postgres;
use memoranda::store::sqlite::Sqlite;
use memoranda::work::lease::LEASE_MS;
use serde_json::{Value, json};

use super::leases::{add_task, task};
use super::team::{Team, at};
use crate::cluster::Database;

const ROUNDS: i64 = 1_000;

/// Somebody on a server.
#[derive(Clone)]
struct Racer {
    house: Arc<House>,
    who: Principal,
}

impl Racer {
    async fn call(&self, name: &str, arguments: Value) -> Result<Value> {
        let entry = ops::find(name).expect("an operation");
        let app = &self.house.app;
        ops::call(app, &self.who, entry, arguments, app.request_id()).await
    }
}

/// Two calls at once, sent in an order that differs from round to round.
async fn at_once(
    round: i64,
    one: (&Racer, &'static str, Value),
    other: (&Racer, &'static str, Value),
) -> [Result<Value>; 2] {
    let sent = |(racer, name, arguments): (&Racer, &'static str, Value)| {
        let racer = racer.clone();
        tokio::spawn(async move { racer.call(name, arguments).await })
    };
    let (one, other) = if round % 2 == 0 {
        let one = sent(one);
        (one, sent(other))
    } else {
        let other = sent(other);
        (sent(one), other)
    };
    [one.await.expect("no panic"), other.await.expect("no panic")]
}

/// The one that won, and that the other was told why not.
fn winner(answers: [Result<Value>; 2], round: i64) -> (usize, Value) {
    let [one, other] = answers;
    let (at, won, lost) = match (one, other) {
        (Ok(won), Err(lost)) => (0, won, lost),
        (Err(lost), Ok(won)) => (1, won, lost),
        (one, other) => panic!("round {round}: {one:?}, {other:?}"),
    };
    assert_eq!(lost.code(), Code::Conflict, "round {round}: {lost}");
    (at, won)
}

async fn race(stores: [Store; 2]) {
    let team = Team::new(&stores[0], "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let task = task(&team, &ada);
    add_task(&ada, &task).await;
    let id = task.id.to_string();
    let clock = Arc::new(ManualClock::at(at(0)));
    let [one, other] =
        stores.map(|store| Arc::new(House::over(store, Arc::clone(&clock) as Arc<dyn Clock>)));
    let racers = [
        Racer { house: one, who: ada.principal.clone() },
        Racer { house: other, who: bo.principal.clone() },
    ];

    let begin = || json!({ "task_id": id });
    let (mut fence, mut checkpoints, mut taken_over) = (0, 0, 0);
    for round in 0..ROUNDS {
        // Both begin what nobody works on.
        clock.advance(LEASE_MS);
        let (ada, bo) = (&racers[0], &racers[1]);
        let answers =
            at_once(round, (ada, "work_begin", begin()), (bo, "work_begin", begin())).await;
        let (holder, answer) = winner(answers, round);
        fence += 1;
        assert_eq!(answer["fence"], json!(fence), "round {round}");

        // The lease has run out: its holder goes on, or somebody else does.
        clock.advance(LEASE_MS);
        let reached = json!({ "task_id": id, "summary": round.to_string(), "fence": fence });
        let (late, quick) = (&racers[holder], &racers[1 - holder]);
        let (late, quick) = ((late, "work_checkpoint", reached), (quick, "work_begin", begin()));
        let (won, answer) = winner(at_once(round, late, quick).await, round);
        if won == 0 {
            checkpoints += 1;
        } else {
            taken_over += 1;
            fence += 1;
        }
        assert_eq!(answer["fence"], json!(fence), "round {round}");
    }

    assert_eq!(checkpoints + taken_over, ROUNDS);
    let kept = ada.read(move |tx, permit| {
        let read = tx.task(permit, task.id)?;
        Ok((read, tx.last_checkpoint(permit, task.id)?.is_some()))
    });
    let (read, has_checkpoint) = kept.await.expect("reads");
    let read = read.expect("a task");
    assert_eq!(read.fence, fence);
    assert_eq!(read.version, 1 + 2 * ROUNDS, "one change for each that won, and none besides");
    assert_eq!(has_checkpoint, checkpoints > 0);
    let won = usize::try_from(2 * ROUNDS).expect("a count");
    assert_eq!(ada.events().await, won, "each is in the trail once");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_gets_the_task_on_one_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(Sqlite::open(folder.path()).expect("opens"));

    race([store.clone(), store]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_gets_the_task_by_two_processes_on_one_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || Store::new(Sqlite::open(folder.path()).expect("opens"));

    race([open(), open()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_gets_the_task_by_two_servers_on_one_database() {
    let Some(database) = Database::new() else { return };
    let open = || Store::new(Postgres::open(&database.url(), None).expect("opens"));

    race([open(), open()]).await;
}
