//! Conflicts of an agent's own memories. They are found while memories are written, so to generate
//! them only counts them.

use serde_json::{Map, Value, json};

use super::Answer;
use super::ask::Ask;
use crate::core::error::{Error, Result};

/// Pages that are read for one list, of a hundred conflicts each.
const PAGES: usize = 20;

/// What somebody decides, the resolution that it is, and what is done with the older and the newer
/// memory beforehand.
const ACTIONS: [(&str, &str, [&str; 2]); 8] = [
    ("keep_old", "KEEP_EXISTING", ["", ""]),
    ("keep_new", "KEEP_NEW", ["", ""]),
    ("keep_both", "KEEP_BOTH", ["", ""]),
    ("manual", "MERGE", ["", ""]),
    ("remove_both", "DISMISS", ["forget", "forget"]),
    ("expire_old", "DISMISS", ["memory_expire", ""]),
    ("expire_new", "DISMISS", ["", "memory_expire"]),
    ("expire_both", "DISMISS", ["memory_expire", "memory_expire"]),
];

pub(super) async fn list(ask: &Ask<'_>) -> Answer {
    let waiting: Vec<Value> = waiting(ask).await?;
    let shown: Vec<Value> =
        waiting.iter().enumerate().map(|(index, conflict)| shape(index, conflict)).collect();
    let mut answer = about(ask)?;
    answer.insert("count".into(), json!(shown.len()));
    answer.insert("conflicts".into(), Value::Array(shown));
    Ok(Value::Object(answer))
}

pub(super) async fn generate(ask: &Ask<'_>) -> Answer {
    let count = waiting(ask).await?.len();
    let mut answer = about(ask)?;
    let report = json!({ "status": "success", "json_path": "", "conflict_count": count });
    answer.insert("conflicts".into(), report);
    Ok(Value::Object(answer))
}

pub(super) async fn resolve(ask: &Ask<'_>) -> Answer {
    let action = ask.fields.get("action").and_then(Value::as_str).unwrap_or_default();
    let found = ACTIONS.iter().find(|(name, ..)| *name == action);
    let (name, resolution, before) = found.ok_or_else(|| {
        Error::invalid(
            "action",
            "must be keep_old, keep_new, keep_both, remove_both, expire_old, expire_new, \
             expire_both or manual",
        )
    })?;
    let is_manual = *name == "manual";
    if is_manual && !ask.fields.contains_key("manual_content") {
        return Err(Error::invalid("manual_content", "is required with the action manual"));
    }
    let index = ask.whole("conflict_index").filter(|index| *index >= 0);
    let index = index.ok_or_else(|| Error::invalid("conflict_index", "must be 0 or more"))?;
    let waiting = waiting(ask).await?;
    let conflict = usize::try_from(index).ok().and_then(|index| waiting.get(index));
    let conflict = conflict.ok_or_else(|| Error::not_found("conflict"))?;

    for (operation, side) in before.iter().zip(["existing", "newer"]) {
        if !operation.is_empty() {
            ask.call_plain(operation, json!({ "id": conflict[side]["id"] })).await?;
        }
    }
    let names = [("manual_content", "content"), ("manual_type", "type")];
    let names = if is_manual { &names[..] } else { &[] };
    let decision = json!({ "id": conflict["id"], "resolution": resolution });
    let done = ask.call("conflict_resolve", names, decision).await?;

    let retired = |side: &str, at: usize| {
        let is_gone = before[at] == "forget";
        let ids = done["retired"].as_array();
        is_gone || ids.is_some_and(|ids| ids.contains(&conflict[side]["id"]))
    };
    let waits = done["status"] == "PENDING_APPROVAL";
    let mut answer = about(ask)?;
    answer.insert("conflict_index".into(), json!(index));
    answer.insert("action".into(), json!(action));
    answer.insert("deleted_old".into(), json!(retired("existing", 0)));
    answer.insert("deleted_new".into(), json!(retired("newer", 1)));
    if let Some(id) = done.get("merged") {
        answer.insert("new_memory_id".into(), id.clone());
    }
    answer.insert("status".into(), json!(if waits { "pending_approval" } else { "resolved" }));
    Ok(Value::Object(answer))
}

/// The conflicts of the agent's own memories that wait, the oldest first, of one day if one is
/// named. A decision moves those behind it up.
async fn waiting(ask: &Ask<'_>) -> Result<Vec<Value>> {
    let day = day(ask)?;
    let me = ask.acting_agent();
    let mut found = Vec::new();
    let mut cursor = Value::Null;
    for _ in 0..PAGES {
        let page = json!({ "limit": 100, "cursor": cursor });
        let mut page = ask.call("conflicts_list", &[], page).await?;
        if let Value::Array(conflicts) = page["conflicts"].take() {
            found.extend(conflicts);
        }
        cursor = page["next_cursor"].take();
        if cursor.is_null() {
            break;
        }
    }
    let is_own = |conflict: &Value| {
        // That API knows of no strategy.
        let is_of_memories = conflict["existing"]["node"].is_null();
        let sides = ["existing", "newer"];
        is_of_memories && sides.iter().all(|side| conflict[side]["author"]["agent"].as_str() == me)
    };
    let is_of_day = |conflict: &Value| {
        let opened = conflict["opened_at"].as_str().unwrap_or_default();
        day.is_none_or(|day| opened.starts_with(day))
    };
    found.retain(|conflict| is_own(conflict) && is_of_day(conflict));
    found.reverse();
    Ok(found)
}

/// The day that is asked for, as it is written.
fn day<'a>(ask: &'a Ask<'_>) -> Result<Option<&'a str>> {
    let Some(given) = ask.fields.get("date") else { return Ok(None) };
    let is_date = |text: &&str| {
        text.len() == 10 && crate::core::clock::Timestamp::parse(text, false).is_some()
    };
    let day = given.as_str().filter(is_date);
    day.map(Some).ok_or_else(|| Error::invalid("date", "must be a date, such as 2026-11-22"))
}

fn about(ask: &Ask<'_>) -> Result<Map<String, Value>> {
    let today = ask.now().to_string();
    let day = day(ask)?.unwrap_or_else(|| today.get(..10).unwrap_or_default());
    let mut answer = Map::new();
    answer.insert("agent_id".into(), json!(ask.in_path("agent_id")));
    answer.insert("session_id".into(), json!(ask.session()?));
    answer.insert("date".into(), json!(day));
    Ok(answer)
}

fn shape(index: usize, conflict: &Value) -> Value {
    json!({
        "index": index,
        "conflict_id": conflict["id"],
        "type": conflict["kind"],
        "severity": conflict["severity"],
        "status": conflict["status"],
        "resolved": false,
        "old_memory_id": conflict["existing"]["id"],
        "old_content": conflict["existing"]["content"],
        "old_created_at": conflict["existing"]["created_at"],
        "new_memory_id": conflict["newer"]["id"],
        "new_content": conflict["newer"]["content"],
        "new_created_at": conflict["newer"]["created_at"],
        "detected_at": conflict["opened_at"],
        "signals": conflict["signals"],
    })
}
