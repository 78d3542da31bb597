//! What the operations on one agent share: finding it, its words, and its standing.

use serde_json::json;

use super::call::{Call, Done};
use super::view::AgentView;
use crate::core::error::{Code, Error, Result};
use crate::core::text;
use crate::identity::actor::{AgentRef, Trust};
use crate::identity::event::Act;
use crate::identity::permit::Permit;
use crate::store::WriteTx;
use crate::store::agents::AgentRow;
use crate::work::party::Party;

/// Sets an agent's standing, by its id as callers see it. The second value is whether that changed
/// anything.
///
/// # Errors
/// `NOT_FOUND`; `CONFLICT` where the caller would take away its own standing.
pub(super) async fn set_standing(
    call: &Call<'_>,
    slug: String,
    status: Trust,
) -> Result<(AgentView, bool)> {
    let at = call.at;
    call.change(move |tx, permit| {
        let agent = tx.agent_of_slug(permit, &slug)?.ok_or_else(missing)?;
        if agent.status == status {
            return Ok(Done::Unchanged((agent.into(), false)));
        }
        if is_own(permit, &agent) {
            return Err(Error::new(Code::Conflict, "an agent doesn't change its own standing")
                .with_fix("do it as another agent, or with `memoranda agent` on the server"));
        }
        tx.set_agent_status(permit, agent.id, status)?;
        if status == Trust::Blocked {
            tx.end_leases(permit, &party(&agent), at)?;
        }
        let act = Act {
            object_kind: "agent",
            object_id: agent.slug.clone(),
            summary: json!({ "status": status }),
        };
        let mut view = AgentView::from(agent);
        view.status = status;
        Ok(Done::Changed((view, true), act))
    })
    .await
}

/// An agent that the caller may take away: another than itself, and none that somebody of a higher
/// role acts as.
///
/// # Errors
/// `NOT_FOUND`; `CONFLICT` for the caller's own; `PERMISSION_DENIED` for that of a higher role.
pub(super) fn removable(tx: &mut dyn WriteTx, permit: &Permit, slug: &str) -> Result<AgentRow> {
    let agent = tx.agent_of_slug(permit, slug)?.ok_or_else(missing)?;
    if is_own(permit, &agent) {
        return Err(Error::new(Code::Conflict, "an agent doesn't delete itself")
            .with_fix("do it as another agent, or with `memoranda agent` on the server"));
    }
    let keys = tx.keys(permit)?.into_iter();
    let mut live =
        keys.filter(|key| key.agent.as_deref() == Some(slug) && key.revoked_at.is_none());
    if let Some(higher) = live.find(|key| key.role > permit.role()) {
        return Err(Error::new(
            Code::PermissionDenied,
            "a key of a higher role than your own acts as this agent",
        )
        .with_fix("ask somebody of that role")
        .with_detail("needs", json!({ "role": higher.role })));
    }
    Ok(agent)
}

/// Checks what is said of an agent, for people.
///
/// # Errors
/// `INVALID_ARGUMENT` naming the field.
pub(super) fn check_words(
    display_name: Option<&str>,
    agent_type: Option<&str>,
    description: Option<&str>,
) -> Result<()> {
    for (field, value) in
        [("display_name", display_name), ("type", agent_type), ("description", description)]
    {
        if value.is_some_and(|value| text::is_blank(value) || text::has_control(value)) {
            return Err(Error::invalid(field, "must be text without control characters"));
        }
    }
    Ok(())
}

/// An agent as one who works.
pub(super) fn party(agent: &AgentRow) -> Party {
    Party::Agent(AgentRef { id: agent.id, slug: agent.slug.clone() })
}

/// No agent has that id.
pub(super) fn missing() -> Error {
    Error::not_found("agent")
}

fn is_own(permit: &Permit, agent: &AgentRow) -> bool {
    permit.actor().agent.as_ref().is_some_and(|own| own.id == agent.id)
}
