//! How long an agent's memories stay: its own policy, presets, and applying it now.

use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::{Answer, shape};
use crate::core::error::{Error, Result};

/// What of a rule's `match` is known there.
const MATCH: [&str; 5] = ["type", "tags", "source", "provenance", "confidence_below"];

/// How many memories an answer lists at most.
const LISTED: u32 = 10_000;

pub(super) async fn show(ask: &Ask<'_>) -> Answer {
    let agent = ask.in_path("agent_id");
    let shown = ask.call("retention_show", &[], json!({ "agent": agent })).await?;
    let (policy, is_empty) = (policy(&shown["policy"]), &shown["is_empty"]);
    Ok(json!({ "agent_id": agent, "policy": policy, "is_empty": is_empty }))
}

pub(super) async fn set(ask: &Ask<'_>) -> Answer {
    let agent = ask.in_path("agent_id");
    let mut wanted = json!({ "agent": agent });
    if let Some(retention) = ask.fields.get("retention") {
        wanted["retention"] = durations(retention);
    }
    if let Some(rules) = ask.fields.get("rules") {
        wanted["rules"] = each(rules, rule);
    }
    if let Some(after) = ask.fields.get("purge_expired_after") {
        wanted["purge_expired_after"] = duration(after);
    }
    let set = ask.call("retention_set", &[], wanted).await?;
    let path = format!("/v1/retention?agent={agent}");
    Ok(json!({ "agent_id": agent, "policy": policy(&set["policy"]), "path": path }))
}

pub(super) async fn presets(ask: &Ask<'_>) -> Answer {
    let shown = ask.call("retention_show", &[], json!({ "presets": true })).await?;
    let presets = shown["presets"].as_array().into_iter().flatten().map(|preset| {
        let policy = &preset["policy"];
        json!({
            "name": preset["name"],
            "description": preset["description"],
            "retention": policy["retention"],
            "rule_count": policy["rules"].as_array().map_or(0, Vec::len),
            "purge_expired_after": policy["purge_expired_after"],
        })
    });
    Ok(json!({ "presets": presets.collect::<Vec<_>>() }))
}

pub(super) async fn preset(ask: &Ask<'_>) -> Answer {
    let shown = ask.call("retention_show", &[], json!({ "presets": true })).await?;
    let mut presets = shown["presets"].as_array().into_iter().flatten();
    let preset = presets
        .find(|preset| preset["name"] == ask.in_path("name"))
        .ok_or_else(|| Error::not_found("preset"))?;
    Ok(json!({
        "name": preset["name"],
        "description": preset["description"],
        "policy": policy(&preset["policy"]),
    }))
}

pub(super) async fn set_preset(ask: &Ask<'_>) -> Answer {
    let agent = ask.in_path("agent_id");
    let Some(name) = ask.fields.get("name").filter(|name| name.is_string()) else {
        return Err(Error::invalid("name", "must be one of: conservative, balanced, aggressive"));
    };
    let set = ask.call("retention_set", &[("name", "preset")], json!({ "agent": agent })).await?;
    Ok(json!({ "agent_id": agent, "preset": name, "policy": policy(&set["policy"]) }))
}

pub(super) async fn apply(ask: &Ask<'_>) -> Answer {
    let (agent, run) = swept(ask, "retention_run").await?;
    let expired = json!({ "agents": [agent], "status": "expired", "limit": 1 });
    let expired = ask.call_plain("memory_list", expired).await?["total"].as_u64().unwrap_or(0);
    let changed = run["changed"].as_u64().unwrap_or(0);
    let per_rule = run["by_rule"].as_array().into_iter().flatten();
    let per_rule: Map<String, Value> = per_rule
        .filter_map(|one| Some((one["rule"].as_str()?.to_owned(), one["count"].clone())))
        .collect();
    let memories = run["memories"].as_array().into_iter().flatten().map(|memory| {
        json!({
            "id": memory["id"], "title": memory["title"], "type": memory["type"],
            "created_at": memory["created_at"], "updated_at": memory["updated_at"],
            "expired_by": memory["rule"],
        })
    });
    Ok(json!({
        "agent_id": agent,
        "dry_run": run["dry_run"],
        "policy_is_empty": run["is_empty"],
        "scanned": run["scanned"],
        "already_expired": expired.saturating_sub(changed),
        "matched": run["matched"],
        "expired": run["changed"],
        "per_rule": per_rule,
        "memories": memories.collect::<Vec<_>>(),
        "errors": [],
        "evaluated_at": run["evaluated_at"],
    }))
}

