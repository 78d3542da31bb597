//! [`crate::store::tasks`] on SQLite.

use rusqlite::types::ToSql;
use rusqlite::{OptionalExtension, Row, named_params};

use super::columns::named;
use super::party::{self, party};
use super::tx::SqliteTx;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{NodeId, TaskId};
use crate::core::named::Named;
use crate::identity::permit::Permit;
use crate::store::tasks::{TaskRead, TaskWrite};
use crate::work::task::{Lease, Parent, Priority, Task};

pub(super) fn select() -> String {
    format!(
        "SELECT t.task_id, t.node_id, t.parent_task_id, t.position, t.statement, t.description,
                t.criteria, t.status, t.status_at, t.reason, t.priority, t.due_at, t.lease_until,
                t.fence, t.version, t.created_at, t.updated_at, {}, {}, {}, {}
         FROM tasks t",
        party::columns("assignee"),
        party::columns("worker"),
        party::columns("author"),
        party::columns("holder"),
    )
}

impl TaskRead for SqliteTx<'_> {
    fn task(&mut self, permit: &Permit, id: TaskId) -> Result<Option<Task>> {
        let sql = format!("{} WHERE t.team_id = :team AND t.task_id = :id", select());
        let params = named_params! { ":team": permit.team(), ":id": id };
        Ok(self.statement(&sql)?.query_row(params, task_row).optional()?)
    }
}

impl TaskWrite for SqliteTx<'_> {
    fn add_task(&mut self, permit: &Permit, task: &Task) -> Result<()> {
        let sql =
            "INSERT INTO tasks (team_id, task_id, node_id, parent_task_id, position, statement,
                          description, criteria, status, status_at, reason, priority, due_at,
                          assignee_agent_id, assignee_member_id, worker_agent_id, worker_member_id,
                          author_agent_id, author_member_id, holder_agent_id, holder_member_id,
                          lease_until, fence, version, created_at, updated_at)
                   VALUES (:team, :id, :node, :parent_task, :position, :statement, :description,
                           :criteria, :status, :status_at, :reason, :priority, :due_at,
                           :assignee_agent, :assignee_member, :worker_agent, :worker_member,
                           :author_agent, :author_member, :holder_agent, :holder_member, :until,
                           :fence, :version, :created_at, :updated_at)";
        let (author_agent, author_member) = party::ids(task.author.as_ref());
        with_params(permit, task, |params| {
            let mut params = params.to_vec();
            params.extend([
                (":author_agent", &author_agent as &dyn ToSql),
                (":author_member", &author_member),
                (":created_at", &task.created_at),
            ]);
            self.statement(sql)?.execute(&*params)?;
            Ok(())
        })
    }

    fn update_task(&mut self, permit: &Permit, task: &Task) -> Result<bool> {
        let sql = "UPDATE tasks SET node_id = :node, parent_task_id = :parent_task,
                          position = :position, statement = :statement, description = :description,
                          criteria = :criteria, status = :status, status_at = :status_at,
                          reason = :reason, priority = :priority, due_at = :due_at,
                          assignee_agent_id = :assignee_agent,
                          assignee_member_id = :assignee_member, worker_agent_id = :worker_agent,
                          worker_member_id = :worker_member, holder_agent_id = :holder_agent,
                          holder_member_id = :holder_member, lease_until = :until, fence = :fence,
                          version = :version, updated_at = :updated_at
                   WHERE team_id = :team AND task_id = :id AND version = :version - 1
                     AND fence <= :fence";
        with_params(permit, task, |params| Ok(self.statement(sql)?.execute(params)? > 0))
    }
}

/// Hands on what both statements write.
fn with_params<T>(
    permit: &Permit,
    task: &Task,
    run: impl FnOnce(&[(&str, &dyn ToSql)]) -> Result<T>,
) -> Result<T> {
    let (node, parent_task): (Option<NodeId>, Option<TaskId>) = match task.parent {
        None => (None, None),
        Some(Parent::Node(id)) => (Some(id), None),
        Some(Parent::Task(id)) => (None, Some(id)),
    };
    let criteria = serde_json::to_string(&task.criteria).map_err(Error::internal)?;
    let (assignee_agent, assignee_member) = party::ids(task.assignee.as_ref());
    let (worker_agent, worker_member) = party::ids(task.worker.as_ref());
    let (holder_agent, holder_member) = party::ids(task.lease.as_ref().map(|lease| &lease.holder));
    let until: Option<Timestamp> = task.lease.as_ref().map(|lease| lease.until);
    run(&[
        (":team", &permit.team()),
        (":id", &task.id),
        (":node", &node),
        (":parent_task", &parent_task),
        (":position", &task.position),
        (":statement", &task.statement),
        (":description", &task.description),
        (":criteria", &criteria),
        (":status", &task.status.as_str()),
        (":status_at", &task.status_at),
        (":reason", &task.reason),
        (":priority", &task.priority.rank()),
        (":due_at", &task.due_at),
        (":assignee_agent", &assignee_agent),
        (":assignee_member", &assignee_member),
        (":worker_agent", &worker_agent),
        (":worker_member", &worker_member),
        (":holder_agent", &holder_agent),
        (":holder_member", &holder_member),
        (":until", &until),
        (":fence", &task.fence),
        (":version", &task.version),
        (":updated_at", &task.updated_at),
    ])
}

pub(super) fn task_row(row: &Row<'_>) -> rusqlite::Result<Task> {
    let node: Option<NodeId> = row.get("node_id")?;
    let parent_task: Option<TaskId> = row.get("parent_task_id")?;
    let criteria: String = row.get("criteria")?;
    let until: Option<Timestamp> = row.get("lease_until")?;
    let lease = party(row, "holder")?.zip(until).map(|(holder, until)| Lease { holder, until });
    Ok(Task {
        id: row.get("task_id")?,
        parent: node.map(Parent::Node).or(parent_task.map(Parent::Task)),
        position: row.get("position")?,
        statement: row.get("statement")?,
        description: row.get("description")?,
        criteria: serde_json::from_str(&criteria).map_err(|_| rusqlite::Error::InvalidQuery)?,
        status: named(row, "status")?,
        status_at: row.get("status_at")?,
        reason: row.get("reason")?,
        priority: Priority::from_rank(row.get("priority")?).ok_or(rusqlite::Error::InvalidQuery)?,
        due_at: row.get("due_at")?,
        assignee: party(row, "assignee")?,
        worker: party(row, "worker")?,
        author: party(row, "author")?,
        lease,
        fence: row.get("fence")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
