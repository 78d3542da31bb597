//! [`crate::store::authorship`] on PostgreSQL.

use tokio_postgres::Row;

use super::columns::{Column, named};
use super::link::Params;
use super::memories::{AUTHOR, SELECT, SELECT_VERSION, memory_row, statement_row};
use super::tx::PgTx;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Oversight;
use crate::memory::memory::{IndexedWords, Memory};
use crate::memory::undo::{Standing, Step};
use crate::store::authorship::{Authorship, AuthorshipRead, AuthorshipWrite, By};

impl AuthorshipRead for PgTx<'_> {
    fn authored(
        &mut self,
        all: Oversight<'_>,
        of: &Authorship,
        limit: usize,
    ) -> Result<Vec<(MemoryId, Vec<Step>)>> {
        let (team, limit) = (all.team(), i64::try_from(limit).unwrap_or(i64::MAX));
        let mut params = params(of);
        params.extend([("team", &team as &dyn Column), ("limit", &limit)]);
        let sql = format!(
            "SELECT v.memory_id, v.version, v.status, v.operation,
                    CASE WHEN {} THEN TRUE ELSE FALSE END AS is_theirs
             FROM memory_versions v
             WHERE v.team_id = :team AND v.memory_id IN (
                 SELECT DISTINCT t.memory_id FROM memory_versions t
                 WHERE t.team_id = :team AND {}
                 ORDER BY t.memory_id LIMIT :limit)
             ORDER BY v.memory_id, v.version",
            theirs(of, "v", "changed_at"),
            theirs(of, "t", "changed_at"),
        );
        let mut found: Vec<(MemoryId, Vec<Step>)> = Vec::new();
        for row in &self.rows(&sql, &params)? {
            let id: MemoryId = row.try_get("memory_id")?;
            let step = Step {
                version: row.try_get("version")?,
                status: named(row, "status")?,
                is_theirs: row.try_get("is_theirs")?,
                operation: row.try_get("operation")?,
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
        let row = self.row(&sql, &[("team", &all.team()), ("id", &id)])?;
        row.as_ref().map(memory_row).transpose()
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
        let params: Params<'_> = &[("team", &all.team()), ("id", &id), ("version", &version)];
        let standing = |row: Row| {
            Ok(Standing {
                statement: statement_row(&row)?,
                status: named(&row, "status")?,
                status_at: row.try_get("status_at")?,
                status_reason: row.try_get("status_reason")?,
            })
        };
        self.row(&sql, params)?.map(standing).transpose()
    }

    fn other_acts(&mut self, all: Oversight<'_>, of: &Authorship) -> Result<Vec<(String, u64)>> {
        let team = all.team();
        let sql = format!(
            "SELECT e.operation, count(*) AS acts FROM activity e
             WHERE e.team_id = :team AND {} AND e.outcome = 'done' AND e.object_kind <> 'memory'
             GROUP BY e.operation ORDER BY e.operation",
            theirs(of, "e", "at"),
        );
        let mut params = params(of);
        params.push(("team", &team));
        let acts = |row: &Row| {
            Ok((row.try_get("operation")?, row.try_get::<_, i64>("acts")?.unsigned_abs()))
        };
        self.rows(&sql, &params)?.iter().map(acts).collect()
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
fn params(of: &Authorship) -> Vec<(&'static str, &dyn Column)> {
    let mut params: Vec<(&'static str, &dyn Column)> = Vec::new();
    match &of.author {
        By::Agent(agent) => params.push(("agent", agent)),
        By::Key(key, secret_number) => {
            params.push(("key", key));
            params.extend(
                secret_number.iter().map(|number| ("secret_number", number as &dyn Column)),
            );
        }
    }
    params.extend(of.after.iter().map(|after| ("after", after as &dyn Column)));
    params.extend(of.before.iter().map(|before| ("before", before as &dyn Column)));
    params
}

impl AuthorshipWrite for PgTx<'_> {
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