pub(super) async fn purge(ask: &Ask<'_>) -> Answer {
    let (agent, run) = swept(ask, "retention_purge").await?;
    let memories = run["memories"].as_array().into_iter().flatten();
    let memories = memories.map(|memory| json!({ "id": memory["id"], "title": memory["title"] }));
    Ok(json!({
        "agent_id": agent,
        "namespace": shape::namespace(agent),
        "dry_run": run["dry_run"],
        "enabled": run["is_empty"] == false,
        "matched": run["matched"],
        "purged": run["changed"],
        "memories": memories.collect::<Vec<_>>(),
        "errors": [],
        "evaluated_at": run["evaluated_at"],
    }))
}

/// Applies the policies to the memories of the agent in the path.
async fn swept<'a>(ask: &'a Ask<'_>, operation: &str) -> Result<(&'a str, Value)> {
    let agent = ask.in_path("agent_id");
    let more = json!({ "agent": agent, "limit": LISTED });
    Ok((agent, ask.call(operation, &[("dry_run", "dry_run")], more).await?))
}

/// A policy in that API's shape.
fn policy(ours: &Value) -> Value {
    json!({
        "version": 1,
        "retention": ours["retention"],
        "rules": ours["rules"],
        "purge_expired_after": ours["purge_expired_after"],
    })
}

/// A rule of theirs, without what it has no meaning here; it keeps for ever where it says nothing.
fn rule(theirs: &Value) -> Value {
    let Value::Object(theirs) = theirs else { return theirs.clone() };
    let mut rule = Map::new();
    rule.extend(theirs.get("name").map(|name| ("name".to_owned(), name.clone())));
    let after = theirs.get("expire_after").filter(|after| !after.is_null());
    rule.insert("expire_after".into(), after.map_or_else(|| json!("never"), duration));
    match theirs.get("match") {
        Some(Value::Object(matching)) => {
            let known = matching.iter().filter(|(name, _)| MATCH.contains(&name.as_str()));
            let known = known.map(|(name, value)| (name.clone(), value.clone()));
            rule.insert("match".into(), Value::Object(known.collect()));
        }
        Some(other) => _ = rule.insert("match".into(), other.clone()),
        None => {}
    }
    Value::Object(rule)
}

fn durations(theirs: &Value) -> Value {
    let Value::Object(theirs) = theirs else { return theirs.clone() };
    theirs.iter().map(|(name, after)| (name.clone(), duration(after))).collect()
}

/// A duration as that API takes it: `3 D` is `3d` there, and the empty text is for ever.
fn duration(theirs: &Value) -> Value {
    let Value::String(text) = theirs else { return theirs.clone() };
    let text: String = text.split_whitespace().collect::<String>().to_lowercase();
    if text.is_empty() { json!("never") } else { json!(text) }
}

fn each(list: &Value, translated: fn(&Value) -> Value) -> Value {
    match list {
        Value::Array(items) => items.iter().map(translated).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_they_are_there() {
        for (theirs, ours) in [("30D", "30d"), (" 3 mo ", "3mo"), ("", "never"), ("Never", "never")]
        {
            assert_eq!(duration(&json!(theirs)), json!(ours));
        }
    }

    #[test]
    fn a_rule_without_a_duration_keeps_and_unknown_fields_are_ignored() {
        let theirs = json!({ "name": "r", "note": 1, "match": { "tags": ["a"], "age": 3 } });

        let expected = json!({ "name": "r", "match": { "tags": ["a"] }, "expire_after": "never" });
        assert_eq!(rule(&theirs), expected);
        assert_eq!(rule(&json!(7)), json!(7));
    }
}
