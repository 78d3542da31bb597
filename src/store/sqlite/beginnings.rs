//! [`crate::store::beginnings`] on SQLite.

use rusqlite::types::ToSql;

use super::sight::{Eyes, SEEN};
use super::tx::SqliteTx;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::store::beginnings::BeginningRead;

impl BeginningRead for SqliteTx<'_> {
    fn memories_beginning(
        &mut self,
        permit: &Permit,
        beginning: &str,
        limit: usize,
    ) -> Result<Vec<MemoryId>> {
        let sql = format!(
            "SELECT m.memory_id FROM memories m
             WHERE {SEEN} AND m.status = 'active'
               AND substr(m.memory_id, 1, length(:beginning)) = :beginning
             ORDER BY m.memory_id DESC LIMIT :limit"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.extend([(":beginning", &beginning as &dyn ToSql), (":limit", &limit)]);
        let mut statement = self.statement(&sql)?;
        let rows = statement.query_map(&*params, |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn tags_beginning(
        &mut self,
        permit: &Permit,
        beginning: &str,
        limit: usize,
    ) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT t.tag FROM memory_tags t
             JOIN memories m ON m.team_id = t.team_id AND m.memory_id = t.memory_id
             WHERE t.team_id = :team AND {SEEN} AND m.status = 'active'
               AND substr(t.tag, 1, length(:beginning)) = :beginning
             GROUP BY t.tag ORDER BY count(*) DESC, t.tag LIMIT :limit"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.extend([(":beginning", &beginning as &dyn ToSql), (":limit", &limit)]);
        let mut statement = self.statement(&sql)?;
        let rows = statement.query_map(&*params, |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
