//! `key_list`: the team's keys, newest first. Nothing ever shows a secret.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::key::preview;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::store::keys::KeyRow;

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

/// A key as it is shown.
#[derive(Serialize, JsonSchema)]
pub struct KeyView {
    key_id: String,
    /// Its first 12 characters
    preview: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    role: Role,
    scopes: Vec<Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operations: Option<Vec<String>>,
    /// `active`, `expired`, `deactivated` or `revoked`
    status: &'static str,
    /// The agent it acts as; absent before its first use
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// Whether it may act as that agent alone
    locked: bool,
    created_by: String,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    /// At most a minute stale
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
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
        aliases: &[],
    };

    async fn run(call: &Call<'_>, _: Input) -> Result<Output> {
        let at = call.at;
        let rows = call.read(|tx, permit| tx.keys(permit)).await?;
        let keys: Vec<KeyView> = rows.into_iter().map(|row| view(row, at)).collect();
        Ok(Output { count: keys.len(), keys })
    }
}

fn view(key: KeyRow, at: Timestamp) -> KeyView {
    let is_expired = key.expires_at.is_some_and(|expires_at| expires_at <= at);
    let status = match key.revoked_at {
        Some(_) => "revoked",
        None if !key.is_active => "deactivated",
        None if is_expired => "expired",
        None => "active",
    };
    KeyView {
        key_id: key.id.to_string(),
        preview: preview(key.id),
        title: key.title,
        description: key.description,
        role: key.role,
        scopes: key.scopes.iter().collect(),
        operations: key.allow_list,
        status,
        agent: key.agent,
        locked: key.is_locked,
        created_by: key.created_by,
        created_at: key.created_at,
        expires_at: key.expires_at,
        last_used_at: key.last_used_at,
        revoked_at: key.revoked_at,
    }
}
