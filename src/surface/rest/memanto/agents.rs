//! Agents.

use serde_json::{Value, json};

use super::ask::Ask;
use super::{Answer, shape};
use crate::core::error::Error;

const PATTERNS: [&str; 3] = ["support", "project", "tool"];

pub(super) async fn list(ask: &Ask<'_>) -> Answer {
    let listed = ask.call("agent_list", &[], json!({})).await?;
    let agents: Vec<Value> =
        listed["agents"].as_array().into_iter().flatten().map(shape::agent).collect();
    Ok(json!({ "count": agents.len(), "agents": agents, "warnings": [] }))
}

pub(super) async fn create(ask: &Ask<'_>) -> Answer {
    let pattern = ask.fields.get("pattern").cloned().unwrap_or_else(|| json!("support"));
    if !PATTERNS.iter().any(|known| pattern == *known) {
        return Err(Error::invalid("pattern", "must be one of: support, project, tool"));
    }
    let names = [("agent_id", "agent_id"), ("description", "description")];
    let made = ask.call("agent_create", &names, json!({ "type": pattern })).await?;
    Ok(shape::agent(&made["agent"]))
}

pub(super) async fn show(ask: &Ask<'_>) -> Answer {
    let agent = json!({ "agent_id": ask.in_path("agent_id") });
    Ok(shape::agent(&ask.call("agent_show", &[], agent).await?))
}

/// That API asks for no confirmation: to send the request is to mean it.
pub(super) async fn delete(ask: &Ask<'_>) -> Answer {
    let agent = json!({ "agent_id": ask.in_path("agent_id"), "confirm": true });
    ask.call("agent_delete", &[], agent).await?;
    Ok(json!({ "message": "the agent is deleted" }))
}
