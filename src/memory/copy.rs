//! What an export holds: whole copies, with ids, versions, times and authors as they are.
//!
//! These types are the records of the lossless format, a line each. A field that this program
//! doesn't know is refused rather than lost.

use serde::{Deserialize, Serialize};

use super::decided::{ConflictCopy, RetentionCopy, TeamCopy};
use super::draft::{Draft, limit};
use super::fields::{MemoryType, Provenance, Status, Visibility, Voice};
use super::link::{LinkType, Target};
use super::memory::{Author, IndexedWords, Memory, Statement};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{AgentId, MemberId, MemoryId, SessionId, TeamId};
use crate::core::text;
use crate::identity::actor::{Actor, AgentRef, Trust, check_slug};
use crate::identity::chain::Link;
use crate::identity::key::KeyId;

/// What the lossless format calls itself.
pub const FORMAT: &str = "memoranda";

/// Its version: one more whenever an older program would read it wrongly.
pub const FORMAT_VERSION: i64 = 1;

/// The kinds of credentials, as a rule says them.
const KINDS: &str = "must be one of: key, local, member";

/// The most records that one call gives or takes.
pub const BATCH: usize = 200;

/// A record of an export or an import, after its header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "lowercase")]
pub enum Record {
    Agent(AgentCopy),
    Team(TeamCopy),
    Retention(RetentionCopy),
    Memory(Box<MemoryCopy>),
    Conflict(Box<ConflictCopy>),
    Activity(Box<EventCopy>),
    /// What another program held: no id of ours, no history.
    Draft(Box<DraftCopy>),
}

/// An agent's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentCopy {
    pub id: AgentId,
    pub slug: String,
    pub display_name: String,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub agent_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub status: Trust,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Timestamp>,
}

/// A memory with all its versions, the oldest first. What is seen of it is the last one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryCopy {
    pub id: MemoryId,
    pub created_at: Timestamp,
    /// Whether the team has taken it on.
    pub is_accepted: bool,
    /// Who first wrote it.
    pub author: AuthorCopy,
    /// The session in which it was first written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// Whether it comes from a form that holds the newest version alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_partial: bool,
    pub versions: Vec<VersionCopy>,
    /// What leads from it, by type and target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkCopy>,
    /// Who else said the same, by print and actor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmations: Vec<ConfirmationCopy>,
}

/// A typed edge from a memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkCopy {
    #[serde(rename = "type")]
    pub link_type: LinkType,
    pub to_kind: String,
    pub to_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<MemberId>,
    pub created_at: Timestamp,
}

/// That somebody said the same again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationCopy {
    /// A hash of what was said.
    pub print: String,
    pub actor_id: String,
    pub confirmed_by: AuthorCopy,
    pub confirmed_at: Timestamp,
}

/// One version of a memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionCopy {
    pub version: i64,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    pub changed_at: Timestamp,
    pub changed_by: AuthorCopy,
    /// Which of the key's secrets it was.
    #[serde(rename = "key_generation", default, skip_serializing_if = "Option::is_none")]
    pub secret_number: Option<i64>,
    /// The operation that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    pub statement: Statement,
}

/// Who wrote something, by the ids of records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorCopy {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    /// The slug that the agent's record had, for a reader and for a team that has no such record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<MemberId>,
    /// `key`, `local` or `member`.
    pub credential_kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
}

/// An event of the trail, and the team in whose chain it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCopy {
    pub team: String,
    #[serde(flatten)]
    pub link: Link,
}

/// A statement from elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftCopy {
    pub content: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub memory_type: Option<MemoryType>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<Voice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_ref: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

impl AgentCopy {
    /// Checks what an export could not hold.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the field and its rule.
    pub fn check(&self) -> Result<()> {
        if self.retired_at.is_none() {
            check_slug("slug", &self.slug)?;
        } else if !self.slug.ends_with(&self.rest()) || self.status != Trust::Blocked {
            return Err(Error::invalid("slug", "must be a retired agent's, as it is exported"));
        }
        for (field, given, most) in [
            ("slug", Some(&self.slug), 256),
            ("display_name", Some(&self.display_name), 100),
            ("type", self.agent_type.as_ref(), 64),
            ("description", self.description.as_ref(), 1000),
        ] {
            if given.is_some_and(|text| text::chars(text) > most || text.contains('\0')) {
                let rule = format!("must be at most {most} characters, without the NUL character");
                return Err(Error::invalid(field, rule));
            }
        }
        Ok(())
    }

    /// The same agent in a team where another has its slug: it keeps its memories, and nobody acts
    /// as it.
    #[must_use]
    pub fn set_aside(&self, at: Timestamp) -> Self {
        let slug = format!("{}{}", self.slug, self.rest());
        Self { slug, status: Trust::Blocked, retired_at: Some(at), ..self.clone() }
    }

