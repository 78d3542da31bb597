//! `key_rotate`: a new secret under the same key, shown whole this once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::key_target::{self, KeyView, Rights};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::event::Act;
use crate::identity::key::ApiKey;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct KeyRotate;

/// Which key.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The 12 characters after memo_
    #[schemars(length(min = 1, max = 64))]
    key_id: String,
    /// For how many hours the old secret still works; none if left out
    #[schemars(range(min = 0, max = 24))]
    overlap_hours: Option<u32>,
}

/// The key with its new secret.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// The whole key; it can't be shown again
    key: String,
    /// Until when the old secret still works; absent when it is dead already
    #[serde(skip_serializing_if = "Option::is_none")]
    old_until: Option<Timestamp>,
    #[serde(flatten)]
    view: KeyView,
}

const HOUR_MS: i64 = 60 * 60 * 1000;

impl Operation for KeyRotate {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "key_rotate",
        title: "Rotate an API key",
        description: include_str!("../../tools/key_rotate.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: false,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Post, path: "/keys/{key_id}/rotate", status: 200 },
        cli: Some(Cli { path: &["key", "rotate"], positional: Some("key_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id = key_target::key_id(&input.key_id)?;
        let new = ApiKey::with_id(id);
        let hash = call.hasher().hash(new.whole().clone()).await?;
        let (at, rights) = (call.at, Rights::of(call.principal));
        let hours = i64::from(input.overlap_hours.unwrap_or(0));
        let old_until = (hours > 0).then(|| at.plus_millis(hours * HOUR_MS));
        call.change(move |tx, permit| {
            let mut now = key_target::live_key(tx, permit, id)?;
            // Whoever rotates a key holds it.
            rights.check(now.role, now.scopes, now.allow_list.as_deref())?;
            tx.rotate_key(permit, id, &hash, old_until, at)?;
            now.rotated_at = Some(at);
            now.secret_number += 1;
            let summary = json!({ "generation": now.secret_number, "old_until": old_until });
            let act = Act { object_kind: "key", object_id: id.to_string(), summary };
            let key = new.whole().expose().to_owned();
            Ok(Done::Changed(Output { key, old_until, view: KeyView::at(now, at) }, act))
        })
        .await
    }
}
