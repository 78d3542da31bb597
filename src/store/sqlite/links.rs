//! [`crate::store::links`] on SQLite.

use rusqlite::types::ToSql;
use rusqlite::{Row, named_params};

use super::columns::{as_json, named};
use super::memories::AT_LARGE;
use super::sight::{Eyes, SEEN};
use super::tx::SqliteTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::fields::Named;
use crate::memory::link::{Link, Linked, Target};
use crate::store::links::{LinkRead, LinkWrite};

/// That the memory of an id is seen, and not forgotten.
fn is_seen(id: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM memories m WHERE {SEEN} AND {AT_LARGE}
                 AND m.status <> 'forgotten' AND m.memory_id = {id})"
    )
}

/// That what a link leads to is there, and seen.
fn is_reached(kind: &str, id: &str) -> String {
    format!(
        "(({kind} = 'memory' AND {})
          OR ({kind} = 'node' AND EXISTS (SELECT 1 FROM nodes n
                                          WHERE n.team_id = :team AND n.node_id = {id}))
          OR ({kind} = 'task' AND EXISTS (SELECT 1 FROM tasks t
                                          WHERE t.team_id = :team AND t.task_id = {id})))",
        is_seen(id)
    )
}

impl SqliteTx<'_> {
    /// The links that are seen and fulfil a condition on `ids`, in an order.
    fn links(
        &mut self,
        permit: &Permit,
        condition: &str,
        ids: &[String],
        order: &str,
        limit: usize,
    ) -> Result<Vec<Linked>> {
        let sql = format!(
            "SELECT l.from_id, l.link_type, l.to_kind, l.to_id, l.created_at
             FROM memory_links l
             WHERE l.team_id = :team AND ({condition}) AND {} AND {}
             ORDER BY {order} LIMIT :limit",
            is_seen("l.from_id"),
            is_reached("l.to_kind", "l.to_id"),
        );
        let (ids, limit) = (as_json(ids), i64::try_from(limit).unwrap_or(i64::MAX));
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.extend([(":ids", &ids as &dyn ToSql), (":limit", &limit)]);
        let mut statement = self.statement(&sql)?;
        let rows = statement.query_map(&*params, linked_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl LinkRead for SqliteTx<'_> {
    fn links_of(&mut self, permit: &Permit, ids: &[MemoryId], limit: usize) -> Result<Vec<Linked>> {
        let condition = "l.from_id IN (SELECT value FROM json_each(:ids))
                OR (l.to_kind = 'memory' AND l.to_id IN (SELECT value FROM json_each(:ids)))";
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        self.links(permit, condition, &ids, "l.from_id, l.link_type, l.to_kind, l.to_id", limit)
    }

    fn links_to(&mut self, permit: &Permit, work: &[Target], limit: usize) -> Result<Vec<Linked>> {
        let condition =
            "l.to_kind IN ('node', 'task') AND l.to_id IN (SELECT value FROM json_each(:ids))";
        let ids: Vec<String> = work.iter().map(|target| target.parts().1).collect();
        self.links(permit, condition, &ids, "l.to_id, l.link_type, l.from_id", limit)
    }
}

impl LinkWrite for SqliteTx<'_> {
    fn add_link(&mut self, permit: &Permit, link: &Link, at: Timestamp) -> Result<bool> {
        let sql = format!(
            "INSERT INTO memory_links (team_id, from_id, link_type, to_kind, to_id, agent_id,
                                       member_id, created_at)
             SELECT :team, :from, :link_type, :to_kind, :to, :me, :member, :at
             WHERE {} AND {}
             ON CONFLICT DO NOTHING",
            is_seen(":from"),
            is_reached(":to_kind", ":to"),
        );
        let (to_kind, to) = link.to.parts();
        let (eyes, link_type) = (Eyes::of(permit), link.link_type.as_str());
        let mut params = eyes.params().to_vec();
        params.extend([
            (":from", &link.from as &dyn ToSql),
            (":link_type", &link_type),
            (":to_kind", &to_kind),
            (":to", &to),
            (":at", &at),
        ]);
        Ok(self.statement(&sql)?.execute(&*params)? > 0)
    }

    fn remove_link(&mut self, permit: &Permit, link: &Link) -> Result<bool> {
        let is_there = self.links_of(permit, &[link.from], usize::MAX)?;
        if !is_there.iter().any(|linked| linked.link == *link) {
            return Ok(false);
        }
        let sql = "DELETE FROM memory_links
                   WHERE team_id = :team AND from_id = :from AND link_type = :link_type
                     AND to_kind = :to_kind AND to_id = :to";
        let (to_kind, to) = link.to.parts();
        let removed = self.statement(sql)?.execute(named_params! {
            ":team": permit.team(),
            ":from": link.from,
            ":link_type": link.link_type.as_str(),
            ":to_kind": to_kind,
            ":to": to,
        })?;
        Ok(removed > 0)
    }
}

fn linked_row(row: &Row<'_>) -> rusqlite::Result<Linked> {
    let (kind, id): (String, String) = (row.get("to_kind")?, row.get("to_id")?);
    let link = Link {
        from: row.get("from_id")?,
        link_type: named(row, "link_type")?,
        to: Target::from_parts(&kind, &id).ok_or(rusqlite::Error::InvalidQuery)?,
    };
    Ok(Linked { link, created_at: row.get("created_at")? })
}
