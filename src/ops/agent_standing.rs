//! What approving and blocking an agent share.

use serde_json::json;

use super::call::{Call, Done};
use super::view::AgentView;
use crate::core::error::{Code, Error, Result};
use crate::identity::actor::Trust;
use crate::identity::event::Act;

/// Sets an agent's standing, by its id as callers see it. The second value is whether that changed
/// anything.
///
/// # Errors
/// `NOT_FOUND`; `CONFLICT` where the caller would take away its own standing.
pub(super) async fn set(call: &Call<'_>, slug: String, status: Trust) -> Result<(AgentView, bool)> {
    call.change(move |tx, permit| {
        let agent = tx.agent_of_slug(permit, &slug)?.ok_or_else(|| Error::not_found("agent"))?;
        if agent.status == status {
            return Ok(Done::Unchanged((agent.into(), false)));
        }
        if permit.actor().agent.as_ref().is_some_and(|own| own.id == agent.id) {
            return Err(Error::new(Code::Conflict, "an agent doesn't change its own standing")
                .with_fix("do it as another agent, or with `memoranda agent` on the server"));
        }
        tx.set_agent_status(permit, agent.id, status)?;
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
