//! Which secrets were found to match which hashes, for an hour after they were last presented, so
//! that argon2id runs once for each key and process and not for each request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::core::secret::Secret;

const KEPT_FOR: Duration = Duration::from_secs(60 * 60);
const MOST: usize = 4096;

type Mark = [u8; 32];

/// Remembers pairs of secret and hash by an HMAC under a key that this process made for itself:
/// neither can be read back from memory, and a rotated hash matches no older mark.
pub(super) struct Verified {
    key: [u8; 32],
    until: Mutex<HashMap<Mark, Instant>>,
}

impl Verified {
    pub(super) fn new() -> Self {
        let mut key = [0; 32];
        getrandom::fill(&mut key).expect("the operating system gives randomness");
        Self { key, until: Mutex::default() }
    }

    pub(super) fn has(&self, secret: &Secret, hash: &str) -> bool {
        let mark = self.mark(secret, hash);
        let now = Instant::now();
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = until.get_mut(&mark).filter(|until| now < **until) else { return false };
        // A key in use must not lapse: what comes from an address that guesses is not verified anew.
        *until = now + KEPT_FOR;
        true
    }

    pub(super) fn add(&self, secret: &Secret, hash: &str) {
        let mark = self.mark(secret, hash);
        let now = Instant::now();
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= MOST {
            until.retain(|_, until| now < *until);
        }
        if until.len() >= MOST {
            // Full of live ones: forget them all rather than grow. Each costs one argon2id again.
            until.clear();
        }
        until.insert(mark, now + KEPT_FOR);
    }

    fn mark(&self, secret: &Secret, hash: &str) -> Mark {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any length is a key");
        mac.update(hash.as_bytes());
        mac.update(&[0]);
        mac.update(secret.expose().as_bytes());
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_holds_for_its_own_pair_only() {
        let verified = Verified::new();
        let (secret, other) = (Secret::new("one".into()), Secret::new("two".into()));

        verified.add(&secret, "hash-a");

        assert!(verified.has(&secret, "hash-a"));
        assert!(!verified.has(&secret, "hash-b"));
        assert!(!verified.has(&other, "hash-a"));
    }

    #[test]
    fn it_never_grows_beyond_its_bound() {
        let verified = Verified::new();

        for number in 0..=MOST {
            verified.add(&Secret::new(number.to_string()), "hash");
        }

        assert!(verified.until.lock().expect("not poisoned").len() <= MOST);
    }
}
