//! [`crate::store::activity`] on SQLite. One writer at a time, so each event is sealed as it is
//! appended.

use rusqlite::{OptionalExtension, Row, named_params};

use super::conditions::Query;
use super::tx::SqliteTx;
use crate::core::error::Result;
use crate::core::id::TeamId;
use crate::identity::chain::{ChainHash, Link, Sealed, Walk};
use crate::identity::event::Event;
use crate::identity::permit::Permit;
use crate::store::activity::{ActivityRead, ActivityWrite, EventFilter, Stretch};

impl ActivityRead for SqliteTx<'_> {
    fn events(
        &mut self,
        permit: &Permit,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<Vec<(Sealed, Option<String>)>> {
        let (team, limit) = (permit.team(), i64::try_from(limit).unwrap_or(i64::MAX));
        let query = events_query(&team, filter, &limit);
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
                          secret_number, session_id, operation, object_kind, object_id, outcome,
                          request_id, summary, hash
                   FROM activity WHERE team_id = :team AND sequence > :after
                   ORDER BY sequence LIMIT :limit";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = self.statement(sql)?;
        let rows = statement.query_map(
            named_params! { ":team": permit.team(), ":after": after, ":limit": limit },
            |row| Ok((sealed(row)?, chain_hash(row, "hash")?)),
        )?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
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
            &[(":team", &team), (":beyond", &stretch.beyond), (":limit", &limit)],
        );
        query.and(
            "e.sequence >= (SELECT min(sequence) FROM activity
                            WHERE team_id = :team AND at >= :after)",
            ":after",
            stretch.after.as_ref(),
        );
        query.and(
            "e.sequence <= (SELECT max(sequence) FROM activity
                            WHERE team_id = :team AND at <= :before)",
            ":before",
            stretch.before.as_ref(),
        );
        query.sql.push_str(" ORDER BY e.sequence LIMIT :limit");
        let mut statement = self.statement(&query.sql)?;
        let rows = statement.query_map(&*query.params, |row| {
            let event = sealed(row)?;
            let previous = chain_hash(row, "previous")?;
            Ok(Link { event, previous, hash: chain_hash(row, "hash")? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn head(&mut self, permit: &Permit) -> Result<Walk> {
        let sql = "SELECT sequence, hash FROM activity WHERE team_id = :team
                   ORDER BY sequence DESC LIMIT 1";
        let params = named_params! { ":team": permit.team() };
        let walk = self.statement(sql)?.query_row(params, |row| {
            Ok(Walk { sequence: row.get("sequence")?, head: chain_hash(row, "hash")? })
        });
        Ok(walk.optional()?.unwrap_or(Walk::BEGINNING))
    }
}

impl ActivityWrite for SqliteTx<'_> {
    fn record(&mut self, permit: &Permit, event: &Event) -> Result<()> {
        append(self, permit, event)
    }
}

/// The statement that lists events. Each index ends in the sequence, so that whatever it filters by
/// comes newest first and is read no further than the page. The index is named, because SQLite
/// prefers to walk the whole trail, which is in that order anyway.
fn events_query<'a>(team: &'a TeamId, filter: &'a EventFilter, limit: &'a i64) -> Query<'a> {
    // The narrowest first.
    let index = if filter.session.is_some() {
        "INDEXED BY activity_by_session"
    } else if filter.object_id.is_some() {
        "INDEXED BY activity_by_object"
    } else if filter.key.is_some() {
        "INDEXED BY activity_by_key"
    } else if filter.agent.is_some() {
        "INDEXED BY activity_by_agent"
    } else {
        ""
    };
    let sql = format!(
        "SELECT e.sequence, e.event_id, e.at, e.agent_id, e.member_id, e.credential_kind,
                e.key_id, e.secret_number, e.session_id, e.operation, e.object_kind,
                e.object_id, e.outcome, e.request_id, e.summary, a.slug
         FROM activity e {index}
         LEFT JOIN agents a ON a.team_id = e.team_id AND a.agent_id = e.agent_id
         WHERE e.team_id = :team"
    );
    let mut query = Query::new(&sql, &[(":team", team), (":limit", limit)]);
    query.and("e.agent_id = :agent", ":agent", filter.agent.as_ref());
    query.and("e.member_id = :member", ":member", filter.member.as_ref());
    query.and("e.key_id = :key", ":key", filter.key.as_ref());
    query.and("e.secret_number = :secret_number", ":secret_number", filter.secret_number.as_ref());
    query.and("e.session_id = :session", ":session", filter.session.as_ref());
    query.and("e.operation = :operation", ":operation", filter.operation.as_ref());
    query.and("e.object_kind = :object_kind", ":object_kind", filter.object_kind.as_ref());
    query.and("e.object_id = :object", ":object", filter.object_id.as_ref());
    query.and("e.outcome = :outcome", ":outcome", filter.outcome.as_ref());
    query.and("e.at >= :after", ":after", filter.after.as_ref());
    query.and("e.at <= :before", ":before", filter.before.as_ref());
    query.and("e.sequence < :below", ":below", filter.below.as_ref());
    query.sql.push_str(" ORDER BY e.sequence DESC LIMIT :limit");
    query
}

