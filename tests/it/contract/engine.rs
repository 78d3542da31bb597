//! The engines, each a function that makes an empty store.

use memoranda::store::Store;
use memoranda::store::sqlite::Sqlite;
use tempfile::TempDir;

/// An empty store, and what cleans up after it.
pub struct Fresh {
    pub store: Store,
    _folder: TempDir,
}

/// A store on SQLite, in a folder of its own.
pub fn sqlite() -> Fresh {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(Sqlite::open(folder.path()).expect("an empty database opens"));
    Fresh { store, _folder: folder }
}
