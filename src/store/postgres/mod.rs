//! The engine for more than one machine: PostgreSQL, shared by any number of servers.
//!
//! Nothing of a request stays in a server: each unit of work takes a connection from a small pool
//! ([`link`] is one) and runs [`tx::PgTx`] on it, on a thread where waiting is allowed. Units that
//! write to one team follow one another, here ([`writer`]) and among all servers (`tx.rs`). Each
//! area's statements stand in the file of that area's name, as on SQLite.

mod activity;
mod address;
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
mod erasures;
mod examine;
mod failure;
mod keys;
mod leases;
mod link;
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
mod tls;
mod transfer;
mod tx;
mod vectors;
mod words;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::changes::{Bell, Changes};
use super::examine::Examined;
use super::near::{Indexing, Vectors};
use super::{Engine, Pending, Traces, Unit};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TeamId;
use crate::core::secret::Secret;
use address::Address;
use failure::Failure;
use link::Link;
use vectors::Pgvector;
use writer::Lanes;

/// How often a unit that lost a race, or its connection, is run again.
const ATTEMPTS: usize = 5;

/// The engine over one database.
pub struct Postgres {
    pool: Arc<Pool>,
    lanes: Lanes,
    bell: Arc<Bell>,
    /// What finds the nearest vectors, as it was at the start.
    nearest_by: String,
}

/// The connections of this process.
struct Pool {
    address: Address,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Link>>,
}

/// How a unit's transaction begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// One moment, nothing changed.
    Read,
    /// Each statement sees what is committed: the team's lock keeps the others out.
    Write,
}

impl Mode {
    fn begin(self) -> &'static str {
        match self {
            Mode::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Mode::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        }
    }
}

impl Postgres {
    /// Connects to the database of a URL and brings its schema up to date.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a URL that can't be read; `PERMISSION_DENIED` when the database
    /// refuses the user; `NOT_FOUND` when there is no such database; `CONFLICT` when a newer version
    /// wrote it; `UNAVAILABLE` when it can't be reached.
    pub fn open(url: &str, password: Option<&Secret>) -> Result<Self> {
        let address = Address::parse(url, password)?;
        // On a thread of its own: a connection is waited for, which a thread with tasks must not.
        let opened = std::thread::spawn(move || -> Result<(Address, Pgvector)> {
            let mut link = Link::open(&address)?;
            migrate::run(&mut link, address.partitions)?;
            let pgvector = Pgvector::look(&mut link)?;
            Ok((address, pgvector))
        });
        let (address, pgvector) =
            opened.join().map_err(|_| Error::internal("connecting panicked"))??;
        let pool = Arc::new(Pool {
            places: Arc::new(Semaphore::new(address.connections)),
            address,
            idle: Mutex::default(),
        });
        let lanes = Lanes::new(Arc::clone(&pool));
        Ok(Self { lanes, pool, bell: Bell::new(), nearest_by: pgvector.to_string() })
    }

    /// Looks at the database of a URL without changing anything; `now` is this machine's clock.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a URL that can't be read.
    pub fn examine(
        url: &str,
        password: Option<&Secret>,
        now: impl Fn() -> Timestamp + Send + 'static,
    ) -> Result<Examined> {
        let address = Address::parse(url, password)?;
        let examined = std::thread::spawn(move || examine::examine(&address, now));
        examined.join().map_err(|_| Error::internal("examining panicked"))
    }

    /// Host and database of a URL, for people: no user, no password.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a URL that can't be read.
    pub fn shown(url: &str) -> Result<String> {
        Ok(Address::parse(url, None)?.shown())
    }
}

