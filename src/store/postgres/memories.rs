//! [`crate::store::memories`] on PostgreSQL.

use std::cmp::Reverse;
use std::collections::HashMap;

use tokio_postgres::Row;

use super::columns::{Column, as_json, list, named};
use super::conditions::Query;
use super::pieces::{KEPT_PIECES, NEXT_CHANGE};
use super::sight::{Eyes, SEEN, VERSION_SEEN};
use super::tx::PgTx;
use super::words;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{AgentId, MemoryId};
use crate::identity::actor::{Actor, AgentRef, Trust};
use crate::identity::permit::Permit;
use crate::memory::bm25;
use crate::memory::fields::{Named, Status};
use crate::memory::memory::{Author, IndexedWords, Memory, Statement, Version};
use crate::memory::search::{Candidate, Filter};
use crate::store::memories::{MemoryRead, MemoryWrite};

/// A memory's columns, and its author's slug and standing.
pub(super) const SELECT: &str =
    "SELECT m.memory_id, m.version, m.status, m.content, m.title, m.has_own_title,
        m.memory_type, m.tags, m.confidence, m.provenance, m.voice, m.source, m.source_ref,
        m.thread, m.position, m.speaker, m.visibility, m.occurred_at, m.valid_from,
        m.valid_until, m.agent_id, m.member_id, m.credential_kind, m.key_id, m.created_at,
        m.updated_at, m.status_at, m.status_reason, a.slug, a.status AS trust,
        (SELECT count(*) FROM confirmations c WHERE c.team_id = m.team_id
            AND c.memory_id = m.memory_id AND c.print = m.print) AS confirmations";

/// A version's columns, and its author's slug and standing.
pub(super) const SELECT_VERSION: &str = "SELECT m.version, m.status, m.content, m.title,
        m.has_own_title, m.memory_type, m.tags, m.confidence, m.provenance, m.voice, m.source,
        m.source_ref, m.thread, m.position, m.speaker, m.visibility, m.occurred_at, m.valid_from,
        m.valid_until, m.agent_id, m.member_id, m.credential_kind, m.key_id, m.changed_at,
        m.status_at, m.status_reason, a.slug, a.status AS trust";

pub(super) const AUTHOR: &str =
    "LEFT JOIN agents a ON a.team_id = m.team_id AND a.agent_id = m.agent_id";

/// Of the memories themselves: whatever else is asked, what is quarantined is out of sight.
pub(super) const AT_LARGE: &str = "m.status <> 'quarantined'";

