//! `policy_set`: how new agents begin, what becomes of secrets, and who approves work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::policy_show::{PoliciesView, SecretValues};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::actor::TrustPolicy;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct PolicySet;

/// What changes; what is left out stays.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// automatic: new agents act at once; approval: an admin approves each
    trust: Option<TrustPolicy>,
    /// Arguments whose values are secrets: refused, blanked, or let through
    secret_values: Option<SecretValues>,
    /// Whether who did a task may say that it is done, once every criterion is met
    self_approval: Option<bool>,
}

/// The policies as they are now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    policies: PoliciesView,
    /// False when they were so already
    changed: bool,
}

impl Operation for PolicySet {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "policy_set",
        title: "Set the team's policies",
        description: include_str!("../../tools/policy_set.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: true,
        route: Route { method: Method::Patch, path: "/policies", status: 200 },
        cli: Some(Cli { path: &["policy", "set"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        call.change(move |tx, permit| {
            let now = tx.policies(permit)?;
            let mut next = now;
            next.trust = input.trust.unwrap_or(next.trust);
            next.secrets = input.secret_values.map_or(next.secrets, Into::into);
            next.allows_self_approval = input.self_approval.unwrap_or(next.allows_self_approval);
            if next == now {
                return Ok(Done::Unchanged(Output { policies: now.into(), changed: false }));
            }
            tx.set_policies(permit, next)?;
            let act = Act {
                object_kind: "team",
                object_id: permit.team().to_string(),
                summary: json!({
                    "trust": next.trust, "secrets": next.secrets.as_str(),
                    "self_approval": next.allows_self_approval,
                }),
            };
            Ok(Done::Changed(Output { policies: next.into(), changed: true }, act))
        })
        .await
    }
}
