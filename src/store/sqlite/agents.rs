//! [`crate::store::agents`] on SQLite.

use rusqlite::{OptionalExtension, Row, named_params};

use super::tx::SqliteTx;
use crate::core::error::Result;
use crate::core::id::{AgentId, TeamId};
use crate::identity::actor::Trust;
use crate::identity::permit::Permit;
use crate::store::agents::{AgentRead, AgentRow, AgentWrite};

impl AgentRead for SqliteTx<'_> {
    fn agent(&mut self, permit: &Permit, id: AgentId) -> Result<Option<AgentRow>> {
        let sql = "SELECT agent_id, slug, display_name, agent_type, description, status, created_at
                   FROM agents WHERE team_id = :team AND agent_id = :agent";
        let params = named_params! { ":team": permit.team(), ":agent": id };
        Ok(self.statement(sql)?.query_row(params, agent_row).optional()?)
    }

    fn agent_of_slug(&mut self, permit: &Permit, slug: &str) -> Result<Option<AgentRow>> {
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

    fn describe_agent(&mut self, permit: &Permit, agent: &AgentRow) -> Result<bool> {
        let sql = "UPDATE agents SET display_name = :name, agent_type = :type,
                          description = :description
                   WHERE team_id = :team AND agent_id = :agent";
        let changed = self.statement(sql)?.execute(named_params! {
            ":team": permit.team(),
            ":agent": agent.id,
            ":name": agent.display_name,
            ":type": agent.agent_type,
            ":description": agent.description,
        })?;
        Ok(changed == 1)
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