impl MemoryRead for PgTx<'_> {
    fn memory(&mut self, permit: &Permit, id: MemoryId) -> Result<Option<Memory>> {
        let sql = format!(
            "{SELECT} FROM memories m {AUTHOR} WHERE {SEEN} AND {AT_LARGE} AND m.memory_id = :id"
        );
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.push(("id", &id));
        self.row(&sql, &params)?.as_ref().map(memory_row).transpose()
    }

    fn memory_versions(&mut self, permit: &Permit, id: MemoryId) -> Result<Vec<Version>> {
        let Some(memory) = self.memory(permit, id)? else { return Ok(Vec::new()) };
        // What was private once stays its author's, though the memory be the team's now.
        let sql = format!(
            "{SELECT_VERSION} FROM memory_versions m {AUTHOR}
             WHERE {VERSION_SEEN} AND m.memory_id = :id ORDER BY m.version DESC"
        );
        let mut eyes = Eyes::of(permit);
        // An editor may have mended a proposal: that version is its author's to see too.
        eyes.is_editor |= memory.author.is(permit.actor());
        let mut params = eyes.params().to_vec();
        params.push(("id", &id));
        self.rows(&sql, &params)?.iter().map(version_row).collect()
    }

    fn memories_with_words(
        &mut self,
        permit: &Permit,
        words: &[String],
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Candidate>> {
        if words.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let totals = words::totals(self, permit.team())?;
        // All that hold a word, because how rare a word is counts for the order; wanted are those
        // that the filter lets through.
        let (any, lexemes) = words::queries(permit.team(), words);
        let statuses = quoted_names(filter.status.among());
        let from = format!("{} m.status IN ({statuses}) AND {AT_LARGE} AND {SEEN}", words::FOUND);
        let params: [(&str, &dyn Column); 3] =
            [("any", &any), ("lexemes", &lexemes), ("words", &words.to_vec())];
        let found =
            self.find(permit, &from, words::FOUND_END, &params, filter, None, words::found)?;
        let best = bm25::best(totals, &found, limit);
        // Only theirs are the rows that are read whole.
        let sql = format!(
            "{SELECT} FROM memories m {AUTHOR} WHERE m.team_id = :team AND m.memory_id = ANY(:ids)"
        );
        let ids: Vec<String> = best.iter().map(|(id, _)| (*id).to_owned()).collect();
        let rows = self.rows(&sql, &[("team", &permit.team()), ("ids", &ids)])?;
        let memories: Result<HashMap<String, Memory>> =
            rows.iter().map(|row| Ok((row.try_get("memory_id")?, memory_row(row)?))).collect();
        let mut memories = memories?;
        let candidates = best.into_iter().filter_map(|(id, words)| {
            memories.remove(id).map(|memory| Candidate { memory, words })
        });
        Ok(candidates.collect())
    }

    fn newest_memories(
        &mut self,
        permit: &Permit,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Memory>> {
        let order = " ORDER BY m.created_at DESC, m.memory_id DESC LIMIT :limit";
        let mut newest = Vec::new();
        // One status at a time: the index gives the order within each, and nothing is sorted that
        // isn't among the newest.
        for status in filter.status.among() {
            let status = status.as_str();
            let from = format!(
                "{SELECT} FROM memories m {AUTHOR}
                 WHERE m.status = '{status}' AND {AT_LARGE} AND {SEEN}"
            );
            newest.extend(self.find(permit, &from, order, &[], filter, Some(limit), memory_row)?);
        }
        newest.sort_by_key(|memory| Reverse((memory.created_at, memory.id)));
        newest.truncate(limit);
        Ok(newest)
    }

    fn count_memories(&mut self, permit: &Permit) -> Result<u64> {
        self.count_of(permit, Status::Active)
    }

    fn count_proposals(&mut self, permit: &Permit) -> Result<u64> {
        self.count_of(permit, Status::Proposed)
    }
}

impl PgTx<'_> {
    fn count_of(&mut self, permit: &Permit, status: Status) -> Result<u64> {
        let status = status.as_str();
        let sql = format!("SELECT count(*) FROM memories m WHERE m.status = '{status}' AND {SEEN}");
        let eyes = Eyes::of(permit);
        let row = self.row(&sql, &eyes.params())?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get(0))?;
        Ok(count.unsigned_abs())
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one statement, used twice")]
    pub(super) fn find<T>(
        &mut self,
        permit: &Permit,
        from: &str,
        order: &str,
        params: &[(&'static str, &dyn Column)],
        filter: &Filter,
        limit: Option<usize>,
        read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let eyes = Eyes::of(permit);
        let given = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
        let types: Vec<String> = filter.types.iter().map(|kind| kind.as_str().into()).collect();
        let (types, tags) = (given(&types), given(&filter.tags));
        let (agents, speakers) = (given(&filter.agents), given(&filter.speakers));
        let limit = limit.map(|limit| i64::try_from(limit).unwrap_or(i64::MAX));

        let mut query = Query::new(from, &eyes.params());
        query.params.extend_from_slice(params);
        query.and("m.memory_type = ANY(:types)", "types", types.as_ref());
        query.and(
            "NOT EXISTS (SELECT 1 FROM unnest(:tags::text[]) wanted (tag) WHERE NOT EXISTS (
                 SELECT 1 FROM memory_tags t WHERE t.team_id = m.team_id
                    AND t.tag = wanted.tag AND t.memory_id = m.memory_id))",
            "tags",
            tags.as_ref(),
        );
        query.and(
            "m.agent_id IN (SELECT agent_id FROM agents WHERE team_id = :team
                 AND slug = ANY(:agents))",
            "agents",
            agents.as_ref(),
        );
        query.and("m.speaker = ANY(:speakers)", "speakers", speakers.as_ref());
        query.and("m.thread = :thread", "thread", filter.thread.as_ref());
        query.and("m.created_at >= :created_after", "created_after", filter.created_after.as_ref());
        query.and(
            "m.created_at <= :created_before",
            "created_before",
            filter.created_before.as_ref(),
        );
        query.and(
            "m.occurred_at >= :occurred_after",
            "occurred_after",
            filter.occurred_after.as_ref(),
        );
        query.and(
            "m.occurred_at <= :occurred_before",
            "occurred_before",
            filter.occurred_before.as_ref(),
        );
        query.and("m.updated_at > :changed_after", "changed_after", filter.changed_after.as_ref());
        let visibility = filter.visibility.map(Named::as_str);
        query.and("m.visibility = :visibility", "visibility", visibility.as_ref());
        query.sql.push_str(order);
        if let Some(limit) = &limit {
            query.params.push(("limit", limit));
        }
        self.rows(&query.sql, &query.params)?.iter().map(read).collect()
    }
}

