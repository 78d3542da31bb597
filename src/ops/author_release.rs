//! `author_release`: gives an author's quarantined memories back as they were.

use super::author_target::{self, Input, Output, Undo};
use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct AuthorRelease;

impl Operation for AuthorRelease {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "author_release",
        title: "Release what was quarantined",
        description: include_str!("../../tools/author_release.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Post, path: "/authors/release", status: 200 },
        cli: Some(Cli { path: &["author", "release"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        author_target::run(call, Undo::Release, input).await
    }
}
