//! The shapes that go out: what our operations answer, under the names of that API.

use serde_json::{Value, json};

/// What a program may take for a name of storage.
pub(super) fn namespace(agent: &str) -> String {
    format!("memanto_agent_{agent}")
}

/// An agent, from what `agent_show` answers or one of `agent_list`.
pub(super) fn agent(seen: &Value) -> Value {
    let id = seen["id"].as_str().unwrap_or_default();
    json!({
        "agent_id": id,
        "namespace": namespace(id),
        "pattern": pattern(&seen["type"]),
        "description": seen["description"],
        "created_at": seen["created_at"],
        "last_session": seen["last_session_at"],
        "memory_count": count(&seen["memories"]),
        "session_count": count(&seen["sessions"]),
        "status": "ready",
    })
}

/// A session with its token, from what `session_activate` answers.
pub(super) fn session(activated: &Value) -> Value {
    let mut session = session_info(activated);
    session["session_token"] = activated["session_token"].clone();
    session["metadata"] = json!({});
    session
}

/// A session, from what the operations on sessions answer.
pub(super) fn session_info(session: &Value) -> Value {
    json!({
        "session_id": session["session_id"],
        "agent_id": session["agent_id"],
        "namespace": session["namespace"],
        "started_at": session["started_at"],
        "expires_at": session["expires_at"],
        "pattern": session["pattern"],
        "status": session["status"],
        "time_remaining_seconds": session["time_remaining_seconds"],
    })
}

/// A memory, from a hit of `recall` or one of `memory_list`.
pub(super) fn memory(found: &Value) -> Value {
    let is_expired = found["status"] == "expired";
    let when_expired = |field: &str| if is_expired { found[field].clone() } else { Value::Null };
    let author = &found["author"]["agent"];
    json!({
        "id": found["id"],
        "title": found["title"],
        "content": found["content"],
        "text": text(found),
        "type": found["type"],
        "confidence": found["confidence"],
        "status": found["status"],
        "tags": found["tags"],
        "created_at": found["created_at"],
        "updated_at": found["updated_at"],
        "expired_at": when_expired("status_at"),
        "expired_by": when_expired("status_reason"),
        "actor_id": author,
        "source": found["source"].as_str().unwrap_or("agent"),
        "source_ref": found["source_ref"],
        "agent_id": author,
        "score": found["score"],
        "provenance": found["provenance"],
        "change_type": found["change_type"],
    })
}

/// The memory as one text: its type and title, the content, and the tags if it has any.
fn text(found: &Value) -> String {
    let part = |field: &str| found[field].as_str().unwrap_or_default();
    let kind = part("type").to_uppercase();
    let mut text = format!("[{kind}] {}\n\n{}", part("title"), part("content"));
    let tags: Vec<&str> =
        found["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !tags.is_empty() {
        text.push_str("\n\nTags: ");
        text.push_str(&tags.join(", "));
    }
    text
}

/// The pattern of an agent: its type, or what that API has by default.
fn pattern(kind: &Value) -> &str {
    kind.as_str().unwrap_or("support")
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_as_text_names_its_tags_only_if_it_has_any() {
        let mut found = json!({
            "type": "fact", "title": "Tea", "content": "Tea is hot.", "tags": ["a", "b"],
        });

        assert_eq!(text(&found), "[FACT] Tea\n\nTea is hot.\n\nTags: a, b");
        found["tags"] = json!([]);
        assert_eq!(text(&found), "[FACT] Tea\n\nTea is hot.");
    }

    #[test]
    fn only_an_expired_memory_says_since_when_and_why() {
        let mut found =
            json!({ "status": "expired", "status_at": "then", "status_reason": "rule" });

        let expired = memory(&found);
        found["status"] = json!("active");
        let restored = memory(&found);

        assert_eq!(
            (&expired["expired_at"], &expired["expired_by"]),
            (&json!("then"), &json!("rule"))
        );
        assert_eq!(
            (&restored["expired_at"], &restored["expired_by"]),
            (&Value::Null, &Value::Null)
        );
    }
}