    /// What follows the slug of a retired agent.
    fn rest(&self) -> String {
        let id = self.id.to_string();
        format!("~{}", id.split_once('_').map_or("", |(_, rest)| rest))
    }
}

impl EventCopy {
    /// Whether it is what was sealed, in the chain of a team.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        let (event, previous) = (&self.link.event, self.link.previous);
        self.team.parse::<TeamId>().is_ok()
            && event.sequence > 0
            && event.hash(previous) == self.link.hash
    }
}

impl AuthorCopy {
    /// A record for an agent that only memories name: nobody has approved it here.
    #[must_use]
    pub fn agent_copy(&self, at: Timestamp) -> Option<AgentCopy> {
        let id = self.agent_id?;
        let named = self.agent.clone().filter(|slug| check_slug("agent", slug).is_ok());
        let copy = AgentCopy {
            id,
            slug: named.clone().unwrap_or_else(|| "imported".to_owned()),
            display_name: named.clone().unwrap_or_default(),
            agent_type: None,
            description: None,
            status: Trust::Pending,
            created_at: at,
            retired_at: None,
        };
        Some(if named.is_some() { copy } else { copy.set_aside(at) })
    }

    fn is_same(&self, other: &Self) -> bool {
        // Slugs are each team's own.
        Self { agent: None, ..self.clone() } == Self { agent: None, ..other.clone() }
    }
}

impl MemoryCopy {
    /// Checks what an export could not hold.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the field and its rule.
    pub fn check(&self) -> Result<()> {
        let Some(first) = self.versions.first() else {
            return Err(Error::invalid("versions", "must have at least 1"));
        };
        let pairs = self.versions.iter().zip(&self.versions[1..]);
        let is_in_order = pairs.clone().all(|(before, after)| before.version < after.version);
        if first.version < 1 || !is_in_order {
            return Err(Error::invalid("versions", "must be in their order, from 1"));
        }
        let moves_on =
            |(before, after): (&VersionCopy, &VersionCopy)| before.changed_at <= after.changed_at;
        if self.created_at > first.changed_at || !pairs.clone().all(moves_on) {
            return Err(Error::invalid("changed_at", "must not be before the version before it"));
        }
        for (at, version) in self.versions.iter().enumerate() {
            check_statement(&version.statement)
                .map_err(|error| error.under(&format!("versions[{at}].statement")))?;
            for label in [&version.status_reason, &version.operation].into_iter().flatten() {
                super::draft::label("status_reason", label.clone())?;
            }
        }
        let mut authors = self.versions.iter().map(|version| &version.changed_by);
        let is_known = |author: &AuthorCopy| {
            ["key", "local", "member"].contains(&author.credential_kind.as_str())
        };
        if !is_known(&self.author) || !authors.all(is_known) {
            return Err(Error::invalid("credential_kind", KINDS));
        }
        for link in &self.links {
            if Target::from_parts(&link.to_kind, &link.to_id).is_none() {
                return Err(Error::invalid("links", "must lead to what this program knows"));
            }
        }
        for confirmation in &self.confirmations {
            super::draft::label("print", confirmation.print.clone())?;
            super::draft::label("actor_id", confirmation.actor_id.clone())?;
            if !is_known(&confirmation.confirmed_by) {
                return Err(Error::invalid("credential_kind", KINDS));
            }
        }
        let status = self.newest().status;
        let fits = match status {
            Status::Active => self.is_accepted,
            Status::Proposed => !self.is_accepted,
            _ => true,
        };
        if !fits {
            return Err(Error::invalid("is_accepted", "must go with the status"));
        }
        Ok(())
    }

    /// What is seen of it: its last version.
    ///
    /// # Panics
    /// Without versions: [`MemoryCopy::check`] refuses that, and no store holds it.
    #[must_use]
    pub fn newest(&self) -> &VersionCopy {
        self.versions.last().expect("a memory has a version")
    }

