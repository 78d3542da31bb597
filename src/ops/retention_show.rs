//! `retention_show`: how long memories stay, for the team or for one agent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::retention_target::{PolicyView, agent_of, row_of};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::retention::{Policy, presets};

pub struct RetentionShow;

/// Whose policy.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The own policy of this agent, by its id; the team's if left out
    #[schemars(length(min = 1, max = 100))]
    agent: Option<String>,
    /// True: also the policies to begin with
    presets: Option<bool>,
}

/// The policy as it stands.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// From 1, one more each time it is set; 0 where none ever was
    version: i64,
    /// Whether it lets every memory be
    is_empty: bool,
    policy: PolicyView,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presets: Option<Vec<PresetView>>,
}

/// A policy to begin with.
#[derive(Serialize, JsonSchema)]
pub struct PresetView {
    name: &'static str,
    description: &'static str,
    policy: PolicyView,
}

impl Operation for RetentionShow {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "retention_show",
        title: "Show how long memories stay",
        description: include_str!("../../tools/retention_show.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Get, path: "/retention", status: 200 },
        cli: Some(Cli { path: &["retention", "show"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let presets = input.presets.unwrap_or(false).then(all_presets);
        let slug = input.agent.clone();
        let row = call
            .look_up(move |tx, permit| {
                let agent = agent_of(tx, permit, slug.as_deref())?;
                row_of(tx, permit, agent)
            })
            .await?;
        let (version, updated_at) = row.as_ref().map(|row| (row.version, row.updated_at)).unzip();
        let policy = row.map_or_else(Policy::default, |row| row.policy);
        Ok(Output {
            agent: input.agent,
            version: version.unwrap_or(0),
            is_empty: policy.is_empty(),
            policy: policy.into(),
            updated_at,
            presets,
        })
    }
}

fn all_presets() -> Vec<PresetView> {
    let view = |preset: &presets::Preset| PresetView {
        name: preset.name,
        description: preset.description,
        policy: presets::named(preset.name).unwrap_or_default().into(),
    };
    presets::ALL.iter().map(view).collect()
}
