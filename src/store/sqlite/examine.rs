//! [`crate::store::examine`] on SQLite.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{BUSY_TIMEOUT, FILE_NAME, migrate};
use crate::store::examine::{Examined, Finding, full_text, schema};

/// Looks at the database in a folder.
pub(super) fn examine(folder: &Path) -> Examined {
    let path = folder.join(FILE_NAME);
    if !path.exists() {
        let fix =
            "`memoranda init` or the first `memoranda serve` makes it; `--data DIR` says where";
        let none = Finding::warn("database", "there is none in this folder yet", fix);
        return Examined { findings: vec![none], is_current: false };
    }
    let mut findings = Vec::new();
    let is_current = look(&path, &mut findings).unwrap_or_else(|error| {
        tracing::debug!(cause = %error, "the database can't be examined");
        findings.push(Finding::fail(
            "database",
            "the file can't be read as a database",
            "look at its permissions and its disk; restore a backup if it is damaged",
        ));
        false
    });
    Examined { findings, is_current }
}

fn look(path: &Path, findings: &mut Vec<Finding>) -> rusqlite::Result<bool> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let version: String = connection.query_row("SELECT sqlite_version()", [], |row| row.get(0))?;
    let mode: String =
        connection.pragma_query_value(None, "journal_mode", |row| row.get("journal_mode"))?;
    findings.push(if mode == "wal" {
        Finding::ok("database", format!("SQLite {version}, write-ahead log"))
    } else {
        let says = format!("SQLite {version}, without a write-ahead log ({mode})");
        Finding::warn("database", says, "keep it on a local disk: a start switches it on there")
    });
    findings.push(integrity(&connection)?);
    let done = migrate::applied(&connection).unwrap_or_default();
    let known: Vec<&str> = migrate::STEPS.iter().map(|(name, _)| *name).collect();
    let (finding, is_current) = schema(&done, &known);
    findings.push(finding);
    if is_current {
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let unfound = count(
            "SELECT count(*) FROM memories m WHERE m.status <> 'forgotten'
             AND NOT EXISTS (SELECT 1 FROM memory_words_docsize d WHERE d.id = m.entry)",
        )?;
        let left_over = count(
            "SELECT count(*) FROM memory_words_docsize d
             WHERE NOT EXISTS (SELECT 1 FROM memories m WHERE m.entry = d.id)",
        )?;
        findings.push(full_text(unfound, left_over));
    }
    Ok(is_current)
}

fn integrity(connection: &Connection) -> rusqlite::Result<Finding> {
    let check = "integrity";
    let fix = "stop all servers, keep a copy of the folder, and restore a backup";
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Ok(Finding::fail(check, "the file is damaged (quick_check)", fix));
    }
    let mut dangling = connection.prepare("PRAGMA foreign_key_check")?;
    if dangling.exists([])? {
        return Ok(Finding::fail(check, "rows refer to others that aren't there", fix));
    }
    Ok(Finding::ok(check, "pages, indexes and references hold"))
}
