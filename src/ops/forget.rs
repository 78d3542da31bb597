//! `forget`: a tombstone that recall honours at once. The versions stay for the trail.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::known_id;
use crate::core::error::{Code, Error, Result};
use crate::core::id::MemoryId;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::fields::Status;
use crate::memory::rights::check_change;

pub struct Forget;

/// Which memory.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// mem_…
    #[schemars(length(min = 1, max = 64))]
    id: String,
    /// Why, for the trail
    #[schemars(length(min = 1, max = 200))]
    reason: Option<String>,
}

/// The memory's last version.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    id: String,
    version: i64,
    status: Status,
}

impl Operation for Forget {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "forget",
        title: "Forget",
        description: include_str!("../../tools/forget.md"),
        scope: Scope::Write,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Destroy,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: true,
        route: Route { method: Method::Delete, path: "/memories/{id}", status: 200 },
        cli: Some(Cli { path: &["forget"], positional: Some("id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id: MemoryId = known_id("memory", &input.id)?;
        let at = call.at;
        call.change(move |tx, permit| {
            let now = tx.memory(permit, id)?.ok_or_else(|| Error::not_found("memory"))?;
            let output =
                |version| Output { id: id.to_string(), version, status: Status::Forgotten };
            if now.status == Status::Forgotten {
                return Ok(Done::Unchanged(output(now.version)));
            }
            check_change(&now, permit)?;
            let next = now.next(now.statement.clone(), Status::Forgotten, at);
            if !tx.change_memory(permit, &next, None)? {
                return Err(Error::new(Code::Conflict, "the memory has changed just now")
                    .with_fix("try again"));
            }
            let act = Act {
                object_kind: "memory",
                object_id: id.to_string(),
                summary: json!({ "version": next.version, "reason": input.reason }),
            };
            Ok(Done::Changed(output(next.version), act))
        })
        .await
    }
}
