//! `key_activate`: a deactivated key works again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::key_target::{self, KeyView};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct KeyActivate;

/// Which key.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The 12 characters after memo_
    #[schemars(length(min = 1, max = 64))]
    key_id: String,
}

/// The key as it is now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    key: KeyView,
    /// False when it was so already
    changed: bool,
}

impl Operation for KeyActivate {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "key_activate",
        title: "Activate an API key",
        description: include_str!("../../tools/key_activate.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Post, path: "/keys/{key_id}/activate", status: 200 },
        cli: Some(Cli { path: &["key", "activate"], positional: Some("key_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let (key, changed) = key_target::set_active(call, &input.key_id, true, false).await?;
        Ok(Output { key, changed })
    }
}
