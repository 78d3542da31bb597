//! `conflicts_list`: memories that can't hold beside others or beside what the team is after, and what
//! was decided about them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::conflict_view::{ConflictView, Sides};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::known_id;
use crate::core::error::Result;
use crate::core::page;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::conflict::{ConflictKind, ConflictStatus};
use crate::store::conflicts::ConflictFilter;

pub struct ConflictsList;

/// Conflicts on a page, unless said otherwise.
const PAGE: u32 = 20;

/// Which.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Any of these; those that wait if left out
    #[schemars(length(max = 5))]
    status: Option<Vec<ConflictStatus>>,
    /// Those of this kind alone
    kind: Option<ConflictKind>,
    /// Those of this memory: mem_…
    #[schemars(length(min = 1, max = 64))]
    memory: Option<String>,
    /// Those with this node of the strategy: nod_…
    #[schemars(length(min = 1, max = 64))]
    #[schemars(extend("x-rare" = true))]
    node: Option<String>,
    /// How many; 20 if left out
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// The last page's next_cursor
    #[schemars(length(min = 1, max = 64))]
    cursor: Option<String>,
}

/// The newest first.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    conflicts: Vec<ConflictView>,
    count: usize,
    /// Absent on the last page
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Operation for ConflictsList {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "conflicts_list",
        title: "List conflicts",
        description: include_str!("../../tools/conflicts_list.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: true,
        route: Route { method: Method::Get, path: "/conflicts", status: 200 },
        cli: Some(Cli { path: &["conflict", "list"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let limit = input.limit.unwrap_or(PAGE) as usize;
        let memory = input.memory.as_deref().map(|id| known_id("memory", id)).transpose()?;
        let node = input.node.as_deref().map(|id| known_id("node", id)).transpose()?;
        let before = page::before(input.cursor.as_deref())?;
        let statuses = input.status.filter(|statuses| !statuses.is_empty());
        let filter = ConflictFilter {
            statuses: statuses.unwrap_or_else(|| ConflictStatus::WAITING.to_vec()),
            kind: input.kind,
            memory,
            node,
            before,
        };
        let (conflicts, sides) = call
            .read(move |tx, permit| {
                let conflicts = tx.conflicts(permit, &filter, limit + 1)?;
                let sides = Sides::read(tx, permit, &conflicts)?;
                Ok((conflicts, sides))
            })
            .await?;
        let is_more = conflicts.len() > limit;
        let shown: Vec<ConflictView> = conflicts
            .into_iter()
            .take(limit)
            .filter_map(|conflict| ConflictView::of(conflict, &sides))
            .collect();
        let next_cursor = shown.last().filter(|_| is_more).map(|conflict| conflict.id.clone());
        Ok(Output { count: shown.len(), conflicts: shown, next_cursor })
    }
}
