//! `strategy_node_create`: a node of the strategy, at its place in the tree.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::work_target::{Given, description, named_node, party, statement};
use crate::core::error::{Error, Result};
use crate::core::named::Named;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::work::node::{Node, NodeKind, NodeStatus};
use crate::work::party::Party;
use crate::work::tree::placed;

pub struct StrategyNodeCreate;

/// The node.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// What the team is after, in one line
    #[schemars(length(min = 1, max = 500))]
    statement: String,
    /// Its level
    #[serde(rename = "type")]
    kind: NodeKind,
    /// The node above, of any level above: nod_…
    #[schemars(length(min = 1, max = 64))]
    parent_id: Option<String>,
    /// Reasons, measures, limits
    #[schemars(length(max = 5000))]
    #[schemars(extend("x-rare" = true))]
    description: Option<String>,
    /// Who answers for it: an agent's id, me, or a member's id
    #[schemars(length(min = 1, max = 100))]
    #[schemars(extend("x-rare" = true))]
    owner: Option<String>,
    /// Its place among those of the same parent, from 0; the last if left out
    #[schemars(range(min = 0, max = 1_000_000))]
    #[schemars(extend("x-rare" = true))]
    position: Option<u32>,
}

/// The new node.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    id: String,
    version: i64,
    status: NodeStatus,
    position: i64,
}

impl Operation for StrategyNodeCreate {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "strategy_node_create",
        title: "Add to the strategy",
        description: include_str!("../../tools/strategy_node_create.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Add,
        is_idempotent: false,
        toolset: Toolset::Work,
        is_listed: true,
        route: Route { method: Method::Post, path: "/strategy/nodes", status: 201 },
        cli: Some(Cli { path: &["strategy", "create"], positional: Some("statement") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let new = Node {
            id: call.next_id(),
            kind: input.kind,
            parent: None,
            position: 0,
            statement: statement(input.statement)?,
            description: input.description.map(description).transpose()?.and_then(Given::value),
            status: NodeStatus::Active,
            owner: None,
            author: Party::of(call.permit.actor()),
            version: 1,
            created_at: call.at,
            updated_at: call.at,
        };
        let (above, owner) = (input.parent_id, input.owner);
        let position = input.position.and_then(|position| usize::try_from(position).ok());
        call.change(move |tx, permit| {
            let mut node = new.clone();
            if let Some(given) = &above {
                let parent = named_node(tx, permit, "parent_id", given)?;
                check_level(node.kind, parent.kind)?;
                node.parent = Some(parent.id);
            }
            if let Some(given) = &owner {
                node.owner = party(tx, permit, "owner", given)?;
            }
            let siblings = tx.nodes_below(permit, node.parent)?;
            let order = placed(&siblings, node.id, position);
            node.position = place_in(&order, &node);
            tx.add_node(permit, &node)?;
            if order.last() != Some(&node.id) {
                tx.order_nodes(permit, &order)?;
            }
            let summary = json!({ "type": node.kind.as_str() });
            let act = Act { object_kind: "node", object_id: node.id.to_string(), summary };
            let output = Output {
                id: node.id.to_string(),
                version: node.version,
                status: node.status,
                position: node.position,
            };
            Ok(Done::Changed(output, act))
        })
        .await
    }
}

/// Where a node stands in an order that holds it.
pub(super) fn place_in(order: &[crate::core::id::NodeId], node: &Node) -> i64 {
    let place = order.iter().position(|id| *id == node.id).unwrap_or(order.len());
    i64::try_from(place).unwrap_or(i64::MAX)
}

/// Refuses a node below one of its own level or of a lower one.
///
/// # Errors
/// `INVALID_ARGUMENT` naming `parent_id`, with the levels that may stand above.
pub(super) fn check_level(kind: NodeKind, parent: NodeKind) -> Result<()> {
    if kind.may_stand_below(parent) {
        return Ok(());
    }
    let above: Vec<&str> = NodeKind::NAMES
        .iter()
        .filter(|(level, _)| kind.may_stand_below(*level))
        .map(|(_, name)| *name)
        .collect();
    let error = Error::invalid("parent_id", "must name a node of a level above this one's");
    Err(error
        .with_fix(match above.as_slice() {
            [] => format!("leave it out: a {} is topmost", kind.as_str()),
            above => format!("a {} stands below one of {}", kind.as_str(), above.join(", ")),
        })
        .with_detail("above", json!(above)))
}
