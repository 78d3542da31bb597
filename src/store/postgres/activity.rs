//! [`crate::store::activity`] on PostgreSQL. The team's lock makes one writer of many, so each event
//! is sealed as it is appended; the end of the chain is read once a transaction.

use tokio_postgres::Row;

use super::conditions::Query;
use super::tx::PgTx;
use crate::core::error::Result;
use crate::core::id::TeamId;
use crate::identity::chain::{ChainHash, Link, Sealed, Walk};
use crate::identity::event::Event;
use crate::identity::permit::Permit;
use crate::store::activity::{ActivityRead, ActivityWrite, EventFilter, Stretch};

impl ActivityRead for PgTx<'_> {
    fn events(
        &mut self,
        permit: &Permit,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<Vec<(Sealed, Option<String>)>> {
        let (team, limit) = (permit.team(), i64::try_from(limit).unwrap_or(i64::MAX));
        let mut query = Query::new(
            "SELECT e.sequence, e.event_id, e.at, e.agent_id, e.member_id, e.credential_kind,
                    e.key_id, e.secret_number, e.session_id, e.operation, e.object_kind,
                    e.object_id, e.outcome, e.request_id, e.summary, a.slug
             FROM activity e
             LEFT JOIN agents a ON a.team_id = e.team_id AND a.agent_id = e.agent_id
             WHERE e.team_id = :team",
            &[("team", &team), ("limit", &limit)],
        );
        query.and("e.agent_id = :agent", "agent", filter.agent.as_ref());
        query.and("e.member_id = :member", "member", filter.member.as_ref());
        query.and("e.key_id = :key", "key", filter.key.as_ref());
        query.and("e.secret_number = :number", "number", filter.secret_number.as_ref());
        query.and("e.session_id = :session", "session", filter.session.as_ref());
        query.and("e.operation = :operation", "operation", filter.operation.as_ref());
        query.and("e.object_kind = :object_kind", "object_kind", filter.object_kind.as_ref());
        query.and("e.object_id = :object", "object", filter.object_id.as_ref());
        query.and("e.outcome = :outcome", "outcome", filter.outcome.as_ref());
        query.and("e.at >= :after", "after", filter.after.as_ref());
        query.and("e.at <= :before", "before", filter.before.as_ref());
        query.and("e.sequence < :below", "below", filter.below.as_ref());
        query.sql.push_str(" ORDER BY e.sequence DESC LIMIT :limit");
        let rows = self.rows(&query.sql, &query.params)?;
        rows.iter().map(|row| Ok((sealed(row)?, row.try_get("slug")?))).collect()
    }

    fn chain(
        &mut self,
        permit: &Permit,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(Sealed, ChainHash)>> {
        let sql = "SELECT sequence, event_id, at, agent_id, member_id, credential_kind, key_id,
                          secret_number, session_id, operation, object_kind, object_id, outcome,
                          request_id, summary, hash
                   FROM activity WHERE team_id = :team AND sequence > :after
                   ORDER BY sequence LIMIT :limit";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows =
            self.rows(sql, &[("team", &permit.team()), ("after", &after), ("limit", &limit)])?;
        rows.iter().map(|row| Ok((sealed(row)?, chain_hash(row, "hash")?))).collect()
    }

    fn links(&mut self, permit: &Permit, stretch: &Stretch, limit: usize) -> Result<Vec<Link>> {
        let (team, limit) = (permit.team(), i64::try_from(limit).unwrap_or(i64::MAX));
        let mut query = Query::new(
            "SELECT e.sequence, e.event_id, e.at, e.agent_id, e.member_id, e.credential_kind,
                    e.key_id, e.secret_number, e.session_id, e.operation, e.object_kind,
                    e.object_id, e.outcome, e.request_id, e.summary, e.hash, p.hash AS previous
             FROM activity e
             LEFT JOIN activity p ON p.team_id = e.team_id AND p.sequence = e.sequence - 1
             WHERE e.team_id = :team AND e.sequence > :beyond",
            &[("team", &team), ("beyond", &stretch.beyond), ("limit", &limit)],
        );
        query.and(
            "e.sequence >= (SELECT min(sequence) FROM activity
                            WHERE team_id = :team AND at >= :after)",
            "after",
            stretch.after.as_ref(),
        );
        query.and(
            "e.sequence <= (SELECT max(sequence) FROM activity
                            WHERE team_id = :team AND at <= :before)",
            "before",
            stretch.before.as_ref(),
        );
        query.sql.push_str(" ORDER BY e.sequence LIMIT :limit");
        let link = |row: &Row| {
            let (previous, hash) = (chain_hash(row, "previous")?, chain_hash(row, "hash")?);
            Ok(Link { event: sealed(row)?, previous, hash })
        };
        self.rows(&query.sql, &query.params)?.iter().map(link).collect()
    }

    fn head(&mut self, permit: &Permit) -> Result<Walk> {
        let row = self.row(CHAIN_END, &[("team", &permit.team())])?;
        row.as_ref().map_or(Ok(Walk::BEGINNING), walk)
    }
}