    /// Whether this, which the team has, is the same as what is given: ids, versions, times and
    /// authors; of what is given in part, the newest statement and its status. Links and
    /// confirmations aren't asked: a team goes on making them.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        if other.is_partial {
            let (here, given) = (self.newest(), other.newest());
            return (here.version, here.status) == (given.version, given.status)
                && here.statement == given.statement;
        }
        let head = |copy: &Self| (copy.id, copy.created_at, copy.is_accepted, copy.session_id);
        let bare = |version: &VersionCopy| VersionCopy {
            changed_by: AuthorCopy::default(),
            ..version.clone()
        };
        let is_same = |(one, two): (&VersionCopy, &VersionCopy)| {
            one.changed_by.is_same(&two.changed_by) && bare(one) == bare(two)
        };
        head(self) == head(other)
            && self.author.is_same(&other.author)
            && self.versions.len() == other.versions.len()
            && self.versions.iter().zip(&other.versions).all(is_same)
    }

    /// Everybody who wrote on it or confirmed it.
    pub fn authors(&self) -> impl Iterator<Item = &AuthorCopy> {
        let changed_by = self.versions.iter().map(|version| &version.changed_by);
        let confirmed_by = self.confirmations.iter().map(|word| &word.confirmed_by);
        std::iter::once(&self.author).chain(changed_by).chain(confirmed_by)
    }

    /// The words by which full text finds it; `None` for what is forgotten.
    #[must_use]
    pub fn words(&self) -> Option<IndexedWords> {
        (self.newest().status != Status::Forgotten).then(|| self.as_memory().words())
    }

    /// The memory as it stands.
    #[must_use]
    pub fn as_memory(&self) -> Memory {
        let newest = self.newest();
        let agent = self
            .author
            .agent_id
            .map(|id| AgentRef { id, slug: self.author.agent.clone().unwrap_or_default() });
        Memory {
            id: self.id,
            version: newest.version,
            status: newest.status,
            status_at: newest.status_at,
            status_reason: newest.status_reason.clone(),
            statement: newest.statement.clone(),
            author: Author {
                actor: Actor { agent, member: self.author.member_id },
                key: self.author.key_id,
                trust: Trust::Approved,
            },
            created_at: self.created_at,
            updated_at: newest.changed_at,
            confirmations: u32::try_from(self.confirmations.len()).unwrap_or(u32::MAX),
        }
    }

    /// What somebody may take over who can't vouch for its history: the text as it stands, and
    /// whence it came. `None` for one that isn't active.
    #[must_use]
    pub fn into_draft(mut self) -> Option<DraftCopy> {
        let newest = self.versions.pop().filter(|newest| newest.status == Status::Active)?;
        let author = self.author.agent.or(self.author.member_id.map(|id| id.to_string()));
        let statement = newest.statement;
        Some(DraftCopy {
            content: statement.content,
            title: Some(statement.title).filter(|_| statement.has_own_title),
            memory_type: Some(statement.memory_type),
            tags: statement.tags,
            confidence: Some(statement.confidence),
            voice: statement.voice,
            source: Some(FORMAT.to_owned()),
            source_ref: Some(match author {
                Some(author) => format!("{} by {author}", self.id),
                None => self.id.to_string(),
            }),
            thread: statement.thread,
            position: statement.position,
            speaker: statement.speaker,
            visibility: Some(statement.visibility),
            occurred_at: statement.occurred_at.or(Some(self.created_at)),
            valid_from: statement.valid_from,
            valid_until: statement.valid_until,
        })
    }
}

impl DraftCopy {
    /// A draft for the rules of writing. However it came to be known there, here it is imported.
    #[must_use]
    pub fn into_draft(self) -> Draft {
        let shown = |at: Option<Timestamp>| at.map(|at| at.to_string());
        Draft {
            content: Some(self.content),
            title: self.title,
            memory_type: self.memory_type,
            tags: Some(self.tags),
            confidence: self.confidence,
            provenance: Some(Provenance::Imported),
            voice: self.voice,
            source: self.source,
            source_ref: self.source_ref,
            thread: self.thread,
            position: self.position,
            speaker: self.speaker,
            visibility: self.visibility,
            occurred_at: shown(self.occurred_at),
            valid_from: shown(self.valid_from),
            valid_until: shown(self.valid_until),
        }
    }
}

/// Holds a statement to the rules of writing, which it passed when it was written.
fn check_statement(statement: &Statement) -> Result<()> {
    if !(0.0..=1.0).contains(&statement.confidence) {
        return Err(Error::invalid("confidence", "must be 0 to 1"));
    }
    if statement.tags.len() > limit::TAGS {
        return Err(Error::invalid("tags", format!("must have at most {} items", limit::TAGS)));
    }
    if statement.position.is_some_and(|position| position < 0) {
        return Err(Error::invalid("position", "must be at least 0"));
    }
    let shown = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let draft = Draft {
        content: Some(statement.content.clone()),
        title: Some(statement.title.clone()),
        memory_type: Some(statement.memory_type),
        tags: Some(statement.tags.clone()),
        confidence: Some(statement.confidence),
        provenance: Some(statement.provenance),
        voice: statement.voice,
        source: statement.source.clone(),
        source_ref: statement.source_ref.clone(),
        thread: statement.thread.clone(),
        position: statement.position,
        speaker: statement.speaker.clone(),
        visibility: Some(statement.visibility),
        occurred_at: shown(statement.occurred_at),
        valid_from: shown(statement.valid_from),
        valid_until: shown(statement.valid_until),
    };
    draft.into_statement(Timestamp::from_millis(0)).map(drop)
}
