//! A transaction on PostgreSQL. The statements of each area stand in the file of its name.
//!
//! A writing unit has its team to itself: before its first statement on a team it takes the lock
//! of the team's row, and each statement after it sees what was committed until then. So every rule
//! that holds on SQLite's one writer holds here, on as many replicas as there are, and no method
//! has to think of locks. Teams don't wait for one another.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::link::{Link, Params};
use crate::core::error::Result;
use crate::core::id::TeamId;
use crate::identity::chain::Walk;
use crate::store::{ReadTx, Tx, WriteTx};

/// What keeps first starts apart: they make a team, so there is no row to lock yet. Any number
/// does, so long as it is always the same and no other program's.
pub(super) const SETUP_LOCK: &str = "SELECT pg_advisory_xact_lock(5715426918420015)";

/// A running transaction; whoever made it commits or rolls back.
pub(super) struct PgTx<'c> {
    link: &'c mut Link,
    is_writer: bool,
    is_setting_up: bool,
    /// The teams whose lock is held.
    held: Vec<TeamId>,
    /// The end of each team's chain, while its lock is held.
    pub(super) chain_ends: HashMap<TeamId, Walk>,
    /// The newest event that was added to each team's chain.
    pub(super) appended: HashMap<TeamId, i64>,
}

impl<'c> PgTx<'c> {
    pub(super) fn new(link: &'c mut Link, is_writer: bool) -> Self {
        Self {
            link,
            is_writer,
            is_setting_up: false,
            held: Vec::new(),
            chain_ends: HashMap::new(),
            appended: HashMap::new(),
        }
    }

    /// Takes a team's lock, if this transaction writes and doesn't hold it. Every method that begins
    /// what a unit does on a team calls it: those that a unit can't do without.
    pub(super) fn hold(&mut self, team: TeamId) -> Result<()> {
        if !self.is_writer || self.held.contains(&team) {
            return Ok(());
        }
        // Not FOR UPDATE, which would keep out the rows that refer to the team as well.
        let sql = "SELECT 1 FROM teams WHERE team_id = :team FOR NO KEY UPDATE";
        self.link.send(sql, &[("team", &team)])?;
        self.held.push(team);
        Ok(())
    }

    /// When the server at the other end of the connection started, in its own words.
    pub(super) fn server_started(&self) -> i64 {
        self.link.server_started
    }

    /// Whether this transaction may change anything.
    pub(super) fn is_writer(&self) -> bool {
        self.is_writer
    }

    /// Keeps other first starts out until this transaction ends, if it writes.
    pub(super) fn hold_setup(&mut self) -> Result<()> {
        if self.is_writer && !self.is_setting_up {
            self.link.send(SETUP_LOCK, &[])?;
            self.is_setting_up = true;
        }
        Ok(())
    }

    /// The rows of a statement.
    pub(super) fn rows(&mut self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        self.link.rows(sql, params)
    }

    /// The rows of some statements that don't need one another's, in one journey.
    pub(super) fn all_rows(&mut self, statements: &[(&str, Params<'_>)]) -> Result<Vec<Vec<Row>>> {
        self.link.all_rows(statements)
    }

    /// The first row of a statement.
    pub(super) fn row(&mut self, sql: &str, params: Params<'_>) -> Result<Option<Row>> {
        Ok(self.rows(sql, params)?.into_iter().next())
    }

    /// Whether a statement has a row.
    pub(super) fn exists(&mut self, sql: &str, params: Params<'_>) -> Result<bool> {
        Ok(self.row(sql, params)?.is_some())
    }

    /// Runs a statement and gives how many rows it changed.
    pub(super) fn count(&mut self, sql: &str, params: Params<'_>) -> Result<u64> {
        self.link.execute(sql, params)
    }

    /// Runs a statement whose outcome nothing of the unit depends on: it is sent along with the next.
    pub(super) fn execute(&mut self, sql: &str, params: Params<'_>) -> Result<()> {
        self.link.send(sql, params)
    }
}

impl ReadTx for PgTx<'_> {}
impl WriteTx for PgTx<'_> {}
impl Tx for PgTx<'_> {}
