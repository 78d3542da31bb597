//! How a new memory is kept: the part of `remember` that runs within the unit, for whatever writes
//! memories.
//!
//! What is held already isn't kept twice: the memory that says it comes back, and whoever else says
//! it confirms it. That is looked up in the unit that would keep it, so of any number that say the
//! same at once one is kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::against::Against;
use super::call::Call;
use super::conflict_open::{self, Found, Opened};
use super::supersede::{self, Allowed, Tie};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{ConflictId, MemoryId};
use crate::identity::permit::Permit;
use crate::memory::draft::Draft;
use crate::memory::duplicate::{RETRIED_WITHIN, adds_nothing};
use crate::memory::fields::{MemoryType, Status};
use crate::memory::memory::{Author, IndexedWords, Memory};
use crate::memory::rights::{check_change, status_after};
use crate::memory::{echo, same};
use crate::recall::Written;
use crate::store::WriteTx;

/// How many memories that say the same are looked at.
const MOST_HELD: usize = 1_000;

/// A memory that is to be kept, made whole before the unit.
#[derive(Debug, Clone)]
pub(super) struct New {
    memory: Memory,
    words: IndexedWords,
    type_chosen: bool,
    ties: Vec<Tie>,
    conflicts: Vec<ConflictId>,
    /// Whether it may be refused without the others.
    pub(super) is_alone: bool,
    /// What it quotes, each way to read it as forms with their prints; `None` where it is kept
    /// whatever is held.
    readings: Option<Vec<Vec<(String, String)>>>,
}

/// A memory that was kept, or was held already.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Kept {
    id: String,
    #[schemars(extend("x-rare" = true))]
    version: i64,
    #[schemars(extend("x-rare" = true))]
    status: Status,
    #[serde(rename = "type")]
    #[schemars(extend("x-rare" = true))]
    memory_type: MemoryType,
    /// Whether the type was chosen by its words
    #[serde(default, skip_serializing_if = "is_false")]
    #[schemars(extend("x-rare" = true))]
    type_chosen: bool,
    /// The id of the memory that says it already; nothing new was kept
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<String>,
    /// Why it is one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-rare" = true))]
    reason: Option<Reason>,
    /// The ids of those that it retired
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-rare" = true))]
    superseded: Vec<String>,
    /// What finds it a little later: `meaning`, for long texts and batches; words find it at once
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-rare" = true))]
    pending: Vec<String>,
    /// With what it seems to contradict; resolve with conflict_resolve
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<Opened>,
    /// Nodes of the strategy that it seems to contradict; it is linked to them
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-rare" = true))]
    against: Vec<Against>,
}

/// Why a statement is held already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Reason {
    /// The same is said already.
    Held,
    /// It quotes what was recalled.
    Recalled,
}

/// What keeping changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Added,
    /// It is held already, and is confirmed or linked now.
    Confirmed,
    Nothing,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(value: &bool) -> bool {
    !value
}

impl New {
    /// A new memory by whoever calls, with what it is linked to.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the field and its rule.
    pub(super) fn of(call: &Call<'_>, draft: Draft, ties: Vec<Tie>) -> Result<Self> {
        let type_chosen = draft.memory_type.is_none();
        let statement = draft.into_statement(call.at)?;
        let author = Author::of(&call.permit);
        let mut memory = Memory::new(call.next_id(), statement, author, call.at);
        let visibility = memory.statement.visibility;
        memory.status = status_after(memory.status, call.permit.role(), visibility);
        let words = memory.words();
        let readings = echo::readings(&memory.statement.content).into_iter().map(|reading| {
            reading.into_iter().map(|said| (same::form(&said), same::print(&said))).collect()
        });
        let readings = Some(readings.collect());
        let conflicts = conflict_open::ids(call);
        Ok(Self { memory, words, type_chosen, ties, conflicts, is_alone: false, readings })
    }

    /// What it says.
    pub(super) fn content(&self) -> &str {
        &self.memory.statement.content
    }

    /// The same, kept whatever is held.
    pub(super) fn even_if_held(self) -> Self {
        Self { readings: None, ..self }
    }

    /// The same, which may be refused without the others.
    pub(super) fn alone(self, is_alone: bool) -> Self {
        Self { is_alone, ..self }
    }

    /// The same, as an item of a batch: what it refuses is named by its place.
    pub(super) fn under(mut self, path: &str) -> Self {
        self.ties = self.ties.into_iter().map(|tie| tie.under(path)).collect();
        self
    }

    /// The prints by which what is held is looked up.
    fn prints(&self) -> impl Iterator<Item = &String> {
        let quoted = self.readings.iter().flatten().flatten().map(|(_, print)| print);
        self.readings.iter().map(|_| &self.words.print).chain(quoted)
    }

