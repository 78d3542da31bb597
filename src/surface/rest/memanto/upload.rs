//! Documents that are kept part by part: each part a memory, with its place in the document.

use serde_json::{Value, json};

use super::ask::{Ask, entry};
use super::{Answer, shape};
use crate::core::error::{Code, Error};
use crate::ops;

/// Memories that are kept in one unit.
const AT_ONCE: usize = 100;

pub(super) async fn file(ask: &Ask<'_>) -> Answer {
    let file = ask.file.as_ref().ok_or_else(|| Error::invalid("file", "is required"))?;
    let items = ops::document::items(&file.name, &file.bytes)?;
    let count = items.len();
    // All is checked before anything is kept: a document is kept whole, or nothing of it.
    let operation = entry("remember")?;
    let mut batches = Vec::new();
    for items in items.chunks(AT_ONCE) {
        for item in items {
            ops::check_memory(item.clone(), ask.now())?;
        }
        let fields = json!({ "items": items }).as_object().cloned().unwrap_or_default();
        batches.push(Value::Object(ask.guarded(operation, &fields).await?));
    }
    for batch in batches {
        ask.call_plain("remember", batch).await?;
    }
    let agent = ask.in_path("agent_id");
    let memories = if count == 1 { "1 memory".to_owned() } else { format!("{count} memories") };
    Ok(json!({
        "agent_id": agent,
        "session_id": ask.session()?,
        "namespace": shape::namespace(agent),
        "file_name": file.name,
        "file_size": file.bytes.len(),
        "status": "uploaded",
        "message": format!("kept as {memories}"),
        "memories": count,
    }))
}

/// What is too large, in the words that programs written for that API look for, where a file was.
pub(super) fn named(takes_file: bool, error: Error) -> Error {
    if takes_file && error.code() == Code::TooLarge {
        return error.with_detail("reason", json!("file_too_large"));
    }
    error
}
