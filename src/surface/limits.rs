//! How much one caller may ask of a server, and a server of itself.

use std::time::Duration;

use serde_json::json;

use super::peer::Proxies;
use crate::auth::Principal;
use crate::core::bucket::{Buckets, Rate};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::identity::key::KeyId;

/// Limits of one HTTP server. What counts or costs memory is of this process alone.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many requests a second one key may make for long; 0 for no limit.
    pub requests_per_second: u32,
    /// How many it may make at once, after a pause.
    pub burst: u32,
    /// How many sign-ins of one address may fail at once, and then each minute; 0 for no limit.
    pub failed_sign_ins: u32,
    /// How many streams of one key may be open.
    pub streams: usize,
    /// How many connections may be open; others wait to be accepted.
    pub connections: usize,
    /// The largest request body, in bytes.
    pub body_bytes: usize,
    /// How long a request's head may take to arrive, and how long a connection may be idle.
    pub header_for: Duration,
    /// How long a request may take to arrive and be answered.
    pub request_for: Duration,
    /// How long running requests may take to end once the server stops.
    pub shutdown_for: Duration,
    /// Who may say, in `X-Forwarded-For`, from which address a request came.
    pub trusted_proxies: Proxies,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_second: 200,
            burst: 2000,
            failed_sign_ins: 20,
            streams: 8,
            // Many systems let a process have 1,024 files open, and the database needs some.
            connections: 900,
            body_bytes: 4 * 1024 * 1024,
            header_for: Duration::from_secs(30),
            request_for: Duration::from_secs(60),
            shutdown_for: Duration::from_secs(10),
            trusted_proxies: Proxies::default(),
        }
    }
}

/// Counts the requests of each key; the sessions of a key share its count.
pub(super) struct Throttle {
    requests: Option<Buckets<KeyId>>,
    per_second: u32,
    burst: u32,
}

impl Throttle {
    pub(super) fn new(limits: &Limits) -> Self {
        let (per_second, burst) = (limits.requests_per_second, limits.burst);
        let requests = Rate::new(burst, per_second, 1).map(Buckets::new);
        Self { requests, per_second, burst }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the key has made too many.
    pub(super) fn count(&self, principal: &Principal, at: Timestamp) -> Result<()> {
        let Some((requests, key)) = self.requests.as_ref().zip(principal.credential.key()) else {
            return Ok(());
        };
        requests.take(key, at).map_err(|empty| {
            if empty.is_news {
                tracing::warn!(credential.id = %key, "a key is over its rate of requests");
            }
            let limit = json!({ "requests_per_second": self.per_second, "burst": self.burst });
            let message = "too many requests came with this key";
            Error::rate_limited(message, empty.retry_after_seconds, limit)
        })
    }
}
