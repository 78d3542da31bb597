//! `task_update`: all of a task that doesn't come about by working on it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::task_view::{TaskView, open_needs};
use super::view::known_id;
use super::work_target::{
    Given, NONE, changed_since, check_no_circle, criteria, description, due, needs, parent, party,
    statement, task,
};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TaskId;
use crate::identity::event::Act;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::store::WriteTx;
use crate::work::edit::{self, ByHand};
use crate::work::task::{Priority, Task};

pub struct TaskUpdate;

/// What changes; what is left out stays.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// tsk_…
    #[schemars(length(min = 1, max = 64))]
    id: String,
    /// The version you read; refused if it changed since
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_i64))]
    if_version: Option<i64>,
    /// What is to be done, in one line
    #[schemars(length(min = 1, max = 500))]
    statement: Option<String>,
    /// An empty one takes it away
    #[schemars(length(max = 5000))]
    description: Option<String>,
    /// All of them, in place of those there; those with the same words stay met
    #[schemars(length(max = 20), inner(length(min = 1, max = 500)))]
    acceptance_criteria: Option<Vec<String>>,
    /// The numbers, from 1, of those that are met; the others aren't
    #[schemars(length(max = 20))]
    criteria_met: Option<Vec<i64>>,
    /// The node or task above from now on: nod_…, tsk_…, or none
    #[schemars(length(min = 1, max = 64))]
    parent_id: Option<String>,
    /// An agent's id, me, a member's id, or none
    #[schemars(length(min = 1, max = 100))]
    assignee: Option<String>,
    /// How much it presses
    priority: Option<Priority>,
    /// A date or time, also `tomorrow`, `in 3 days`; or none
    #[schemars(length(min = 1, max = 64))]
    due_at: Option<String>,
    /// All tasks that come first, in place of those there
    #[schemars(length(max = 50), inner(length(min = 1, max = 64)))]
    depends_on: Option<Vec<String>>,
    /// To take it up again, or to give it up; working on it sets the others
    status: Option<ByHand>,
}

/// The task as it is now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    task: TaskView,
    /// False when it was so already
    changed: bool,
}

/// What is to be changed, checked before the unit.
struct Change {
    if_version: Option<i64>,
    statement: Option<String>,
    description: Option<Given<String>>,
    criteria: Option<Vec<String>>,
    met: Option<Vec<i64>>,
    parent_id: Option<String>,
    assignee: Option<String>,
    priority: Option<Priority>,
    due_at: Option<Given<Timestamp>>,
    depends_on: Option<Vec<String>>,
    status: Option<ByHand>,
}

impl Operation for TaskUpdate {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "task_update",
        title: "Change a task",
        description: include_str!("../../tools/task_update.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Work,
        is_listed: false,
        route: Route { method: Method::Patch, path: "/tasks/{id}", status: 200 },
        cli: Some(Cli { path: &["task", "update"], positional: Some("id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id: TaskId = known_id("task", &input.id)?;
        let at = call.at;
        let change = Change {
            if_version: input.if_version,
            statement: input.statement.map(statement).transpose()?,
            description: input.description.map(description).transpose()?,
            criteria: input.acceptance_criteria.map(criteria).transpose()?,
            met: input.criteria_met,
            parent_id: input.parent_id,
            assignee: input.assignee,
            priority: input.priority,
            due_at: input.due_at.as_deref().map(|given| due(given, at)).transpose()?,
            depends_on: input.depends_on,
            status: input.status,
        };
        call.change(move |tx, permit| update(tx, permit, id, &change, at)).await
    }
}

fn update(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    id: TaskId,
    change: &Change,
    at: Timestamp,
) -> Result<Done<Output>> {
    let now = task(tx, permit, id)?;
    if change.if_version.is_some_and(|version| version != now.version) {
        return Err(changed_since(now.version, "task_get"));
    }
    let mut next = changed(tx, permit, &now, change, at)?;
    let needs = match &change.depends_on {
        None => None,
        Some(given) => {
            let mut asked = needs(tx, permit, given)?;
            asked.sort_unstable();
            let held = tx.needs_of(permit, &[id])?.into_iter().filter(|need| need.task == id);
            Some(asked).filter(|asked| !held.map(|need| need.needs).eq(asked.iter().copied()))
        }
    };
    if next == now && needs.is_none() {
        let open = open_needs(tx, permit, &[id])?.remove(&id).unwrap_or_default();
        return Ok(Done::Unchanged(Output { task: TaskView::of(now, &open, at), changed: false }));
    }
    let has_moved = next.parent != now.parent;
    if has_moved {
        next.position = tx.count_tasks_below(permit, next.parent)?;
    }
    next.version += 1;
    next.updated_at = at;
    if !tx.update_task(permit, &next)? {
        return Err(changed_since(now.version, "task_get"));
    }
    if has_moved {
        check_no_circle(tx, permit, "parent_id", id)?;
    }
    if let Some(needs) = &needs {
        tx.set_needs(permit, id, needs)?;
        check_no_circle(tx, permit, "depends_on", id)?;
    }
    let open = open_needs(tx, permit, &[id])?.remove(&id).unwrap_or_default();
    let summary = json!({ "version": next.version, "status": next.status });
    let act = Act { object_kind: "task", object_id: id.to_string(), summary };
    Ok(Done::Changed(Output { task: TaskView::of(next, &open, at), changed: true }, act))
}

/// The task as it shall be, but for its version and what it needs.
fn changed(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    now: &Task,
    change: &Change,
    at: Timestamp,
) -> Result<Task> {
    let mut next = now.clone();
    next.statement = change.statement.clone().unwrap_or(next.statement);
    if let Some(given) = &change.description {
        next.description = given.clone().value();
    }
    next.priority = change.priority.unwrap_or(next.priority);
    if let Some(given) = &change.due_at {
        next.due_at = given.clone().value();
    }
    if let Some(texts) = &change.criteria {
        next.criteria = edit::criteria(&now.criteria, texts.clone());
    }
    if let Some(numbers) = &change.met {
        edit::set_met(&mut next.criteria, numbers)?;
    }
    if let Some(given) = &change.assignee {
        next.assignee = party(tx, permit, "assignee", given)?;
    }
    if let Some(given) = &change.parent_id {
        next.parent = match given.as_str() {
            NONE => None,
            given => Some(parent(tx, permit, "parent_id", given)?),
        };
    }
    if let Some(status) = change.status {
        edit::set_status(&mut next, status, at)?;
    }
    Ok(next)
}
