//! What the server does of its own accord: applies each team's policies on how long memories stay.
//!
//! Of many servers on one database one takes a team's turn; when the next is due stands there too, so
//! a restart sweeps no sooner. Whatever interrupts a sweep, the next one goes on from there.

use std::time::Duration;

use serde_json::{Value, json};

use super::compose::House;
use crate::core::clock::{DAY_MS, Timestamp};
use crate::core::error::{Error, Result};
use crate::core::id::TeamId;
use crate::ops;
use crate::store::sweeps::Turn;

/// What is done in a sweep, in this order, and all that the server may do by itself.
const OPERATIONS: [&str; 2] = ["retention_run", "retention_purge"];

/// How long a turn is held at most: another server takes it from one that has died.
const HELD_MS: i64 = 30 * 60 * 1000;

/// How many calls of one operation a turn makes at most; what is left is due at once.
const ROUNDS: usize = 10;

/// How long after its start a server sweeps first: it has clients to answer.
const FIRST_AFTER: Duration = Duration::from_secs(30);

/// How long after its start a server on standard input and output does.
const ONE_CLIENT_AFTER: Duration = Duration::from_secs(20);

/// Between two sweeps on standard input and output, where each conversation is a start.
const ONE_CLIENT_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Sweeps now and then, for as long as the server runs.
pub(super) async fn now_and_then(house: House, every: Duration) {
    let mut scrubbed_at = None;
    tokio::time::sleep(jittered(FIRST_AFTER.min(every))).await;
    loop {
        log(house.sweep(every).await);
        scrub_daily(&house, &mut scrubbed_at).await;
        tokio::time::sleep(jittered(every)).await;
    }
}

/// Sweeps at most once a day, once the client has its first answers.
pub(super) async fn once_a_day(house: House) {
    tokio::time::sleep(ONE_CLIENT_AFTER).await;
    log(house.sweep(ONE_CLIENT_EVERY).await);
    scrub_daily(&house, &mut None).await;
}

/// Servers that were started at once shall not ask at once for ever.
fn jittered(every: Duration) -> Duration {
    let mut random = [0_u8; 1];
    // Without randomness they ask at once, which costs them a look-up.
    let _ = getrandom::fill(&mut random);
    every + every * u32::from(random[0]) / 2560
}

/// What was purged leaves the files at most once a day, because that writes the file anew.
async fn scrub_daily(house: &House, scrubbed_at: &mut Option<Timestamp>) {
    let now = house.app.clock.now();
    if scrubbed_at.is_some_and(|at: Timestamp| at.plus_millis(DAY_MS) > now) {
        return;
    }
    match house.app.store.scrub().await {
        Ok(_) => *scrubbed_at = Some(now),
        Err(error) => {
            tracing::warn!(code = error.code().as_str(), "the files can't be scrubbed yet");
        }
    }
}

fn log(outcome: Result<usize>) {
    if let Err(error) = outcome {
        tracing::warn!(code = error.code().as_str(), "policies can't be applied yet");
    }
}

impl House {
    /// Applies the policies of each team whose turn is due and nobody's; how many teams.
    ///
    /// # Errors
    /// `UNAVAILABLE`; a team whose own sweep fails is logged, and is due again as ever.
    pub async fn sweep(&self, every: Duration) -> Result<usize> {
        let (app, mut swept) = (&self.app, 0);
        let holder = app.request_id().to_string();
        let now = app.clock.now();
        for team in app.store.take_turns(move |tx| tx.due_sweeps(now)).await? {
            let now = app.clock.now();
            let turn = Turn { team, holder: holder.clone(), until: now.plus_millis(HELD_MS) };
            let taken = turn.clone();
            if !app.store.take_turns(move |tx| tx.take_sweep(&taken, now)).await? {
                continue;
            }
            let wait_ms = match self.sweep_team(team).await {
                Ok(true) => 0,
                Ok(false) => i64::try_from(every.as_millis()).unwrap_or(i64::MAX),
                Err(error) => {
                    tracing::warn!(code = error.code().as_str(), "a team's sweep has failed");
                    i64::try_from(every.as_millis()).unwrap_or(i64::MAX)
                }
            };
            let due_at = now.plus_millis(wait_ms);
            app.store.take_turns(move |tx| tx.end_sweep(&turn, due_at)).await?;
            swept += 1;
        }
        Ok(swept)
    }

    /// Whether something is left to do.
    async fn sweep_team(&self, team: TeamId) -> Result<bool> {
        let server = self.auth.system(team, &OPERATIONS);
        for operation in OPERATIONS {
            let entry = ops::find(operation).ok_or_else(|| Error::not_found("operation"))?;
            let mut is_more = true;
            for _ in 0..ROUNDS {
                let arguments = json!({ "limit": 1 });
                let request = self.app.request_id();
                let answer = ops::call(&self.app, &server, entry, arguments, request).await?;
                is_more = answer["more"] == Value::Bool(true);
                if !is_more {
                    break;
                }
            }
            if is_more {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
