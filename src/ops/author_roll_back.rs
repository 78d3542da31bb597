//! `author_roll_back`: brings back what stood before an author's acts.

use super::author_target::{self, Input, Output, Undo};
use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct AuthorRollBack;

impl Operation for AuthorRollBack {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "author_roll_back",
        title: "Undo what an author wrote",
        description: include_str!("../../tools/author_roll_back.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Post, path: "/authors/roll-back", status: 200 },
        cli: Some(Cli { path: &["author", "roll-back"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        author_target::run(call, Undo::RollBack, input).await
    }
}
