//! `key_create`: a new API key, shown whole this once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::key_target::{self, Rights};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::actor_name;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::AgentId;
use crate::identity::actor::{Trust, check_slug};
use crate::identity::event::Act;
use crate::identity::key::{ApiKey, owner_of_agent};
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope, Scopes};
use crate::memory::draft::{End, moment};
use crate::store::WriteTx;
use crate::store::agents::AgentRow;
use crate::store::keys::NewKey;

pub struct KeyCreate;

/// The key to make.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// A name for people, unique in the team
    #[schemars(length(min = 1, max = 100))]
    title: String,
    /// What it is for
    #[schemars(length(min = 1, max = 500))]
    description: Option<String>,
    /// At most your own; editor (or your own, if lower) if left out
    role: Option<Role>,
    /// At most your own; read and write if left out
    #[schemars(length(min = 1, max = 3))]
    scopes: Option<Vec<Scope>>,
    /// The only operations it may call; every one if left out
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 40)))]
    operations: Option<Vec<String>>,
    /// The only agent id it may act as
    #[schemars(length(min = 1, max = 64))]
    agent: Option<String>,
    /// When it ends, ISO 8601 or words as in `in 90 days`; never if left out
    expires_at: Option<String>,
}

/// The new key.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    key_id: String,
    /// The whole key; it can't be shown again
    key: String,
    title: String,
    role: Role,
    scopes: Vec<Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operations: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

impl Operation for KeyCreate {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "key_create",
        title: "Create an API key",
        description: include_str!("../../tools/key_create.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Add,
        is_idempotent: false,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Post, path: "/keys", status: 201 },
        cli: Some(Cli { path: &["key", "create"], positional: Some("title") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let (role, scopes) = checked_rights(call, &input)?;
        let title = key_target::title(&input.title)?;
        if let Some(slug) = &input.agent {
            check_slug("agent", slug)?;
            if owner_of_agent(slug).is_some() {
                return Err(Error::invalid("agent", "must not be that of another key's own agent"));
            }
        }
        let expires_at =
            input.expires_at.map(|at| moment("expires_at", &at, End::Last, call.at)).transpose()?;
        if expires_at.is_some_and(|expires_at| expires_at <= call.at) {
            return Err(Error::invalid("expires_at", "must lie in the future"));
        }
        let key = ApiKey::generate();
        let new = NewKey {
            id: key.id(),
            title,
            description: input.description,
            role,
            scopes,
            allow_list: input.operations,
            secret_hash: call.hasher().hash(key.whole().clone()).await?,
            agent: None,
            created_by: actor_name(call.permit.actor()),
            created_at: call.at,
            expires_at,
        };
        let (agent_id, agent) = (call.next_id(), input.agent);
        let whole = key.whole().clone();
        call.change(move |tx, permit| {
            let mut new = new.clone();
            if let Some(slug) = &agent {
                new.agent = Some(agent_to_lock(tx, permit, slug, agent_id, new.created_at)?);
            }
            if !tx.add_key(permit, &new)? {
                return Err(key_target::title_taken());
            }
            let act = Act {
                object_kind: "key",
                object_id: new.id.to_string(),
                summary: json!({ "role": new.role, "scopes": new.scopes.to_string() }),
            };
            let output = Output {
                key_id: new.id.to_string(),
                key: whole.expose().to_owned(),
                title: new.title,
                role: new.role,
                scopes: new.scopes.iter().collect(),
                operations: new.allow_list,
                agent: agent.clone(),
                created_at: new.created_at,
                expires_at: new.expires_at,
            };
            Ok(Done::Changed(output, act))
        })
        .await
    }
}

/// The agent of a slug; made where the team has none. An admin named it, so it is approved.
fn agent_to_lock(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    slug: &str,
    new_id: AgentId,
    at: Timestamp,
) -> Result<AgentId> {
    if let Some(agent) = tx.agent_of_slug(permit, slug)? {
        return Ok(agent.id);
    }
    let agent = AgentRow {
        id: new_id,
        slug: slug.to_owned(),
        display_name: slug.to_owned(),
        agent_type: None,
        description: None,
        status: Trust::Approved,
        created_at: at,
    };
    tx.add_named_agent(permit, &agent)?;
    Ok(agent.id)
}

/// Role and scopes of the new key: never above its creator's own.
fn checked_rights(call: &Call<'_>, input: &Input) -> Result<(Role, Scopes)> {
    let (own_role, own_scopes) = (call.permit.role(), call.permit.scopes());
    let role = input.role.unwrap_or(Role::Editor.min(own_role));
    let scopes = match &input.scopes {
        Some(scopes) => scopes.iter().copied().collect(),
        None => [Scope::Read, Scope::Write].into_iter().filter(|s| own_scopes.has(*s)).collect(),
    };
    key_target::check_operations(input.operations.as_deref().unwrap_or_default())?;
    Rights::of(call.principal).check(role, scopes, input.operations.as_deref())?;
    Ok((role, scopes))
}
