//! From a credential to a [`Principal`]. Knows no operation.
//!
//! The one idea: what is cached is only "this secret matches this hash", never "this key is
//! live"; that is read from the store each time. Open [`api_key`] first.

mod again;
pub mod api_key;
pub mod attempts;
mod first_use;
mod local;
pub mod members;
pub mod session;
mod system;
mod verified;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::core::clock::{Clock, Timestamp};
use crate::core::error::Result;
use crate::core::id::{Ids, TeamId};
use crate::identity::hash::Hasher;
use crate::identity::key::KeyId;
use crate::store::Store;

use verified::Verified;

pub use crate::identity::principal::Principal;

/// Signs callers in.
pub struct Auth {
    store: Store,
    hasher: Hasher,
    clock: Arc<dyn Clock>,
    ids: Arc<Ids>,
    verified: Verified,
    /// When keys were last used, until [`Auth::write_last_used`] writes it down.
    used: Mutex<HashMap<KeyId, (TeamId, Timestamp)>>,
}

impl Auth {
    /// Signs in against a store.
    #[must_use]
    pub fn new(store: Store, hasher: Hasher, clock: Arc<dyn Clock>, ids: Arc<Ids>) -> Self {
        Self { store, hasher, clock, ids, verified: Verified::new(), used: Mutex::default() }
    }

    /// Writes down when keys were last used since this was last called. To be called about twice a
    /// minute and at the end, so that no request has to write for it.
    ///
    /// # Errors
    /// `UNAVAILABLE`; the times are kept for the next call then.
    pub async fn write_last_used(&self) -> Result<()> {
        let used = std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
        if used.is_empty() {
            return Ok(());
        }
        let mut batch: Vec<_> = used.clone().into_iter().collect();
        // In one order of teams everywhere, so that servers which write at once don't block each other.
        batch.sort_unstable_by_key(|(_, (team, _))| *team);
        let written = self.store.first_use(move |tx| {
            batch.iter().try_for_each(|(key, (team, at))| tx.touch_key(*team, *key, *at))
        });
        let written = written.await;
        if written.is_err() {
            let mut newer = self.used.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, seen) in used {
                newer.entry(key).or_insert(seen);
            }
        }
        written
    }

    fn note_use(&self, key: KeyId, team: TeamId, at: Timestamp) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (team, at));
    }
}
