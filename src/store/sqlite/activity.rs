//! [`crate::store::activity`] on SQLite. One writer at a time, so each event is sealed as it is
//! appended.

use rusqlite::{OptionalExtension, Row, named_params};

use super::conditions::Query;
use super::tx::SqliteTx;
use crate::core::error::Result;
use crate::identity::event::{ChainHash, Event, Sealed};
use crate::identity::permit::Permit;
use crate::store::activity::{ActivityRead, ActivityWrite, EventFilter};

impl ActivityRead for SqliteTx<'_> {
    fn events(
        &mut self,
        permit: &Permit,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<Vec<(Sealed, Option<String>)>> {
        let (team, limit) = (permit.team(), i64::try_from(limit).unwrap_or(i64::MAX));
        let mut query = Query::new(
            "SELECT e.sequence, e.event_id, e.at, e.agent_id, e.member_id, e.credential_kind,
                    e.key_id, e.operation, e.object_kind, e.object_id, e.outcome, e.request_id,
                    e.summary, a.slug
             FROM activity e
             LEFT JOIN agents a ON a.team_id = e.team_id AND a.agent_id = e.agent_id
             WHERE e.team_id = :team",
            &[(":team", &team), (":limit", &limit)],
        );
        query.and("e.agent_id = :agent", ":agent", filter.agent.as_ref());
        query.and("e.key_id = :key", ":key", filter.key.as_ref());
        query.and("e.operation = :operation", ":operation", filter.operation.as_ref());
        query.and("e.object_id = :object", ":object", filter.object_id.as_ref());
        query.and("e.at >= :after", ":after", filter.after.as_ref());
        query.and("e.at <= :before", ":before", filter.before.as_ref());
        query.and("e.sequence < :below", ":below", filter.below.as_ref());
        query.sql.push_str(" ORDER BY e.sequence DESC LIMIT :limit");
        let mut statement = self.statement(&query.sql)?;
        let rows =
            statement.query_map(&*query.params, |row| Ok((sealed(row)?, row.get("slug")?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn chain(
        &mut self,
        permit: &Permit,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(Sealed, ChainHash)>> {
        let sql = "SELECT sequence, event_id, at, agent_id, member_id, credential_kind, key_id,
                          operation, object_kind, object_id, outcome, request_id, summary, hash
                   FROM activity WHERE team_id = :team AND sequence > :after
                   ORDER BY sequence LIMIT :limit";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = self.statement(sql)?;
        let rows = statement.query_map(
            named_params! { ":team": permit.team(), ":after": after, ":limit": limit },
            |row| Ok((sealed(row)?, ChainHash(row.get("hash")?))),
        )?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl ActivityWrite for SqliteTx<'_> {
    fn record(&mut self, permit: &Permit, event: &Event) -> Result<()> {
        append(self, permit, event)
    }
}

/// Seals an event onto the team's chain.
pub(super) fn append(tx: &mut SqliteTx<'_>, permit: &Permit, event: &Event) -> Result<()> {
    let sql = "SELECT sequence, hash FROM activity WHERE team_id = :team
               ORDER BY sequence DESC LIMIT 1";
    let last: Option<(i64, [u8; 32])> = tx
        .statement(sql)?
        .query_row(named_params! { ":team": permit.team() }, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (sequence, previous) =
        last.map_or((1, ChainHash::GENESIS), |(last, hash)| (last + 1, ChainHash(hash)));
    let sealed = Sealed::new(permit, event, sequence);
    let sql = "INSERT INTO activity (team_id, sequence, event_id, at, agent_id, member_id,
                                     credential_kind, key_id, operation, object_kind, object_id,
                                     outcome, request_id, summary, hash)
               VALUES (:team, :sequence, :event, :at, :agent, :member, :kind, :key, :operation,
                       :object_kind, :object, :outcome, :request, :summary, :hash)";
    tx.statement(sql)?.execute(named_params! {
        ":team": permit.team(),
        ":sequence": sealed.sequence,
        ":event": sealed.event_id,
        ":at": sealed.at,
        ":agent": sealed.agent_id,
        ":member": sealed.member_id,
        ":kind": sealed.credential_kind,
        ":key": sealed.key_id,
        ":operation": sealed.operation,
        ":object_kind": sealed.object_kind,
        ":object": sealed.object_id,
        ":outcome": sealed.outcome,
        ":request": sealed.request_id,
        ":summary": sealed.summary,
        ":hash": sealed.hash(previous).0,
    })?;
    Ok(())
}

fn sealed(row: &Row<'_>) -> rusqlite::Result<Sealed> {
    Ok(Sealed {
        sequence: row.get("sequence")?,
        event_id: row.get("event_id")?,
        at: row.get("at")?,
        agent_id: row.get("agent_id")?,
        member_id: row.get("member_id")?,
        credential_kind: row.get("credential_kind")?,
        key_id: row.get("key_id")?,
        operation: row.get("operation")?,
        object_kind: row.get("object_kind")?,
        object_id: row.get("object_id")?,
        outcome: row.get("outcome")?,
        request_id: row.get("request_id")?,
        summary: row.get("summary")?,
    })
}
