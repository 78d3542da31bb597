//! [`crate::store::comments`] on SQLite.

use rusqlite::types::ToSql;
use rusqlite::{OptionalExtension, Row, named_params};

use super::columns::named;
use super::conditions::Query;
use super::party::{self, party};
use super::tx::SqliteTx;
use crate::core::error::Result;
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

impl CommentRead for SqliteTx<'_> {
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
        let mut query = Query::new(&sql, &[(":team", &team), (":kind", &kind), (":about", &id)]);
        query.and("t.comment_id < :before", ":before", before.as_ref());
        query.sql.push_str(" ORDER BY t.comment_id DESC LIMIT :limit");
        query.params.push((":limit", &limit));
        let mut statement = self.statement(&query.sql)?;
        let rows = statement.query_map(&*query.params, comment_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn last_checkpoint(&mut self, permit: &Permit, id: TaskId) -> Result<Option<Comment>> {
        let sql = format!(
            "{} WHERE t.team_id = :team AND t.about_kind = 'task' AND t.about_id = :id
               AND t.kind = :kind AND t.fence IS NOT NULL
             ORDER BY t.fence DESC, t.comment_id DESC LIMIT 1",
            select()
        );
        let kind = CommentKind::Checkpoint.as_str();
        let params = named_params! { ":team": permit.team(), ":id": id, ":kind": kind };
        Ok(self.statement(&sql)?.query_row(params, comment_row).optional()?)
    }
}

impl CommentWrite for SqliteTx<'_> {
    fn add_comment(&mut self, permit: &Permit, about: Seen, comment: &Comment) -> Result<()> {
        self.insert_comment(permit, about.subject(), comment)
    }
}

impl SqliteTx<'_> {
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
        let params: &[(&str, &dyn ToSql)] = named_params! {
            ":team": permit.team(),
            ":id": comment.id,
            ":about_kind": about_kind,
            ":about": about,
            ":kind": comment.kind.as_str(),
            ":content": comment.content,
            ":next_step": comment.next_step,
            ":fence": comment.fence,
            ":author_agent": author_agent,
            ":author_member": author_member,
            ":created_at": comment.created_at,
        };
        self.statement(sql)?.execute(params)?;
        Ok(())
    }
}

pub(super) fn comment_row(row: &Row<'_>) -> rusqlite::Result<Comment> {
    let about: String = row.get("about_id")?;
    Ok(Comment {
        id: row.get("comment_id")?,
        about: Subject::parse(&about).ok_or(rusqlite::Error::InvalidQuery)?,
        kind: named(row, "kind")?,
        content: row.get("content")?,
        next_step: row.get("next_step")?,
        fence: row.get("fence")?,
        author: party(row, "author")?,
        created_at: row.get("created_at")?,
    })
}
