//! [`crate::store::agents`] on PostgreSQL.

use tokio_postgres::Row;

use super::tx::PgTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{AgentId, TeamId};
use crate::identity::actor::Trust;
use crate::identity::permit::Permit;
use crate::store::agents::{AgentRead, AgentRow, AgentSummary, AgentWrite};

/// An agent's columns, and what it has done; retired ones aside.
const SUMMARY: &str =
    "SELECT a.agent_id, a.slug, a.display_name, a.agent_type, a.description, a.status, a.created_at,
            coalesce(w.memories, 0) AS memories,
            coalesce(x.sessions, 0) AS sessions, x.last_session_at,
            (SELECT e.at FROM activity e
             WHERE e.team_id = a.team_id AND e.agent_id = a.agent_id
             ORDER BY e.sequence DESC LIMIT 1) AS acted_at,
            (SELECT max(k.last_used_at) FROM keys k
             WHERE k.team_id = a.team_id AND k.agent_id = a.agent_id) AS used_at
     FROM agents a
     LEFT JOIN (SELECT m.agent_id, count(*) AS memories FROM memories m
                WHERE m.team_id = :team AND m.status = 'active'
                GROUP BY m.agent_id) w ON w.agent_id = a.agent_id
     LEFT JOIN (SELECT s.agent_id, count(*) AS sessions, max(s.started_at) AS last_session_at
                FROM sessions s WHERE s.team_id = :team
                GROUP BY s.agent_id) x ON x.agent_id = a.agent_id
     WHERE a.team_id = :team AND a.retired_at IS NULL";

impl AgentRead for PgTx<'_> {
    fn agent(&mut self, permit: &Permit, id: AgentId) -> Result<Option<AgentRow>> {
        let sql = "SELECT agent_id, slug, display_name, agent_type, description, status, created_at
                   FROM agents WHERE team_id = :team AND agent_id = :agent";
        let row = self.row(sql, &[("team", &permit.team()), ("agent", &id)])?;
        row.as_ref().map(agent_row).transpose()
    }

    fn agents(&mut self, permit: &Permit) -> Result<Vec<AgentSummary>> {
        let sql = format!("{SUMMARY} ORDER BY a.created_at DESC, a.agent_id DESC");
        let rows = self.rows(&sql, &[("team", &permit.team())])?;
        rows.iter().map(summary_row).collect()
    }

    fn agent_summary(&mut self, permit: &Permit, slug: &str) -> Result<Option<AgentSummary>> {
        let sql = format!("{SUMMARY} AND a.slug = :slug");
        let row = self.row(&sql, &[("team", &permit.team()), ("slug", &slug)])?;
        row.as_ref().map(summary_row).transpose()
    }

    fn agent_of_slug(&mut self, permit: &Permit, slug: &str) -> Result<Option<AgentRow>> {
        let sql = "SELECT agent_id, slug, display_name, agent_type, description, status, created_at
                   FROM agents WHERE team_id = :team AND slug = :slug AND retired_at IS NULL";
        let row = self.row(sql, &[("team", &permit.team()), ("slug", &slug)])?;
        row.as_ref().map(agent_row).transpose()
    }

    fn any_agent_of_slug(&mut self, permit: &Permit, slug: &str) -> Result<Option<AgentRow>> {
        let sql = "SELECT agent_id, slug, display_name, agent_type, description, status, created_at
                   FROM agents WHERE team_id = :team AND slug = :slug";
        let row = self.row(sql, &[("team", &permit.team()), ("slug", &slug)])?;
        row.as_ref().map(agent_row).transpose()
    }
}

impl AgentWrite for PgTx<'_> {
    fn add_named_agent(&mut self, permit: &Permit, agent: &AgentRow) -> Result<()> {
        insert_agent(self, permit.team(), agent)
    }

    fn set_agent_status(&mut self, permit: &Permit, id: AgentId, status: Trust) -> Result<()> {
        let sql = "UPDATE agents SET status = :status
                   WHERE team_id = :team AND agent_id = :agent AND retired_at IS NULL";
        self.execute(sql, &[("team", &permit.team()), ("agent", &id), ("status", &status.as_str())])
    }

    fn describe_agent(&mut self, permit: &Permit, agent: &AgentRow) -> Result<bool> {
        let sql = "UPDATE agents SET display_name = :name, agent_type = :type,
                          description = :description
                   WHERE team_id = :team AND agent_id = :agent AND retired_at IS NULL";
        let changed = self.count(
            sql,
            &[
                ("team", &permit.team()),
                ("agent", &agent.id),
                ("name", &agent.display_name),
                ("type", &agent.agent_type),
                ("description", &agent.description),
            ],
        )?;
        Ok(changed == 1)
    }

    fn retire_agent(&mut self, permit: &Permit, id: AgentId, at: Timestamp) -> Result<bool> {
        let sql = "UPDATE agents SET slug = slug || '~' || substr(agent_id, 5),
                          status = 'blocked', retired_at = :at
                   WHERE team_id = :team AND agent_id = :agent AND retired_at IS NULL";
        Ok(self.count(sql, &[("team", &permit.team()), ("agent", &id), ("at", &at)])? == 1)
    }
}

pub(super) fn insert_agent(tx: &mut PgTx<'_>, team: TeamId, agent: &AgentRow) -> Result<()> {
    let sql = "INSERT INTO agents (team_id, agent_id, slug, display_name, agent_type,
                                   description, status, created_at)
               VALUES (:team, :agent, :slug, :name, :type, :description, :status, :at)";
    tx.execute(
        sql,
        &[
            ("team", &team),
            ("agent", &agent.id),
            ("slug", &agent.slug),
            ("name", &agent.display_name),
            ("type", &agent.agent_type),
            ("description", &agent.description),
            ("status", &agent.status.as_str()),
            ("at", &agent.created_at),
        ],
    )
}

fn summary_row(row: &Row) -> Result<AgentSummary> {
    let acted_at: Option<Timestamp> = row.try_get("acted_at")?;
    Ok(AgentSummary {
        agent: agent_row(row)?,
        memories: row.try_get::<_, i64>("memories")?.unsigned_abs(),
        last_seen_at: acted_at.max(row.try_get("used_at")?),
        sessions: row.try_get::<_, i64>("sessions")?.unsigned_abs(),
        last_session_at: row.try_get("last_session_at")?,
    })
}

/// Reads the seven columns of an agent, in the order of the statements above.
pub(super) fn agent_row(row: &Row) -> Result<AgentRow> {
    Ok(AgentRow {
        id: row.try_get("agent_id")?,
        slug: row.try_get("slug")?,
        display_name: row.try_get("display_name")?,
        agent_type: row.try_get("agent_type")?,
        description: row.try_get("description")?,
        status: Trust::parse(row.try_get("status")?),
        created_at: row.try_get("created_at")?,
    })
}
