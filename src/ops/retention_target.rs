//! What the operations on retention share: whose policy is meant, how one is shown, and reading one
//! that came as text.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::json_text::line_of;
use super::{decode, schema};
use crate::core::error::{Error, Result};
use crate::core::id::AgentId;
use crate::identity::permit::Permit;
use crate::memory::retention::{ByType, Keep, Policy, Rule};
use crate::store::ReadTx;
use crate::store::retention::PolicyRow;

/// A policy as callers see it: nothing is left out.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PolicyView {
    /// How long memories of each type stay; other types stay for ever
    retention: ByType,
    /// The first that matches decides, before the types
    rules: Vec<Rule>,
    /// How long expired memories stay before they are erased for good
    purge_expired_after: Keep,
}

impl From<Policy> for PolicyView {
    fn from(policy: Policy) -> Self {
        Self {
            retention: policy.retention.unwrap_or_default(),
            rules: policy.rules.unwrap_or_default(),
            purge_expired_after: policy.purge_expired_after.unwrap_or(Keep::Never),
        }
    }
}

/// The agent whose memories are meant; `None` is everybody's.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) fn agent_of(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    slug: Option<&str>,
) -> Result<Option<AgentId>> {
    let Some(slug) = slug else { return Ok(None) };
    let agent = tx.any_agent_of_slug(permit, slug)?.ok_or_else(|| Error::not_found("agent"))?;
    Ok(Some(agent.id))
}

/// The policy of the team or of one agent, if one was ever set.
pub(super) fn row_of(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    agent: Option<AgentId>,
) -> Result<Option<PolicyRow>> {
    Ok(tx.retention_policies(permit)?.into_iter().find(|row| row.agent == agent))
}

/// Reads a policy that somebody wrote as JSON.
///
/// # Errors
/// `INVALID_ARGUMENT` naming the line, and the rule by its place.
pub(super) fn from_text(text: &str) -> Result<Policy> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| {
        Error::invalid("text", format!("line {} isn't JSON", error.line())).with_cause(error)
    })?;
    let checked = decode::check(&schema::input::<Policy>(), &mut value).and_then(|()| {
        let policy: Policy = decode::into_input(value)?;
        policy.check().map(|()| policy)
    });
    checked.map_err(|error| with_lines(&error, text))
}

/// The same refusal, each rule with the line that breaks it.
fn with_lines(error: &Error, text: &str) -> Error {
    let fields = error.details().get("fields").and_then(Value::as_array);
    let rules = fields.into_iter().flatten().filter_map(|broken| {
        let (field, rule) = (broken["field"].as_str()?, broken["rule"].as_str()?);
        Some(format!("line {}: `{field}` {rule}", line_of(text, field)))
    });
    Error::invalid("text", rules.collect::<Vec<_>>().join("; "))
}
