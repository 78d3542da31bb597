//! Sessions.

use serde_json::{Value, json};

use super::ask::Ask;
use super::{Answer, shape};
use crate::core::error::{Code, Error};

pub(super) async fn activate(ask: &Ask<'_>) -> Answer {
    let agent = json!({ "agent_id": ask.in_path("agent_id") });
    let names = [("duration_hours", "duration_hours")];
    Ok(shape::session(&ask.call("session_activate", &names, agent).await?))
}

/// The newest of those that end; the others end with it.
pub(super) async fn deactivate(ask: &Ask<'_>) -> Answer {
    let agent = json!({ "agent_id": ask.in_path("agent_id") });
    let ended = ask.call("session_end", &[], agent).await?;
    let newest = &ended["sessions"][0];
    Ok(json!({
        "session_id": newest["session_id"],
        "agent_id": newest["agent_id"],
        "started_at": newest["started_at"],
        "ended_at": newest["ended_at"],
        "duration_hours": newest["duration_hours"],
        "memories_created": newest["memories_created"],
        "summary_memory_id": null,
    }))
}

/// Whichever of the caller's sessions was activated last.
pub(super) async fn status(ask: &Ask<'_>) -> Answer {
    let listed = ask.call("session_list", &[], json!({ "limit": 1 })).await?;
    let none =
        || Error::new(Code::NotFound, "no active session").with_fix("activate an agent first");
    let newest = listed["sessions"].get(0).ok_or_else(none)?;
    Ok(shape::session_info(newest))
}

pub(super) async fn list(ask: &Ask<'_>) -> Answer {
    let names = [("agent_id", "agent_id"), ("limit", "limit")];
    let listed = ask.call("session_list", &names, json!({})).await?;
    let sessions: Vec<Value> =
        listed["sessions"].as_array().into_iter().flatten().map(shape::session_info).collect();
    Ok(json!({ "count": sessions.len(), "sessions": sessions }))
}

pub(super) async fn current(ask: &Ask<'_>) -> Answer {
    Ok(shape::session_info(&ask.call("session_current", &[], json!({})).await?))
}

pub(super) async fn extend(ask: &Ask<'_>) -> Answer {
    let names = [("additional_hours", "hours"), ("extend_hours", "hours"), ("hours", "hours")];
    let extended = ask.call("session_extend", &names, json!({})).await?;
    let mut session = shape::session(&extended);
    session["new_expires_at"] = extended["new_expires_at"].clone();
    session["hours_added"] = extended["hours_added"].clone();
    Ok(session)
}
