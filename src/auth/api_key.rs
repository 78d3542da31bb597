//! API keys: what came in the headers, and whom it proves.

use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::secret::Secret;
use crate::identity::actor::{Actor, AgentRef, Credential, Trust, check_slug};
use crate::identity::key::{ApiKey, owner_of_agent};
use crate::store::agents::AgentRow;
use crate::store::sign_in::SignInKey;

use super::attempts::Attempt;
use super::{Auth, Principal};

/// The header values that may carry a credential, as they came. `None` in a list is a value that
/// is not text.
#[derive(Debug, Default)]
pub struct Presented<'a> {
    pub authorization: Vec<Option<&'a str>>,
    pub api_key: Vec<Option<&'a str>>,
    pub session_token: Vec<Option<&'a str>>,
}

impl Presented<'_> {
    /// The session token that was presented, if there is one.
    ///
    /// # Errors
    /// `INVALID_SESSION_TOKEN` when its header is empty, no text, or there twice.
    pub fn session_token(&self) -> Result<Option<Secret>> {
        match self.session_token[..] {
            [] => Ok(None),
            [Some(token)] if !token.trim().is_empty() => {
                Ok(Some(Secret::new(token.trim().to_owned())))
            }
            _ => Err(Error::new(
                Code::InvalidSessionToken,
                "the header `X-Session-Token` can't be read",
            )
            .with_fix("send it once, with the whole token that activating gave")),
        }
    }

    /// The API key that was presented beside something else, if there is one.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when its header is malformed, or two differ.
    pub fn key_beside(&self) -> Result<Option<Secret>> {
        if self.authorization.is_empty() && self.api_key.is_empty() {
            return Ok(None);
        }
        self.key().map(Some)
    }

    /// The one API key that was presented.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when there is none, its header is malformed, or two differ.
    pub fn key(&self) -> Result<Secret> {
        let mut found: Option<Secret> = None;
        let bearer = self.authorization.iter().map(|value| value.and_then(bearer));
        let plain = self.api_key.iter().map(|value| value.map(str::trim));
        for value in bearer.chain(plain) {
            let value = value
                .filter(|value| !value.is_empty())
                .ok_or_else(|| Error::unauthenticated("the credential's header can't be read"))?;
            let secret = Secret::new(value.to_owned());
            if found.as_ref().is_some_and(|first| !first.matches(&secret)) {
                return Err(Error::unauthenticated("two different credentials were sent"));
            }
            found = Some(secret);
        }
        found.ok_or_else(|| Error::unauthenticated("no credential was sent"))
    }
}

/// What follows `Bearer ` (RFC 6750; the scheme's case doesn't matter).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, credential) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| credential.trim())
}

impl Auth {
    /// As [`Auth::key_in`], for a caller on this machine, who may try as often as they like.
    ///
    /// # Errors
    /// As [`Auth::key_in`].
    pub async fn key(&self, presented: &Secret, agent: Option<&str>) -> Result<Principal> {
        let attempt = Attempt::unbounded();
        let outcome = self.key_in(&attempt, presented, agent).await;
        attempt.settle(outcome)
    }

    /// The principal of an API key, acting as the agent it names, or as its own.
    ///
    /// The agent's record is made on the key's first use, and the first id it names is the only one
    /// it may ever name. A malformed key or an unknown id costs no argon2id, and neither does a key
    /// that was verified lately: it isn't counted in the attempt, so that whoever guesses at the
    /// same address doesn't lock it out. The caller settles the attempt.
    ///
    /// # Errors
    /// `INVALID_API_KEY`; `INVALID_ARGUMENT` for a malformed agent id; `AGENT_KEY_CONFLICT`;
    /// `RATE_LIMITED` when the attempt's address has guessed too often; `UNAVAILABLE`.
    pub async fn key_in(
        &self,
        attempt: &Attempt<'_>,
        presented: &Secret,
        agent: Option<&str>,
    ) -> Result<Principal> {
        let (row, secret_number) = self.known_key(attempt, presented).await?;
        let (id, now) = (row.id, self.clock.now());
        if let Some(slug) = agent {
            check_slug("X-Agent-Id", slug)?;
            if owner_of_agent(slug).is_some_and(|owner| owner != id) {
                return Err(conflict());
            }
        }
        let bound = match (&row.agent, agent) {
            (Some(own), None) => own.clone(),
            (Some(own), Some(slug)) if row.is_locked && own.slug == slug => own.clone(),
            (_, Some(_)) if row.is_locked => return Err(conflict()),
            _ => self.bind_agent(id, agent, secret_number, now).await?,
        };
        self.note_use(id, row.team, now);
        Ok(principal(row, bound, secret_number))
    }

