//! `memory_restore`: an expired, superseded or forgotten memory comes back as it was last.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::against::Against;
use super::call::{Call, Done};
use super::conflict_open::{self, Found, Opened};
use super::memory_update::changed_since;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::known_id;
use crate::core::error::{Code, Error, Result};
use crate::core::id::MemoryId;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::fields::Status;
use crate::memory::memory::Statement;

pub struct MemoryRestore;

/// Which memory.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// mem_…
    #[schemars(length(min = 1, max = 64))]
    id: String,
    /// Which version's statement comes back; the last one's if left out
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_i64))]
    version: Option<i64>,
}

/// The memory as it stands now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    id: String,
    version: i64,
    status: Status,
    /// False when it was active already; a declined proposal is a proposal again
    changed: bool,
    /// With what it seems to contradict now
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<Opened>,
    /// Nodes of the strategy that it seems to contradict; it is linked to them
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-rare" = true))]
    against: Vec<Against>,
}

impl Operation for MemoryRestore {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "memory_restore",
        title: "Restore a memory",
        description: include_str!("../../tools/memory_restore.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: false,
        route: Route { method: Method::Post, path: "/memories/{id}/restore", status: 200 },
        cli: Some(Cli { path: &["memory", "restore"], positional: Some("id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id: MemoryId = known_id("memory", &input.id)?;
        let (at, wanted) = (call.at, input.version);
        let conflicts = conflict_open::ids(call);
        call.change_texts(move |tx, permit| {
            let now = tx.memory(permit, id)?.ok_or_else(|| Error::not_found("memory"))?;
            let output = |version, status, found: Option<Found>| {
                let changed = found.is_some();
                let (conflicts, against) =
                    found.map(|found| (found.conflicts, found.against)).unwrap_or_default();
                Output { id: id.to_string(), version, status, changed, conflicts, against }
            };
            let before = tx.memory_versions(permit, id)?;
            let statement = match wanted {
                None => now.statement.clone(),
                Some(wanted) => {
                    let version = before.iter().find(|version| version.version == wanted);
                    let said = version.ok_or_else(|| Error::not_found("version"))?;
                    // Who sees a memory is its author's alone to change.
                    let visibility = now.statement.visibility;
                    Statement { visibility, ..said.statement.clone() }
                }
            };
            match now.status {
                Status::Expired | Status::Superseded | Status::Forgotten => {}
                Status::Active if statement != now.statement => {}
                Status::Active => {
                    return Ok(Done::Unchanged(output(now.version, now.status, None)));
                }
                _ => {
                    return Err(Error::new(
                        Code::Conflict,
                        "only an expired, superseded or forgotten memory is restored",
                    )
                    .with_fix("read it with memory_get to see where it stands"));
                }
            }
            // A proposal that was declined or withdrawn is a proposal again, and not the team's.
            let stood = |status| matches!(status, Status::Active | Status::Proposed);
            let before = before.iter().map(|version| version.status).find(|status| stood(*status));
            let status = before.filter(|status| *status == Status::Proposed);
            let status = status.unwrap_or(Status::Active);
            let next = now.next(statement, status, at);
            if !tx.change_memory(permit, &next, Some(&next.words()))? {
                return Err(changed_since(now.version));
            }
            // What it says again may be contradicted by what was written meanwhile.
            conflict_open::look_again(tx, permit, &next, at)?;
            let found = conflict_open::open(tx, permit, Some(&now), &next, &conflicts, at)?;
            let act = Act {
                object_kind: "memory",
                object_id: id.to_string(),
                summary: json!({ "version": next.version, "was": now.status, "of": wanted }),
            };
            Ok(Done::Changed(output(next.version, status, Some(found)), act))
        })
        .await
    }
}
