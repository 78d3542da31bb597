//! The memories that speak for nodes and tasks, or against them.

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::Serialize;

use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::fields::Status;
use crate::memory::link::{LinkType, Target};
use crate::memory::memory::Memory;
use crate::store::ReadTx;

/// How many links are read.
const MOST: usize = 1_000;

/// How many memories are shown of one node or task.
const MOST_OF_ONE: usize = 20;

/// A memory that is linked to a node or task.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemoryLine {
    id: String,
    /// What it is to it: `supports` speaks for it, `contradicts` against it
    relation: LinkType,
    title: String,
    status: Status,
}

/// The memories that are linked to each of these and still stand, those first that speak against it.
///
/// # Errors
/// As the store.
pub(super) fn linked(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    work: &[Target],
) -> Result<BTreeMap<Target, Vec<MemoryLine>>> {
    let mut links = tx.links_to(permit, work, MOST)?;
    links.sort_by_key(|linked| match linked.link.link_type {
        LinkType::Contradicts => 0,
        LinkType::Supports => 1,
        _ => 2,
    });
    let mut ids: Vec<MemoryId> = links.iter().map(|linked| linked.link.from).collect();
    ids.sort_unstable();
    ids.dedup();
    let memories = tx.memories_of(permit, &ids)?;
    let memories: HashMap<MemoryId, Memory> =
        memories.into_iter().map(|memory| (memory.id, memory)).collect();
    let mut shown: BTreeMap<Target, Vec<MemoryLine>> = BTreeMap::new();
    for link in links.iter().map(|linked| linked.link) {
        let stands = |memory: &&Memory| matches!(memory.status, Status::Active | Status::Proposed);
        let Some(memory) = memories.get(&link.from).filter(stands) else { continue };
        let of_one = shown.entry(link.to).or_default();
        if of_one.len() < MOST_OF_ONE {
            of_one.push(MemoryLine {
                id: memory.id.to_string(),
                relation: link.link_type,
                title: memory.statement.title.clone(),
                status: memory.status,
            });
        }
    }
    Ok(shown)
}
