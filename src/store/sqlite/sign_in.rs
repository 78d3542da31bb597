//! [`crate::store::sign_in`] on SQLite.

use rusqlite::{OptionalExtension, Row, named_params};

use super::activity::append;
use super::agents::{agent_row, insert_agent};
use super::keys::{allow_list, role};
use super::sessions::{current_signing_key, move_end};
use super::tx::SqliteTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{AgentId, SessionId, SigningKeyId, TeamId};
use crate::core::secret::Secret;
use crate::identity::actor::{Credential, Trust, TrustPolicy};
use crate::identity::event::Event;
use crate::identity::guard::Policy;
use crate::identity::key::KeyId;
use crate::identity::permit::Permit;
use crate::identity::role::{Role, Scopes};
use crate::identity::session::SigningKey;
use crate::store::agents::AgentRow;
use crate::store::sign_in::{
    CredentialRead, CredentialState, HeldSecret, LocalTeam, SessionState, SignInKey, SignInSession,
    SignInTx,
};

impl CredentialRead for SqliteTx<'_> {
    fn key_for_sign_in(&mut self, id: KeyId) -> Result<Option<SignInKey>> {
        let sql = "SELECT k.team_id, t.slug AS team_slug, t.trust_policy,
                          t.secret_policy, k.key_id, k.secret_hash, k.secret_number,
                          k.previous_hash, k.previous_until,
                          k.role, k.scopes, k.allow_list, k.is_active, k.expires_at, k.is_locked,
                          a.agent_id, a.slug, a.display_name, a.agent_type, a.description,
                          a.status, a.created_at
                   FROM keys k
                   JOIN teams t ON t.team_id = k.team_id
                   LEFT JOIN agents a ON a.team_id = k.team_id AND a.agent_id = k.agent_id
                   WHERE k.key_id = :key";
        let params = named_params! { ":key": id };
        Ok(self.statement(sql)?.query_row(params, sign_in_key).optional()?)
    }

    fn local_team(&mut self) -> Result<Option<LocalTeam>> {
        let sql = "SELECT t.team_id, t.slug, t.secret_policy, m.member_id
                   FROM teams t
                   JOIN members m ON m.team_id = t.team_id AND m.role = :owner
                        AND m.status = 'active'
                   WHERE (SELECT count(*) FROM teams) = 1
                   ORDER BY m.created_at, m.member_id LIMIT 1";
        let params = named_params! { ":owner": Role::Owner.as_str() };
        let team = self.statement(sql)?.query_row(params, |row| {
            Ok(LocalTeam {
                team: row.get("team_id")?,
                slug: row.get("slug")?,
                owner: row.get("member_id")?,
                secrets: secret_policy(row)?,
            })
        });
        Ok(team.optional()?)
    }

    fn agent_for_sign_in(&mut self, team: TeamId, slug: &str) -> Result<Option<AgentRow>> {
        let sql = "SELECT agent_id, slug, display_name, agent_type, description, status, created_at
                   FROM agents WHERE team_id = :team AND slug = :slug";
        let params = named_params! { ":team": team, ":slug": slug };
        Ok(self.statement(sql)?.query_row(params, agent_row).optional()?)
    }

    fn verifying_key(
        &mut self,
        kid: SigningKeyId,
        at: Timestamp,
    ) -> Result<Option<(TeamId, Secret)>> {
        let sql = "SELECT team_id, secret FROM signing_keys
                   WHERE kid = :kid AND (verifies_until IS NULL OR verifies_until > :at)";
        let params = named_params! { ":kid": kid, ":at": at };
        let key = self
            .statement(sql)?
            .query_row(params, |row| Ok((row.get("team_id")?, Secret::new(row.get("secret")?))));
        Ok(key.optional()?)
    }

    fn signing_key_for_sign_in(&mut self, team: TeamId) -> Result<Option<SigningKey>> {
        current_signing_key(self, team)
    }

    fn session_for_sign_in(
        &mut self,
        team: TeamId,
        session: SessionId,
    ) -> Result<Option<SignInSession>> {
        let sql = "SELECT s.session_id, s.key_id, s.secret_number, s.started_at, s.expires_at,
                          s.ended_at, a.agent_id, a.slug, a.display_name, a.agent_type,
                          a.description, a.status, a.created_at
                   FROM sessions s
                   JOIN agents a ON a.team_id = s.team_id AND a.agent_id = s.agent_id
                   WHERE s.team_id = :team AND s.session_id = :session";
        let params = named_params! { ":team": team, ":session": session };
        let session = self.statement(sql)?.query_row(params, |row| {
            Ok(SignInSession {
                id: row.get("session_id")?,
                agent: agent_row(row)?,
                key: row.get("key_id")?,
                secret_number: row.get("secret_number")?,
                started_at: row.get("started_at")?,
                expires_at: row.get("expires_at")?,
                ended_at: row.get("ended_at")?,
            })
        });
        Ok(session.optional()?)
    }

    fn credential_state(
        &mut self,
        team: TeamId,
        credential: &Credential,
        agent: Option<AgentId>,
        at: Timestamp,
    ) -> Result<CredentialState> {
        let is_live = match credential {
            Credential::Local | Credential::System => true,
            Credential::Member { id, change_number } => {
                let sql = "SELECT 1 FROM members
                           WHERE team_id = :team AND member_id = :member AND status = 'active'
                             AND change_number = :number";
                let params =
                    named_params! { ":team": team, ":member": id, ":number": change_number };
                self.statement(sql)?.exists(params)?
            }
            Credential::Key { id, secret_number, .. } => {
                let sql = "SELECT 1 FROM keys
                           WHERE team_id = :team AND key_id = :key AND is_active = 1
                             AND secret_hash IS NOT NULL
                             AND (expires_at IS NULL OR expires_at > :at)
                             AND (secret_number = :number
                                  OR secret_number = :number + 1 AND previous_until > :at)";
                let params = named_params! {
                    ":team": team, ":key": id, ":at": at, ":number": secret_number,
                };
                self.statement(sql)?.exists(params)?
            }
        };
        let mut session = None;
        if let Credential::Key { id, secret_number, session: Some(shown) } = credential {
            let sql = "SELECT expires_at, ended_at FROM sessions
                       WHERE team_id = :team AND session_id = :session AND key_id = :key
                         AND secret_number = :number";
            let params = named_params! {
                ":team": team, ":session": shown, ":key": id, ":number": secret_number,
            };
            let row = self.statement(sql)?.query_row(params, |row| {
                Ok(SessionState::at(at, row.get("expires_at")?, row.get("ended_at")?))
            });
            session = Some(row.optional()?.unwrap_or(SessionState::Ended));
        }
        let mut trust = None;
        if let Some(agent) = agent {
            let sql = "SELECT status FROM agents WHERE team_id = :team AND agent_id = :agent";
            let params = named_params! { ":team": team, ":agent": agent };
            let status: Option<String> =
                self.statement(sql)?.query_row(params, |row| row.get(0)).optional()?;
            trust = Some(status.map_or(Trust::Blocked, |status: String| Trust::parse(&status)));
        }
        Ok(CredentialState { is_live, session, agent: trust })
    }

    fn ping(&mut self) -> Result<()> {
        self.statement("SELECT 1 FROM teams LIMIT 1")?.exists([])?;
        Ok(())
    }
}

