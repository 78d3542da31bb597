//! What hits of `recall` speak for, or against: nodes of the strategy and tasks that they are linked to.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::call::Call;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::link::{Link, LinkType, Target};
use crate::store::ReadTx;

/// How many links of all hits are read, and how many are shown of one.
const MOST: usize = 1_000;
const MOST_OF_ONE: usize = 5;

/// A node of the strategy or a task that a hit is linked to.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WorkLine {
    /// The node's or task's id
    id: String,
    /// `supports`: the hit speaks for it; `contradicts`: against it
    relation: LinkType,
    statement: String,
}

/// The nodes and tasks that each of these memories is linked to, those first that it speaks against.
///
/// # Errors
/// As [`Call::read`].
pub(super) async fn of(
    call: &Call<'_>,
    hits: Vec<MemoryId>,
) -> Result<HashMap<MemoryId, Vec<WorkLine>>> {
    if hits.is_empty() {
        return Ok(HashMap::new());
    }
    call.read(move |tx, permit| {
        let links = tx.links_of(permit, &hits, MOST)?;
        let mut links: Vec<Link> = links.into_iter().map(|linked| linked.link).collect();
        links.retain(|link| link.to.memory().is_none());
        links.sort_by_key(|link| link.link_type != LinkType::Contradicts);
        let statements = statements(tx, permit, &links)?;
        let mut shown: HashMap<MemoryId, Vec<WorkLine>> = HashMap::new();
        for link in links {
            let Some(statement) = statements.get(&link.to) else { continue };
            let of_one = shown.entry(link.from).or_default();
            if of_one.len() < MOST_OF_ONE {
                of_one.push(WorkLine {
                    id: link.to.parts().1,
                    relation: link.link_type,
                    statement: statement.clone(),
                });
            }
        }
        Ok(shown)
    })
    .await
}

/// What the nodes and tasks say that these links lead to.
fn statements(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    links: &[Link],
) -> Result<HashMap<Target, String>> {
    let (mut nodes, mut tasks) = (Vec::new(), Vec::new());
    for link in links {
        match link.to {
            Target::Node(id) => nodes.push(id),
            Target::Task(id) => tasks.push(id),
            Target::Memory(_) => {}
        }
    }
    let mut statements = HashMap::new();
    if !nodes.is_empty() {
        let found = tx.nodes_of(permit, &nodes)?.into_iter();
        statements.extend(found.map(|node| (Target::Node(node.id), node.statement)));
    }
    if !tasks.is_empty() {
        let found = tx.tasks_of(permit, &tasks)?.into_iter();
        statements.extend(found.map(|task| (Target::Task(task.id), task.statement)));
    }
    Ok(statements)
}
