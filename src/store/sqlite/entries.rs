//! Entries: the numbers by which full text knows memories.
//!
//! Turns of conversations are numbered upwards from far below zero, all others from one. So whatever
//! is looked for among those others, newest first, ends at zero and passes over no turn, however many
//! there are. What was put in its place in a thread later stays above zero.

use rusqlite::named_params;

use super::tx::SqliteTx;
use crate::core::error::Result;
use crate::memory::memory::Memory;

/// A new memory's entry. Not left to SQLite, which goes on from the highest, be it below zero.
pub(super) const ENTRY: &str = "CASE WHEN :thread IS NULL OR :position IS NULL
        THEN max(coalesce((SELECT max(entry) FROM memories), 0), 0) + 1
        ELSE coalesce((SELECT max(entry) FROM memories WHERE entry < 0), -4611686018427387905) + 1
        END";

/// Moves turns that were numbered as others are.
pub(super) const MOVE_TURNS: &str = "UPDATE memories SET entry = entry - 4611686018427387905
        WHERE entry > 0 AND thread IS NOT NULL AND position IS NOT NULL";

impl SqliteTx<'_> {
    /// The entry of a memory that has changed: another one where it was a turn and is none any more.
    pub(super) fn entry_now(&mut self, entry: i64, memory: &Memory) -> Result<i64> {
        if entry > 0 || memory.statement.is_turn() {
            return Ok(entry);
        }
        let sql = "UPDATE memories SET entry = max((SELECT max(entry) FROM memories), 0) + 1
                   WHERE entry = :entry RETURNING entry";
        let params = named_params! { ":entry": entry };
        Ok(self.statement(sql)?.query_row(params, |row| row.get(0))?)
    }
}