impl SignInTx for SqliteTx<'_> {
    fn add_agent(&mut self, team: TeamId, agent: &AgentRow) -> Result<()> {
        insert_agent(self, team, agent)
    }

    fn rename_agent(&mut self, team: TeamId, agent: AgentId, slug: &str) -> Result<()> {
        let sql = "UPDATE agents SET slug = :slug WHERE team_id = :team AND agent_id = :agent";
        let params = named_params! { ":team": team, ":agent": agent, ":slug": slug };
        self.statement(sql)?.execute(params)?;
        Ok(())
    }

    fn bind_key(
        &mut self,
        team: TeamId,
        key: KeyId,
        agent: AgentId,
        is_locked: bool,
    ) -> Result<()> {
        let sql = "UPDATE keys SET agent_id = :agent, is_locked = :is_locked
                   WHERE team_id = :team AND key_id = :key";
        self.statement(sql)?.execute(named_params! {
            ":team": team,
            ":key": key,
            ":agent": agent,
            ":is_locked": is_locked,
        })?;
        Ok(())
    }

    fn touch_key(&mut self, team: TeamId, key: KeyId, at: Timestamp) -> Result<()> {
        let sql = "UPDATE keys SET last_used_at = :at
                   WHERE team_id = :team AND key_id = :key
                     AND (last_used_at IS NULL OR last_used_at < :at)";
        let params = named_params! { ":team": team, ":key": key, ":at": at };
        self.statement(sql)?.execute(params)?;
        Ok(())
    }

    fn renew_session(
        &mut self,
        team: TeamId,
        session: SessionId,
        expires_at: Timestamp,
        at: Timestamp,
    ) -> Result<bool> {
        move_end(self, team, session, expires_at, at)
    }

    fn record_sign_in(&mut self, permit: &Permit, event: &Event) -> Result<()> {
        append(self, permit, event)
    }
}

fn sign_in_key(row: &Row<'_>) -> rusqlite::Result<SignInKey> {
    let has_agent = row.get::<_, Option<String>>("agent_id")?.is_some();
    Ok(SignInKey {
        team: row.get("team_id")?,
        team_slug: row.get("team_slug")?,
        id: row.get("key_id")?,
        secrets_held: secrets_held(row)?,
        role: role(row)?,
        scopes: Scopes::parse(&row.get::<_, String>("scopes")?),
        allow_list: allow_list(row)?,
        is_active: row.get("is_active")?,
        expires_at: row.get("expires_at")?,
        agent: if has_agent { Some(agent_row(row)?) } else { None },
        is_locked: row.get("is_locked")?,
        new_agents: trust_policy(row)?.new_agent(),
        secrets: secret_policy(row)?,
    })
}

/// A stored policy; one that this program doesn't know is the strictest.
pub(super) fn trust_policy(row: &Row<'_>) -> rusqlite::Result<TrustPolicy> {
    Ok(TrustPolicy::parse(&row.get::<_, String>("trust_policy")?))
}

/// A stored policy; one that this program doesn't know is the strictest.
pub(super) fn secret_policy(row: &Row<'_>) -> rusqlite::Result<Policy> {
    Ok(Policy::parse(&row.get::<_, String>("secret_policy")?).unwrap_or(Policy::Reject))
}

fn secrets_held(row: &Row<'_>) -> rusqlite::Result<Vec<HeldSecret>> {
    let number: i64 = row.get("secret_number")?;
    let current: Option<String> = row.get("secret_hash")?;
    let previous: Option<String> = row.get("previous_hash")?;
    let until: Option<Timestamp> = row.get("previous_until")?;
    let current = current.map(|hash| HeldSecret { hash, number, until: None });
    let previous = previous.zip(until).map(|(hash, until)| HeldSecret {
        hash,
        number: number - 1,
        until: Some(until),
    });
    Ok(current.into_iter().chain(previous).collect())
}
