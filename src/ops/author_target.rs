//! What hiding, releasing and rolling back an author's memories share: whom and when, each memory in
//! its turn, and what is answered and written down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::key_target::key_id;
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::identity::event::Act;
use crate::identity::permit::{Oversight, Permit};
use crate::memory::draft::{End, moment};
use crate::memory::fields::{Status, Visibility};
use crate::memory::memory::Memory;
use crate::memory::undo::{self, RollBack, Standing, Step, Why};
use crate::store::WriteTx;
use crate::store::activity::EventFilter;
use crate::store::authorship::{Authorship, By};

/// How many memories one call undoes at most: the unit holds up every other writer.
const MOST: usize = 10_000;

/// How many ids stand in the event.
const NAMED: usize = 10;

/// Whose memories, of when.
#[derive(Clone, Deserialize, JsonSchema)]
pub struct Input {
    /// What this agent wrote, by its id; or else `key_id`
    #[schemars(length(min = 1, max = 100))]
    agent: Option<String>,
    /// What was written with this key: the 12 characters after memo_
    #[schemars(length(min = 1, max = 64))]
    key_id: Option<String>,
    /// With this one of the key's secrets alone; 1 is the first
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_i64))]
    key_generation: Option<i64>,
    /// From then on, ISO 8601 or words
    after: Option<String>,
    /// Up to then, ISO 8601 or words
    before: Option<String>,
    /// True: say what would be done, and do nothing
    dry_run: Option<bool>,
    /// How many memories the answer lists; 100 if left out. All are counted, and all are undone
    #[schemars(range(min = 1, max = 10_000))]
    limit: Option<u32>,
}

/// What was done, or would be.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Output {
    /// Whether nothing was done
    dry_run: bool,
    /// How many memories, by what became of them
    counts: Counts,
    /// In the order in which they were first written
    memories: Vec<Entry>,
    /// Whether there are more than are listed
    more: bool,
    /// What else the author did in the period, which this can't undo
    #[serde(skip_serializing_if = "Option::is_none")]
    not_undone: Option<Vec<OtherAct>>,
}

/// How many memories, by what became of them.
#[derive(Clone, Copy, Default, Serialize, JsonSchema)]
pub struct Counts {
    quarantined: u64,
    released: u64,
    restored: u64,
    forgotten: u64,
    skipped: u64,
}

/// What became of one memory.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Entry {
    id: String,
    /// Absent where the memory is its author's alone
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    action: Action,
    /// Why it is skipped
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    /// Its newest version before
    from_version: i64,
    /// The version that came back
    #[serde(skip_serializing_if = "Option::is_none")]
    to_version: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Action {
    Quarantine,
    Release,
    Restore,
    Forget,
    Skip,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Reason {
    /// Somebody else changed it since, or the author outside the period
    ChangedSince,
    /// It was rolled back before
    RolledBack,
    /// The author made it and forgot it
    Forgotten,
    /// It is quarantined already
    Quarantined,
    /// It isn't quarantined
    NotQuarantined,
    /// It says again what it said before the author
    Unchanged,
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        match why {
            Why::ChangedSince => Reason::ChangedSince,
            Why::RolledBack => Reason::RolledBack,
            Why::Forgotten => Reason::Forgotten,
        }
    }
}

/// An operation, and how often it was done.
#[derive(Clone, Serialize, JsonSchema)]
pub struct OtherAct {
    operation: String,
    count: u64,
}

/// What is done to each memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undo {
    Quarantine,
    Release,
    RollBack,
}

/// Does it to all that the author wrote in the period, in one unit: all or nothing.
///
/// # Errors
/// `INVALID_ARGUMENT` unless one author is named; `NOT_FOUND` for one that isn't there; `TOO_LARGE`
/// for more than a unit takes; `PERMISSION_DENIED`.
pub(super) async fn run(call: &Call<'_>, undo: Undo, input: Input) -> Result<Output> {
    if input.agent.is_some() == input.key_id.is_some() {
        let rule = "or `key_id` must be given, one of the two";
        return Err(Error::invalid("agent", rule));
    }
    if input.key_generation.is_some() && input.key_id.is_none() {
        return Err(Error::invalid("key_generation", "needs `key_id`: each key counts its own"));
    }
    let after =
        input.after.as_deref().map(|at| moment("after", at, End::First, call.at)).transpose()?;
    let before =
        input.before.as_deref().map(|at| moment("before", at, End::Last, call.at)).transpose()?;
    let (at, limit) = (call.at, input.limit.unwrap_or(100) as usize);
    let is_dry = input.dry_run.unwrap_or(false);
    call.change_texts(move |tx, permit| {
        let all = permit.oversight()?;
        let of = Authorship { author: author(tx, permit, &input)?, after, before };
        let authored = tx.authored(all, &of, MOST + 1)?;
        if authored.len() > MOST {
            return Err(Error::new(
                Code::TooLarge,
                format!("this author wrote in more than {MOST} memories in that period"),
            )
            .with_fix("take a shorter period with `after` and `before`, then the next one"));
        }
        let mut output = Output {
            dry_run: is_dry,
            counts: Counts::default(),
            memories: Vec::new(),
            more: authored.len() > limit,
            not_undone: None,
        };
        let mut named = Vec::new();
        for (id, steps) in authored {
            let now = tx.any_memory(all, id)?.ok_or_else(|| Error::internal("a lost memory"))?;
            let (entry, then) = next(tx, all, undo, &now, &steps, at)?;
            output.counts.add(entry.action);
            if let Some(then) = then {
                if named.len() < NAMED {
                    named.push(entry.id.clone());
                }
                if !is_dry {
                    apply(tx, all, &now.as_it_stood(then, at))?;
                }
            }
            if output.memories.len() < limit {
                output.memories.push(entry);
            }
        }
        if undo != Undo::Release {
            let acts = tx.other_acts(all, &of)?.into_iter();
            let acts = acts.map(|(operation, count)| OtherAct { operation, count });
            output.not_undone = Some(acts.collect());
        }
        if is_dry || named.is_empty() {
            return Ok(Done::Unchanged(output));
        }
        let act = act(&input, &of, output.counts, &named);
        Ok(Done::Changed(output, act))
    })
    .await
}

