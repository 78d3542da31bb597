//! argon2id, off the async threads, a few at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::core::error::{Error, Result};
use crate::core::secret::Secret;

/// Hashes and verifies secrets with argon2id (RFC 9106; 19 MiB, 2 passes, 1 lane).
///
/// Each takes tens of milliseconds and 19 MiB by design, so at most `parallel` run at once, and
/// the others wait their turn, for a time.
#[derive(Debug, Clone)]
pub struct Hasher {
    places: Arc<Semaphore>,
    wait_for: Duration,
    computed: Arc<AtomicU64>,
}

/// Whether a secret matched. Its turn lasts until this is dropped, so that what follows from it is
/// known before the next one's turn comes.
#[derive(Debug)]
pub struct Verdict {
    pub is_match: bool,
    _place: OwnedSemaphorePermit,
}

impl Hasher {
    /// A hasher that runs at most `parallel` computations at once (at least one), each of which
    /// waits at most `wait_for` to begin.
    #[must_use]
    pub fn new(parallel: usize, wait_for: Duration) -> Self {
        let places = Arc::new(Semaphore::new(parallel.max(1)));
        Self { places, wait_for, computed: Arc::default() }
    }

    /// How many computations it has run.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// The PHC string of a secret, with a salt of its own.
    ///
    /// # Errors
    /// `INTERNAL` when the operating system gives no randomness or the computation fails;
    /// `UNAVAILABLE` when its turn doesn't come in time.
    pub async fn hash(&self, secret: Secret) -> Result<String> {
        let place = self.place().await?;
        let (hash, _) = self
            .aside(place, move || {
                Argon2::default()
                    .hash_password(secret.expose().as_bytes())
                    .map(|hash: PasswordHash| hash.to_string())
                    .map_err(|error| Error::internal(error.to_string()))
            })
            .await?;
        Ok(hash)
    }

    /// Whether the secret is the one that was hashed. Compared in constant time.
    ///
    /// `is_known` is asked once its turn has come: of many that wait with one secret, the first
    /// computes and the others may know by then. It may also refuse.
    ///
    /// # Errors
    /// Those of `is_known`; `INTERNAL` when the stored hash can't be read; `UNAVAILABLE` when its
    /// turn doesn't come in time.
    pub async fn verify(
        &self,
        secret: Secret,
        hash: String,
        is_known: impl Fn() -> Result<bool>,
    ) -> Result<Verdict> {
        let place = self.place().await?;
        if is_known()? {
            return Ok(Verdict { is_match: true, _place: place });
        }
        let (is_match, place) = self
            .aside(place, move || {
                let hash =
                    PasswordHash::new(&hash).map_err(|error| Error::internal(error.to_string()))?;
                Ok(Argon2::default().verify_password(secret.expose().as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(Verdict { is_match, _place: place })
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.places).acquire_owned();
        let place = tokio::time::timeout(self.wait_for, place).await;
        place
            .map_err(|_| Error::busy("too many secrets wait to be checked"))?
            .map_err(Error::internal)
    }

    /// Runs a computation on a thread of its own. The place goes with it and comes back: a caller
    /// that hangs up doesn't make room for another while it still runs.
    async fn aside<T: Send + 'static>(
        &self,
        place: OwnedSemaphorePermit,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<(T, OwnedSemaphorePermit)> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let run = move || work().map(|outcome| (outcome, place));
        tokio::task::spawn_blocking(run).await.map_err(Error::internal)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::Code;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_secret_matches_its_own_hash_and_no_other() {
        let hasher = Hasher::new(1, LONG);
        let secret = Secret::new("correct horse".to_owned());

        let hash = hasher.hash(secret.clone()).await.expect("hashes");

        assert!(hash.starts_with("$argon2id$"));
        let wrong = Secret::new("wrong".to_owned());
        let unknown = || Ok(false);
        let right = hasher.verify(secret, hash.clone(), unknown).await.expect("verifies").is_match;
        let wrong = hasher.verify(wrong, hash, unknown).await.expect("verifies").is_match;
        assert_eq!((right, wrong), (true, false));
    }

    #[tokio::test]
    async fn what_is_known_when_its_turn_comes_is_not_computed() {
        let hasher = Hasher::new(1, LONG);
        let secret = Secret::new("correct horse".to_owned());

        // A hash that can't be read would be an error if it were looked at.
        let verified = hasher.verify(secret, "no hash".to_owned(), || Ok(true)).await;

        assert!(verified.expect("not computed").is_match);
        assert_eq!(hasher.computed(), 0);
    }

    #[tokio::test]
    async fn what_is_refused_when_its_turn_comes_is_not_computed() {
        let hasher = Hasher::new(1, LONG);
        let secret = Secret::new("correct horse".to_owned());
        let refuse = || Err(Error::new(Code::RateLimited, "too often"));

        let refused = hasher.verify(secret, "no hash".to_owned(), refuse).await;

        assert_eq!(refused.expect_err("refused").code(), Code::RateLimited);
        assert_eq!((hasher.computed(), hasher.places.available_permits()), (0, 1));
    }

    #[tokio::test]
    async fn one_whose_turn_does_not_come_in_time_is_told_to_come_again() {
        let hasher = Hasher::new(1, Duration::ZERO);
        let place = hasher.place().await.expect("a place");

        let refused = hasher.hash(Secret::new("correct horse".to_owned())).await;
        drop(place);
        let second = hasher.hash(Secret::new("correct horse".to_owned())).await;

        let refused = refused.expect_err("no place");
        assert_eq!((refused.code(), refused.retry_after_seconds()), (Code::Unavailable, Some(1)));
        assert!(second.is_ok());
    }

    #[tokio::test]
    async fn a_caller_that_hangs_up_keeps_its_place_while_the_computation_runs() {
        let hasher = Hasher::new(1, LONG);
        let place = hasher.place().await.expect("a place");
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let (started, start) = tokio::sync::oneshot::channel();
        let (ended, end) = tokio::sync::oneshot::channel();
        let held = hasher.clone();
        let running = tokio::spawn(async move {
            let work = move || {
                let _ = started.send(());
                let _ = gone.recv();
                let _ = ended.send(());
                Ok(())
            };
            held.aside(place, work).await
        });
        start.await.expect("it starts");

        running.abort();
        let _ = running.await;
        let taken = hasher.places.try_acquire().is_err();
        go.send(()).expect("it still runs");
        end.await.expect("it ends");

        assert!(taken);
        drop(hasher.place().await.expect("free again"));
    }
}
