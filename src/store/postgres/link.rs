//! One connection, driven by the thread that uses it.
//!
//! The driver is asynchronous and a unit of work is not. So each connection has a small runtime of
//! its own, and whoever waits for an answer moves the connection meanwhile: no other thread has to
//! be woken for a statement and woken again for its answer. Statements whose answer nobody needs at
//! once are kept back and leave together with the next one that is waited for (or with the commit):
//! a unit of six statements costs two journeys to the database, not seven.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::future::{join, join_all};
use tokio::runtime::Runtime;
use tokio_postgres::error::Error as PgError;
use tokio_postgres::{Client, Row, Statement};

use super::Ran;
use super::address::Address;
use super::columns::{Column, Value};
use super::failure::Failure;
use crate::core::error::{Error, Result};

/// How long the server may work on one statement, and how long a statement waits for a lock.
const SESSION: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s'; SET jit = off;
    SET standard_conforming_strings = on;
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'";

const STARTED: &str =
    "SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS started";

/// How long an answer may take when even the server's own time-outs don't come through.
const LONGEST: Duration = Duration::from_secs(45);

/// How many statements a connection keeps prepared. Listings with filters make some each.
const PREPARED: usize = 256;

/// Parameters by the names that a statement gives them; those it doesn't name are left out.
pub(super) type Params<'a> = &'a [(&'a str, &'a dyn Column)];

type Doing<T> = Pin<Box<dyn Future<Output = std::result::Result<T, PgError>> + Send>>;

/// A connection to the database.
pub(super) struct Link {
    /// There until it is dropped.
    runtime: Option<Runtime>,
    client: Arc<Client>,
    /// Reads and writes the socket; `None` once that has ended.
    moving: Option<Doing<()>>,
    prepared: HashMap<String, Prepared>,
    /// Statements that wait to be sent along.
    kept_back: Vec<Doing<u64>>,
    failure: Option<Failure>,
    longest: Duration,
    /// When the server at the other end started, in microseconds.
    pub(super) server_started: i64,
}

#[derive(Clone)]
struct Prepared {
    statement: Statement,
    /// The name of each parameter, in the order of their numbers.
    names: Arc<[String]>,
}

