//! argon2id, off the async threads, a few at a time.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::core::error::{Error, Result};
use crate::core::secret::Secret;

/// Hashes and verifies secrets with argon2id (RFC 9106; 19 MiB, 2 passes, 1 lane).
///
/// Each takes tens of milliseconds and 19 MiB by design, so at most `parallel` run at once and
/// the others wait their turn.
#[derive(Debug, Clone)]
pub struct Hasher {
    places: Arc<Semaphore>,
}

impl Hasher {
    /// A hasher that runs at most `parallel` computations at once (at least one).
    #[must_use]
    pub fn new(parallel: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(parallel.max(1))) }
    }

    /// The PHC string of a secret, with a salt of its own.
    ///
    /// # Errors
    /// `INTERNAL` when the operating system gives no randomness or the computation fails.
    pub async fn hash(&self, secret: Secret) -> Result<String> {
        let place = self.place().await?;
        aside(place, move || {
            Argon2::default()
                .hash_password(secret.expose().as_bytes())
                .map(|hash: PasswordHash| hash.to_string())
                .map_err(|error| Error::internal(error.to_string()))
        })
        .await
    }

    /// Whether the secret is the one that was hashed. Compared in constant time.
    ///
    /// `is_known` is asked once its turn has come: of many that wait with one secret, the first
    /// computes and the others may know by then.
    ///
    /// # Errors
    /// `INTERNAL` when the stored hash can't be read.
    pub async fn verify(
        &self,
        secret: Secret,
        hash: String,
        is_known: impl Fn() -> bool,
    ) -> Result<bool> {
        let place = self.place().await?;
        if is_known() {
            return Ok(true);
        }
        aside(place, move || {
            let hash =
                PasswordHash::new(&hash).map_err(|error| Error::internal(error.to_string()))?;
            Ok(Argon2::default().verify_password(secret.expose().as_bytes(), &hash).is_ok())
        })
        .await
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.places).acquire_owned().await.map_err(Error::internal)
    }
}

/// Runs a computation on a thread of its own. The place goes with it: a caller that hangs up
/// doesn't make room for another while it still runs.
async fn aside<T: Send + 'static>(
    place: OwnedSemaphorePermit,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let run = move || {
        let outcome = work();
        drop(place);
        outcome
    };
    tokio::task::spawn_blocking(run).await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_secret_matches_its_own_hash_and_no_other() {
        let hasher = Hasher::new(1);
        let secret = Secret::new("correct horse".to_owned());

        let hash = hasher.hash(secret.clone()).await.expect("hashes");

        assert!(hash.starts_with("$argon2id$"));
        let wrong = Secret::new("wrong".to_owned());
        let unknown = || false;
        assert!(hasher.verify(secret, hash.clone(), unknown).await.expect("verifies"));
        assert!(!hasher.verify(wrong, hash, unknown).await.expect("verifies"));
    }

    #[tokio::test]
    async fn what_is_known_when_its_turn_comes_is_not_computed() {
        let hasher = Hasher::new(1);
        let secret = Secret::new("correct horse".to_owned());

        // A hash that can't be read would be an error if it were looked at.
        let verified = hasher.verify(secret, "no hash".to_owned(), || true).await;

        assert!(verified.expect("not computed"));
    }

    #[tokio::test]
    async fn a_caller_that_hangs_up_keeps_its_place_while_the_computation_runs() {
        let hasher = Hasher::new(1);
        let place = hasher.place().await.expect("a place");
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let (started, start) = tokio::sync::oneshot::channel();
        let (ended, end) = tokio::sync::oneshot::channel();
        let running = tokio::spawn(aside(place, move || {
            let _ = started.send(());
            let _ = gone.recv();
            let _ = ended.send(());
            Ok(())
        }));
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
