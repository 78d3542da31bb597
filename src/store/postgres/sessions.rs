//! [`crate::store::sessions`] on PostgreSQL.

use tokio_postgres::Row;

use super::columns::Column;
use super::conditions::Query;
use super::tx::PgTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{SessionId, TeamId};
use crate::core::secret::Secret;
use crate::identity::permit::Permit;
use crate::identity::session::SigningKey;
use crate::store::sessions::{NewSession, SessionFilter, SessionRead, SessionRow, SessionWrite};

impl SessionRead for PgTx<'_> {
    fn sessions(
        &mut self,
        permit: &Permit,
        filter: &SessionFilter,
        at: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionRow>> {
        let (team, limit) = (permit.team(), i64::try_from(limit).unwrap_or(i64::MAX));
        let params: [(&str, &dyn Column); 3] = [("team", &team), ("at", &at), ("limit", &limit)];
        let mut query = Query::new(
            "SELECT s.session_id, a.slug, a.agent_type, s.key_id, s.started_at, s.expires_at,
                    s.ended_at,
                    EXISTS (SELECT 1 FROM keys k
                            WHERE k.team_id = s.team_id AND k.key_id = s.key_id
                              AND k.is_active AND k.secret_hash IS NOT NULL
                              AND (k.expires_at IS NULL OR k.expires_at > :at)
                              AND (k.secret_number = s.secret_number
                                   OR k.secret_number = s.secret_number + 1
                                      AND k.previous_until > :at)) AS has_live_key,
                    (SELECT count(*) FROM memories m
                     WHERE m.team_id = s.team_id AND m.session_id = s.session_id) AS memories
             FROM sessions s
             JOIN agents a ON a.team_id = s.team_id AND a.agent_id = s.agent_id
             WHERE s.team_id = :team",
            &params,
        );
        which(&mut query, filter);
        query.sql.push_str(" ORDER BY s.started_at DESC, s.session_id DESC LIMIT :limit");
        self.rows(&query.sql, &query.params)?.iter().map(session_row).collect()
    }
}

impl SessionWrite for PgTx<'_> {
    fn signing_key(&mut self, permit: &Permit) -> Result<Option<SigningKey>> {
        current_signing_key(self, permit.team())
    }

    fn add_signing_key(&mut self, permit: &Permit, key: &SigningKey, at: Timestamp) -> Result<()> {
        let sql = "INSERT INTO signing_keys (team_id, kid, secret, created_at)
                   VALUES (:team, :kid, :secret, :at)";
        self.execute(
            sql,
            &[
                ("team", &permit.team()),
                ("kid", &key.kid),
                ("secret", &key.secret.expose()),
                ("at", &at),
            ],
        )
    }

    fn retire_signing_key(
        &mut self,
        permit: &Permit,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<()> {
        let sql = "DELETE FROM signing_keys WHERE team_id = :team AND verifies_until <= :at";
        self.execute(sql, &[("team", &permit.team()), ("at", &at)])?;
        let sql = "UPDATE signing_keys SET verifies_until = :until
                   WHERE team_id = :team AND verifies_until IS NULL";
        self.execute(sql, &[("team", &permit.team()), ("until", &until)])
    }

    fn delete_signing_keys(&mut self, permit: &Permit) -> Result<()> {
        let sql = "DELETE FROM signing_keys WHERE team_id = :team";
        self.execute(sql, &[("team", &permit.team())])
    }

    fn add_session(&mut self, permit: &Permit, session: &NewSession) -> Result<()> {
        let sql = "INSERT INTO sessions (team_id, session_id, agent_id, key_id, secret_number,
                                         started_at, expires_at)
                   VALUES (:team, :session, :agent, :key, :secret_number, :started_at,
                           :expires_at)";
        self.execute(
            sql,
            &[
                ("team", &permit.team()),
                ("session", &session.id),
                ("agent", &session.agent),
                ("key", &session.key),
                ("secret_number", &session.secret_number),
                ("started_at", &session.started_at),
                ("expires_at", &session.expires_at),
            ],
        )
    }

    fn extend_session(
        &mut self,
        permit: &Permit,
        id: SessionId,
        expires_at: Timestamp,
        at: Timestamp,
    ) -> Result<bool> {
        move_end(self, permit.team(), id, expires_at, at)
    }

    fn end_sessions(
        &mut self,
        permit: &Permit,
        filter: &SessionFilter,
        at: Timestamp,
    ) -> Result<u64> {
        let team = permit.team();
        let params: [(&str, &dyn Column); 2] = [("team", &team), ("at", &at)];
        let mut query = Query::new(
            "UPDATE sessions AS s SET ended_at = :at
             WHERE s.team_id = :team AND s.ended_at IS NULL",
            &params,
        );
        which(&mut query, filter);
        self.count(&query.sql, &query.params)
    }
}

/// Adds the conditions of a filter on `sessions s`.
fn which<'a>(query: &mut Query<'a>, filter: &'a SessionFilter) {
    query.and("s.session_id = :id", "id", filter.id.as_ref());
    query.and("s.agent_id = :agent", "agent", filter.agent.as_ref());
    query.and("s.key_id = :key", "key", filter.key.as_ref());
    query.and("s.ended_at IS NULL AND s.expires_at > :open_at", "open_at", filter.open_at.as_ref());
}

/// What signs a team's tokens from now on.
pub(super) fn current_signing_key(tx: &mut PgTx<'_>, team: TeamId) -> Result<Option<SigningKey>> {
    let sql = "SELECT kid, secret FROM signing_keys
               WHERE team_id = :team AND verifies_until IS NULL";
    let key = |row: Row| {
        Ok(SigningKey { kid: row.try_get("kid")?, secret: Secret::new(row.try_get("secret")?) })
    };
    tx.row(sql, &[("team", &team)])?.map(key).transpose()
}

/// Moves the end of a session that still runs, and never back.
pub(super) fn move_end(
    tx: &mut PgTx<'_>,
    team: TeamId,
    id: SessionId,
    expires_at: Timestamp,
    at: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE sessions SET expires_at = :expires_at
               WHERE team_id = :team AND session_id = :session AND ended_at IS NULL
                 AND expires_at > :at AND expires_at < :expires_at";
    let moved = tx.count(
        sql,
        &[("team", &team), ("session", &id), ("expires_at", &expires_at), ("at", &at)],
    )?;
    Ok(moved == 1)
}

fn session_row(row: &Row) -> Result<SessionRow> {
    Ok(SessionRow {
        id: row.try_get("session_id")?,
        agent: row.try_get("slug")?,
        agent_type: row.try_get("agent_type")?,
        key: row.try_get("key_id")?,
        started_at: row.try_get("started_at")?,
        expires_at: row.try_get("expires_at")?,
        ended_at: row.try_get("ended_at")?,
        has_live_key: row.try_get("has_live_key")?,
        memories: row.try_get::<_, i64>("memories")?.unsigned_abs(),
    })
}
