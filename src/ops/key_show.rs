//! `key_show`: one key, without its secret.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::key_target::{self, KeyView};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::{Error, Result};
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct KeyShow;

/// Which key.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The 12 characters after memo_
    #[schemars(length(min = 1, max = 64))]
    key_id: String,
}

/// The key.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    key: KeyView,
}

impl Operation for KeyShow {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "key_show",
        title: "Show an API key",
        description: include_str!("../../tools/key_show.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Get, path: "/keys/{key_id}", status: 200 },
        cli: Some(Cli { path: &["key", "show"], positional: Some("key_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id = key_target::key_id(&input.key_id)?;
        let key = call.look_up(move |tx, permit| tx.key(permit, id)).await?;
        let key = key.ok_or_else(|| Error::not_found("key"))?;
        Ok(Output { key: KeyView::at(key, call.at) })
    }
}
