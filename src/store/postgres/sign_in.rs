//! [`crate::store::sign_in`] on PostgreSQL.

use tokio_postgres::Row;

use super::activity::{CHAIN_END, append, note_chain_end};
use super::agents::{agent_row, insert_agent};
use super::keys::{allow_list, role};
use super::link::Params;
use super::sessions::{current_signing_key, move_end};
use super::tx::PgTx;
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

impl CredentialRead for PgTx<'_> {
    fn key_for_sign_in(&mut self, id: KeyId) -> Result<Option<SignInKey>> {
        if self.is_writer() {
            // The team's lock before the key is read, so that what is read holds until the commit.
            let sql = "SELECT team_id FROM key_teams WHERE key_id = :key";
            let Some(row) = self.row(sql, &[("key", &id)])? else { return Ok(None) };
            self.hold(row.try_get("team_id")?)?;
        }
        let sql = "SELECT k.team_id, t.slug AS team_slug, t.trust_policy,
                          t.secret_policy, k.key_id, k.secret_hash, k.secret_number,
                          k.previous_hash, k.previous_until,
                          k.role, k.scopes, k.allow_list, k.is_active, k.expires_at, k.is_locked,
                          a.agent_id, a.slug, a.display_name, a.agent_type, a.description,
                          a.status, a.created_at
                   FROM key_teams o
                   JOIN keys k ON k.team_id = o.team_id AND k.key_id = o.key_id
                   JOIN teams t ON t.team_id = k.team_id
                   LEFT JOIN agents a ON a.team_id = k.team_id AND a.agent_id = k.agent_id
                   WHERE o.key_id = :key";
        self.row(sql, &[("key", &id)])?.as_ref().map(sign_in_key).transpose()
    }

    fn local_team(&mut self) -> Result<Option<LocalTeam>> {
        let sql = "SELECT t.team_id, t.slug, t.secret_policy, m.member_id
                   FROM teams t
                   JOIN members m ON m.team_id = t.team_id AND m.role = :owner
                        AND m.status = 'active'
                   WHERE (SELECT count(*) FROM teams) = 1
                   ORDER BY m.created_at, m.member_id LIMIT 1";
        let team = self.row(sql, &[("owner", &Role::Owner.as_str())])?;
        let local = |row: &Row| {
            Ok(LocalTeam {
                team: row.try_get("team_id")?,
                slug: row.try_get("slug")?,
                owner: row.try_get("member_id")?,
                secrets: secret_policy(row)?,
            })
        };
        team.as_ref().map(local).transpose()
    }

    fn agent_for_sign_in(&mut self, team: TeamId, slug: &str) -> Result<Option<AgentRow>> {
        self.hold(team)?;
        let sql = "SELECT agent_id, slug, display_name, agent_type, description, status, created_at
                   FROM agents WHERE team_id = :team AND slug = :slug";
        self.row(sql, &[("team", &team), ("slug", &slug)])?.as_ref().map(agent_row).transpose()
    }

    fn verifying_key(
        &mut self,
        kid: SigningKeyId,
        at: Timestamp,
    ) -> Result<Option<(TeamId, Secret)>> {
        let sql = "SELECT team_id, secret FROM signing_keys
                   WHERE kid = :kid AND (verifies_until IS NULL OR verifies_until > :at)";
        let key = |row: Row| Ok((row.try_get("team_id")?, Secret::new(row.try_get("secret")?)));
        self.row(sql, &[("kid", &kid), ("at", &at)])?.map(key).transpose()
    }

    fn signing_key_for_sign_in(&mut self, team: TeamId) -> Result<Option<SigningKey>> {
        self.hold(team)?;
        current_signing_key(self, team)
    }

    fn session_for_sign_in(
        &mut self,
        team: TeamId,
        session: SessionId,
    ) -> Result<Option<SignInSession>> {
        self.hold(team)?;
        let sql = "SELECT s.session_id, s.key_id, s.secret_number, s.started_at, s.expires_at,
                          s.ended_at, a.agent_id, a.slug, a.display_name, a.agent_type,
                          a.description, a.status, a.created_at
                   FROM sessions s
                   JOIN agents a ON a.team_id = s.team_id AND a.agent_id = s.agent_id
                   WHERE s.team_id = :team AND s.session_id = :session";
        let found = |row: Row| {
            Ok(SignInSession {
                id: row.try_get("session_id")?,
                agent: agent_row(&row)?,
                key: row.try_get("key_id")?,
                secret_number: row.try_get("secret_number")?,
                started_at: row.try_get("started_at")?,
                expires_at: row.try_get("expires_at")?,
                ended_at: row.try_get("ended_at")?,
            })
        };
        self.row(sql, &[("team", &team), ("session", &session)])?.map(found).transpose()
    }

    fn credential_state(
        &mut self,
        team: TeamId,
        credential: &Credential,
        agent: Option<AgentId>,
        at: Timestamp,
    ) -> Result<CredentialState> {
        self.hold(team)?;
        // All in one journey, with what the unit's event will need.
        let (key, member, number, shown) = match credential {
            Credential::Local | Credential::System => (None, None, 0, None),
            Credential::Member { id, change_number } => (None, Some(*id), *change_number, None),
            Credential::Key { id, secret_number, session } => {
                (Some(*id), None, *secret_number, *session)
            }
        };
        let of_member = "SELECT 1 FROM members
                         WHERE team_id = :team AND member_id = :member AND status = 'active'
                           AND change_number = :number";
        let of_key = "SELECT 1 FROM keys
                      WHERE team_id = :team AND key_id = :key AND is_active
                        AND secret_hash IS NOT NULL
                        AND (expires_at IS NULL OR expires_at > :at)
                        AND (secret_number = :number
                             OR secret_number = :number + 1::bigint AND previous_until > :at)";
        let of_agent = "SELECT status FROM agents WHERE team_id = :team AND agent_id = :agent";
        let of_session = "SELECT expires_at, ended_at FROM sessions
                          WHERE team_id = :team AND session_id = :session AND key_id = :key
                            AND secret_number = :number";
        let params: Params<'_> = &[
            ("team", &team),
            ("key", &key),
            ("member", &member),
            ("at", &at),
            ("number", &number),
            ("session", &shown),
            ("agent", &agent),
        ];
        let mut statements =
            vec![(if member.is_some() { of_member } else { of_key }, params), (of_agent, params)];
        if shown.is_some() {
            statements.push((of_session, params));
        }
        let wants_end = self.is_writer() && !self.chain_ends.contains_key(&team);
        if wants_end {
            statements.push((CHAIN_END, params));
        }
        let mut answers = self.all_rows(&statements)?;
        if wants_end {
            let end = answers.pop().unwrap_or_default();
            note_chain_end(self, team, end.first())?;
        }
        let session = match shown {
            None => None,
            Some(_) => Some(match answers.pop().unwrap_or_default().first() {
                Some(row) => {
                    SessionState::at(at, row.try_get("expires_at")?, row.try_get("ended_at")?)
                }
                None => SessionState::Ended,
            }),
        };
        let is_local = matches!(credential, Credential::Local | Credential::System);
        let is_live = is_local || !answers[0].is_empty();
        let status = answers[1].first().map(|row| row.try_get("status")).transpose()?;
        let trust = agent.map(|_| status.map_or(Trust::Blocked, Trust::parse));
        Ok(CredentialState { is_live, session, agent: trust })
    }

    fn ping(&mut self) -> Result<()> {
        self.exists("SELECT 1 FROM teams LIMIT 1", &[])?;
        Ok(())
    }
}

