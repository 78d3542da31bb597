//! What the operations on one key share: finding it, its view, and the rules of who may touch it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::call::{Call, Done};
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::text;
use crate::identity::event::Act;
use crate::identity::key::{KeyId, preview};
use crate::identity::permit::Permit;
use crate::identity::principal::Principal;
use crate::identity::role::{Role, Scope, Scopes};
use crate::store::WriteTx;
use crate::store::keys::KeyRow;
use crate::store::sessions::SessionFilter;

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
    /// The only operations it may call; absent when it may call every one
    #[serde(skip_serializing_if = "Option::is_none")]
    operations: Option<Vec<String>>,
    /// `active`, `expired`, `deactivated` or `revoked`
    status: &'static str,
    /// The agent it acts as; absent before its first use
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// Whether it may act as that agent alone
    locked: bool,
    /// Which of its secrets it has now: 1 is the first, each rotation counts one up
    generation: i64,
    created_by: String,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    /// At most a minute stale
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
}

impl KeyView {
    /// A key as it stands at a moment.
    #[must_use]
    pub fn at(key: KeyRow, at: Timestamp) -> Self {
        let is_expired = key.expires_at.is_some_and(|expires_at| expires_at <= at);
        let status = match key.revoked_at {
            Some(_) => "revoked",
            None if !key.is_active => "deactivated",
            None if is_expired => "expired",
            None => "active",
        };
        Self {
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
            generation: key.secret_number,
            created_by: key.created_by,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            rotated_at: key.rotated_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// What a caller may give to a key: no more than they have themselves.
#[derive(Clone)]
pub(super) struct Rights {
    role: Role,
    scopes: Scopes,
    operations: Option<Vec<String>>,
}

impl Rights {
    /// The rights of a caller.
    pub(super) fn of(principal: &Principal) -> Self {
        Self {
            role: principal.role,
            scopes: principal.scopes,
            operations: principal.allow_list.clone(),
        }
    }

    /// Refuses to give away what the caller doesn't have: a higher role, another scope, or an
    /// operation that their own allow-list leaves out.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`, with the caller's own in `details`.
    pub(super) fn check(
        &self,
        role: Role,
        scopes: Scopes,
        operations: Option<&[String]>,
    ) -> Result<()> {
        let has_operations = match (&self.operations, operations) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(asked)) => asked.iter().all(|name| own.contains(name)),
        };
        if role <= self.role && scopes.within(self.scopes) && has_operations {
            return Ok(());
        }
        let own = json!({
            "role": self.role, "scopes": self.scopes.to_string(), "operations": self.operations,
        });
        Err(Error::new(
            Code::PermissionDenied,
            "nobody gives a key a higher role, more scopes or more operations than their own",
        )
        .with_fix("ask for less, or let somebody with those rights do it")
        .with_detail("own", own))
    }
}

/// Reads a key's id as a caller gives it.
///
/// # Errors
/// `NOT_FOUND`, as for one that is missing.
pub(super) fn key_id(given: &str) -> Result<KeyId> {
    given.parse().map_err(|_| missing())
}

/// A key of the team, of a role not above the caller's own.
///
/// # Errors
/// `NOT_FOUND`; `PERMISSION_DENIED` for a key of a higher role.
pub(super) fn key(tx: &mut dyn WriteTx, permit: &Permit, id: KeyId) -> Result<KeyRow> {
    let key = tx.key(permit, id)?.ok_or_else(missing)?;
    if key.role > permit.role() {
        return Err(Error::new(
            Code::PermissionDenied,
            "a key of a higher role than your own is not yours to change",
        )
        .with_fix("ask somebody of that role")
        .with_detail("needs", json!({ "role": key.role })));
    }
    Ok(key)
}

/// As [`key`], and not revoked: what is revoked stays so.
///
/// # Errors
/// As [`key`]; `CONFLICT` for a revoked one.
pub(super) fn live_key(tx: &mut dyn WriteTx, permit: &Permit, id: KeyId) -> Result<KeyRow> {
    let key = key(tx, permit, id)?;
    if key.revoked_at.is_some() {
        return Err(Error::new(Code::Conflict, "this key was revoked, for good")
            .with_fix("make a new one with key_create"));
    }
    Ok(key)
}

/// Makes a key usable or unusable; gives it as it is then, and whether that changed anything.
/// Taking away the last owner's key needs `force`.
///
/// # Errors
/// As [`live_key`]; `CONFLICT` for the last owner's key.
pub(super) async fn set_active(
    call: &Call<'_>,
    given: &str,
    is_active: bool,
    force: bool,
) -> Result<(KeyView, bool)> {
    let (id, at) = (key_id(given)?, call.at);
    call.change(move |tx, permit| {
        let mut now = live_key(tx, permit, id)?;
        if now.is_active == is_active {
            return Ok(Done::Unchanged((KeyView::at(now, at), false)));
        }
        if !is_active {
            check_not_last_owner(tx, permit, &now, force, at)?;
        }
        tx.set_key_active(permit, id, is_active)?;
        if !is_active {
            // Its sessions end for good: activating the key again doesn't bring tokens back.
            let its =
                SessionFilter { key: Some(id), open_at: Some(at), ..SessionFilter::default() };
            tx.end_sessions(permit, &its, at)?;
        }
        now.is_active = is_active;
        let act = Act { object_kind: "key", object_id: id.to_string(), summary: json!({}) };
        Ok(Done::Changed((KeyView::at(now, at), true), act))
    })
    .await
}

/// Refuses to take away the last owner's key, unless forced: without one nobody can sign in as
/// owner any more.
///
/// # Errors
/// `CONFLICT`.
pub(super) fn check_not_last_owner(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    key: &KeyRow,
    force: bool,
    at: Timestamp,
) -> Result<()> {
    let is_owner = key.role == Role::Owner && key.scopes.has(Scope::Admin);
    let is_live = key.is_active && key.revoked_at.is_none();
    if force || !is_owner || !is_live || tx.has_other_owner_key(permit, key.id, at)? {
        return Ok(());
    }
    Err(Error::new(Code::Conflict, "this is the team's last owner key")
        .with_fix("make another owner key first, or call again with `force: true`"))
}

/// Checks a key's title and gives it without blanks around it.
///
/// # Errors
/// `INVALID_ARGUMENT` naming `title`.
pub(super) fn title(given: &str) -> Result<String> {
    let title = given.trim();
    if title.is_empty() || title.contains('\n') || text::has_control(title) {
        return Err(Error::invalid("title", "must be one line of text"));
    }
    Ok(title.to_owned())
}

/// Checks that an allow-list names operations, and nothing else.
///
/// # Errors
/// `INVALID_ARGUMENT` naming the entry by its place.
pub(super) fn check_operations(names: &[String]) -> Result<()> {
    for (at, name) in names.iter().enumerate() {
        if super::find(name).is_none_or(|entry| entry.spec.name != name) {
            let error = Error::invalid(&format!("operations[{at}]"), "must name an operation");
            return Err(error.with_fix(match super::nearest(name) {
                Some(meant) => format!("perhaps `{meant}`; operation_list shows them all"),
                None => "operation_list shows them all".to_owned(),
            }));
        }
    }
    Ok(())
}

/// The title is another key's.
#[must_use]
pub(super) fn title_taken() -> Error {
    Error::new(Code::AlreadyExists, "the team has a key of this title")
        .with_fix("choose another `title`")
        .with_detail("field", json!("title"))
}

fn missing() -> Error {
    Error::not_found("key")
}
