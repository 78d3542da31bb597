//! Token buckets: how often something may happen, for each of many. The time comes from outside.
//!
//! The one idea: a bucket is one number, the moment at which it will be full again. What is full
//! now is the same as what was never used, so only those in use take memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use super::clock::Timestamp;

/// So many at once, and then one after each interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    at_once: i64,
    every_micros: i64,
}

impl Rate {
    /// `at_once` together, then `count` in each `seconds`. `None` when one of them is 0: no limit.
    #[must_use]
    pub fn new(at_once: u32, count: u32, seconds: u32) -> Option<Self> {
        let every_micros = (i64::from(seconds) * 1_000_000).checked_div(i64::from(count))?;
        let rate = Self { at_once: i64::from(at_once), every_micros: every_micros.max(1) };
        (at_once > 0 && seconds > 0).then_some(rate)
    }

    /// How long an empty bucket takes to be full again.
    fn to_fill(self) -> i64 {
        self.at_once * self.every_micros
    }
}

/// There was none left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Empty {
    /// Whole seconds until there is one again; at least 1.
    pub retry_after_seconds: u64,
    /// Whether nothing was said of this bucket within the last minute: whoever logs it, logs this.
    pub is_news: bool,
}

/// A bucket for each key.
#[derive(Debug)]
pub struct Buckets<K> {
    rate: Rate,
    held: Mutex<Held<K>>,
}

#[derive(Debug)]
struct Held<K> {
    buckets: HashMap<K, Bucket>,
    /// Those that are full again are dropped when there are so many.
    sweep_at: usize,
}

/// In microseconds since the epoch.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    full_at: i64,
    told_at: i64,
}

/// How many buckets are kept before any is looked at again.
const FEW: usize = 1024;

/// How many are kept at most.
const MOST: usize = 65_536;

const MINUTE: i64 = 60 * 1_000_000;

impl<K: Eq + Hash> Buckets<K> {
    /// Full buckets of a rate.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self { rate, held: Mutex::new(Held { buckets: HashMap::new(), sweep_at: FEW }) }
    }

    /// Takes one.
    ///
    /// # Errors
    /// [`Empty`] when there is none; nothing is taken then.
    pub fn take(&self, key: K, at: Timestamp) -> Result<(), Empty> {
        let now = micros(at);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.buckets.len() >= held.sweep_at {
            held.sweep(now);
        }
        let fresh = Bucket { full_at: now, told_at: now - MINUTE };
        let bucket = held.buckets.entry(key).or_insert(fresh);
        // Later than an empty one is full only if the clock was set back: it must not wait for that.
        bucket.full_at = bucket.full_at.clamp(now, now + self.rate.to_fill());
        let wait = bucket.full_at + self.rate.every_micros - now - self.rate.to_fill();
        if wait <= 0 {
            bucket.full_at += self.rate.every_micros;
            return Ok(());
        }
        let is_news = (now - bucket.told_at).abs() >= MINUTE;
        if is_news {
            bucket.told_at = now;
        }
        let seconds = u64::try_from(wait).unwrap_or_default().div_ceil(1_000_000);
        Err(Empty { retry_after_seconds: seconds.max(1), is_news })
    }

    /// Puts one back that was taken.
    pub fn give_back(&self, key: &K) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = held.buckets.get_mut(key) {
            bucket.full_at -= self.rate.every_micros;
        }
    }
}

impl<K: Eq + Hash> Held<K> {
    fn sweep(&mut self, now: i64) {
        self.buckets.retain(|_, bucket| bucket.full_at > now);
        if self.buckets.len() >= MOST {
            // All in use: forget them all rather than grow. Each begins full again.
            self.buckets.clear();
        }
        self.sweep_at = (2 * self.buckets.len()).clamp(FEW, MOST);
    }
}

fn micros(at: Timestamp) -> i64 {
    at.as_millis().saturating_mul(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_795_348_800_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(NOON + millis)
    }

    /// How many can be taken in a row.
    fn taken(buckets: &Buckets<u32>, key: u32, millis: i64) -> usize {
        (0..1_000).take_while(|_| buckets.take(key, at(millis)).is_ok()).count()
    }

    #[test]
    fn so_many_at_once_and_then_at_the_rate() {
        let buckets = Buckets::new(Rate::new(10, 2, 1).expect("a rate"));

        assert_eq!(taken(&buckets, 1, 0), 10);
        assert_eq!(taken(&buckets, 1, 499), 0);
        assert_eq!(taken(&buckets, 1, 500), 1);
        assert_eq!(taken(&buckets, 1, 2_000), 3);
        assert_eq!(taken(&buckets, 1, 3_600_000), 10, "never more than it holds");
        assert_eq!(taken(&buckets, 2, 0), 10, "another's is its own");
    }

    #[test]
    fn whoever_waits_as_long_as_told_is_let_in() {
        let buckets = Buckets::new(Rate::new(3, 1, 7).expect("a rate"));
        taken(&buckets, 1, 0);

        let told = buckets.take(1, at(100)).expect_err("empty").retry_after_seconds;

        assert_eq!(told, 7);
        let waited = 100 + 1_000 * i64::try_from(told).expect("small");
        assert!(buckets.take(1, at(waited)).is_ok());
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let buckets = Buckets::new(Rate::new(2, 1, 60).expect("a rate"));

        for _ in 0..100 {
            buckets.take(1, at(0)).expect("there is one");
            buckets.give_back(&1);
        }

        assert_eq!(taken(&buckets, 1, 0), 2);
    }

    #[test]
    fn it_is_news_once_a_minute_for_each() {
        let buckets = Buckets::new(Rate::new(1, 1, 3_600).expect("a rate"));
        let is_news = |key, millis| buckets.take(key, at(millis)).expect_err("empty").is_news;
        for key in [1, 2] {
            buckets.take(key, at(0)).expect("there is one");
        }

        let first = [is_news(1, 0), is_news(1, 1), is_news(1, 59_999)];
        let second = [is_news(2, 59_999), is_news(1, 60_000), is_news(1, 60_001)];

        assert_eq!(first, [true, false, false]);
        assert_eq!(second, [true, true, false]);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let buckets = Buckets::new(Rate::new(10, 1, 1).expect("a rate"));
        taken(&buckets, 1, 86_400_000);

        let told = buckets.take(1, at(0)).expect_err("as if it were empty").retry_after_seconds;

        assert_eq!(told, 1);
        assert!(buckets.take(1, at(11_000)).is_ok());
    }

    #[test]
    fn those_that_are_full_again_take_no_memory() {
        let buckets = Buckets::new(Rate::new(1, 1, 1).expect("a rate"));

        for key in 0..200_000 {
            buckets.take(key, at(i64::from(key))).expect("a fresh one");
        }

        let kept = buckets.held.lock().expect("not poisoned").buckets.len();
        assert!(kept <= 2 * FEW, "{kept}");
    }

    #[test]
    fn they_never_grow_beyond_their_bound() {
        let buckets = Buckets::new(Rate::new(1, 1, 3_600).expect("a rate"));

        for key in 0..200_000 {
            buckets.take(key, at(0)).expect("a fresh one");
        }

        assert!(buckets.held.lock().expect("not poisoned").buckets.len() <= MOST);
    }

    #[test]
    fn a_rate_of_nothing_is_none() {
        assert_eq!(Rate::new(0, 1, 1), None);
        assert_eq!(Rate::new(1, 0, 1), None);
        assert_eq!(Rate::new(1, 1, 0), None);
    }
}
