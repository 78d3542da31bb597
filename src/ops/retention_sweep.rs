//! What applying a team's policies shares, whether memories expire or are erased: page by page, in
//! units so small that nobody waits for them, each looking at its memories anew.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::retention_target::agent_of;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::event::Act;
use crate::identity::permit::Permit;
use crate::memory::fields::{MemoryType, Status, Visibility};
use crate::memory::memory::Memory;
use crate::memory::retention::Policies;
use crate::store::retention::{Aged, policies};
use crate::store::{ReadTx, WriteTx};

/// How many memories are read at a time.
const PAGE: usize = 500;

/// How many memories one unit changes at most: other writers wait for it.
const BATCH: usize = 200;

/// How many memories one call changes at most, so that it ends in time.
const MOST: usize = 10_000;

/// How many ids stand in an event.
const NAMED: usize = 10;

/// Why a memory was erased, where its time was over.
const PURGED: &str = "retention.purge";

/// Of whose memories.
#[derive(Clone, Deserialize, JsonSchema)]
pub struct Input {
    /// What this agent wrote alone, by its id; what everybody wrote if left out
    #[schemars(length(min = 1, max = 100))]
    agent: Option<String>,
    /// True: say what would be done, and do nothing
    dry_run: Option<bool>,
    /// How many memories the answer lists; 100 if left out. All are counted
    #[schemars(range(min = 1, max = 10_000))]
    limit: Option<u32>,
}

/// What was done, or would be.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// Whether nothing was done
    dry_run: bool,
    /// Whether no policy ever asks for this
    is_empty: bool,
    /// How many memories were old enough to be looked at
    scanned: u64,
    /// How many of them a policy is done with
    matched: u64,
    /// How many were really changed: what somebody touched meanwhile stays
    changed: u64,
    /// How many each rule matched
    by_rule: Vec<RuleCount>,
    /// The oldest first
    memories: Vec<Entry>,
    /// Whether this call left some for the next
    more: bool,
    evaluated_at: Timestamp,
}

/// How many memories a rule matched.
#[derive(Serialize, JsonSchema)]
pub struct RuleCount {
    rule: String,
    count: u64,
}

/// A memory that a policy is done with.
#[derive(Serialize, JsonSchema)]
pub struct Entry {
    id: String,
    /// Absent where the memory is its author's alone
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(rename = "type")]
    memory_type: MemoryType,
    rule: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What is done to memories whose time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Expire,
    Purge,
}

impl Step {
    const fn status(self) -> Status {
        match self {
            Step::Expire => Status::Active,
            Step::Purge => Status::Expired,
        }
    }

    fn until(self, policies: &Policies, now: Timestamp) -> Option<Timestamp> {
        match self {
            Step::Expire => policies.expiring_before(now),
            Step::Purge => policies.purging_before(now),
        }
    }

    /// Which rule is done with a memory; `None` where it stays.
    fn rule(self, policies: &Policies, memory: &Memory, now: Timestamp) -> Option<String> {
        match self {
            Step::Expire => policies.expires(memory, now),
            Step::Purge => policies.purges(memory, now).then(|| PURGED.to_owned()),
        }
    }
}

/// Some memories in their order, and the policies by which they are judged.
struct Page {
    policies: Policies,
    memories: Vec<Memory>,
}

