//! `member_remove`: a membership ends. The record stays, because the trail refers to it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::key_target;
use super::member_target::{MemberView, check_not_last_owner, member, member_id};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::actor_name;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::MemberId;
use crate::identity::actor::Actor;
use crate::identity::event::Act;
use crate::identity::member::Standing;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::store::WriteTx;
use crate::work::party::Party;

pub struct MemberRemove;

/// Who goes.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// mbr_…, as member_list shows it
    #[schemars(length(min = 1, max = 64))]
    member_id: String,
    /// Must be true: the member can't be brought back, only invited anew
    confirm: Option<bool>,
    /// Also revoke the keys that the member made; they keep working otherwise
    revoke_keys: Option<bool>,
}

/// The member as it stands now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    member: MemberView,
    /// The ids of the keys that were revoked
    revoked_keys: Vec<String>,
    /// False when it was so already
    changed: bool,
}

impl Operation for MemberRemove {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "member_remove",
        title: "Remove a member",
        description: include_str!("../../tools/member_remove.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Destroy,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Delete, path: "/members/{member_id}", status: 200 },
        cli: Some(Cli { path: &["member", "remove"], positional: Some("member_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        if input.confirm != Some(true) {
            return Err(Error::invalid("confirm", "must be true: a removal can't be undone")
                .with_fix("call again with `confirm: true` if that is what you mean"));
        }
        let (id, at) = (member_id(&input.member_id)?, call.at);
        let wants_keys = input.revoke_keys.unwrap_or(false);
        call.change(move |tx, permit| {
            let mut gone = member(tx, permit, id)?;
            check_not_last_owner(tx, permit, &gone)?;
            let was_present = gone.standing != Standing::Removed;
            let revoked_keys =
                if wants_keys { revoke_keys_of(tx, permit, id, at)? } else { Vec::new() };
            if was_present {
                let party = Party::Member { id, name: String::new() };
                tx.end_leases(permit, &party, at)?;
                tx.remove_member(permit, id, at)?;
                gone.standing = Standing::Removed;
                gone.removed_at = Some(at);
                (gone.email, gone.invited_until) = (None, None);
            }
            let changed = was_present || !revoked_keys.is_empty();
            let act = Act {
                object_kind: "member",
                object_id: id.to_string(),
                summary: json!({ "role": gone.role, "revoked_keys": revoked_keys }),
            };
            let member = MemberView::seen_by(permit, gone);
            let output = Output { member, revoked_keys, changed };
            Ok(if changed { Done::Changed(output, act) } else { Done::Unchanged(output) })
        })
        .await
    }
}

/// Revokes the live keys that a member made; all of them, or none where one may not be.
fn revoke_keys_of(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    member: MemberId,
    at: Timestamp,
) -> Result<Vec<String>> {
    let maker = actor_name(&Actor { agent: None, member: Some(member) });
    let mut revoked = Vec::new();
    for key in tx.keys(permit)? {
        if key.created_by != maker || key.revoked_at.is_some() {
            continue;
        }
        let key = key_target::live_key(tx, permit, key.id)?;
        key_target::check_not_last_owner(tx, permit, &key, false, at)?;
        tx.revoke_key(permit, key.id, at)?;
        revoked.push(key.id.to_string());
    }
    Ok(revoked)
}
