//! The chain of a team's events, sealed so that tampering shows.
//!
//! Each event holds the hash of the one before it in its team. Changing, removing or inserting one
//! breaks every hash after it; cutting off the newest shows to whoever noted an older head.
//! `ARCHITECTURE.md` has the recipe of the hash, for programs that check an export themselves.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::event::Event;
use super::permit::Permit;
use crate::core::clock::Timestamp;

/// SHA-256 of an event and of the hash before it. Shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ChainHash(pub [u8; 32]);

impl ChainHash {
    /// What the first event of a team follows.
    pub const GENESIS: Self = Self([0; 32]);
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAHash;

impl FromStr for ChainHash {
    type Err = NotAHash;
    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let mut hash = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAHash);
        }
        for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = str::from_utf8(digits).map_err(|_| NotAHash)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| NotAHash)?;
        }
        Ok(Self(hash))
    }
}

impl Serialize for ChainHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ChainHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("must be 64 hexadecimal digits"))
    }
}

impl JsonSchema for ChainHash {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ChainHash".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

/// The columns of an event in the order they are hashed: what is stored is what is sealed, and what
/// is exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sealed {
    /// Its place in the team's chain, from 1
    pub sequence: i64,
    #[serde(rename = "id")]
    pub event_id: String,
    pub at: Timestamp,
    /// The agent's record
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<String>,
    pub credential_kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// Which of the key's secrets acted, from 1; absent in events from before it was kept
    #[serde(rename = "key_generation", default, skip_serializing_if = "Option::is_none")]
    pub secret_number: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    pub operation: String,
    pub object_kind: String,
    pub object_id: String,
    /// `done`, or the code of the refusal
    pub outcome: String,
    pub request_id: String,
    /// JSON as text, byte for byte as it was sealed
    pub summary: String,
}

impl Sealed {
    /// An event as its row will hold it.
    #[must_use]
    pub fn new(permit: &Permit, event: &Event, sequence: i64) -> Self {
        let (actor, credential) = (permit.actor(), permit.credential());
        Self {
            sequence,
            event_id: event.id.to_string(),
            at: event.at,
            agent_id: actor.agent.as_ref().map(|agent| agent.id.to_string()),
            member_id: actor.member.map(|member| member.to_string()),
            credential_kind: credential.kind().to_owned(),
            key_id: credential.key().map(|key| key.to_string()),
            secret_number: credential.secret_number(),
            session_id: credential.session().map(|session| session.to_string()),
            operation: permit.operation().to_owned(),
            object_kind: event.act.object_kind.to_owned(),
            object_id: event.act.object_id.clone(),
            outcome: event.outcome.as_str().to_owned(),
            request_id: event.request.to_string(),
            summary: event.act.summary.to_string(),
        }
    }

    /// The hash of this event, following `previous`.
    #[must_use]
    pub fn hash(&self, previous: ChainHash) -> ChainHash {
        let mut hash = Sha256::new();
        hash.update(b"memoranda activity v1");
        hash.update(previous.0);
        hash.update(self.sequence.to_be_bytes());
        hash.update(self.at.as_millis().to_be_bytes());
        for part in [
            Some(&self.event_id),
            self.agent_id.as_ref(),
            self.member_id.as_ref(),
            Some(&self.credential_kind),
            self.key_id.as_ref(),
            Some(&self.operation),
            Some(&self.object_kind),
            Some(&self.object_id),
            Some(&self.outcome),
            Some(&self.request_id),
            Some(&self.summary),
        ] {
            // Lengths keep neighbouring fields apart; an absent one differs from an empty one.
            match part {
                None => hash.update(u64::MAX.to_be_bytes()),
                Some(text) => add_text(&mut hash, text),
            }
        }
        // Came later: each under a tag of its own and only where present, so that what was sealed
        // before keeps its hash. The parts above are always eleven, so nothing of them reads as a tag.
        if let Some(number) = self.secret_number {
            hash.update([1]);
            hash.update(number.to_be_bytes());
        }
        if let Some(session) = &self.session_id {
            hash.update([2]);
            add_text(&mut hash, session);
        }
        ChainHash(hash.finalize().into())
    }
}

fn add_text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text);
}

/// An event with both its hashes: enough to check it by itself, and that it follows another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    #[serde(flatten)]
    pub event: Sealed,
    /// The hash of the event before it; zeros before the first
    pub previous: ChainHash,
    /// The hash of this one
    pub hash: ChainHash,
}

/// How an event fails to follow the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Break {
    /// Its number isn't the next one: events before it are missing, or stand elsewhere.
    Missing,
    /// It, or the hash before it, is not what was sealed.
    Altered,
}

/// A walk along a chain, an event at a time.
#[derive(Debug, Clone, Copy)]
pub struct Walk {
    /// The last event that was passed.
    pub sequence: i64,
    /// Its hash.
    pub head: ChainHash,
}

impl Walk {
    /// Before the first event of a team.
    pub const BEGINNING: Self = Self { sequence: 0, head: ChainHash::GENESIS };

    /// Passes the next event.
    ///
    /// # Errors
    /// How it fails to follow; the walk stays where it was.
    pub fn pass(&mut self, event: &Sealed, hash: ChainHash) -> Result<(), Break> {
        if event.sequence != self.sequence.saturating_add(1) {
            return Err(Break::Missing);
        }
        if event.hash(self.head) != hash {
            return Err(Break::Altered);
        }
        *self = Self { sequence: event.sequence, head: hash };
        Ok(())
    }
}

/// Checks a team's chain from its beginning; gives the sequence of the first event that doesn't fit.
pub fn first_break<'a>(events: impl IntoIterator<Item = (&'a Sealed, ChainHash)>) -> Option<i64> {
    let mut walk = Walk::BEGINNING;
    let mut events = events.into_iter();
    events.find(|(event, hash)| walk.pass(event, *hash).is_err()).map(|(event, _)| event.sequence)
}

#[cfg(test)]
mod tests;
