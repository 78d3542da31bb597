//! What a copy of a memory is made of, on PostgreSQL: its row, its versions, what leads from it and who said
//! the same.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::columns::{Column, as_json, named};
use super::link::Params;
use super::memories::{AUTHOR, SELECT_VERSION, statement_row};
use super::tx::PgTx;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Oversight;
use crate::memory::copy::{AuthorCopy, ConfirmationCopy, LinkCopy, MemoryCopy, VersionCopy};
use crate::memory::fields::{Named, Status};
use crate::memory::same;

/// The edges from a memory.
const LINKS: &str = "SELECT from_id, link_type, to_kind, to_id, agent_id, member_id, created_at
     FROM memory_links WHERE team_id = :team AND from_id = ANY(:ids)
     ORDER BY from_id, link_type, to_kind, to_id";

/// Who else said what a memory says.
const CONFIRMATIONS: &str = "SELECT c.memory_id, c.print, c.actor_id, c.agent_id, a.slug,
            c.member_id, c.credential_kind, c.key_id, c.confirmed_at
     FROM confirmations c
     LEFT JOIN agents a ON a.team_id = c.team_id AND a.agent_id = c.agent_id
     WHERE c.team_id = :team AND c.memory_id = ANY(:ids)
     ORDER BY c.memory_id, c.print, c.actor_id";

/// What a copy holds of a memory beside its versions.
pub(super) const SELECT_HEAD: &str =
    "SELECT m.memory_id, m.created_at, m.is_accepted, m.agent_id, a.slug,
        m.member_id, m.credential_kind, m.key_id, m.session_id";

impl PgTx<'_> {
    /// Adds to each memory its versions.
    pub(super) fn with_versions(
        &mut self,
        all: Oversight<'_>,
        mut heads: Vec<MemoryCopy>,
    ) -> Result<Vec<MemoryCopy>> {
        let sql = format!(
            "{SELECT_VERSION}, m.memory_id, m.secret_number, m.operation
             FROM memory_versions m {AUTHOR}
             WHERE m.team_id = :team AND m.memory_id = ANY(:ids)
             ORDER BY m.memory_id, m.version"
        );
        if heads.is_empty() {
            return Ok(heads);
        }
        // One journey for all of them.
        let ids: Vec<String> = heads.iter().map(|head| head.id.to_string()).collect();
        let mut versions: HashMap<MemoryId, Vec<VersionCopy>> = HashMap::new();
        for row in &self.rows(&sql, &[("team", &all.team()), ("ids", &ids)])? {
            versions.entry(row.try_get("memory_id")?).or_default().push(version_row(row)?);
        }
        let params: Params<'_> = &[("team", &all.team()), ("ids", &ids)];
        let mut links: HashMap<MemoryId, Vec<LinkCopy>> = HashMap::new();
        for row in &self.rows(LINKS, params)? {
            links.entry(row.try_get("from_id")?).or_default().push(link_row(row)?);
        }
        let mut confirmations: HashMap<MemoryId, Vec<ConfirmationCopy>> = HashMap::new();
        for row in &self.rows(CONFIRMATIONS, params)? {
            confirmations
                .entry(row.try_get("memory_id")?)
                .or_default()
                .push(confirmation_row(row)?);
        }
        for head in &mut heads {
            head.links = links.remove(&head.id).unwrap_or_default();
            head.confirmations = confirmations.remove(&head.id).unwrap_or_default();
            head.versions = versions.remove(&head.id).unwrap_or_default();
        }
        Ok(heads)
    }

    pub(super) fn add_link_copy(
        &mut self,
        all: Oversight<'_>,
        from: MemoryId,
        link: &LinkCopy,
    ) -> Result<()> {
        let sql = "INSERT INTO memory_links (team_id, from_id, link_type, to_kind, to_id, agent_id,
                                             member_id, created_at)
                   VALUES (:team, :from, :link_type, :to_kind, :to, :agent, :member, :at)
                   ON CONFLICT DO NOTHING";
        let params: Params<'_> = &[
            ("team", &all.team()),
            ("from", &from),
            ("link_type", &link.link_type.as_str()),
            ("to_kind", &link.to_kind),
            ("to", &link.to_id),
            ("agent", &link.agent_id),
            ("member", &link.member_id),
            ("at", &link.created_at),
        ];
        self.execute(sql, params)
    }

    pub(super) fn add_confirmation_copy(
        &mut self,
        all: Oversight<'_>,
        id: MemoryId,
        confirmation: &ConfirmationCopy,
    ) -> Result<()> {
        let sql =
            "INSERT INTO confirmations (team_id, memory_id, print, actor_id, agent_id, member_id,
                                              credential_kind, key_id, confirmed_at)
                   VALUES (:team, :id, :print, :actor, :agent, :member, :kind, :key, :at)
                   ON CONFLICT DO NOTHING";
        let params: Params<'_> = &[
            ("team", &all.team()),
            ("id", &id),
            ("print", &confirmation.print),
            ("actor", &confirmation.actor_id),
            ("agent", &confirmation.confirmed_by.agent_id),
            ("member", &confirmation.confirmed_by.member_id),
            ("kind", &confirmation.confirmed_by.credential_kind),
            ("key", &confirmation.confirmed_by.key_id),
            ("at", &confirmation.confirmed_at),
        ];
        self.execute(sql, params)
    }

    /// Runs a statement with the columns of a memory as one of its versions has it.
    pub(super) fn execute_with_copy(
        &mut self,
        sql: &str,
        all: Oversight<'_>,
        copy: &MemoryCopy,
        author: &AuthorCopy,
        version: &VersionCopy,
    ) -> Result<()> {
        let statement = &version.statement;
        // What is forgotten repeats nothing.
        let is_held = version.status != Status::Forgotten;
        let print = is_held.then(|| same::print(&statement.content));
        let (team, tags) = (all.team(), as_json(&statement.tags));
        let values: [(&str, &dyn Column); 34] = [
            ("team", &team),
            ("id", &copy.id),
            ("version", &version.version),
            ("status", &version.status.as_str()),
            ("content", &statement.content),
            ("title", &statement.title),
            ("has_own_title", &statement.has_own_title),
            ("memory_type", &statement.memory_type.as_str()),
            ("tags", &tags),
            ("confidence", &statement.confidence),
            ("provenance", &statement.provenance.as_str()),
            ("voice", &statement.voice.map(Named::as_str)),
            ("source", &statement.source),
            ("source_ref", &statement.source_ref),
            ("thread", &statement.thread),
            ("position", &statement.position),
            ("speaker", &statement.speaker),
            ("visibility", &statement.visibility.as_str()),
            ("occurred_at", &statement.occurred_at),
            ("valid_from", &statement.valid_from),
            ("valid_until", &statement.valid_until),
            ("agent", &author.agent_id),
            ("member", &author.member_id),
            ("credential_kind", &author.credential_kind),
            ("key", &author.key_id),
            ("session", &copy.session_id),
            ("secret_number", &version.secret_number),
            ("operation", &version.operation),
            ("created_at", &copy.created_at),
            ("changed_at", &version.changed_at),
            ("status_at", &version.status_at),
            ("status_reason", &version.status_reason),
            ("is_accepted", &copy.is_accepted),
            ("print", &print),
        ];
        self.execute(sql, &values)
    }
}

