//! Where everything is kept: one contract, engines behind it.
//!
//! The one idea: a *unit of work* is synchronous code over a transaction, run off the async
//! threads. It commits on `Ok` and rolls back on anything else, panics included; the answer comes
//! when the commit is durable. A unit begins by reading the caller's credential in its own
//! transaction, so that a revoked one can't act, even in flight. A unit may be run again after a
//! lost race, so it has no effect but through its transaction: no clock, no randomness, no network.
//!
//! Open [`memories`] for an area's methods, then `sqlite/memories.rs` and `postgres/memories.rs` for
//! how the engines do them.

pub mod activity;
pub mod agents;
pub mod authorship;
pub mod beginnings;
pub mod carry;
pub mod changes;
pub mod comments;
pub mod confirmations;
pub mod conflicts;
pub mod erasures;
pub mod examine;
pub mod keys;
pub mod leases;
pub mod links;
pub mod lists;
pub mod member_sign_in;
pub mod members;
pub mod memories;
pub mod moving;
pub mod near;
pub mod nodes;
pub mod pieces;
pub mod postgres;
pub mod retention;
pub mod retries;
pub mod sessions;
pub mod setup;
pub mod sign_in;
pub mod sqlite;
pub mod sweeps;
pub mod tasks;
pub mod teams;
pub mod transfer;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TeamId;
use crate::identity::permit::Permit;

use activity::{ActivityRead, ActivityWrite};
use agents::{AgentRead, AgentWrite};
use authorship::{AuthorshipRead, AuthorshipWrite};
use beginnings::BeginningRead;
use carry::{CarryRead, CarryWrite};
use changes::Changes;
use comments::{CommentRead, CommentWrite};
use confirmations::{ConfirmationRead, ConfirmationWrite};
use conflicts::{ConflictRead, ConflictWrite};
use erasures::{ErasureRead, ErasureWrite};
use keys::{KeyRead, KeyWrite};
use leases::{LeaseRead, LeaseWrite};
use links::{LinkRead, LinkWrite};
use lists::ListRead;
use members::{MemberRead, MemberWrite};
use memories::{MemoryRead, MemoryWrite};
use near::{Indexing, NearRead, Vectors};
use nodes::{NodeRead, NodeWrite};
use pieces::{EmbeddingTx, PieceRead, PieceWrite};
use retention::{RetentionRead, RetentionWrite};
use retries::{RetryRead, RetryWrite};
use sessions::{SessionRead, SessionWrite};
use setup::SetupTx;
use sign_in::{CredentialRead, SignInTx};
use sweeps::SweepTx;
use tasks::{TaskRead, TaskWrite};
use teams::{TeamRead, TeamWrite};
use transfer::{TransferRead, TransferWrite};

/// What a unit that only reads may do: every method needs a permit.
pub trait ReadTx:
    TeamRead
    + MemberRead
    + AgentRead
    + KeyRead
    + SessionRead
    + MemoryRead
    + ListRead
    + BeginningRead
    + LinkRead
    + ConfirmationRead
    + RetryRead
    + ConflictRead
    + ActivityRead
    + AuthorshipRead
    + PieceRead
    + NearRead
    + RetentionRead
    + ErasureRead
    + TransferRead
    + NodeRead
    + TaskRead
    + LeaseRead
    + CommentRead
    + CarryRead
{
}

/// What a unit that writes may do.
pub trait WriteTx:
    ReadTx
    + TeamWrite
    + MemberWrite
    + AgentWrite
    + KeyWrite
    + SessionWrite
    + MemoryWrite
    + LinkWrite
    + ConfirmationWrite
    + RetryWrite
    + ConflictWrite
    + ActivityWrite
    + AuthorshipWrite
    + PieceWrite
    + RetentionWrite
    + ErasureWrite
    + TransferWrite
    + NodeWrite
    + TaskWrite
    + LeaseWrite
    + CommentWrite
    + CarryWrite
{
}

/// All that a transaction can do. Only [`Store`] sees it whole.
pub trait Tx: WriteTx + CredentialRead + SignInTx + SetupTx + EmbeddingTx + SweepTx {}

