//! [`crate::store::moving`] on PostgreSQL.

use std::collections::BTreeMap;

use tokio_postgres::Row;

use super::address::Address;
use super::columns::{Column as _, Value};
use super::link::Link;
use super::memories::{AUTHOR, SELECT, memory_row};
use super::tx::{PgTx, SETUP_LOCK};
use super::{Mode, Postgres, Ran, migrate, words};
use crate::core::error::{Code, Error, Result};
use crate::core::id::{MemoryId, TeamId};
use crate::core::secret::Secret;
use crate::memory::memory::{IndexedWords, Memory};
use crate::store::moving::{
    Cell, Column, Kind, MARKER, PROGRESS, Shape, Side, Step, Table, Target, not_empty, overtaken,
    quoted,
};

/// Keeps moves into one database apart, for as long as each lives: what one that was killed had sent
/// is over before the next begins.
const MOVE_LOCK: &str = "SELECT pg_advisory_lock(5715426918420017)";

/// A database as one side of a move.
struct Base {
    link: Link,
}

impl Postgres {
    /// Connects to the database of a URL to read it as it is now. It is never changed.
    ///
    /// Not to be called on a thread that runs tasks.
    ///
    /// # Errors
    /// As [`Postgres::open`].
    pub fn side(url: &str, password: Option<&Secret>) -> Result<Box<dyn Side>> {
        let mut base = Base::open(&Address::parse(url, password)?)?;
        base.link.begin(Mode::Read.begin());
        // The moment is that of the first statement.
        base.link.rows("SELECT 1", &[])?;
        Ok(Box::new(base))
    }

    /// Connects to the database of a URL to fill it, and brings its schema up to date.
    ///
    /// Not to be called on a thread that runs tasks.
    ///
    /// # Errors
    /// As [`Postgres::open`], but for a database that is being filled already; `CONFLICT` while
    /// another program fills it.
    pub fn target(url: &str, password: Option<&Secret>) -> Result<Box<dyn Target>> {
        let address = Address::parse(url, password)?;
        let mut base = Base::open(&address)?;
        base.link.batch("SET lock_timeout = '10s'")?;
        base.link.batch(MOVE_LOCK).map_err(|error| overtaken().with_cause(error))?;
        base.link.batch("SET lock_timeout = 0")?;
        if !base.steps()?.iter().any(|step| step == MARKER) {
            migrate::run(&mut base.link, address.partitions)?;
        }
        Ok(Box::new(base))
    }
}

impl Base {
    fn open(address: &Address) -> Result<Self> {
        let mut link = Link::open(address)?;
        link.be_patient()?;
        // The other side may take its time between two statements of this one.
        link.batch("SET idle_in_transaction_session_timeout = 0")?;
        Ok(Self { link })
    }

    /// Does something whole or not at all.
    fn at_once(&mut self, work: impl FnOnce(&mut Link) -> Result<()>) -> Result<()> {
        self.link.begin(Mode::Write.begin());
        if let Err(error) = work(&mut self.link) {
            self.link.roll_back();
            return Err(error);
        }
        match self.link.commit() {
            Ran::Committed => Ok(()),
            Ran::Failed(error) | Ran::Unknown(error) => Err(error),
        }
    }

    /// Takes a step whose note is written with it.
    fn step(&mut self, step: Step<'_>, work: impl FnOnce(&mut Link) -> Result<()>) -> Result<()> {
        self.at_once(|link| {
            let sql = format!("UPDATE {PROGRESS} SET note = :is WHERE note = :was");
            if link.execute(&sql, &[("is", &step.is), ("was", &step.was)])? != 1 {
                return Err(overtaken());
            }
            work(link)
        })
    }
}

impl Side for Base {
    fn identity(&mut self) -> Result<String> {
        let sql = "SELECT d.oid::text || '/' || pg_postmaster_start_time()::text || '/' ||
                          coalesce(current_schema()::text, '') AS identity
                   FROM pg_database d WHERE d.datname = current_database()";
        let row = self.link.rows(sql, &[])?.pop();
        let row = row.ok_or_else(|| Error::internal("a connection has no database"))?;
        Ok(row.try_get("identity")?)
    }