impl SignInTx for PgTx<'_> {
    fn add_agent(&mut self, team: TeamId, agent: &AgentRow) -> Result<()> {
        self.hold(team)?;
        insert_agent(self, team, agent)
    }

    fn rename_agent(&mut self, team: TeamId, agent: AgentId, slug: &str) -> Result<()> {
        self.hold(team)?;
        let sql = "UPDATE agents SET slug = :slug WHERE team_id = :team AND agent_id = :agent";
        self.execute(sql, &[("team", &team), ("agent", &agent), ("slug", &slug)])
    }

    fn bind_key(
        &mut self,
        team: TeamId,
        key: KeyId,
        agent: AgentId,
        is_locked: bool,
    ) -> Result<()> {
        self.hold(team)?;
        let sql = "UPDATE keys SET agent_id = :agent, is_locked = :is_locked
                   WHERE team_id = :team AND key_id = :key";
        self.execute(
            sql,
            &[("team", &team), ("key", &key), ("agent", &agent), ("is_locked", &is_locked)],
        )
    }

    fn touch_key(&mut self, team: TeamId, key: KeyId, at: Timestamp) -> Result<()> {
        self.hold(team)?;
        let sql = "UPDATE keys SET last_used_at = :at
                   WHERE team_id = :team AND key_id = :key
                     AND (last_used_at IS NULL OR last_used_at < :at)";
        self.execute(sql, &[("team", &team), ("key", &key), ("at", &at)])
    }

    fn renew_session(
        &mut self,
        team: TeamId,
        session: SessionId,
        expires_at: Timestamp,
        at: Timestamp,
    ) -> Result<bool> {
        self.hold(team)?;
        move_end(self, team, session, expires_at, at)
    }

    fn record_sign_in(&mut self, permit: &Permit, event: &Event) -> Result<()> {
        append(self, permit, event)
    }
}

fn sign_in_key(row: &Row) -> Result<SignInKey> {
    let has_agent = row.try_get::<_, Option<&str>>("agent_id")?.is_some();
    Ok(SignInKey {
        team: row.try_get("team_id")?,
        team_slug: row.try_get("team_slug")?,
        id: row.try_get("key_id")?,
        secrets_held: secrets_held(row)?,
        role: role(row)?,
        scopes: Scopes::parse(row.try_get("scopes")?),
        allow_list: allow_list(row)?,
        is_active: row.try_get("is_active")?,
        expires_at: row.try_get("expires_at")?,
        agent: if has_agent { Some(agent_row(row)?) } else { None },
        is_locked: row.try_get("is_locked")?,
        new_agents: trust_policy(row)?.new_agent(),
        secrets: secret_policy(row)?,
    })
}

/// A stored policy; one that this program doesn't know is the strictest.
pub(super) fn trust_policy(row: &Row) -> Result<TrustPolicy> {
    Ok(TrustPolicy::parse(row.try_get("trust_policy")?))
}

/// A stored policy; one that this program doesn't know is the strictest.
pub(super) fn secret_policy(row: &Row) -> Result<Policy> {
    Ok(Policy::parse(row.try_get("secret_policy")?).unwrap_or(Policy::Reject))
}

fn secrets_held(row: &Row) -> Result<Vec<HeldSecret>> {
    let number: i64 = row.try_get("secret_number")?;
    let current: Option<String> = row.try_get("secret_hash")?;
    let previous: Option<String> = row.try_get("previous_hash")?;
    let until: Option<Timestamp> = row.try_get("previous_until")?;
    let current = current.map(|hash| HeldSecret { hash, number, until: None });
    let previous = previous.zip(until).map(|(hash, until)| HeldSecret {
        hash,
        number: number - 1,
        until: Some(until),
    });
    Ok(current.into_iter().chain(previous).collect())
}
