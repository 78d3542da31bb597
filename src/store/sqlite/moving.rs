//! [`crate::store::moving`] on SQLite.

use std::path::Path;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{
    Connection, OptionalExtension, Row, TransactionBehavior, named_params, params_from_iter,
};

use super::entries::MOVE_TURNS;
use super::memories::{AUTHOR, SELECT, memory_row};
use super::{
    FILE_NAME, Sqlite, connect, make_private_file, make_private_folder, migrate, patiently,
};
use crate::core::error::{Code, Error, Result};
use crate::core::id::{MemoryId, TeamId};
use crate::memory::memory::{IndexedWords, Memory};
use crate::store::moving::{
    Cell, Column, Kind, MARKER, PROGRESS, Shape, Side, Step, Table, Target, not_empty, overtaken,
    quoted,
};

/// A database file as one side of a move.
struct File {
    connection: Connection,
    identity: String,
}

impl Sqlite {
    /// Opens a database file to read it as it is now. It is never made, nor changed.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such file; `UNAVAILABLE` when it can't be opened.
    pub fn side(path: &Path) -> Result<Box<dyn Side>> {
        if !path.is_file() {
            return Err(Error::new(Code::NotFound, "there is no such database file")
                .with_fix("name the folder or the file of a database"));
        }
        let file = File::open(path, true)?;
        // The moment is that of the first statement.
        file.connection.execute_batch("BEGIN DEFERRED; SELECT count(*) FROM sqlite_schema")?;
        Ok(Box::new(file))
    }

    /// Opens the database in a folder to fill it, making folder and schema where they are missing.
    ///
    /// # Errors
    /// As [`Sqlite::open`], but for a database that is being filled already.
    pub fn target(folder: &Path) -> Result<Box<dyn Target>> {
        make_private_folder(folder)?;
        let path = folder.join(FILE_NAME);
        make_private_file(&path)?;
        let mut file = File::open(&path, false)?;
        if !file.steps()?.iter().any(|step| step == MARKER) {
            patiently(|| migrate::run(&mut file.connection))?;
        }
        Ok(Box::new(file))
    }
}

impl File {
    fn open(path: &Path, is_reader: bool) -> Result<Self> {
        let connection = patiently(|| connect(path, is_reader))?;
        let whole = path.canonicalize().map_err(Error::unavailable)?;
        Ok(Self { connection, identity: format!("sqlite:{}", whole.display()) })
    }

    /// Takes a step whose note is written with it.
    fn step(&mut self, step: Step<'_>, work: impl FnOnce(&Connection) -> Result<()>) -> Result<()> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = format!("UPDATE {PROGRESS} SET note = ?1 WHERE note = ?2");
        if transaction.execute(&sql, [step.is, step.was])? != 1 {
            return Err(overtaken());
        }
        work(&transaction)?;
        Ok(transaction.commit()?)
    }
}

impl Side for File {
    fn identity(&mut self) -> Result<String> {
        Ok(self.identity.clone())
    }

    fn steps(&mut self) -> Result<Vec<String>> {
        let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'";
        if !self.connection.prepare_cached(sql)?.exists([])? {
            return Ok(Vec::new());
        }
        Ok(migrate::applied(&self.connection)?)
    }

    fn tables(&mut self) -> Result<Vec<Table>> {
        // Shadow tables are how another table is kept.
        let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main'
                   AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                   ORDER BY name";
        let names: rusqlite::Result<Vec<String>> =
            self.connection.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect();
        names?.into_iter().map(|name| table(&self.connection, name)).collect()
    }

