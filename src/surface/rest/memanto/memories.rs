//! Memories: written, changed, expired, restored and deleted.

use serde_json::{Map, Value, json};

use super::ask::{Ask, Names};
use super::{Answer, shape};
use crate::core::error::{Error, Result};

/// The fields of a memory, in both generations.
pub(super) const MEMORY: [Names; 8] = [
    ("content", "content"),
    ("type", "type"),
    ("memory_type", "type"),
    ("title", "title"),
    ("confidence", "confidence"),
    ("tags", "tags"),
    ("provenance", "provenance"),
    ("source", "source"),
];

pub(super) async fn remember(ask: &Ask<'_>) -> Answer {
    let visible = json!({ "visibility": "team" });
    let kept = ask.call("remember", &MEMORY, visible).await?;
    let agent = ask.in_path("agent_id");
    let given = |name: &str, default: Value| ask.fields.get(name).cloned().unwrap_or(default);
    Ok(json!({
        "memory_id": kept["id"],
        "agent_id": agent,
        "session_id": ask.session()?,
        "namespace": shape::namespace(agent),
        "status": stored(&kept),
        "provenance": given("provenance", json!("explicit_statement")),
        "confidence": number(&given("confidence", json!(0.8))),
        "type": kept["type"],
    }))
}

/// What is kept and active is stored; what waits to be accepted says so.
pub(super) fn stored(kept: &Value) -> &str {
    match kept["status"].as_str() {
        Some("active") | None => "stored",
        Some(other) => other,
    }
}

fn number(value: &Value) -> Value {
    match value {
        Value::String(text) => text.parse::<f64>().map_or(Value::Null, |number| json!(number)),
        other => other.clone(),
    }
}

pub(super) async fn update(ask: &Ask<'_>) -> Answer {
    let names: Vec<Names> =
        MEMORY.into_iter().filter(|(theirs, _)| *theirs != "provenance").collect();
    let mut updated: Vec<&str> = Vec::new();
    for (theirs, ours) in &names {
        if ask.fields.contains_key(*theirs) && !updated.contains(ours) {
            updated.push(ours);
        }
    }
    if updated.is_empty() {
        return Err(Error::invalid("body", "must hold at least one field to change"));
    }
    let id = own(ask).await?;
    let changed = ask.call("memory_update", &names, json!({ "id": id })).await?;
    let mut answer = about(ask, id)?;
    answer.insert("status".into(), changed["status"].clone());
    answer.insert("action".into(), json!("updated"));
    answer.insert("updated_fields".into(), json!(updated));
    Ok(Value::Object(answer))
}

pub(super) async fn delete(ask: &Ask<'_>) -> Answer {
    let id = own(ask).await?;
    ask.call("forget", &[], json!({ "id": id })).await?;
    let mut answer = about(ask, id)?;
    answer.insert("status".into(), json!("deleted"));
    Ok(Value::Object(answer))
}

pub(super) async fn expire(ask: &Ask<'_>) -> Answer {
    let id = own(ask).await?;
    let expired = ask.call("memory_expire", &[("reason", "reason")], json!({ "id": id })).await?;
    let mut answer = about(ask, id)?;
    for field in ["status", "expired_at", "expired_by"] {
        answer.insert(field.into(), expired[field].clone());
    }
    Ok(Value::Object(answer))
}

pub(super) async fn restore(ask: &Ask<'_>) -> Answer {
    let id = own(ask).await?;
    let restored = ask.call("memory_restore", &[], json!({ "id": id })).await?;
    let mut answer = about(ask, id)?;
    answer.insert("status".into(), restored["status"].clone());
    Ok(Value::Object(answer))
}

/// The id in the path, if it is that of a memory of the session's own agent: in that API an agent
/// has no other's. What was deleted isn't there any more.
pub(super) async fn own<'a>(ask: &'a Ask<'_>) -> Result<&'a str> {
    let id = ask.in_path("id");
    own_of(ask, id).await?;
    Ok(id)
}

/// Refuses an id that isn't that of a memory of the session's own agent.
pub(super) async fn own_of(ask: &Ask<'_>, id: &str) -> Result<()> {
    let memory = ask.call_plain("memory_get", json!({ "id": id })).await?;
    if memory["author"]["agent"].as_str() != ask.acting_agent() {
        return Err(Error::not_found("memory"));
    }
    Ok(())
}

/// What every answer about one memory holds.
pub(super) fn about(ask: &Ask<'_>, id: &str) -> Result<Map<String, Value>> {
    let agent = ask.in_path("agent_id");
    let mut answer = Map::new();
    answer.insert("agent_id".into(), json!(agent));
    answer.insert("session_id".into(), json!(ask.session()?));
    answer.insert("namespace".into(), json!(shape::namespace(agent)));
    answer.insert("memory_id".into(), json!(id));
    Ok(answer)
}
