//! `strategy_node_update`: a node says something else, has another status, or moves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::against;
use super::call::{Call, Done};
use super::node_view::NodeView;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::strategy_node_create::{check_level, place_in};
use super::view::known_id;
use super::work_target::{
    Given, NONE, changed_since, description, named_node, node, party, statement,
};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::NodeId;
use crate::identity::event::Act;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::store::WriteTx;
use crate::work::node::{Node, NodeStatus};
use crate::work::tree::placed;

pub struct StrategyNodeUpdate;

/// What changes; what is left out stays.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// nod_…
    #[schemars(length(min = 1, max = 64))]
    id: String,
    /// The version you read; refused if it changed since
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_i64))]
    if_version: Option<i64>,
    /// What the team is after, in one line
    #[schemars(length(min = 1, max = 500))]
    statement: Option<String>,
    /// An empty one takes it away
    #[schemars(length(max = 5000))]
    description: Option<String>,
    /// What is below a dropped node stays where it is
    status: Option<NodeStatus>,
    /// Who answers for it: an agent's id, me, a member's id, or none
    #[schemars(length(min = 1, max = 100))]
    owner: Option<String>,
    /// The node above from now on, or none; what is below moves along
    #[schemars(length(min = 1, max = 64))]
    parent_id: Option<String>,
    /// Its place among those of the same parent, from 0; the last of a new parent if left out
    #[schemars(range(min = 0, max = 1_000_000))]
    position: Option<u32>,
}

/// The node as it is now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    node: NodeView,
    /// False when it was so already
    changed: bool,
}

/// What is to be changed, checked before the unit.
struct Change {
    if_version: Option<i64>,
    statement: Option<String>,
    description: Option<Given<String>>,
    status: Option<NodeStatus>,
    owner: Option<String>,
    parent_id: Option<String>,
    position: Option<usize>,
}

impl Operation for StrategyNodeUpdate {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "strategy_node_update",
        title: "Change the strategy",
        description: include_str!("../../tools/strategy_node_update.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Work,
        is_listed: false,
        route: Route { method: Method::Patch, path: "/strategy/nodes/{id}", status: 200 },
        cli: Some(Cli { path: &["strategy", "update"], positional: Some("id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id: NodeId = known_id("node", &input.id)?;
        let change = Change {
            if_version: input.if_version,
            statement: input.statement.map(statement).transpose()?,
            description: input.description.map(description).transpose()?,
            status: input.status,
            owner: input.owner,
            parent_id: input.parent_id,
            position: input.position.and_then(|position| usize::try_from(position).ok()),
        };
        let at = call.at;
        call.change(move |tx, permit| update(tx, permit, id, &change, at)).await
    }
}

fn update(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    id: NodeId,
    change: &Change,
    at: Timestamp,
) -> Result<Done<Output>> {
    let now = node(tx, permit, id)?;
    if change.if_version.is_some_and(|version| version != now.version) {
        return Err(changed_since(now.version, "strategy_tree"));
    }
    let mut next = now.clone();
    next.statement = change.statement.clone().unwrap_or(next.statement);
    if let Some(given) = &change.description {
        next.description = given.clone().value();
    }
    next.status = change.status.unwrap_or(next.status);
    if let Some(given) = &change.owner {
        next.owner = party(tx, permit, "owner", given)?;
    }
    if let Some(given) = &change.parent_id {
        next.parent = parent(tx, permit, &next, given)?;
    }
    let order = order(tx, permit, &now, &next, change.position)?;
    if let Some(order) = &order {
        next.position = place_in(order, &next);
    }
    if next == now {
        return Ok(Done::Unchanged(Output { node: now.into(), changed: false }));
    }
    next.version += 1;
    next.updated_at = at;
    if !tx.update_node(permit, &next)? {
        return Err(changed_since(now.version, "strategy_tree"));
    }
    let is_pursued_otherwise = (&next.statement, next.status) != (&now.statement, now.status);
    if next.status == NodeStatus::Active && is_pursued_otherwise {
        against::look_again(tx, permit, &next, at)?;
    }
    if let Some(order) = &order {
        tx.order_nodes(permit, order)?;
    }
    if next.parent != now.parent {
        let left = tx.nodes_below(permit, now.parent)?;
        tx.order_nodes(permit, &left)?;
    }
    let moved = (next.parent, next.position) != (now.parent, now.position);
    let summary = json!({ "version": next.version, "status": next.status, "moved": moved });
    let act = Act { object_kind: "node", object_id: id.to_string(), summary };
    Ok(Done::Changed(Output { node: next.into(), changed: true }, act))
}

/// The node that is to stand above. None below this one is of a level that may.
fn parent(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    node: &Node,
    given: &str,
) -> Result<Option<NodeId>> {
    if given == NONE {
        return Ok(None);
    }
    let parent = named_node(tx, permit, "parent_id", given)?;
    if parent.id == node.id {
        return Err(Error::invalid("parent_id", "must name another node"));
    }
    check_level(node.kind, parent.kind)?;
    Ok(Some(parent.id))
}

/// The nodes of the new parent in their order, where the node moves.
fn order(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    now: &Node,
    next: &Node,
    position: Option<usize>,
) -> Result<Option<Vec<NodeId>>> {
    if position.is_none() && next.parent == now.parent {
        return Ok(None);
    }
    let siblings = tx.nodes_below(permit, next.parent)?;
    Ok(Some(placed(&siblings, next.id, position)))
}
