//! What callers see of our types. Stored text stands in fields of its own, never in our sentences.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{Id, Kind};
use crate::identity::actor::{Actor, Trust};
use crate::memory::draft::Draft;
use crate::memory::fields::{MemoryType, Provenance, Status, Visibility, Voice};
use crate::memory::memory::{Author, Memory, Statement, Version};
use crate::store::agents::AgentRow;

/// A type, as callers give it: also by the names that other products have for some.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum GivenType {
    Fact,
    Preference,
    Goal,
    Decision,
    Artifact,
    Learning,
    Event,
    Instruction,
    Relationship,
    Context,
    Observation,
    Commitment,
    Error,
    /// A fact that was observed.
    Data,
    /// An instruction.
    Principle,
}

impl GivenType {
    fn memory_type(self) -> MemoryType {
        match self {
            GivenType::Fact | GivenType::Data => MemoryType::Fact,
            GivenType::Preference => MemoryType::Preference,
            GivenType::Goal => MemoryType::Goal,
            GivenType::Decision => MemoryType::Decision,
            GivenType::Artifact => MemoryType::Artifact,
            GivenType::Learning => MemoryType::Learning,
            GivenType::Event => MemoryType::Event,
            GivenType::Instruction | GivenType::Principle => MemoryType::Instruction,
            GivenType::Relationship => MemoryType::Relationship,
            GivenType::Context => MemoryType::Context,
            GivenType::Observation => MemoryType::Observation,
            GivenType::Commitment => MemoryType::Commitment,
            GivenType::Error => MemoryType::Error,
        }
    }

    /// How firmly it is held, where its name says that too.
    fn voice(self) -> Option<Voice> {
        matches!(self, GivenType::Data).then_some(Voice::Observed)
    }
}

/// Everything of a memory but its content, as callers give it.
///
/// Fields marked rare are taken, but not shown in the short definitions of MCP tools; the tool's
/// words name them.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Details {
    /// One line; the content's beginning if left out
    #[schemars(length(min = 1, max = 100))]
    pub title: Option<String>,
    /// Chosen by its words if left out
    #[serde(rename = "type")]
    pub memory_type: Option<GivenType>,
    /// Words to filter by
    #[schemars(length(max = 20), inner(length(min = 1, max = 64)))]
    pub tags: Option<Vec<String>>,
    /// How sure you are; 0.8 if left out
    #[schemars(range(min = 0, max = 1))]
    pub confidence: Option<f64>,
    /// How you know; explicit_statement if left out
    #[schemars(extend("x-rare" = true))]
    pub provenance: Option<Provenance>,
    /// How firmly it is held
    #[schemars(extend("x-rare" = true))]
    pub voice: Option<Voice>,
    /// Where it comes from
    #[schemars(length(min = 1, max = 64))]
    #[schemars(extend("x-rare" = true))]
    pub source: Option<String>,
    /// Link or id there
    #[schemars(length(min = 1, max = 512))]
    #[schemars(extend("x-rare" = true))]
    pub source_ref: Option<String>,
    /// Conversation or document it is part of
    #[schemars(length(min = 1, max = 128))]
    pub thread: Option<String>,
    /// Place in the thread
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_i64))]
    #[schemars(extend("x-rare" = true))]
    pub position: Option<i64>,
    /// Who said it
    #[schemars(length(min = 1, max = 64))]
    pub speaker: Option<String>,
    /// team (default) or you alone
    pub visibility: Option<Visibility>,
    /// When it happened
    pub occurred_at: Option<String>,
    /// Holds from, ISO 8601
    #[schemars(extend("x-rare" = true))]
    pub valid_from: Option<String>,
    /// Holds until, ISO 8601
    #[schemars(extend("x-rare" = true))]
    pub valid_until: Option<String>,
}

impl Details {
    /// With a content, a draft for the rules of writing.
    #[must_use]
    pub fn into_draft(self, content: Option<String>) -> Draft {
        let voice = self.voice.or(self.memory_type.and_then(GivenType::voice));
        Draft {
            content,
            title: self.title,
            memory_type: self.memory_type.map(GivenType::memory_type),
            tags: self.tags,
            confidence: self.confidence,
            provenance: self.provenance,
            voice,
            source: self.source,
            source_ref: self.source_ref,
            thread: self.thread,
            position: self.position,
            speaker: self.speaker,
            visibility: self.visibility,
            occurred_at: self.occurred_at,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
        }
    }
}

