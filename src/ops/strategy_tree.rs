//! `strategy_tree`: what the team is after, from the top down, with how far it has come.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::linked_view::{MemoryLine, linked};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::task_view::{PartyView, TaskLine, lines};
use super::view::known_id;
use super::work_target::node;
use crate::core::error::Result;
use crate::core::id::NodeId;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::link::Target;
use crate::store::tasks::TaskFilter;
use crate::work::node::{Node, NodeKind, NodeStatus};
use crate::work::task::{Task, TaskStatus};
use crate::work::tree::{Counts, Shown, Tree};

pub struct StrategyTree;

/// Which part.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Begin at this node: nod_…
    #[schemars(length(min = 1, max = 64))]
    id: Option<String>,
    /// Levels below the first; all if left out
    #[schemars(range(min = 0, max = 8))]
    depth: Option<u32>,
    /// Nodes at most; 100 if left out
    #[schemars(range(min = 1, max = 500))]
    limit: Option<u32>,
}

/// Each node before those below it.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    nodes: Vec<NodeLine>,
    /// Open tasks below no node, the most pressing
    tasks: Vec<TaskLine>,
    /// How many tasks hang below no node
    loose: Counts,
    /// Whether there are nodes or such tasks that aren't shown
    more: bool,
}

/// A node of the tree.
#[derive(Serialize, JsonSchema)]
pub struct NodeLine {
    id: String,
    #[serde(rename = "type")]
    kind: NodeKind,
    /// How far below the first level shown, from 0
    depth: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    statement: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    status: NodeStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<PartyView>,
    /// Tasks below it, by status, whatever lies between
    tasks: Counts,
    /// What speaks against it, for it, or has to do with it
    #[serde(skip_serializing_if = "Vec::is_empty")]
    memories: Vec<MemoryLine>,
    /// How many nodes right below it aren't shown
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<usize>,
    version: i64,
}

/// How many tasks below no node are shown.
const LOOSE: usize = 20;

/// More levels than there are.
const DEEPEST: u32 = 8;

impl Operation for StrategyTree {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "strategy_tree",
        title: "Read the strategy",
        description: include_str!("../../tools/strategy_tree.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Work,
        is_listed: true,
        route: Route { method: Method::Get, path: "/strategy/tree", status: 200 },
        cli: Some(Cli { path: &["strategy", "tree"], positional: Some("id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let from: Option<NodeId> =
            input.id.as_deref().map(|given| known_id("node", given)).transpose()?;
        let depth = input.depth.unwrap_or(DEEPEST) as usize;
        let limit = input.limit.unwrap_or(100) as usize;
        let at = call.at;
        call.read(move |tx, permit| {
            if let Some(id) = from {
                node(tx, permit, id)?;
            }
            let tree = Tree::of(&tx.node_places(permit)?);
            let part = tree.part(from, depth, limit);
            let sums = tree.sums(&tx.task_counts(permit)?);
            let ids: Vec<NodeId> = part.iter().map(|shown| shown.id).collect();
            let nodes = tx.nodes_of(permit, &ids)?;
            let work: Vec<Target> = ids.iter().copied().map(Target::Node).collect();
            let mut memories = linked(tx, permit, &work)?;
            let mut loose: Vec<Task> = Vec::new();
            if from.is_none() {
                let statuses = open_statuses();
                let filter = TaskFilter { statuses, is_loose: true, ..TaskFilter::default() };
                loose = tx.tasks(permit, &filter, None, LOOSE + 1)?;
            }
            let topmost = if from.is_none() { tree.below(None).len() } else { 1 };
            let first = part.iter().filter(|shown| shown.depth == 0).count();
            let more = loose.len() > LOOSE
                || first < topmost
                || part.iter().any(|shown| shown.left_out > 0);
            loose.truncate(LOOSE);
            Ok(Output {
                nodes: part
                    .iter()
                    .zip(nodes)
                    .map(|(shown, node)| {
                        let about = memories.remove(&Target::Node(node.id)).unwrap_or_default();
                        line(shown, node, &sums, about)
                    })
                    .collect(),
                tasks: lines(tx, permit, &loose, at)?,
                loose: match from {
                    None => sums.get(&None).copied().unwrap_or_default(),
                    Some(_) => Counts::default(),
                },
                more,
            })
        })
        .await
    }
}

fn line(
    shown: &Shown,
    node: Node,
    sums: &BTreeMap<Option<NodeId>, Counts>,
    memories: Vec<MemoryLine>,
) -> NodeLine {
    NodeLine {
        id: node.id.to_string(),
        kind: node.kind,
        depth: shown.depth,
        parent_id: node.parent.map(|id| id.to_string()),
        statement: node.statement,
        description: node.description,
        status: node.status,
        owner: node.owner.map(PartyView::from),
        tasks: sums.get(&Some(node.id)).copied().unwrap_or_default(),
        memories,
        left_out: Some(shown.left_out).filter(|count| *count > 0),
        version: node.version,
    }
}

/// The statuses of tasks about which something is still to be done.
pub(super) fn open_statuses() -> Vec<TaskStatus> {
    use crate::core::named::Named;
    let all = TaskStatus::NAMES.iter().map(|(status, _)| *status);
    all.filter(|status| !status.is_closed()).collect()
}
