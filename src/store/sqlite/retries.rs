//! [`crate::store::retries`] on SQLite.

use rusqlite::{OptionalExtension, named_params};

use super::tx::SqliteTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::permit::Permit;
use crate::store::retries::{Answered, RetryRead, RetryWrite};

impl RetryRead for SqliteTx<'_> {
    fn answered(&mut self, permit: &Permit, key: &str) -> Result<Option<Answered>> {
        let sql = "SELECT hash, answer FROM retries
                   WHERE team_id = :team AND actor_id = :actor AND retry_key = :key";
        let params = named_params! {
            ":team": permit.team(),
            ":actor": permit.actor().id(),
            ":key": key,
        };
        let mut statement = self.statement(sql)?;
        let found = statement.query_row(params, |row| {
            Ok(Answered { hash: row.get("hash")?, answer: row.get("answer")? })
        });
        Ok(found.optional()?)
    }
}

impl RetryWrite for SqliteTx<'_> {
    fn note_answer(
        &mut self,
        permit: &Permit,
        key: &str,
        answered: &Answered,
        at: Timestamp,
        since: Timestamp,
    ) -> Result<()> {
        let sql = "DELETE FROM retries WHERE team_id = :team AND created_at < :since";
        let params = named_params! { ":team": permit.team(), ":since": since };
        self.statement(sql)?.execute(params)?;
        let sql = "INSERT INTO retries (team_id, actor_id, retry_key, hash, answer, created_at)
                   VALUES (:team, :actor, :key, :hash, :answer, :at)";
        self.statement(sql)?.execute(named_params! {
            ":team": permit.team(),
            ":actor": permit.actor().id(),
            ":key": key,
            ":hash": answered.hash,
            ":answer": answered.answer,
            ":at": at,
        })?;
        Ok(())
    }
}
