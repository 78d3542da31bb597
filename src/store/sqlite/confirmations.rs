//! [`crate::store::confirmations`] on SQLite.

use rusqlite::types::ToSql;

use super::columns::as_json;
use super::memories::{AT_LARGE, AUTHOR, SELECT, author_row, memory_row};
use super::sight::{Eyes, SEEN};
use super::tx::SqliteTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::memory::Memory;
use crate::memory::same;
use crate::store::confirmations::{Confirmation, ConfirmationRead, ConfirmationWrite};

impl ConfirmationRead for SqliteTx<'_> {
    fn held(
        &mut self,
        permit: &Permit,
        prints: &[String],
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Memory>> {
        let sql = format!(
            "{SELECT} FROM memories m {AUTHOR}
             WHERE {SEEN} AND m.print IN (SELECT value FROM json_each(:prints))
               AND m.status IN ('active', 'proposed')
               AND (m.position IS NULL OR m.created_at >= :since)
             ORDER BY m.created_at DESC, m.memory_id DESC LIMIT :limit"
        );
        let (prints, limit) = (as_json(prints), i64::try_from(limit).unwrap_or(i64::MAX));
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.extend([(":prints", &prints as &dyn ToSql), (":since", &since), (":limit", &limit)]);
        let mut statement = self.statement(&sql)?;
        let rows = statement.query_map(&*params, memory_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn confirmations(&mut self, permit: &Permit, id: MemoryId) -> Result<Vec<Confirmation>> {
        let sql = format!(
            "SELECT c.agent_id, c.member_id, c.key_id, c.confirmed_at, a.slug, a.status AS trust
             FROM confirmations c
             JOIN memories m ON m.team_id = c.team_id AND m.memory_id = c.memory_id
                  AND m.print = c.print
             LEFT JOIN agents a ON a.team_id = c.team_id AND a.agent_id = c.agent_id
             WHERE c.team_id = :team AND c.memory_id = :id AND {SEEN} AND {AT_LARGE}
             ORDER BY c.confirmed_at, c.actor_id"
        );
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.push((":id", &id));
        let mut statement = self.statement(&sql)?;
        let rows = statement.query_map(&*params, |row| {
            Ok(Confirmation { by: author_row(row)?, at: row.get("confirmed_at")? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn confirmed_between(
        &mut self,
        permit: &Permit,
        from: Timestamp,
        until: Timestamp,
        agents: &[String],
        limit: usize,
    ) -> Result<Vec<(MemoryId, u64)>> {
        let sql = format!(
            "SELECT m.memory_id, count(*) AS times FROM confirmations c
             JOIN memories m ON m.team_id = c.team_id AND m.memory_id = c.memory_id
                  AND m.print = c.print
             LEFT JOIN agents a ON a.team_id = m.team_id AND a.agent_id = m.agent_id
             WHERE c.team_id = :team AND c.confirmed_at BETWEEN :from AND :until
               AND m.status = 'active' AND {SEEN}
               AND (json_array_length(:agents) = 0
                    OR a.slug IN (SELECT value FROM json_each(:agents)))
             GROUP BY m.memory_id ORDER BY times DESC, m.memory_id LIMIT :limit"
        );
        let (agents, limit) = (as_json(agents), i64::try_from(limit).unwrap_or(i64::MAX));
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.extend([(":from", &from as &dyn ToSql), (":until", &until)]);
        params.extend([(":agents", &agents as &dyn ToSql), (":limit", &limit)]);
        let mut statement = self.statement(&sql)?;
        let rows = statement.query_map(&*params, |row| {
            Ok((row.get("memory_id")?, row.get::<_, i64>("times")?.unsigned_abs()))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl ConfirmationWrite for SqliteTx<'_> {
    fn confirm(&mut self, permit: &Permit, memory: &Memory, at: Timestamp) -> Result<bool> {
        let sql = format!(
            "INSERT INTO confirmations (team_id, memory_id, print, actor_id, agent_id, member_id,
                                        credential_kind, key_id, confirmed_at)
             SELECT m.team_id, m.memory_id, m.print, :actor, :me, :member, :credential_kind, :key, :at
             FROM memories m
             WHERE {SEEN} AND {AT_LARGE} AND m.memory_id = :id AND m.print = :print
             ON CONFLICT DO NOTHING"
        );
        let (actor, print) = (permit.actor().id(), same::print(&memory.statement.content));
        let (eyes, key) = (Eyes::of(permit), permit.credential().key());
        let kind = permit.credential().kind();
        let mut params = eyes.params().to_vec();
        params.extend([
            (":id", &memory.id as &dyn ToSql),
            (":print", &print),
            (":actor", &actor),
            (":credential_kind", &kind),
            (":key", &key),
            (":at", &at),
        ]);
        Ok(self.statement(&sql)?.execute(&*params)? > 0)
    }
}
