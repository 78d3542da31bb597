//! argon2id, off the async threads, a few at a time.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

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
        self.run(move || {
            Argon2::default()
                .hash_password(secret.expose().as_bytes())
                .map(|hash: PasswordHash| hash.to_string())
                .map_err(|error| Error::internal(error.to_string()))
        })
        .await
    }

    /// Whether the secret is the one that was hashed. Compared in constant time.
    ///
    /// # Errors
    /// `INTERNAL` when the stored hash can't be read.
    pub async fn verify(&self, secret: Secret, hash: String) -> Result<bool> {
        self.run(move || {
            let hash =
                PasswordHash::new(&hash).map_err(|error| Error::internal(error.to_string()))?;
            Ok(Argon2::default().verify_password(secret.expose().as_bytes(), &hash).is_ok())
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _place = self.places.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }
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
        assert!(hasher.verify(secret, hash.clone()).await.expect("verifies"));
        assert!(!hasher.verify(Secret::new("wrong".to_owned()), hash).await.expect("verifies"));
    }
}