/// A unit of work as an engine runs it: perhaps more than once, with a fresh transaction each time.
pub type Unit = Box<dyn FnMut(&mut dyn Tx) -> Result<()> + Send>;

/// A future as trait objects need it.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What the files of a database still hold of what was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traces {
    /// Nothing.
    None,
    /// What their operator hasn't cleared: an engine of its own keeps its own files.
    Operators,
}

/// A database behind the store.
pub trait Engine: Send + Sync + 'static {
    /// Runs a unit in a transaction that sees one moment and changes nothing.
    fn read(&self, unit: Unit) -> Pending<'_, Result<()>>;

    /// As [`Engine::read`], for a unit that reads a few rows by their keys: an engine may run it
    /// where it stands if that takes microseconds.
    fn look_up(&self, unit: Unit) -> Pending<'_, Result<()>>;

    /// Runs a unit in a transaction and answers when its commit is durable. The team is the one
    /// that it writes to, where that is known before it runs.
    fn write(&self, team: Option<TeamId>, unit: Unit) -> Pending<'_, Result<()>>;

    /// A new listener for what changes of a team.
    fn changes(&self, team: TeamId) -> Changes;

    /// Rids its files of what was erased, where that is its to do. Cheap where nothing was.
    fn scrub(&self) -> Pending<'_, Result<Traces>>;

    /// What finds the nearest vectors of a large team, in words for people; `None` for an engine that
    /// never has anything but the exact scan.
    fn nearest_by(&self) -> Option<&str>;

    /// Makes the index of a team's vectors, where the engine and its database can have one.
    fn index_vectors(&self, vectors: Vectors) -> Pending<'_, Result<Indexing>>;

    /// Lets running units end and closes the files.
    fn close(&self) -> Pending<'_, ()>;
}

/// What kind of unit it is, for the engine to choose where it runs.
#[derive(Clone, Copy)]
enum Kind {
    LookUp,
    Read,
    Write(Option<TeamId>),
}

/// The store, whichever engine is behind it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
}

impl Store {
    /// A store over an engine.
    #[must_use]
    pub fn new(engine: impl Engine) -> Self {
        Self { engine: Arc::new(engine) }
    }

    /// Runs a reading unit under a permit whose credential still holds at `at`.
    ///
    /// # Errors
    /// As [`sign_in::check_credential`] when the credential or agent was struck since;
    /// `UNAVAILABLE`; what the unit itself gives.
    pub async fn read<T: Send + 'static>(
        &self,
        permit: &Permit,
        at: Timestamp,
        mut work: impl FnMut(&mut dyn ReadTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.under_permit(Kind::Read, permit, at, move |tx| work(tx)).await
    }

    /// As [`Store::read`], for a unit that reads a few rows by their keys.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn look_up<T: Send + 'static>(
        &self,
        permit: &Permit,
        at: Timestamp,
        mut work: impl FnMut(&mut dyn ReadTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.under_permit(Kind::LookUp, permit, at, move |tx| work(tx)).await
    }

    /// Runs a writing unit under a permit whose credential still holds at `at`.
    ///
    /// # Errors
    /// As [`Store::read`]; after any error nothing of the unit was kept.
    pub async fn write<T: Send + 'static>(
        &self,
        permit: &Permit,
        at: Timestamp,
        mut work: impl FnMut(&mut dyn WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.under_permit(Kind::Write(Some(permit.team())), permit, at, move |tx| work(tx)).await
    }

    /// Checks again that a permit's credential holds: the last step before an answer leaves.
    ///
    /// # Errors
    /// As [`sign_in::check_credential`] when it was struck since; `UNAVAILABLE`.
    pub async fn check(&self, permit: &Permit, at: Timestamp) -> Result<()> {
        self.under_permit(Kind::LookUp, permit, at, |_| Ok(())).await
    }

