//! [`crate::store::authorship`] on SQLite.

use rusqlite::types::ToSql;
use rusqlite::{OptionalExtension, named_params};

use super::columns::named;
use super::memories::{AUTHOR, SELECT, SELECT_VERSION, memory_row, statement_row};
use super::tx::SqliteTx;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Oversight;
use crate::memory::memory::{IndexedWords, Memory};
use crate::memory::undo::{Standing, Step};
use crate::store::authorship::{Authorship, AuthorshipRead, AuthorshipWrite, By};

impl AuthorshipRead for SqliteTx<'_> {
    fn authored(
        &mut self,
        all: Oversight<'_>,
        of: &Authorship,
        limit: usize,
    ) -> Result<Vec<(MemoryId, Vec<Step>)>> {
        let (team, limit) = (all.team(), i64::try_from(limit).unwrap_or(i64::MAX));
        // Named, because SQLite prefers to walk all versions in the order of their memories.
        let index = match of.author {
            By::Agent(_) => "memory_versions_by_agent",
            By::Key(..) => "memory_versions_by_key",
        };
        let mut params = params(of);
        params.extend([(":team", &team as &dyn ToSql), (":limit", &limit)]);
        let sql = format!(
            "SELECT v.memory_id, v.version, v.status, v.operation,
                    CASE WHEN {} THEN 1 ELSE 0 END AS is_theirs
             FROM memory_versions v
             WHERE v.team_id = :team AND v.memory_id IN (
                 SELECT DISTINCT t.memory_id FROM memory_versions t INDEXED BY {index}
                 WHERE t.team_id = :team AND {}
                 ORDER BY t.memory_id LIMIT :limit)
             ORDER BY v.memory_id, v.version",
            theirs(of, "v", "changed_at"),
            theirs(of, "t", "changed_at"),
        );
        let mut statement = self.statement(&sql)?;
        let mut rows = statement.query(&*params)?;
        let mut found: Vec<(MemoryId, Vec<Step>)> = Vec::new();
        while let Some(row) = rows.next()? {
            let id: MemoryId = row.get("memory_id")?;
            let step = Step {
                version: row.get("version")?,
                status: named(row, "status")?,
                is_theirs: row.get("is_theirs")?,
                operation: row.get("operation")?,
            };
            match found.last_mut() {
                Some((last, steps)) if *last == id => steps.push(step),
                _ => found.push((id, vec![step])),
            }
        }
        Ok(found)
    }

    fn any_memory(&mut self, all: Oversight<'_>, id: MemoryId) -> Result<Option<Memory>> {
        let sql = format!(
            "{SELECT} FROM memories m {AUTHOR} WHERE m.team_id = :team AND m.memory_id = :id"
        );
        let params = named_params! { ":team": all.team(), ":id": id };
        Ok(self.statement(&sql)?.query_row(params, memory_row).optional()?)
    }

    fn standing(
        &mut self,
        all: Oversight<'_>,
        id: MemoryId,
        version: i64,
    ) -> Result<Option<Standing>> {
        let sql = format!(
            "{SELECT_VERSION} FROM memory_versions m {AUTHOR}
             WHERE m.team_id = :team AND m.memory_id = :id AND m.version = :version"
        );
        let params = named_params! { ":team": all.team(), ":id": id, ":version": version };
        let standing = self.statement(&sql)?.query_row(params, |row| {
            Ok(Standing {
                statement: statement_row(row)?,
                status: named(row, "status")?,
                status_at: row.get("status_at")?,
                status_reason: row.get("status_reason")?,
            })
        });
        Ok(standing.optional()?)
    }

    fn other_acts(&mut self, all: Oversight<'_>, of: &Authorship) -> Result<Vec<(String, u64)>> {
        let team = all.team();
        let index = match of.author {
            By::Agent(_) => "activity_by_agent",
            By::Key(..) => "activity_by_key",
        };
        let sql = format!(
            "SELECT e.operation, count(*) AS acts FROM activity e INDEXED BY {index}
             WHERE e.team_id = :team AND {} AND e.outcome = 'done' AND e.object_kind <> 'memory'
             GROUP BY e.operation ORDER BY e.operation",
            theirs(of, "e", "at"),
        );
        let mut params = params(of);
        params.push((":team", &team));
        let mut statement = self.statement(&sql)?;
        let rows = statement.query_map(&*params, |row| {
            Ok((row.get("operation")?, row.get::<_, i64>("acts")?.unsigned_abs()))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// The conditions that the rows of a table are the author's, and of the period by a column of time.
fn theirs(of: &Authorship, table: &str, time: &str) -> String {
    let mut sql = match of.author {
        By::Agent(_) => format!("{table}.agent_id = :agent"),
        By::Key(_, None) => format!("{table}.key_id = :key"),
        By::Key(_, Some(_)) => {
            format!("{table}.key_id = :key AND {table}.secret_number = :secret_number")
        }
    };
    if of.after.is_some() {
        sql = format!("{sql} AND {table}.{time} >= :after");
    }
    if of.before.is_some() {
        sql = format!("{sql} AND {table}.{time} <= :before");
    }
    sql
}

/// The parameters that [`theirs`] names.
fn params(of: &Authorship) -> Vec<(&'static str, &dyn ToSql)> {
    let mut params: Vec<(&'static str, &dyn ToSql)> = Vec::new();
    match &of.author {
        By::Agent(agent) => params.push((":agent", agent)),
        By::Key(key, secret_number) => {
            params.push((":key", key));
            params.extend(
                secret_number.iter().map(|number| (":secret_number", number as &dyn ToSql)),
            );
        }
    }
    params.extend(of.after.iter().map(|after| (":after", after as &dyn ToSql)));
    params.extend(of.before.iter().map(|before| (":before", before as &dyn ToSql)));
    params
}

impl AuthorshipWrite for SqliteTx<'_> {
    fn change_any_memory(
        &mut self,
        all: Oversight<'_>,
        memory: &Memory,
        words: Option<&IndexedWords>,
    ) -> Result<bool> {
        let now = self.any_memory(all, memory.id)?;
        if now.is_none_or(|now| now.version + 1 != memory.version) {
            return Ok(false);
        }
        self.put_version(all.permit(), memory, words)?;
        Ok(true)
    }
}
