//! Recall: the indexes in memory, vectors for questions and for what is written, and the search.
//!
//! The one idea: an index holds all that may be found of a team, and the store says who sees what. A
//! search runs in its caller's reading unit. It first takes in what has changed since the index was
//! last looked through, so it finds whatever was committed before it on any server; it scores
//! everything; and what comes first it reads from the store by the caller's own permit. What an index
//! holds by mistake is found by nobody who may not see it.
//!
//! Next: `indexes.rs` for how an index is made and kept in step, `written.rs` for the vectors of what
//! is written, `worker.rs` for those that are made later.

mod indexes;
mod near;
mod questions;
mod worker;
mod written;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{MemoryId, TeamId};
use crate::embed::{self, Embedder, Vector};
use crate::identity::permit::Permit;
use crate::memory::index::{Collection, Index, Reader, Seen};
use crate::memory::memory::Memory;
use crate::memory::ranking::question::Question;
use crate::memory::ranking::{Scored, rank, varied};
use crate::memory::search::Filter;
use crate::store::ReadTx;
use crate::store::near::Vectors;

use indexes::Indexes;
use near::{Counts, is_near};
use questions::Questions;
use worker::Work;

pub use written::Written;

/// How many rows are read first for an answer; further ones in ever larger steps.
const FIRST: usize = 20;

/// Scores are shown with four places: what is shown with a score has that score.
const HALF_A_PLACE: f32 = 0.000_05;

/// The bytes that indexes may take together unless said otherwise.
pub const USUAL_BYTES: usize = 1 << 30;

/// The vectors of a team from which an index of the database finds them unless said otherwise: below,
/// looking at each of them takes no longer and misses none.
pub const USUAL_INDEX_FROM: usize = 200_000;

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub text: String,
    pub filter: Filter,
    pub limit: usize,
    /// Only what has at least this score, from 0 to 1.
    pub least: f32,
    /// How much hits should differ, from 0 to 1.
    pub diversity: f32,
    /// Whether the meaning is left out, as after a model that didn't answer.
    pub by_words: bool,
    /// From when relative times are seen.
    pub at: Timestamp,
}

/// A memory that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub memory: Memory,
    pub scored: Scored,
}

/// What a search came to.
#[derive(Debug)]
pub enum Reply {
    /// Best first; at most as many as were wanted.
    Found(Vec<Found>),
    /// The vector of this text is needed, and its model answers from elsewhere: not while a unit
    /// waits. Whoever has called [`Recaller::embed_question`] searches again.
    NeedsVector(String),
}

/// Finds memories, and keeps what it needs for that in memory. One for each process.
pub struct Recaller {
    embedder: Option<Arc<dyn Embedder>>,
    indexes: Indexes,
    most_bytes: usize,
    questions: Questions,
    /// How many texts are embedded at once while somebody waits for them.
    places: Arc<Semaphore>,
    /// How many wait for vectors now: the worker keeps out of their way.
    waiting: AtomicUsize,
    /// Whose texts have no vectors yet.
    work: Work,
    /// From how many vectors on the store is asked for an index of them; `None` for never.
    index_from: Option<usize>,
    /// The teams that have so many and no index.
    large: Work,
    counts: Counts,
}