impl MemoryWrite for PgTx<'_> {
    fn add_memory(&mut self, permit: &Permit, memory: &Memory, words: &IndexedWords) -> Result<()> {
        let sql = format!(
            "INSERT INTO memories (
                       team_id, memory_id, version, status, content, title, has_own_title,
                       memory_type, tags, confidence, provenance, voice, source, source_ref,
                       thread, position, speaker, visibility, occurred_at, valid_from,
                       valid_until, agent_id, member_id, credential_kind, key_id, session_id,
                       created_at, updated_at, status_at, status_reason, is_accepted, print,
                       change_number)
                   VALUES (
                       :team, :id, :version, :status, :content, :title, :has_own_title,
                       :memory_type, :tags, :confidence, :provenance, :voice, :source, :source_ref,
                       :thread, :position, :speaker, :visibility, :occurred_at, :valid_from,
                       :valid_until, :agent, :member, :credential_kind, :key, :session,
                       :changed_at, :changed_at, :status_at, :status_reason, :status <> 'proposed',
                       :print, {NEXT_CHANGE})"
        );
        self.execute_with_memory(&sql, permit, memory, Some(words))?;
        self.add_version(permit, memory)?;
        words::add(self, permit.team(), memory.id, words)?;
        self.add_tags(permit, memory)
    }

    fn change_memory(
        &mut self,
        permit: &Permit,
        memory: &Memory,
        words: Option<&IndexedWords>,
    ) -> Result<bool> {
        if self.memory(permit, memory.id)?.is_none_or(|now| now.version + 1 != memory.version) {
            return Ok(false);
        }
        self.put_version(permit, memory, words)?;
        Ok(true)
    }

    fn forget_private(&mut self, permit: &Permit, agent: AgentId, at: Timestamp) -> Result<u64> {
        // Not by what the permit sees: these are another's own.
        let sql = format!(
            "{SELECT} FROM memories m {AUTHOR}
             WHERE m.team_id = :team AND m.agent_id = :agent AND m.visibility = 'agent'
               AND m.status <> 'forgotten'
             ORDER BY m.memory_id LIMIT 500"
        );
        let mut forgotten = 0;
        loop {
            let rows = self.rows(&sql, &[("team", &permit.team()), ("agent", &agent)])?;
            if rows.is_empty() {
                return Ok(forgotten);
            }
            for row in &rows {
                let memory = memory_row(row)?;
                let next = memory.next(memory.statement.clone(), Status::Forgotten, at);
                self.put_version(permit, &next, None)?;
                forgotten += 1;
            }
        }
    }
}

