//! Moving everything from one database to another, whichever engines they are.
//!
//! The one idea: the tables and their columns are read from the schemas of both sides, so a table
//! that is added to both later comes along without a line here; what doesn't is listed in [`plan`]
//! with its reason. Rows travel as [`Cell`]s, which are the same on every engine, in batches in the
//! order of a key. How far a move has come stands in the target and is written in the transaction of
//! each batch, so whatever ends the program, the next run goes on exactly there.
//!
//! These statements are the only ones that aren't of one team: nobody but the command line, beside
//! the files or with the database's own credentials, can run them. Open [`run`] for the course of a
//! move, then `sqlite/moving.rs` and `postgres/moving.rs` for the two halves.

mod digest;
mod plan;
mod run;

use serde::{Deserialize, Serialize};

use crate::core::error::{Code, Error, Result};
use crate::core::id::{MemoryId, TeamId};
use crate::memory::memory::{IndexedWords, Memory};

pub use digest::Digest;
pub(super) use digest::canonical;
pub use plan::{ASIDE, ASIDE_COLUMNS, Plan};
pub use run::{Compared, Moved, Planned, Progress, Standing, compare, preview, run};

/// Stands among the steps of a database that is being filled. Every version of this program refuses
/// a database with a step that it doesn't know, so none serves half a move.
pub(super) const MARKER: &str = "~moving";

/// Where a target notes how far it has come; gone once the move is finished.
pub(super) const PROGRESS: &str = "moving";

/// What full text holds, as it is named beside the tables.
pub const WORDS: &str = "memory_words";

/// A value as it travels: the same for every engine. A truth is 0 or 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    Null,
    Whole(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// What a column holds, whatever its engine calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Truth,
    Whole,
    Real,
    Text,
    Json,
    Bytes,
}

/// A column as a schema has it.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    /// `None` where this program has no way to move it.
    pub kind: Option<Kind>,
    /// The type in the engine's own words.
    pub declared: String,
    pub is_required: bool,
}

/// A table as a schema has it.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// The columns of each unique key, the primary key first.
    pub keys: Vec<Vec<String>>,
    /// The tables that its rows refer to.
    pub refers_to: Vec<String>,
}

/// The part of a table that travels, as one side has it. Both sides have the same columns in the same
/// order.
#[derive(Debug, Clone)]
pub struct Shape {
    pub table: String,
    pub columns: Vec<(String, Kind, String)>,
    /// Which of the columns are the key, in its order.
    pub key: Vec<usize>,
}

impl Shape {
    /// The key of a row.
    fn key_of(&self, row: &[Cell]) -> Vec<Cell> {
        self.key.iter().map(|at| row[*at].clone()).collect()
    }

    /// The names of its columns, quoted, each after a prefix.
    pub(super) fn names(&self, prefix: &str) -> String {
        let names: Vec<String> =
            self.columns.iter().map(|(name, ..)| format!("{prefix}{}", quoted(name))).collect();
        names.join(", ")
    }

    /// The names of its key, quoted, each after a prefix.
    pub(super) fn key_names(&self, prefix: &str) -> String {
        let name = |at: &usize| format!("{prefix}{}", quoted(&self.columns[*at].0));
        self.key.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}

/// A name as both engines read it, whatever it is made of.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What a database notes of a move before and after a step. A step is taken only from where the last
/// one ended: of two programs that fill one target, the slower is refused.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    pub was: &'a str,
    pub is: &'a str,
}

/// A database as one side of a move. What is read is of one moment, from when it was opened.
pub trait Side {
    /// What tells this database from every other one, as far as its server can.
    fn identity(&mut self) -> Result<String>;

    /// The steps of its schema, the marker included; none where it holds nothing of ours.
    fn steps(&mut self) -> Result<Vec<String>>;

    /// Every table of its own.
    fn tables(&mut self) -> Result<Vec<Table>>;

    /// How many rows a table has.
    fn count(&mut self, table: &str) -> Result<u64>;

    /// Rows in the order of the key, from the one after a key on.
    fn page(&mut self, of: &Shape, after: Option<&[Cell]>, limit: usize) -> Result<Vec<Vec<Cell>>>;

    /// Memories that full text finds, in the order of their keys, from the one after a key on.
    fn worded(
        &mut self,
        after: Option<&(TeamId, MemoryId)>,
        limit: usize,
    ) -> Result<Vec<(TeamId, Memory)>>;
}

/// A database that is filled.
pub trait Target: Side {
    /// What it notes of a move that was begun and isn't finished.
    fn note(&mut self) -> Result<Option<String>>;

    /// Marks an empty database as one that is being filled.
    ///
    /// # Errors
    /// `CONFLICT` when one of these tables has a row.
    fn begin(&mut self, tables: &[String], note: &str) -> Result<()>;

    /// Empties these tables, and what is made from them. Each comes after those it refers to.
    fn clear(&mut self, tables: &[String], step: Step<'_>) -> Result<()>;

    /// Adds rows.
    fn put(&mut self, to: &Shape, rows: &[Vec<Cell>], step: Step<'_>) -> Result<()>;

    /// Makes what is made from all rows together, before the words.
    fn derive(&mut self, step: Step<'_>) -> Result<()>;

    /// Adds the words by which full text finds memories.
    fn put_words(
        &mut self,
        words: &[(TeamId, MemoryId, IndexedWords)],
        step: Step<'_>,
    ) -> Result<()>;

    /// Lets the engine learn what its tables hold now.
    fn settle(&mut self, tables: &[String]) -> Result<()>;

    /// Takes mark and note away: from then on it is a database like any other.
    fn finish(&mut self, note: &str) -> Result<()>;
}

/// The refusal of a database that a move hasn't filled yet.
pub(super) fn unfinished() -> Error {
    Error::new(
        Code::Conflict,
        "this database is being filled by `memoranda migrate`, which hasn't finished",
    )
    .with_fix("run the same `memoranda migrate` again: it goes on where it stopped")
}

/// The refusal of a step that another program took first.
pub(super) fn overtaken() -> Error {
    Error::new(Code::Conflict, "another `memoranda migrate` is filling this database")
        .with_fix("let it finish, or stop it and run this one again")
}

/// The refusal of a target that holds something.
pub(super) fn not_empty() -> Error {
    Error::new(Code::Conflict, "the target already holds something; a move fills an empty database")
        .with_fix("name another one with `--to`, or compare what was moved before with `--verify`")
}
