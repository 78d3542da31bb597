//! `member_invite`: a person may join; the code for it is shown this once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::member_target::{check_role, email_taken};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::event::Act;
use crate::identity::member::{INVITED_FOR_DAYS, Invitation, display_name, email};
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::store::members::NewMember;

pub struct MemberInvite;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Who is invited.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Their address, unique in the team; they sign in with it
    #[schemars(length(min = 3, max = 254))]
    email: String,
    /// The name that others see
    #[schemars(length(min = 1, max = 100))]
    display_name: String,
    /// At most your own; viewer if left out
    role: Option<Role>,
}

/// The invitation.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    member_id: String,
    email: String,
    display_name: String,
    role: Role,
    /// The one-time code to hand over; it can't be shown again
    invitation: String,
    /// How long it can be taken up
    invited_until: Timestamp,
}

impl Operation for MemberInvite {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "member_invite",
        title: "Invite a member",
        description: include_str!("../../tools/member_invite.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Add,
        is_idempotent: false,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Post, path: "/members", status: 201 },
        cli: Some(Cli { path: &["member", "invite"], positional: Some("email") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let role = input.role.unwrap_or(Role::Viewer);
        check_role(&call.permit, role)?;
        let invitation = Invitation::generate();
        let new = NewMember {
            id: call.next_id(),
            display_name: display_name(&input.display_name)?,
            email: email(&input.email)?,
            role,
            invitation_hash: invitation.hash(),
            invited_until: call.at.plus_millis(INVITED_FOR_DAYS * DAY_MILLIS),
            created_at: call.at,
        };
        call.change(move |tx, permit| {
            if !tx.add_member(permit, &new)? {
                return Err(email_taken());
            }
            let act = Act {
                object_kind: "member",
                object_id: new.id.to_string(),
                summary: json!({ "role": new.role }),
            };
            let output = Output {
                member_id: new.id.to_string(),
                email: new.email.clone(),
                display_name: new.display_name.clone(),
                role: new.role,
                invitation: invitation.whole().expose().to_owned(),
                invited_until: new.invited_until,
            };
            Ok(Done::Changed(output, act))
        })
        .await
    }
}
