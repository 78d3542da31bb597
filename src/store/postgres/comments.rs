//! [`crate::store::comments`] on PostgreSQL.

use tokio_postgres::Row;

use super::columns::{Column, named};
use super::conditions::Query;
use super::party::{self, party};
use super::tx::PgTx;
use crate::core::error::{Error, Result};
use crate::core::id::{CommentId, TaskId};
use crate::core::named::Named;
use crate::identity::permit::Permit;
use crate::store::comments::{CommentRead, CommentWrite, Seen};
use crate::work::comment::{Comment, CommentKind, Subject};
use crate::work::party::Party;

pub(super) fn select() -> String {
    format!(
        "SELECT t.comment_id, t.about_id, t.kind, t.content, t.next_step, t.fence, t.created_at, {}
         FROM comments t",
        party::columns("author"),
    )
}

impl CommentRead for PgTx<'_> {
    fn comments(
        &mut self,
        permit: &Permit,
        about: Seen,
        before: Option<CommentId>,
        limit: usize,
    ) -> Result<Vec<Comment>> {
        let sql = format!(
            "{} WHERE t.team_id = :team AND t.about_kind = :kind AND t.about_id = :about",
            select()
        );
        let (team, (kind, id)) = (permit.team(), about.subject().parts());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let params: [(&str, &dyn Column); 3] = [("team", &team), ("kind", &kind), ("about", &id)];
        let mut query = Query::new(&sql, &params);
        query.and("t.comment_id < :before", "before", before.as_ref());
        query.sql.push_str(" ORDER BY t.comment_id DESC LIMIT :limit");
        query.params.push(("limit", &limit));
        self.rows(&query.sql, &query.params)?.iter().map(comment_row).collect()
    }

    fn last_checkpoint(&mut self, permit: &Permit, id: TaskId) -> Result<Option<Comment>> {
        let sql = format!(
            "{} WHERE t.team_id = :team AND t.about_kind = 'task' AND t.about_id = :id
               AND t.kind = :kind AND t.fence IS NOT NULL
             ORDER BY t.fence DESC, t.comment_id DESC LIMIT 1",
            select()
        );
        let kind = CommentKind::Checkpoint.as_str();
        let params: [(&str, &dyn Column); 3] =
            [("team", &permit.team()), ("id", &id), ("kind", &kind)];
        self.row(&sql, &params)?.as_ref().map(comment_row).transpose()
    }
}

impl CommentWrite for PgTx<'_> {
    fn add_comment(&mut self, permit: &Permit, about: Seen, comment: &Comment) -> Result<()> {
        self.insert_comment(permit, about.subject(), comment)
    }
}

impl PgTx<'_> {
    /// Writes a comment on what is known to be there.
    pub(super) fn insert_comment(
        &mut self,
        permit: &Permit,
        about: Subject,
        comment: &Comment,
    ) -> Result<()> {
        let sql = "INSERT INTO comments (team_id, comment_id, about_kind, about_id, kind, content,
                                         next_step, fence, author_agent_id, author_member_id,
                                         created_at)
                   VALUES (:team, :id, :about_kind, :about, :kind, :content, :next_step, :fence,
                           :author_agent, :author_member, :created_at)";
        let (about_kind, about) = about.parts();
        let (author_agent, author_member) = Party::ids(comment.author.as_ref());
        self.execute(
            sql,
            &[
                ("team", &permit.team()),
                ("id", &comment.id),
                ("about_kind", &about_kind),
                ("about", &about),
                ("kind", &comment.kind.as_str()),
                ("content", &comment.content),
                ("next_step", &comment.next_step),
                ("fence", &comment.fence),
                ("author_agent", &author_agent),
                ("author_member", &author_member),
                ("created_at", &comment.created_at),
            ],
        )
    }
}

pub(super) fn comment_row(row: &Row) -> Result<Comment> {
    let about = Subject::parse(row.try_get("about_id")?);
    Ok(Comment {
        id: row.try_get("comment_id")?,
        about: about.ok_or_else(|| Error::internal("a comment is about an unknown thing"))?,
        kind: named(row, "kind")?,
        content: row.try_get("content")?,
        next_step: row.try_get("next_step")?,
        fence: row.try_get("fence")?,
        author: party(row, "author")?,
        created_at: row.try_get("created_at")?,
    })
}
