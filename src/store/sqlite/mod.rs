//! The embedded engine: SQLite in WAL mode with `synchronous=FULL`.
//!
//! One writer thread ([`writer`]) shares an fsync among the units that wait; a small pool of WAL
//! connections reads. Both run [`tx::SqliteTx`], and each area's statements stand in the file of
//! that area's name. Several processes may open one file: SQLite's own locks keep them apart.

mod activity;
mod agents;
mod authorship;
mod beginnings;
mod carry;
mod changes;
mod columns;
mod comments;
mod conditions;
mod confirmations;
mod conflicts;
mod copies;
pub mod elsewhere;
mod entries;
mod erasures;
mod examine;
mod keys;
mod leases;
mod links;
mod lists;
mod member_sign_in;
mod members;
mod memories;
mod migrate;
mod moving;
mod near;
mod nodes;
mod party;
mod pieces;
mod retention;
mod retries;
mod sessions;
mod setup;
mod sight;
mod sign_in;
mod sweeps;
mod tasks;
mod teams;
mod transfer;
mod tx;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

use super::changes::{Bell, Changes};
use super::examine::Examined;
use super::near::{Indexing, Vectors};
use super::{Engine, Pending, Traces, Unit};
use crate::core::error::{Code, Error, Result};
use crate::core::id::TeamId;
use writer::Writer;

/// The name of the database file in the data folder.
pub const FILE_NAME: &str = "memoranda.db";

/// How long a statement waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How many units may read at once.
const READERS: usize = 4;

/// The pages that a reading connection keeps for itself, in kibibytes: there are several, what they
/// look up lies apart, and the system keeps the file's pages for all of them.
const READERS_PAGES: i64 = 256;

/// The engine over one database file.
pub struct Sqlite {
    writer: Writer,
    readers: Arc<Readers>,
    bell: Arc<Bell>,
    /// Tells who watches that this process has committed.
    written: Arc<Notify>,
    watching: Mutex<Option<JoinHandle<()>>>,
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    places: Semaphore,
    /// Connections that never wait, for look-ups.
    at_once: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// Opens the database in a folder, making the folder (private to its owner) and the schema
    /// where they are missing.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` when the folder can't be made or written; `CONFLICT` when a newer
    /// version wrote the database; `UNAVAILABLE` when it can't be opened.
    pub fn open(folder: &Path) -> Result<Self> {
        make_private_folder(folder)?;
        let path = folder.join(FILE_NAME);
        make_private_file(&path)?;
        let connection = patiently(|| {
            let mut connection = connect(&path, false)?;
            migrate::run(&mut connection)?;
            Ok(connection)
        })?;
        let readers = Readers {
            path,
            idle: Mutex::new(Vec::with_capacity(READERS)),
            places: Semaphore::new(READERS),
            at_once: Mutex::default(),
        };
        let written = Arc::new(Notify::new());
        Ok(Self {
            writer: Writer::start(connection, Arc::clone(&written)),
            readers: Arc::new(readers),
            bell: Bell::new(),
            written,
            watching: Mutex::default(),
        })
    }
}

impl Sqlite {
    /// Looks at the database in a folder without opening it for use or changing anything.
    #[must_use]
    pub fn examine(folder: &Path) -> Examined {
        examine::examine(folder)
    }
}

impl Engine for Sqlite {
    fn read(&self, mut unit: Unit) -> Pending<'_, Result<()>> {
        Box::pin(async move {
            let closed = |_| Error::unavailable("the store is closed");
            let _place = self.readers.places.acquire().await.map_err(closed)?;
            let readers = Arc::clone(&self.readers);
            tokio::task::spawn_blocking(move || readers.run(&mut unit))
                .await
                .map_err(Error::internal)?
        })
    }

    /// A few rows by their keys take microseconds, from pages that are in memory as a rule: less
    /// than handing the unit to another thread and back. Where the database is busy, the unit
    /// goes to the pool, which has patience.
    fn look_up(&self, mut unit: Unit) -> Pending<'_, Result<()>> {
        match self.readers.run_at_once(&mut unit) {
            Some(outcome) => Box::pin(std::future::ready(outcome)),
            None => self.read(unit),
        }
    }

    fn write(&self, _: Option<TeamId>, unit: Unit) -> Pending<'_, Result<()>> {
        Box::pin(self.writer.submit(unit))
    }

    fn changes(&self, team: TeamId) -> Changes {
        let (changes, begins) = self.bell.listen(team);
        if begins {
            let (readers, bell) = (Arc::clone(&self.readers), Arc::clone(&self.bell));
            let watching = tokio::spawn(changes::watch(readers, bell, Arc::clone(&self.written)));
            if let Ok(mut place) = self.watching.lock() {
                *place = Some(watching);
            }
        }
        changes
    }

    fn scrub(&self) -> Pending<'_, Result<Traces>> {
        Box::pin(async move { self.writer.scrub().await.map(|()| Traces::None) })
    }

    fn nearest_by(&self) -> Option<&str> {
        None
    }

    fn index_vectors(&self, _: Vectors) -> Pending<'_, Result<Indexing>> {
        Box::pin(std::future::ready(Ok(Indexing::Never)))
    }

    fn close(&self) -> Pending<'_, ()> {
        Box::pin(async move {
            self.bell.close();
            let watching = self.watching.lock().ok().and_then(|mut watching| watching.take());
            if let Some(watching) = watching {
                // The last connection to close folds the log in, and that must be the writer's.
                let _ = watching.await;
            }
            self.readers.places.close();
            for connections in [&self.readers.idle, &self.readers.at_once] {
                if let Ok(mut connections) = connections.lock() {
                    connections.clear();
                }
            }
            self.writer.close().await;
        })
    }
}

