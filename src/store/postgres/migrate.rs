//! The schema, step by step. A step is never edited once released.

use std::fmt::Write as _;

use super::Ran;
use super::link::Link;
use crate::core::error::{Code, Error, Result};
use crate::store::moving::{MARKER, unfinished};

/// Every step in order; SQLite has the same names.
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

/// Follows, in a step, the columns of each table that may be divided by team.
const BY_TEAM: &str = "/* by team */";

/// Keeps programs that start at once apart: one migrates and the others find the work done.
const LOCK: &str = "SELECT pg_advisory_xact_lock(5715426918420016)";

/// Brings the schema up to date, in one transaction: all of it or nothing. A new database's tables
/// are divided into so many parts by team; one that is there stays as it is.
///
/// # Errors
/// `CONFLICT` when the database has a step that this program doesn't know, or isn't in UTF-8;
/// `UNAVAILABLE`.
pub(super) fn run(link: &mut Link, partitions: Option<u32>) -> Result<()> {
    let is_current = applied(link).is_ok_and(|done| {
        done.len() == STEPS.len() && done.iter().zip(STEPS).all(|(name, step)| name == step.0)
    });
    if is_current {
        return Ok(());
    }
    let encoding = link.rows("SELECT current_setting('server_encoding') AS encoding", &[])?;
    if encoding.first().is_none_or(|row| row.get::<_, &str>("encoding") != "UTF8") {
        return Err(Error::new(Code::Conflict, "this database doesn't keep its text in UTF-8")
            .with_fix("make one that does: createdb --encoding UTF8 --template template0 NAME"));
    }
    link.be_patient()?;
    link.begin("BEGIN");
    let migrated = steps(link, partitions);
    match migrated {
        Ok(()) => match link.commit() {
            Ran::Committed => Ok(()),
            Ran::Failed(error) | Ran::Unknown(error) => Err(error),
        },
        Err(error) => {
            link.roll_back();
            Err(error)
        }
    }
}

fn steps(link: &mut Link, partitions: Option<u32>) -> Result<()> {
    link.batch(LOCK)?;
    link.batch("CREATE TABLE IF NOT EXISTS migrations (name TEXT COLLATE \"C\" PRIMARY KEY)")?;
    let done = applied(link)?;
    if done.iter().any(|name| name == MARKER) {
        return Err(unfinished());
    }
    if let Some(unknown) = done.iter().find(|name| STEPS.iter().all(|(known, _)| known != name)) {
        tracing::debug!(migration = %unknown, "unknown migration");
        return Err(Error::new(
            Code::Conflict,
            "a newer version of memoranda wrote this database; this one can't read it",
        )
        .with_fix("install the newer version, or name another database"));
    }
    let partitions = if done.is_empty() { partitions } else { parts_of(link)? };
    for (name, sql) in STEPS {
        if !done.iter().any(|step| step == name) {
            match partitions {
                None => link.batch(sql)?,
                Some(parts) => {
                    link.batch(&sql.replace(BY_TEAM, "PARTITION BY HASH (team_id)"))?;
                    divide(link, parts)?;
                }
            }
            link.execute("INSERT INTO migrations (name) VALUES (:name)", &[("name", name)])?;
        }
    }
    Ok(())
}

/// The names of the steps that were taken.
pub(super) fn applied(link: &mut Link) -> Result<Vec<String>> {
    // Asked for first, because a statement that fails would end the transaction.
    let there = link.rows("SELECT to_regclass('migrations') IS NOT NULL AS is_there", &[])?;
    if there.first().is_none_or(|row| !row.get::<_, bool>("is_there")) {
        return Ok(Vec::new());
    }
    let names = link.rows("SELECT name FROM migrations ORDER BY name", &[])?;
    names.iter().map(|row| Ok(row.try_get("name")?)).collect()
}

/// Into how many parts the tables of this database are divided; `None` is not at all.
fn parts_of(link: &mut Link) -> Result<Option<u32>> {
    let sql = "SELECT count(*) AS parts FROM pg_inherits
               WHERE inhparent = to_regclass('memories')::oid
                 AND EXISTS (SELECT 1 FROM pg_partitioned_table WHERE partrelid = inhparent)";
    let parts: i64 = link.rows(sql, &[])?.first().map_or(0, |row| row.get("parts"));
    Ok(u32::try_from(parts).ok().filter(|parts| *parts > 0))
}

/// Makes the parts of each divided table that has none yet.
fn divide(link: &mut Link, parts: u32) -> Result<()> {
    let sql = "SELECT c.relname::text AS name FROM pg_class c
               WHERE c.relkind = 'p' AND c.relnamespace = current_schema()::regnamespace
                 AND NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhparent = c.oid)";
    for row in link.rows(sql, &[])? {
        let name: String = row.try_get("name")?;
        let mut all = String::new();
        for part in 0..parts {
            writeln!(
                all,
                "CREATE TABLE {name}_{part} PARTITION OF {name}
                 FOR VALUES WITH (MODULUS {parts}, REMAINDER {part});"
            )
            .map_err(Error::internal)?;
        }
        link.batch(&all)?;
    }
    Ok(())
}
