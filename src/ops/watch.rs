//! Watching resources: which of them read otherwise than before, for one principal.
//!
//! The one idea: a resource has changed for whoever reads another answer than the last time, and for
//! nobody else. So each is read again, as its own operation and under the watcher's own permit,
//! whenever something of the team may have changed: what nobody may see is heard by nobody.

use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::call::{App, run};
use super::{Entry, resource};
use crate::core::error::{Code, Error, Result};
use crate::identity::permit::{Exempt, Requirement};
use crate::identity::principal::Principal;
use crate::identity::role::{Role, Scope};
use crate::store::changes::Changes;

/// How many resources one watch may have.
pub const MOST: usize = 32;

/// To watch is free: each resource asks for what its operation needs.
const WATCHING: Requirement = Requirement {
    operation: "watch",
    scope: Scope::Read,
    least_role: Role::Viewer,
    exempt: Exempt::Everything,
};

/// The resources that one principal watches.
pub struct Watch {
    app: Arc<App>,
    changes: Changes,
    watched: Vec<Watched>,
    is_behind: bool,
}

struct Watched {
    uri: String,
    entry: &'static Entry,
    arguments: Value,
    seen: Seen,
}

/// What was read the last time: SHA-256 of the answer, `None` where there was none for this reader.
type Seen = Option<[u8; 32]>;

impl Watch {
    /// Begins to watch resources, as they read now. Those that don't exist are passed over, and so
    /// are those above [`MOST`].
    ///
    /// # Errors
    /// Those of a credential that was struck; `UNAVAILABLE`.
    pub async fn begin(
        app: &Arc<App>,
        principal: &Principal,
        uris: impl IntoIterator<Item = String>,
    ) -> Result<Self> {
        let permit = principal.permit(&WATCHING)?;
        app.store.check(&permit, app.clock.now()).await?;
        // Listened before it is read: what changes between is looked for again.
        let changes = app.store.changes(&permit);
        let watched = uris.into_iter().filter_map(|uri| {
            let (entry, arguments) = resource::of(&uri)?;
            Some(Watched { uri, entry, arguments, seen: None })
        });
        let watched = watched.take(MOST).collect();
        let mut watch = Self { app: Arc::clone(app), changes, watched, is_behind: false };
        watch.look(principal).await?;
        if watch.is_behind {
            return Err(Error::unavailable("what is to be watched can't be read"));
        }
        Ok(watch)
    }

    /// Waits until something of the team may have changed. `false` when the store is closed.
    pub async fn is_moved(&mut self) -> bool {
        self.changes.next().await.is_some()
    }

    /// Whether something couldn't be read the last time, so that it has to be tried again.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// Notes that a change was heard of and couldn't be looked at.
    pub fn fall_behind(&mut self) {
        self.is_behind = true;
    }

    /// Reads every resource again; gives the URIs of those that read otherwise than before.
    ///
    /// # Errors
    /// Those of a credential that was struck.
    pub async fn look(&mut self, principal: &Principal) -> Result<Vec<String>> {
        let mut changed = Vec::new();
        self.is_behind = false;
        for watched in &mut self.watched {
            match read(&self.app, principal, watched).await? {
                Some(seen) if seen != watched.seen => {
                    watched.seen = seen;
                    changed.push(watched.uri.clone());
                }
                Some(_) => {}
                None => self.is_behind = true,
            }
        }
        Ok(changed)
    }
}

/// What a resource reads like now; `None` where that can't be told at the moment.
async fn read(app: &App, principal: &Principal, watched: &Watched) -> Result<Option<Seen>> {
    let arguments = watched.arguments.clone();
    match run(app, principal, watched.entry, arguments, app.request_id()).await {
        Ok(answer) => Ok(Some(Some(Sha256::digest(answer.to_string()).into()))),
        Err(error) if is_struck(&error) => Err(error),
        Err(error) => match error.code() {
            Code::Unavailable | Code::Internal => Ok(None),
            // Not there, or not for this reader: which of the two can't be told from outside.
            _ => Ok(Some(None)),
        },
    }
}

/// Whether an error says that the credential is good no more.
#[must_use]
pub fn is_struck(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::Unauthenticated
            | Code::InvalidApiKey
            | Code::InvalidSessionToken
            | Code::ExpiredSessionToken
    )
}
