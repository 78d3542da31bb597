//! `member_edit`: a member's name and e-mail.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::member_target::{MemberView, email_taken, member_id, present};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::{Error, Result};
use crate::identity::event::Act;
use crate::identity::member;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct MemberEdit;

/// What changes; what is left out stays.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// mbr_…, as member_list shows it
    #[schemars(length(min = 1, max = 64))]
    member_id: String,
    /// The name that others see
    #[schemars(length(min = 1, max = 100))]
    display_name: Option<String>,
    /// The address they sign in with, unique in the team
    #[schemars(length(min = 3, max = 254))]
    email: Option<String>,
}

/// The member as it stands now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    member: MemberView,
    /// False when it was so already
    changed: bool,
}

impl Operation for MemberEdit {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "member_edit",
        title: "Edit a member",
        description: include_str!("../../tools/member_edit.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Patch, path: "/members/{member_id}", status: 200 },
        cli: Some(Cli { path: &["member", "edit"], positional: Some("member_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id = member_id(&input.member_id)?;
        if input.display_name.is_none() && input.email.is_none() {
            return Err(Error::invalid("display_name", "or `email` must be given"));
        }
        let name = input.display_name.as_deref().map(member::display_name).transpose()?;
        let email = input.email.as_deref().map(member::email).transpose()?;
        call.change(move |tx, permit| {
            let before = present(tx, permit, id)?;
            let mut after = before.clone();
            after.display_name = name.clone().unwrap_or(after.display_name);
            after.email = email.clone().or(after.email);
            if after == before {
                let member = MemberView::seen_by(permit, before);
                return Ok(Done::Unchanged(Output { member, changed: false }));
            }
            if !tx.describe_member(permit, &after)? {
                return Err(email_taken());
            }
            let mut fields = Vec::new();
            if after.display_name != before.display_name {
                fields.push("display_name");
            }
            if after.email != before.email {
                fields.push("email");
            }
            let act = Act {
                object_kind: "member",
                object_id: id.to_string(),
                summary: json!({ "fields": fields }),
            };
            let member = MemberView::seen_by(permit, after);
            Ok(Done::Changed(Output { member, changed: true }, act))
        })
        .await
    }
}
