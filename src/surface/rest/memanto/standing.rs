//! What is held of a memory: validated, superseded by another, contradicted.
//!
//! The older generation of that API marks a memory so by its id. Here to validate one makes a
//! version whose provenance says it, and one that is contradicted expires for that reason: both are
//! undone as any change is.

use serde_json::{Value, json};

use super::Answer;
use super::ask::Ask;
use super::memories::{about, own, own_of};
use crate::core::error::Error;

pub(super) async fn validate(ask: &Ask<'_>) -> Answer {
    let id = own(ask).await?;
    let validated = json!({ "id": id, "provenance": "validated" });
    ask.call("memory_update", &[], validated).await?;
    let memory = ask.call_plain("memory_get", json!({ "id": id })).await?;
    // Its author's word, and everybody's who said the same.
    let count = 1 + memory["confirmations"].as_u64().unwrap_or(0);
    let mut answer = about(ask, id)?;
    answer.insert("status".into(), json!("validated"));
    answer.insert("validation_count".into(), json!(count));
    answer.insert("validated_at".into(), memory["updated_at"].clone());
    Ok(Value::Object(answer))
}

pub(super) async fn supersede(ask: &Ask<'_>) -> Answer {
    let new = ask.fields.get("new_memory_id").and_then(Value::as_str);
    let new = new.ok_or_else(|| Error::invalid("new_memory_id", "is required"))?;
    let old = own(ask).await?;
    own_of(ask, new).await?;
    let link = json!({ "id": new, "type": "supersedes", "to": old });
    ask.call("link_add", &[], link).await?;
    let mut answer = about(ask, old)?;
    answer.remove("memory_id");
    answer.insert("old_memory_id".into(), json!(old));
    answer.insert("new_memory_id".into(), json!(new));
    answer.insert("status".into(), json!("superseded"));
    answer.insert("message".into(), json!("the older memory is retired, and linked to the newer"));
    Ok(Value::Object(answer))
}

pub(super) async fn contradict(ask: &Ask<'_>) -> Answer {
    let id = own(ask).await?;
    let expire = json!({ "id": id, "reason": "contradicted" });
    let expired = ask.call("memory_expire", &[], expire).await?;
    let mut answer = about(ask, id)?;
    answer.insert("status".into(), json!("contradicted"));
    answer.insert("contradicted_at".into(), expired["expired_at"].clone());
    Ok(Value::Object(answer))
}
