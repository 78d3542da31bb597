//! Sessions: what their tokens say, and the keys that sign them. Pure: the caller brings the time.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::jws::{self, Unverified};
use crate::core::clock::Timestamp;
use crate::core::id::{SessionId, SigningKeyId, TeamId, TokenId};
use crate::core::secret::Secret;

pub use super::jws::Forged;

/// One hour in milliseconds.
pub const HOUR_MS: i64 = 60 * 60 * 1000;
/// How many hours a session lasts where nothing else was asked.
pub const USUAL_HOURS: u32 = 6;
/// How many hours from now a session may last at most. No token lives longer.
pub const MOST_HOURS: u32 = 24;
/// With so much left or less, an answer carries a renewed token.
pub const RENEWED_WITHIN_MS: i64 = 30 * 60 * 1000;

/// Issuer and audience of every token: they are for us and by us.
const US: &str = "memoranda";
/// A token holds from a little before it was made, so that a replica whose clock is behind ours
/// takes it at once.
const BEFORE_MS: i64 = 60 * 1000;

/// When a session of so many hours ends: on a whole second, as tokens hold it.
#[must_use]
pub fn end_after(from: Timestamp, hours: u32) -> Timestamp {
    let end = from.plus_millis(i64::from(hours) * HOUR_MS).as_millis();
    Timestamp::from_millis(end - end.rem_euclid(1000))
}

/// The namespace of an agent, for readers of older documents.
#[must_use]
pub fn namespace(agent: &str) -> String {
    format!("memanto_agent_{agent}")
}

/// What a token is made from.
#[derive(Debug, Clone)]
pub struct Grant {
    pub token: TokenId,
    pub team: TeamId,
    pub session: SessionId,
    /// The agent's id as callers see it.
    pub agent: String,
    pub started_at: Timestamp,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What a token says. The members of RFC 7519, and some for readers of older documents.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    team: String,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    agent_id: String,
    namespace: String,
    session_id: String,
    started_at: String,
    expires_at: String,
}

/// What a token was found to say once its signature held. Everything else is in the session's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub team: TeamId,
    pub session: SessionId,
    pub not_before: Timestamp,
    pub expires_at: Timestamp,
}

/// What signs a team's tokens. Its secret is 256 random bits.
#[derive(Clone)]
pub struct SigningKey {
    pub kid: SigningKeyId,
    pub secret: Secret,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Makes a key from the operating system's randomness.
    ///
    /// # Panics
    /// When the operating system gives no randomness: nothing safe can be done then.
    #[must_use]
    pub fn generate(kid: SigningKeyId) -> Self {
        let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
        getrandom::fill(&mut *bytes).expect("the operating system gives randomness");
        Self { kid, secret: Secret::new(URL_SAFE_NO_PAD.encode(*bytes)) }
    }

    /// A token for a session.
    #[must_use]
    pub fn sign(&self, grant: &Grant) -> Secret {
        let seconds = |at: Timestamp| at.as_millis().div_euclid(1000);
        let claims = Claims {
            iss: US.to_owned(),
            aud: US.to_owned(),
            sub: grant.agent.clone(),
            team: grant.team.to_string(),
            jti: grant.token.to_string(),
            iat: seconds(grant.issued_at),
            nbf: seconds(grant.issued_at.plus_millis(-BEFORE_MS)),
            exp: seconds(grant.expires_at),
            agent_id: grant.agent.clone(),
            namespace: namespace(&grant.agent),
            session_id: grant.session.to_string(),
            started_at: grant.started_at.to_string(),
            expires_at: grant.expires_at.to_string(),
        };
        let payload = serde_json::to_vec(&claims).expect("texts and numbers are JSON");
        jws::sign(&self.kid.to_string(), &self.secret, &payload)
    }
}

/// A token of the right form, and not to be believed before [`Token::check`].
pub struct Token<'t> {
    kid: SigningKeyId,
    unverified: Unverified<'t>,
}

impl<'t> Token<'t> {
    /// Takes a token apart, without touching anything else.
    ///
    /// # Errors
    /// [`Forged`] for what can't be one of ours.
    pub fn read(text: &'t str) -> Result<Self, Forged> {
        let unverified = Unverified::read(text)?;
        let kid = unverified.kid().parse().map_err(|_| Forged)?;
        Ok(Self { kid, unverified })
    }

    /// Which signing key it names.
    #[must_use]
    pub fn kid(&self) -> SigningKeyId {
        self.kid
    }

    /// What it says, if that key signed it for us.
    ///
    /// # Errors
    /// [`Forged`] for another signature, issuer or audience, or claims that aren't ours.
    pub fn check(&self, secret: &Secret) -> Result<Shown, Forged> {
        let payload = self.unverified.payload(secret)?;
        let claims: Claims = serde_json::from_slice(&payload).map_err(|_| Forged)?;
        if claims.iss != US || claims.aud != US {
            return Err(Forged);
        }
        let moment = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1000));
        Ok(Shown {
            team: claims.team.parse().map_err(|_| Forged)?,
            session: claims.session_id.parse().map_err(|_| Forged)?,
            not_before: moment(claims.nbf),
            expires_at: moment(claims.exp),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::core::id::Ids;

    fn at(millis: i64) -> Timestamp {
        Timestamp::parse("2026-11-22T09:00:00Z", false).expect("a time").plus_millis(millis)
    }

    fn grant(ids: &Ids) -> Grant {
        Grant {
            token: ids.next(at(0)),
            team: ids.next(at(0)),
            session: ids.next(at(0)),
            agent: "scout".to_owned(),
            started_at: at(0),
            issued_at: at(0),
            expires_at: end_after(at(0), 6),
        }
    }

    #[test]
    fn a_token_says_what_programs_read_without_checking_it() {
        let ids = Ids::default();
        let (key, grant) = (SigningKey::generate(ids.next(at(0))), grant(&ids));

        let token = key.sign(&grant);

        let payload = token.expose().split('.').nth(1).expect("three parts");
        let bytes = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
        let claims: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!((&claims["sub"], &claims["agent_id"]), (&"scout".into(), &"scout".into()));
        assert_eq!(claims["namespace"], "memanto_agent_scout");
        assert_eq!(claims["session_id"], grant.session.to_string());
        assert_eq!(claims["expires_at"], "2026-11-22T15:00:00.000Z");
        assert_eq!(claims["exp"].as_i64(), Some(grant.expires_at.as_millis() / 1000));
    }

    #[test]
    fn a_token_reads_back_under_its_own_key() {
        let ids = Ids::default();
        let (key, grant) = (SigningKey::generate(ids.next(at(0))), grant(&ids));
        let other = SigningKey::generate(key.kid);

        let text = key.sign(&grant);
        let token = Token::read(text.expose()).expect("ours");

        assert_eq!(token.kid(), key.kid);
        let shown = token.check(&key.secret).expect("signed");
        assert_eq!((shown.team, shown.session), (grant.team, grant.session));
        assert_eq!(shown.expires_at, grant.expires_at);
        assert_eq!(token.check(&other.secret), Err(Forged));
    }

    #[test]
    fn a_signing_key_never_prints_its_secret() {
        let key = SigningKey::generate(Ids::default().next(at(0)));

        assert!(!format!("{key:?}").contains(key.secret.expose()));
        assert_eq!(key.secret.expose().len(), 43);
    }
}