    fn count(&mut self, table: &str) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM {}", quoted(table));
        let rows: i64 = self.connection.query_row(&sql, [], |row| row.get(0))?;
        Ok(rows.unsigned_abs())
    }

    fn page(&mut self, of: &Shape, after: Option<&[Cell]>, limit: usize) -> Result<Vec<Vec<Cell>>> {
        let (columns, table, key) = (of.names("t."), quoted(&of.table), of.key_names("t."));
        let beyond = after.map_or_else(String::new, |after| {
            format!(" WHERE ({key}) > ({})", vec!["?"; after.len()].join(", "))
        });
        let sql = format!("SELECT {columns} FROM {table} t{beyond} ORDER BY {key} LIMIT {limit}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(after.unwrap_or_default()), |row| {
            (0..of.columns.len()).map(|at| cell(row, at)).collect()
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn worded(
        &mut self,
        after: Option<&(TeamId, MemoryId)>,
        limit: usize,
    ) -> Result<Vec<(TeamId, Memory)>> {
        let sql = format!(
            "{SELECT}, m.team_id FROM memories m {AUTHOR}
             WHERE (m.team_id, m.memory_id) > (:team, :id)
               AND EXISTS (SELECT 1 FROM memory_words w WHERE w.rowid = m.entry)
             ORDER BY m.team_id, m.memory_id LIMIT {limit}"
        );
        let (team, id) =
            after.map(|(team, id)| (team.to_string(), id.to_string())).unwrap_or_default();
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(named_params! { ":team": team, ":id": id }, |row| {
            Ok((row.get("team_id")?, memory_row(row)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Target for File {
    fn note(&mut self) -> Result<Option<String>> {
        if !self.steps()?.iter().any(|step| step == MARKER) {
            return Ok(None);
        }
        let sql = format!("SELECT note FROM {PROGRESS}");
        Ok(self.connection.query_row(&sql, [], |row| row.get(0)).optional()?)
    }

    fn begin(&mut self, tables: &[String], note: &str) -> Result<()> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for table in tables {
            let sql = format!("SELECT 1 FROM {} LIMIT 1", quoted(table));
            if transaction.prepare(&sql)?.exists([])? {
                return Err(not_empty());
            }
        }
        transaction
            .execute_batch(&format!("CREATE TABLE {PROGRESS} (note TEXT NOT NULL) STRICT"))?;
        transaction.execute(&format!("INSERT INTO {PROGRESS} (note) VALUES (?1)"), [note])?;
        transaction.execute("INSERT INTO migrations (name) VALUES (?1)", [MARKER])?;
        Ok(transaction.commit()?)
    }

    fn clear(&mut self, tables: &[String], step: Step<'_>) -> Result<()> {
        self.step(step, |connection| {
            // Contentless full text is emptied by a word of its own.
            connection
                .execute_batch("INSERT INTO memory_words (memory_words) VALUES ('delete-all')")?;
            for table in tables.iter().rev() {
                connection.execute(&format!("DELETE FROM {}", quoted(table)), [])?;
            }
            Ok(())
        })
    }

    fn put(&mut self, to: &Shape, rows: &[Vec<Cell>], step: Step<'_>) -> Result<()> {
        let (table, columns) = (quoted(&to.table), to.names(""));
        let places = vec!["?"; to.columns.len()].join(", ");
        let sql = format!("INSERT INTO {table} ({columns}) VALUES ({places})");
        self.step(step, |connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            for row in rows {
                statement.execute(params_from_iter(row))?;
            }
            Ok(())
        })
    }

    fn derive(&mut self, step: Step<'_>) -> Result<()> {
        self.step(step, |connection| {
            connection.execute(MOVE_TURNS, [])?;
            Ok(())
        })
    }

    fn put_words(
        &mut self,
        words: &[(TeamId, MemoryId, IndexedWords)],
        step: Step<'_>,
    ) -> Result<()> {
        let sql = "INSERT INTO memory_words (rowid, title, labels, content)
                   SELECT entry, :title, :labels, :content FROM memories
                   WHERE team_id = :team AND memory_id = :id";
        self.step(step, |connection| {
            let mut statement = connection.prepare_cached(sql)?;
            for (team, id, words) in words {
                statement.execute(named_params! {
                    ":team": team,
                    ":id": id,
                    ":title": words.title,
                    ":labels": words.labels,
                    ":content": words.content,
                })?;
            }
            Ok(())
        })
    }

    fn settle(&mut self, _: &[String]) -> Result<()> {
        // What was written goes into the file itself, so that the file can be copied as it is.
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    fn finish(&mut self, note: &str) -> Result<()> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if transaction.execute(&format!("DELETE FROM {PROGRESS} WHERE note = ?1"), [note])? != 1 {
            return Err(overtaken());
        }
        transaction.execute_batch(&format!("DROP TABLE {PROGRESS}"))?;
        transaction.execute("DELETE FROM migrations WHERE name = ?1", [MARKER])?;
        Ok(transaction.commit()?)
    }
}

/// A table as the schema has it.
fn table(connection: &Connection, name: String) -> Result<Table> {
    let sql = "SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1)";
    let mut statement = connection.prepare_cached(sql)?;
    let read = |row: &Row<'_>| -> rusqlite::Result<(Column, usize)> {
        let (declared, place): (String, i64) = (row.get(1)?, row.get(3)?);
        let column = Column {
            name: row.get(0)?,
            kind: kind(&declared),
            declared,
            is_required: row.get::<_, bool>(2)? || place > 0,
        };
        Ok((column, usize::try_from(place).unwrap_or(0)))
    };
    let columns: rusqlite::Result<Vec<_>> = statement.query_map([&name], read)?.collect();
    let columns = columns?;
    let mut primary: Vec<_> = columns.iter().filter(|(_, place)| *place > 0).collect();
    primary.sort_unstable_by_key(|(_, place)| *place);
    let mut keys: Vec<Vec<String>> =
        vec![primary.into_iter().map(|(column, _)| column.name.clone()).collect()];
    let sql = "SELECT name FROM pragma_index_list(?1)
               WHERE \"unique\" AND NOT partial AND origin <> 'pk' ORDER BY name";
    for index in texts(connection, sql, &name)? {
        keys.push(texts(
            connection,
            "SELECT name FROM pragma_index_info(?1) ORDER BY seqno",
            &index,
        )?);
    }
    keys.retain(|key| !key.is_empty());
    let sql = "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?1) ORDER BY 1";
    let refers_to = texts(connection, sql, &name)?;
    let columns = columns.into_iter().map(|(column, _)| column).collect();
    Ok(Table { name, columns, keys, refers_to })
}

fn texts(connection: &Connection, sql: &str, of: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(sql)?;
    // A key over an expression has no name there; it is none of ours, and no key to walk by.
    let rows = statement.query_map([of], |row| row.get::<_, Option<String>>(0))?;
    let names: Vec<Option<String>> = rows.collect::<rusqlite::Result<_>>()?;
    Ok(names.into_iter().collect::<Option<Vec<String>>>().unwrap_or_default())
}

fn kind(declared: &str) -> Option<Kind> {
    match declared {
        "INTEGER" | "INT" => Some(Kind::Whole),
        "REAL" => Some(Kind::Real),
        "TEXT" => Some(Kind::Text),
        "BLOB" => Some(Kind::Bytes),
        _ => None,
    }
}

fn cell(row: &Row<'_>, at: usize) -> rusqlite::Result<Cell> {
    Ok(match row.get_ref(at)? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Whole(value),
        ValueRef::Real(value) => Cell::Real(value),
        ValueRef::Text(_) => Cell::Text(row.get(at)?),
        ValueRef::Blob(value) => Cell::Bytes(value.to_vec()),
    })
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Cell::Null => ValueRef::Null,
            Cell::Whole(value) => ValueRef::Integer(*value),
            Cell::Real(value) => ValueRef::Real(*value),
            Cell::Text(value) => ValueRef::Text(value.as_bytes()),
            Cell::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}
