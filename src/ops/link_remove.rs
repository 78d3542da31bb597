//! `link_remove`: a typed edge from a memory goes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::memory_update::live;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::supersede::missing;
use super::view::known_id;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::link::{Link, LinkType, Target};
use crate::memory::rights::check_change;

pub struct LinkRemove;

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

/// The link that is gone.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    id: String,
    #[serde(rename = "type")]
    link_type: LinkType,
    to: String,
    /// False when there was none
    changed: bool,
}

impl Operation for LinkRemove {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "link_remove",
        title: "Remove a link",
        description: include_str!("../../tools/link_remove.md"),
        scope: Scope::Write,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: false,
        route: Route {
            method: Method::Delete,
            path: "/memories/{id}/links/{type}/{to}",
            status: 200,
        },
        cli: Some(Cli { path: &["link", "remove"], positional: Some("id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id: MemoryId = known_id("memory", &input.id)?;
        let to = Target::parse(&input.to).ok_or_else(|| missing("to"))?;
        let link = Link { from: id, link_type: input.link_type, to };
        call.change(move |tx, permit| {
            let memory = live(tx, permit, id)?;
            check_change(&memory, permit)?;
            let changed = tx.remove_link(permit, &link)?;
            let output =
                Output { id: id.to_string(), link_type: link.link_type, to: to.parts().1, changed };
            if !changed {
                return Ok(Done::Unchanged(output));
            }
            let summary = json!({ "type": link.link_type, "to": to.parts().1 });
            Ok(Done::Changed(
                output,
                Act { object_kind: "memory", object_id: id.to_string(), summary },
            ))
        })
        .await
    }
}
