//! `memory_erase`: memories are destroyed for good, every version of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::retention_target::agent_of;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::known_id;
use crate::core::error::{Error, Result};
use crate::core::id::MemoryId;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::draft::label;
use crate::store::Traces;

pub struct MemoryErase;

/// How many memories one unit erases: other writers wait for it.
const BATCH: usize = 200;

/// How many memories of an agent one call erases at most, so that it ends in time.
const MOST: usize = 10_000;

/// How many ids stand in an event.
const NAMED: usize = 10;

/// Which memories.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Their ids, mem_…; or else `agent`
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 64)))]
    ids: Option<Vec<String>>,
    /// All that this agent is the author of, by its id
    #[schemars(length(min = 1, max = 100))]
    agent: Option<String>,
    /// A label for why, which stays: letters, digits, `.`, `_` and `-`
    #[schemars(length(min = 1, max = 64))]
    reason: String,
    /// Must be true unless it is a dry run: it can't be undone
    confirm: Option<bool>,
    /// True: say how many it would be, and erase nothing
    dry_run: Option<bool>,
}

/// What was erased, or would be.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// Whether nothing was done
    dry_run: bool,
    /// How many memories were erased now
    erased: u64,
    /// How many of the ids had been erased before
    erased_before: u64,
    /// Whether the agent has more: call again
    more: bool,
    /// What the database's files still hold of it
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Files>,
}

/// What the files of the database still hold of what was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Files {
    /// Nothing
    Clean,
    /// Its bytes, until the files are written anew: soon, or when the server starts again
    Pending,
    /// What the database's operator clears: dead rows, logs, replicas and backups
    Operator,
}

impl Files {
    /// Rids the files of what was erased, as far as that can be done now.
    pub(super) async fn of(call: &Call<'_>) -> Self {
        match call.scrub().await {
            Ok(Traces::None) => Files::Clean,
            Ok(Traces::Operators) => Files::Operator,
            // What was asked for is done; this part of it is done by the next that tries.
            Err(error) => {
                tracing::warn!(code = error.code().as_str(), "the files can't be scrubbed yet");
                Files::Pending
            }
        }
    }
}

/// Some of the memories, as they were found.
struct Found {
    there: Vec<MemoryId>,
    erased_before: u64,
    more: bool,
}

impl Operation for MemoryErase {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "memory_erase",
        title: "Erase memories for good",
        description: include_str!("../../tools/memory_erase.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Destroy,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Post, path: "/memories/erase", status: 200 },
        cli: Some(Cli { path: &["memory", "erase"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let is_dry = input.dry_run.unwrap_or(false);
        if input.ids.is_some() == input.agent.is_some() {
            return Err(Error::invalid("ids", "or `agent` must be given, one of the two"));
        }
        if !is_dry && input.confirm != Some(true) {
            return Err(Error::invalid("confirm", "must be true: erasing can't be undone")
                .with_fix(
                    "call again with `confirm: true`, or with `dry_run: true` to see first",
                ));
        }
        let reason = label("reason", input.reason)?;
        let found = match (input.ids, input.agent) {
            (Some(ids), _) => of_ids(call, &ids).await?,
            (None, agent) => of_agent(call, agent).await?,
        };
        let mut output = Output {
            dry_run: is_dry,
            erased: found.there.len() as u64,
            erased_before: found.erased_before,
            more: found.more,
            files: None,
        };
        if is_dry {
            return Ok(output);
        }
        output.erased = 0;
        for batch in found.there.chunks(BATCH) {
            output.erased += erase(call, batch.to_vec(), &reason).await?;
        }
        // Also where nothing was erased now: an earlier call may have left this undone.
        output.files = Some(Files::of(call).await);
        Ok(output)
    }
}

/// The memories of some ids. One that was never there is refused, and nothing is erased.
async fn of_ids(call: &Call<'_>, given: &[String]) -> Result<Found> {
    let ids: Result<Vec<MemoryId>> = given.iter().map(|id| known_id("memory", id)).collect();
    let mut ids = ids?;
    ids.sort_unstable();
    ids.dedup();
    call.read(move |tx, permit| {
        let all = permit.oversight()?;
        let mut found = Found { there: Vec::new(), erased_before: 0, more: false };
        for id in &ids {
            if tx.any_memory(all, *id)?.is_some() {
                found.there.push(*id);
            } else if tx.erasure(permit, *id)?.is_some() {
                found.erased_before += 1;
            } else {
                return Err(Error::not_found("memory"));
            }
        }
        Ok(found)
    })
    .await
}

/// The memories of which an agent is the author.
async fn of_agent(call: &Call<'_>, slug: Option<String>) -> Result<Found> {
    call.read(move |tx, permit| {
        let all = permit.oversight()?;
        let agent = agent_of(tx, permit, slug.as_deref())?;
        let agent = agent.ok_or_else(|| Error::not_found("agent"))?;
        let mut there = tx.ids_by_author(all, agent, MOST + 1)?;
        let more = there.len() > MOST;
        there.truncate(MOST);
        Ok(Found { there, erased_before: 0, more })
    })
    .await
}

/// Erases some memories in one unit; how many were still there.
async fn erase(call: &Call<'_>, ids: Vec<MemoryId>, reason: &str) -> Result<u64> {
    let (at, reason) = (call.at, reason.to_owned());
    call.change(move |tx, permit| {
        let all = permit.oversight()?;
        let mut erased: Vec<String> = Vec::new();
        for id in &ids {
            if tx.erase_memory(all, *id, at, &reason)? {
                erased.push(id.to_string());
            }
        }
        let count = erased.len() as u64;
        let Some(first) = erased.first().cloned() else { return Ok(Done::Unchanged(0)) };
        erased.truncate(NAMED);
        let act = Act {
            object_kind: "memory",
            object_id: first,
            summary: json!({ "count": count, "ids": erased, "reason": reason }),
        };
        Ok(Done::Changed(count, act))
    })
    .await
}
