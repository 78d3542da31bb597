//! [`crate::store::erasures`] on SQLite.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::memories::author_row;
use super::sight::Eyes;
use super::tx::SqliteTx;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{AgentId, MemoryId};
use crate::identity::permit::{Oversight, Permit};
use crate::store::erasures::{Erasure, ErasureRead, ErasureWrite, HOLDERS};
use crate::store::pieces::PieceWrite;

/// A database of more bytes is written anew by way of a file and not of memory.
const IN_MEMORY: i64 = 256 * 1024 * 1024;

impl ErasureRead for SqliteTx<'_> {
    fn erasure(&mut self, permit: &Permit, id: MemoryId) -> Result<Option<Erasure>> {
        let sql = "SELECT e.erased_at, e.reason, e.agent_id, e.member_id, e.key_id, a.slug,
                          a.status AS trust
                   FROM erasures e
                   LEFT JOIN agents a ON a.team_id = e.team_id AND a.agent_id = e.agent_id
                   WHERE e.team_id = :team AND e.memory_id = :id";
        let params = named_params! { ":team": permit.team(), ":id": id };
        let erasure = self.statement(sql)?.query_row(params, |row| {
            Ok(Erasure {
                memory: id,
                erased_at: row.get("erased_at")?,
                reason: row.get("reason")?,
                by: author_row(row)?,
            })
        });
        Ok(erasure.optional()?)
    }

    fn ids_by_author(
        &mut self,
        all: Oversight<'_>,
        author: AgentId,
        limit: usize,
    ) -> Result<Vec<MemoryId>> {
        let sql = "SELECT memory_id FROM memories WHERE team_id = :team AND agent_id = :author
                   ORDER BY memory_id LIMIT :limit";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let params = named_params! { ":team": all.team(), ":author": author, ":limit": limit };
        let mut statement = self.statement(sql)?;
        let ids = statement.query_map(params, |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }
}

impl ErasureWrite for SqliteTx<'_> {
    fn erase_memory(
        &mut self,
        all: Oversight<'_>,
        id: MemoryId,
        at: Timestamp,
        reason: &str,
    ) -> Result<bool> {
        let params = named_params! { ":team": all.team(), ":id": id };
        let sql = "SELECT entry FROM memories WHERE team_id = :team AND memory_id = :id";
        let entry: Option<i64> =
            self.statement(sql)?.query_row(params, |row| row.get(0)).optional()?;
        let Some(entry) = entry else { return Ok(false) };
        // While their conflicts are still there to name them.
        let sql =
            "DELETE FROM comments WHERE team_id = :team AND about_kind = 'conflict' AND about_id IN
                     (SELECT c.conflict_id FROM conflicts c
                      WHERE c.team_id = :team AND (c.existing_id = :id OR c.newer_id = :id))";
        self.statement(sql)?.execute(params)?;
        for (table, column) in HOLDERS {
            self.statement(&format!(
                "DELETE FROM {table} WHERE team_id = :team AND {column} = :id"
            ))?
            .execute(params)?;
        }
        let sql = "DELETE FROM retries WHERE team_id = :team AND answer LIKE '%' || :id || '%'";
        self.statement(sql)?.execute(params)?;
        self.note_removal(all.permit(), id)?;
        self.statement("DELETE FROM memory_words WHERE rowid = :entry")?
            .execute(named_params! { ":entry": entry })?;
        self.statement("DELETE FROM memories WHERE team_id = :team AND memory_id = :id")?
            .execute(params)?;
        let sql =
            "INSERT INTO erasures (team_id, memory_id, erased_at, reason, agent_id, member_id,
                                         credential_kind, key_id)
                   VALUES (:team, :id, :at, :reason, :agent, :member, :kind, :key)";
        let (eyes, credential) = (Eyes::of(all.permit()), all.permit().credential());
        self.statement(sql)?.execute(named_params! {
            ":team": all.team(),
            ":id": id,
            ":at": at,
            ":reason": reason,
            ":agent": eyes.me,
            ":member": eyes.member,
            ":kind": credential.kind(),
            ":key": credential.key(),
        })?;
        // Kept or lost with this transaction: what was deleted is in the file until it is scrubbed.
        self.statement("PRAGMA user_version = 1")?.execute([])?;
        Ok(true)
    }
}

/// Writes the file anew where something was erased, so that not even free pages hold it, and empties
/// the log. Deleted rows leave their bytes in pages, and deleted words stay in the segments of full
/// text until those are merged. That something was erased is noted in the file, and the note is
/// taken away last, so whatever interrupts this, it is done again.
///
/// # Errors
/// `UNAVAILABLE` while another process reads or writes.
pub(super) fn scrub(connection: &Connection) -> Result<()> {
    let number = |pragma: &str| -> Result<i64> {
        Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
    };
    if number("user_version")? == 0 {
        return Ok(());
    }
    connection.execute_batch("INSERT INTO memory_words (memory_words) VALUES ('optimize')")?;
    let is_large = number("page_count")?.saturating_mul(number("page_size")?) > IN_MEMORY;
    let vacuum = if is_large {
        "PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY;"
    } else {
        "VACUUM;"
    };
    connection.execute_batch(vacuum)?;
    empty_the_log(connection)?;
    connection.execute_batch("PRAGMA user_version = 0")?;
    Ok(())
}

fn empty_the_log(connection: &Connection) -> Result<()> {
    let is_busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if is_busy != 0 {
        return Err(Error::unavailable("another process reads what was there before"));
    }
    Ok(())
}
