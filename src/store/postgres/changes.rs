//! Carries word of changes between servers, for [`crate::store::changes`]: LISTEN and NOTIFY.
//!
//! A process that has listeners holds one connection that LISTENs, and on it, for each team that is
//! listened to, a shared advisory lock. A unit that has added to a team's chain tries to take that
//! team's lock for itself when it is about to commit: where it gets it nobody listens, and nothing is
//! sent; NOTIFY makes commits of the whole server wait for one another, so it isn't done in vain.
//! Nothing falls between: a listener gets its lock only when the units that found nobody have
//! committed, and then looks again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;

use super::Pool;
use super::failure::Cause;
use super::tx::PgTx;
use crate::core::error::{Error, Result};
use crate::core::id::TeamId;
use crate::store::changes::{Bell, is_wanted};

const CHANNEL: &str = "memoranda_changes";

/// Sent with the commit. The number sets these locks apart from those of other programs.
const TELL: &str = "SELECT pg_notify('memoranda_changes', :notice)
    WHERE NOT pg_try_advisory_xact_lock(hashtextextended(:team, 5715426918420017))";

const HOLD: &str = "SELECT pg_advisory_lock_shared(hashtextextended($1, 5715426918420017))";

const LET_GO: &str = "SELECT pg_advisory_unlock_shared(hashtextextended($1, 5715426918420017))";

const NEWEST: &str = "SELECT sequence FROM activity WHERE team_id = $1
    ORDER BY sequence DESC LIMIT 1";

/// How long to wait before connecting again: first, and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How often a connection on which nothing happens is tried: one whose other end is gone says nothing.
const TRIED_EVERY: Duration = Duration::from_secs(10);

/// How long an answer may take: units that hold a lock are waited for.
const LONGEST: Duration = Duration::from_secs(60);

/// Tells whoever listens of what this transaction has added to its teams' chains.
pub(super) fn tell(tx: &mut PgTx<'_>) -> Result<()> {
    for (team, sequence) in std::mem::take(&mut tx.appended) {
        tx.execute(TELL, &[("team", &team), ("notice", &format!("{team} {sequence}"))])?;
    }
    Ok(())
}

/// Watches for as long as somebody listens.
pub(super) async fn watch(pool: Arc<Pool>, bell: Arc<Bell>) {
    let mut wanted = bell.wanted();
    let mut pause = AGAIN.0;
    while is_wanted(&bell, &mut wanted).await {
        let Err((error, has_listened)) = listen(&pool, &bell, &mut wanted).await else { continue };
        if has_listened {
            pause = AGAIN.0;
        }
        tracing::warn!(
            code = error.code().as_str(), cause = ?error.cause(),
            "word of changes can't come from other servers until the database answers"
        );
        // What they listen for may be lost, the end of their own credential above all.
        bell.ring_all();
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(AGAIN.1);
    }
}

/// Listens on a connection of its own until nobody wants it any more. The error says why that ended
/// early, and whether it had begun.
async fn listen(
    pool: &Pool,
    bell: &Arc<Bell>,
    wanted: &mut watch::Receiver<()>,
) -> std::result::Result<(), (Error, bool)> {
    let ear = Ear::open(pool, bell).await.map_err(|error| (error, false))?;
    let outcome = ear.follow(bell, wanted).await;
    outcome.map_err(|error| (error, true))
}

/// A connection that listens.
struct Ear {
    client: Client,
    moving: JoinHandle<()>,
    /// Cancelled when the connection has ended.
    ended: CancellationToken,
}

impl Ear {
    async fn open(pool: &Pool, bell: &Arc<Bell>) -> Result<Self> {
        let rung = Arc::clone(bell);
        let connecting = pool.address.connect_and_hear(move |notice| {
            if notice.channel() == CHANNEL
                && let Some((team, sequence)) = read(notice.payload())
            {
                rung.ring(team, sequence);
            }
        });
        let (client, moving) = connecting.await?;
        let ended = CancellationToken::new();
        let ends = ended.clone().drop_guard();
        let moving = tokio::spawn(async move {
            let _ends = ends;
            if let Err(error) = moving.await {
                tracing::debug!(cause = %Cause::of(&error), "the listening connection ended");
            }
        });
        let ear = Self { client, moving, ended };
        ear.ask(ear.client.batch_execute(&format!("LISTEN {CHANNEL}"))).await?;
        Ok(ear)
    }

    /// Holds the locks of the teams that are listened to, as they come and go.
    async fn follow(&self, bell: &Bell, wanted: &mut watch::Receiver<()>) -> Result<()> {
        let mut held: HashSet<TeamId> = HashSet::new();
        while is_wanted(bell, wanted).await {
            wanted.mark_unchanged();
            let teams: HashSet<TeamId> = bell.teams().into_iter().collect();
            for team in held.difference(&teams) {
                self.ask(self.client.execute(LET_GO, &[&team.to_string()])).await?;
            }
            for team in teams.difference(&held) {
                self.ask(self.client.execute(HOLD, &[&team.to_string()])).await?;
                let newest = self.ask(self.client.query_opt(NEWEST, &[&team.to_string()])).await?;
                bell.ring(*team, newest.map_or(0, |row| row.get("sequence")));
            }
            held = teams;
            loop {
                tokio::select! {
                    _ = wanted.changed() => break,
                    () = self.ended.cancelled() => {
                        return Err(Error::unavailable("the listening connection ended"));
                    }
                    () = tokio::time::sleep(TRIED_EVERY) => {}
                }
                self.ask(self.client.batch_execute("")).await?;
            }
        }
        Ok(())
    }

    async fn ask<T>(
        &self,
        asked: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        match tokio::time::timeout(LONGEST, asked).await {
            Ok(answer) => answer.map_err(|error| Error::unavailable(Cause::of(&error))),
            Err(_) => Err(Error::unavailable("the database doesn't answer")),
        }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.moving.abort();
    }
}

/// What a notice says: a team, and its newest event.
fn read(payload: &str) -> Option<(TeamId, i64)> {
    let (team, sequence) = payload.split_once(' ')?;
    Some((team.parse().ok()?, sequence.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_send_on_the_channel_is_passed_over() {
        let team = "team_01ARZ3NDEKTSV4RRFFQ69G5FAV";

        assert!(read(&format!("{team} 12")).is_some_and(|(_, sequence)| sequence == 12));
        for payload in ["", "12", "team_x 12", &format!("{team} many"), &format!("{team}  ")] {
            assert!(read(payload).is_none(), "{payload}");
        }
    }
}
