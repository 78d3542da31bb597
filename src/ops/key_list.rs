//! `key_list`: the team's keys, newest first. Nothing ever shows a secret.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::key_target::KeyView;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct KeyList;

/// Nothing is asked.
#[derive(Deserialize, JsonSchema)]
pub struct Input {}

/// The keys.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    keys: Vec<KeyView>,
    count: usize,
}

impl Operation for KeyList {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "key_list",
        title: "List API keys",
        description: include_str!("../../tools/key_list.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Get, path: "/keys", status: 200 },
        cli: Some(Cli { path: &["key", "list"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, _: Input) -> Result<Output> {
        let at = call.at;
        let rows = call.read(|tx, permit| tx.keys(permit)).await?;
        let keys: Vec<KeyView> = rows.into_iter().map(|row| KeyView::at(row, at)).collect();
        Ok(Output { count: keys.len(), keys })
    }
}
