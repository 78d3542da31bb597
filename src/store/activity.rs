//! The activity trail of a team: appended to, read, never changed.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::AgentId;
use crate::identity::event::{ChainHash, Event, Sealed};
use crate::identity::permit::Permit;

/// Which events to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this agent alone; `None` is every agent.
    pub agent: Option<AgentId>,
    /// Of this key alone.
    pub key: Option<String>,
    pub operation: Option<String>,
    /// On this object alone.
    pub object_id: Option<String>,
    pub after: Option<Timestamp>,
    pub before: Option<Timestamp>,
    /// Only events before this sequence: where the last page ended.
    pub below: Option<i64>,
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
}

/// What can be added to the trail.
pub trait ActivityWrite {
    /// Appends an event to the team's chain, in the unit of what it records.
    fn record(&mut self, permit: &Permit, event: &Event) -> Result<()>;
}
