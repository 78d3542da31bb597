//! The engines, each a function that makes an empty store.

use std::cell::Cell;

use memoranda::store::Store;
use memoranda::store::postgres::Postgres;
use memoranda::store::sqlite::Sqlite;
use tempfile::TempDir;

use crate::cluster::Database;

/// An empty store, and what cleans up after it.
pub struct Fresh {
    pub store: Store,
    _behind: Behind,
}

#[expect(dead_code, reason = "kept for what dropping it does")]
enum Behind {
    Folder(TempDir),
    Database(Database),
}

/// A store on SQLite, in a folder of its own.
#[expect(clippy::unnecessary_wraps, reason = "every engine has one signature")]
pub fn sqlite() -> Option<Fresh> {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(Sqlite::open(folder.path()).expect("an empty database opens"));
    Some(Fresh { store, _behind: Behind::Folder(folder) })
}

/// A store on PostgreSQL, in a database of its own. `None` where there is no PostgreSQL.
pub fn postgres() -> Option<Fresh> {
    Some(on_server(Database::new()?))
}

/// The same, its tables divided into four parts by team.
pub fn partitioned() -> Option<Fresh> {
    Some(on_server(Database::partitioned()?))
}

thread_local! {
    static IS_NEAR: Cell<bool> = const { Cell::new(false) };
}

/// As [`postgres`], for a case that has each team's vectors indexed by the database before it searches.
pub fn near() -> Option<Fresh> {
    IS_NEAR.set(true);
    postgres()
}

/// As [`near`], its tables divided into four parts by team.
pub fn near_partitioned() -> Option<Fresh> {
    IS_NEAR.set(true);
    partitioned()
}

/// Whether this thread's case is one of those.
pub fn is_near() -> bool {
    IS_NEAR.get()
}

fn on_server(database: Database) -> Fresh {
    let store = Store::new(Postgres::open(&database.url(), None).expect("it was migrated"));
    Fresh { store, _behind: Behind::Database(database) }
}
