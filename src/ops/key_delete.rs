//! `key_delete`: a key's record is removed; its activity stays.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::key_target;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::{Error, Result};
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct KeyDelete;

/// Which key.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The 12 characters after memo_
    #[schemars(length(min = 1, max = 64))]
    key_id: String,
    /// Must be true: it can't be undone
    confirm: Option<bool>,
    /// Also when it is the team's last owner key
    force: Option<bool>,
}

/// What was removed.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    key_id: String,
    title: String,
    status: &'static str,
}

impl Operation for KeyDelete {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "key_delete",
        title: "Delete an API key",
        description: include_str!("../../tools/key_delete.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Destroy,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Delete, path: "/keys/{key_id}", status: 200 },
        cli: Some(Cli { path: &["key", "delete"], positional: Some("key_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id = key_target::key_id(&input.key_id)?;
        if input.confirm != Some(true) {
            return Err(Error::invalid("confirm", "must be true: deleting can't be undone")
                .with_fix(
                    "call again with `confirm: true`, or revoke the key to keep its record",
                ));
        }
        let (at, force) = (call.at, input.force.unwrap_or(false));
        call.change(move |tx, permit| {
            let key = key_target::key(tx, permit, id)?;
            key_target::check_not_last_owner(tx, permit, &key, force, at)?;
            tx.delete_key(permit, id)?;
            let summary = json!({ "role": key.role });
            let act = Act { object_kind: "key", object_id: id.to_string(), summary };
            let output = Output { key_id: id.to_string(), title: key.title, status: "deleted" };
            Ok(Done::Changed(output, act))
        })
        .await
    }
}
