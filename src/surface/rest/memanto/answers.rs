//! Questions answered, and statements taken from conversations.

use serde_json::{Value, json};

use super::ask::Ask;
use super::memories::stored;
use super::{Answer, recall, shape};
use crate::core::error::{Code, Error, Result};
use crate::core::text;

/// Most characters of a question.
const QUESTION: usize = 1000;

/// Most statements that an answer rests on; that API allows more, and nobody reads them.
const STATEMENTS: i64 = 20;

/// From which confidence on a strict caller wants an answer, unless they say otherwise.
const STRICT: f64 = 0.15;

pub(super) async fn answer(ask: &Ask<'_>) -> Answer {
    let question = ask.fields.get("question").and_then(Value::as_str).map(str::trim);
    let question = question.filter(|question| !text::is_blank(question));
    let question = question.ok_or_else(|| Error::invalid("question", "must be text, not blank"))?;
    if text::chars(question) > QUESTION {
        return Err(Error::new(Code::TooLarge, "`question` must be at most 1000 characters")
            .with_fix("ask with fewer words")
            .with_detail("reason", json!("query_too_long")));
    }
    let limit = match recall::limit(ask)? {
        Value::Number(limit) => json!(limit.as_i64().map(|limit| limit.min(STATEMENTS))),
        other => other,
    };
    let agent = ask.in_path("agent_id");
    let more = json!({ "question": question, "limit": limit, "agents": [agent] });
    let found = ask.call("answer", &[], more).await?;
    let is_strict = flag(ask, "kiosk_mode");
    let least = ask.fields.get("threshold").and_then(number).unwrap_or(STRICT);
    let is_held = found["state"] != "not_held"
        && !(is_strict && found["confidence"].as_f64().unwrap_or(0.0) < least);
    let sources: Vec<Value> = match &found["statements"] {
        Value::Array(statements) if is_held => statements.iter().map(source).collect(),
        _ => Vec::new(),
    };
    Ok(json!({
        "agent_id": agent,
        "session_id": ask.session()?,
        "question": question,
        "answer": if is_held { text_of(&found) } else { NOTHING.to_owned() },
        "sources": sources,
        "namespace": shape::namespace(agent),
        "state": if is_held { found["state"].clone() } else { json!("not_held") },
        "mode": found["mode"],
        "confidence": found["confidence"],
        "note": found["note"],
    }))
}

const NOTHING: &str = "Nothing that is remembered answers this.";

/// The answer as one text: the prose, or the statements, one a line; before them, apart, what is to
/// be borne in mind.
fn text_of(found: &Value) -> String {
    if let Some(prose) = found["prose"].as_str() {
        return prose.to_owned();
    }
    let statements = found["statements"].as_array().into_iter().flatten();
    let lines: Vec<&str> = statements.filter_map(|cited| cited["text"].as_str()).collect();
    let lines = lines.join("\n");
    match (found["state"].as_str(), found["note"].as_str()) {
        (Some("stale" | "in_conflict"), Some(note)) => format!("({note})\n\n{lines}"),
        _ => lines,
    }
}

/// A statement as that API names what an answer rests on.
fn source(cited: &Value) -> Value {
    json!({
        "id": cited["memory_id"],
        "content": cited["text"],
        "text": cited["text"],
        "type": cited["type"],
        "confidence": cited["confidence"],
        "status": cited["status"],
        "created_at": cited["created_at"],
        "agent_id": cited["author"]["agent"],
        "actor_id": cited["author"]["agent"],
        "provenance": cited["provenance"],
        "score": cited["score"],
    })
}

pub(super) async fn extract(ask: &Ask<'_>) -> Answer {
    let is_dry = flag(ask, "dry_run");
    let messages = messages(ask)?;
    let more = json!({ "messages": messages, "store": !is_dry });
    let names = [("max_memories", "max_memories"), ("thread", "thread")];
    let mut found = ask.call("extract", &names, more).await?;
    let agent = ask.in_path("agent_id");
    let mut answer = json!({
        "agent_id": agent,
        "session_id": ask.session()?,
        "namespace": shape::namespace(agent),
        "dry_run": is_dry,
        "candidates": found["candidates"].take(),
        "count": found["count"],
    });
    if !is_dry {
        let items = found["items"].as_array().into_iter().flatten();
        let results: Vec<Value> = items
            .map(|kept| {
                json!({
                    "id": kept["id"], "status": stored(kept), "action": "stored",
                    "reason": null, "error": null, "type": kept["type"],
                })
            })
            .collect();
        answer["total_submitted"] = json!(results.len());
        answer["successful"] = json!(results.len());
        answer["failed"] = json!(0);
        answer["results"] = json!(results);
    }
    Ok(answer)
}

/// The turns, with what the operation knows of each: what that API has beside is ignored.
fn messages(ask: &Ask<'_>) -> Result<Vec<Value>> {
    let Some(Value::Array(given)) = ask.fields.get("messages") else {
        return Err(Error::invalid("messages", "must be a list of 1 to 200 messages"));
    };
    let known = |message: &Value| {
        let mut known = json!({});
        for name in ["role", "content", "name", "at"] {
            if let Some(value) = message.get(name).filter(|value| !value.is_null()) {
                known[name] = value.clone();
            }
        }
        known
    };
    Ok(given
        .iter()
        .map(|message| if message.is_object() { known(message) } else { message.clone() })
        .collect())
}

fn flag(ask: &Ask<'_>, name: &str) -> bool {
    ask.fields.get(name).is_some_and(|value| *value == json!(true) || value == "true")
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}