pub(super) fn head_row(row: &Row) -> Result<MemoryCopy> {
    Ok(MemoryCopy {
        id: row.try_get("memory_id")?,
        created_at: row.try_get("created_at")?,
        is_accepted: row.try_get("is_accepted")?,
        author: author_row(row)?,
        session_id: row.try_get("session_id")?,
        is_partial: false,
        versions: Vec::new(),
        links: Vec::new(),
        confirmations: Vec::new(),
    })
}

fn version_row(row: &Row) -> Result<VersionCopy> {
    Ok(VersionCopy {
        version: row.try_get("version")?,
        status: named(row, "status")?,
        status_at: row.try_get("status_at")?,
        status_reason: row.try_get("status_reason")?,
        changed_at: row.try_get("changed_at")?,
        changed_by: author_row(row)?,
        secret_number: row.try_get("secret_number")?,
        operation: row.try_get("operation")?,
        statement: statement_row(row)?,
    })
}

fn author_row(row: &Row) -> Result<AuthorCopy> {
    Ok(AuthorCopy {
        agent_id: row.try_get("agent_id")?,
        agent: row.try_get("slug")?,
        member_id: row.try_get("member_id")?,
        credential_kind: row.try_get("credential_kind")?,
        key_id: row.try_get("key_id")?,
    })
}

fn link_row(row: &Row) -> Result<LinkCopy> {
    Ok(LinkCopy {
        link_type: named(row, "link_type")?,
        to_kind: row.try_get("to_kind")?,
        to_id: row.try_get("to_id")?,
        agent_id: row.try_get("agent_id")?,
        member_id: row.try_get("member_id")?,
        created_at: row.try_get("created_at")?,
    })
}

fn confirmation_row(row: &Row) -> Result<ConfirmationCopy> {
    Ok(ConfirmationCopy {
        print: row.try_get("print")?,
        actor_id: row.try_get("actor_id")?,
        confirmed_by: author_row(row)?,
        confirmed_at: row.try_get("confirmed_at")?,
    })
}
