//! `link_add`: a typed edge from a memory to another, to a node or to a task.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::memory_update::live;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::supersede::{Tie, allowed, link, missing};
use super::view::known_id;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::link::{LinkType, Target};
use crate::memory::rights::check_change;

pub struct LinkAdd;

/// Which link.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The memory that it leads from: mem_…
    #[schemars(length(min = 1, max = 64))]
    id: String,
    /// What that memory is to it
    #[serde(rename = "type")]
    link_type: LinkType,
    /// What it leads to: mem_…, nod_… or tsk_…
    #[schemars(length(min = 1, max = 64))]
    to: String,
}

/// The link.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    id: String,
    #[serde(rename = "type")]
    link_type: LinkType,
    to: String,
    /// Whether the other memory was retired by it
    superseded: bool,
    /// False when it was there already
    changed: bool,
}

impl Operation for LinkAdd {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "link_add",
        title: "Link memories",
        description: include_str!("../../tools/link_add.md"),
        scope: Scope::Write,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: false,
        route: Route { method: Method::Post, path: "/memories/{id}/links", status: 200 },
        cli: Some(Cli { path: &["link", "add"], positional: Some("id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id: MemoryId = known_id("memory", &input.id)?;
        let to = Target::parse(&input.to).ok_or_else(|| missing("to"))?;
        let (at, link_type) = (call.at, input.link_type);
        call.change(move |tx, permit| {
            let memory = live(tx, permit, id)?;
            check_change(&memory, permit)?;
            let allowed = allowed(tx, permit, &memory, &[Tie::new("to", link_type, to)])?;
            let made = link(tx, permit, id, &allowed, at)?;
            let superseded = !made.retired.is_empty();
            let changed = superseded || made.added > 0;
            let output =
                Output { id: id.to_string(), link_type, to: to.parts().1, superseded, changed };
            if !changed {
                return Ok(Done::Unchanged(output));
            }
            let summary =
                json!({ "type": link_type, "to": to.parts().1, "superseded": superseded });
            Ok(Done::Changed(
                output,
                Act { object_kind: "memory", object_id: id.to_string(), summary },
            ))
        })
        .await
    }
}
