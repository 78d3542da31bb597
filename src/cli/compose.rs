//! The composition root: here, and nowhere else, the parts are put together.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::auth::Auth;
use crate::config::{DatabaseUrl, Settings};
use crate::core::clock::{Clock, SystemClock};
use crate::core::error::{Error, Result};
use crate::core::id::Ids;
use crate::core::secret::Secret;
use crate::identity::guard::Guard;
use crate::identity::hash::Hasher;
use crate::identity::key::ApiKey;
use crate::identity::role::{Role, Scopes};
use crate::ops::App;
use crate::ops::composer::Composer;
use crate::recall::Recaller;
use crate::store::Store;
use crate::store::keys::NewKey;
use crate::store::postgres::Postgres;
use crate::store::setup::NewTeam;
use crate::store::sqlite::Sqlite;

/// The parts, put together over one database. A clone is the same parts.
#[derive(Clone)]
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

/// Which database is meant: the one of a URL, or the embedded one in a folder.
pub enum Database {
    Embedded(PathBuf),
    Shared { url: DatabaseUrl, password: Option<Secret>, shown: String },
}

impl Database {
    /// The one that is set.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a URL that can't be read, or when no folder is known.
    pub fn set(settings: &Settings) -> Result<Self> {
        let Some(url) = &settings.database else {
            return Ok(Self::Embedded(settings.data_folder()?));
        };
        let is_postgres =
            ["postgres://", "postgresql://"].iter().any(|start| url.expose().starts_with(start));
        if !is_postgres {
            return Err(Error::invalid("database", "must begin with postgres://")
                .with_fix("leave it out for the embedded database; `--data DIR` says where"));
        }
        let shown = Postgres::shown(url.expose())?;
        Ok(Self::Shared { url: url.clone(), password: settings.database_password(), shown })
    }

    /// Opens it and puts the parts together over it.
    ///
    /// # Errors
    /// As [`Sqlite::open`] and [`Postgres::open`].
    pub fn open(&self) -> Result<House> {
        self.open_with(Hasher::new(SECRETS_AT_ONCE, SECRET_WAIT_FOR))
    }

    /// As [`Database::open`], with another bound on how many secrets are checked at once.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub fn open_with(&self, hasher: Hasher) -> Result<House> {
        let store = match self {
            Self::Embedded(folder) => Store::new(Sqlite::open(folder)?),
            Self::Shared { url, password, .. } => {
                Store::new(Postgres::open(url.expose(), password.as_ref())?)
            }
        };
        Ok(House::over_with(store, Arc::new(SystemClock), hasher))
    }
}

/// Where it is, for people: a folder, or a URL without user and password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(folder) => write!(f, "{}", folder.display()),
            Self::Shared { shown, .. } => f.write_str(shown),
        }
    }
}

impl House {
    /// Opens the embedded database in a folder.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn open(folder: &Path) -> Result<Self> {
        Ok(Self::over(Store::new(Sqlite::open(folder)?), Arc::new(SystemClock)))
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
            composer: OnceLock::new(),
            recaller: OnceLock::new(),
        };
        let app = Arc::new(app);
        // Beside the start, not in it: a client's first message rarely is a call.
        let warmed = Arc::clone(&app);
        std::thread::spawn(move || warmed.guard.warm_up());
        Self { app, auth: Arc::new(Auth::new(store, hasher, clock, ids)) }
    }

    /// Sets what writes prose from evidence, if anything does. The first that is set stays.
    pub fn compose_with(&self, composer: Option<Arc<dyn Composer>>) {
        if let Some(composer) = composer {
            let _ = self.app.composer.set(composer);
        }
    }

    /// Sets what finds memories; without it, words do. The first that is set stays.
    pub fn recall_by(&self, recaller: Recaller) {
        let _ = self.app.recaller.set(Arc::new(recaller));
    }

    /// Makes the vectors that are missing, as long as it is polled.
    pub fn make_vectors(&self) -> impl Future<Output = ()> + Send + use<> {
        Arc::clone(self.app.recaller()).work(self.app.store.clone())
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
