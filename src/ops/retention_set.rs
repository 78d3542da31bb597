//! `retention_set`: decides how long memories stay, for the team or for one agent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::retention_target::{PolicyView, agent_of, from_text, row_of};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::retention::{ByType, Keep, Policy, Rule, presets};
use crate::store::retention::PolicyRow;

pub struct RetentionSet;

/// A whole policy: in its parts, as a preset, or as text. What is left out of it is not in it.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The whole policy as JSON
    #[schemars(length(min = 1, max = 200_000))]
    text: Option<String>,
    /// For this agent's memories alone, by its id; for the team's if left out
    #[schemars(length(min = 1, max = 100))]
    agent: Option<String>,
    /// A policy to begin with
    preset: Option<PresetName>,
    /// How long memories of each type stay: 30d, 12h, never
    retention: Option<ByType>,
    /// The first that matches decides, before the types
    #[schemars(length(max = 100))]
    rules: Option<Vec<Rule>>,
    /// How long expired memories stay before they are erased for good; never if left out
    purge_expired_after: Option<Keep>,
    /// Refuse if another version stands now; 0 where none was ever set
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_i64))]
    expected_version: Option<i64>,
}

/// The name of a policy to begin with.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum PresetName {
    Conservative,
    Balanced,
    Aggressive,
}

impl PresetName {
    const fn as_str(self) -> &'static str {
        match self {
            PresetName::Conservative => "conservative",
            PresetName::Balanced => "balanced",
            PresetName::Aggressive => "aggressive",
        }
    }
}

/// The policy as it stands now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    version: i64,
    /// Whether it lets every memory be
    is_empty: bool,
    policy: PolicyView,
    updated_at: Timestamp,
    /// False when it was so already
    changed: bool,
}

impl Operation for RetentionSet {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "retention_set",
        title: "Decide how long memories stay",
        description: include_str!("../../tools/retention_set.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Put, path: "/retention", status: 200 },
        cli: Some(Cli { path: &["retention", "set"], positional: Some("text") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let (slug, expected) = (input.agent.clone(), input.expected_version);
        let preset = input.preset.map(PresetName::as_str);
        let policy = wanted(input)?;
        let at = call.at;
        call.change(move |tx, permit| {
            let agent = agent_of(tx, permit, slug.as_deref())?;
            let before = row_of(tx, permit, agent)?;
            let version = before.as_ref().map_or(0, |row| row.version);
            if expected.is_some_and(|expected| expected != version) {
                return Err(Error::new(Code::Conflict, "the policy has changed since it was read")
                    .with_fix(
                        "read it with retention_show, and set it anew if it should still change",
                    )
                    .with_detail("version", json!(version)));
            }
            let output = |row: PolicyRow, changed| Output {
                agent: slug.clone(),
                version: row.version,
                is_empty: row.policy.is_empty(),
                policy: row.policy.into(),
                updated_at: row.updated_at,
                changed,
            };
            if let Some(row) = before.filter(|row| row.policy == policy) {
                return Ok(Done::Unchanged(output(row, false)));
            }
            let row =
                PolicyRow { agent, version: version + 1, policy: policy.clone(), updated_at: at };
            tx.set_retention_policy(permit, &row)?;
            let act = Act {
                object_kind: if agent.is_some() { "agent" } else { "team" },
                object_id: slug.clone().unwrap_or_else(|| permit.team().to_string()),
                summary: json!({
                    "version": row.version, "preset": preset,
                    "types": row.policy.retention, "rules": row.policy.rules().len(),
                    "purge_expired_after": row.policy.purge_expired_after,
                }),
            };
            Ok(Done::Changed(output(row, true), act))
        })
        .await
    }
}

/// The policy that the input describes, checked.
fn wanted(input: Input) -> Result<Policy> {
    let parts = Policy {
        retention: input.retention,
        rules: input.rules,
        purge_expired_after: input.purge_expired_after,
    };
    let policy = match (input.preset, input.text) {
        (None, None) => parts,
        (Some(preset), None) if parts == Policy::default() => {
            presets::named(preset.as_str()).unwrap_or_default()
        }
        (None, Some(text)) if parts == Policy::default() => from_text(&text)?,
        (preset, _) => {
            let field = if preset.is_some() { "preset" } else { "text" };
            let rule = "must stand alone: a policy is given as a preset, as text or in parts";
            return Err(Error::invalid(field, rule));
        }
    };
    policy.check()?;
    Ok(policy)
}
