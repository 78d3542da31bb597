//! `member_role`: what a member may do, from now on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::member_target::{MemberView, check_not_last_owner, check_role, member_id, present};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct MemberRole;

/// Which member, and which role.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// mbr_…, as member_list shows it
    #[schemars(length(min = 1, max = 64))]
    member_id: String,
    /// At most your own
    role: Role,
}

/// The member as it stands now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    member: MemberView,
    /// False when it was so already
    changed: bool,
}

impl Operation for MemberRole {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "member_role",
        title: "Change a member's role",
        description: include_str!("../../tools/member_role.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Put, path: "/members/{member_id}/role", status: 200 },
        cli: Some(Cli { path: &["member", "role"], positional: Some("member_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let (id, role) = (member_id(&input.member_id)?, input.role);
        call.change(move |tx, permit| {
            let mut member = present(tx, permit, id)?;
            check_role(permit, role)?;
            if member.role == role {
                let member = MemberView::seen_by(permit, member);
                return Ok(Done::Unchanged(Output { member, changed: false }));
            }
            check_not_last_owner(tx, permit, &member)?;
            tx.set_member_role(permit, id, role)?;
            let act = Act {
                object_kind: "member",
                object_id: id.to_string(),
                summary: json!({ "role": role, "before": member.role }),
            };
            member.role = role;
            let member = MemberView::seen_by(permit, member);
            Ok(Done::Changed(Output { member, changed: true }, act))
        })
        .await
    }
}
