//! Sessions: what is kept of them, that they end with their keys, and what signs their tokens.

mod ends;
mod rows;
mod signing;

use memoranda::core::clock::Timestamp;
use memoranda::core::id::SessionId;
use memoranda::identity::actor::Credential;
use memoranda::store::sessions::{NewSession, SessionFilter, SessionRow};

use super::team::{ALL, Caller, Team, at};

/// Adds a session of an agent with a key, which lasts until a moment.
async fn begin(team: &Team, agent: &Caller, until: Timestamp) -> SessionId {
    let session = NewSession {
        id: team.next_id(),
        agent: agent.agent_id(),
        key: agent.key_id(),
        secret_number: 1,
        started_at: at(0),
        expires_at: until,
    };
    let id = session.id;
    team.owner().write(move |tx, permit| tx.add_session(permit, &session)).await.expect("added");
    id
}

/// The same agent, signed in by a session's token.
fn within(agent: &Caller, session: SessionId) -> Caller {
    let mut caller = agent.clone();
    let key = agent.key_id();
    caller.principal.credential =
        Credential::Key { id: key, secret_number: 1, session: Some(session) };
    caller
}

fn only(id: SessionId) -> SessionFilter {
    SessionFilter { id: Some(id), ..SessionFilter::default() }
}

async fn sessions(caller: &Caller, filter: SessionFilter, now: Timestamp) -> Vec<SessionRow> {
    let found = caller.read(move |tx, permit| tx.sessions(permit, &filter, now, ALL));
    found.await.expect("reads")
}

async fn end(owner: &Caller, filter: SessionFilter, now: Timestamp) -> u64 {
    let ended = owner.write(move |tx, permit| tx.end_sessions(permit, &filter, now));
    ended.await.expect("ends")
}