impl Readers {
    fn run(&self, unit: &mut Unit) -> Result<()> {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let connection = match idle {
            Some(connection) => connection,
            None => patiently(|| connect(&self.path, true))?,
        };
        let outcome = in_one_moment(&connection, unit)?;
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(connection);
        }
        outcome
    }

    /// Runs a unit without waiting for anything. `None` where the database was busy, or it can't
    /// be opened: the pool will say why.
    fn run_at_once(&self, unit: &mut Unit) -> Option<Result<()>> {
        if self.places.is_closed() {
            return None;
        }
        let idle = self.at_once.lock().ok().and_then(|mut idle| idle.pop());
        let connection = if let Some(connection) = idle {
            connection
        } else {
            let connection = connect(&self.path, true).ok()?;
            connection.busy_timeout(Duration::ZERO).ok()?;
            connection
        };
        let run = AssertUnwindSafe(|| in_one_moment(&connection, unit));
        // A panic must end the unit and not the task that asked for it.
        let outcome = match catch_unwind(run) {
            Ok(outcome) => outcome.and_then(|outcome| outcome),
            Err(_) => return Some(Err(Error::internal("a unit of work panicked"))),
        };
        if let Err(error) = &outcome
            && error.code() == Code::Unavailable
        {
            return None;
        }
        if let Ok(mut idle) = self.at_once.lock()
            && idle.len() < READERS
        {
            idle.push(connection);
        }
        Some(outcome)
    }
}

/// Runs a unit in a transaction that sees one moment. The outer error is of the transaction: the
/// connection is not to be used again.
fn in_one_moment(connection: &Connection, unit: &mut Unit) -> Result<Result<()>> {
    connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
    let outcome = unit(&mut tx::SqliteTx::new(connection));
    // Ended before it goes back, or the next unit would read this one's moment.
    connection.prepare_cached("ROLLBACK")?.execute([])?;
    Ok(outcome)
}

/// Tries again while another process holds the file: changing to WAL, and the last close of a file,
/// lock it in ways for which SQLite doesn't wait by itself.
fn patiently<T>(mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(error) if is_busy(&error) && begun.elapsed() < BUSY_TIMEOUT => {
                std::thread::sleep(Duration::from_millis(5));
            }
            outcome => return outcome,
        }
    }
}

fn is_busy(error: &Error) -> bool {
    let cause = error.cause().and_then(|cause| cause.downcast_ref::<rusqlite::Error>());
    cause.and_then(rusqlite::Error::sqlite_error_code).is_some_and(|code| {
        matches!(code, rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
    })
}

fn connect(path: &Path, is_reader: bool) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Plans hold whatever the parameters are; without this SQLite makes some anew at each run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;",
    )?;
    if is_reader {
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "cache_size", -READERS_PAGES)?;
    }
    Ok(connection)
}

fn cannot_write(error: std::io::Error) -> Error {
    Error::new(Code::PermissionDenied, "the data folder can't be written")
        .with_fix("choose another folder with `--data DIR` or MEMORANDA_DATA")
        .with_cause(error)
}

fn make_private_folder(folder: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(cannot_write)
}

fn make_private_file(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(cannot_write)
}

impl From<rusqlite::Error> for Error {
    /// A driver's error, for the log; what the caller reads is ours.
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Sqlite;
        match error.sqlite_error_code() {
            Some(
                Sqlite::DatabaseBusy
                | Sqlite::DatabaseLocked
                | Sqlite::DiskFull
                | Sqlite::SystemIoFailure
                | Sqlite::CannotOpen
                | Sqlite::ReadOnly
                | Sqlite::OutOfMemory
                | Sqlite::NotADatabase
                | Sqlite::DatabaseCorrupt,
            ) => Error::unavailable(error),
            _ => Error::internal(error),
        }
    }
}
