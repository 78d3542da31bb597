//! How often an address may fail to prove who it is, so that guessing costs the guesser.
//!
//! The one idea: an attempt is counted before the costly part of it runs and taken back when it
//! succeeds, so that many at once can't all slip in before the first has failed. Keys, and whatever
//! else a caller can guess at, share one count for each address.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;

use crate::core::bucket::{Buckets, Empty, Rate};
use crate::core::clock::Clock;
use crate::core::error::{Code, Error, Result};

/// What addresses have failed lately.
pub struct Attempts {
    failures: Option<Buckets<IpAddr>>,
    /// So many at once, and then so many a minute.
    most: u32,
    clock: Arc<dyn Clock>,
}

/// One try to prove something, which ends with [`Attempt::settle`].
pub struct Attempt<'a> {
    bound: Option<(&'a Attempts, &'a Buckets<IpAddr>, IpAddr)>,
    counted: AtomicU32,
}

impl Attempts {
    /// At most `most` failures of an address at once, and then so many a minute; 0 for no limit.
    #[must_use]
    pub fn new(most: u32, clock: Arc<dyn Clock>) -> Self {
        let failures = Rate::new(most, most, 60).map(Buckets::new);
        Self { failures, most, clock }
    }

    /// An attempt from an address. A network that one host usually has whole (IPv6's /64) counts as
    /// one address.
    #[must_use]
    pub fn from(&self, address: Option<IpAddr>) -> Attempt<'_> {
        let bound = self.failures.as_ref().zip(address);
        let bound = bound.map(|(failures, address)| (self, failures, network(address)));
        Attempt { bound, counted: AtomicU32::new(0) }
    }

    fn refuse(&self, empty: Empty) -> Error {
        if empty.is_news {
            tracing::warn!("an address has failed to sign in too often and is refused for a while");
        }
        let limit = json!({ "failed_sign_ins": self.most, "seconds": 60 });
        let message = "too many failed sign-ins came from this address";
        Error::rate_limited(message, empty.retry_after_seconds, limit)
    }
}

impl Attempt<'_> {
    /// An attempt that is never counted.
    #[must_use]
    pub fn unbounded() -> Self {
        Self { bound: None, counted: AtomicU32::new(0) }
    }

    /// Counts it as failed, until it is settled. To be called right before what costs.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the address has failed too often.
    pub fn count(&self) -> Result<()> {
        let Some((attempts, failures, address)) = self.bound else { return Ok(()) };
        failures.take(address, attempts.clock.now()).map_err(|empty| attempts.refuse(empty))?;
        self.counted.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Refuses early what [`Attempt::count`] would refuse now: before it waits for its turn.
    ///
    /// # Errors
    /// As [`Attempt::count`].
    pub fn check(&self) -> Result<()> {
        self.count()?;
        self.take_back();
        Ok(())
    }

    /// Ends it. What failed to prove anything (401) stays counted; all else is taken back.
    ///
    /// # Errors
    /// That of the outcome; `RATE_LIMITED` in its place when it is a failure too many.
    pub fn settle<T>(self, outcome: Result<T>) -> Result<T> {
        self.settle_by(outcome, |error| error.code().http() == 401)
    }

    /// As [`Attempt::settle`], where a failed guess is told by something else than 401.
    ///
    /// # Errors
    /// As [`Attempt::settle`].
    pub fn settle_by<T>(
        self,
        outcome: Result<T>,
        is_failure: impl Fn(&Error) -> bool,
    ) -> Result<T> {
        match outcome {
            Err(error) if is_failure(&error) => {
                if self.counted.load(Ordering::Relaxed) == 0 {
                    self.count()?;
                }
                Err(error)
            }
            // Counted before, for another secret of the same key, or not at all.
            Err(error) if error.code() == Code::RateLimited => Err(error),
            other => {
                self.take_back();
                other
            }
        }
    }

    /// Counts it as no failure: it proved what it had to. Sooner than it is settled, because others
    /// of its address wait.
    pub fn take_back(&self) {
        let counted = self.counted.swap(0, Ordering::Relaxed);
        let Some((_, failures, address)) = self.bound else { return };
        for _ in 0..counted {
            failures.give_back(&address);
        }
    }
}

/// What counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let mask = u128::MAX << 64;
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::{ManualClock, Timestamp};

    fn attempts(most: u32) -> (Attempts, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(0)));
        (Attempts::new(most, Arc::clone(&clock) as Arc<dyn Clock>), clock)
    }

    fn fail(attempts: &Attempts, address: &str) -> Code {
        let attempt = attempts.from(Some(address.parse().expect("an address")));
        let outcome: Result<()> = Err(Error::invalid_api_key());
        attempt.settle(outcome).expect_err("failed").code()
    }

    #[test]
    fn failures_are_counted_and_forgiven_with_time() {
        let (attempts, clock) = attempts(3);

        let codes: Vec<Code> = (0..4).map(|_| fail(&attempts, "192.0.2.1")).collect();
        clock.advance(20_000);
        let later = [fail(&attempts, "192.0.2.1"), fail(&attempts, "192.0.2.1")];

        let (wrong, limited) = (Code::InvalidApiKey, Code::RateLimited);
        assert_eq!(codes, [wrong, wrong, wrong, limited]);
        assert_eq!(later, [wrong, limited]);
        assert_eq!(fail(&attempts, "192.0.2.2"), wrong, "another address is another's");
    }

    #[test]
    fn what_succeeds_or_is_no_failure_of_the_callers_is_not_counted() {
        let (attempts, _) = attempts(1);
        let address = "192.0.2.1".parse().ok();

        for _ in 0..5 {
            let attempt = attempts.from(address);
            attempt.count().expect("there is one left");
            attempt.settle(Ok(())).expect("as it was");
            let attempt = attempts.from(address);
            attempt.count().expect("there is one left");
            let busy: Result<()> = Err(Error::busy("later"));
            assert_eq!(attempt.settle(busy).expect_err("failed").code(), Code::Unavailable);
        }
    }

    #[test]
    fn an_attempt_that_runs_is_counted_already() {
        let (attempts, _) = attempts(1);
        let first = attempts.from("192.0.2.1".parse().ok());
        first.count().expect("there is one");

        let second = attempts.from("192.0.2.1".parse().ok());

        assert_eq!(second.count().expect_err("none is left").code(), Code::RateLimited);
        first.settle(Ok(())).expect("as it was");
        second.count().expect("given back");
    }

    #[test]
    fn a_network_of_one_host_is_one_address() {
        let (attempts, _) = attempts(1);

        let codes = [
            "2001:db8:1:2::1",
            "2001:db8:1:2:ffff::2",
            "2001:db8:1:3::1",
            "192.0.2.1",
            "::ffff:192.0.2.1",
        ]
        .map(|address| fail(&attempts, address));

        let (wrong, limited) = (Code::InvalidApiKey, Code::RateLimited);
        assert_eq!(codes, [wrong, limited, wrong, wrong, limited]);
    }

    #[test]
    fn without_a_limit_or_an_address_nothing_is_counted() {
        let (bounded, _) = attempts(1);
        let (unbounded, _) = attempts(0);

        for _ in 0..100 {
            assert_eq!(fail(&unbounded, "192.0.2.1"), Code::InvalidApiKey);
            let outcome: Result<()> = Err(Error::invalid_api_key());
            let settled = bounded.from(None).settle(outcome);
            assert_eq!(settled.expect_err("failed").code(), Code::InvalidApiKey);
        }
    }
}
