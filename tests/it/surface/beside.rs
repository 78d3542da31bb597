//! A second way into a test's database, beside the servers, whichever engine it is on.

use std::str::FromStr;

use memoranda::store::sqlite::FILE_NAME;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::cluster::Database;
use crate::support::TestApp;

/// A test's database. Statements name their values `?1`, `?2` and must be SQL that both engines read.
pub enum Beside<'a> {
    Sqlite(Connection),
    Postgres(&'a Database),
}

/// A second connection to a test's database.
pub fn database(app: &TestApp) -> Beside<'_> {
    if let Some(database) = &app.database {
        return Beside::Postgres(database);
    }
    let connection = Connection::open(app.folder.path().join(FILE_NAME)).expect("opens");
    connection.busy_timeout(std::time::Duration::from_secs(10)).expect("a time-out");
    Beside::Sqlite(connection)
}

impl Beside<'_> {
    /// Runs a statement; gives how many rows it changed.
    pub fn execute(&self, sql: &str, values: impl Values) -> Result<usize, String> {
        let sql = filled(sql, &values.literals());
        match self {
            Self::Sqlite(connection) => {
                connection.execute(&sql, []).map_err(|error| error.to_string())
            }
            Self::Postgres(database) => Ok(database.change(&sql)),
        }
    }

    /// Runs some statements, without values.
    pub fn execute_batch(&self, sql: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(connection) => {
                connection.execute_batch(sql).map_err(|error| error.to_string())
            }
            Self::Postgres(database) => {
                // The one literal that the engines write each in its own way.
                database.ask(&sql.replace("x'00'", r"'\x00'::bytea"));
                Ok(())
            }
        }
    }

    /// The first row of a query, read by a function.
    pub fn query_row<T, E: std::fmt::Debug>(
        &self,
        sql: &str,
        values: impl Values,
        read: impl FnOnce(&Row) -> Result<T, E>,
    ) -> Result<T, String> {
        let first = self.ask(&filled(sql, &values.literals())).into_iter().next();
        let row = Row(first.ok_or("no row")?);
        read(&row).map_err(|error| format!("{error:?}"))
    }

    /// The first column of each row, as text.
    pub fn ask(&self, sql: &str) -> Vec<String> {
        let connection = match self {
            Self::Postgres(database) => return database.ask(sql),
            Self::Sqlite(connection) => connection,
        };
        let mut statement = connection.prepare(sql).expect("prepares");
        let rows = statement.query_map([], |row| {
            Ok(match row.get_ref(0)? {
                ValueRef::Integer(number) => number.to_string(),
                value => value.as_str()?.to_owned(),
            })
        });
        rows.expect("answers").map(|row| row.expect("a row")).collect()
    }

    /// The tables that hold rows.
    pub fn tables(&self) -> Vec<String> {
        self.ask(match self {
            Self::Sqlite(_) => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
            Self::Postgres(_) => {
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
                 AND relnamespace = 'public'::regnamespace ORDER BY relname"
            }
        })
    }
}

/// The one column of a row.
pub struct Row(String);

impl Row {
    /// Reads it. The place is there because a row of rusqlite has one.
    pub fn get<I: Place, T: FromStr>(&self, place: I) -> Result<T, T::Err> {
        assert_eq!(place.number(), 0, "one column");
        self.0.parse()
    }
}

/// Where a column stands.
pub trait Place {
    fn number(self) -> usize;
}

impl Place for usize {
    fn number(self) -> usize {
        self
    }
}

/// The values of a statement.
pub trait Values {
    fn literals(self) -> Vec<String>;
}

impl<const N: usize> Values for [&str; N] {
    fn literals(self) -> Vec<String> {
        self.iter().map(Literal::literal).collect()
    }
}

impl<A: Literal, B: Literal> Values for (A, B) {
    fn literals(self) -> Vec<String> {
        vec![self.0.literal(), self.1.literal()]
    }
}

impl<A: Literal, B: Literal, C: Literal> Values for (A, B, C) {
    fn literals(self) -> Vec<String> {
        vec![self.0.literal(), self.1.literal(), self.2.literal()]
    }
}

/// A value as SQL writes it.
pub trait Literal {
    fn literal(&self) -> String;
}

impl Literal for &str {
    fn literal(&self) -> String {
        format!("'{}'", self.replace('\'', "''"))
    }
}

impl Literal for &String {
    fn literal(&self) -> String {
        self.as_str().literal()
    }
}

impl Literal for i64 {
    fn literal(&self) -> String {
        self.to_string()
    }
}

impl Literal for bool {
    fn literal(&self) -> String {
        if *self { "TRUE" } else { "FALSE" }.to_owned()
    }
}

fn filled(sql: &str, literals: &[String]) -> String {
    let mut filled = sql.to_owned();
    for (at, literal) in literals.iter().enumerate() {
        filled = filled.replace(&format!("?{}", at + 1), literal);
    }
    filled
}