impl Engine for Postgres {
    fn read(&self, mut unit: Unit) -> Pending<'_, Result<()>> {
        Box::pin(async move {
            let _place = self.pool.places.acquire().await.map_err(|_| closed())?;
            let pool = Arc::clone(&self.pool);
            tokio::task::spawn_blocking(move || pool.run(Mode::Read, &mut unit))
                .await
                .map_err(Error::internal)?
        })
    }

    fn look_up(&self, unit: Unit) -> Pending<'_, Result<()>> {
        self.read(unit)
    }

    fn write(&self, team: Option<TeamId>, unit: Unit) -> Pending<'_, Result<()>> {
        Box::pin(self.lanes.submit(team, unit))
    }

    fn changes(&self, team: TeamId) -> Changes {
        let (changes, begins) = self.bell.listen(team);
        if begins {
            tokio::spawn(changes::watch(Arc::clone(&self.pool), Arc::clone(&self.bell)));
        }
        changes
    }

    /// Dead rows, the write-ahead log, replicas and backups are the server's own and its operator's.
    fn scrub(&self) -> Pending<'_, Result<Traces>> {
        Box::pin(std::future::ready(Ok(Traces::Operators)))
    }

    fn nearest_by(&self) -> Option<&str> {
        Some(&self.nearest_by)
    }

    fn index_vectors(&self, vectors: Vectors) -> Pending<'_, Result<Indexing>> {
        Box::pin(async move {
            let pool = Arc::clone(&self.pool);
            tokio::task::spawn_blocking(move || vectors::make(&pool, &vectors))
                .await
                .map_err(Error::internal)?
        })
    }

    fn close(&self) -> Pending<'_, ()> {
        Box::pin(async move {
            self.bell.close();
            self.lanes.close().await;
            self.pool.places.close();
            self.pool.drop_idle();
        })
    }
}

impl Pool {
    /// A connection that was used before, or a new one.
    fn link(&self) -> Result<Link> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| Link::open(&self.address), Ok)
    }

    fn give_back(&self, link: Link) {
        if link.failure() != Some(Failure::Broken) && !self.places.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(link);
        }
    }

    fn drop_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs a unit in a transaction of its own, again where it lost a race or found its connection
    /// dead, so long as nothing of it can have been committed.
    fn run(&self, mode: Mode, unit: &mut Unit) -> Result<()> {
        let mut attempt = 1;
        loop {
            let mut link = self.link()?;
            let ran = in_transaction(&mut link, mode, std::slice::from_mut(unit));
            let failure = link.failure();
            self.give_back(link);
            match (ran, failure) {
                (Ran::Failed(_), Some(Failure::Race)) if attempt < ATTEMPTS => {}
                (Ran::Failed(_), Some(Failure::Broken)) if attempt < ATTEMPTS => {
                    // The others were made before it and have most likely met the same end.
                    self.drop_idle();
                    // From now on a new connection, whose failure is the answer.
                    attempt = attempt.max(ATTEMPTS - 1);
                }
                (Ran::Committed, _) => return Ok(()),
                (Ran::Failed(error) | Ran::Unknown(error), _) => return Err(error),
            }
            attempt += 1;
        }
    }
}

/// How a transaction ended.
enum Ran {
    /// Durable. A reading one has ended as well.
    Committed,
    /// Nothing of it was kept.
    Failed(Error),
    /// It was to be committed and nothing was heard since: all of it is kept, or nothing.
    Unknown(Error),
}

/// Runs units in one transaction, until the first that fails.
fn in_transaction(link: &mut Link, mode: Mode, units: &mut [Unit]) -> Ran {
    link.begin(mode.begin());
    let mut tx = tx::PgTx::new(link, mode == Mode::Write);
    let outcome = units.iter_mut().try_for_each(|unit| {
        catch_unwind(AssertUnwindSafe(|| unit(&mut tx)))
            .unwrap_or_else(|_| Err(Error::internal("a unit of work panicked")))
    });
    let outcome = outcome.and_then(|()| changes::tell(&mut tx));
    if let Err(error) = outcome {
        link.roll_back();
        return Ran::Failed(error);
    }
    if mode == Mode::Read {
        link.roll_back();
        return Ran::Committed;
    }
    link.commit()
}

fn closed() -> Error {
    Error::unavailable("the store is closed")
}
