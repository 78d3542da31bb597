//! [`crate::store::retention`] on PostgreSQL.

use tokio_postgres::Row;

use super::conditions::Query;
use super::memories::{AUTHOR, SELECT, memory_row};
use super::tx::PgTx;
use crate::core::error::{Error, Result};
use crate::identity::permit::{Oversight, Permit};
use crate::memory::fields::Named;
use crate::memory::memory::Memory;
use crate::store::retention::{Aged, PolicyRow, RetentionRead, RetentionWrite};

impl RetentionRead for PgTx<'_> {
    fn retention_policies(&mut self, permit: &Permit) -> Result<Vec<PolicyRow>> {
        let sql = "SELECT nullif(agent_id, '') AS agent_id, version, policy, updated_at
                   FROM retention_policies p WHERE team_id = :team ORDER BY p.agent_id";
        self.rows(sql, &[("team", &permit.team())])?.iter().map(policy_row).collect()
    }

    fn aged_memories(
        &mut self,
        all: Oversight<'_>,
        of: &Aged,
        limit: usize,
    ) -> Result<Vec<Memory>> {
        let (team, limit) = (all.team(), i64::try_from(limit).unwrap_or(i64::MAX));
        let (status, beyond) = (of.status.as_str(), of.beyond.unzip());
        let mut query = Query::new(
            &format!(
                "{SELECT} FROM memories m {AUTHOR}
                 WHERE m.team_id = :team AND m.status = :status
                   AND m.created_at <= :until AND m.updated_at <= :until"
            ),
            &[("team", &team), ("status", &status), ("until", &of.until), ("limit", &limit)],
        );
        query.and("m.agent_id = :author", "author", of.author.as_ref());
        query.and("m.created_at >= :from", "from", beyond.0.as_ref());
        query.and("(m.created_at > :from OR m.memory_id > :id)", "id", beyond.1.as_ref());
        query.sql.push_str(" ORDER BY m.created_at, m.memory_id LIMIT :limit");
        self.rows(&query.sql, &query.params)?.iter().map(memory_row).collect()
    }
}

impl RetentionWrite for PgTx<'_> {
    fn set_retention_policy(&mut self, permit: &Permit, row: &PolicyRow) -> Result<()> {
        let sql = "INSERT INTO retention_policies (team_id, agent_id, version, policy, updated_at)
                   VALUES (:team, :agent, :version, :policy, :at)
                   ON CONFLICT (team_id, agent_id) DO UPDATE SET
                       version = excluded.version, policy = excluded.policy,
                       updated_at = excluded.updated_at";
        self.execute(
            sql,
            &[
                ("team", &permit.team()),
                ("agent", &row.agent.map_or_else(String::new, |agent| agent.to_string())),
                ("version", &row.version),
                ("policy", &serde_json::to_string(&row.policy).map_err(Error::internal)?),
                ("at", &row.updated_at),
            ],
        )
    }
}

/// A policy that can't be read is an error, and nothing expires by it.
fn policy_row(row: &Row) -> Result<PolicyRow> {
    Ok(PolicyRow {
        agent: row.try_get("agent_id")?,
        version: row.try_get("version")?,
        policy: serde_json::from_str(row.try_get("policy")?).map_err(Error::internal)?,
        updated_at: row.try_get("updated_at")?,
    })
}
