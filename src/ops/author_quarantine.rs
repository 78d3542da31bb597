//! `author_quarantine`: hides at once, and reversibly, all that an author wrote in a period.

use super::author_target::{self, Input, Output, Undo};
use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct AuthorQuarantine;

impl Operation for AuthorQuarantine {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "author_quarantine",
        title: "Hide what an author wrote",
        description: include_str!("../../tools/author_quarantine.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Post, path: "/authors/quarantine", status: 200 },
        cli: Some(Cli { path: &["author", "quarantine"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        author_target::run(call, Undo::Quarantine, input).await
    }
}
