//! Agents of a team.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::AgentId;
use crate::identity::actor::Trust;
use crate::identity::permit::Permit;

/// An agent's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRow {
    pub id: AgentId,
    pub slug: String,
    pub display_name: String,
    pub agent_type: Option<String>,
    pub description: Option<String>,
    pub status: Trust,
    pub created_at: Timestamp,
}

/// What can be read of agents.
pub trait AgentRead {
    /// An agent by its id.
    fn agent(&mut self, permit: &Permit, id: AgentId) -> Result<Option<AgentRow>>;

    /// An agent by its slug.
    fn agent_of_slug(&mut self, permit: &Permit, slug: &str) -> Result<Option<AgentRow>>;
}

/// What can be changed of agents.
pub trait AgentWrite {
    /// Adds an agent. Its slug must be free.
    fn add_named_agent(&mut self, permit: &Permit, agent: &AgentRow) -> Result<()>;

    /// Sets display name, type and description. `false` when there is no such agent.
    fn describe_agent(&mut self, permit: &Permit, agent: &AgentRow) -> Result<bool>;
}
