//! `task_create`: something to be done.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::task_view::{PartyView, open_needs};
use super::work_target::{
    Given, check_no_circle, criteria, description, due, needs, parent, party, statement,
};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::work::edit;
use crate::work::party::Party;
use crate::work::task::{Priority, Task, TaskStatus};

pub struct TaskCreate;

/// The task.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// What is to be done, in one line
    #[schemars(length(min = 1, max = 500))]
    statement: String,
    /// More about it
    #[schemars(length(max = 5000))]
    description: Option<String>,
    /// What must hold for it to be done
    #[schemars(length(max = 20), inner(length(min = 1, max = 500)))]
    acceptance_criteria: Option<Vec<String>>,
    /// Node or task above: nod_… or tsk_…
    #[schemars(length(min = 1, max = 64))]
    parent_id: Option<String>,
    /// Agent id, me, or member id
    #[schemars(length(min = 1, max = 100))]
    assignee: Option<String>,
    /// How much it presses
    priority: Option<Priority>,
    /// Date, or `tomorrow`, `in 3 days`
    #[schemars(length(min = 1, max = 64))]
    due_at: Option<String>,
    /// Tasks that come first
    #[schemars(length(max = 50), inner(length(min = 1, max = 64)))]
    depends_on: Option<Vec<String>>,
}

/// The new task.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    id: String,
    version: i64,
    status: TaskStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<PartyView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
    /// Those that it needs and that are still open
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waits_for: Vec<String>,
}

impl Operation for TaskCreate {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "task_create",
        title: "Add a task",
        description: include_str!("../../tools/task_create.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Add,
        is_idempotent: false,
        toolset: Toolset::Work,
        is_listed: true,
        route: Route { method: Method::Post, path: "/tasks", status: 201 },
        cli: Some(Cli { path: &["task", "create"], positional: Some("statement") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let texts = input.acceptance_criteria.map(criteria).transpose()?.unwrap_or_default();
        let due_at = input.due_at.as_deref().map(|given| due(given, call.at)).transpose()?;
        let new = Task {
            id: call.next_id(),
            parent: None,
            position: 0,
            statement: statement(input.statement)?,
            description: input.description.map(description).transpose()?.and_then(Given::value),
            criteria: edit::criteria(&[], texts),
            status: TaskStatus::Planned,
            status_at: call.at,
            reason: None,
            priority: input.priority.unwrap_or_default(),
            due_at: due_at.and_then(Given::value),
            assignee: None,
            worker: None,
            author: Party::of(call.permit.actor()),
            lease: None,
            fence: 0,
            version: 1,
            created_at: call.at,
            updated_at: call.at,
        };
        let (above, assignee) = (input.parent_id, input.assignee);
        let depends_on = input.depends_on.unwrap_or_default();
        call.change(move |tx, permit| {
            let mut task = new.clone();
            if let Some(given) = &above {
                task.parent = Some(parent(tx, permit, "parent_id", given)?);
            }
            if let Some(given) = &assignee {
                task.assignee = party(tx, permit, "assignee", given)?;
            }
            let needs = needs(tx, permit, &depends_on)?;
            task.position = tx.count_tasks_below(permit, task.parent)?;
            tx.add_task(permit, &task)?;
            if !needs.is_empty() {
                tx.set_needs(permit, task.id, &needs)?;
                check_no_circle(tx, permit, "depends_on", task.id)?;
            }
            let open = open_needs(tx, permit, &[task.id])?.remove(&task.id).unwrap_or_default();
            let summary = json!({ "assigned": task.assignee.is_some() });
            let act = Act { object_kind: "task", object_id: task.id.to_string(), summary };
            let output = Output {
                id: task.id.to_string(),
                version: task.version,
                status: task.status,
                assignee: task.assignee.map(PartyView::from),
                due_at: task.due_at,
                waits_for: open.iter().map(ToString::to_string).collect(),
            };
            Ok(Done::Changed(output, act))
        })
        .await
    }
}
