//! [`crate::store::memories`] on SQLite.

use std::cmp::Reverse;

use rusqlite::types::ToSql;
use rusqlite::{OptionalExtension, Row, named_params};

use super::columns::{as_json, list, named};
use super::conditions::Query;
use super::entries::ENTRY;
use super::pieces::{KEPT_PIECES, NEXT_CHANGE};
use super::sight::{Eyes, SEEN, VERSION_SEEN};
use super::tx::SqliteTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{AgentId, MemoryId};
use crate::identity::actor::{Actor, AgentRef, Trust};
use crate::identity::permit::Permit;
use crate::memory::fields::{Named, Status};
use crate::memory::memory::{Author, IndexedWords, Memory, Statement, Version};
use crate::memory::search::{Candidate, FIELD_WEIGHTS, Filter};
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

impl MemoryRead for SqliteTx<'_> {
    fn memory(&mut self, permit: &Permit, id: MemoryId) -> Result<Option<Memory>> {
        let sql = format!(
            "{SELECT} FROM memories m {AUTHOR} WHERE {SEEN} AND {AT_LARGE} AND m.memory_id = :id"
        );
        let eyes = Eyes::of(permit);
        let mut params = eyes.params().to_vec();
        params.push((":id", &id));
        Ok(self.statement(&sql)?.query_row(&*params, memory_row).optional()?)
    }

    fn memory_versions(&mut self, permit: &Permit, id: MemoryId) -> Result<Vec<Version>> {
        let Some(memory) = self.memory(permit, id)? else { return Ok(Vec::new()) };
        // What was private once stays its author's, though the memory be the team's now.
        let sql = format!(
            "{SELECT_VERSION} FROM memory_versions m {AUTHOR}
             WHERE {VERSION_SEEN} AND m.memory_id = :id ORDER BY m.version DESC"
        );
        let mut statement = self.statement(&sql)?;
        let mut eyes = Eyes::of(permit);
        // An editor may have mended a proposal: that version is its author's to see too.
        eyes.is_editor |= memory.author.is(permit.actor());
        let mut params = eyes.params().to_vec();
        params.push((":id", &id));
        let rows = statement.query_map(&*params, version_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn memories_with_words(
        &mut self,
        permit: &Permit,
        words: &[String],
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Candidate>> {
        if words.is_empty() {
            // Full text has no query for nothing.
            return Ok(Vec::new());
        }
        // Each word is quoted, so that none is read as an operator of the query language.
        let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        let any_word = quoted.join(" OR ");
        let [title, labels, content] = FIELD_WEIGHTS;
        let statuses = quoted_names(filter.status.among());
        // The best are found by their keys alone; only theirs are the rows that are read whole.
        let from = format!(
            "{SELECT}, best.words FROM (
                 SELECT m.entry, m.memory_id,
                        -bm25(memory_words, {title:?}, {labels:?}, {content:?}) AS words
                 FROM memory_words JOIN memories m ON m.entry = memory_words.rowid
                 WHERE memory_words MATCH :words AND m.status IN ({statuses}) AND {AT_LARGE} AND {SEEN}"
        );
        let order = format!(
            " ORDER BY words DESC, m.memory_id LIMIT :limit) best
             JOIN memories m ON m.entry = best.entry {AUTHOR}
             ORDER BY best.words DESC, m.memory_id"
        );
        self.find(permit, &from, &order, &[(":words", &any_word)], filter, limit, |row| {
            Ok(Candidate { memory: memory_row(row)?, words: row.get("words")? })
        })
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
            newest.extend(self.find(permit, &from, order, &[], filter, limit, memory_row)?);
        }
        newest.sort_by_key(|memory| Reverse((memory.created_at, memory.id)));
        newest.truncate(limit);
        Ok(newest)
    }

    fn count_memories(&mut self, permit: &Permit) -> Result<u64> {
        self.count(permit, Status::Active)
    }

    fn count_proposals(&mut self, permit: &Permit) -> Result<u64> {
        self.count(permit, Status::Proposed)
    }
}

impl SqliteTx<'_> {
    fn count(&mut self, permit: &Permit, status: Status) -> Result<u64> {
        let status = status.as_str();
        let sql = format!("SELECT count(*) FROM memories m WHERE m.status = '{status}' AND {SEEN}");
        let eyes = Eyes::of(permit);
        let count: i64 = self.statement(&sql)?.query_row(&eyes.params(), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one statement, used twice")]
    pub(super) fn find<T>(
        &mut self,
        permit: &Permit,
        from: &str,
        order: &str,
        params: &[(&'static str, &dyn ToSql)],
        filter: &Filter,
        limit: usize,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let eyes = Eyes::of(permit);
        let given = |list: &[String]| (!list.is_empty()).then(|| as_json(list));
        let types: Vec<String> = filter.types.iter().map(|kind| kind.as_str().into()).collect();
        let (types, tags) = (given(&types), given(&filter.tags));
        let (agents, speakers) = (given(&filter.agents), given(&filter.speakers));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);

        let mut query = Query::new(from, &eyes.params());
        query.params.extend_from_slice(params);
        query.and(
            "m.memory_type IN (SELECT value FROM json_each(:types))",
            ":types",
            types.as_ref(),
        );
        query.and(
            "NOT EXISTS (SELECT 1 FROM json_each(:tags) wanted WHERE NOT EXISTS (
                 SELECT 1 FROM memory_tags t WHERE t.team_id = m.team_id
                    AND t.tag = wanted.value AND t.memory_id = m.memory_id))",
            ":tags",
            tags.as_ref(),
        );
        query.and(
            "m.agent_id IN (SELECT agent_id FROM agents WHERE team_id = :team
                 AND slug IN (SELECT value FROM json_each(:agents)))",
            ":agents",
            agents.as_ref(),
        );
        query.and(
            "m.speaker IN (SELECT value FROM json_each(:speakers))",
            ":speakers",
            speakers.as_ref(),
        );
        query.and("m.thread = :thread", ":thread", filter.thread.as_ref());
        query.and(
            "m.created_at >= :created_after",
            ":created_after",
            filter.created_after.as_ref(),
        );
        query.and(
            "m.created_at <= :created_before",
            ":created_before",
            filter.created_before.as_ref(),
        );
        query.and(
            "m.occurred_at >= :occurred_after",
            ":occurred_after",
            filter.occurred_after.as_ref(),
        );
        query.and(
            "m.occurred_at <= :occurred_before",
            ":occurred_before",
            filter.occurred_before.as_ref(),
        );
        query.and("m.updated_at > :changed_after", ":changed_after", filter.changed_after.as_ref());
        let visibility = filter.visibility.map(Named::as_str);
        query.and("m.visibility = :visibility", ":visibility", visibility.as_ref());
        query.sql.push_str(order);
        query.params.push((":limit", &limit));
        let mut statement = self.statement(&query.sql)?;
        let rows = statement.query_map(&*query.params, read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl MemoryWrite for SqliteTx<'_> {
    fn add_memory(&mut self, permit: &Permit, memory: &Memory, words: &IndexedWords) -> Result<()> {
        let sql = format!(
            "INSERT INTO memories (
                       entry, team_id, memory_id, version, status, content, title, has_own_title,
                       memory_type, tags, confidence, provenance, voice, source, source_ref,
                       thread, position, speaker, visibility, occurred_at, valid_from,
                       valid_until, agent_id, member_id, credential_kind, key_id, session_id,
                       created_at, updated_at, status_at, status_reason, is_accepted, print,
                       change_number)
                   VALUES (
                       {ENTRY}, :team, :id, :version, :status, :content, :title, :has_own_title,
                       :memory_type, :tags, :confidence, :provenance, :voice, :source, :source_ref,
                       :thread, :position, :speaker, :visibility, :occurred_at, :valid_from,
                       :valid_until, :agent, :member, :credential_kind, :key, :session,
                       :changed_at, :changed_at, :status_at, :status_reason, :status <> 'proposed',
                       :print, {NEXT_CHANGE})"
        );
        self.execute_with_memory(&sql, permit, memory, Some(words))?;
        let entry = self.last_row();
        self.add_version(permit, memory)?;
        self.add_words(entry, words)?;
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
            let params = named_params! { ":team": permit.team(), ":agent": agent };
            let some: Vec<Memory> = self
                .statement(&sql)?
                .query_map(params, memory_row)?
                .collect::<rusqlite::Result<_>>()?;
            if some.is_empty() {
                return Ok(forgotten);
            }
            for memory in some {
                let next = memory.next(memory.statement.clone(), Status::Forgotten, at);
                self.put_version(permit, &next, None)?;
                forgotten += 1;
            }
        }
    }
}

