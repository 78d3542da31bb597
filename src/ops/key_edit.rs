//! `key_edit`: title, description and allow-list of a key, and nothing else.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::key_target::{self, KeyView, Rights};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct KeyEdit;

/// What changes; what is left out stays.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The 12 characters after memo_
    #[schemars(length(min = 1, max = 64))]
    key_id: String,
    /// Another name, unique in the team
    #[schemars(length(min = 1, max = 100))]
    title: Option<String>,
    /// What it is for
    #[schemars(length(max = 500))]
    description: Option<String>,
    /// The only operations it may call; an empty list allows every one
    #[schemars(length(max = 100), inner(length(min = 1, max = 40)))]
    operations: Option<Vec<String>>,
}

/// The key as it is now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    key: KeyView,
    /// False when it was so already
    changed: bool,
}

impl Operation for KeyEdit {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "key_edit",
        title: "Edit an API key",
        description: include_str!("../../tools/key_edit.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Patch, path: "/keys/{key_id}", status: 200 },
        cli: Some(Cli { path: &["key", "edit"], positional: Some("key_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id = key_target::key_id(&input.key_id)?;
        let title = input.title.as_deref().map(key_target::title).transpose()?;
        key_target::check_operations(input.operations.as_deref().unwrap_or_default())?;
        let (at, rights) = (call.at, Rights::of(call.principal));
        call.change(move |tx, permit| {
            let now = key_target::key(tx, permit, id)?;
            rights.check(now.role, now.scopes, now.allow_list.as_deref())?;
            let mut next = now.clone();
            next.title = title.clone().unwrap_or(next.title);
            if let Some(description) = &input.description {
                next.description = Some(description.clone()).filter(|text| !text.is_empty());
            }
            if let Some(operations) = &input.operations {
                next.allow_list = Some(operations.clone()).filter(|list| !list.is_empty());
            }
            if next == now {
                return Ok(Done::Unchanged(Output { key: KeyView::at(now, at), changed: false }));
            }
            rights.check(next.role, next.scopes, next.allow_list.as_deref())?;
            if !tx.describe_key(permit, &next)? {
                return Err(key_target::title_taken());
            }
            let summary = json!({ "operations": next.allow_list });
            let act = Act { object_kind: "key", object_id: id.to_string(), summary };
            Ok(Done::Changed(Output { key: KeyView::at(next, at), changed: true }, act))
        })
        .await
    }
}
