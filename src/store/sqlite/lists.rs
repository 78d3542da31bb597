//! [`crate::store::lists`] on SQLite.

use rusqlite::Row;
use rusqlite::types::ToSql;

use super::columns::{as_json, named};
use super::memories::{AT_LARGE, AUTHOR, SELECT, memory_row, quoted_names};
use super::sight::{Eyes, SEEN};
use super::tx::SqliteTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::fields::Named;
use crate::memory::memory::Memory;
use crate::memory::search::Filter;
use crate::memory::summary::Change;
use crate::store::lists::ListRead;

/// Closes a list whose rows are counted.
const COUNTED: &str = ") LIMIT :limit";

impl ListRead for SqliteTx<'_> {
    fn count_found(&mut self, permit: &Permit, filter: &Filter) -> Result<u64> {
        let statuses = quoted_names(filter.status.among());
        let from = format!(
            "SELECT count(*) FROM (
                 SELECT m.entry FROM memories m WHERE m.status IN ({statuses}) AND {SEEN}"
        );
        let count = self.find(permit, &from, COUNTED, &[], filter, 1, |row| row.get(0))?;
        Ok(count.first().copied().map_or(0, i64::unsigned_abs))
    }

    fn changed_memories(
        &mut self,
        permit: &Permit,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Memory>> {
        let statuses = quoted_names(filter.status.among());
        let from =
            format!("{SELECT} FROM memories m {AUTHOR} WHERE m.status IN ({statuses}) AND {SEEN}");
        let order = " ORDER BY m.updated_at DESC, m.memory_id DESC LIMIT :limit";
        self.find(permit, &from, order, &[], filter, limit, memory_row)
    }

    fn memories_of(&mut self, permit: &Permit, ids: &[MemoryId]) -> Result<Vec<Memory>> {
        let sql = format!(
            "{SELECT} FROM json_each(:ids) given
             JOIN memories m ON m.team_id = :team AND m.memory_id = given.value {AUTHOR}
             WHERE {SEEN} AND {AT_LARGE} ORDER BY given.key"
        );
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let (ids, eyes) = (as_json(&ids), Eyes::of(permit));
        let mut params = eyes.params().to_vec();
        params.push((":ids", &ids));
        let mut statement = self.statement(&sql)?;
        let rows = statement.query_map(&*params, memory_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn changes_between(
        &mut self,
        permit: &Permit,
        from: Timestamp,
        until: Timestamp,
        agents: &[String],
        limit: usize,
    ) -> Result<Vec<Change>> {
        // Whatever changed in between was last changed then or later, which has an index.
        let sql = format!(
            "SELECT v.memory_id, v.version, v.status, v.memory_type, b.slug,
                    (SELECT w.status FROM memory_versions w
                     WHERE w.team_id = v.team_id AND w.memory_id = v.memory_id
                       AND w.version = v.version - 1) AS was
             FROM memories m {AUTHOR}
             JOIN memory_versions v ON v.team_id = m.team_id AND v.memory_id = m.memory_id
             LEFT JOIN agents b ON b.team_id = v.team_id AND b.agent_id = v.agent_id
             WHERE {SEEN} AND {AT_LARGE} AND m.updated_at >= :from
               AND v.changed_at BETWEEN :from AND :until AND v.status <> 'quarantined'
               AND ((v.visibility = 'team' AND (v.status <> 'proposed' OR :is_editor))
                    OR m.agent_id = :me
                    OR (m.agent_id IS NULL AND :me IS NULL AND m.member_id = :member))
               AND (json_array_length(:agents) = 0
                    OR a.slug IN (SELECT value FROM json_each(:agents)))
             ORDER BY v.changed_at, v.memory_id, v.version LIMIT :limit"
        );
        let (agents, limit) = (as_json(agents), i64::try_from(limit).unwrap_or(i64::MAX));
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.extend([(":from", &from as &dyn ToSql), (":until", &until)]);
        params.extend([(":agents", &agents as &dyn ToSql), (":limit", &limit)]);
        let mut statement = self.statement(&sql)?;
        let rows = statement.query_map(&*params, change_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn forgotten_memories(
        &mut self,
        permit: &Permit,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<(MemoryId, Timestamp)>> {
        let from = format!(
            "SELECT m.memory_id, m.updated_at FROM memories m
             WHERE m.status = 'forgotten' AND {SEEN}"
        );
        let order = " ORDER BY m.updated_at DESC, m.memory_id DESC LIMIT :limit";
        self.find(permit, &from, order, &[], filter, limit, |row| {
            Ok((row.get("memory_id")?, row.get("updated_at")?))
        })
    }

    fn memories_as_of(
        &mut self,
        permit: &Permit,
        filter: &Filter,
        moment: Timestamp,
        limit: usize,
    ) -> Result<(Vec<Memory>, u64)> {
        // A version with what its memory never changes, under the memory's own names. What was
        // active then was accepted then.
        let then = format!(
            "(SELECT m.team_id, m.memory_id, v.version, v.status, v.content, v.title,
                     v.has_own_title, v.memory_type, v.tags, v.confidence, v.provenance, v.voice,
                     v.source, v.source_ref, v.thread, v.position, v.speaker, v.visibility,
                     v.occurred_at, v.valid_from, v.valid_until, m.agent_id, m.member_id,
                     m.credential_kind, m.key_id, m.created_at, v.changed_at AS updated_at,
                     v.status_at, v.status_reason, 1 AS is_accepted, NULL AS print
              FROM memories m
              JOIN memory_versions v ON v.team_id = m.team_id AND v.memory_id = m.memory_id
                   AND v.version = (SELECT max(w.version) FROM memory_versions w
                                    WHERE w.team_id = m.team_id AND w.memory_id = m.memory_id
                                      AND w.changed_at <= :moment)
              WHERE {SEEN} AND {AT_LARGE} AND v.status = 'active'
                AND NOT EXISTS (SELECT 1 FROM json_each(:then_tags) wanted
                                WHERE NOT EXISTS (SELECT 1 FROM json_each(v.tags) held
                                                  WHERE held.value = wanted.value))) m"
        );
        let tags = as_json(&filter.tags);
        // The tags of now are not asked.
        let filter = Filter { tags: Vec::new(), ..filter.clone() };
        let params: [(&'static str, &dyn ToSql); 2] = [(":moment", &moment), (":then_tags", &tags)];
        let from = format!("{SELECT} FROM {then} {AUTHOR} WHERE {SEEN}");
        let order = " ORDER BY m.updated_at DESC, m.memory_id DESC LIMIT :limit";
        let found = self.find(permit, &from, order, &params, &filter, limit, memory_row)?;
        let from = format!("SELECT count(*) FROM (SELECT m.memory_id FROM {then} WHERE {SEEN}");
        let count = self.find(permit, &from, COUNTED, &params, &filter, 1, |row| row.get(0))?;
        Ok((found, count.first().copied().map_or(0, i64::unsigned_abs)))
    }
}

fn change_row(row: &Row<'_>) -> rusqlite::Result<Change> {
    let was: Option<String> = row.get("was")?;
    Ok(Change {
        id: row.get("memory_id")?,
        version: row.get("version")?,
        status: named(row, "status")?,
        was: was.as_deref().and_then(Named::parse),
        memory_type: named(row, "memory_type")?,
        agent: row.get("slug")?,
    })
}