/// Seals an event onto the team's chain.
pub(super) fn append(tx: &mut SqliteTx<'_>, permit: &Permit, event: &Event) -> Result<()> {
    let last = tx.head(permit)?;
    let sealed = Sealed::new(permit, event, last.sequence + 1);
    let sql = "INSERT INTO activity (team_id, sequence, event_id, at, agent_id, member_id,
                                     credential_kind, key_id, secret_number, session_id, operation,
                                     object_kind, object_id, outcome, request_id, summary, hash)
               VALUES (:team, :sequence, :event, :at, :agent, :member, :kind, :key, :secret_number,
                       :session, :operation, :object_kind, :object, :outcome, :request, :summary,
                       :hash)";
    tx.statement(sql)?.execute(named_params! {
        ":team": permit.team(),
        ":sequence": sealed.sequence,
        ":event": sealed.event_id,
        ":at": sealed.at,
        ":agent": sealed.agent_id,
        ":member": sealed.member_id,
        ":kind": sealed.credential_kind,
        ":key": sealed.key_id,
        ":secret_number": sealed.secret_number,
        ":session": sealed.session_id,
        ":operation": sealed.operation,
        ":object_kind": sealed.object_kind,
        ":object": sealed.object_id,
        ":outcome": sealed.outcome,
        ":request": sealed.request_id,
        ":summary": sealed.summary,
        ":hash": sealed.hash(last.head).0,
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
        secret_number: row.get("secret_number")?,
        session_id: row.get("session_id")?,
        operation: row.get("operation")?,
        object_kind: row.get("object_kind")?,
        object_id: row.get("object_id")?,
        outcome: row.get("outcome")?,
        request_id: row.get("request_id")?,
        summary: row.get("summary")?,
    })
}

/// A stored hash, none being that before the first event. One that was damaged is read as well, as
/// one that fits no event: that it doesn't fit must show.
fn chain_hash(row: &Row<'_>, column: &str) -> rusqlite::Result<ChainHash> {
    let hash: Option<Vec<u8>> = row.get(column)?;
    let Some(hash) = hash else { return Ok(ChainHash::GENESIS) };
    Ok(ChainHash(hash.try_into().unwrap_or([0xff; 32])))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::core::clock::Timestamp;
    use crate::core::id::{AgentId, Ids};

    /// How SQLite goes about a page of events, a step a line.
    fn plan(filter: &EventFilter) -> String {
        let mut connection = Connection::open_in_memory().expect("opens");
        crate::store::sqlite::migrate::run(&mut connection).expect("migrates");
        let (team, limit) = (Ids::default().next(Timestamp::from_millis(0)), 21);
        let query = events_query(&team, filter, &limit);
        let sql = format!("EXPLAIN QUERY PLAN {}", query.sql);
        let mut statement = connection.prepare(&sql).expect("prepares");
        let steps = statement.query_map(&*query.params, |row| row.get::<_, String>("detail"));
        let steps: rusqlite::Result<Vec<String>> = steps.expect("runs").collect();
        steps.expect("steps").join("\n")
    }

    #[test]
    fn what_is_filtered_by_has_an_index_that_gives_it_newest_first() {
        let agent: AgentId = Ids::default().next(Timestamp::from_millis(0));
        let some = || Some("x".to_owned());
        let none = EventFilter::default;
        let cases = [
            (none(), "PRIMARY KEY (team_id=?)"),
            (EventFilter { below: Some(9), ..none() }, "PRIMARY KEY (team_id=? AND sequence<?)"),
            (EventFilter { agent: Some(agent), ..none() }, "activity_by_agent"),
            (EventFilter { key: some(), ..none() }, "activity_by_key"),
            (EventFilter { key: some(), secret_number: Some(1), ..none() }, "activity_by_key"),
            (EventFilter { session: some(), ..none() }, "activity_by_session"),
            (EventFilter { object_id: some(), ..none() }, "activity_by_object"),
            (EventFilter { object_id: some(), below: Some(9), ..none() }, "AND sequence<?)"),
        ];

        for (filter, index) in cases {
            let plan = plan(&filter);

            assert!(plan.contains(index), "{filter:?}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
        }
    }
}