    /// The row of a key, and which of its live secrets was presented.
    pub(super) async fn known_key(
        &self,
        attempt: &Attempt<'_>,
        presented: &Secret,
    ) -> Result<(SignInKey, i64)> {
        let key = ApiKey::parse(presented.expose()).map_err(|_| Error::invalid_api_key())?;
        let id = key.id();
        let row = self.store.sign_in(move |tx| tx.key_for_sign_in(id)).await?;
        let row = row.ok_or_else(Error::invalid_api_key)?;
        let now = self.clock.now();
        let secret_number = self.matching_secret(attempt, &row, key.whole(), now).await?;
        Ok((row, secret_number))
    }

    /// Which of a key's live secrets was presented.
    async fn matching_secret(
        &self,
        attempt: &Attempt<'_>,
        row: &SignInKey,
        presented: &Secret,
        now: Timestamp,
    ) -> Result<i64> {
        // What was verified lately first, so that an overlap doesn't cost argon2id each time.
        if let Some(known) =
            row.live_secrets(now).find(|held| self.verified.has(presented, &held.hash))
        {
            return Ok(known.number);
        }
        attempt.check()?;
        for held in row.live_secrets(now) {
            let is_known = || {
                let is_known = self.verified.has(presented, &held.hash);
                if is_known { Ok(true) } else { attempt.count().map(|()| false) }
            };
            let secret = presented.clone();
            let verdict = self.hasher.verify(secret, held.hash.clone(), is_known).await?;
            if verdict.is_match {
                self.verified.add(presented, &held.hash);
                attempt.take_back();
                return Ok(held.number);
            }
        }
        Err(Error::invalid_api_key())
    }
}

/// The key names another agent than the one it is locked to.
pub(super) fn conflict() -> Error {
    Error::agent_key_conflict("this key is locked to another agent id")
        .with_fix("send the agent id this key was first used with, or none; or use another key")
}

pub(super) fn principal(key: SignInKey, agent: AgentRow, secret_number: i64) -> Principal {
    Principal {
        team: key.team,
        team_slug: key.team_slug,
        actor: Actor { agent: Some(AgentRef { id: agent.id, slug: agent.slug }), member: None },
        credential: Credential::Key { id: key.id, secret_number, session: None },
        role: key.role,
        scopes: key.scopes,
        allow_list: key.allow_list,
        trust: agent.status,
        secrets: key.secrets,
    }
}

/// How an agent that is new to a team begins.
pub(super) fn new_agent_status(key: &SignInKey) -> Trust {
    key.new_agents
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(authorization: &[&str], api_key: &[&str]) -> Result<String> {
        let presented = Presented {
            authorization: authorization.iter().copied().map(Some).collect(),
            api_key: api_key.iter().copied().map(Some).collect(),
            session_token: Vec::new(),
        };
        presented.key().map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn either_header_carries_the_key_and_both_may_if_they_agree() {
        assert_eq!(credential(&["Bearer k"], &[]).ok().as_deref(), Some("k"));
        assert_eq!(credential(&["bearer  k "], &[]).ok().as_deref(), Some("k"));
        assert_eq!(credential(&[], &["k"]).ok().as_deref(), Some("k"));
        assert_eq!(credential(&["Bearer k"], &["k"]).ok().as_deref(), Some("k"));
    }

    #[test]
    fn anything_else_is_unauthenticated_with_the_exact_form_as_its_fix() {
        let cases: [(&[&str], &[&str]); 7] = [
            (&[], &[]),
            (&["k"], &[]),
            (&["Basic k"], &[]),
            (&["Bearer "], &[]),
            (&[], &[""]),
            (&["Bearer k"], &["other"]),
            (&["Bearer k", "Bearer other"], &[]),
        ];
        for (authorization, api_key) in cases {
            let error = credential(authorization, api_key).expect_err("refused");

            assert_eq!(error.code(), Code::Unauthenticated);
            assert!(error.fix().is_some_and(|fix| fix.contains("Authorization: Bearer memo_")));
        }
    }
}
