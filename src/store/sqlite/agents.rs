//! [`crate::store::agents`] on SQLite.

use rusqlite::{OptionalExtension, Row, named_params};

use super::tx::SqliteTx;
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
            (SELECT e.at FROM activity e INDEXED BY activity_by_agent
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

impl AgentRead for SqliteTx<'_> {
    fn agent(&mut self, permit: &Permit, id: AgentId) -> Result<Option<AgentRow>> {
        let sql = "SELECT agent_id, slug, display_name, agent_type, description, status, created_at
                   FROM agents WHERE team_id = :team AND agent_id = :agent";
        let params = named_params! { ":team": permit.team(), ":agent": id };
        Ok(self.statement(sql)?.query_row(params, agent_row).optional()?)
    }

    fn agents(&mut self, permit: &Permit) -> Result<Vec<AgentSummary>> {
        let sql = format!("{SUMMARY} ORDER BY a.created_at DESC, a.agent_id DESC");
        let mut statement = self.statement(&sql)?;
        let rows = statement.query_map(named_params! { ":team": permit.team() }, summary_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn agent_summary(&mut self, permit: &Permit, slug: &str) -> Result<Option<AgentSummary>> {
        let sql = format!("{SUMMARY} AND a.slug = :slug");
        let params = named_params! { ":team": permit.team(), ":slug": slug };
        Ok(self.statement(&sql)?.query_row(params, summary_row).optional()?)
    }

    fn agent_of_slug(&mut self, permit: &Permit, slug: &str) -> Result<Option<AgentRow>> {
        let sql = "SELECT agent_id, slug, display_name, agent_type, description, status, created_at
                   FROM agents WHERE team_id = :team AND slug = :slug AND retired_at IS NULL";
        let params = named_params! { ":team": permit.team(), ":slug": slug };
        Ok(self.statement(sql)?.query_row(params, agent_row).optional()?)
    }

    fn any_agent_of_slug(&mut self, permit: &Permit, slug: &str) -> Result<Option<AgentRow>> {
        let sql = "SELECT agent_id, slug, display_name, agent_type, description, status, created_at
                   FROM agents WHERE team_id = :team AND slug = :slug";
        let params = named_params! { ":team": permit.team(), ":slug": slug };
        Ok(self.statement(sql)?.query_row(params, agent_row).optional()?)
    }
}

impl AgentWrite for SqliteTx<'_> {
    fn add_named_agent(&mut self, permit: &Permit, agent: &AgentRow) -> Result<()> {
        insert_agent(self, permit.team(), agent)
    }

    fn set_agent_status(&mut self, permit: &Permit, id: AgentId, status: Trust) -> Result<()> {
        let sql = "UPDATE agents SET status = :status
                   WHERE team_id = :team AND agent_id = :agent AND retired_at IS NULL";
        self.statement(sql)?.execute(named_params! {
            ":team": permit.team(),
            ":agent": id,
            ":status": status.as_str(),
        })?;
        Ok(())
    }

    fn describe_agent(&mut self, permit: &Permit, agent: &AgentRow) -> Result<bool> {
        let sql = "UPDATE agents SET display_name = :name, agent_type = :type,
                          description = :description
                   WHERE team_id = :team AND agent_id = :agent AND retired_at IS NULL";
        let changed = self.statement(sql)?.execute(named_params! {
            ":team": permit.team(),
            ":agent": agent.id,
            ":name": agent.display_name,
            ":type": agent.agent_type,
            ":description": agent.description,
        })?;
        Ok(changed == 1)
    }

    fn retire_agent(&mut self, permit: &Permit, id: AgentId, at: Timestamp) -> Result<bool> {
        let sql = "UPDATE agents SET slug = slug || '~' || substr(agent_id, 5),
                          status = 'blocked', retired_at = :at
                   WHERE team_id = :team AND agent_id = :agent AND retired_at IS NULL";
        let params = named_params! { ":team": permit.team(), ":agent": id, ":at": at };
        Ok(self.statement(sql)?.execute(params)? == 1)
    }
}

pub(super) fn insert_agent(tx: &mut SqliteTx<'_>, team: TeamId, agent: &AgentRow) -> Result<()> {
    let sql = "INSERT INTO agents (team_id, agent_id, slug, display_name, agent_type,
                                   description, status, created_at)
               VALUES (:team, :agent, :slug, :name, :type, :description, :status, :at)";
    tx.statement(sql)?.execute(named_params! {
        ":team": team,
        ":agent": agent.id,
        ":slug": agent.slug,
        ":name": agent.display_name,
        ":type": agent.agent_type,
        ":description": agent.description,
        ":status": agent.status.as_str(),
        ":at": agent.created_at,
    })?;
    Ok(())
}

fn summary_row(row: &Row<'_>) -> rusqlite::Result<AgentSummary> {
    let acted_at: Option<Timestamp> = row.get("acted_at")?;
    Ok(AgentSummary {
        agent: agent_row(row)?,
        memories: row.get::<_, i64>("memories")?.unsigned_abs(),
        last_seen_at: acted_at.max(row.get("used_at")?),
        sessions: row.get::<_, i64>("sessions")?.unsigned_abs(),
        last_session_at: row.get("last_session_at")?,
    })
}

/// Reads the seven columns of an agent, in the order of the statements above.
pub(super) fn agent_row(row: &Row<'_>) -> rusqlite::Result<AgentRow> {
    Ok(AgentRow {
        id: row.get("agent_id")?,
        slug: row.get("slug")?,
        display_name: row.get("display_name")?,
        agent_type: row.get("agent_type")?,
        description: row.get("description")?,
        status: Trust::parse(&row.get::<_, String>("status")?),
        created_at: row.get("created_at")?,
    })
}
