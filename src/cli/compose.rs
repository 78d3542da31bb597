//! The composition root: here, and nowhere else, the parts are put together.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::Auth;
use crate::core::clock::{Clock, SystemClock};
use crate::core::error::Result;
use crate::core::id::Ids;
use crate::identity::guard::Guard;
use crate::identity::hash::Hasher;
use crate::identity::key::ApiKey;
use crate::identity::role::{Role, Scopes};
use crate::ops::App;
use crate::store::Store;
use crate::store::keys::NewKey;
use crate::store::setup::NewTeam;
use crate::store::sqlite::Sqlite;

/// The parts, put together over one database.
pub struct House {
    pub app: Arc<App>,
    pub auth: Arc<Auth>,
}

/// The name of the team that a first start makes.
pub const FIRST_TEAM: &str = "local";

/// How many secrets are hashed or checked at once: each takes a core and 19 MiB for tens of
/// milliseconds.
pub const SECRETS_AT_ONCE: usize = 2;

/// How long one waits for its turn.
pub const SECRET_WAIT_FOR: Duration = Duration::from_secs(10);

impl House {
    /// Opens the embedded database in a folder.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn open(folder: &Path) -> Result<Self> {
        Self::open_with(folder, Hasher::new(SECRETS_AT_ONCE, SECRET_WAIT_FOR))
    }

    /// As [`House::open`], with another bound on how many secrets are checked at once.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn open_with(folder: &Path, hasher: Hasher) -> Result<Self> {
        let store = Store::new(Sqlite::open(folder)?);
        Ok(Self::over_with(store, Arc::new(SystemClock), hasher))
    }

    /// Puts the parts together over a store and a clock.
    #[must_use]
    pub fn over(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self::over_with(store, clock, Hasher::new(SECRETS_AT_ONCE, SECRET_WAIT_FOR))
    }

    /// As [`House::over`], with another bound on how many secrets are checked at once.
    #[must_use]
    pub fn over_with(store: Store, clock: Arc<dyn Clock>, hasher: Hasher) -> Self {
        let ids = Arc::new(Ids::default());
        let app = App {
            store: store.clone(),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            hasher: hasher.clone(),
            guard: Guard::new(),
        };
        let app = Arc::new(app);
        // Beside the start, not in it: a client's first message rarely is a call.
        let warmed = Arc::clone(&app);
        std::thread::spawn(move || warmed.guard.warm_up());
        Self { app, auth: Arc::new(Auth::new(store, hasher, clock, ids)) }
    }

    /// Makes the team where there is none, and the owner's first key where one is wanted and the
    /// team has never had any. Gives that key, which can't be shown again. Of two processes that
    /// start at once, one makes them.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn set_up(&self, team_slug: &str, wants_key: bool) -> Result<Option<ApiKey>> {
        let app = &self.app;
        let at = app.clock.now();
        if !wants_key && app.store.sign_in(|tx| tx.local_team()).await?.is_some() {
            return Ok(None);
        }
        let has = app.store.set_up(|tx| Ok((tx.first_team()?.is_some(), tx.has_key()?)));
        let (has_team, has_key) = has.await?;
        if has_team && (has_key || !wants_key) {
            return Ok(None);
        }
        let key = wants_key.then(ApiKey::generate);
        let hash = match &key {
            Some(key) => Some(app.hasher.hash(key.whole().clone()).await?),
            None => None,
        };
        let team = NewTeam {
            id: app.ids.next(at),
            slug: team_slug.to_owned(),
            owner: app.ids.next(at),
            owner_name: "Owner".to_owned(),
            created_at: at,
        };
        let id = key.as_ref().map(ApiKey::id);
        let is_made = app
            .store
            .set_up(move |tx| {
                let owner = if let Some(first) = tx.first_team()? {
                    first
                } else {
                    tx.add_team(&team)?;
                    team.id
                };
                let Some((id, secret_hash)) = id.zip(hash.clone()) else { return Ok(false) };
                if tx.has_key()? {
                    return Ok(false);
                }
                tx.add_first_key(
                    owner,
                    &NewKey {
                        id,
                        title: "Owner".to_owned(),
                        description: None,
                        role: Role::Owner,
                        scopes: Scopes::all(),
                        allow_list: None,
                        secret_hash,
                        agent: None,
                        created_by: "first start".to_owned(),
                        created_at: at,
                        expires_at: None,
                    },
                )?;
                Ok(true)
            })
            .await?;
        Ok(key.filter(|_| is_made))
    }

    /// Writes down what is still in memory and closes the files.
    pub async fn close(&self) {
        if let Err(error) = self.auth.write_last_used().await {
            tracing::warn!(code = error.code().as_str(), "when keys were last used is lost");
        }
        self.app.store.close().await;
    }
}
