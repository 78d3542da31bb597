//! `retention_purge`: what expired so long ago that a policy wants it gone is erased for good.

use schemars::JsonSchema;
use serde::Serialize;

use super::call::Call;
use super::memory_erase::Files;
use super::retention_sweep::{self, Input, Output as Swept, Step};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::actor::Credential;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct RetentionPurge;

/// What was erased, or would be.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    swept: Swept,
    /// What the database's files still hold of it
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Files>,
}

impl Operation for RetentionPurge {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "retention_purge",
        title: "Erase what expired long ago",
        description: include_str!("../../tools/retention_purge.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Destroy,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Post, path: "/retention/purge", status: 200 },
        cli: Some(Cli { path: &["retention", "purge"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let swept = retention_sweep::run(call, Step::Purge, input).await?;
        let files = match call.permit.credential() {
            _ if !swept.has_changed() => None,
            // The sweep scrubs once a day: writing the file anew each hour would be too much.
            Credential::System => Some(Files::Pending),
            _ => Some(Files::of(call).await),
        };
        Ok(Output { swept, files })
    }
}