impl Recaller {
    /// One that knows meanings by a model, or words alone without one. Its indexes take about so many
    /// bytes together; the one in use is kept however large it is.
    #[must_use]
    pub fn new(embedder: Option<Arc<dyn Embedder>>, most_bytes: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            embedder,
            indexes: Indexes::new(most_bytes),
            most_bytes,
            questions: Questions::default(),
            places: Arc::new(Semaphore::new(cores)),
            waiting: AtomicUsize::new(0),
            work: Work::default(),
            index_from: Some(USUAL_INDEX_FROM),
            large: Work::default(),
            counts: Counts::default(),
        }
    }

    /// The same, which has the store index a team's vectors from so many on, or from where they don't
    /// fit into the memory for indexes; `None` for never. Nothing changes where the store can't.
    #[must_use]
    pub fn indexing_from(self, vectors: Option<usize>) -> Self {
        Self { index_from: vectors, ..self }
    }

    /// Whether it looks through this team in its own memory.
    #[must_use]
    pub fn holds(&self, team: TeamId) -> bool {
        self.indexes.of(team).size().is_some()
    }

    /// The name of its model; empty without one.
    #[must_use]
    pub fn model(&self) -> &str {
        self.embedder.as_ref().map_or("", |embedder| embedder.model())
    }

    /// Searches the team of a permit, in its reading unit. Off the threads that must not wait.
    ///
    /// # Errors
    /// Those of the store.
    pub fn find(&self, tx: &mut dyn ReadTx, permit: &Permit, wanted: &Wanted) -> Result<Reply> {
        let dimensions = self.embedder.as_ref().map_or(0, |embedder| embedder.dimensions());
        let index = self.indexes.of(permit.team());
        if let Some(from) = self.index_from.filter(|_| dimensions > 0) {
            let is_large = |(vectors, bytes)| vectors >= from || bytes > self.most_bytes;
            let held = index.size().map(is_large);
            // One that is small is looked through whatever the store has; of one that isn't there,
            // nobody knows.
            if held.unwrap_or(true) {
                let (team, model) = (permit.team(), self.model().to_owned());
                let vectors = Vectors { team, model, dimensions };
                if is_near(tx, permit, &vectors)? {
                    self.indexes.let_go(team);
                    return self.find_near(tx, permit, wanted, &vectors);
                }
                if held.is_some() {
                    self.large.add(team);
                }
            }
        }
        index.follow(tx, permit, self.model(), dimensions)?;
        self.indexes.keep_within(permit.team());
        let reader = Reader::of(permit);
        let vector = match self.embedder.as_deref().filter(|_| !wanted.by_words) {
            None => None,
            Some(embedder) => {
                // Read, and let go of: embedding takes longer than everything else together.
                let question = index.read(|index| {
                    let seen = index.seen(reader, &wanted.filter);
                    Question::read(&wanted.text, &seen.names(), wanted.at).rewritten
                });
                match self.questions.get(&question) {
                    Some(vector) => Some(vector),
                    None if embedder.is_elsewhere() => return Ok(Reply::NeedsVector(question)),
                    None => self.vector_at_once(embedder, question),
                }
            }
        };
        let scored = index.read(|index| ranked(index, reader, wanted, vector.as_deref(), None));
        Ok(Reply::Found(fetched(tx, permit, wanted, &scored)?))
    }

    /// Embeds a question on a thread of its own, for the search that follows.
    ///
    /// # Errors
    /// Those of the model.
    pub async fn embed_question(self: &Arc<Self>, question: String) -> Result<()> {
        let Some(embedder) = self.embedder.clone() else { return Ok(()) };
        let _waits = Waits::begin(self);
        let (text, vector) = tokio::task::spawn_blocking(move || {
            let vector = embedder.embed(&question)?;
            Ok::<_, Error>((question, vector))
        })
        .await
        .map_err(Error::internal)??;
        self.questions.put(text, Arc::new(vector));
        Ok(())
    }

    /// The vector of a question by a model that is part of this process. `None` where it can't be
    /// had: then words find what they find.
    fn vector_at_once(&self, embedder: &dyn Embedder, question: String) -> Option<Arc<Vector>> {
        let _waits = Waits::begin(self);
        match embedder.embed(&question) {
            Ok(vector) => {
                let vector = Arc::new(vector);
                self.questions.put(question, Arc::clone(&vector));
                Some(vector)
            }
            Err(error) => {
                tracing::error!(cause = ?error.cause(), "the embedding model fails; recall goes by words");
                None
            }
        }
    }
}

/// Scores all that is wanted of an index; what nothing speaks for is left out. Best first.
/// `of` is the collection of which the index holds a part, and names that it knows.
fn ranked(
    index: &Index,
    reader: Reader,
    wanted: &Wanted,
    vector: Option<&Vector>,
    of: Option<(&Collection, &[&str])>,
) -> Vec<Scored> {
    let mut seen = index.seen(reader, &wanted.filter);
    if let Some((collection, _)) = of {
        seen = seen.within(collection);
    }
    let names = all_names(&seen, of.map_or(&[], |(_, names)| names));
    let question = Question::read(&wanted.text, &names, wanted.at);
    let cosines = vector.and_then(|vector| embed::cosines(vector, index.rows(), index.scales()));
    let mut scored = rank(&seen, &question, cosines.as_deref());
    scored.retain(|one| one.is_found && one.score + HALF_A_PLACE >= wanted.least);
    if wanted.diversity > 0.0 {
        scored = varied(index, &scored, wanted.diversity, wanted.limit);
    }
    scored
}

/// The names that an index knows, and others, each once.
fn all_names<'a>(seen: &'a Seen<'_>, others: &[&'a str]) -> Vec<&'a str> {
    let mut names = seen.names();
    if !others.is_empty() {
        names.extend(others);
        names.sort_unstable();
        names.dedup();
    }
    names
}

/// The best of what was scored that the permit sees and the filter lets through, by the store's word.
fn fetched(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    wanted: &Wanted,
    scored: &[Scored],
) -> Result<Vec<Found>> {
    let (mut found, mut rest, mut step) = (Vec::new(), scored, wanted.limit.max(FIRST));
    while !rest.is_empty() && found.len() < wanted.limit {
        let (some, others) = rest.split_at(step.min(rest.len()));
        let ids: Vec<MemoryId> = some.iter().map(|one| one.id).collect();
        let memories = tx.memories_by_id(permit, &ids, &wanted.filter)?;
        let mut memories: HashMap<MemoryId, Memory> =
            memories.into_iter().map(|memory| (memory.id, memory)).collect();
        let fitting = some.iter().filter_map(|scored| {
            memories.remove(&scored.id).map(|memory| Found { memory, scored: *scored })
        });
        found.extend(fitting);
        // Where the first ones all are refused, an index that is unsure of a name may hold none that
        // fits.
        let is_vain = found.is_empty() && !others.is_empty();
        if is_vain && tx.newest_memories(permit, &wanted.filter, 1)?.is_empty() {
            break;
        }
        (rest, step) = (others, step * 4);
    }
    found.truncate(wanted.limit);
    Ok(found)
}

/// Somebody waits for a vector, until this is dropped.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn begin(recaller: &'a Recaller) -> Self {
        recaller.waiting.fetch_add(1, Ordering::Relaxed);
        Self(&recaller.waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
