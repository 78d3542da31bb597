//! `memory_update`: a new version of a memory. Nothing is overwritten.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::against::Against;
use super::call::{Call, Done};
use super::conflict_open::{self, Found, Opened};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::{Details, known_id};
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::id::{ConflictId, MemoryId};
use crate::identity::event::Act;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::memory::draft::Draft;
use crate::memory::fields::Status;
use crate::memory::memory::Memory;
use crate::memory::rights::{check_change, status_after};
use crate::recall::Written;
use crate::store::WriteTx;

pub struct MemoryUpdate;

/// What changes; what is left out stays.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// mem_…
    #[schemars(length(min = 1, max = 64))]
    id: String,
    /// The version you read; refused if it changed since
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_i64))]
    if_version: Option<i64>,
    /// The statement as it should be now
    #[schemars(length(min = 1, max = 10_000))]
    content: Option<String>,
    #[serde(flatten)]
    details: Details,
}

/// The memory's new version.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    id: String,
    version: i64,
    status: Status,
    updated_at: Timestamp,
    /// False when it was so already; no version was made then
    changed: bool,
    /// With what it seems to contradict now
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<Opened>,
    /// Nodes of the strategy that it seems to contradict; it is linked to them
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-rare" = true))]
    against: Vec<Against>,
}

/// What is to be changed, made before the unit.
struct Change {
    if_version: Option<i64>,
    draft: Draft,
    written: Written,
    conflicts: Vec<ConflictId>,
}

impl Operation for MemoryUpdate {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "memory_update",
        title: "Change a memory",
        description: include_str!("../../tools/memory_update.md"),
        scope: Scope::Write,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: true,
        route: Route { method: Method::Patch, path: "/memories/{id}", status: 200 },
        cli: Some(Cli { path: &["memory", "update"], positional: Some("id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id: MemoryId = known_id("memory", &input.id)?;
        let (at, if_version) = (call.at, input.if_version);
        let written = match input.content.as_deref() {
            Some(content) => call.recaller().embed_written(&[content]).await,
            None => Written::default(),
        };
        let is_pending = input.content.as_deref().is_some_and(|text| written.is_pending(text));
        let draft = input.details.into_draft(input.content);
        let change = Change { if_version, draft, written, conflicts: conflict_open::ids(call) };
        let outcome = call.change(move |tx, permit| update(tx, permit, id, &change, at));
        let outcome = outcome.await;
        if is_pending {
            call.recaller().has_work(call.permit.team());
        }
        outcome
    }
}

fn update(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    id: MemoryId,
    change: &Change,
    at: Timestamp,
) -> Result<Done<Output>> {
    let now = live(tx, permit, id)?;
    check_change(&now, permit)?;
    if change.if_version.is_some_and(|version| version != now.version) {
        return Err(changed_since(now.version));
    }
    let statement = change.draft.clone().applied_to(&now.statement, at)?;
    if statement == now.statement {
        let nothing = Found { conflicts: Vec::new(), against: Vec::new() };
        return Ok(Done::Unchanged(output(&now, false, nothing)));
    }
    if statement.visibility != now.statement.visibility && !now.author.is(permit.actor()) {
        return Err(Error::new(
            Code::PermissionDenied,
            "only its author changes who sees a memory",
        )
        .with_fix("leave `visibility` out"));
    }
    let status = status_after(now.status, permit.role(), statement.visibility);
    let next = now.next(statement, status, at);
    if !tx.change_memory(permit, &next, Some(&next.words()))? {
        return Err(changed_since(now.version));
    }
    if next.statement.content != now.statement.content {
        change.written.put(tx, permit, &next)?;
    }
    conflict_open::look_again(tx, permit, &next, at)?;
    let found = conflict_open::open(tx, permit, Some(&now), &next, &change.conflicts, at)?;
    let summary = json!({ "version": next.version });
    let act = Act { object_kind: "memory", object_id: id.to_string(), summary };
    Ok(Done::Changed(output(&next, true, found), act))
}

/// A memory that may still be changed.
pub(super) fn live(tx: &mut dyn WriteTx, permit: &Permit, id: MemoryId) -> Result<Memory> {
    let memory = tx.memory(permit, id)?.filter(|memory| memory.status != Status::Forgotten);
    memory.ok_or_else(|| Error::not_found("memory"))
}

/// Somebody else was faster.
pub(super) fn changed_since(version: i64) -> Error {
    Error::new(Code::Conflict, "the memory has changed since you read it")
        .with_fix("read it with memory_get and decide again")
        .with_detail("version", json!(version))
}

fn output(memory: &Memory, changed: bool, found: Found) -> Output {
    Output {
        id: memory.id.to_string(),
        version: memory.version,
        status: memory.status,
        updated_at: memory.updated_at,
        changed,
        conflicts: found.conflicts,
        against: found.against,
    }
}
