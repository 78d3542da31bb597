//! The first use of a credential makes or binds its agent, in one unit: of many that race, one wins.

use serde_json::json;

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{AgentId, EventId, RequestId};
use crate::identity::actor::Trust;
use crate::identity::event::{Act, Event, Outcome};
use crate::identity::key::{KeyId, own_agent, preview};
use crate::identity::permit::{Exempt, Requirement, trust_required};
use crate::identity::principal::Principal;
use crate::identity::role::{Role, Scope};
use crate::store::agents::AgentRow;
use crate::store::sign_in::SignInTx;

use super::Auth;
use super::api_key::{conflict, new_agent_status, principal};

/// Ids that a first use needs, made before its unit.
#[derive(Clone, Copy)]
pub(super) struct Fresh {
    pub(super) agent: AgentId,
    event: EventId,
    request: RequestId,
    pub(super) at: Timestamp,
}

impl Fresh {
    /// The event of an act of sign-in.
    pub(super) fn event(&self, act: Act) -> Event {
        Event { id: self.event, at: self.at, request: self.request, outcome: Outcome::Done, act }
    }
}

impl Auth {
    pub(super) fn fresh(&self, at: Timestamp) -> Fresh {
        Fresh { agent: self.ids.next(at), event: self.ids.next(at), request: self.ids.next(at), at }
    }

    /// Gives a key its agent: the one it names, for good, or one of its own.
    pub(super) async fn bind_agent(
        &self,
        key: KeyId,
        slug: Option<&str>,
        secret_number: i64,
        at: Timestamp,
    ) -> Result<AgentRow> {
        let fresh = self.fresh(at);
        let slug = slug.map(str::to_owned);
        self.store.first_use(move |tx| bind(tx, key, slug.as_deref(), secret_number, fresh)).await
    }
}

fn bind(
    tx: &mut dyn SignInTx,
    key: KeyId,
    slug: Option<&str>,
    secret_number: i64,
    fresh: Fresh,
) -> Result<AgentRow> {
    // Read again inside the unit: another request may have been first.
    let row = tx
        .key_for_sign_in(key)?
        .filter(|row| row.live_secrets(fresh.at).any(|held| held.number == secret_number));
    let row = row.ok_or_else(Error::invalid_api_key)?;
    let display_name = preview(key);
    let new = |slug: String| AgentRow {
        id: fresh.agent,
        slug,
        display_name: display_name.clone(),
        agent_type: None,
        description: None,
        status: new_agent_status(&row),
        created_at: fresh.at,
    };
    let bound = match (row.agent.clone(), slug) {
        (Some(own), None) => return Ok(own),
        (Some(own), Some(slug)) if row.is_locked && own.slug == slug => return Ok(own),
        (_, Some(_)) if row.is_locked => return Err(conflict()),
        // Whom an admin has stopped doesn't go on under another name.
        (Some(own), Some(_)) if own.status == Trust::Blocked => return Err(trust_required()),
        (None, None) => {
            let own = own_agent(key);
            let agent = if let Some(known) = tx.agent_for_sign_in(row.team, &own)? {
                known
            } else {
                let agent = new(own);
                tx.add_agent(row.team, &agent)?;
                agent
            };
            tx.bind_key(row.team, key, agent.id, false)?;
            agent
        }
        (own, Some(slug)) => {
            let known = tx.agent_for_sign_in(row.team, slug)?;
            let agent = match (known, own) {
                (Some(known), _) => known,
                (None, Some(own)) => {
                    tx.rename_agent(row.team, own.id, slug)?;
                    AgentRow { slug: slug.to_owned(), ..own }
                }
                (None, None) => {
                    let agent = new(slug.to_owned());
                    tx.add_agent(row.team, &agent)?;
                    agent
                }
            };
            tx.bind_key(row.team, key, agent.id, true)?;
            agent
        }
    };
    let act = json!({ "agent": bound.slug, "locked": slug.is_some() });
    record(tx, &principal(row, bound.clone(), secret_number), act, &bound, fresh)?;
    Ok(bound)
}

/// Writes the event of a first use, as done by the agent that it made or bound.
pub(super) fn record(
    tx: &mut dyn SignInTx,
    who: &Principal,
    summary: serde_json::Value,
    agent: &AgentRow,
    fresh: Fresh,
) -> Result<()> {
    let requirement = Requirement {
        operation: "agent_first_use",
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Everything,
    };
    let act = Act { object_kind: "agent", object_id: agent.slug.clone(), summary };
    tx.record_sign_in(&who.permit(&requirement)?, &fresh.event(act))
}
