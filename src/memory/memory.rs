//! A memory, its versions, and who wrote them.

use serde::{Deserialize, Serialize};

use super::duplicate::confirmed;
use super::fields::{MemoryType, Provenance, Status, Visibility, Voice};
use super::same;
use crate::core::clock::Timestamp;
use crate::core::id::MemoryId;
use crate::core::text::words;
use crate::identity::actor::{Actor, Trust};
use crate::identity::key::KeyId;
use crate::identity::permit::Permit;

/// What a memory says and what is known about it: the part that a version keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// 1 to 10,000 characters, not blank.
    pub content: String,
    /// Up to 100 characters, one line.
    pub title: String,
    /// Whether the author gave the title; otherwise it is the beginning of the content.
    pub has_own_title: bool,
    #[serde(rename = "type")]
    pub memory_type: MemoryType,
    pub tags: Vec<String>,
    /// 0 to 1.
    pub confidence: f64,
    pub provenance: Provenance,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<Voice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_ref: Option<String>,
    /// The conversation or document it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// Its place in the thread, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Who said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    pub visibility: Visibility,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

impl Statement {
    /// Whether it is a turn of a conversation: it has its place in a thread. What somebody said there
    /// isn't held against other memories.
    #[must_use]
    pub fn is_turn(&self) -> bool {
        self.thread.is_some() && self.position.is_some()
    }
}

/// Who wrote a version: set by the server from the permit, never by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub actor: Actor,
    /// The key that was used, if one was.
    pub key: Option<KeyId>,
    /// What the team thinks of the agent now; a person is always `Approved`.
    pub trust: Trust,
}

impl Author {
    /// The bearer of a permit.
    #[must_use]
    pub fn of(permit: &Permit) -> Self {
        Self {
            actor: permit.actor().clone(),
            key: permit.credential().key(),
            trust: Trust::Approved,
        }
    }

    /// Whether it is this actor. A person's agent is not the person.
    #[must_use]
    pub fn is(&self, actor: &Actor) -> bool {
        match (&self.actor.agent, &actor.agent) {
            (Some(author), Some(agent)) => author.id == agent.id,
            (None, None) => self.actor.member.is_some() && self.actor.member == actor.member,
            _ => false,
        }
    }
}

/// A memory as it stands: its newest version.
#[derive(Debug, Clone, PartialEq)]
pub struct Memory {
    pub id: MemoryId,
    /// From 1, one more with each change.
    pub version: i64,
    pub status: Status,
    /// Since when it has that status; `None` where it never had another.
    pub status_at: Option<Timestamp>,
    /// Why it has that status: a label such as `manual`.
    pub status_reason: Option<String>,
    pub statement: Statement,
    pub author: Author,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// How many others have said the same since.
    pub confirmations: u32,
}

/// One change of a memory, with the statement as it was from then on.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub version: i64,
    pub status: Status,
    pub statement: Statement,
    pub changed_by: Author,
    pub changed_at: Timestamp,
}

impl Memory {
    /// The first version of a new memory.
    #[must_use]
    pub fn new(id: MemoryId, statement: Statement, author: Author, at: Timestamp) -> Self {
        Self {
            id,
            version: 1,
            status: Status::Active,
            status_at: None,
            status_reason: None,
            statement,
            author,
            created_at: at,
            updated_at: at,
            confirmations: 0,
        }
    }

    /// How sure it is, by its author's word and by those who confirmed it.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        confirmed(self.statement.confidence, self.confirmations)
    }

    /// The next version: another statement or status; id, author and creation stay. A status that
    /// stays keeps its time and reason.
    #[must_use]
    pub fn next(&self, statement: Statement, status: Status, at: Timestamp) -> Self {
        let updated_at = at.max(self.updated_at);
        // What others confirmed is the statement of before.
        let is_same = statement.content == self.statement.content
            || same::form(&statement.content) == same::form(&self.statement.content);
        let confirmations = if is_same { self.confirmations } else { 0 };
        let version = self.version + 1;
        let next = Self { version, status, statement, updated_at, confirmations, ..self.clone() };
        if status == self.status {
            return next;
        }
        Self { status_at: Some(updated_at), status_reason: None, ..next }
    }

    /// The same, with the reason of its status.
    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        Self { status_reason: Some(reason.to_owned()), ..self }
    }

    /// The memory as it stood at a moment, from its versions, newest first; `None` where there was
    /// none yet, or it was forgotten then.
    #[must_use]
    pub fn as_of(&self, versions: &[Version], moment: Timestamp) -> Option<Self> {
        let then = versions.iter().find(|version| version.changed_at <= moment)?;
        if matches!(then.status, Status::Forgotten | Status::Quarantined) {
            return None;
        }
        Some(Self {
            version: then.version,
            status: then.status,
            status_at: None,
            status_reason: None,
            statement: then.statement.clone(),
            updated_at: then.changed_at,
            confirmations: 0,
            ..self.clone()
        })
    }

    /// The words by which full text finds it. Words are cut here, so that every engine finds the same.
    #[must_use]
    pub fn words(&self) -> IndexedWords {
        let statement = &self.statement;
        let mut labels = statement.tags.join(" ");
        for name in [&statement.speaker, &statement.source].into_iter().flatten() {
            labels.push(' ');
            labels.push_str(name);
        }
        IndexedWords {
            // A title that is the beginning of the content would count its words twice.
            title: if statement.has_own_title {
                words::document(&statement.title)
            } else {
                String::new()
            },
            labels: words::document(&labels),
            content: words::document(&statement.content),
            print: same::print(&statement.content),
            is_turn: statement.is_turn(),
        }
    }
}

/// What full text holds of a memory: words separated by spaces, a field for each weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedWords {
    pub title: String,
    /// Tags, speaker and source.
    pub labels: String,
    pub content: String,
    /// By which the same statement is found.
    pub print: String,
    /// Whether it is a turn of a conversation: those are passed over where conflicts are looked for.
    pub is_turn: bool,
}