impl SqliteTx<'_> {
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
                       is_accepted = CASE :status WHEN 'active' THEN 1 WHEN 'proposed' THEN 0
                                                  ELSE is_accepted END,
                       change_number = {NEXT_CHANGE}, pieces_model = {KEPT_PIECES}
                   WHERE team_id = :team AND memory_id = :id"
        );
        let params = named_params! { ":team": permit.team(), ":id": memory.id };
        let entry: i64 = self
            .statement("SELECT entry FROM memories WHERE team_id = :team AND memory_id = :id")?
            .query_row(params, |row| row.get(0))?;
        self.execute_with_memory(&sql, permit, memory, words)?;
        self.add_version(permit, memory)?;
        self.drop_old_pieces(permit.team(), memory.id)?;
        self.statement("DELETE FROM memory_words WHERE rowid = :entry")?
            .execute(named_params! { ":entry": entry })?;
        if let Some(words) = words {
            let entry = self.entry_now(entry, memory)?;
            self.add_words(entry, words)?;
        }
        self.statement("DELETE FROM memory_tags WHERE team_id = :team AND memory_id = :id")?
            .execute(params)?;
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
        let mut prepared = self.statement(sql)?;
        let all: [(&str, &dyn ToSql); 32] = [
            (":team", &eyes.team),
            (":id", &memory.id),
            (":version", &memory.version),
            (":status", &memory.status.as_str()),
            (":content", &statement.content),
            (":title", &statement.title),
            (":has_own_title", &statement.has_own_title),
            (":memory_type", &statement.memory_type.as_str()),
            (":tags", &tags),
            (":confidence", &statement.confidence),
            (":provenance", &statement.provenance.as_str()),
            (":voice", &statement.voice.map(Named::as_str)),
            (":source", &statement.source),
            (":source_ref", &statement.source_ref),
            (":thread", &statement.thread),
            (":position", &statement.position),
            (":speaker", &statement.speaker),
            (":visibility", &statement.visibility.as_str()),
            (":occurred_at", &statement.occurred_at),
            (":valid_from", &statement.valid_from),
            (":valid_until", &statement.valid_until),
            (":agent", &eyes.me),
            (":member", &eyes.member),
            (":credential_kind", &permit.credential().kind()),
            (":key", &key),
            (":session", &permit.credential().session()),
            (":secret_number", &permit.credential().secret_number()),
            (":operation", &permit.operation()),
            (":changed_at", &memory.updated_at),
            (":status_at", &memory.status_at),
            (":status_reason", &memory.status_reason),
            (":print", &words.map(|words| words.print.as_str())),
        ];
        // A change doesn't name its author's columns: who first wrote a memory stays its author.
        for (name, value) in all {
            if let Some(index) = prepared.parameter_index(name)? {
                prepared.raw_bind_parameter(index, value)?;
            }
        }
        prepared.raw_execute()?;
        Ok(())
    }

    pub(super) fn add_words(&mut self, entry: i64, words: &IndexedWords) -> Result<()> {
        let sql = "INSERT INTO memory_words (rowid, title, labels, content)
                   VALUES (:entry, :title, :labels, :content)";
        self.statement(sql)?.execute(named_params! {
            ":entry": entry,
            ":title": words.title,
            ":labels": words.labels,
            ":content": words.content,
        })?;
        Ok(())
    }

    pub(super) fn add_tags(&mut self, permit: &Permit, memory: &Memory) -> Result<()> {
        let sql = "INSERT INTO memory_tags (team_id, tag, memory_id) VALUES (:team, :tag, :id)";
        let mut statement = self.statement(sql)?;
        for tag in &memory.statement.tags {
            statement.execute(named_params! {
                ":team": permit.team(),
                ":tag": tag,
                ":id": memory.id,
            })?;
        }
        Ok(())
    }
}

