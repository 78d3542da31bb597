//! `policy_show`: what the team has decided about new agents, secrets and who approves work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::actor::TrustPolicy;
use crate::identity::guard::Policy;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::store::teams::Policies;

pub struct PolicyShow;

/// Nothing is asked.
#[derive(Deserialize, JsonSchema)]
pub struct Input {}

/// The team's policies.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    policies: PoliciesView,
}

/// The team's policies as callers see them.
#[derive(Serialize, JsonSchema)]
pub struct PoliciesView {
    /// How new agents begin
    trust: TrustPolicy,
    /// What becomes of arguments whose values are secrets
    secret_values: SecretValues,
    /// Whether who did a task may say that it is done
    self_approval: bool,
}

/// What becomes of arguments whose values are secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum SecretValues {
    Reject,
    Redact,
    Allow,
}

impl From<Policies> for PoliciesView {
    fn from(policies: Policies) -> Self {
        let secret_values = match policies.secrets {
            Policy::Reject => SecretValues::Reject,
            Policy::Redact => SecretValues::Redact,
            Policy::Allow => SecretValues::Allow,
        };
        Self { trust: policies.trust, secret_values, self_approval: policies.allows_self_approval }
    }
}

impl From<SecretValues> for Policy {
    fn from(values: SecretValues) -> Self {
        match values {
            SecretValues::Reject => Policy::Reject,
            SecretValues::Redact => Policy::Redact,
            SecretValues::Allow => Policy::Allow,
        }
    }
}

impl Operation for PolicyShow {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "policy_show",
        title: "Show the team's policies",
        description: include_str!("../../tools/policy_show.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Get, path: "/policies", status: 200 },
        cli: Some(Cli { path: &["policy", "show"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, _: Input) -> Result<Output> {
        let policies = call.look_up(|tx, permit| tx.policies(permit)).await?;
        Ok(Output { policies: policies.into() })
    }
}
