//! [`crate::store::examine`] on PostgreSQL.

use tokio_postgres::Row;

use super::address::Address;
use super::link::Link;
use super::{migrate, vectors};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::store::examine::{Examined, Finding, full_text, schema};

/// How far clocks may be apart before somebody should know, in milliseconds.
const APART: i64 = 2_000;

/// The oldest major version that our statements are tried on.
const LEAST_VERSION: i64 = 13;

/// Looks at the database of an address, with the time of this machine.
pub(super) fn examine(address: &Address, now: impl Fn() -> Timestamp) -> Examined {
    let mut findings = Vec::new();
    let is_current = look(address, now, &mut findings).unwrap_or_else(|error| {
        let fix = error.fix().unwrap_or("look at the server's log, and at the database's URL");
        findings.push(Finding::fail("database", error.message().to_owned(), fix));
        false
    });
    Examined { findings, is_current }
}

fn look(
    address: &Address,
    now: impl Fn() -> Timestamp,
    findings: &mut Vec<Finding>,
) -> Result<bool> {
    let mut link = Link::open(address)?;
    let sql = "SELECT current_setting('server_version') AS version,
                      current_setting('server_version_num')::bigint / 10000 AS major,
                      current_setting('server_encoding') AS encoding,
                      current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'
                          AS is_durable,
                      COALESCE((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)
                          AS is_encrypted,
                      inet_server_addr() IS NOT NULL AND NOT inet_server_addr() <<= '127.0.0.0/8'
                          AND inet_server_addr() <> '::1' AS is_remote,
                      (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS clock";
    let before = now().as_millis();
    let row = one(&mut link, sql)?;
    let after = now().as_millis();
    findings.push(server(&row)?);
    findings.push(clocks(row.try_get("clock")?, before, after));
    findings.push(vectors::examine(&mut link)?);
    let done = migrate::applied(&mut link)?;
    let known: Vec<&str> = migrate::STEPS.iter().map(|(name, _)| *name).collect();
    let (finding, is_current) = schema(&done, &known);
    findings.push(finding);
    if is_current {
        let sql = "SELECT
            (SELECT count(*) FROM memories m WHERE m.status <> 'forgotten' AND NOT EXISTS
                (SELECT 1 FROM memory_words w
                 WHERE w.team_id = m.team_id AND w.memory_id = m.memory_id)) AS unfound,
            (SELECT count(*) FROM memory_words w WHERE NOT EXISTS
                (SELECT 1 FROM memories m
                 WHERE m.team_id = w.team_id AND m.memory_id = w.memory_id)) AS left_over";
        let row = one(&mut link, sql)?;
        findings.push(full_text(row.try_get("unfound")?, row.try_get("left_over")?));
    }
    Ok(is_current)
}

fn one(link: &mut Link, sql: &str) -> Result<Row> {
    link.rows(sql, &[])?.pop().ok_or_else(|| Error::internal("a row was expected"))
}

fn server(row: &Row) -> Result<Finding> {
    let check = "database";
    let (version, major): (&str, i64) = (row.try_get("version")?, row.try_get("major")?);
    let says = |what: &str| format!("PostgreSQL {version}, {what}");
    if major < LEAST_VERSION {
        let fix = format!("use PostgreSQL {LEAST_VERSION} or newer");
        return Ok(Finding::fail(check, says("which is too old"), fix));
    }
    if row.try_get::<_, &str>("encoding")? != "UTF8" {
        let fix = "make one that does: createdb --encoding UTF8 --template template0 NAME";
        return Ok(Finding::fail(check, says("which doesn't keep its text in UTF-8"), fix));
    }
    if !row.try_get::<_, bool>("is_durable")? {
        let fix = "switch fsync and full_page_writes on: without them a power failure loses data";
        return Ok(Finding::fail(check, says("set up to lose data"), fix));
    }
    let is_encrypted: bool = row.try_get("is_encrypted")?;
    if row.try_get::<_, bool>("is_remote")? && !is_encrypted {
        let fix = "add `sslmode=verify-full` to the database's URL";
        return Ok(Finding::warn(check, says("reached without encryption"), fix));
    }
    Ok(Finding::ok(check, says(if is_encrypted { "encrypted" } else { "on this machine" })))
}

fn clocks(theirs: i64, before: i64, after: i64) -> Finding {
    let apart = if theirs < before { before - theirs } else { (theirs - after).max(0) };
    if apart <= APART {
        return Finding::ok("clocks", "this machine and the database agree");
    }
    Finding::warn(
        "clocks",
        format!("this machine and the database are {apart} ms apart"),
        "let both keep time by NTP: keys and sessions end by the clock of whoever checks them",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::examine::State;

    #[test]
    fn clocks_are_apart_by_what_the_journey_does_not_explain() {
        assert_eq!(clocks(1_000, 0, 2_000).state, State::Ok);
        assert_eq!(clocks(10_000, 11_500, 20_000).state, State::Ok);
        assert_eq!(clocks(10_000, 12_500, 20_000).state, State::Warn);
        assert_eq!(clocks(25_000, 12_500, 20_000).state, State::Warn);
    }
}
