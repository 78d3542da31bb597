//! The life of an identity: first use, lock, register, expiry, revocation, and the trail of it all.

mod agents;
mod conflicts;
mod conflicts_with_nodes;
mod day;
mod expiry;
mod first_use;
mod keys;
mod members;
mod proposals;
mod retention;
mod retire;
mod revoke;
mod rotation;
mod standing;
mod sweep;
mod tasks;
mod trail;
mod undo;
mod verify;
mod work;

use memoranda::identity::key::ApiKey;
use memoranda::identity::role::{Role, Scopes};
use memoranda::store::keys::NewKey;

use super::probe::count;
use crate::support::{Caller, TestApp, cheap_hash};

/// An editor's key of the first team, hashed at the least cost, for tests that need hundreds.
pub(super) async fn cheap_key(app: &TestApp) -> Caller {
    let key = ApiKey::generate();
    let team = app.house.auth.local_owner().await.expect("one team").team;
    let new = NewKey {
        id: key.id(),
        title: format!("Cheap {}", key.id()),
        description: None,
        role: Role::Editor,
        scopes: Scopes::all(),
        allow_list: None,
        secret_hash: cheap_hash(&key),
        agent: None,
        created_by: "test".to_owned(),
        created_at: app.house.app.clock.now(),
        expires_at: None,
    };
    app.house.app.store.set_up(move |tx| tx.add_first_key(team, &new)).await.expect("added");
    let mut caller = app.with_key(key.whole().expose());
    caller.key_id = Some(key.id().to_string());
    caller
}