    fn steps(&mut self) -> Result<Vec<String>> {
        migrate::applied(&mut self.link)
    }

    fn tables(&mut self) -> Result<Vec<Table>> {
        let sql = "SELECT c.relname::text AS name FROM pg_class c
                   WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
                     AND c.relnamespace = current_schema()::regnamespace
                   ORDER BY c.relname";
        let names = self.link.rows(sql, &[])?;
        names.iter().map(|row| table(&mut self.link, row.try_get("name")?)).collect()
    }

    fn count(&mut self, table: &str) -> Result<u64> {
        let sql = format!("SELECT count(*) AS rows FROM {}", quoted(table));
        let row = self.link.rows(&sql, &[])?.pop();
        let rows: i64 = row.map_or(Ok(0), |row| row.try_get("rows"))?;
        Ok(rows.unsigned_abs())
    }

    fn page(&mut self, of: &Shape, after: Option<&[Cell]>, limit: usize) -> Result<Vec<Vec<Cell>>> {
        let (table, key) = (quoted(&of.table), of.key_names("t."));
        let column = |(name, kind, _): &(String, Kind, String)| {
            let name = quoted(name);
            match kind {
                Kind::Json => format!("t.{name}::text"),
                Kind::Whole => format!("t.{name}::bigint"),
                _ => format!("t.{name}"),
            }
        };
        let columns = of.columns.iter().map(column).collect::<Vec<_>>().join(", ");
        let after: Vec<(String, Value)> = (0..)
            .zip(after.unwrap_or_default())
            .map(|(at, cell)| (format!("k{at}"), value(cell, of.columns[of.key[at]].1)))
            .collect();
        let beyond = if after.is_empty() {
            String::new()
        } else {
            let names: Vec<String> = after.iter().map(|(name, _)| format!(":{name}")).collect();
            format!(" WHERE ({key}) > ({})", names.join(", "))
        };
        let sql = format!("SELECT {columns} FROM {table} t{beyond} ORDER BY {key} LIMIT {limit}");
        let params: Vec<(&str, &dyn super::columns::Column)> =
            after.iter().map(|(name, value)| (&**name, value as _)).collect();
        let rows = self.link.rows(&sql, &params)?;
        let cells = |row: &Row| {
            (0..).zip(&of.columns).map(|(at, (_, kind, _))| cell(row, at, *kind)).collect()
        };
        rows.iter().map(cells).collect()
    }

    fn worded(
        &mut self,
        after: Option<&(TeamId, MemoryId)>,
        limit: usize,
    ) -> Result<Vec<(TeamId, Memory)>> {
        let sql = format!(
            "{SELECT}, m.team_id FROM memories m {AUTHOR}
             WHERE (m.team_id, m.memory_id) > (:team, :id)
               AND EXISTS (SELECT 1 FROM memory_words w
                           WHERE w.team_id = m.team_id AND w.memory_id = m.memory_id)
             ORDER BY m.team_id, m.memory_id LIMIT {limit}"
        );
        let (team, id) =
            after.map(|(team, id)| (team.to_string(), id.to_string())).unwrap_or_default();
        let rows = self.link.rows(&sql, &[("team", &team), ("id", &id)])?;
        rows.iter().map(|row| Ok((row.try_get("team_id")?, memory_row(row)?))).collect()
    }
}

impl Target for Base {
    fn note(&mut self) -> Result<Option<String>> {
        if !self.steps()?.iter().any(|step| step == MARKER) {
            return Ok(None);
        }
        let rows = self.link.rows(&format!("SELECT note FROM {PROGRESS}"), &[])?;
        rows.first().map(|row| Ok(row.try_get("note")?)).transpose()
    }

    fn begin(&mut self, tables: &[String], note: &str) -> Result<()> {
        self.at_once(|link| {
            // A server that starts for the first time now makes its team before or not at all.
            link.send(SETUP_LOCK, &[])?;
            for table in tables {
                let sql = format!("SELECT 1 FROM {} LIMIT 1", quoted(table));
                if !link.rows(&sql, &[])?.is_empty() {
                    return Err(not_empty());
                }
            }
            link.batch(&format!("CREATE TABLE {PROGRESS} (note TEXT COLLATE \"C\" NOT NULL)"))?;
            link.execute(
                &format!("INSERT INTO {PROGRESS} (note) VALUES (:note)"),
                &[("note", &note)],
            )?;
            link.execute("INSERT INTO migrations (name) VALUES (:name)", &[("name", &MARKER)])?;
            Ok(())
        })
    }

