//! [`crate::store::retention`] on SQLite.

use rusqlite::{Row, named_params};

use super::conditions::Query;
use super::memories::{AUTHOR, SELECT, memory_row};
use super::tx::SqliteTx;
use crate::core::error::{Error, Result};
use crate::identity::permit::{Oversight, Permit};
use crate::memory::fields::Named;
use crate::memory::memory::Memory;
use crate::store::retention::{Aged, PolicyRow, RetentionRead, RetentionWrite};

impl RetentionRead for SqliteTx<'_> {
    fn retention_policies(&mut self, permit: &Permit) -> Result<Vec<PolicyRow>> {
        let sql = "SELECT nullif(agent_id, '') AS agent_id, version, policy, updated_at
                   FROM retention_policies p WHERE team_id = :team ORDER BY p.agent_id";
        let mut statement = self.statement(sql)?;
        let mut rows = statement.query(named_params! { ":team": permit.team() })?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(policy_row(row)?);
        }
        Ok(found)
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
            &[(":team", &team), (":status", &status), (":until", &of.until), (":limit", &limit)],
        );
        query.and("m.agent_id = :author", ":author", of.author.as_ref());
        query.and("m.created_at >= :from", ":from", beyond.0.as_ref());
        query.and("(m.created_at > :from OR m.memory_id > :id)", ":id", beyond.1.as_ref());
        query.sql.push_str(" ORDER BY m.created_at, m.memory_id LIMIT :limit");
        let mut statement = self.statement(&query.sql)?;
        let rows = statement.query_map(&*query.params, memory_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl RetentionWrite for SqliteTx<'_> {
    fn set_retention_policy(&mut self, permit: &Permit, row: &PolicyRow) -> Result<()> {
        let sql = "INSERT INTO retention_policies (team_id, agent_id, version, policy, updated_at)
                   VALUES (:team, :agent, :version, :policy, :at)
                   ON CONFLICT (team_id, agent_id) DO UPDATE SET
                       version = excluded.version, policy = excluded.policy,
                       updated_at = excluded.updated_at";
        self.statement(sql)?.execute(named_params! {
            ":team": permit.team(),
            ":agent": row.agent.map_or_else(String::new, |agent| agent.to_string()),
            ":version": row.version,
            ":policy": serde_json::to_string(&row.policy).map_err(Error::internal)?,
            ":at": row.updated_at,
        })?;
        Ok(())
    }
}

/// A policy that can't be read is an error, and nothing expires by it.
fn policy_row(row: &Row<'_>) -> Result<PolicyRow> {
    let policy: String = row.get("policy")?;
    Ok(PolicyRow {
        agent: row.get("agent_id")?,
        version: row.get("version")?,
        policy: serde_json::from_str(&policy).map_err(Error::internal)?,
        updated_at: row.get("updated_at")?,
    })
}
