//! How conflicts are found when a memory is written, within the unit that writes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::against::{self, Against, speaks};
use super::call::Call;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::ConflictId;
use crate::identity::permit::Permit;
use crate::memory::conflict::record::EDITED;
use crate::memory::conflict::{Conflict, ConflictKind, ConflictStatus, Existing, Newcomer};
use crate::memory::fields::Status;
use crate::memory::memory::Memory;
use crate::store::WriteTx;
use crate::store::conflicts::ConflictFilter;

/// Conflicts that one memory opens at most, with memories and with nodes: a statement that contradicts
/// more is itself in doubt.
const MOST: usize = 5;

/// Memories that are compared: those that share two things, and those that share a name alone.
const COMPARED: [usize; 2] = [16, 8];

/// Conflicts of one memory that are looked at again when it changes.
const LOOKED_AT: usize = 50;

/// A conflict that writing a memory opened.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Opened {
    id: String,
    kind: ConflictKind,
    /// The id of the other memory, or of the node
    with: String,
}

impl Opened {
    pub(super) fn of(conflict: &Conflict, with: impl ToString) -> Self {
        Self { id: conflict.id.to_string(), kind: conflict.kind, with: with.to_string() }
    }
}

/// What a memory was found to contradict.
pub(super) struct Found {
    pub(super) conflicts: Vec<Opened>,
    pub(super) against: Vec<Against>,
}

/// Ids for the conflicts of one memory, with memories and with nodes: a unit makes none.
pub(super) fn ids(call: &Call<'_>) -> Vec<ConflictId> {
    (0..2 * MOST).map(|_| call.next_id()).collect()
}

/// Opens a conflict with each memory that can't hold beside the one that was just written, as far as
/// its author sees them, and with each node of the strategy that it has come to contradict since what
/// was there before it.
///
/// # Errors
/// `UNAVAILABLE`.
pub(super) fn open(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    before: Option<&Memory>,
    memory: &Memory,
    ids: &[ConflictId],
    at: Timestamp,
) -> Result<Found> {
    let (of_memories, of_nodes) = ids.split_at(MOST.min(ids.len()));
    let mut conflicts = with_memories(tx, permit, memory, of_memories, at)?;
    let (opened, against) = against::open(tx, permit, before, memory, of_nodes, at)?;
    conflicts.extend(opened);
    Ok(Found { conflicts, against })
}

fn with_memories(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    memory: &Memory,
    ids: &[ConflictId],
    at: Timestamp,
) -> Result<Vec<Opened>> {
    if !is_live(memory) {
        return Ok(Vec::new());
    }
    let Some(newcomer) = Newcomer::of(memory) else { return Ok(Vec::new()) };
    let mut compared: Vec<Memory> = Vec::new();
    for (sought, most) in newcomer.sought().iter().zip(COMPARED) {
        for found in tx.memories_holding(permit, sought, memory.id, most)? {
            if compared.iter().all(|known| known.id != found.id) {
                compared.push(found);
            }
        }
    }
    let found = compared.iter().filter_map(|old| Some((old, newcomer.against(old)?)));
    let mut opened = Vec::new();
    for ((existing, finding), id) in found.zip(ids) {
        let conflict = Conflict::new(*id, finding, existing, memory, at);
        if tx.open_conflict(permit, &conflict)? {
            opened.push(Opened::of(&conflict, existing.id));
        }
    }
    Ok(opened)
}

/// Looks again at the conflicts of a memory that says something else now: those that are none any
/// more resolve themselves.
///
/// # Errors
/// `UNAVAILABLE`.
pub(super) fn look_again(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    memory: &Memory,
    at: Timestamp,
) -> Result<()> {
    let statuses = ConflictStatus::WAITING.to_vec();
    let filter = ConflictFilter { statuses, memory: Some(memory.id), ..ConflictFilter::default() };
    for conflict in tx.conflicts(permit, &filter, LOOKED_AT)? {
        let found = match conflict.existing {
            Existing::Node(side) => {
                let Some(node) = tx.node(permit, side.id)? else { continue };
                speaks(Newcomer::of(memory).as_ref(), &node.statement)
            }
            Existing::Memory(side) => {
                let is_newer = conflict.newer.id == memory.id;
                let other = if is_newer { side.id } else { conflict.newer.id };
                let Some(other) = tx.memory(permit, other)? else { continue };
                let (existing, newer) = if is_newer { (&other, memory) } else { (memory, &other) };
                Newcomer::of(newer).and_then(|newer| newer.against(existing))
            }
        };
        // To say the same is no contradiction.
        let still_is = |kind| kind == conflict.kind || kind != ConflictKind::Duplicate;
        if found.is_none_or(|found| !still_is(found.kind)) {
            settle_edited(tx, permit, conflict, at)?;
        }
    }
    Ok(())
}

/// Settles a conflict whose two can hold now.
///
/// # Errors
/// `UNAVAILABLE`.
pub(super) fn settle_edited(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    conflict: Conflict,
    at: Timestamp,
) -> Result<()> {
    let was = conflict.status;
    let settled = Conflict {
        status: ConflictStatus::AutoResolved,
        resolution: None,
        content: None,
        reason: Some(EDITED.to_owned()),
        decided_by: None,
        decided_at: Some(at),
        ..conflict
    };
    tx.settle_conflict(permit, &settled, was).map(|_| ())
}

/// Whether a memory is one that can be in conflict: it stands, or would if it were accepted.
pub(super) fn is_live(memory: &Memory) -> bool {
    matches!(memory.status, Status::Active | Status::Proposed)
}