/// Applies the team's policies, or says what applying them would do.
///
/// # Errors
/// `NOT_FOUND` for an agent that isn't there; `PERMISSION_DENIED`; `UNAVAILABLE`. What was done
/// before stays done, and the next call goes on from there.
pub(super) async fn run(call: &Call<'_>, step: Step, input: Input) -> Result<Output> {
    let (now, limit) = (call.at, input.limit.unwrap_or(100) as usize);
    let is_dry = input.dry_run.unwrap_or(false);
    let mut rules: BTreeMap<String, u64> = BTreeMap::new();
    let mut output = Output {
        dry_run: is_dry,
        is_empty: true,
        scanned: 0,
        matched: 0,
        changed: 0,
        by_rule: Vec::new(),
        memories: Vec::new(),
        more: false,
        evaluated_at: now,
    };
    let mut beyond = None;
    loop {
        let slug = input.agent.clone();
        let page =
            call.read(move |tx, permit| page(tx, permit, step, slug.as_deref(), beyond, now));
        let Some(page) = page.await? else { break };
        output.is_empty = false;
        let Some(last) = page.memories.last() else { break };
        beyond = Some((last.created_at, last.id));
        output.scanned += page.memories.len() as u64;
        let mut over = Vec::new();
        for memory in page.memories {
            let Some(rule) = step.rule(&page.policies, &memory, now) else { continue };
            over.push(memory.id);
            *rules.entry(rule.clone()).or_default() += 1;
            if output.memories.len() < limit {
                output.memories.push(Entry::of(memory, rule));
            }
        }
        output.matched += over.len() as u64;
        if !is_dry {
            for batch in over.chunks(BATCH) {
                output.changed += change(call, step, batch.to_vec()).await?;
            }
        }
        if output.matched >= MOST as u64 {
            output.more = true;
            break;
        }
    }
    output.by_rule = rules.into_iter().map(|(rule, count)| RuleCount { rule, count }).collect();
    Ok(output)
}

/// The next page; `None` where no policy ever asks for this.
fn page(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    step: Step,
    agent: Option<&str>,
    beyond: Option<(Timestamp, MemoryId)>,
    now: Timestamp,
) -> Result<Option<Page>> {
    let all = permit.oversight()?;
    let author = agent_of(tx, permit, agent)?;
    let policies = policies(tx.retention_policies(permit)?);
    let Some(until) = step.until(&policies, now) else { return Ok(None) };
    let of = Aged { status: step.status(), author, until, beyond };
    let memories = tx.aged_memories(all, &of, PAGE)?;
    Ok(Some(Page { policies, memories }))
}

/// Does it to some memories in one unit: to those that a policy is still done with. How many.
async fn change(call: &Call<'_>, step: Step, ids: Vec<MemoryId>) -> Result<u64> {
    let now = call.at;
    call.change(move |tx, permit| {
        let policies = policies(tx.retention_policies(permit)?);
        let mut rules: BTreeMap<String, u64> = BTreeMap::new();
        let mut done: Vec<String> = Vec::new();
        for id in &ids {
            if let Some(rule) = change_one(tx, permit, step, &policies, *id, now)? {
                *rules.entry(rule).or_default() += 1;
                done.push(id.to_string());
            }
        }
        let count = done.len() as u64;
        let Some(first) = done.first().cloned() else { return Ok(Done::Unchanged(0)) };
        done.truncate(NAMED);
        let act = Act {
            object_kind: "memory",
            object_id: first,
            summary: json!({ "count": count, "by_rule": rules, "ids": done }),
        };
        Ok(Done::Changed(count, act))
    })
    .await
}

/// The rule that did it; `None` where the memory was touched meanwhile, or the policy was.
fn change_one(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    step: Step,
    policies: &Policies,
    id: MemoryId,
    now: Timestamp,
) -> Result<Option<String>> {
    let all = permit.oversight()?;
    let Some(memory) = tx.any_memory(all, id)? else { return Ok(None) };
    let Some(rule) = step.rule(policies, &memory, now) else { return Ok(None) };
    let is_done = match step {
        Step::Expire => {
            let next = memory.next(memory.statement.clone(), Status::Expired, now).because(&rule);
            tx.change_any_memory(all, &next, Some(&next.words()))?
        }
        Step::Purge => tx.erase_memory(all, id, now, &rule)?,
    };
    Ok(is_done.then_some(rule))
}

impl Output {
    /// Whether anything was changed.
    pub(super) fn has_changed(&self) -> bool {
        self.changed > 0
    }
}

impl Entry {
    fn of(memory: Memory, rule: String) -> Self {
        let is_shown = memory.statement.visibility == Visibility::Team;
        Self {
            id: memory.id.to_string(),
            title: Some(memory.statement.title).filter(|_| is_shown),
            memory_type: memory.statement.memory_type,
            rule,
            created_at: memory.created_at,
            updated_at: memory.updated_at,
        }
    }
}
