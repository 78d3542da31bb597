//! What the operations on strategy and tasks share: finding what a field names, and its texts.

use serde_json::json;

use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::id::{MemberId, NodeId, TaskId};
use crate::identity::actor::{AgentRef, Trust};
use crate::identity::member::Standing;
use crate::identity::permit::Permit;
use crate::memory::draft::{End, full_text, line, moment};
use crate::store::ReadTx;
use crate::work::edit::limit;
use crate::work::node::Node;
use crate::work::party::Party;
use crate::work::task::{Parent, Task};

/// What takes a value away, where a field has one: `null` counts as left out.
pub(super) const NONE: &str = "none";

/// Who a field means by whoever calls.
pub(super) const ME: &str = "me";

/// A value that a caller gave, or took away.
#[derive(Clone)]
pub(super) enum Given<T> {
    Value(T),
    Gone,
}

impl<T> Given<T> {
    /// The value, if there is one now.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Given::Value(value) => Some(value),
            Given::Gone => None,
        }
    }
}

/// Checks what a node or task says.
///
/// # Errors
/// `INVALID_ARGUMENT` naming `statement`.
pub(super) fn statement(given: String) -> Result<String> {
    line("statement", given, limit::STATEMENT)
}

/// Checks a description; an empty one takes it away.
///
/// # Errors
/// `INVALID_ARGUMENT` naming `description`.
pub(super) fn description(given: String) -> Result<Given<String>> {
    if given.is_empty() {
        return Ok(Given::Gone);
    }
    full_text("description", given, limit::DESCRIPTION).map(Given::Value)
}

/// Checks acceptance criteria.
///
/// # Errors
/// `INVALID_ARGUMENT` naming one by its place.
pub(super) fn criteria(given: Vec<String>) -> Result<Vec<String>> {
    let checked = given
        .into_iter()
        .enumerate()
        .map(|(at, text)| line(&format!("acceptance_criteria[{at}]"), text, limit::CRITERION));
    checked.collect()
}

/// Reads when something is due; [`NONE`] takes it away.
///
/// # Errors
/// `INVALID_ARGUMENT` naming `due_at`.
pub(super) fn due(given: &str, now: Timestamp) -> Result<Given<Timestamp>> {
    if given == NONE {
        return Ok(Given::Gone);
    }
    moment("due_at", given, End::Last, now).map(Given::Value)
}

/// A node of the team.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) fn node(tx: &mut dyn ReadTx, permit: &Permit, id: NodeId) -> Result<Node> {
    tx.node(permit, id)?.ok_or_else(|| Error::not_found("node"))
}

/// A task of the team.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) fn task(tx: &mut dyn ReadTx, permit: &Permit, id: TaskId) -> Result<Task> {
    tx.task(permit, id)?.ok_or_else(|| Error::not_found("task"))
}

/// The node that a field names.
///
/// # Errors
/// `NOT_FOUND` naming the field.
pub(super) fn named_node(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    field: &str,
    given: &str,
) -> Result<Node> {
    let found = given.parse().ok().map(|id: NodeId| tx.node(permit, id)).transpose()?.flatten();
    found.ok_or_else(|| missing(field, "names no node of your team"))
}

/// The node or task that a field names.
///
/// # Errors
/// `NOT_FOUND` naming the field.
pub(super) fn parent(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    field: &str,
    given: &str,
) -> Result<Parent> {
    let found = if let Ok(id) = given.parse::<NodeId>() {
        tx.node(permit, id)?.map(|node| Parent::Node(node.id))
    } else if let Ok(id) = given.parse::<TaskId>() {
        tx.task(permit, id)?.map(|task| Parent::Task(task.id))
    } else {
        None
    };
    found.ok_or_else(|| missing(field, "names no node and no task of your team"))
}

/// The tasks that `depends_on` names, each once.
///
/// # Errors
/// `NOT_FOUND` naming one by its place.
pub(super) fn needs(tx: &mut dyn ReadTx, permit: &Permit, given: &[String]) -> Result<Vec<TaskId>> {
    let mut needs: Vec<TaskId> = Vec::with_capacity(given.len());
    for (at, id) in given.iter().enumerate() {
        let found = id.parse().ok().map(|id: TaskId| tx.task(permit, id)).transpose()?.flatten();
        let found = found
            .ok_or_else(|| missing(&format!("depends_on[{at}]"), "names no task of your team"))?;
        if !needs.contains(&found.id) {
            needs.push(found.id);
        }
    }
    Ok(needs)
}

/// Who a field names: an agent's id, `me`, or a member's id; nobody by [`NONE`].
///
/// # Errors
/// `NOT_FOUND` naming the field, also for whoever can't act any more.
pub(super) fn party(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    field: &str,
    given: &str,
) -> Result<Option<Party>> {
    if given == NONE {
        return Ok(None);
    }
    let found = if given == ME {
        Party::of(permit.actor())
    } else if let Ok(id) = given.parse::<MemberId>() {
        let member = tx.member(permit, id)?.filter(|member| member.standing != Standing::Removed);
        member.map(|member| Party::Member { id, name: member.display_name })
    } else {
        let agent = tx.agent_of_slug(permit, given)?;
        let agent = agent.filter(|agent| agent.status != Trust::Blocked);
        agent.map(|agent| Party::Agent(AgentRef { id: agent.id, slug: agent.slug }))
    };
    found.map(Some).ok_or_else(|| missing(field, "names no agent and no member who can act"))
}

/// Refuses what makes a task wait for itself, by what it needs or by what lies below it. To be called
/// once that is written, in the same unit.
///
/// # Errors
/// `INVALID_ARGUMENT` naming the field.
pub(super) fn check_no_circle(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    field: &str,
    id: TaskId,
) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    let mut next = vec![id];
    while !next.is_empty() {
        next = tx.tasks_before(permit, &next)?;
        if next.contains(&id) {
            return Err(Error::invalid(
                field,
                "must not make the task wait for itself, by what it needs or what lies below it",
            )
            .with_fix("task_get shows what a task waits for"));
        }
        next.retain(|id| seen.insert(*id));
    }
    Ok(())
}

/// Not there, or another team's, with the field that names it: the same bytes for both.
pub(super) fn missing(field: &str, rule: &'static str) -> Error {
    Error::new(Code::NotFound, format!("`{field}` {rule}"))
        .with_fix("check that the id is written whole and belongs to your team")
        .with_detail("fields", json!([{ "field": field, "rule": rule }]))
}

/// Somebody else was faster.
pub(super) fn changed_since(version: i64, read_with: &'static str) -> Error {
    Error::new(Code::Conflict, "it has changed since you read it")
        .with_fix(format!("read it with {read_with} and decide again"))
        .with_detail("version", json!(version))
}
