//! `memory_get`: one memory by its id, with its versions where asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::{MemoryView, VersionView, known_id};
use crate::core::error::{Error, Result};
use crate::core::id::MemoryId;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::fields::Status;

pub struct MemoryGet;

/// Which memory.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// mem_…
    #[schemars(length(min = 1, max = 64))]
    id: String,
    /// Also every version, newest first; then a forgotten memory answers too
    versions: Option<bool>,
}

/// The memory.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    memory: MemoryView,
    /// Newest first
    #[serde(skip_serializing_if = "Option::is_none")]
    versions: Option<Vec<VersionView>>,
}

impl Operation for MemoryGet {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "memory_get",
        title: "Read a memory",
        description: include_str!("../../tools/memory_get.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: true,
        route: Route { method: Method::Get, path: "/memories/{id}", status: 200 },
        cli: Some(Cli { path: &["memory", "get"], positional: Some("id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id: MemoryId = known_id("memory", &input.id)?;
        let wants_versions = input.versions.unwrap_or(false);
        let (memory, versions) = call
            .read(move |tx, permit| {
                let memory = tx.memory(permit, id)?;
                let memory = memory
                    .filter(|memory| wants_versions || memory.status != Status::Forgotten)
                    .ok_or_else(|| Error::not_found("memory"))?;
                let versions =
                    if wants_versions { Some(tx.memory_versions(permit, id)?) } else { None };
                Ok((memory, versions))
            })
            .await?;
        Ok(Output {
            memory: memory.into(),
            versions: versions.map(|all| all.into_iter().map(VersionView::from).collect()),
        })
    }
}
