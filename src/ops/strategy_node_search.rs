//! `strategy_node_search`: nodes of the strategy by their words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::node_view::NodeView;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::core::id::NodeId;
use crate::core::text::words;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::work::node::{NodeKind, NodeStatus};

pub struct StrategyNodeSearch;

/// What to look for.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Words of statement or description; those that hold more come first. All nodes if left out
    #[schemars(length(max = 1000))]
    query: Option<String>,
    /// Any of these levels
    #[schemars(length(max = 8))]
    types: Option<Vec<NodeKind>>,
    /// Of this status alone
    status: Option<NodeStatus>,
    /// How many; 20 if left out
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// The nodes.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    nodes: Vec<NodeView>,
    count: usize,
    /// How many there are, shown or not
    total: usize,
}

/// How many nodes are read at once.
const STRETCH: usize = 500;

impl Operation for StrategyNodeSearch {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "strategy_node_search",
        title: "Search the strategy",
        description: include_str!("../../tools/strategy_node_search.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Work,
        is_listed: false,
        route: Route { method: Method::Get, path: "/strategy/nodes", status: 200 },
        cli: Some(Cli { path: &["strategy", "search"], positional: Some("query") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let wanted = words::query(input.query.as_deref().unwrap_or_default());
        let asks = input.query.as_deref().is_some_and(|query| !query.trim().is_empty());
        let types = input.types.unwrap_or_default();
        let limit = input.limit.unwrap_or(20) as usize;
        call.read(move |tx, permit| {
            let ids: Vec<NodeId> =
                tx.node_places(permit)?.into_iter().map(|place| place.id).collect();
            let mut found = Vec::new();
            for some in ids.chunks(STRETCH) {
                for node in tx.nodes_of(permit, some)? {
                    let is_of_type = types.is_empty() || types.contains(&node.kind);
                    if !is_of_type || input.status.is_some_and(|status| status != node.status) {
                        continue;
                    }
                    let held = held(&wanted, &node.statement, node.description.as_deref());
                    if held > 0 || !asks {
                        found.push((held, node));
                    }
                }
            }
            // Those that hold more of the words first, then the upper levels, then the older.
            found.sort_by_key(|(held, node)| (std::cmp::Reverse(*held), node.kind, node.id));
            let total = found.len();
            found.truncate(limit);
            let nodes: Vec<NodeView> = found.into_iter().map(|(_, node)| node.into()).collect();
            Ok(Output { count: nodes.len(), nodes, total })
        })
        .await
    }
}

/// How many of the words that are looked for a text holds.
pub(super) fn held(wanted: &[String], statement: &str, description: Option<&str>) -> usize {
    if wanted.is_empty() {
        return 0;
    }
    let text = format!("{statement}\n{}", description.unwrap_or_default());
    let document = words::document(&text);
    let held: std::collections::HashSet<&str> = document.split(' ').collect();
    wanted.iter().filter(|word| held.contains(word.as_str())).count()
}