impl PgTx<'_> {
    /// Makes a version what is seen of its memory.
    pub(super) fn put_version(
        &mut self,
        permit: &Permit,
        memory: &Memory,
        words: Option<&IndexedWords>,
    ) -> Result<()> {
        let sql = format!(
            "UPDATE memories SET
                       version = :version, status = :status, content = :content, title = :title,
                       has_own_title = :has_own_title, memory_type = :memory_type, tags = :tags,
                       confidence = :confidence, provenance = :provenance, voice = :voice,
                       source = :source, source_ref = :source_ref, thread = :thread,
                       position = :position, speaker = :speaker, visibility = :visibility,
                       occurred_at = :occurred_at, valid_from = :valid_from,
                       valid_until = :valid_until, updated_at = :changed_at,
                       status_at = :status_at, status_reason = :status_reason, print = :print,
                       is_accepted = CASE :status WHEN 'active' THEN TRUE
                                                  WHEN 'proposed' THEN FALSE
                                                  ELSE is_accepted END,
                       change_number = {NEXT_CHANGE}, pieces_model = {KEPT_PIECES}
                   WHERE team_id = :team AND memory_id = :id"
        );
        self.execute_with_memory(&sql, permit, memory, words)?;
        self.add_version(permit, memory)?;
        self.drop_old_pieces(permit.team(), memory.id)?;
        words::remove(self, permit.team(), memory.id)?;
        if let Some(words) = words {
            words::add(self, permit.team(), memory.id, words)?;
        }
        let sql = "DELETE FROM memory_tags WHERE team_id = :team AND memory_id = :id";
        self.execute(sql, &[("team", &permit.team()), ("id", &memory.id)])?;
        self.add_tags(permit, memory)
    }

    fn add_version(&mut self, permit: &Permit, memory: &Memory) -> Result<()> {
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
        self.execute_with_memory(sql, permit, memory, None)
    }

    /// Runs a statement with a memory's columns as parameters. Who acts is the permit's bearer.
    fn execute_with_memory(
        &mut self,
        sql: &str,
        permit: &Permit,
        memory: &Memory,
        words: Option<&IndexedWords>,
    ) -> Result<()> {
        let statement = &memory.statement;
        let eyes = Eyes::of(permit);
        let tags = as_json(&statement.tags);
        let key = permit.credential().key();
        let all: [(&str, &dyn Column); 32] = [
            ("team", &eyes.team),
            ("id", &memory.id),
            ("version", &memory.version),
            ("status", &memory.status.as_str()),
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
            ("agent", &eyes.me),
            ("member", &eyes.member),
            ("credential_kind", &permit.credential().kind()),
            ("key", &key),
            ("session", &permit.credential().session()),
            ("secret_number", &permit.credential().secret_number()),
            ("operation", &permit.operation()),
            ("changed_at", &memory.updated_at),
            ("status_at", &memory.status_at),
            ("status_reason", &memory.status_reason),
            ("print", &words.map(|words| words.print.as_str())),
        ];
        // A change doesn't name its author's columns: who first wrote a memory stays its author.
        self.execute(sql, &all)
    }

    pub(super) fn add_tags(&mut self, permit: &Permit, memory: &Memory) -> Result<()> {
        // One statement for all of them: a statement that adds none is sent to no end.
        if memory.statement.tags.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO memory_tags (team_id, tag, memory_id)
                   SELECT :team, tag, :id FROM unnest(:tags::text[]) given (tag)";
        let tags = &memory.statement.tags;
        self.execute(sql, &[("team", &permit.team()), ("id", &memory.id), ("tags", tags)])
    }
}

/// Statuses as a list in SQL. Their names are ours, so they may stand in the text of a statement.
pub(super) fn quoted_names(statuses: &[Status]) -> String {
    let quoted: Vec<String> =
        statuses.iter().map(|status| format!("'{}'", status.as_str())).collect();
    quoted.join(", ")
}

pub(super) fn memory_row(row: &Row) -> Result<Memory> {
    Ok(Memory {
        id: row.try_get("memory_id")?,
        version: row.try_get("version")?,
        status: named(row, "status")?,
        status_at: row.try_get("status_at")?,
        status_reason: row.try_get("status_reason")?,
        statement: statement_row(row)?,
        author: author_row(row)?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        confirmations: u32::try_from(row.try_get::<_, i64>("confirmations")?).unwrap_or(u32::MAX),
    })
}

fn version_row(row: &Row) -> Result<Version> {
    Ok(Version {
        version: row.try_get("version")?,
        status: named(row, "status")?,
        statement: statement_row(row)?,
        changed_by: author_row(row)?,
        changed_at: row.try_get("changed_at")?,
    })
}

pub(super) fn statement_row(row: &Row) -> Result<Statement> {
    let voice: Option<&str> = row.try_get("voice")?;
    Ok(Statement {
        content: row.try_get("content")?,
        title: row.try_get("title")?,
        has_own_title: row.try_get("has_own_title")?,
        memory_type: named(row, "memory_type")?,
        tags: list(row, "tags")?,
        confidence: row.try_get("confidence")?,
        provenance: named(row, "provenance")?,
        voice: voice.and_then(Named::parse),
        source: row.try_get("source")?,
        source_ref: row.try_get("source_ref")?,
        thread: row.try_get("thread")?,
        position: row.try_get("position")?,
        speaker: row.try_get("speaker")?,
        visibility: named(row, "visibility")?,
        occurred_at: row.try_get("occurred_at")?,
        valid_from: row.try_get("valid_from")?,
        valid_until: row.try_get("valid_until")?,
    })
}

pub(super) fn author_row(row: &Row) -> Result<Author> {
    let agent: Option<AgentId> = row.try_get("agent_id")?;
    let slug: Option<String> = row.try_get("slug")?;
    let trust: Option<&str> = row.try_get("trust")?;
    Ok(Author {
        actor: Actor {
            agent: agent.map(|id| AgentRef { id, slug: slug.unwrap_or_default() }),
            member: row.try_get("member_id")?,
        },
        key: row.try_get("key_id")?,
        trust: trust.map_or(Trust::Approved, Trust::parse),
    })
}
