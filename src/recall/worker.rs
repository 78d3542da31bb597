//! Makes the vectors that are missing: of long texts, of batches and imports, of what another process
//! left when it ended, and of everything after a change of model.
//!
//! What is missing stands in the store, so nothing is lost by a crash, and several servers may work on
//! it: at worst two make the same vector. It goes text by text, lets those pass who wait for an
//! answer, and puts the latest texts first.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Recaller;
use super::written::pieces;
use crate::core::error::{Code, Error, Result};
use crate::core::id::{MemoryId, TeamId};
use crate::embed::Embedder;
use crate::store::Store;
use crate::store::near::{Indexing, Vectors};
use crate::store::pieces::{Piece, Unembedded};

/// Texts that are read, and kept, together.
const BATCH: usize = 16;

/// How often it looks for what others left.
const EVERY: Duration = Duration::from_secs(20);

/// How long it waits after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// How long it leaves a team alone whose vectors it has tried to have indexed.
const TRIED_FOR: Duration = Duration::from_secs(10 * 60);

/// How long it lets others pass before a text, in steps.
const STEP: Duration = Duration::from_millis(2);
const STEPS: usize = 50;

/// So many missing ones are worth a line in the log, and each so many made another.
const MANY: u64 = 200;

/// The teams that somebody says have texts without vectors.
#[derive(Default)]
pub(super) struct Work {
    teams: Mutex<BTreeSet<TeamId>>,
    is_there: Notify,
}

impl Work {
    pub(super) fn add(&self, team: TeamId) {
        self.teams.lock().unwrap_or_else(PoisonError::into_inner).insert(team);
        self.is_there.notify_one();
    }