    /// Reads what a credential is, before there is a permit. For `auth` alone.
    ///
    /// # Errors
    /// `UNAVAILABLE`; what the unit itself gives.
    pub async fn sign_in<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn CredentialRead) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(Kind::LookUp, move |tx| work(tx)).await
    }

    /// Makes or binds the agent of a credential on its first use. For `auth` alone.
    ///
    /// # Errors
    /// `UNAVAILABLE`; what the unit itself gives.
    pub async fn first_use<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn SignInTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(Kind::Write(None), move |tx| work(tx)).await
    }

    /// Makes the first team of an empty database. For the composition root alone.
    ///
    /// # Errors
    /// `UNAVAILABLE`; what the unit itself gives.
    pub async fn set_up<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn SetupTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(Kind::Write(None), move |tx| work(tx)).await
    }

    /// Reads which texts have no vectors yet. For the maker of vectors alone.
    ///
    /// # Errors
    /// `UNAVAILABLE`; what the unit itself gives.
    pub async fn unembedded<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn EmbeddingTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(Kind::Read, move |tx| work(tx)).await
    }

    /// Puts vectors of a team's memories. For the maker of vectors alone.
    ///
    /// # Errors
    /// `UNAVAILABLE`; what the unit itself gives.
    pub async fn embed<T: Send + 'static>(
        &self,
        team: TeamId,
        mut work: impl FnMut(&mut dyn EmbeddingTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(Kind::Write(Some(team)), move |tx| work(tx)).await
    }

    /// Listens for what changes of the permit's team, in this process or another. What it was is
    /// not told: the listener reads again, under a permit.
    ///
    /// To be called where tasks run.
    #[must_use]
    pub fn changes(&self, permit: &Permit) -> Changes {
        self.engine.changes(permit.team())
    }

    /// Takes or gives back a turn to apply a team's policies. For the composition root alone.
    ///
    /// # Errors
    /// `UNAVAILABLE`; what the unit itself gives.
    pub async fn take_turns<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn SweepTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(Kind::Write(None), move |tx| work(tx)).await
    }

    /// Rids the database's files of what was erased, as far as that is the engine's to do. What is
    /// left undone by a failure is done by the next call, or the next start.
    ///
    /// # Errors
    /// `UNAVAILABLE` while other processes hold the files.
    pub async fn scrub(&self) -> Result<Traces> {
        self.engine.scrub().await
    }

    /// What finds the nearest vectors of a large team, in words for people; `None` for an engine that
    /// never has anything but the exact scan.
    #[must_use]
    pub fn nearest_by(&self) -> Option<&str> {
        self.engine.nearest_by()
    }

    /// Makes the index of a team's vectors, where the engine and its database can have one. Takes as
    /// long as it takes, beside everything else. For the maker of vectors alone.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` where the database's administrator has something to do first;
    /// `UNAVAILABLE`.
    pub async fn index_vectors(&self, vectors: Vectors) -> Result<Indexing> {
        self.engine.index_vectors(vectors).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// `UNAVAILABLE` when it doesn't.
    pub async fn is_ready(&self) -> Result<()> {
        self.run(Kind::LookUp, |tx| tx.ping()).await
    }

    /// Lets running units end and closes the files. The store gives `UNAVAILABLE` afterwards.
    pub async fn close(&self) {
        self.engine.close().await;
    }

    /// Runs a unit that begins by reading its caller's credential, in its own transaction.
    async fn under_permit<T: Send + 'static>(
        &self,
        kind: Kind,
        permit: &Permit,
        at: Timestamp,
        mut work: impl FnMut(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = permit.clone();
        self.run(kind, move |tx| {
            sign_in::check_credential(tx, &permit, at)?;
            work(tx)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        kind: Kind,
        mut work: impl FnMut(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let slot = Arc::new(Mutex::new(None));
        let filled = Arc::clone(&slot);
        let unit: Unit = Box::new(move |tx| {
            let value = work(tx)?;
            *filled.lock().map_err(|_| Error::internal("a unit of work panicked"))? = Some(value);
            Ok(())
        });
        match kind {
            Kind::LookUp => self.engine.look_up(unit).await?,
            Kind::Read => self.engine.read(unit).await?,
            Kind::Write(team) => self.engine.write(team, unit).await?,
        }
        let mut slot = slot.lock().map_err(|_| Error::internal("a unit of work panicked"))?;
        slot.take().ok_or_else(|| Error::internal("an engine said `Ok` without running the unit"))
    }
}