/// Whose acts are meant. A key that was deleted is known by what it left behind.
fn author(tx: &mut dyn WriteTx, permit: &Permit, input: &Input) -> Result<By> {
    if let Some(slug) = &input.agent {
        let agent = tx.any_agent_of_slug(permit, slug)?.ok_or_else(|| Error::not_found("agent"))?;
        return Ok(By::Agent(agent.id));
    }
    let id = key_id(input.key_id.as_deref().unwrap_or_default())?;
    let left = EventFilter { key: Some(id.to_string()), ..EventFilter::default() };
    if tx.key(permit, id)?.is_none() && tx.events(permit, &left, 1)?.is_empty() {
        return Err(Error::not_found("key"));
    }
    Ok(By::Key(id, input.key_generation))
}

/// What becomes of a memory, and how it stands from then on, where that is something else.
fn next(
    tx: &mut dyn WriteTx,
    all: Oversight<'_>,
    undo: Undo,
    now: &Memory,
    steps: &[Step],
    at: Timestamp,
) -> Result<(Entry, Option<Standing>)> {
    let is_shown = now.statement.visibility == Visibility::Team;
    let mut entry = Entry {
        id: now.id.to_string(),
        title: Some(now.statement.title.clone()).filter(|_| is_shown),
        action: Action::Skip,
        reason: None,
        from_version: now.version,
        to_version: None,
    };
    let now_with = |status| Standing {
        statement: now.statement.clone(),
        status,
        status_at: Some(at.max(now.updated_at)),
        status_reason: None,
    };
    let then = |tx: &mut dyn WriteTx, version| {
        tx.standing(all, now.id, version)?.ok_or_else(|| Error::internal("a version is lost"))
    };
    let outcome = match undo {
        Undo::Quarantine if now.status == Status::Quarantined => Err(Reason::Quarantined),
        Undo::Quarantine => Ok((Action::Quarantine, now_with(Status::Quarantined))),
        Undo::Release => match undo::seen_last(steps) {
            None => Err(Reason::NotQuarantined),
            Some(version) => Ok((Action::Release, then(tx, version)?)),
        },
        Undo::RollBack => match undo::roll_back(steps) {
            RollBack::Leave(why) => Err(why.into()),
            RollBack::Forget => Ok((Action::Forget, now_with(Status::Forgotten))),
            RollBack::Restore(version) => {
                let then = then(tx, version)?;
                entry.to_version = Some(version);
                if then.statement == now.statement && then.status == now.status {
                    Err(Reason::Unchanged)
                } else {
                    Ok((Action::Restore, then))
                }
            }
        },
    };
    Ok(match outcome {
        Ok((action, then)) => {
            entry.action = action;
            (entry, Some(then))
        }
        Err(reason) => {
            entry.reason = Some(reason);
            (entry, None)
        }
    })
}

/// Makes a memory's next version, with its words where full text may find it.
fn apply(tx: &mut dyn WriteTx, all: Oversight<'_>, next: &Memory) -> Result<()> {
    let is_found = !matches!(next.status, Status::Forgotten | Status::Quarantined);
    let words = is_found.then(|| next.words());
    if tx.change_any_memory(all, next, words.as_ref())? {
        return Ok(());
    }
    Err(Error::new(Code::Conflict, "a memory has changed just now").with_fix("try again"))
}

fn act(input: &Input, of: &Authorship, counts: Counts, named: &[String]) -> Act {
    let (object_kind, object_id) = match (&of.author, &input.agent) {
        (By::Key(key, _), _) => ("key", key.to_string()),
        (By::Agent(id), slug) => ("agent", slug.clone().unwrap_or_else(|| id.to_string())),
    };
    let summary = json!({
        "key_generation": input.key_generation, "after": of.after, "before": of.before,
        "counts": counts, "ids": named,
    });
    Act { object_kind, object_id, summary }
}

impl Counts {
    fn add(&mut self, action: Action) {
        *match action {
            Action::Quarantine => &mut self.quarantined,
            Action::Release => &mut self.released,
            Action::Restore => &mut self.restored,
            Action::Forget => &mut self.forgotten,
            Action::Skip => &mut self.skipped,
        } += 1;
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_rules_of_undoing_know_the_operations_by_their_names() {
        for name in [super::undo::RELEASE, super::undo::ROLL_BACK] {
            assert!(crate::ops::find(name).is_some(), "{name}");
        }
    }
}