impl Link {
    /// Connects. Not to be called on a thread that runs tasks.
    ///
    /// # Errors
    /// What [`Address::explained`] makes of it.
    pub(super) fn open(address: &Address) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::unavailable)?;
        let connected = runtime.block_on(address.connect());
        let (client, moving) = match connected {
            Ok(connected) => connected,
            Err(error) => {
                runtime.shutdown_background();
                return Err(error);
            }
        };
        let mut link = Self {
            runtime: Some(runtime),
            client: Arc::new(client),
            moving: Some(moving),
            prepared: HashMap::new(),
            kept_back: Vec::new(),
            failure: None,
            longest: LONGEST,
            server_started: 0,
        };
        link.batch(SESSION)?;
        if let Some(row) = link.rows(STARTED, &[])?.first() {
            link.server_started = row.try_get("started")?;
        }
        Ok(link)
    }

    /// What went wrong since [`Link::begin`]; a transaction in which something did can't commit.
    pub(super) fn failure(&self) -> Option<Failure> {
        if self.moving.is_none() { Some(Failure::Broken) } else { self.failure }
    }

    /// Takes away the time-outs, for work that takes as long as it takes.
    pub(super) fn be_patient(&mut self) -> Result<()> {
        self.longest = Duration::from_secs(24 * 60 * 60);
        self.batch("SET statement_timeout = 0; SET lock_timeout = 0")
    }

    /// Begins a transaction with the next statement.
    pub(super) fn begin(&mut self, how: &'static str) {
        self.failure = None;
        self.kept_back.clear();
        self.keep_back_batch(how);
    }

    /// Commits, unless something failed: a server answers the commit of a failed transaction by
    /// rolling back, without an error. The commit leaves together with what was kept back.
    pub(super) fn commit(&mut self) -> Ran {
        if let Some(failure) = self.failure() {
            self.roll_back();
            return Ran::Failed(Error::internal(format!("commit after a failure: {failure:?}")));
        }
        let kept_back = join_all(std::mem::take(&mut self.kept_back));
        let client = Arc::clone(&self.client);
        let outcome = self.wait(async move {
            let (sent, ended) = join(kept_back, client.batch_execute("COMMIT")).await;
            // The first that failed says why the commit, which came after it, kept nothing.
            Ok((sent.into_iter().find_map(std::result::Result::err), ended))
        });
        let error = match outcome {
            Ok((None, Ok(()))) => return Ran::Committed,
            Ok((Some(refused), _) | (None, Err(refused))) => refused,
            Err(error) => return Ran::Unknown(error),
        };
        let failure = Failure::of(&error);
        self.failure.get_or_insert(failure);
        // A statement or the commit that was refused is an answer; a lost connection is none.
        if failure == Failure::Broken {
            Ran::Unknown(error.into())
        } else {
            Ran::Failed(error.into())
        }
    }

    /// Ends the transaction without keeping anything, and doesn't wait for the answer.
    pub(super) fn roll_back(&mut self) {
        self.kept_back.clear();
        if self.failure() == Some(Failure::Broken) {
            return;
        }
        self.keep_back_batch("ROLLBACK");
        let mut leaving = std::mem::take(&mut self.kept_back);
        let moving = &mut self.moving;
        let Some(runtime) = &self.runtime else { return };
        runtime.block_on(poll_fn(|context| {
            for statement in &mut leaving {
                let _ = statement.as_mut().poll(context);
            }
            if moving.as_mut().is_some_and(|moving| moving.as_mut().poll(context).is_ready()) {
                *moving = None;
            }
            Poll::Ready(())
        }));
    }

    /// Runs a statement and gives its rows.
    pub(super) fn rows(&mut self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        Ok(self.all_rows(&[(sql, params)])?.pop().unwrap_or_default())
    }

    /// Runs some statements in one journey and gives the rows of each.
    pub(super) fn all_rows(&mut self, statements: &[(&str, Params<'_>)]) -> Result<Vec<Vec<Row>>> {
        let mut asked: Vec<Doing<Vec<Row>>> = Vec::with_capacity(statements.len());
        for (sql, params) in statements {
            let (statement, values) = self.ready(sql, params)?;
            let client = Arc::clone(&self.client);
            asked.push(Box::pin(async move {
                client.query_raw(&statement, values).await?.try_collect().await
            }));
        }
        let kept_back = join_all(std::mem::take(&mut self.kept_back));
        self.wait(async {
            let (sent, answers) = join(kept_back, join_all(asked)).await;
            for count in sent {
                count?;
            }
            answers.into_iter().collect()
        })
    }

    /// Runs a statement and gives how many rows it changed.
    pub(super) fn execute(&mut self, sql: &str, params: Params<'_>) -> Result<u64> {
        self.send(sql, params)?;
        self.flush()
    }

    /// Sends a statement along with the next one. Its failure shows there, or at the commit.
    pub(super) fn send(&mut self, sql: &str, params: Params<'_>) -> Result<()> {
        let (statement, values) = self.ready(sql, params)?;
        let client = Arc::clone(&self.client);
        let sent = async move { client.execute_raw(&statement, values).await };
        self.kept_back.push(Box::pin(sent));
        Ok(())
    }

    /// Runs statements without parameters.
    pub(super) fn batch(&mut self, sql: &str) -> Result<()> {
        self.flush()?;
        let client = Arc::clone(&self.client);
        self.wait(async move { client.batch_execute(sql).await })
    }

    /// Waits for what was kept back; gives the count of the last.
    fn flush(&mut self) -> Result<u64> {
        if let Some(Failure::Race | Failure::Refused) = self.failure {
            return Err(Error::internal("the transaction has failed already"));
        }
        let kept_back = join_all(std::mem::take(&mut self.kept_back));
        self.wait(async {
            let mut last = 0;
            for count in kept_back.await {
                last = count?;
            }
            Ok(last)
        })
    }

    fn keep_back_batch(&mut self, sql: &'static str) {
        let client = Arc::clone(&self.client);
        self.kept_back.push(Box::pin(async move { client.batch_execute(sql).await.map(|()| 0) }));
    }

    /// A statement as it is prepared, with its parameters in order.
    fn ready(&mut self, sql: &str, params: Params<'_>) -> Result<(Statement, Vec<Value>)> {
        let prepared = if let Some(prepared) = self.prepared.get(sql) {
            prepared.clone()
        } else {
            if self.prepared.len() == PREPARED {
                self.prepared.clear();
            }
            let (text, names) = numbered(sql);
            let client = Arc::clone(&self.client);
            let statement = self.wait(async move { client.prepare(&text).await })?;
            let prepared = Prepared { statement, names: names.into() };
            self.prepared.insert(sql.to_owned(), prepared.clone());
            prepared
        };
        let values = prepared.names.iter().map(|name| {
            let given = params.iter().find(|(given, _)| given == name);
            given.map(|(_, value)| value.value()).ok_or_else(|| {
                Error::internal(format!("a statement names `{name}` and nothing was given"))
            })
        });
        Ok((prepared.statement.clone(), values.collect::<Result<_>>()?))
    }

    /// Waits for an answer and moves the connection meanwhile.
    fn wait<T>(
        &mut self,
        work: impl Future<Output = std::result::Result<T, PgError>>,
    ) -> Result<T> {
        let Some(runtime) = &self.runtime else {
            return Err(Error::unavailable("the connection is closed"));
        };
        let (moving, longest, mut work) = (&mut self.moving, self.longest, pin!(work));
        let mut ended_by = None;
        let both = poll_fn(|context| {
            if let Some(running) = moving
                && let Poll::Ready(end) = running.as_mut().poll(context)
            {
                *moving = None;
                ended_by = end.err();
            }
            work.as_mut().poll(context)
        });
        let answer = runtime.block_on(async { tokio::time::timeout(longest, both).await });
        match answer {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                // Why the connection ended says more than that it has.
                let error = ended_by.filter(|_| error.is_closed()).unwrap_or(error);
                self.failure.get_or_insert(Failure::of(&error));
                Err(error.into())
            }
            Err(_) => {
                self.moving = None;
                Err(Error::unavailable("the database doesn't answer"))
            }
        }
    }
}