    fn clear(&mut self, tables: &[String], step: Step<'_>) -> Result<()> {
        let mut all: Vec<String> = tables.iter().map(|table| quoted(table)).collect();
        all.extend(["memory_words", "word_totals", "key_teams"].map(str::to_owned));
        self.step(step, |link| link.batch(&format!("TRUNCATE {}", all.join(", "))))
    }

    fn put(&mut self, to: &Shape, rows: &[Vec<Cell>], step: Step<'_>) -> Result<()> {
        let table = quoted(&to.table);
        let mut params: Vec<(String, Value)> = Vec::with_capacity(to.columns.len());
        let (mut arrays, mut casts) = (Vec::new(), Vec::new());
        for (at, (name, kind, declared)) in to.columns.iter().enumerate() {
            check_texts(&to.table, rows, at)?;
            let values = rows.iter().map(|row| value(&row[at], *kind)).collect();
            params.push((format!("c{at}"), Value::Many(values)));
            let wire = match kind {
                Kind::Truth => "boolean",
                Kind::Whole => "bigint",
                Kind::Real => "double precision",
                Kind::Text | Kind::Json => "text",
                Kind::Bytes => "bytea",
            };
            arrays.push(format!(":c{at}::{wire}[]"));
            casts.push(format!("u.{}::{declared}", quoted(name)));
        }
        let (arrays, casts, columns) = (arrays.join(", "), casts.join(", "), to.names(""));
        let sql = format!(
            "INSERT INTO {table} ({columns}) SELECT {casts} FROM unnest({arrays}) AS u ({columns})"
        );
        let params: Vec<(&str, &dyn super::columns::Column)> =
            params.iter().map(|(name, value)| (&**name, value as _)).collect();
        self.step(step, |link| link.execute(&sql, &params).map(drop))
    }

    fn derive(&mut self, step: Step<'_>) -> Result<()> {
        self.step(step, |link| {
            link.batch(
                "INSERT INTO key_teams (key_id, team_id) SELECT key_id, team_id FROM keys;
                 INSERT INTO word_totals (team_id, memories, words)
                 SELECT team_id, 0, 0 FROM teams",
            )
        })
    }

    fn put_words(
        &mut self,
        words: &[(TeamId, MemoryId, IndexedWords)],
        step: Step<'_>,
    ) -> Result<()> {
        self.step(step, |link| {
            let mut tx = PgTx::new(link, false);
            let mut totals: BTreeMap<TeamId, (i64, i64)> = BTreeMap::new();
            for (team, id, words) in words {
                let length = words::add_uncounted(&mut tx, *team, *id, words)?;
                let total = totals.entry(*team).or_default();
                *total = (total.0 + 1, total.1 + length);
            }
            for (team, (memories, length)) in totals {
                words::count(&mut tx, team, memories, length)?;
            }
            Ok(())
        })
    }

    fn settle(&mut self, tables: &[String]) -> Result<()> {
        // Until then the planner knows nothing of what has come.
        let mut all: Vec<String> = tables.iter().map(|table| quoted(table)).collect();
        all.extend(["memory_words", "word_totals", "key_teams"].map(str::to_owned));
        self.link.batch(&format!("VACUUM (ANALYZE) {}", all.join(", ")))
    }

    fn finish(&mut self, note: &str) -> Result<()> {
        self.at_once(|link| {
            let sql = format!("DELETE FROM {PROGRESS} WHERE note = :note");
            if link.execute(&sql, &[("note", &note)])? != 1 {
                return Err(overtaken());
            }
            link.batch(&format!("DROP TABLE {PROGRESS}"))?;
            link.execute("DELETE FROM migrations WHERE name = :name", &[("name", &MARKER)])?;
            Ok(())
        })
    }
}

