//! `key_revoke`: a key's hash is destroyed; the next request that presents it is refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::identity::event::Act;
use crate::identity::key::KeyId;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct KeyRevoke;

/// Which key.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The 12 characters after memo_
    #[schemars(length(min = 1, max = 64))]
    key_id: String,
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
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let missing = || Error::not_found("key");
        let id: KeyId = input.key_id.parse().map_err(|_| missing())?;
        let at = call.at;
        call.change(move |tx, permit| {
            let key = tx.key(permit, id)?.ok_or_else(missing)?;
            if key.role > permit.role() {
                return Err(Error::new(
                    Code::PermissionDenied,
                    "a key of a higher role than your own can't be revoked by you",
                )
                .with_detail("needs", json!({ "role": key.role })));
            }
            let output = |revoked_at| Output {
                key_id: id.to_string(),
                title: key.title.clone(),
                status: "revoked",
                revoked_at,
            };
            if let Some(revoked_at) = key.revoked_at {
                return Ok(Done::Unchanged(output(revoked_at)));
            }
            tx.revoke_key(permit, id, at)?;
            let summary = json!({ "role": key.role });
            let act = Act { object_kind: "key", object_id: id.to_string(), summary };
            Ok(Done::Changed(output(at), act))
        })
        .await
    }
}
