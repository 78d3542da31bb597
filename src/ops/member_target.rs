//! What the operations on one member share: how it is shown, and who may touch it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::view::known_id;
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::id::MemberId;
use crate::identity::member::Standing;
use crate::identity::permit::Permit;
use crate::identity::role::{Role, Scope};
use crate::store::WriteTx;
use crate::store::members::MemberRow;

/// A member as callers see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemberView {
    member_id: String,
    display_name: String,
    /// Shown to admins
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    role: Role,
    status: Standing,
    /// How long the invitation can be taken up, while it waits
    #[serde(skip_serializing_if = "Option::is_none")]
    invited_until: Option<Timestamp>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    joined_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    removed_at: Option<Timestamp>,
}

impl MemberView {
    /// A member as the bearer of a permit sees it: addresses are for admins.
    #[must_use]
    pub fn seen_by(permit: &Permit, member: MemberRow) -> Self {
        let is_admin = permit.role() >= Role::Admin && permit.scopes().has(Scope::Admin);
        Self {
            member_id: member.id.to_string(),
            display_name: member.display_name,
            email: member.email.filter(|_| is_admin),
            role: member.role,
            status: member.standing,
            invited_until: member.invited_until,
            created_at: member.created_at,
            joined_at: member.joined_at,
            removed_at: member.removed_at,
        }
    }
}

/// Reads a member's id as a caller gives it.
///
/// # Errors
/// `NOT_FOUND`, as for one that is missing.
pub(super) fn member_id(given: &str) -> Result<MemberId> {
    known_id("member", given)
}

/// A member of the team, of a role not above the caller's own.
///
/// # Errors
/// `NOT_FOUND`; `PERMISSION_DENIED` for a member of a higher role.
pub(super) fn member(tx: &mut dyn WriteTx, permit: &Permit, id: MemberId) -> Result<MemberRow> {
    let member = tx.member(permit, id)?.ok_or_else(|| Error::not_found("member"))?;
    if member.role > permit.role() {
        return Err(Error::new(
            Code::PermissionDenied,
            "a member of a higher role than your own is not yours to change",
        )
        .with_fix("ask somebody of that role")
        .with_detail("needs", json!({ "role": member.role })));
    }
    Ok(member)
}

/// As [`member`], and not removed: who is removed comes back by a new invitation.
///
/// # Errors
/// As [`member`]; `CONFLICT` for a removed one.
pub(super) fn present(tx: &mut dyn WriteTx, permit: &Permit, id: MemberId) -> Result<MemberRow> {
    let member = member(tx, permit, id)?;
    if member.standing == Standing::Removed {
        return Err(Error::new(Code::Conflict, "this member was removed")
            .with_fix("invite them anew with member_invite"));
    }
    Ok(member)
}

/// Refuses to give away a role above the caller's own.
///
/// # Errors
/// `PERMISSION_DENIED`, with the caller's own in `details`.
pub(super) fn check_role(permit: &Permit, role: Role) -> Result<()> {
    if role <= permit.role() {
        return Ok(());
    }
    Err(Error::new(Code::PermissionDenied, "nobody gives a member a higher role than their own")
        .with_fix("choose a lower `role`, or let somebody of that role do it")
        .with_detail("own", json!({ "role": permit.role() })))
}

/// Refuses to take the last active owner away. In the unit that would: of two owners who do it to
/// each other at once, one is refused.
///
/// # Errors
/// `CONFLICT`.
pub(super) fn check_not_last_owner(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    member: &MemberRow,
) -> Result<()> {
    let is_owner = member.role == Role::Owner && member.standing == Standing::Active;
    if !is_owner || tx.has_other_owner(permit, member.id)? {
        return Ok(());
    }
    Err(Error::new(Code::Conflict, "this is the team's last owner")
        .with_fix("make somebody else an owner first, with member_role"))
}

/// Another member of the team has the e-mail.
#[must_use]
pub(super) fn email_taken() -> Error {
    Error::new(Code::AlreadyExists, "the team has a member of this e-mail")
        .with_fix("member_list shows them; to invite anew, remove them first")
        .with_detail("field", json!("email"))
}
