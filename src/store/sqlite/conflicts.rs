//! [`crate::store::conflicts`] on SQLite.

use rusqlite::types::ToSql;
use rusqlite::{OptionalExtension, Row};

use super::columns::{as_json, named};
use super::conditions::Query;
use super::memories::{AT_LARGE, AUTHOR, SELECT as MEMORY, memory_row};
use super::sight::{Eyes, SEEN};
use super::tx::SqliteTx;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{AgentId, ConflictId, MemberId, MemoryId, NodeId};
use crate::identity::actor::{Actor, AgentRef};
use crate::identity::permit::Permit;
use crate::memory::conflict::record::Side;
use crate::memory::conflict::{Conflict, ConflictStatus, Existing, Sought};
use crate::memory::fields::Named;
use crate::memory::memory::Memory;
use crate::store::conflicts::{ConflictCounts, ConflictFilter, ConflictRead, ConflictWrite};

/// What is given of a conflict.
pub(super) const SELECT: &str =
    "SELECT c.conflict_id, c.existing_id, c.node_id, c.newer_id, c.existing_version,
        c.newer_version, c.kind, c.severity, c.signals, c.status, c.opened_at, c.resolution,
        c.content, c.rationale, c.reason, c.agent_id, c.member_id, c.decided_at, a.slug
    FROM conflicts c LEFT JOIN agents a ON a.team_id = c.team_id AND a.agent_id = c.agent_id";

/// That a conflict is copied: no memory of it is forgotten, unless forgotten ones are copied too.
pub(super) const IS_COPIED: &str = "(:forgotten OR NOT EXISTS (
    SELECT 1 FROM memories f WHERE f.team_id = :team
       AND f.memory_id IN (c.existing_id, c.newer_id) AND f.status = 'forgotten'))";

/// That a memory is seen, and what else is asked of it.
fn is_seen(id: &str, also: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM memories m WHERE {SEEN} AND {AT_LARGE} AND m.memory_id = {id}{also})"
    )
}

/// That the memories of a conflict are seen. Nodes everybody sees.
fn both_seen() -> String {
    let existing = is_seen("c.existing_id", "");
    format!("(c.node_id IS NOT NULL OR {existing}) AND {}", is_seen("c.newer_id", ""))
}

/// That a node is there, and what else is asked of it.
fn is_there(id: &str, also: &str) -> String {
    format!("EXISTS (SELECT 1 FROM nodes n WHERE n.team_id = :team AND n.node_id = {id}{also})")
}

