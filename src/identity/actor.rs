//! Who acts, and by which credential: what is written beside everything that is changed.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::key::KeyId;
use crate::core::error::Error;
use crate::core::id::{AgentId, MemberId, SessionId};

/// An agent as a principal carries it: its record, and the slug that callers see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRef {
    pub id: AgentId,
    pub slug: String,
}

/// Who acts: an agent, a member, or a member's own agent (then both).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub agent: Option<AgentRef>,
    pub member: Option<MemberId>,
}

impl Actor {
    /// The one id by which an actor is told from every other: the agent's record, or the member in
    /// person.
    #[must_use]
    pub fn id(&self) -> String {
        let member = || self.member.map(|member| member.to_string()).unwrap_or_default();
        self.agent.as_ref().map_or_else(member, |agent| agent.id.to_string())
    }
}

/// How the request proved itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// An API key, and which of its secrets: each rotation counts one up, and a rotated secret
    /// must not act in flight either. With a session, the request proved itself by that session's
    /// token, which the key's secret of that number has made.
    Key { id: KeyId, secret_number: i64, session: Option<SessionId> },
    /// The owner of the embedded database, on the machine where it lies: `stdio` and the command
    /// line. Whoever can open the file has it.
    Local,
    /// A member who signed in, under the role, standing and password of then: each change of one
    /// of them counts the number up.
    Member { id: MemberId, change_number: i64 },
    /// The server itself, which keeps to what the team has decided while nobody asks. Nothing that
    /// comes from outside signs in so.
    System,
}

impl Credential {
    /// The kind, as the store and the activity trail write it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Credential::Key { .. } => "key",
            Credential::Local => "local",
            Credential::Member { .. } => "member",
            Credential::System => "system",
        }
    }

    /// The session, where a session token was the proof.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match self {
            Credential::Key { session, .. } => *session,
            Credential::Local | Credential::Member { .. } | Credential::System => None,
        }
    }

    /// Which of the key's secrets it was, or its session came from.
    #[must_use]
    pub const fn secret_number(&self) -> Option<i64> {
        match self {
            Credential::Key { secret_number, .. } => Some(*secret_number),
            Credential::Local | Credential::Member { .. } | Credential::System => None,
        }
    }

    /// The key, if it is one.
    #[must_use]
    pub const fn key(&self) -> Option<KeyId> {
        match self {
            Credential::Key { id, .. } => Some(*id),
            Credential::Local | Credential::Member { .. } | Credential::System => None,
        }
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credential::Key { id, session: None, .. } => write!(f, "key {id}"),
            Credential::Key { id, session: Some(session), .. } => {
                write!(f, "key {id} in {session}")
            }
            Credential::Local => f.write_str("local"),
            Credential::Member { id, .. } => write!(f, "member {id}"),
            Credential::System => f.write_str("system"),
        }
    }
}

/// Whether an agent may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Trust {
    Pending,
    Approved,
    Blocked,
}

impl Trust {
    /// The name on the wire and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Trust::Pending => "pending",
            Trust::Approved => "approved",
            Trust::Blocked => "blocked",
        }
    }

    /// Reads [`Trust::as_str`]; anything else is `Blocked`, the safe reading.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "pending" => Trust::Pending,
            "approved" => Trust::Approved,
            _ => Trust::Blocked,
        }
    }
}

/// How agents that are new to a team begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum TrustPolicy {
    /// Approved at once.
    Automatic,
    /// Pending, until an admin approves them.
    Approval,
}

impl TrustPolicy {
    /// The name on the wire and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            TrustPolicy::Automatic => "automatic",
            TrustPolicy::Approval => "approval",
        }
    }

    /// Reads [`TrustPolicy::as_str`]; anything else is `Approval`, the safe reading.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text == "automatic" { TrustPolicy::Automatic } else { TrustPolicy::Approval }
    }

    /// The standing in which a new agent begins.
    #[must_use]
    pub const fn new_agent(self) -> Trust {
        match self {
            TrustPolicy::Automatic => Trust::Approved,
            TrustPolicy::Approval => Trust::Pending,
        }
    }
}

/// Checks a slug that a caller chose for an agent: `^[A-Za-z0-9_-]{1,64}$`.
///
/// # Errors
/// `INVALID_ARGUMENT` naming the field.
pub fn check_slug(field: &str, slug: &str) -> Result<(), Error> {
    let is_valid = (1..=64).contains(&slug.len())
        && slug.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if is_valid {
        return Ok(());
    }
    Err(Error::invalid(field, "must be 1 to 64 of the characters A-Z a-z 0-9 _ -"))
}
