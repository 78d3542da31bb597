//! `key_revoke`: a key's hash is destroyed; the next request that presents it is refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::key_target;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct KeyRevoke;

/// Which key.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The 12 characters after memo_
    #[schemars(length(min = 1, max = 64))]
    key_id: String,
    /// Also when it is the team's last owner key
    force: Option<bool>,
}

/// What is left of it.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    key_id: String,
    title: String,
    status: &'static str,
    revoked_at: Timestamp,
}

impl Operation for KeyRevoke {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "key_revoke",
        title: "Revoke an API key",
        description: include_str!("../../tools/key_revoke.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Destroy,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Post, path: "/keys/{key_id}/revoke", status: 200 },
        cli: Some(Cli { path: &["key", "revoke"], positional: Some("key_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id = key_target::key_id(&input.key_id)?;
        let (at, force) = (call.at, input.force.unwrap_or(false));
        call.change(move |tx, permit| {
            let key = key_target::key(tx, permit, id)?;
            let output = |revoked_at| Output {
                key_id: id.to_string(),
                title: key.title.clone(),
                status: "revoked",
                revoked_at,
            };
            if let Some(revoked_at) = key.revoked_at {
                return Ok(Done::Unchanged(output(revoked_at)));
            }
            key_target::check_not_last_owner(tx, permit, &key, force, at)?;
            tx.revoke_key(permit, id, at)?;
            let summary = json!({ "role": key.role });
            let act = Act { object_kind: "key", object_id: id.to_string(), summary };
            Ok(Done::Changed(output(at), act))
        })
        .await
    }
}