impl ConflictRead for SqliteTx<'_> {
    fn conflict(&mut self, permit: &Permit, id: ConflictId) -> Result<Option<Conflict>> {
        let sql =
            format!("{SELECT} WHERE c.team_id = :team AND c.conflict_id = :id AND {}", both_seen());
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.push((":id", &id));
        Ok(self.statement(&sql)?.query_row(&*params, conflict_row).optional()?)
    }

    fn conflicts(
        &mut self,
        permit: &Permit,
        filter: &ConflictFilter,
        limit: usize,
    ) -> Result<Vec<Conflict>> {
        let live = " AND m.status IN ('active', 'proposed')";
        let mut sql = format!(
            "{SELECT} WHERE c.team_id = :team AND {}
               AND (c.pair IS NULL OR (({} OR {}) AND {}))",
            both_seen(),
            is_seen("c.existing_id", live),
            is_there("c.node_id", " AND n.status = 'ACTIVE'"),
            is_seen("c.newer_id", live),
        );
        if !filter.statuses.is_empty() {
            sql = format!("{sql} AND c.status IN ({})", quoted_names(&filter.statuses));
        }
        let eyes = Eyes::of(permit);
        let kind = filter.kind.map(Named::as_str);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut query = Query::new(&sql, &eyes.params());
        query.and("c.kind = :kind", ":kind", kind.as_ref());
        query.and(
            "(c.existing_id = :memory OR c.newer_id = :memory)",
            ":memory",
            filter.memory.as_ref(),
        );
        query.and("c.node_id = :node", ":node", filter.node.as_ref());
        query.and("c.conflict_id < :before", ":before", filter.before.as_ref());
        query.sql.push_str(" ORDER BY c.conflict_id DESC LIMIT :limit");
        query.params.push((":limit", &limit));
        let mut statement = self.statement(&query.sql)?;
        let rows = statement.query_map(&*query.params, conflict_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn conflict_counts(
        &mut self,
        permit: &Permit,
        from: Timestamp,
        until: Timestamp,
        agents: &[String],
    ) -> Result<ConflictCounts> {
        let sql = format!(
            "SELECT count(*) FILTER (WHERE c.opened_at BETWEEN :from AND :until) AS opened,
                    count(*) FILTER (WHERE c.decided_at BETWEEN :from AND :until
                                       AND c.pair IS NULL) AS settled
             FROM conflicts c
             WHERE c.team_id = :team
               AND (c.opened_at BETWEEN :from AND :until OR c.decided_at BETWEEN :from AND :until)
               AND (json_array_length(:agents) = 0
                    OR EXISTS (SELECT 1 FROM memories w
                               JOIN agents a ON a.team_id = w.team_id AND a.agent_id = w.agent_id
                               WHERE w.team_id = :team
                                 AND w.memory_id IN (c.existing_id, c.newer_id)
                                 AND a.slug IN (SELECT value FROM json_each(:agents))))
               AND {}",
            both_seen()
        );
        let (eyes, agents) = (Eyes::of(permit), as_json(agents));
        let mut params = eyes.params().to_vec();
        params.extend([(":from", &from as &dyn ToSql), (":until", &until), (":agents", &agents)]);
        Ok(self.statement(&sql)?.query_row(&*params, |row| {
            let count = |name: &str| row.get::<_, i64>(name).map(i64::unsigned_abs);
            Ok(ConflictCounts { opened: count("opened")?, settled: count("settled")? })
        })?)
    }

    fn memories_holding(
        &mut self,
        permit: &Permit,
        sought: &[Sought],
        but: MemoryId,
        limit: usize,
    ) -> Result<Vec<Memory>> {
        if sought.is_empty() {
            // Full text has no query for nothing.
            return Ok(Vec::new());
        }
        // By the index's own order, so that it stops at the limit; entries grow with time. Those of
        // turns lie below zero and aren't reached; what became one may lie above.
        let sql = format!(
            "{MEMORY} FROM memory_words JOIN memories m ON m.entry = memory_words.rowid {AUTHOR}
             WHERE memory_words MATCH :words AND memory_words.rowid > 0 AND {SEEN} AND m.status = 'active'
               AND m.memory_id <> :but AND (m.thread IS NULL OR m.position IS NULL)
             ORDER BY memory_words.rowid DESC LIMIT :limit"
        );
        let (words, limit) = (expression(sought), i64::try_from(limit).unwrap_or(i64::MAX));
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.extend([(":words", &words as &dyn ToSql), (":but", &but), (":limit", &limit)]);
        let mut statement = self.statement(&sql)?;
        let rows = statement.query_map(&*params, memory_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// What is sought, in the language of full text. Each word is quoted, so that none is an operator.
fn expression(sought: &[Sought]) -> String {
    let any = |group: &Vec<String>| {
        let quoted: Vec<String> =
            group.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
        format!("({})", quoted.join(" OR "))
    };
    let each: Vec<String> = sought
        .iter()
        .map(|groups| format!("({})", groups.iter().map(any).collect::<Vec<_>>().join(" AND ")))
        .collect();
    each.join(" OR ")
}

impl ConflictWrite for SqliteTx<'_> {
    fn open_conflict(&mut self, permit: &Permit, conflict: &Conflict) -> Result<bool> {
        let known = " AND m.status <> 'forgotten'";
        let existing = match conflict.existing {
            Existing::Memory(_) => is_seen(":existing", known),
            Existing::Node(_) => is_there(":node", ""),
        };
        let sql = format!(
            "INSERT INTO conflicts (team_id, conflict_id, existing_id, node_id, newer_id,
                                    existing_version, newer_version, kind, severity, signals,
                                    status, pair, opened_at)
             SELECT :team, :id, :existing, :node, :newer, :existing_version, :newer_version, :kind,
                    :severity, :signals, :status, :pair, :opened_at
             WHERE {existing} AND {}
             ON CONFLICT DO NOTHING",
            is_seen(":newer", known),
        );
        let signals = serde_json::to_string(&conflict.signals).map_err(Error::internal)?;
        let (eyes, pair) = (Eyes::of(permit), pair(conflict));
        let (existing, node, version) = columns(conflict.existing);
        let mut params = eyes.params().to_vec();
        params.extend([
            (":id", &conflict.id as &dyn ToSql),
            (":existing", &existing),
            (":node", &node),
            (":newer", &conflict.newer.id),
            (":existing_version", &version),
            (":newer_version", &conflict.newer.version),
        ]);
        let (kind, severity) = (conflict.kind.as_str(), conflict.severity.as_str());
        let status = conflict.status.as_str();
        params.extend([
            (":kind", &kind as &dyn ToSql),
            (":severity", &severity),
            (":signals", &signals),
            (":status", &status),
            (":pair", &pair),
            (":opened_at", &conflict.opened_at),
        ]);
        Ok(self.statement(&sql)?.execute(&*params)? > 0)
    }

    fn settle_conflict(
        &mut self,
        permit: &Permit,
        conflict: &Conflict,
        was: ConflictStatus,
    ) -> Result<bool> {
        let sql = format!(
            "UPDATE conflicts AS c SET status = :status, pair = :pair, resolution = :resolution,
                    content = :content, rationale = :rationale, reason = :reason,
                    agent_id = :agent, member_id = :by_member, decided_at = :decided_at
             WHERE c.team_id = :team AND c.conflict_id = :id AND c.status = :was AND {}",
            both_seen()
        );
        let (eyes, pair) = (Eyes::of(permit), pair(conflict));
        let (status, was) = (conflict.status.as_str(), was.as_str());
        let resolution = conflict.resolution.map(Named::as_str);
        let by = conflict.decided_by.as_ref();
        let agent = by.and_then(|by| by.agent.as_ref()).map(|agent| agent.id);
        let member = by.and_then(|by| by.member);
        let mut params = eyes.params().to_vec();
        params.extend([
            (":id", &conflict.id as &dyn ToSql),
            (":was", &was),
            (":status", &status),
            (":pair", &pair),
            (":resolution", &resolution),
            (":content", &conflict.content),
            (":rationale", &conflict.rationale),
            (":reason", &conflict.reason),
            (":agent", &agent),
            (":by_member", &member),
            (":decided_at", &conflict.decided_at),
        ]);
        Ok(self.statement(&sql)?.execute(&*params)? > 0)
    }
}

/// What was there before, as its three columns: a memory or a node, and the version of it.
pub(super) fn columns(existing: Existing) -> (Option<MemoryId>, Option<NodeId>, i64) {
    (existing.memory(), existing.node(), existing.version())
}

/// What keeps a second conflict of the same two from waiting beside this one.
pub(super) fn pair(conflict: &Conflict) -> Option<String> {
    let newer = conflict.newer.id;
    conflict.status.waits().then(|| match conflict.existing {
        // Either may be the newer one.
        Existing::Memory(side) => format!("{} {}", side.id.min(newer), side.id.max(newer)),
        Existing::Node(side) => format!("{newer} {}", side.id),
    })
}

fn quoted_names(statuses: &[ConflictStatus]) -> String {
    let quoted: Vec<String> =
        statuses.iter().map(|status| format!("'{}'", status.as_str())).collect();
    quoted.join(", ")
}

/// A conflict, from what [`SELECT`] gives.
pub(super) fn conflict_row(row: &Row<'_>) -> rusqlite::Result<Conflict> {
    let signals: String = row.get("signals")?;
    let resolution: Option<String> = row.get("resolution")?;
    let decided_at = row.get("decided_at")?;
    let (agent, member): (Option<AgentId>, Option<MemberId>) =
        (row.get("agent_id")?, row.get("member_id")?);
    let slug: Option<String> = row.get("slug")?;
    let decided_by = (agent.is_some() || member.is_some()).then(|| Actor {
        agent: agent.map(|id| AgentRef { id, slug: slug.unwrap_or_default() }),
        member,
    });
    Ok(Conflict {
        id: row.get("conflict_id")?,
        kind: named(row, "kind")?,
        severity: named(row, "severity")?,
        signals: serde_json::from_str(&signals).map_err(|_| rusqlite::Error::InvalidQuery)?,
        status: named(row, "status")?,
        existing: existing_row(row)?,
        newer: Side { id: row.get("newer_id")?, version: row.get("newer_version")? },
        opened_at: row.get("opened_at")?,
        resolution: resolution.as_deref().and_then(Named::parse),
        content: row.get("content")?,
        rationale: row.get("rationale")?,
        reason: row.get("reason")?,
        decided_by,
        decided_at,
    })
}

fn existing_row(row: &Row<'_>) -> rusqlite::Result<Existing> {
    let version = row.get("existing_version")?;
    Ok(match row.get("node_id")? {
        Some(id) => Existing::Node(Side { id, version }),
        None => Existing::Memory(Side { id: row.get("existing_id")?, version }),
    })
}
