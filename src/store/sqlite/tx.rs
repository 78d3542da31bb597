//! A transaction on SQLite. The statements of each area stand in the file of its name.

use rusqlite::{CachedStatement, Connection};

use crate::core::error::Result;
use crate::store::{ReadTx, Tx, WriteTx};

/// A running transaction; whoever made it commits or rolls back.
pub(super) struct SqliteTx<'c> {
    connection: &'c Connection,
}

impl<'c> SqliteTx<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection }
    }

    /// A statement, prepared once for each connection.
    pub(super) fn statement(&self, sql: &str) -> Result<CachedStatement<'c>> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    /// The row id of the row that was inserted last.
    pub(super) fn last_row(&self) -> i64 {
        self.connection.last_insert_rowid()
    }
}

impl ReadTx for SqliteTx<'_> {}
impl WriteTx for SqliteTx<'_> {}
impl Tx for SqliteTx<'_> {}
