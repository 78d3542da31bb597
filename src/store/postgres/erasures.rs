//! [`crate::store::erasures`] on PostgreSQL.

use super::memories::author_row;
use super::sight::Eyes;
use super::tx::PgTx;
use super::words;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{AgentId, MemoryId};
use crate::identity::permit::{Oversight, Permit};
use crate::store::erasures::{Erasure, ErasureRead, ErasureWrite, HOLDERS};
use crate::store::pieces::PieceWrite;

impl ErasureRead for PgTx<'_> {
    fn erasure(&mut self, permit: &Permit, id: MemoryId) -> Result<Option<Erasure>> {
        let sql = "SELECT e.erased_at, e.reason, e.agent_id, e.member_id, e.key_id, a.slug,
                          a.status AS trust
                   FROM erasures e
                   LEFT JOIN agents a ON a.team_id = e.team_id AND a.agent_id = e.agent_id
                   WHERE e.team_id = :team AND e.memory_id = :id";
        let row = self.row(sql, &[("team", &permit.team()), ("id", &id)])?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Erasure {
            memory: id,
            erased_at: row.try_get("erased_at")?,
            reason: row.try_get("reason")?,
            by: author_row(&row)?,
        }))
    }

    fn ids_by_author(
        &mut self,
        all: Oversight<'_>,
        author: AgentId,
        limit: usize,
    ) -> Result<Vec<MemoryId>> {
        let sql = "SELECT memory_id FROM memories WHERE team_id = :team AND agent_id = :author
                   ORDER BY memory_id LIMIT :limit";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows =
            self.rows(sql, &[("team", &all.team()), ("author", &author), ("limit", &limit)])?;
        rows.iter().map(|row| Ok(row.try_get("memory_id")?)).collect()
    }
}

impl ErasureWrite for PgTx<'_> {
    fn erase_memory(
        &mut self,
        all: Oversight<'_>,
        id: MemoryId,
        at: Timestamp,
        reason: &str,
    ) -> Result<bool> {
        let team = all.team();
        let sql = "SELECT 1 FROM memories WHERE team_id = :team AND memory_id = :id";
        if !self.exists(sql, &[("team", &team), ("id", &id)])? {
            return Ok(false);
        }
        // While their conflicts are still there to name them.
        let sql =
            "DELETE FROM comments WHERE team_id = :team AND about_kind = 'conflict' AND about_id IN
                     (SELECT c.conflict_id FROM conflicts c
                      WHERE c.team_id = :team AND (c.existing_id = :id OR c.newer_id = :id))";
        self.execute(sql, &[("team", &team), ("id", &id)])?;
        for (table, column) in HOLDERS {
            let sql = format!("DELETE FROM {table} WHERE team_id = :team AND {column} = :id");
            self.execute(&sql, &[("team", &team), ("id", &id)])?;
        }
        let sql = "DELETE FROM retries WHERE team_id = :team AND answer LIKE '%' || :id || '%'";
        self.execute(sql, &[("team", &team), ("id", &id)])?;
        self.note_removal(all.permit(), id)?;
        words::remove(self, team, id)?;
        let sql = "DELETE FROM memories WHERE team_id = :team AND memory_id = :id";
        self.execute(sql, &[("team", &team), ("id", &id)])?;
        let sql =
            "INSERT INTO erasures (team_id, memory_id, erased_at, reason, agent_id, member_id,
                                         credential_kind, key_id)
                   VALUES (:team, :id, :at, :reason, :agent, :member, :kind, :key)";
        let (eyes, credential) = (Eyes::of(all.permit()), all.permit().credential());
        self.execute(
            sql,
            &[
                ("team", &team),
                ("id", &id),
                ("at", &at),
                ("reason", &reason),
                ("agent", &eyes.me),
                ("member", &eyes.member),
                ("kind", &credential.kind()),
                ("key", &credential.key()),
            ],
        )?;
        Ok(true)
    }
}
