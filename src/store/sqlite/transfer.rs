//! [`crate::store::transfer`] on SQLite.

use rusqlite::{OptionalExtension, Row, named_params};

use super::conflicts::{IS_COPIED, SELECT as CONFLICT, columns, conflict_row, pair};
use super::copies::{SELECT_HEAD, head_row};
use super::entries::ENTRY;
use super::memories::AUTHOR;
use super::pieces::NEXT_CHANGE;
use super::tx::SqliteTx;
use crate::core::error::{Error, Result};
use crate::core::id::{AgentId, ConflictId, MemoryId};
use crate::identity::actor::Trust;
use crate::identity::permit::{Oversight, Permit};
use crate::memory::copy::{AgentCopy, ConfirmationCopy, EventCopy, LinkCopy, MemoryCopy};
use crate::memory::decided::ConflictCopy;
use crate::memory::fields::Named;
use crate::memory::memory::IndexedWords;
use crate::store::transfer::{CopyFilter, Counts, Progress, TransferRead, TransferWrite};

impl TransferRead for SqliteTx<'_> {
    fn copy_counts(&mut self, all: Oversight<'_>, with_forgotten: bool) -> Result<Counts> {
        let sql = format!(
            "SELECT (SELECT count(*) FROM agents WHERE team_id = :team) AS agents,
                          (SELECT count(*) FROM memories WHERE team_id = :team
                             AND (:forgotten OR status <> 'forgotten')) AS memories,
                          (SELECT count(*) FROM conflicts c WHERE c.team_id = :team
                             AND {IS_COPIED}) AS conflicts,
                          (SELECT count(*) FROM activity WHERE team_id = :team)
                          + (SELECT count(*) FROM imported_activity WHERE team_id = :team)
                          AS activity"
        );
        let params = named_params! { ":team": all.team(), ":forgotten": with_forgotten };
        let count = |row: &Row<'_>, name: &str| row.get::<_, i64>(name).map(i64::unsigned_abs);
        Ok(self.statement(&sql)?.query_row(params, |row| {
            Ok(Counts {
                agents: count(row, "agents")?,
                memories: count(row, "memories")?,
                conflicts: count(row, "conflicts")?,
                activity: count(row, "activity")?,
            })
        })?)
    }

    fn agent_copies(
        &mut self,
        all: Oversight<'_>,
        after: Option<AgentId>,
        limit: usize,
    ) -> Result<Vec<AgentCopy>> {
        let sql =
            "SELECT agent_id, slug, display_name, agent_type, description, status, created_at,
                          retired_at
                   FROM agents WHERE team_id = :team AND agent_id > :after
                   ORDER BY agent_id LIMIT :limit";
        let params = named_params! {
            ":team": all.team(), ":after": text_of(after), ":limit": whole(limit)
        };
        let mut statement = self.statement(sql)?;
        let rows = statement.query_map(params, |row| {
            Ok(AgentCopy {
                id: row.get("agent_id")?,
                slug: row.get("slug")?,
                display_name: row.get("display_name")?,
                agent_type: row.get("agent_type")?,
                description: row.get("description")?,
                status: Trust::parse(&row.get::<_, String>("status")?),
                created_at: row.get("created_at")?,
                retired_at: row.get("retired_at")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn memory_copies(
        &mut self,
        all: Oversight<'_>,
        filter: &CopyFilter,
        limit: usize,
    ) -> Result<Vec<MemoryCopy>> {
        let sql = format!(
            "{SELECT_HEAD} FROM memories m {AUTHOR}
             WHERE m.team_id = :team AND m.memory_id > :after
               AND (:forgotten OR m.status <> 'forgotten')
             ORDER BY m.memory_id LIMIT :limit"
        );
        let params = named_params! {
            ":team": all.team(),
            ":after": text_of(filter.after),
            ":forgotten": filter.with_forgotten,
            ":limit": whole(limit),
        };
        let mut statement = self.statement(&sql)?;
        let heads = statement.query_map(params, head_row)?;
        let heads = heads.collect::<rusqlite::Result<_>>()?;
        self.with_versions(all, heads)
    }

    fn memory_copy(&mut self, all: Oversight<'_>, id: MemoryId) -> Result<Option<MemoryCopy>> {
        let sql = format!(
            "{SELECT_HEAD} FROM memories m {AUTHOR} WHERE m.team_id = :team AND m.memory_id = :id"
        );
        let params = named_params! { ":team": all.team(), ":id": id };
        let head = self.statement(&sql)?.query_row(params, head_row).optional()?;
        Ok(self.with_versions(all, head.into_iter().collect())?.pop())
    }

    fn conflict_copies(
        &mut self,
        all: Oversight<'_>,
        after: Option<ConflictId>,
        with_forgotten: bool,
        limit: usize,
    ) -> Result<Vec<ConflictCopy>> {
        let sql = format!(
            "{CONFLICT} WHERE c.team_id = :team AND c.conflict_id > :after AND {IS_COPIED}
             ORDER BY c.conflict_id LIMIT :limit"
        );
        let params = named_params! {
            ":team": all.team(),
            ":after": text_of(after),
            ":forgotten": with_forgotten,
            ":limit": whole(limit),
        };
        let mut statement = self.statement(&sql)?;
        let rows = statement.query_map(params, |row| conflict_row(row).map(ConflictCopy::from))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn conflict_like(
        &mut self,
        all: Oversight<'_>,
        copy: &ConflictCopy,
    ) -> Result<Option<ConflictCopy>> {
        let sql = format!(
            "{CONFLICT} WHERE c.team_id = :team AND (c.conflict_id = :id OR c.pair = :pair)
             ORDER BY c.conflict_id <> :id LIMIT 1"
        );
        let pair = pair(&copy.clone().into_conflict());
        let params = named_params! { ":team": all.team(), ":id": copy.id, ":pair": pair };
        let found = self.statement(&sql)?.query_row(params, conflict_row).optional()?;
        Ok(found.map(ConflictCopy::from))
    }

    fn imported_events(
        &mut self,
        all: Oversight<'_>,
        after: Option<(&str, i64)>,
        limit: usize,
    ) -> Result<Vec<EventCopy>> {
        let sql = "SELECT origin, event FROM imported_activity
                   WHERE team_id = :team AND (origin, sequence) > (:origin, :sequence)
                   ORDER BY origin, sequence LIMIT :limit";
        let (origin, sequence) = after.unwrap_or_default();
        let params = named_params! {
            ":team": all.team(),
            ":origin": origin,
            ":sequence": sequence,
            ":limit": whole(limit),
        };
        let mut statement = self.statement(sql)?;
        let mut rows = statement.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(event_row(row)?);
        }
        Ok(found)
    }

    fn imported_event(
        &mut self,
        all: Oversight<'_>,
        team: &str,
        sequence: i64,
    ) -> Result<Option<EventCopy>> {
        let sql = "SELECT origin, event FROM imported_activity
                   WHERE team_id = :team AND origin = :origin AND sequence = :sequence";
        let params = named_params! { ":team": all.team(), ":origin": team, ":sequence": sequence };
        let mut statement = self.statement(sql)?;
        let mut rows = statement.query(params)?;
        rows.next()?.map(event_row).transpose()
    }

    fn import_progress(&mut self, permit: &Permit, import: &str) -> Result<Option<Progress>> {
        let sql = "SELECT done, taken, known, refused, began_at, updated_at
                   FROM imports WHERE team_id = :team AND import_id = :import";
        let params = named_params! { ":team": permit.team(), ":import": import };
        let progress = self.statement(sql)?.query_row(params, |row| {
            Ok(Progress {
                done: row.get("done")?,
                taken: row.get("taken")?,
                known: row.get("known")?,
                refused: row.get("refused")?,
                began_at: row.get("began_at")?,
                updated_at: row.get("updated_at")?,
            })
        });
        Ok(progress.optional()?)
    }

    fn imported_as(&mut self, permit: &Permit, fingerprint: &str) -> Result<Option<MemoryId>> {
        let sql = "SELECT memory_id FROM imported_records
                   WHERE team_id = :team AND fingerprint = :fingerprint";
        let params = named_params! { ":team": permit.team(), ":fingerprint": fingerprint };
        Ok(self.statement(sql)?.query_row(params, |row| row.get("memory_id")).optional()?)
    }
}

impl TransferWrite for SqliteTx<'_> {
    fn add_agent_copy(&mut self, all: Oversight<'_>, agent: &AgentCopy) -> Result<()> {
        let sql = "INSERT INTO agents (team_id, agent_id, slug, display_name, agent_type,
                                       description, status, created_at, retired_at)
                   VALUES (:team, :agent, :slug, :display_name, :agent_type, :description, :status,
                           :created_at, :retired_at)";
        self.statement(sql)?.execute(named_params! {
            ":team": all.team(),
            ":agent": agent.id,
            ":slug": agent.slug,
            ":display_name": agent.display_name,
            ":agent_type": agent.agent_type,
            ":description": agent.description,
            ":status": agent.status.as_str(),
            ":created_at": agent.created_at,
            ":retired_at": agent.retired_at,
        })?;
        Ok(())
    }

    fn add_memory_copy(
        &mut self,
        all: Oversight<'_>,
        copy: &MemoryCopy,
        words: Option<&IndexedWords>,
    ) -> Result<()> {
        let sql = format!(
            "INSERT INTO memories (
                       entry, team_id, memory_id, version, status, content, title, has_own_title,
                       memory_type, tags, confidence, provenance, voice, source, source_ref,
                       thread, position, speaker, visibility, occurred_at, valid_from,
                       valid_until, agent_id, member_id, credential_kind, key_id, session_id,
                       created_at, updated_at, status_at, status_reason, is_accepted,
                       print, change_number, pieces_model)
                   VALUES (
                       {ENTRY}, :team, :id, :version, :status, :content, :title, :has_own_title,
                       :memory_type, :tags, :confidence, :provenance, :voice, :source, :source_ref,
                       :thread, :position, :speaker, :visibility, :occurred_at, :valid_from,
                       :valid_until, :agent, :member, :credential_kind, :key, :session,
                       :created_at, :changed_at, :status_at, :status_reason, :is_accepted,
                       :print, {NEXT_CHANGE}, CASE WHEN :status = 'forgotten' THEN '' END)"
        );
        self.execute_with_copy(&sql, all, copy, &copy.author, copy.newest())?;
        let entry = self.last_row();
        let sql = "INSERT INTO memory_versions (
                       team_id, memory_id, version, status, content, title, has_own_title,
                       memory_type, tags, confidence, provenance, voice, source, source_ref,
                       thread, position, speaker, visibility, occurred_at, valid_from,
                       valid_until, agent_id, member_id, credential_kind, key_id, secret_number,
                       operation, changed_at, status_at, status_reason)
                   VALUES (
                       :team, :id, :version, :status, :content, :title, :has_own_title,
                       :memory_type, :tags, :confidence, :provenance, :voice, :source, :source_ref,
                       :thread, :position, :speaker, :visibility, :occurred_at, :valid_from,
                       :valid_until, :agent, :member, :credential_kind, :key, :secret_number,
                       :operation, :changed_at, :status_at, :status_reason)";
        for version in &copy.versions {
            self.execute_with_copy(sql, all, copy, &version.changed_by, version)?;
        }
        if let Some(words) = words {
            self.add_words(entry, words)?;
        }
        for link in &copy.links {
            self.add_link_copy(all, copy.id, link)?;
        }
        for confirmation in &copy.confirmations {
            self.add_confirmation_copy(all, copy.id, confirmation)?;
        }
        self.add_tags(all.permit(), &copy.as_memory())
    }

    fn add_ties(
        &mut self,
        all: Oversight<'_>,
        id: MemoryId,
        links: &[LinkCopy],
        confirmations: &[ConfirmationCopy],
    ) -> Result<()> {
        links.iter().try_for_each(|link| self.add_link_copy(all, id, link))?;
        confirmations.iter().try_for_each(|one| self.add_confirmation_copy(all, id, one))
    }

    fn add_conflict_copy(&mut self, all: Oversight<'_>, conflict: &ConflictCopy) -> Result<()> {
        let sql = "INSERT INTO conflicts (
                       team_id, conflict_id, existing_id, node_id, newer_id, existing_version,
                       newer_version, kind, severity, signals, status, pair, opened_at, resolution, content,
                       rationale, reason, agent_id, member_id, decided_at)
                   VALUES (
                       :team, :id, :existing, :node, :newer, :existing_version,
                       :newer_version, :kind, :severity, :signals, :status, :pair, :opened_at, :resolution, :content,
                       :rationale, :reason, :agent, :member, :decided_at)";
        let pair = pair(&conflict.clone().into_conflict());
        let (existing, node, version) = columns(conflict.existing.into());
        self.statement(sql)?.execute(named_params! {
            ":team": all.team(),
            ":id": conflict.id,
            ":existing": existing,
            ":node": node,
            ":newer": conflict.newer.id,
            ":existing_version": version,
            ":newer_version": conflict.newer.version,
            ":kind": conflict.kind.as_str(),
            ":severity": conflict.severity.as_str(),
            ":signals": serde_json::to_string(&conflict.signals).map_err(Error::internal)?,
            ":status": conflict.status.as_str(),
            ":pair": pair,
            ":opened_at": conflict.opened_at,
            ":resolution": conflict.resolution.map(Named::as_str),
            ":content": conflict.content,
            ":rationale": conflict.rationale,
            ":reason": conflict.reason,
            ":agent": conflict.agent_id,
            ":member": conflict.member_id,
            ":decided_at": conflict.decided_at,
        })?;
        Ok(())
    }

    fn add_imported_event(&mut self, all: Oversight<'_>, event: &EventCopy) -> Result<()> {
        let sql = "INSERT INTO imported_activity (team_id, origin, sequence, event)
                   VALUES (:team, :origin, :sequence, :event)";
        self.statement(sql)?.execute(named_params! {
            ":team": all.team(),
            ":origin": event.team,
            ":sequence": event.link.event.sequence,
            ":event": serde_json::to_string(&event.link).map_err(Error::internal)?,
        })?;
        Ok(())
    }

    fn set_import_progress(
        &mut self,
        permit: &Permit,
        import: &str,
        progress: &Progress,
    ) -> Result<()> {
        let sql = "INSERT INTO imports (team_id, import_id, done, taken, known, refused, began_at,
                                        updated_at)
                   VALUES (:team, :import, :done, :taken, :known, :refused, :began_at, :updated_at)
                   ON CONFLICT (team_id, import_id) DO UPDATE SET
                       done = excluded.done, taken = excluded.taken, known = excluded.known,
                       refused = excluded.refused, updated_at = excluded.updated_at";
        self.statement(sql)?.execute(named_params! {
            ":team": permit.team(),
            ":import": import,
            ":done": progress.done,
            ":taken": progress.taken,
            ":known": progress.known,
            ":refused": progress.refused,
            ":began_at": progress.began_at,
            ":updated_at": progress.updated_at,
        })?;
        Ok(())
    }

    fn add_imported_record(
        &mut self,
        permit: &Permit,
        fingerprint: &str,
        memory: MemoryId,
    ) -> Result<()> {
        let sql = "INSERT INTO imported_records (team_id, fingerprint, memory_id)
                   VALUES (:team, :fingerprint, :memory)";
        self.statement(sql)?.execute(named_params! {
            ":team": permit.team(),
            ":fingerprint": fingerprint,
            ":memory": memory,
        })?;
        Ok(())
    }
}

/// An id as text, and what sorts before all of them for none.
pub(super) fn text_of(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

pub(super) fn whole(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn event_row(row: &Row<'_>) -> Result<EventCopy> {
    let event: String = row.get("event")?;
    Ok(EventCopy {
        team: row.get("origin")?,
        link: serde_json::from_str(&event).map_err(Error::internal)?,
    })
}
