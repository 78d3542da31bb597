//! `complete`: what begins with some letters, of what the caller may see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::core::named::Named;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::memory::conflict::ConflictStatus;
use crate::memory::fields::MemoryType;
use crate::store::ReadTx;
use crate::store::conflicts::ConflictFilter;
use crate::store::tasks::TaskFilter;
use crate::work::task::TaskStatus;

pub struct Complete;

/// How many answers there are at most.
const MOST: usize = 100;

/// How many open tasks are looked through.
const LOOKED_THROUGH: usize = 500;

/// Of what, and how it begins.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// What is being typed
    kind: Sort,
    /// Its first letters; any if left out
    #[schemars(length(max = 128))]
    beginning: Option<String>,
}

/// What is being typed.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Sort {
    /// A memory's id, the newest first.
    Memory,
    /// The id of a conflict that waits, the newest first.
    Conflict,
    /// An open task's id, the most urgent first.
    Task,
    /// An agent's id.
    Agent,
    /// A tag, the commonest first.
    Tag,
    /// A type of memory.
    Type,
    /// An operation's name.
    Operation,
}

/// What begins so.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    values: Vec<String>,
    /// Whether there are others
    more: bool,
}

impl Operation for Complete {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "complete",
        title: "Complete",
        description: include_str!("../../tools/complete.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: false,
        route: Route { method: Method::Get, path: "/completions/{kind}", status: 200 },
        cli: Some(Cli { path: &["complete"], positional: Some("kind") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let beginning = input.beginning.unwrap_or_default();
        let found = call.read(move |tx, permit| find(tx, permit, input.kind, &beginning));
        let mut values = found.await?;
        let more = values.len() > MOST;
        values.truncate(MOST);
        Ok(Output { values, more })
    }
}

fn find(tx: &mut dyn ReadTx, permit: &Permit, sort: Sort, beginning: &str) -> Result<Vec<String>> {
    let begins = |value: &String| value.starts_with(beginning);
    Ok(match sort {
        Sort::Memory => {
            let ids = tx.memories_beginning(permit, beginning, MOST + 1)?;
            ids.iter().map(ToString::to_string).collect()
        }
        Sort::Conflict => {
            let statuses = ConflictStatus::WAITING.to_vec();
            let filter = ConflictFilter { statuses, ..ConflictFilter::default() };
            let waiting = tx.conflicts(permit, &filter, MOST + 1)?;
            waiting.iter().map(|conflict| conflict.id.to_string()).filter(begins).collect()
        }
        Sort::Task => {
            let statuses = TaskStatus::NAMES.iter().map(|(status, _)| *status);
            let statuses = statuses.filter(|status| !status.is_closed()).collect();
            let filter = TaskFilter { statuses, ..TaskFilter::default() };
            let open = tx.tasks(permit, &filter, None, LOOKED_THROUGH)?;
            open.iter().map(|task| task.id.to_string()).filter(begins).collect()
        }
        Sort::Agent => {
            let agents = tx.agents(permit)?.into_iter().map(|seen| seen.agent.slug);
            let mut slugs: Vec<String> = agents.filter(begins).collect();
            slugs.sort_unstable();
            slugs
        }
        Sort::Tag => tx.tags_beginning(permit, beginning, MOST + 1)?,
        Sort::Type => {
            let names = MemoryType::NAMES.iter().map(|(_, name)| (*name).to_owned());
            names.filter(begins).collect()
        }
        Sort::Operation => {
            let names = super::CATALOGUE.iter().map(|entry| entry.spec.name.to_owned());
            names.filter(begins).collect()
        }
    })
}
