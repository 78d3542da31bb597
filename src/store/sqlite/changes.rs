//! Watches the file for [`crate::store::changes`]: whichever process writes to it.
//!
//! SQLite tells a connection whether another one has committed since it last asked, for the price
//! of a look at shared memory. That is asked at once when this process has written, and a few
//! times a second for the sake of others; which teams it concerns shows at the ends of their chains.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use tokio::sync::Notify;

use super::{Readers, connect};
use crate::core::error::Result;
use crate::core::id::TeamId;
use crate::store::changes::{Bell, is_wanted};

/// How often the file is looked at for what other processes write.
const EVERY: Duration = Duration::from_millis(250);

/// Watches for as long as somebody listens. `written` tells that this process has committed.
pub(super) async fn watch(readers: Arc<Readers>, bell: Arc<Bell>, written: Arc<Notify>) {
    let mut wanted = bell.wanted();
    let mut heads = HashMap::new();
    let mut eye = None;
    while is_wanted(&bell, &mut wanted).await {
        wanted.mark_unchanged();
        if let Err(error) = look(&readers, &bell, &mut eye, &mut heads) {
            // Busy, most likely. What is missed now shows the next time: the heads are kept.
            tracing::debug!(cause = ?error.cause(), "the file can't be watched yet");
            eye = None;
        }
        tokio::select! {
            () = written.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
            _ = wanted.changed() => {}
        }
    }
}

/// A connection that sees what all others commit.
struct Eye {
    connection: Connection,
    version: Option<i64>,
}

/// Rings for each team whose chain has grown, and for each that is new here.
fn look(
    readers: &Readers,
    bell: &Bell,
    eye: &mut Option<Eye>,
    heads: &mut HashMap<TeamId, i64>,
) -> Result<()> {
    let eye = if let Some(eye) = eye {
        eye
    } else {
        let connection = connect(&readers.path, true)?;
        connection.busy_timeout(Duration::ZERO)?;
        eye.insert(Eye { connection, version: None })
    };
    // Asked before the heads are read: what is committed between shows the next time.
    let version = eye.connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
    let has_moved = eye.version != Some(version);
    let teams = bell.teams();
    heads.retain(|team, _| teams.contains(team));
    for team in teams {
        let known = heads.get(&team).copied();
        if known.is_some() && !has_moved {
            continue;
        }
        let head = head(&eye.connection, team)?;
        if known.is_none_or(|known| known < head) {
            heads.insert(team, head);
            bell.ring(team, head);
        }
    }
    eye.version = Some(version);
    Ok(())
}

fn head(connection: &Connection, team: TeamId) -> Result<i64> {
    let sql = "SELECT sequence FROM activity WHERE team_id = :team ORDER BY sequence DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let head = statement.query_row(&[(":team", &team)], |row| row.get(0)).optional()?;
    Ok(head.unwrap_or(0))
}
