//! The schema, step by step. A step is never edited once released.

use rusqlite::{Connection, TransactionBehavior};

use crate::core::error::{Code, Error, Result};
use crate::store::moving::{MARKER, unfinished};

/// Every step in order; PostgreSQL has the same names.
pub(super) const STEPS: &[(&str, &str)] = &[
    ("0001_spine", include_str!("migrations/0001_spine.sql")),
    ("0002_sessions", include_str!("migrations/0002_sessions.sql")),
    ("0003_activity", include_str!("migrations/0003_activity.sql")),
    ("0004_members", include_str!("migrations/0004_members.sql")),
    ("0005_memory_status", include_str!("migrations/0005_memory_status.sql")),
    ("0006_agents_retired", include_str!("migrations/0006_agents_retired.sql")),
    ("0007_writing", include_str!("migrations/0007_writing.sql")),
    ("0008_conflicts", include_str!("migrations/0008_conflicts.sql")),
    ("0009_retention", include_str!("migrations/0009_retention.sql")),
    ("0010_inout", include_str!("migrations/0010_inout.sql")),
    ("0014_recall", include_str!("migrations/0014_recall.sql")),
    ("0015_work", include_str!("migrations/0015_work.sql")),
    ("0016_conflicts_with_nodes", include_str!("migrations/0016_conflicts_with_nodes.sql")),
    ("0017_turns", include_str!("migrations/0017_turns.sql")),
];

/// Brings the schema up to date, in one transaction: all of it or nothing.
///
/// # Errors
/// `CONFLICT` when the database has a step that this program doesn't know.
pub(super) fn run(connection: &mut Connection) -> Result<()> {
    let is_current = applied(connection).is_ok_and(|done| {
        done.len() == STEPS.len() && done.iter().zip(STEPS).all(|(name, step)| name == step.0)
    });
    if is_current {
        return Ok(());
    }
    // Immediate: of two processes that start at once, one waits and then finds the work done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (
             name TEXT NOT NULL PRIMARY KEY
         ) STRICT, WITHOUT ROWID",
    )?;
    let done = applied(&transaction)?;
    if done.iter().any(|name| name == MARKER) {
        return Err(unfinished());
    }
    if let Some(unknown) = done.iter().find(|name| STEPS.iter().all(|(known, _)| known != name)) {
        tracing::debug!(migration = %unknown, "unknown migration");
        return Err(Error::new(
            Code::Conflict,
            "a newer version of memoranda wrote this database; this one can't read it",
        )
        .with_fix("install the newer version, or choose another folder with `--data DIR`"));
    }
    for (name, sql) in STEPS {
        if !done.iter().any(|step| step == name) {
            transaction.execute_batch(sql)?;
            transaction.execute("INSERT INTO migrations (name) VALUES (?1)", [name])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// The names of the steps that were taken.
pub(super) fn applied(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM migrations ORDER BY name")?;
    let names = statement.query_map([], |row| row.get(0))?;
    names.collect()
}
