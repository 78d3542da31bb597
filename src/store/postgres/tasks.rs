//! [`crate::store::tasks`] on PostgreSQL.

use tokio_postgres::Row;

use super::columns::{Column, named};
use super::conditions::Query;
use super::party::{self, party};
use super::tx::PgTx;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{NodeId, TaskId};
use crate::core::named::Named;
use crate::identity::permit::Permit;
use crate::store::tasks::{Need, TaskCount, TaskFilter, TaskPlace, TaskRead, TaskWrite};
use crate::work::party::Party;
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

/// The tasks below a node, whatever lies between.
const BELOW_NODE: &str = "t.task_id IN (
        WITH RECURSIVE under (node_id) AS (
            SELECT n.node_id FROM nodes n WHERE n.team_id = :team AND n.node_id = :below
            UNION ALL
            SELECT n.node_id FROM nodes n JOIN under u ON n.parent_id = u.node_id
            WHERE n.team_id = :team
        ), beneath (task_id) AS (
            SELECT s.task_id FROM tasks s JOIN under u ON s.node_id = u.node_id
            WHERE s.team_id = :team
            UNION ALL
            SELECT s.task_id FROM tasks s JOIN beneath b ON s.parent_task_id = b.task_id
            WHERE s.team_id = :team
        ) SELECT task_id FROM beneath)";

/// The tasks below a task, whatever lies between.
const BELOW_TASK: &str = "t.task_id IN (
        WITH RECURSIVE beneath (task_id) AS (
            SELECT s.task_id FROM tasks s
            WHERE s.team_id = :team AND s.parent_task_id = :below
            UNION ALL
            SELECT s.task_id FROM tasks s JOIN beneath b ON s.parent_task_id = b.task_id
            WHERE s.team_id = :team
        ) SELECT task_id FROM beneath)";

/// That nobody works on it, and nothing that it needs is open.
const READY: &str = "(t.status = 'PLANNED'
         OR (t.status = 'IN_PROGRESS' AND coalesce(t.lease_until, 0) <= :ready_at))
        AND NOT EXISTS (SELECT 1 FROM task_needs n
                        JOIN tasks o ON o.team_id = n.team_id AND o.task_id = n.needs_id
                        WHERE n.team_id = t.team_id AND n.task_id = t.task_id
                          AND o.status NOT IN ('DONE', 'CANCELLED'))";

/// What comes after a place.
const AFTER: &str = "(t.priority < :priority
         OR (t.priority = :priority AND coalesce(t.due_at, 9223372036854775807) > :due)
         OR (t.priority = :priority AND coalesce(t.due_at, 9223372036854775807) = :due
             AND t.task_id > :after))";

