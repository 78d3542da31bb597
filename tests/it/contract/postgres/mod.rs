//! What is true of PostgreSQL alone: many servers on one database, and a database that goes away.

mod changes;
mod failures;
mod order;
mod servers;
mod start;
mod tls;

use std::sync::Arc;

use memoranda::store::Store;
use memoranda::store::postgres::Postgres;

use super::team::Caller;
use crate::cluster::Database;

/// Another server's store on a database.
fn open(database: &Database) -> Store {
    Store::new(Postgres::open(&database.url(), None).expect("opens"))
}

/// The same caller, on another server's store.
fn on(store: &Store, caller: &Caller) -> Caller {
    Caller::new(store, &Arc::default(), caller.principal.clone())
}
