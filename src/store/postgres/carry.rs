//! [`crate::store::carry`] on PostgreSQL.

use tokio_postgres::Row;

use super::comments::{comment_row, select as comment};
use super::link::Params;
use super::nodes::{node_row, select as node};
use super::tasks::{select as task, task_row};
use super::transfer::{text_of, whole};
use super::tx::PgTx;
use crate::core::error::Result;
use crate::core::id::{CommentId, ConflictId, NodeId, TaskId};
use crate::core::named::Named;
use crate::identity::permit::Oversight;
use crate::store::carry::{CarryRead, CarryWrite, TaskAt, WorkCounts};
use crate::work::comment::Comment;
use crate::work::node::{Node, NodeKind};

/// That a comment is copied: what it is about isn't forgotten, unless forgotten ones are copied too.
const IS_COPIED: &str = "(:forgotten OR (
    NOT EXISTS (SELECT 1 FROM memories f
                WHERE f.team_id = :team AND f.memory_id = t.about_id AND f.status = 'forgotten')
    AND NOT EXISTS (SELECT 1 FROM conflicts c JOIN memories f
                    ON f.team_id = c.team_id AND f.memory_id IN (c.existing_id, c.newer_id)
                    WHERE c.team_id = :team AND c.conflict_id = t.about_id
                      AND f.status = 'forgotten')))";

/// Every task with the number of tasks above it.
const HUNG: &str = "WITH RECURSIVE hung (id, depth) AS (
        SELECT s.task_id, CAST(0 AS BIGINT) FROM tasks s
        WHERE s.team_id = :team AND s.parent_task_id IS NULL
        UNION ALL
        SELECT s.task_id, h.depth + 1 FROM tasks s JOIN hung h ON s.parent_task_id = h.id
        WHERE s.team_id = :team
    ), page (id, depth) AS (
        SELECT id, depth FROM hung WHERE depth > :depth OR (depth = :depth AND id > :after)
        ORDER BY depth, id LIMIT :limit
    )";

impl CarryRead for PgTx<'_> {
    fn work_counts(&mut self, all: Oversight<'_>, with_forgotten: bool) -> Result<WorkCounts> {
        let sql = format!(
            "SELECT (SELECT count(*) FROM nodes WHERE team_id = :team) AS nodes,
                    (SELECT count(*) FROM tasks WHERE team_id = :team) AS tasks,
                    (SELECT count(*) FROM comments t WHERE t.team_id = :team AND {IS_COPIED})
                    AS comments"
        );
        let row = self.row(&sql, &[("team", &all.team()), ("forgotten", &with_forgotten)])?;
        let count = |row: &Row, name: &str| -> Result<u64> {
            Ok(row.try_get::<_, i64>(name)?.unsigned_abs())
        };
        row.as_ref().map_or(Ok(WorkCounts::default()), |row| {
            Ok(WorkCounts {
                nodes: count(row, "nodes")?,
                tasks: count(row, "tasks")?,
                comments: count(row, "comments")?,
            })
        })
    }

    fn nodes_to_copy(
        &mut self,
        all: Oversight<'_>,
        kind: NodeKind,
        after: Option<NodeId>,
        limit: usize,
    ) -> Result<Vec<Node>> {
        let sql = format!(
            "{} WHERE t.team_id = :team AND t.kind = :kind AND t.node_id > :after
             ORDER BY t.node_id LIMIT :limit",
            node()
        );
        let params: Params<'_> = &[
            ("team", &all.team()),
            ("kind", &kind.as_str()),
            ("after", &text_of(after)),
            ("limit", &whole(limit)),
        ];
        self.rows(&sql, params)?.iter().map(node_row).collect()
    }

    fn tasks_to_copy(
        &mut self,
        all: Oversight<'_>,
        after: Option<(i64, TaskId)>,
        limit: usize,
    ) -> Result<Vec<TaskAt>> {
        // The depth is a column of its own beside a task's.
        let columns = task().replacen("SELECT ", "SELECT p.depth, ", 1);
        let sql = format!(
            "{HUNG} {columns} JOIN page p ON t.task_id = p.id
             WHERE t.team_id = :team ORDER BY p.depth, t.task_id"
        );
        let params: Params<'_> = &[
            ("team", &all.team()),
            ("depth", &after.map_or(-1, |(depth, _)| depth)),
            ("after", &text_of(after.map(|(_, id)| id))),
            ("limit", &whole(limit)),
        ];
        let at = |row: &Row| Ok(TaskAt { depth: row.try_get("depth")?, task: task_row(row)? });
        self.rows(&sql, params)?.iter().map(at).collect()
    }

    fn tasks_in_need(
        &mut self,
        all: Oversight<'_>,
        after: Option<TaskId>,
        limit: usize,
    ) -> Result<Vec<TaskId>> {
        let sql = "SELECT DISTINCT task_id FROM task_needs
                   WHERE team_id = :team AND task_id > :after ORDER BY task_id LIMIT :limit";
        let params: Params<'_> =
            &[("team", &all.team()), ("after", &text_of(after)), ("limit", &whole(limit))];
        let id = |row: &Row| Ok(row.try_get("task_id")?);
        self.rows(sql, params)?.iter().map(id).collect()
    }

    fn comments_to_copy(
        &mut self,
        all: Oversight<'_>,
        after: Option<CommentId>,
        with_forgotten: bool,
        limit: usize,
    ) -> Result<Vec<Comment>> {
        let sql = format!(
            "{} WHERE t.team_id = :team AND t.comment_id > :after AND {IS_COPIED}
             ORDER BY t.comment_id LIMIT :limit",
            comment()
        );
        let params: Params<'_> = &[
            ("team", &all.team()),
            ("after", &text_of(after)),
            ("forgotten", &with_forgotten),
            ("limit", &whole(limit)),
        ];
        self.rows(&sql, params)?.iter().map(comment_row).collect()
    }

    fn has_conflict(&mut self, all: Oversight<'_>, id: ConflictId) -> Result<bool> {
        let sql = "SELECT 1 FROM conflicts WHERE team_id = :team AND conflict_id = :id";
        self.exists(sql, &[("team", &all.team()), ("id", &id)])
    }

    fn comment_by_id(&mut self, all: Oversight<'_>, id: CommentId) -> Result<Option<Comment>> {
        let sql = format!("{} WHERE t.team_id = :team AND t.comment_id = :id", comment());
        let params: Params<'_> = &[("team", &all.team()), ("id", &id)];
        self.row(&sql, params)?.as_ref().map(comment_row).transpose()
    }
}

impl CarryWrite for PgTx<'_> {
    fn add_comment_copy(&mut self, all: Oversight<'_>, comment: &Comment) -> Result<()> {
        self.insert_comment(all.permit(), comment.about, comment)
    }
}
