//! The activity trail of a team: appended to, read, never changed.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::AgentId;
use crate::identity::chain::{ChainHash, Link, Sealed, Walk};
use crate::identity::event::Event;
use crate::identity::permit::Permit;

/// Which events to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this agent alone; `None` is every agent.
    pub agent: Option<AgentId>,
    /// Of this person, or of this person's own agent.
    pub member: Option<String>,
    /// Of this key alone.
    pub key: Option<String>,
    /// By this one of a key's secrets, from 1. Numbers of different keys have nothing in common.
    pub secret_number: Option<i64>,
    /// Under this session alone.
    pub session: Option<String>,
    pub operation: Option<String>,
    /// On objects of this kind alone.
    pub object_kind: Option<String>,
    /// On this object alone.
    pub object_id: Option<String>,
    /// Which ended so: `done`, or the code of a refusal.
    pub outcome: Option<String>,
    pub after: Option<Timestamp>,
    pub before: Option<Timestamp>,
    /// Only events before this sequence: where the last page ended.
    pub below: Option<i64>,
}

/// A stretch of the chain, without gaps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stretch {
    /// Begins after this sequence.
    pub beyond: i64,
    /// Begins with the first event of then or later.
    pub after: Option<Timestamp>,
    /// Ends with the last event of then or earlier.
    pub before: Option<Timestamp>,
}

/// What can be read of the trail.
pub trait ActivityRead {
    /// Events, newest first, with the slug of the agent that acted. At most `limit`.
    fn events(
        &mut self,
        permit: &Permit,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<Vec<(Sealed, Option<String>)>>;

    /// Sealed events in the order of the chain, beginning after a sequence. At most `limit`.
    fn chain(
        &mut self,
        permit: &Permit,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(Sealed, ChainHash)>>;

    /// A stretch of the chain in its order, each event with both its hashes. At most `limit`.
    ///
    /// Events are nearly in the order of their times, not quite: between the first and the last of
    /// a period may stand some of just before or after it.
    fn links(&mut self, permit: &Permit, stretch: &Stretch, limit: usize) -> Result<Vec<Link>>;

    /// Where the chain ends: its newest event, with its hash as it is stored.
    fn head(&mut self, permit: &Permit) -> Result<Walk>;
}

/// What can be added to the trail.
pub trait ActivityWrite {
    /// Appends an event to the team's chain, in the unit of what it records.
    fn record(&mut self, permit: &Permit, event: &Event) -> Result<()>;
}