impl Drop for Link {
    /// A runtime that is dropped in the ordinary way waits, which a thread with tasks must not.
    fn drop(&mut self) {
        self.kept_back.clear();
        self.moving = None;
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A statement with `$1` where it says `:name`, and the names in the order of their numbers. Our
/// statements have no colon in a quoted text.
fn numbered(sql: &str) -> (String, Vec<String>) {
    let (mut text, mut names) = (String::with_capacity(sql.len()), Vec::<String>::new());
    let mut rest = sql;
    while let Some(at) = rest.find(':') {
        text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(cast) = after.strip_prefix(':') {
            text.push_str("::");
            rest = cast;
            continue;
        }
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = after.find(|c| !is_of_name(c)).unwrap_or(after.len());
        let name = &after[..end];
        let number = names.iter().position(|known| known == name).unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        });
        text.push('$');
        text.push_str(&(number + 1).to_string());
        rest = &after[end..];
    }
    text.push_str(rest);
    (text, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_numbers_and_casts_stay() {
        let (text, names) = numbered("a = :a AND b = :bee::text OR c = :a AND d = ANY(:d)");

        assert_eq!(text, "a = $1 AND b = $2::text OR c = $1 AND d = ANY($3)");
        assert_eq!(names, ["a", "bee", "d"]);
    }
}