    /// The memory among those that are held which says this already.
    fn repeated(&self, held: &Held, permit: &Permit) -> Option<(Memory, Reason)> {
        let readings = self.readings.as_ref()?;
        // What is to be retired can't be what stays, and what it would be linked to needs the right
        // to link it.
        let stays = |held: &&Memory| {
            self.ties.iter().all(|tie| tie.retires() != Some(held.id))
                && (self.ties.is_empty() || check_change(held, permit).is_ok())
        };
        let held: Vec<&Memory> = held.0.iter().filter(stays).collect();
        if let Some(said) = held.iter().find(|held| adds_nothing(&self.memory, held)) {
            return Some(((*said).clone(), Reason::Held));
        }
        let forms: Vec<String> =
            held.iter().map(|held| same::form(&held.statement.content)).collect();
        let of = |said: &String| forms.iter().position(|form| form == said).map(|at| held[at]);
        readings.iter().find_map(|reading| {
            let quoted: Option<Vec<&Memory>> = reading.iter().map(|(form, _)| of(form)).collect();
            Some((quoted?.first().copied()?.clone(), Reason::Recalled))
        })
    }
}

impl Kept {
    /// The id of the memory.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    fn of(memory: &Memory, linked: &supersede::Linked) -> Self {
        Self {
            id: memory.id.to_string(),
            version: memory.version,
            status: memory.status,
            memory_type: memory.statement.memory_type,
            type_chosen: false,
            duplicate_of: None,
            reason: None,
            superseded: linked.retired.iter().map(MemoryId::to_string).collect(),
            pending: Vec::new(),
            conflicts: Vec::new(),
            against: Vec::new(),
        }
    }
}

/// Memories that are held and say what new ones say, as far as one unit knows.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<Memory>);

impl Held {
    /// Those that any of some new memories may repeat.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub(super) fn of<'n>(
        tx: &mut dyn WriteTx,
        permit: &Permit,
        all: impl Iterator<Item = &'n New>,
        at: Timestamp,
    ) -> Result<Self> {
        let mut prints: Vec<String> = all.flat_map(New::prints).cloned().collect();
        prints.sort_unstable();
        prints.dedup();
        if prints.is_empty() {
            return Ok(Self::default());
        }
        let since = at.plus_millis(-RETRIED_WITHIN);
        Ok(Self(tx.held(permit, &prints, since, MOST_HELD)?))
    }
}

/// Keeps a new memory, unless it is held, with its vectors if they are made, and retires what it
/// supersedes. Whatever it refuses, it refuses before it writes.
///
/// # Errors
/// As [`supersede::allowed`].
pub(super) fn keep(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    new: &New,
    held: &mut Held,
    written: &Written,
    at: Timestamp,
) -> Result<(Kept, Change)> {
    if let Some((memory, reason)) = new.repeated(held, permit) {
        return repeat(tx, permit, new, &memory, reason, at);
    }
    let memory = &new.memory;
    let allowed = supersede::allowed(tx, permit, memory, &new.ties)?;
    tx.add_memory(permit, memory, &new.words)?;
    written.put(tx, permit, memory)?;
    let linked = supersede::link(tx, permit, memory.id, &allowed, at)?;
    let Found { conflicts, against } =
        conflict_open::open(tx, permit, None, memory, &new.conflicts, at)?;
    held.0.retain(|held| !linked.retired.contains(&held.id));
    held.0.push(memory.clone());
    let is_pending = written.is_pending(new.content());
    let kept = Kept {
        type_chosen: new.type_chosen,
        pending: is_pending.then(|| "meaning".to_owned()).into_iter().collect(),
        conflicts,
        against,
        ..Kept::of(memory, &linked)
    };
    Ok((kept, Change::Added))
}

/// What is held stays one memory: whoever else says it confirms it, and it takes on what the new
/// one would have been linked to.
fn repeat(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    new: &New,
    memory: &Memory,
    reason: Reason,
    at: Timestamp,
) -> Result<(Kept, Change)> {
    let allowed: Allowed = supersede::allowed(tx, permit, memory, &new.ties)?;
    // An echo of what was recalled is no evidence, and nobody confirms their own word.
    let is_evidence = reason == Reason::Held && !memory.author.is(permit.actor());
    let is_confirmed = is_evidence && tx.confirm(permit, memory, at)?;
    let linked = supersede::link(tx, permit, memory.id, &allowed, at)?;
    let is_changed = is_confirmed || linked.added > 0 || !linked.retired.is_empty();
    let kept = Kept {
        duplicate_of: Some(memory.id.to_string()),
        reason: Some(reason),
        ..Kept::of(memory, &linked)
    };
    Ok((kept, if is_changed { Change::Confirmed } else { Change::Nothing }))
}
