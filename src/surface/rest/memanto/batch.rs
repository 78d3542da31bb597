//! Many memories at once: each is answered for itself, and the good ones are kept in one unit.

use serde_json::{Value, json};

use super::ask::{Ask, arguments, entry, given};
use super::memories::{MEMORY, stored};
use super::{Answer, shape};
use crate::core::error::{Error, Result};
use crate::ops::{self, Entry};

const MOST: usize = 100;

pub(super) async fn remember(ask: &Ask<'_>) -> Answer {
    let operation = entry("remember")?;
    let mut beside = ask.fields.clone();
    let submitted = match beside.remove("memories") {
        Some(Value::Array(items)) if (1..=MOST).contains(&items.len()) => items,
        _ => {
            return Err(Error::invalid("memories", "must be a list of 1 to 100 memories")
                .with_detail("reason", json!("batch_size")));
        }
    };
    ask.guarded(operation, &beside).await?;

    let mut results: Vec<Value> = vec![Value::Null; submitted.len()];
    let (mut places, mut good) = (Vec::new(), Vec::new());
    for (at, item) in submitted.iter().enumerate() {
        match checked(ask, operation, item).await {
            Ok(item) => {
                places.push(at);
                good.push(item);
            }
            Err(error) => results[at] = failed(&error),
        }
    }
    if !good.is_empty() {
        let kept = ask.call_plain("remember", json!({ "items": good })).await?;
        for (at, kept) in places.into_iter().zip(kept["items"].as_array().into_iter().flatten()) {
            results[at] = done(kept);
        }
    }
    let successful = results.iter().filter(|result| result["error"].is_null()).count();
    let agent = ask.in_path("agent_id");
    Ok(json!({
        "agent_id": agent,
        "session_id": ask.session()?,
        "namespace": shape::namespace(agent),
        "total_submitted": results.len(),
        "successful": successful,
        "failed": results.len() - successful,
        "results": results,
    }))
}

/// An item as `remember` takes it, if its shape allows; secrets are refused and recorded as ever.
async fn checked(ask: &Ask<'_>, operation: &Entry, item: &Value) -> Result<Value> {
    let Value::Object(fields) = item else {
        return Err(Error::invalid("memories", "must hold objects"));
    };
    let fields = given(ask.guarded(operation, fields).await?);
    let item = arguments(operation, &fields, &MEMORY, json!({ "visibility": "team" }));
    ops::check_memory(item.clone(), ask.now())?;
    Ok(item)
}

fn done(kept: &Value) -> Value {
    json!({
        "id": kept["id"], "status": stored(kept), "action": "stored",
        "reason": null, "error": null, "type": kept["type"],
    })
}

fn failed(error: &Error) -> Value {
    json!({
        "id": null, "status": "failed", "action": "rejected",
        "reason": error.code().as_str(), "error": error.message(), "type": null,
    })
}