    fn take(&self) -> BTreeSet<TeamId> {
        std::mem::take(&mut *self.teams.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Recaller {
    /// Makes what is missing, vectors and indexes of them, as long as the process runs. Nothing is
    /// loaded before one is missing.
    pub async fn work(self: Arc<Self>, store: Store) {
        let Some(embedder) = self.embedder.clone() else { return };
        if let Ok(missing @ 1..) = self.missing(&store).await {
            let model = embedder.model();
            tracing::info!(model, missing, "texts wait for vectors; words find them meanwhile");
        }
        tokio::join!(self.make_vectors(&store, &embedder), self.make_indexes(&store));
    }

    async fn make_vectors(&self, store: &Store, embedder: &Arc<dyn Embedder>) {
        let mut due = Instant::now();
        loop {
            // Named teams don't put off the look at all of them, which finds what others left.
            let made = tokio::select! {
                () = tokio::time::sleep_until(due) => {
                    due = Instant::now() + EVERY;
                    self.make_missing(store).await
                }
                () = self.work.is_there.notified() => {
                    let teams = self.work.take();
                    self.make_missing_among(store, embedder, teams).await
                }
            };
            if let Err(error) = made {
                let code = error.code().as_str();
                tracing::warn!(code, cause = ?error.cause(), "vectors can't be made now");
                tokio::time::sleep(AFTER_FAILURE).await;
                due = Instant::now();
            }
        }
    }

    /// Has the store index the vectors of teams that have grown large, as recall comes upon them.
    async fn make_indexes(&self, store: &Store) {
        let mut tried: HashMap<TeamId, Instant> = HashMap::new();
        loop {
            self.large.is_there.notified().await;
            for team in self.large.take() {
                if tried.get(&team).is_some_and(|at| at.elapsed() < TRIED_FOR) {
                    continue;
                }
                tried.insert(team, Instant::now());
                match self.index_vectors(store, team).await {
                    Ok(Indexing::Done) => tracing::info!(%team, "an index finds its vectors now"),
                    Ok(Indexing::Elsewhere | Indexing::Never) => {}
                    Err(error) => tracing::warn!(
                        %team, code = error.code().as_str(), cause = ?error.cause(), fix = error.fix(),
                        "its vectors can't be indexed now, and are looked through in memory"
                    ),
                }
            }
        }
    }

    /// Has the store index the vectors of one team.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn index_vectors(&self, store: &Store, team: TeamId) -> Result<Indexing> {
        let Some(embedder) = self.embedder.as_deref() else { return Ok(Indexing::Never) };
        let (model, dimensions) = (embedder.model().to_owned(), embedder.dimensions());
        if dimensions == 0 {
            return Ok(Indexing::Never);
        }
        store.index_vectors(Vectors { team, model, dimensions }).await
    }

    /// Makes the vectors that are missing now, of all teams; gives how many texts got theirs.
    ///
    /// # Errors
    /// Those of the store and of the model.
    pub async fn make_missing(&self, store: &Store) -> Result<u64> {
        let Some(embedder) = self.embedder.clone() else { return Ok(0) };
        let teams = store.unembedded(|tx| tx.teams()).await?;
        self.make_missing_among(store, &embedder, teams).await
    }

    /// How many texts have no vectors of the model, of all teams; none without one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn missing(&self, store: &Store) -> Result<u64> {
        if self.embedder.is_none() {
            return Ok(0);
        }
        let model = self.model().to_owned();
        store
            .unembedded(move |tx| {
                let mut missing = 0;
                for team in tx.teams()? {
                    missing += tx.count_pieces_missing(team, &model)?;
                }
                Ok(missing)
            })
            .await
    }

    async fn make_missing_among(
        &self,
        store: &Store,
        embedder: &Arc<dyn Embedder>,
        teams: impl IntoIterator<Item = TeamId>,
    ) -> Result<u64> {
        let mut made = 0;
        for team in teams {
            made += self.make_missing_of(store, embedder, team).await?;
        }
        Ok(made)
    }

    async fn make_missing_of(
        &self,
        store: &Store,
        embedder: &Arc<dyn Embedder>,
        team: TeamId,
    ) -> Result<u64> {
        let (mut made, mut noted) = (0, 0);
        loop {
            let model = embedder.model().to_owned();
            let texts = store.unembedded(move |tx| tx.pieces_missing(team, &model, BATCH)).await?;
            if texts.is_empty() {
                break;
            }
            if made == 0 && texts.len() == BATCH {
                let model = embedder.model().to_owned();
                let missing = store.unembedded(move |tx| tx.count_pieces_missing(team, &model));
                let missing = missing.await?;
                if missing >= MANY {
                    tracing::info!(%team, missing, "making vectors");
                    noted = missing;
                }
            }
            let put = self.make(store, embedder, team, texts).await?;
            if put == 0 {
                // All of them have changed meanwhile; if they are wanted, they are found next time.
                break;
            }
            made += put;
            if noted > 0 && made / MANY > (made - put) / MANY {
                tracing::info!(%team, made, of = noted, "making vectors");
            }
        }
        if noted > 0 {
            tracing::info!(%team, made, "vectors are made");
        }
        Ok(made)
    }

    /// Makes the vectors of some texts and puts them; gives how many were put.
    async fn make(
        &self,
        store: &Store,
        embedder: &Arc<dyn Embedder>,
        team: TeamId,
        texts: Vec<Unembedded>,
    ) -> Result<u64> {
        let mut made: Vec<(MemoryId, String, Vec<Piece>)> = Vec::with_capacity(texts.len());
        for text in texts {
            self.let_pass().await;
            let embedder = Arc::clone(embedder);
            let (text, pieces) = tokio::task::spawn_blocking(move || {
                let pieces = pieces(embedder.as_ref(), &text.content);
                (text, pieces)
            })
            .await
            .map_err(Error::internal)?;
            let pieces = match pieces {
                // A text that the model won't take is done: asking again would give the same.
                Err(error) if error.code() == Code::InvalidArgument => {
                    tracing::warn!(memory.id = %text.id, "the model takes no vector of a text");
                    Vec::new()
                }
                pieces => pieces?,
            };
            made.push((text.id, text.content, pieces));
        }
        let model = embedder.model().to_owned();
        store
            .embed(team, move |tx| {
                let mut put = 0;
                for (id, content, pieces) in &made {
                    put += u64::from(tx.put_missing_pieces(team, *id, content, &model, pieces)?);
                }
                Ok(put)
            })
            .await
    }

    /// Waits while others wait for vectors, but not for ever.
    async fn let_pass(&self) {
        for _ in 0..STEPS {
            if self.waiting.load(Ordering::Relaxed) == 0 {
                return;
            }
            tokio::time::sleep(STEP).await;
        }
    }
}
