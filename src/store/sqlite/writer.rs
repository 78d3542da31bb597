//! The one thread that writes: group commit.
//!
//! It takes the units that wait, runs them in one transaction, commits once, then answers them all.
//! So many writers share one fsync, and an answer still means *durable*. A unit that fails or panics
//! takes nothing of the others with it: then the group is rolled back and run again, each unit under
//! a savepoint of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{Notify, mpsc, oneshot};

use super::erasures;
use super::tx::SqliteTx;
use crate::core::error::{Error, Result};
use crate::store::Unit;

/// How many units may wait before the next has to wait for a place.
const QUEUE: usize = 1024;

/// How many units share a commit at most, so that the first doesn't wait for long.
const GROUP: usize = 256;

type Answer = oneshot::Sender<Result<()>>;

/// What the thread is asked to do.
enum Job {
    Unit(Unit, Answer),
    Scrub(Answer),
}

/// The way to the writer thread.
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread; `written` is told of each commit.
    pub(super) fn start(connection: Connection, written: Arc<Notify>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("memoranda-writer".to_owned())
            .spawn(move || run(connection, waiting, &written))
            .expect("the operating system gives one thread");
        Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) }
    }

    pub(super) async fn submit(&self, unit: Unit) -> Result<()> {
        self.send(|answer| Job::Unit(unit, answer)).await
    }

    /// Scrubs the file where something was erased, when the units that wait now have run.
    pub(super) async fn scrub(&self) -> Result<()> {
        self.send(Job::Scrub).await
    }

    async fn send(&self, job: impl FnOnce(Answer) -> Job) -> Result<()> {
        let closed = || Error::unavailable("the store is closed");
        let queue = self.queue.lock().ok().and_then(|queue| queue.clone()).ok_or_else(closed)?;
        let (answer, answered) = oneshot::channel();
        queue.send(job(answer)).await.map_err(|_| closed())?;
        drop(queue);
        answered.await.map_err(|_| closed())?
    }

    /// Lets the units that wait end, then closes the connection.
    pub(super) async fn close(&self) {
        if let Ok(mut queue) = self.queue.lock() {
            queue.take();
        }
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

fn run(connection: Connection, mut waiting: mpsc::Receiver<Job>, written: &Notify) {
    let mut group = Vec::with_capacity(GROUP);
    while let Some(first) = waiting.blocking_recv() {
        let mut next = Some(first);
        let mut scrubs = Vec::new();
        while let Some(job) = next {
            match job {
                Job::Unit(unit, answer) => group.push((unit, answer)),
                Job::Scrub(answer) => scrubs.push(answer),
            }
            let is_whole = group.len() >= GROUP || !scrubs.is_empty();
            next = if is_whole { None } else { waiting.try_recv().ok() };
        }
        if !group.is_empty() {
            commit(&connection, &mut group);
            written.notify_one();
        }
        for answer in scrubs {
            let _ = answer.send(erasures::scrub(&connection));
        }
    }
}

/// Runs a group in one transaction and answers each unit: with its own error, or once all is
/// durable, or with what kept the group from being committed.
fn commit(connection: &Connection, group: &mut Vec<(Unit, Answer)>) {
    let whole = together(connection, group);
    if !connection.is_autocommit() {
        let _ = run_cached(connection, "ROLLBACK");
    }
    match whole {
        Ok(Some(_)) if group.len() > 1 => one_by_one(connection, group),
        // A unit that was alone has taken nothing with it.
        Ok(refusal) => {
            let mut outcome = refusal.map_or(Ok(()), Err);
            for (_, answer) in group.drain(..) {
                let _ = answer.send(std::mem::replace(&mut outcome, Ok(())));
            }
        }
        Err(error) => {
            for (_, answer) in group.drain(..) {
                let _ = answer.send(Err(Error::unavailable(error.to_string())));
            }
        }
    }
}

/// Runs a group in one transaction without savepoints, under which SQLite copies each page before
/// it is changed and full text writes a segment for each unit. `None` when it is committed; else
/// what the first unit that failed was refused with, and nothing is committed. The error is of the
/// transaction.
fn together(
    connection: &Connection,
    group: &mut [(Unit, Answer)],
) -> rusqlite::Result<Option<Error>> {
    run_cached(connection, "BEGIN IMMEDIATE")?;
    for (unit, _) in group {
        if let Err(refusal) = run_unit(connection, unit)? {
            return Ok(Some(refusal));
        }
    }
    run_cached(connection, "COMMIT")?;
    Ok(None)
}

/// Runs a group, each unit under its savepoint, and answers each.
fn one_by_one(connection: &Connection, group: &mut Vec<(Unit, Answer)>) {
    let mut outcomes: Vec<Result<()>> = Vec::with_capacity(group.len());
    let whole = (|| {
        run_cached(connection, "BEGIN IMMEDIATE")?;
        for (unit, _) in group.iter_mut() {
            outcomes.push(run_one(connection, unit)?);
        }
        run_cached(connection, "COMMIT")
    })();
    let failed = whole.err();
    if failed.is_some() && !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    let mut outcomes = outcomes.into_iter();
    for (_, answer) in group.drain(..) {
        let outcome = match (&failed, outcomes.next()) {
            (None, Some(outcome)) => outcome,
            // A unit that was refused anyway keeps its own reason; nothing of it was to be kept.
            (Some(_), Some(Err(error))) => Err(error),
            (Some(error), _) => Err(Error::unavailable(error.to_string())),
            (None, None) => Err(Error::internal("a unit was not run")),
        };
        let _ = answer.send(outcome);
    }
}

/// Runs one unit under its savepoint. The outer error is of the transaction: nothing can go on.
fn run_one(connection: &Connection, unit: &mut Unit) -> rusqlite::Result<Result<()>> {
    run_cached(connection, "SAVEPOINT unit")?;
    let outcome = run_unit(connection, unit)?;
    if outcome.is_err() {
        run_cached(connection, "ROLLBACK TO unit")?;
    }
    run_cached(connection, "RELEASE unit")?;
    Ok(outcome)
}

/// Runs a unit in the transaction as it is. The outer error is of the transaction.
fn run_unit(connection: &Connection, unit: &mut Unit) -> rusqlite::Result<Result<()>> {
    let outcome = catch_unwind(AssertUnwindSafe(|| unit(&mut SqliteTx::new(connection))))
        .unwrap_or_else(|_| Err(Error::internal("a unit of work panicked")));
    if connection.is_autocommit() {
        // SQLite itself gave the transaction up (disk full, I/O error): the group is lost.
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT_ROLLBACK),
            None,
        ));
    }
    Ok(outcome)
}

fn run_cached(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}
