//! Another program's SQLite database, read and never written: mcp-memory-service's memories.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row, named_params};

use crate::core::error::{Error, Result};

/// How many rows are read at once.
const PAGE: i64 = 200;

/// The columns that are wanted, each with what stands in its place where a version hasn't got it.
const COLUMNS: [(&str, &str); 6] = [
    ("content_hash", "''"),
    ("content", "''"),
    ("tags", "''"),
    ("memory_type", "''"),
    ("metadata", "''"),
    ("created_at", "NULL"),
];

/// A row of the table `memories`.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignMemory {
    pub content_hash: String,
    pub content: String,
    pub tags: String,
    pub memory_type: String,
    pub metadata: String,
    /// Seconds since 1970.
    pub created_at: Option<f64>,
}

/// Such a database.
pub struct Elsewhere {
    connection: Connection,
    sql: String,
}

impl Elsewhere {
    /// Opens one for reading.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when it isn't one.
    pub fn open(path: &Path) -> Result<Self> {
        let wrong = |error: rusqlite::Error| {
            Error::invalid("path", "must be a database of mcp-memory-service").with_cause(error)
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(wrong)?;
        // What its triggers and views would call isn't ours to run.
        connection.pragma_update(None, "trusted_schema", false).map_err(wrong)?;
        let has = |column: &str| {
            let sql = "SELECT count(*) FROM pragma_table_info('memories') WHERE name = :column";
            let count: i64 =
                connection.query_row(sql, named_params! { ":column": column }, |row| row.get(0))?;
            Ok(count > 0)
        };
        if !has("content").map_err(wrong)? {
            return Err(Error::invalid("path", "must be a database of mcp-memory-service"));
        }
        let mut columns = Vec::new();
        for (name, instead) in COLUMNS {
            let column = if has(name).map_err(wrong)? { name } else { instead };
            columns.push(format!("{column} AS {name}"));
        }
        let mut sql = format!(
            "SELECT rowid AS place, {} FROM memories WHERE rowid > :after",
            columns.join(", ")
        );
        // Deleted rows stay for a while, with the time of their deletion.
        if has("deleted_at").map_err(wrong)? {
            sql.push_str(" AND deleted_at IS NULL");
        }
        sql.push_str(" ORDER BY rowid LIMIT :limit");
        Ok(Self { connection, sql })
    }

    /// The next memories after a row, by the numbers of their rows; none at the end.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when it can't be read.
    pub fn memories_after(&mut self, after: i64) -> Result<Vec<(i64, ForeignMemory)>> {
        let read = || {
            let mut statement = self.connection.prepare_cached(&self.sql)?;
            let params = named_params! { ":after": after, ":limit": PAGE };
            statement.query_map(params, memory)?.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| {
            Error::invalid("path", "must be a database that can be read whole").with_cause(error)
        })
    }
}

fn memory(row: &Row<'_>) -> rusqlite::Result<(i64, ForeignMemory)> {
    let text = |name: &str| row.get::<_, Option<String>>(name).map(Option::unwrap_or_default);
    Ok((
        row.get("place")?,
        ForeignMemory {
            content_hash: text("content_hash")?,
            content: text("content")?,
            tags: text("tags")?,
            memory_type: text("memory_type")?,
            metadata: text("metadata")?,
            created_at: row.get("created_at")?,
        },
    ))
}
