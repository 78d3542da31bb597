//! Identifiers: a prefix that says what it is, and a ULID (<https://github.com/ulid/spec>).
//!
//! Ids are made before a unit of work begins, and sort by the time they were made.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Mutex;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ulid::Ulid;

use super::clock::Timestamp;

/// Which kind of thing an id names.
pub trait Kind {
    /// What its ids begin with, the underscore included.
    const PREFIX: &'static str;
}

/// The id of a thing of kind `K`: `mem_01JD8…`.
pub struct Id<K>(Ulid, PhantomData<fn() -> K>);

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $alias:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $kind {}
        impl Kind for $kind { const PREFIX: &'static str = $prefix; }
        $(#[$doc])*
        pub type $alias = Id<$kind>;
    )*};
}

// A macro, because a type alias and its marker are one fact and must not drift apart.
kinds! {
    /// A tenant.
    TeamKind, TeamId = "team_";
    /// A person.
    MemberKind, MemberId = "mbr_";
    /// An agent's record; what callers see of it is its slug.
    AgentKind, AgentId = "agt_";
    /// A memory.
    MemoryKind, MemoryId = "mem_";
    /// Two memories that can't both hold.
    ConflictKind, ConflictId = "cfl_";
    /// A node of the strategy.
    NodeKind, NodeId = "nod_";
    /// A task.
    TaskKind, TaskId = "tsk_";
    /// What was said about something.
    CommentKind, CommentId = "cmt_";
    /// An activity event.
    EventKind, EventId = "evt_";
    /// An agent's session.
    SessionKind, SessionId = "sess_";
    /// One token of a session; each extension and renewal makes another.
    TokenKind, TokenId = "tok_";
    /// What signs a team's session tokens: the `kid` of their headers.
    SigningKeyKind, SigningKeyId = "sgn_";
    /// One request, from the wire to the answer.
    RequestKind, RequestId = "req_";
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", K::PREFIX, self.0)
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not an id of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let ulid = text.strip_prefix(K::PREFIX).ok_or(NotAnId)?;
        Ulid::from_string(ulid).map(|ulid| Self(ulid, PhantomData)).map_err(|_| NotAnId)
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|NotAnId| serde::de::Error::custom("must be an id of its kind"))
    }
}

/// Makes ids that grow, even within one millisecond.
#[derive(Debug, Default)]
pub struct Ids(Mutex<u128>);

impl Ids {
    /// A new id. Random in its last 80 bits, unless it must follow one of the same millisecond.
    ///
    /// # Panics
    /// When the operating system gives no randomness: nothing safe can be done then.
    pub fn next<K: Kind>(&self, now: Timestamp) -> Id<K> {
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random[6..]).expect("the operating system gives randomness");
        let millis = u128::from(now.as_millis().max(0).unsigned_abs());
        let fresh = (millis << 80) | u128::from_be_bytes(random);

        let mut last = self.0.lock().expect("no id was being made when a thread panicked");
        // A clock that stands still or steps back must not make ids that sort before older ones.
        *last = if fresh > *last { fresh } else { *last + 1 };
        Id(Ulid(*last), PhantomData)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_within_one_millisecond() {
        let ids = Ids::default();
        let now = Timestamp::from_millis(1_700_000_000_000);

        let made: Vec<MemoryId> = (0..1000).map(|_| ids.next(now)).collect();

        assert!(made.windows(2).all(|pair| pair[0].to_string() < pair[1].to_string()));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id: MemoryId = Ids::default().next(Timestamp::from_millis(1));

        assert_eq!(id.to_string().parse::<MemoryId>(), Ok(id));
        assert_eq!(id.to_string().parse::<AgentId>(), Err(NotAnId));
        assert_eq!("mem_notaulid".parse::<MemoryId>(), Err(NotAnId));
    }
}