/// A table as the schema has it.
fn table(link: &mut Link, name: String) -> Result<Table> {
    let sql = "SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS declared,
                      a.attnotnull AS is_required
               FROM pg_attribute a
               WHERE a.attrelid = format('%I', :table::text)::regclass AND a.attnum > 0
                 AND NOT a.attisdropped AND a.attgenerated = ''
               ORDER BY a.attnum";
    let read = |row: &Row| -> Result<Column> {
        let declared: String = row.try_get("declared")?;
        Ok(Column {
            name: row.try_get("name")?,
            kind: kind(&declared),
            declared,
            is_required: row.try_get("is_required")?,
        })
    };
    let columns: Result<_> = link.rows(sql, &[("table", &name)])?.iter().map(read).collect();
    let sql = "SELECT array_agg(a.attname::text ORDER BY k.place) AS columns
               FROM pg_index i
               CROSS JOIN unnest(i.indkey::int[]) WITH ORDINALITY k (number, place)
               JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
               WHERE i.indrelid = format('%I', :table::text)::regclass AND i.indisunique
                 AND i.indpred IS NULL AND i.indexprs IS NULL
               GROUP BY i.indexrelid, i.indisprimary
               ORDER BY i.indisprimary DESC, i.indexrelid";
    let rows = link.rows(sql, &[("table", &name)])?;
    let keys: Result<_> = rows.iter().map(|row| Ok(row.try_get("columns")?)).collect();
    let sql = "SELECT DISTINCT r.relname::text AS name
               FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid
               WHERE f.conrelid = format('%I', :table::text)::regclass AND f.contype = 'f'
                 AND NOT r.relispartition
               ORDER BY 1";
    let rows = link.rows(sql, &[("table", &name)])?;
    let refers_to: Result<_> = rows.iter().map(|row| Ok(row.try_get("name")?)).collect();
    Ok(Table { name, columns: columns?, keys: keys?, refers_to: refers_to? })
}

fn kind(declared: &str) -> Option<Kind> {
    match declared {
        "boolean" => Some(Kind::Truth),
        "smallint" | "integer" | "bigint" => Some(Kind::Whole),
        "double precision" => Some(Kind::Real),
        "text" => Some(Kind::Text),
        "json" | "jsonb" => Some(Kind::Json),
        "bytea" => Some(Kind::Bytes),
        _ => None,
    }
}

/// This engine's text can't hold NUL. No operation lets one in; a file may have been written otherwise.
fn check_texts(table: &str, rows: &[Vec<Cell>], at: usize) -> Result<()> {
    let holds_nul = |row: &Vec<Cell>| matches!(&row[at], Cell::Text(text) if text.contains('\0'));
    if rows.iter().any(holds_nul) {
        let message =
            format!("a text in `{table}` holds the NUL character, which PostgreSQL can't keep");
        return Err(Error::new(Code::Conflict, message)
            .with_fix("correct that memory at the source, then begin again with `--restart`"));
    }
    Ok(())
}

fn value(cell: &Cell, kind: Kind) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Whole(value) if kind == Kind::Truth => Value::Truth(*value != 0),
        Cell::Whole(value) => Value::Whole(*value),
        Cell::Real(value) => Value::Real(*value),
        Cell::Text(value) => value.value(),
        Cell::Bytes(value) => Value::Bytes(value.clone()),
    }
}

fn cell(row: &Row, at: usize, kind: Kind) -> Result<Cell> {
    let cell = match kind {
        Kind::Truth => row.try_get::<_, Option<bool>>(at)?.map(|truth| Cell::Whole(truth.into())),
        Kind::Whole => row.try_get::<_, Option<i64>>(at)?.map(Cell::Whole),
        Kind::Real => row.try_get::<_, Option<f64>>(at)?.map(Cell::Real),
        Kind::Text => row.try_get::<_, Option<String>>(at)?.map(Cell::Text),
        Kind::Json => {
            let text: Option<&str> = row.try_get(at)?;
            text.map(crate::store::moving::canonical).transpose()?.map(Cell::Text)
        }
        Kind::Bytes => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Cell::Bytes),
    };
    Ok(cell.unwrap_or(Cell::Null))
}
