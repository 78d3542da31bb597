//! What hangs on the hits of `recall`: memories one link away from them.
//!
//! They come after the hits and carry no score, as nothing of the question speaks for them. What was
//! asked to be of a type, a time or an author is looked for, not what hangs on it; so of the filter
//! the status and the visibility hold for them, and the rest doesn't.

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::link::{Link, LinkType};
use crate::memory::memory::Memory;
use crate::memory::search::Filter;
use crate::store::ReadTx;

/// Which links are followed, as callers say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Relation {
    /// Every one
    All,
    DerivesFrom,
    Supports,
    Contradicts,
    Supersedes,
    RelatesTo,
}

/// By which link a memory was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Via {
    /// The hit that it hangs on
    id: String,
    relation: LinkType,
    direction: Direction,
}

/// Which way a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Direction {
    /// From the hit to this memory
    Outgoing,
    /// From this memory to the hit
    Incoming,
}

/// How many hits are asked about at once, and the most links that are looked through for these: a
/// hit on which everything hangs keeps nothing from the others.
const AT_ONCE: usize = 10;
const MOST_LINKS: usize = 1_000;

impl Relation {
    fn is(self, link_type: LinkType) -> bool {
        match self {
            Relation::All => true,
            Relation::DerivesFrom => link_type == LinkType::DerivesFrom,
            Relation::Supports => link_type == LinkType::Supports,
            Relation::Contradicts => link_type == LinkType::Contradicts,
            Relation::Supersedes => link_type == LinkType::Supersedes,
            Relation::RelatesTo => link_type == LinkType::RelatesTo,
        }
    }
}

/// The memories that hang on some hits and are none themselves, in the order of the hits, each once;
/// at most `limit`.
///
/// # Errors
/// As [`Call::read`].
pub(super) async fn hanging(
    call: &Call<'_>,
    hits: Vec<MemoryId>,
    relations: Vec<Relation>,
    filter: Filter,
    limit: usize,
) -> Result<Vec<(Memory, Via)>> {
    call.read(move |tx, permit| {
        let mut known: HashSet<MemoryId> = hits.iter().copied().collect();
        let mut found = Vec::new();
        for some in hits.chunks(AT_ONCE) {
            let reached = reached(tx, permit, some, &relations)?;
            let new: Vec<_> = reached.into_iter().filter(|(id, _)| known.insert(*id)).collect();
            let ids: Vec<MemoryId> = new.iter().map(|(id, _)| *id).collect();
            let memories = tx.memories_by_id(permit, &ids, &filter)?;
            let mut memories: HashMap<MemoryId, Memory> =
                memories.into_iter().map(|memory| (memory.id, memory)).collect();
            let seen = new.into_iter().filter_map(|(id, via)| Some((memories.remove(&id)?, via)));
            found.extend(seen);
            if found.len() >= limit {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    })
    .await
}

/// What links lead to from these hits and to them, in the order of the hits.
fn reached(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    hits: &[MemoryId],
    relations: &[Relation],
) -> Result<Vec<(MemoryId, Via)>> {
    let links = tx.links_of(permit, hits, MOST_LINKS)?;
    let wanted = |link: &Link| relations.iter().any(|relation| relation.is(link.link_type));
    let links: Vec<Link> = links.into_iter().map(|linked| linked.link).filter(wanted).collect();
    let of = |hit: MemoryId| {
        links.iter().filter_map(move |link| {
            let to = link.to.memory();
            let (other, direction) = match hit {
                _ if hit == link.from => (to?, Direction::Outgoing),
                _ if Some(hit) == to => (link.from, Direction::Incoming),
                _ => return None,
            };
            let via = Via { id: hit.to_string(), relation: link.link_type, direction };
            Some((other, via))
        })
    };
    Ok(hits.iter().flat_map(|hit| of(*hit)).collect())
}
