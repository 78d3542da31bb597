//! [`crate::store::confirmations`] on PostgreSQL.

use super::columns::Column;
use super::memories::{AT_LARGE, AUTHOR, SELECT, author_row, memory_row};
use super::sight::{Eyes, SEEN};
use super::tx::PgTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::memory::Memory;
use crate::memory::same;
use crate::store::confirmations::{Confirmation, ConfirmationRead, ConfirmationWrite};

impl ConfirmationRead for PgTx<'_> {
    fn held(
        &mut self,
        permit: &Permit,
        prints: &[String],
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Memory>> {
        let sql = format!(
            "{SELECT} FROM memories m {AUTHOR}
             WHERE {SEEN} AND m.print = ANY(:prints)
               AND m.status IN ('active', 'proposed')
               AND (m.position IS NULL OR m.created_at >= :since)
             ORDER BY m.created_at DESC, m.memory_id DESC LIMIT :limit"
        );
        let (prints, limit) = (prints.to_vec(), i64::try_from(limit).unwrap_or(i64::MAX));
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.extend([("prints", &prints as &dyn Column), ("since", &since), ("limit", &limit)]);
        self.rows(&sql, &params)?.iter().map(memory_row).collect()
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
        params.push(("id", &id));
        let rows = self.rows(&sql, &params)?;
        let read = rows
            .iter()
            .map(|row| Ok(Confirmation { by: author_row(row)?, at: row.try_get("confirmed_at")? }));
        read.collect()
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
               AND (cardinality(:agents::text[]) = 0 OR a.slug = ANY(:agents::text[]))
             GROUP BY m.memory_id ORDER BY times DESC, m.memory_id LIMIT :limit"
        );
        let (agents, limit) = (agents.to_vec(), i64::try_from(limit).unwrap_or(i64::MAX));
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.extend([("from", &from as &dyn Column), ("until", &until)]);
        params.extend([("agents", &agents as &dyn Column), ("limit", &limit)]);
        let rows = self.rows(&sql, &params)?;
        let read = rows.iter().map(|row| {
            Ok((row.try_get("memory_id")?, row.try_get::<_, i64>("times")?.unsigned_abs()))
        });
        read.collect()
    }
}

impl ConfirmationWrite for PgTx<'_> {
    fn confirm(&mut self, permit: &Permit, memory: &Memory, at: Timestamp) -> Result<bool> {
        let sql = format!(
            "INSERT INTO confirmations (team_id, memory_id, print, actor_id, agent_id, member_id,
                                        credential_kind, key_id, confirmed_at)
             SELECT m.team_id, m.memory_id, m.print, :actor, :me, :member, :credential_kind, :key,
                    :at::bigint
             FROM memories m
             WHERE {SEEN} AND {AT_LARGE} AND m.memory_id = :id AND m.print = :print
             ON CONFLICT DO NOTHING"
        );
        let (actor, print) = (permit.actor().id(), same::print(&memory.statement.content));
        let (eyes, key) = (Eyes::of(permit), permit.credential().key());
        let kind = permit.credential().kind();
        let mut params = eyes.params().to_vec();
        params.extend([
            ("id", &memory.id as &dyn Column),
            ("print", &print),
            ("actor", &actor),
            ("credential_kind", &kind),
            ("key", &key),
            ("at", &at),
        ]);
        Ok(self.count(&sql, &params)? > 0)
    }
}
