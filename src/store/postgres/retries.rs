//! [`crate::store::retries`] on PostgreSQL.

use super::tx::PgTx;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::identity::permit::Permit;
use crate::store::retries::{Answered, RetryRead, RetryWrite};

impl RetryRead for PgTx<'_> {
    fn answered(&mut self, permit: &Permit, key: &str) -> Result<Option<Answered>> {
        let sql = "SELECT hash, answer FROM retries
                   WHERE team_id = :team AND actor_id = :actor AND retry_key = :key";
        let actor = permit.actor().id();
        let row = self.row(sql, &[("team", &permit.team()), ("actor", &actor), ("key", &key)])?;
        row.map(|row| {
            let hash: &[u8] = row.try_get("hash")?;
            let hash = hash.try_into().map_err(Error::internal)?;
            Ok(Answered { hash, answer: row.try_get("answer")? })
        })
        .transpose()
    }
}

impl RetryWrite for PgTx<'_> {
    fn note_answer(
        &mut self,
        permit: &Permit,
        key: &str,
        answered: &Answered,
        at: Timestamp,
        since: Timestamp,
    ) -> Result<()> {
        let sql = "DELETE FROM retries WHERE team_id = :team AND created_at < :since";
        self.execute(sql, &[("team", &permit.team()), ("since", &since)])?;
        let sql = "INSERT INTO retries (team_id, actor_id, retry_key, hash, answer, created_at)
                   VALUES (:team, :actor, :key, :hash, :answer, :at)";
        self.execute(
            sql,
            &[
                ("team", &permit.team()),
                ("actor", &permit.actor().id()),
                ("key", &key),
                ("hash", &answered.hash),
                ("answer", &answered.answer),
                ("at", &at),
            ],
        )
    }
}
