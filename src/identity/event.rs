//! The activity trail: what was done, by whom, when, chained so that tampering shows.
//!
//! Each event holds the hash of the one before it in its team. Changing, removing or inserting one
//! breaks every hash after it.

use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::permit::Permit;
use crate::core::clock::Timestamp;
use crate::core::error::Code;
use crate::core::id::{EventId, RequestId};

/// What an operation did, for the trail: said by the operation, completed by the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// What kind of thing it was done to: `memory`, `key`, `agent`.
    pub object_kind: &'static str,
    /// Which one; of many, the first.
    pub object_id: String,
    /// Facts for a reader, free of credentials and of long text.
    pub summary: Value,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Refused before anything ran, with the error's code.
    Refused(Code),
}

impl Outcome {
    /// The name in the store and on the wire: `done`, or the code of the refusal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused(code) => code.as_str(),
        }
    }
}

/// One event before it takes its place in the chain.
#[derive(Debug, Clone)]
pub struct Event {
    pub id: EventId,
    pub at: Timestamp,
    pub request: RequestId,
    pub outcome: Outcome,
    pub act: Act,
}

/// SHA-256 of an event and of the hash before it.
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

/// The columns of an event in the order they are hashed: what is stored is what is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub sequence: i64,
    pub event_id: String,
    pub at: Timestamp,
    pub agent_id: Option<String>,
    pub member_id: Option<String>,
    pub credential_kind: String,
    pub key_id: Option<String>,
    pub operation: String,
    pub object_kind: String,
    pub object_id: String,
    pub outcome: String,
    pub request_id: String,
    /// JSON text, byte for byte as stored.
    pub summary: String,
}

impl Sealed {
    /// An event as its row will hold it.
    #[must_use]
    pub fn new(permit: &Permit, event: &Event, sequence: i64) -> Self {
        let actor = permit.actor();
        Self {
            sequence,
            event_id: event.id.to_string(),
            at: event.at,
            agent_id: actor.agent.as_ref().map(|agent| agent.id.to_string()),
            member_id: actor.member.map(|member| member.to_string()),
            credential_kind: permit.credential().kind().to_owned(),
            key_id: permit.credential().key().map(|key| key.to_string()),
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
                Some(text) => {
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text);
                }
            }
        }
        ChainHash(hash.finalize().into())
    }
}

/// Checks a team's chain from its beginning; gives the sequence of the first event that doesn't fit.
pub fn first_break<'a>(events: impl IntoIterator<Item = (&'a Sealed, ChainHash)>) -> Option<i64> {
    let mut previous = ChainHash::GENESIS;
    for (expected, (event, hash)) in (1..).zip(events) {
        if event.sequence != expected || event.hash(previous) != hash {
            return Some(event.sequence);
        }
        previous = hash;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(sequence: i64) -> Sealed {
        Sealed {
            sequence,
            event_id: format!("evt_{sequence}"),
            at: Timestamp::from_millis(1_000 + sequence),
            agent_id: Some("agt_1".to_owned()),
            member_id: None,
            credential_kind: "key".to_owned(),
            key_id: Some("abcdefghijkl".to_owned()),
            operation: "remember".to_owned(),
            object_kind: "memory".to_owned(),
            object_id: format!("mem_{sequence}"),
            outcome: "done".to_owned(),
            request_id: "req_1".to_owned(),
            summary: "{}".to_owned(),
        }
    }

    fn chain(length: i64) -> Vec<(Sealed, ChainHash)> {
        let mut previous = ChainHash::GENESIS;
        (1..=length)
            .map(|sequence| {
                let event = event(sequence);
                previous = event.hash(previous);
                (event, previous)
            })
            .collect()
    }

    fn check(chain: &[(Sealed, ChainHash)]) -> Option<i64> {
        first_break(chain.iter().map(|(event, hash)| (event, *hash)))
    }

    #[test]
    fn an_untouched_chain_holds() {
        assert_eq!(check(&chain(20)), None);
    }

    #[test]
    fn an_altered_removed_or_swapped_event_shows() {
        let mut altered = chain(20);
        altered[7].0.summary = "{\"x\":1}".to_owned();
        let mut removed = chain(20);
        removed.remove(4);
        let mut swapped = chain(20);
        swapped.swap(9, 10);

        assert_eq!(check(&altered), Some(8));
        assert_eq!(check(&removed), Some(6));
        assert_eq!(check(&swapped), Some(11));
    }
}
