//! Recall: what fits a query, and memories as lists.

use serde_json::{Value, json};

use super::ask::{Ask, Names};
use super::{Answer, shape};
use crate::core::error::{Code, Error, Result};
use crate::core::text;

/// Most characters of a query, and most results but of the list of all.
const QUERY: usize = 1000;
const LIMIT: i64 = 100;
/// As many as the list of all gives at once.
const ALL: i64 = 5000;

const FILTERS: [Names; 7] = [
    ("type", "types"),
    ("memory_types", "types"),
    ("memory_type", "types"),
    ("types", "types"),
    ("tags", "tags"),
    ("created_after", "created_after"),
    ("created_before", "created_before"),
];

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    AsOf,
    Changed,
    Recent,
    All,
}

pub(super) async fn search(ask: &Ask<'_>) -> Answer {
    let query = query(ask)?.ok_or_else(|| Error::invalid("query", "is required"))?;
    let found = recall(ask, query, status(ask, "all")?).await?;
    let memories: Vec<Value> = found.iter().map(shape::memory).collect();
    Ok(json!({
        "agent_id": ask.in_path("agent_id"),
        "session_id": ask.session()?,
        "query": query,
        "count": memories.len(),
        "memories": memories,
    }))
}

/// What is active now: by a query if there is one, else the newest.
pub(super) async fn current(ask: &Ask<'_>) -> Answer {
    let Some(query) = query(ask)? else {
        let listed = listed(ask, &FILTERS, json!({ "limit": limit(ask)? })).await?;
        return temporal(ask, &listed, "current_only");
    };
    let found = recall(ask, query, "active").await?;
    let listed = json!({ "memories": found, "total": found.len() });
    temporal(ask, &listed, "current_only")
}

pub(super) async fn list(ask: &Ask<'_>, which: List) -> Answer {
    query(ask)?;
    let mut names = FILTERS.to_vec();
    let mut more = json!({ "limit": if which == List::All { most(ask) } else { limit(ask)? } });
    match which {
        List::AsOf => names.extend([required(ask, "as_of", "as_of")?, ("query", "query")]),
        List::Changed => {
            names.extend([required(ask, "since", "changed_since")?, ("query", "query")]);
        }
        List::Recent | List::All => {}
    }
    if which != List::AsOf {
        more["status"] = json!(status(ask, "all")?);
    }
    let temporal_mode = match which {
        List::AsOf => "as_of",
        List::Changed => "changed_since",
        List::Recent | List::All => "recent",
    };
    temporal(ask, &listed(ask, &names, more).await?, temporal_mode)
}

async fn recall(ask: &Ask<'_>, query: &str, status: &str) -> Result<Vec<Value>> {
    let mut names = FILTERS.to_vec();
    names.push(("min_similarity", "min_similarity"));
    let more = json!({
        "query": query, "limit": limit(ask)?, "status": status,
        "agents": [ask.in_path("agent_id")],
    });
    let found = ask.call("recall", &names, more).await?;
    Ok(found["hits"].as_array().cloned().unwrap_or_default())
}

async fn listed(ask: &Ask<'_>, names: &[Names], mut more: Value) -> Result<Value> {
    more["agents"] = json!([ask.in_path("agent_id")]);
    ask.call("memory_list", names, more).await
}

fn temporal(ask: &Ask<'_>, listed: &Value, mode: &str) -> Answer {
    let memories: Vec<Value> =
        listed["memories"].as_array().into_iter().flatten().map(shape::memory).collect();
    Ok(json!({
        "agent_id": ask.in_path("agent_id"),
        "session_id": ask.session()?,
        "count": memories.len(),
        "memories": memories,
        "total_available": listed["total"],
        "temporal_mode": mode,
        "as_of_date": listed["as_of"],
        "since_date": listed["changed_since"],
    }))
}

/// The query, if one is given.
///
/// # Errors
/// `TOO_LARGE`, with the reason that programs written for that API look for; `INVALID_ARGUMENT`
/// for one that is blank or no text.
fn query<'a>(ask: &'a Ask<'_>) -> Result<Option<&'a str>> {
    let Some(given) = ask.fields.get("query") else { return Ok(None) };
    let query = given.as_str().filter(|query| !text::is_blank(query));
    let query = query.ok_or_else(|| Error::invalid("query", "must be text, not blank"))?;
    if text::chars(query) > QUERY {
        return Err(Error::new(Code::TooLarge, "`query` must be at most 1000 characters")
            .with_fix("ask with fewer words")
            .with_detail("reason", json!("query_too_long")));
    }
    Ok(Some(query))
}

/// How many are wanted; 10 if left out.
pub(super) fn limit(ask: &Ask<'_>) -> Result<Value> {
    match ask.whole("limit") {
        Some(limit) if limit > LIMIT => {
            Err(Error::invalid("limit", "must be 1 to 100")
                .with_detail("reason", json!("k_too_large")))
        }
        Some(limit) => Ok(json!(limit)),
        // What is no whole number is refused as that.
        None => Ok(ask.fields.get("limit").cloned().unwrap_or_else(|| json!(10))),
    }
}

/// How many of the list of all are wanted; as many as it gives at once if left out.
fn most(ask: &Ask<'_>) -> Value {
    match ask.whole("limit") {
        Some(limit) => json!(limit.min(ALL)),
        None => ask.fields.get("limit").cloned().unwrap_or_else(|| json!(ALL)),
    }
}

/// In which statuses is looked.
fn status<'a>(ask: &'a Ask<'_>, default: &'static str) -> Result<&'a str> {
    let given = match ask.fields.get("status") {
        None => return Ok(default),
        Some(given) => given.as_str(),
    };
    given
        .filter(|status| ["all", "active", "expired"].contains(status))
        .ok_or_else(|| Error::invalid("status", "must be one of: all, active, expired"))
}

/// A field that a list can't do without.
fn required(ask: &Ask<'_>, theirs: &'static str, ours: &'static str) -> Result<Names> {
    if ask.fields.contains_key(theirs) {
        return Ok((theirs, ours));
    }
    Err(Error::invalid(theirs, "is required"))
}
