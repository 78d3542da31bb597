//! `retention_run`: what a policy is done with expires now, and not at the next sweep.

use super::call::Call;
use super::retention_sweep::{self, Input, Output, Step};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct RetentionRun;

impl Operation for RetentionRun {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "retention_run",
        title: "Let expire what a policy is done with",
        description: include_str!("../../tools/retention_run.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Post, path: "/retention/run", status: 200 },
        cli: Some(Cli { path: &["retention", "run"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        retention_sweep::run(call, Step::Expire, input).await
    }
}