/// Statuses as a list in SQL. Their names are ours, so they may stand in the text of a statement.
pub(super) fn quoted_names(statuses: &[Status]) -> String {
    let quoted: Vec<String> =
        statuses.iter().map(|status| format!("'{}'", status.as_str())).collect();
    quoted.join(", ")
}

pub(super) fn memory_row(row: &Row<'_>) -> rusqlite::Result<Memory> {
    Ok(Memory {
        id: row.get("memory_id")?,
        version: row.get("version")?,
        status: named(row, "status")?,
        status_at: row.get("status_at")?,
        status_reason: row.get("status_reason")?,
        statement: statement_row(row)?,
        author: author_row(row)?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        confirmations: row.get("confirmations")?,
    })
}

fn version_row(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        version: row.get("version")?,
        status: named(row, "status")?,
        statement: statement_row(row)?,
        changed_by: author_row(row)?,
        changed_at: row.get("changed_at")?,
    })
}

pub(super) fn statement_row(row: &Row<'_>) -> rusqlite::Result<Statement> {
    let voice: Option<String> = row.get("voice")?;
    Ok(Statement {
        content: row.get("content")?,
        title: row.get("title")?,
        has_own_title: row.get("has_own_title")?,
        memory_type: named(row, "memory_type")?,
        tags: list(row, "tags")?,
        confidence: row.get("confidence")?,
        provenance: named(row, "provenance")?,
        voice: voice.as_deref().and_then(Named::parse),
        source: row.get("source")?,
        source_ref: row.get("source_ref")?,
        thread: row.get("thread")?,
        position: row.get("position")?,
        speaker: row.get("speaker")?,
        visibility: named(row, "visibility")?,
        occurred_at: row.get("occurred_at")?,
        valid_from: row.get("valid_from")?,
        valid_until: row.get("valid_until")?,
    })
}

pub(super) fn author_row(row: &Row<'_>) -> rusqlite::Result<Author> {
    let agent: Option<AgentId> = row.get("agent_id")?;
    let slug: Option<String> = row.get("slug")?;
    let trust: Option<String> = row.get("trust")?;
    Ok(Author {
        actor: Actor {
            agent: agent.map(|id| AgentRef { id, slug: slug.unwrap_or_default() }),
            member: row.get("member_id")?,
        },
        key: row.get("key_id")?,
        trust: trust.map_or(Trust::Approved, |trust| Trust::parse(&trust)),
    })
}