/// Who wrote something, and by which credential.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuthorView {
    /// The agent's id
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The member's id, if a person or a person's own agent wrote it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The id of the key
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// What the team thinks of the agent
    pub trust: Trust,
}

impl From<Author> for AuthorView {
    fn from(author: Author) -> Self {
        Self {
            agent: author.actor.agent.map(|agent| agent.slug),
            member: author.actor.member.map(|member| member.to_string()),
            key_id: author.key.map(|key| key.to_string()),
            trust: author.trust,
        }
    }
}

/// What a memory says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatementView {
    pub content: String,
    pub title: String,
    #[serde(rename = "type")]
    pub memory_type: MemoryType,
    pub tags: Vec<String>,
    pub confidence: f64,
    pub provenance: Provenance,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<Voice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    pub visibility: Visibility,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

impl From<Statement> for StatementView {
    fn from(statement: Statement) -> Self {
        Self {
            content: statement.content,
            title: statement.title,
            memory_type: statement.memory_type,
            tags: statement.tags,
            confidence: statement.confidence,
            provenance: statement.provenance,
            voice: statement.voice,
            source: statement.source,
            source_ref: statement.source_ref,
            thread: statement.thread,
            position: statement.position,
            speaker: statement.speaker,
            visibility: statement.visibility,
            occurred_at: statement.occurred_at,
            valid_from: statement.valid_from,
            valid_until: statement.valid_until,
        }
    }
}

/// A memory as it stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemoryView {
    pub id: String,
    #[serde(flatten)]
    pub statement: StatementView,
    pub status: Status,
    /// Since when; absent where it never had another
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_at: Option<Timestamp>,
    /// Why, as a label
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub author: AuthorView,
    /// How many others have said the same; it is in `confidence`
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-rare" = true))]
    pub confirmations: Option<u32>,
}

impl From<Memory> for MemoryView {
    fn from(memory: Memory) -> Self {
        let confidence = memory.confidence();
        Self {
            id: memory.id.to_string(),
            confirmations: Some(memory.confirmations).filter(|count| *count > 0),
            statement: StatementView { confidence, ..memory.statement.into() },
            status: memory.status,
            status_at: memory.status_at,
            status_reason: memory.status_reason,
            version: memory.version,
            created_at: memory.created_at,
            updated_at: memory.updated_at,
            author: memory.author.into(),
        }
    }
}

/// A memory as it was.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VersionView {
    pub version: i64,
    #[serde(flatten)]
    pub statement: StatementView,
    pub status: Status,
    pub changed_at: Timestamp,
    pub changed_by: AuthorView,
}

impl From<Version> for VersionView {
    fn from(version: Version) -> Self {
        Self {
            version: version.version,
            statement: version.statement.into(),
            status: version.status,
            changed_at: version.changed_at,
            changed_by: version.changed_by.into(),
        }
    }
}

/// An agent's record.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AgentView {
    pub id: String,
    pub display_name: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub agent_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub status: Trust,
    pub created_at: Timestamp,
}

impl From<AgentRow> for AgentView {
    fn from(agent: AgentRow) -> Self {
        Self {
            id: agent.slug,
            display_name: agent.display_name,
            agent_type: agent.agent_type,
            description: agent.description,
            status: agent.status,
            created_at: agent.created_at,
        }
    }
}

/// Who acts, for people: `agent <id>` or `member <id>`.
#[must_use]
pub fn actor_name(actor: &Actor) -> String {
    match (&actor.agent, actor.member) {
        (Some(agent), _) => format!("agent {}", agent.slug),
        (None, Some(member)) => format!("member {member}"),
        (None, None) => "nobody".to_owned(),
    }
}

/// Reads an id that a caller gave. One that can't be an id names nothing that is there.
///
/// # Errors
/// `NOT_FOUND`, in the same bytes as for an id that is well formed and missing.
pub fn known_id<K: Kind>(what: &'static str, given: &str) -> Result<Id<K>> {
    given.parse().map_err(|_| Error::not_found(what))
}
