//! How conflicts are found when a memory is written, within the unit that writes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::ConflictId;
use crate::identity::permit::Permit;
use crate::memory::conflict::record::EDITED;
use crate::memory::conflict::{Conflict, ConflictKind, ConflictStatus, Newcomer};
use crate::memory::fields::Status;
use crate::memory::memory::Memory;
use crate::store::WriteTx;
use crate::store::conflicts::ConflictFilter;

/// Conflicts that one memory opens at most: a statement that contradicts more is itself in doubt.
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
    /// The id of the other memory
    with: String,
}

/// Ids for the conflicts of one memory: a unit makes none.
pub(super) fn ids(call: &Call<'_>) -> Vec<ConflictId> {
    (0..MOST).map(|_| call.next_id()).collect()
}

/// Opens a conflict with each memory that can't hold beside the one that was just written, as far as
/// its author sees them.
///
/// # Errors
/// `UNAVAILABLE`.
pub(super) fn open(
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
            opened.push(Opened {
                id: id.to_string(),
                kind: conflict.kind,
                with: existing.id.to_string(),
            });
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
        let Some(other) = tx.memory(permit, conflict.other(memory.id))? else { continue };
        let is_newer = conflict.newer.id == memory.id;
        let (existing, newer) = if is_newer { (&other, memory) } else { (memory, &other) };
        let found = Newcomer::of(newer).and_then(|newer| newer.against(existing));
        // To say the same is no contradiction.
        let still_is = |kind| kind == conflict.kind || kind != ConflictKind::Duplicate;
        if found.is_some_and(|found| still_is(found.kind)) {
            continue;
        }
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
        tx.settle_conflict(permit, &settled, was)?;
    }
    Ok(())
}

/// Whether a memory is one that can be in conflict: it stands, or would if it were accepted.
pub(super) fn is_live(memory: &Memory) -> bool {
    matches!(memory.status, Status::Active | Status::Proposed)
}
