//! [`crate::store::beginnings`] on PostgreSQL.

use super::columns::Column;
use super::sight::{Eyes, SEEN};
use super::tx::PgTx;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::store::beginnings::BeginningRead;

impl BeginningRead for PgTx<'_> {
    fn memories_beginning(
        &mut self,
        permit: &Permit,
        beginning: &str,
        limit: usize,
    ) -> Result<Vec<MemoryId>> {
        let sql = format!(
            "SELECT m.memory_id FROM memories m
             WHERE {SEEN} AND m.status = 'active' AND starts_with(m.memory_id, :beginning)
             ORDER BY m.memory_id DESC LIMIT :limit"
        );
        let (beginning, limit) = (beginning.to_owned(), i64::try_from(limit).unwrap_or(i64::MAX));
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.extend([("beginning", &beginning as &dyn Column), ("limit", &limit)]);
        self.rows(&sql, &params)?.iter().map(|row| Ok(row.try_get(0)?)).collect()
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
               AND starts_with(t.tag, :beginning)
             GROUP BY t.tag ORDER BY count(*) DESC, t.tag LIMIT :limit"
        );
        let (beginning, limit) = (beginning.to_owned(), i64::try_from(limit).unwrap_or(i64::MAX));
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.extend([("beginning", &beginning as &dyn Column), ("limit", &limit)]);
        self.rows(&sql, &params)?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}
