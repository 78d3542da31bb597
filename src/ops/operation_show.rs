//! `operation_show`: one operation with its whole schemas. MCP shows it as
//! `memoranda://schemas/{name}`, since its lists of tools hold short ones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::{Error, Result};
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct OperationShow;

/// Which one.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Its name, as operation_list shows it
    #[schemars(length(min = 1, max = 40))]
    name: String,
}

/// The operation.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    toolset: Toolset,
    /// The scope a key needs for it
    scope: Scope,
    /// The least role a key needs for it
    least_role: Role,
    /// What it does to what is there
    effect: Effect,
    /// The JSON schema of its arguments, rare ones included
    arguments: Value,
    /// The JSON schema of its answer
    answer: Value,
}

impl Operation for OperationShow {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "operation_show",
        title: "Show an operation",
        description: include_str!("../../tools/operation_show.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Get, path: "/operations/{name}", status: 200 },
        cli: Some(Cli { path: &["operation", "show"], positional: Some("name") }),
        resource: Some("memoranda://schemas/{name}"),
        aliases: &[],
    };

    async fn run(_: &Call<'_>, input: Input) -> Result<Output> {
        let entry = super::find(&input.name).ok_or_else(|| Error::not_found("operation"))?;
        let spec = &entry.spec;
        Ok(Output {
            name: spec.name,
            title: spec.title,
            description: spec.description.trim(),
            toolset: spec.toolset,
            scope: spec.scope,
            least_role: spec.least_role,
            effect: spec.effect,
            arguments: entry.input().clone(),
            answer: entry.output().clone(),
        })
    }
}
