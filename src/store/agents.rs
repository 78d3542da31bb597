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

/// An agent with what it has done so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSummary {
    pub agent: AgentRow,
    /// How many active memories it wrote, private ones included.
    pub memories: u64,
    /// When it last changed anything, or its key was last used: at most a minute stale.
    pub last_seen_at: Option<Timestamp>,
    /// How many sessions it ever had.
    pub sessions: u64,
    /// When the newest of them began.
    pub last_session_at: Option<Timestamp>,
}

/// What can be read of agents.
pub trait AgentRead {
    /// An agent by its id, though it be retired.
    fn agent(&mut self, permit: &Permit, id: AgentId) -> Result<Option<AgentRow>>;

    /// The agents of the team, newest first; retired ones aside.
    fn agents(&mut self, permit: &Permit) -> Result<Vec<AgentSummary>>;

    /// An agent by its slug, with what it has done; retired ones aside.
    fn agent_summary(&mut self, permit: &Permit, slug: &str) -> Result<Option<AgentSummary>>;

    /// An agent by its slug; retired ones aside.
    fn agent_of_slug(&mut self, permit: &Permit, slug: &str) -> Result<Option<AgentRow>>;

    /// An agent by its slug, though it be retired: by the slug that it has since.
    fn any_agent_of_slug(&mut self, permit: &Permit, slug: &str) -> Result<Option<AgentRow>>;
}

/// What can be changed of agents.
pub trait AgentWrite {
    /// Adds an agent. Its slug must be free.
    fn add_named_agent(&mut self, permit: &Permit, agent: &AgentRow) -> Result<()>;

    /// Sets whether an agent may act. Its running units are refused from then on. A retired one
    /// stays blocked.
    fn set_agent_status(&mut self, permit: &Permit, id: AgentId, status: Trust) -> Result<()>;

    /// Sets display name, type and description. `false` when there is no such agent, or it is
    /// retired.
    fn describe_agent(&mut self, permit: &Permit, agent: &AgentRow) -> Result<bool>;

    /// Blocks an agent for good and frees its slug: the record's becomes one that nobody can
    /// choose, `<slug>~<the rest of its id>`. `false` when there is no such agent, or it is retired.
    fn retire_agent(&mut self, permit: &Permit, id: AgentId, at: Timestamp) -> Result<bool>;
}
