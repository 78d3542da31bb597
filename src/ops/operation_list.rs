//! `operation_list`: the catalogue itself, for whoever picks what a key may call.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct OperationList;

/// Which ones.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Words, one of which the name, title or description holds
    #[schemars(length(min = 1, max = 200))]
    query: Option<String>,
    /// Only those of this toolset
    toolset: Option<Toolset>,
}

/// The operations.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    operations: Vec<OperationView>,
    count: usize,
}

/// An operation as those see it who pick.
#[derive(Serialize, JsonSchema)]
pub struct OperationView {
    /// As an allow-list names it
    name: &'static str,
    title: &'static str,
    description: &'static str,
    toolset: Toolset,
    /// The scope a key needs for it
    scope: Scope,
    /// The least role a key needs for it
    least_role: Role,
    /// What it does to what is there
    effect: Effect,
}

impl Operation for OperationList {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "operation_list",
        title: "List operations",
        description: include_str!("../../tools/operation_list.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Get, path: "/operations", status: 200 },
        cli: Some(Cli { path: &["operation", "list"], positional: Some("query") }),
        resource: None,
        aliases: &[],
    };

    async fn run(_: &Call<'_>, input: Input) -> Result<Output> {
        let query = input.query.map(|query| query.to_lowercase());
        let words: Option<Vec<&str>> =
            query.as_deref().map(|query| query.split_whitespace().collect());
        let operations: Vec<OperationView> = super::CATALOGUE
            .iter()
            .map(|entry| &entry.spec)
            .filter(|spec| input.toolset.is_none_or(|toolset| toolset == spec.toolset))
            .filter(|spec| words.as_ref().is_none_or(|words| holds_any(spec, words)))
            .map(OperationView::of)
            .collect();
        Ok(Output { count: operations.len(), operations })
    }
}

/// Whether an operation's name, title or words hold one of these, which are in small letters.
fn holds_any(spec: &Spec, words: &[&str]) -> bool {
    let texts = [spec.name, spec.title, spec.description].map(str::to_lowercase);
    words.iter().any(|word| texts.iter().any(|text| text.contains(word)))
}

impl OperationView {
    fn of(spec: &'static Spec) -> Self {
        Self {
            name: spec.name,
            title: spec.title,
            description: spec.description.lines().next().unwrap_or_default(),
            toolset: spec.toolset,
            scope: spec.scope,
            least_role: spec.least_role,
            effect: spec.effect,
        }
    }
}
