//! `memory_accept`: a proposal becomes a memory of the team.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::memory_update::{changed_since, live};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::known_id;
use crate::core::error::{Code, Error, Result};
use crate::core::id::MemoryId;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::fields::Status;

pub struct MemoryAccept;

/// Which proposal.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// mem_…
    #[schemars(length(min = 1, max = 64))]
    id: String,
    /// The version you read; refused if it changed since
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_i64))]
    if_version: Option<i64>,
}

/// The memory as it stands now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    id: String,
    version: i64,
    status: Status,
    /// False when it was accepted already
    changed: bool,
}

impl Operation for MemoryAccept {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "memory_accept",
        title: "Accept a proposal",
        description: include_str!("../../tools/memory_accept.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Post, path: "/memories/{id}/accept", status: 200 },
        cli: Some(Cli { path: &["memory", "accept"], positional: Some("id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id: MemoryId = known_id("memory", &input.id)?;
        let (at, if_version) = (call.at, input.if_version);
        call.change(move |tx, permit| {
            let now = live(tx, permit, id)?;
            let output = |version, changed| Output {
                id: id.to_string(),
                version,
                status: Status::Active,
                changed,
            };
            if now.status == Status::Active {
                return Ok(Done::Unchanged(output(now.version, false)));
            }
            // What is accepted is what was read: its author may have changed it meanwhile.
            if if_version.is_some_and(|version| version != now.version) {
                return Err(changed_since(now.version));
            }
            if now.status != Status::Proposed {
                return Err(Error::new(Code::Conflict, "this memory is not a proposal")
                    .with_fix("recall with `status: proposed` to see what waits"));
            }
            let next = now.next(now.statement.clone(), Status::Active, at);
            if !tx.change_memory(permit, &next, Some(&next.words()))? {
                return Err(changed_since(now.version));
            }
            let summary = json!({ "version": next.version });
            let act = Act { object_kind: "memory", object_id: id.to_string(), summary };
            Ok(Done::Changed(output(next.version, true), act))
        })
        .await
    }
}
