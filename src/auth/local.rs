//! The owner of an embedded database, on the machine where its file lies.

use serde_json::json;

use crate::core::error::{Code, Error, Result};
use crate::identity::actor::{Actor, AgentRef, Credential, Trust, check_slug};
use crate::identity::key::owner_of_agent;
use crate::identity::role::{Role, Scopes};
use crate::store::agents::AgentRow;
use crate::store::sign_in::LocalTeam;

use super::first_use::record;
use super::{Auth, Principal};

impl Auth {
    /// The local owner in person: the command line.
    ///
    /// # Errors
    /// `CONFLICT` when the database has no single team; `UNAVAILABLE`.
    pub async fn local_owner(&self) -> Result<Principal> {
        let team = self.store.sign_in(|tx| tx.local_team()).await?.ok_or_else(no_single_team)?;
        Ok(principal(&team, None, Trust::Approved))
    }

    /// The local owner's own agent of a slug, made on first use: `stdio` without a key.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a malformed slug; `CONFLICT` when the database has no single team;
    /// `UNAVAILABLE`.
    pub async fn local_agent(&self, slug: &str, display_name: &str) -> Result<Principal> {
        check_slug("agent id", slug)?;
        if owner_of_agent(slug).is_some() {
            return Err(Error::invalid("agent id", "must not be that of a key's own agent"));
        }
        let fresh = self.fresh(self.clock.now());
        let (slug, display_name) = (slug.to_owned(), display_name.to_owned());
        let wanted = slug.clone();
        let found = self.store.sign_in(move |tx| {
            let team = tx.local_team()?.ok_or_else(no_single_team)?;
            let agent = tx.agent_for_sign_in(team.team, &wanted)?;
            Ok((team, agent))
        });
        if let (team, Some(agent)) = found.await? {
            return Ok(principal(&team, Some(&agent), agent.status));
        }
        self.store
            .first_use(move |tx| {
                let team = tx.local_team()?.ok_or_else(no_single_team)?;
                // Another process may have been first.
                if let Some(agent) = tx.agent_for_sign_in(team.team, &slug)? {
                    return Ok(principal(&team, Some(&agent), agent.status));
                }
                let agent = AgentRow {
                    id: fresh.agent,
                    slug: slug.clone(),
                    display_name: display_name.clone(),
                    agent_type: None,
                    description: None,
                    status: Trust::Approved,
                    created_at: fresh.at,
                };
                tx.add_agent(team.team, &agent)?;
                let who = principal(&team, Some(&agent), agent.status);
                record(tx, &who, json!({ "agent": agent.slug }), &agent, fresh)?;
                Ok(who)
            })
            .await
    }
}

fn principal(team: &LocalTeam, agent: Option<&AgentRow>, trust: Trust) -> Principal {
    Principal {
        team: team.team,
        team_slug: team.slug.clone(),
        actor: Actor {
            agent: agent.map(|agent| AgentRef { id: agent.id, slug: agent.slug.clone() }),
            member: Some(team.owner),
        },
        credential: Credential::Local,
        role: Role::Owner,
        scopes: Scopes::all(),
        allow_list: None,
        trust,
        secrets: team.secrets,
    }
}

fn no_single_team() -> Error {
    Error::new(Code::Conflict, "this database has no single team to act for")
        .with_fix("set MEMORANDA_API_KEY to a key of the team you mean")
}
