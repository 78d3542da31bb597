//! `task_list`: tasks by what they are and whose, the most pressing first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::strategy_node_search::held;
use super::strategy_tree::open_statuses;
use super::task_view::{TaskLine, lines};
use super::work_target::{ME, NONE, parent};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::MemberId;
use crate::core::page;
use crate::core::text::words;
use crate::identity::actor::AgentRef;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::memory::draft::{End, moment};
use crate::store::ReadTx;
use crate::store::tasks::{TaskFilter, TaskPlace};
use crate::work::party::Party;
use crate::work::task::{Priority, Task, TaskStatus};

pub struct TaskList;

/// Which.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Any of these; open ones if left out
    #[schemars(length(max = 6))]
    status: Option<Vec<TaskStatus>>,
    /// Agent id, me, member id, or none
    #[schemars(length(min = 1, max = 100))]
    assignee: Option<String>,
    /// All below this node or task
    #[schemars(length(min = 1, max = 64))]
    parent_id: Option<String>,
    /// Those that can be begun now
    ready: Option<bool>,
    /// Due by then
    #[schemars(length(min = 1, max = 64))]
    #[schemars(extend("x-rare" = true))]
    due_before: Option<String>,
    /// Those that hold all of these words
    #[schemars(length(max = 1000))]
    #[schemars(extend("x-rare" = true))]
    query: Option<String>,
    /// 20 if left out
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// The last page's next_cursor
    #[schemars(length(min = 1, max = 128))]
    #[schemars(extend("x-rare" = true))]
    cursor: Option<String>,
}

/// By priority, then due date, then age.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    tasks: Vec<TaskLine>,
    count: usize,
    /// Absent on the last page
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// How many tasks are read at once where words decide.
const STRETCH: usize = 500;

impl Operation for TaskList {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "task_list",
        title: "List tasks",
        description: include_str!("../../tools/task_list.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Work,
        is_listed: true,
        route: Route { method: Method::Get, path: "/tasks", status: 200 },
        cli: Some(Cli { path: &["task", "list"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let at = call.at;
        let team = call.permit.team().to_string();
        // The page is bound to the filters it was made under, so they are part of its mark.
        let filters = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            input.status,
            input.assignee,
            input.parent_id,
            input.ready,
            input.due_before,
            input.query
        );
        let scope = [team.as_str(), "task_list", filters.as_str()];
        let after = input.cursor.as_deref().map(|cursor| place(&scope, cursor)).transpose()?;
        let due_before = input.due_before.as_deref();
        let due_before =
            due_before.map(|given| moment("due_before", given, End::Last, at)).transpose()?;
        let wanted = words::query(input.query.as_deref().unwrap_or_default());
        if wanted.is_empty() && input.query.as_deref().is_some_and(|text| !text.trim().is_empty()) {
            return Err(Error::invalid("query", "must hold at least one word"));
        }
        let limit = input.limit.unwrap_or(20) as usize;
        let is_ready = input.ready.unwrap_or(false);
        let filter = TaskFilter {
            statuses: input.status.unwrap_or_else(open_statuses),
            ready_at: Some(at).filter(|_| is_ready),
            due_before,
            ..TaskFilter::default()
        };
        let (assignee, above) = (input.assignee, input.parent_id);
        let (tasks, next) = call
            .read(move |tx, permit| {
                let mut filter = filter.clone();
                if let Some(given) = &above {
                    filter.below = Some(parent(tx, permit, "parent_id", given)?);
                }
                if let Some(given) = &assignee
                    && !assigned_to(tx, permit, &mut filter, given)?
                {
                    return Ok((Vec::new(), None));
                }
                let mut found = found(tx, permit, &filter, &wanted, after, limit + 1)?;
                let has_more = found.len() > limit;
                found.truncate(limit);
                let last = found.last().filter(|_| has_more).map(TaskPlace::of);
                Ok((lines(tx, permit, &found, at)?, last))
            })
            .await?;
        Ok(Output {
            count: tasks.len(),
            tasks,
            next_cursor: next.map(|place| page::encode_place(&scope, &written(place))),
        })
    }
}

/// Puts whose tasks are asked for into a filter; `false` where nobody is called so.
fn assigned_to(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    filter: &mut TaskFilter,
    given: &str,
) -> Result<bool> {
    filter.assignee = match given {
        NONE => {
            filter.is_unassigned = true;
            return Ok(true);
        }
        ME => Party::of(permit.actor()),
        given => match given.parse::<MemberId>() {
            Ok(id) => Some(Party::Member { id, name: String::new() }),
            Err(_) => tx
                .any_agent_of_slug(permit, given)?
                .map(|agent| Party::Agent(AgentRef { id: agent.id, slug: agent.slug })),
        },
    };
    Ok(filter.assignee.is_some())
}

/// Tasks of a filter that hold all the words.
fn found(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    filter: &TaskFilter,
    wanted: &[String],
    mut after: Option<TaskPlace>,
    limit: usize,
) -> Result<Vec<Task>> {
    if wanted.is_empty() {
        return tx.tasks(permit, filter, after, limit);
    }
    let mut found = Vec::new();
    loop {
        let some = tx.tasks(permit, filter, after, STRETCH)?;
        let is_last = some.len() < STRETCH;
        after = some.last().map(TaskPlace::of);
        found.extend(some.into_iter().filter(|task| {
            held(wanted, &task.statement, task.description.as_deref()) == wanted.len()
        }));
        if is_last || found.len() >= limit {
            found.truncate(limit);
            return Ok(found);
        }
    }
}

/// A place as a cursor holds it.
fn written(place: TaskPlace) -> String {
    let due = place
        .due_at
        .map_or("none".to_owned(), |due| format!("{:x}", due.as_millis().cast_unsigned()));
    format!("{}:{due}:{}", place.priority.rank(), place.id)
}

/// The place of a cursor.
fn place(scope: &[&str], cursor: &str) -> Result<TaskPlace> {
    let text = page::decode_place(scope, cursor)?;
    let mut parts = text.splitn(3, ':');
    let mut part = || parts.next().unwrap_or_default();
    let (priority, due, id) = (part().to_owned(), part().to_owned(), part().to_owned());
    let read = || {
        let due_at = match due.as_str() {
            "none" => None,
            hex => Some(Timestamp::from_millis(u64::from_str_radix(hex, 16).ok()?.cast_signed())),
        };
        let priority = Priority::from_rank(priority.parse().ok()?)?;
        Some(TaskPlace { priority, due_at, id: id.parse().ok()? })
    };
    read().ok_or_else(|| Error::invalid("cursor", "must be the `next_cursor` of the same list"))
}
