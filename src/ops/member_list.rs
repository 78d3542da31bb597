//! `member_list`: the people of the team.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::member_target::MemberView;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::member::Standing;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct MemberList;

/// Which members.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Also those who were removed
    removed: Option<bool>,
}

/// The members.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// Oldest first
    members: Vec<MemberView>,
    count: usize,
}

impl Operation for MemberList {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "member_list",
        title: "List members",
        description: include_str!("../../tools/member_list.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Get, path: "/members", status: 200 },
        cli: Some(Cli { path: &["member", "list"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let all = call.read(|tx, permit| tx.members(permit)).await?;
        let wants_removed = input.removed.unwrap_or(false);
        let members: Vec<MemberView> = all
            .into_iter()
            .filter(|member| wants_removed || member.standing != Standing::Removed)
            .map(|member| MemberView::seen_by(&call.permit, member))
            .collect();
        Ok(Output { count: members.len(), members })
    }
}