impl ActivityWrite for PgTx<'_> {
    fn record(&mut self, permit: &Permit, event: &Event) -> Result<()> {
        append(self, permit, event)
    }
}

/// Where a team's chain ends.
pub(super) const CHAIN_END: &str = "SELECT sequence, hash FROM activity WHERE team_id = :team
               ORDER BY sequence DESC LIMIT 1";

/// Keeps where a team's chain ends, for the events of this transaction. Its lock is held.
pub(super) fn note_chain_end(tx: &mut PgTx<'_>, team: TeamId, row: Option<&Row>) -> Result<()> {
    let end = row.map_or(Ok(Walk::BEGINNING), walk)?;
    tx.chain_ends.insert(team, end);
    Ok(())
}

fn walk(row: &Row) -> Result<Walk> {
    Ok(Walk { sequence: row.try_get("sequence")?, head: chain_hash(row, "hash")? })
}

/// Seals an event onto the team's chain.
pub(super) fn append(tx: &mut PgTx<'_>, permit: &Permit, event: &Event) -> Result<()> {
    let team = permit.team();
    tx.hold(team)?;
    if !tx.chain_ends.contains_key(&team) {
        let end = tx.row(CHAIN_END, &[("team", &team)])?;
        note_chain_end(tx, team, end.as_ref())?;
    }
    let last = &tx.chain_ends[&team];
    let sealed = Sealed::new(permit, event, last.sequence + 1);
    let hash = sealed.hash(last.head);
    tx.chain_ends.insert(team, Walk { sequence: sealed.sequence, head: hash });
    tx.appended.insert(team, sealed.sequence);
    let sql = "INSERT INTO activity (team_id, sequence, event_id, at, agent_id, member_id,
                                     credential_kind, key_id, secret_number, session_id, operation,
                                     object_kind, object_id, outcome, request_id, summary, hash)
               VALUES (:team, :sequence, :event, :at, :agent, :member, :kind, :key, :secret_number,
                       :session, :operation, :object_kind, :object, :outcome, :request, :summary,
                       :hash)";
    tx.execute(
        sql,
        &[
            ("team", &team),
            ("sequence", &sealed.sequence),
            ("event", &sealed.event_id),
            ("at", &sealed.at),
            ("agent", &sealed.agent_id),
            ("member", &sealed.member_id),
            ("kind", &sealed.credential_kind),
            ("key", &sealed.key_id),
            ("secret_number", &sealed.secret_number),
            ("session", &sealed.session_id),
            ("operation", &sealed.operation),
            ("object_kind", &sealed.object_kind),
            ("object", &sealed.object_id),
            ("outcome", &sealed.outcome),
            ("request", &sealed.request_id),
            ("summary", &sealed.summary),
            ("hash", &hash.0),
        ],
    )
}

/// A stored hash, none being that before the first event. One that was damaged is read as well, as
/// one that fits no event: that it doesn't fit must show.
fn chain_hash(row: &Row, column: &str) -> Result<ChainHash> {
    let hash: Option<&[u8]> = row.try_get(column)?;
    let Some(hash) = hash else { return Ok(ChainHash::GENESIS) };
    Ok(ChainHash(hash.try_into().unwrap_or([0xff; 32])))
}

fn sealed(row: &Row) -> Result<Sealed> {
    Ok(Sealed {
        sequence: row.try_get("sequence")?,
        event_id: row.try_get("event_id")?,
        at: row.try_get("at")?,
        agent_id: row.try_get("agent_id")?,
        member_id: row.try_get("member_id")?,
        credential_kind: row.try_get("credential_kind")?,
        key_id: row.try_get("key_id")?,
        secret_number: row.try_get("secret_number")?,
        session_id: row.try_get("session_id")?,
        operation: row.try_get("operation")?,
        object_kind: row.try_get("object_kind")?,
        object_id: row.try_get("object_id")?,
        outcome: row.try_get("outcome")?,
        request_id: row.try_get("request_id")?,
        summary: row.try_get("summary")?,
    })
}