impl TaskRead for PgTx<'_> {
    fn task(&mut self, permit: &Permit, id: TaskId) -> Result<Option<Task>> {
        let sql = format!("{} WHERE t.team_id = :team AND t.task_id = :id", select());
        let params: [(&str, &dyn Column); 2] = [("team", &permit.team()), ("id", &id)];
        self.row(&sql, &params)?.as_ref().map(task_row).transpose()
    }

    fn tasks_of(&mut self, permit: &Permit, ids: &[TaskId]) -> Result<Vec<Task>> {
        let sql = format!(
            "{} JOIN unnest(:ids::text[]) WITH ORDINALITY given (id, place) ON t.task_id = given.id
             WHERE t.team_id = :team ORDER BY given.place",
            select()
        );
        let params: [(&str, &dyn Column); 2] = [("team", &permit.team()), ("ids", &texts(ids))];
        self.rows(&sql, &params)?.iter().map(task_row).collect()
    }

    fn tasks(
        &mut self,
        permit: &Permit,
        filter: &TaskFilter,
        after: Option<TaskPlace>,
        limit: usize,
    ) -> Result<Vec<Task>> {
        let (team, limit) = (permit.team(), i64::try_from(limit).unwrap_or(i64::MAX));
        let statuses: Vec<String> =
            filter.statuses.iter().map(|status| status.as_str().to_owned()).collect();
        let statuses = Some(statuses).filter(|statuses| !statuses.is_empty());
        let (agent, member) = Party::ids(filter.assignee.as_ref());
        let (node, task) = parts(filter.below);
        let (priority, due, id) = match after {
            Some(place) => (Some(place.priority.rank()), place.due_millis(), place.id.to_string()),
            None => (None, 0, String::new()),
        };
        let sql = format!("{} WHERE t.team_id = :team", select());
        let mut query = Query::new(&sql, &[("team", &team), ("limit", &limit)]);
        query.and("t.status = ANY(:statuses::text[])", "statuses", statuses.as_ref());
        query.and("t.assignee_agent_id = :agent", "agent", agent.as_ref());
        query.and("t.assignee_member_id = :member", "member", member.as_ref());
        query.and(BELOW_NODE, "below", node.as_ref());
        query.and(BELOW_TASK, "below", task.as_ref());
        query.and(READY, "ready_at", filter.ready_at.as_ref());
        query.and("t.due_at <= :due_before", "due_before", filter.due_before.as_ref());
        if filter.is_unassigned {
            query.sql.push_str(" AND t.assignee_agent_id IS NULL AND t.assignee_member_id IS NULL");
        }
        if filter.is_loose {
            query.sql.push_str(" AND t.node_id IS NULL AND t.parent_task_id IS NULL");
        }
        query.and(AFTER, "priority", priority.as_ref());
        if priority.is_some() {
            query.params.extend([("due", &due as &dyn Column), ("after", &id)]);
        }
        query.sql.push_str(
            " ORDER BY t.priority DESC, coalesce(t.due_at, 9223372036854775807), t.task_id
              LIMIT :limit",
        );
        self.rows(&query.sql, &query.params)?.iter().map(task_row).collect()
    }

    fn tasks_below(&mut self, permit: &Permit, parent: Parent, limit: usize) -> Result<Vec<Task>> {
        let (node, task) = parts(Some(parent));
        let column = if node.is_some() { "node_id" } else { "parent_task_id" };
        let sql = format!(
            "{} WHERE t.team_id = :team AND t.{column} = coalesce(:node::text, :task::text)
             ORDER BY t.position, t.task_id LIMIT :limit",
            select()
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let params: [(&str, &dyn Column); 4] =
            [("team", &permit.team()), ("node", &node), ("task", &task), ("limit", &limit)];
        self.rows(&sql, &params)?.iter().map(task_row).collect()
    }

    fn count_tasks_below(&mut self, permit: &Permit, parent: Option<Parent>) -> Result<i64> {
        let sql = "SELECT count(*) AS count FROM tasks
                   WHERE team_id = :team AND node_id IS NOT DISTINCT FROM :node
                     AND parent_task_id IS NOT DISTINCT FROM :task";
        let (node, task) = parts(parent);
        let params: [(&str, &dyn Column); 3] =
            [("team", &permit.team()), ("node", &node), ("task", &task)];
        let row = self.row(sql, &params)?.ok_or_else(|| Error::internal("a count has no row"))?;
        Ok(row.try_get("count")?)
    }

    fn task_counts(&mut self, permit: &Permit) -> Result<Vec<TaskCount>> {
        let sql = "WITH RECURSIVE hung (task_id, node_id, status) AS (
                       SELECT task_id, node_id, status FROM tasks
                       WHERE team_id = :team AND parent_task_id IS NULL
                       UNION ALL
                       SELECT s.task_id, h.node_id, s.status
                       FROM tasks s JOIN hung h ON s.parent_task_id = h.task_id
                       WHERE s.team_id = :team
                   ) SELECT node_id, status, count(*) AS count FROM hung
                   GROUP BY node_id, status ORDER BY node_id, status";
        let rows = self.rows(sql, &[("team", &permit.team())])?;
        let counts = rows.iter().map(|row| {
            let count: i64 = row.try_get("count")?;
            Ok((row.try_get("node_id")?, named(row, "status")?, count.unsigned_abs()))
        });
        counts.collect()
    }

    fn needs_of(&mut self, permit: &Permit, ids: &[TaskId]) -> Result<Vec<Need>> {
        let sql = "SELECT task_id, needs_id FROM task_needs
                   WHERE team_id = :team AND task_id = ANY(:ids::text[])
                   UNION
                   SELECT task_id, needs_id FROM task_needs
                   WHERE team_id = :team AND needs_id = ANY(:ids::text[])
                   ORDER BY task_id, needs_id";
        let params: [(&str, &dyn Column); 2] = [("team", &permit.team()), ("ids", &texts(ids))];
        let rows = self.rows(sql, &params)?;
        let needs = rows
            .iter()
            .map(|row| Ok(Need { task: row.try_get("task_id")?, needs: row.try_get("needs_id")? }));
        needs.collect()
    }

    fn tasks_before(&mut self, permit: &Permit, ids: &[TaskId]) -> Result<Vec<TaskId>> {
        let sql = "SELECT needs_id AS task_id FROM task_needs
                   WHERE team_id = :team AND task_id = ANY(:ids::text[])
                   UNION
                   SELECT task_id FROM tasks
                   WHERE team_id = :team AND parent_task_id = ANY(:ids::text[])
                   ORDER BY task_id";
        let params: [(&str, &dyn Column); 2] = [("team", &permit.team()), ("ids", &texts(ids))];
        self.rows(sql, &params)?.iter().map(|row| Ok(row.try_get("task_id")?)).collect()
    }
}

