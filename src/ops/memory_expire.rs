//! `memory_expire`: out of recall, and back again when wanted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::memory_update::{changed_since, live};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::known_id;
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::id::MemoryId;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::draft::label;
use crate::memory::fields::Status;
use crate::memory::memory::Memory;

pub struct MemoryExpire;

/// Which memory.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// mem_…
    #[schemars(length(min = 1, max = 64))]
    id: String,
    /// A label for why: letters, digits, `.`, `_` and `-`; manual if left out
    #[schemars(length(min = 1, max = 64))]
    reason: Option<String>,
}

/// The memory as it stands now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    id: String,
    version: i64,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_at: Option<Timestamp>,
    /// Why
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_by: Option<String>,
    /// False when it had expired already
    changed: bool,
}

impl Operation for MemoryExpire {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "memory_expire",
        title: "Expire a memory",
        description: include_str!("../../tools/memory_expire.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: false,
        route: Route { method: Method::Post, path: "/memories/{id}/expire", status: 200 },
        cli: Some(Cli { path: &["memory", "expire"], positional: Some("id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id: MemoryId = known_id("memory", &input.id)?;
        let reason = label("reason", input.reason.unwrap_or_else(|| "manual".to_owned()))?;
        let at = call.at;
        call.change(move |tx, permit| {
            let now = live(tx, permit, id)?;
            match now.status {
                Status::Active => {}
                Status::Expired => return Ok(Done::Unchanged(output(now, false))),
                _ => {
                    return Err(Error::new(Code::Conflict, "only an active memory expires")
                        .with_fix("read it with memory_get to see where it stands"));
                }
            }
            let next = now.next(now.statement.clone(), Status::Expired, at).because(&reason);
            if !tx.change_memory(permit, &next, Some(&next.words()))? {
                return Err(changed_since(now.version));
            }
            let act = Act {
                object_kind: "memory",
                object_id: id.to_string(),
                summary: json!({ "version": next.version, "reason": reason }),
            };
            Ok(Done::Changed(output(next, true), act))
        })
        .await
    }
}

fn output(memory: Memory, changed: bool) -> Output {
    Output {
        id: memory.id.to_string(),
        version: memory.version,
        status: memory.status,
        expired_at: memory.status_at,
        expired_by: memory.status_reason,
        changed,
    }
}