impl TaskWrite for PgTx<'_> {
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
        let (author_agent, author_member) = Party::ids(task.author.as_ref());
        with_params(permit, task, |params| {
            let mut params = params.to_vec();
            params.extend([
                ("author_agent", &author_agent as &dyn Column),
                ("author_member", &author_member),
                ("created_at", &task.created_at),
            ]);
            self.count(sql, &params)?;
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
                   WHERE team_id = :team AND task_id = :id AND version = :version::bigint - 1
                     AND fence <= :fence";
        with_params(permit, task, |params| Ok(self.count(sql, params)? > 0))
    }

    fn set_needs(&mut self, permit: &Permit, id: TaskId, needs: &[TaskId]) -> Result<()> {
        let sql = "DELETE FROM task_needs WHERE team_id = :team AND task_id = :id";
        self.execute(sql, &[("team", &permit.team()), ("id", &id)])?;
        let sql = "INSERT INTO task_needs (team_id, task_id, needs_id)
                   SELECT DISTINCT :team, :id, given.id FROM unnest(:needs::text[]) given (id)";
        let params: [(&str, &dyn Column); 3] =
            [("team", &permit.team()), ("id", &id), ("needs", &texts(needs))];
        self.execute(sql, &params)
    }
}

/// Ids as a parameter.
fn texts(ids: &[TaskId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// The two columns of what a task stands below.
fn parts(parent: Option<Parent>) -> (Option<NodeId>, Option<TaskId>) {
    match parent {
        None => (None, None),
        Some(Parent::Node(id)) => (Some(id), None),
        Some(Parent::Task(id)) => (None, Some(id)),
    }
}

/// Hands on what both statements write.
fn with_params<T>(
    permit: &Permit,
    task: &Task,
    run: impl FnOnce(&[(&str, &dyn Column)]) -> Result<T>,
) -> Result<T> {
    let (node, parent_task) = parts(task.parent);
    let criteria = serde_json::to_string(&task.criteria).map_err(Error::internal)?;
    let (assignee_agent, assignee_member) = Party::ids(task.assignee.as_ref());
    let (worker_agent, worker_member) = Party::ids(task.worker.as_ref());
    let (holder_agent, holder_member) = Party::ids(task.lease.as_ref().map(|lease| &lease.holder));
    let until: Option<Timestamp> = task.lease.as_ref().map(|lease| lease.until);
    run(&[
        ("team", &permit.team()),
        ("id", &task.id),
        ("node", &node),
        ("parent_task", &parent_task),
        ("position", &task.position),
        ("statement", &task.statement),
        ("description", &task.description),
        ("criteria", &criteria),
        ("status", &task.status.as_str()),
        ("status_at", &task.status_at),
        ("reason", &task.reason),
        ("priority", &task.priority.rank()),
        ("due_at", &task.due_at),
        ("assignee_agent", &assignee_agent),
        ("assignee_member", &assignee_member),
        ("worker_agent", &worker_agent),
        ("worker_member", &worker_member),
        ("holder_agent", &holder_agent),
        ("holder_member", &holder_member),
        ("until", &until),
        ("fence", &task.fence),
        ("version", &task.version),
        ("updated_at", &task.updated_at),
    ])
}

pub(super) fn task_row(row: &Row) -> Result<Task> {
    let node: Option<NodeId> = row.try_get("node_id")?;
    let parent_task: Option<TaskId> = row.try_get("parent_task_id")?;
    let criteria: &str = row.try_get("criteria")?;
    let until: Option<Timestamp> = row.try_get("lease_until")?;
    let lease = party(row, "holder")?.zip(until).map(|(holder, until)| Lease { holder, until });
    Ok(Task {
        id: row.try_get("task_id")?,
        parent: node.map(Parent::Node).or(parent_task.map(Parent::Task)),
        position: row.try_get("position")?,
        statement: row.try_get("statement")?,
        description: row.try_get("description")?,
        criteria: serde_json::from_str(criteria).map_err(Error::internal)?,
        status: named(row, "status")?,
        status_at: row.try_get("status_at")?,
        reason: row.try_get("reason")?,
        priority: Priority::from_rank(row.try_get("priority")?)
            .ok_or_else(|| Error::internal("a column holds an unknown priority"))?,
        due_at: row.try_get("due_at")?,
        assignee: party(row, "assignee")?,
        worker: party(row, "worker")?,
        author: party(row, "author")?,
        lease,
        fence: row.try_get("fence")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
