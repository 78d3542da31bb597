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

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{MemoryId, TeamId};
use crate::embed::{self, Embedder, Vector};
use crate::identity::permit::Permit;
use crate::memory::index::{Collection, Index, Reader, Seen, Sight};
use crate::memory::memory::Memory;
use crate::memory::ranking::question::Question;
use crate::memory::ranking::{Asked, Scored, rank, varied};
use crate::memory::search::Filter;
use crate::store::ReadTx;
use crate::store::near::Vectors;

use indexes::Indexes;
use near::{Counts, is_near};
use questions::Questions;
use worker::Work;

pub use written::Written;

/// How many are ranked and read first for an answer; further ones in ever larger steps.
const FIRST: usize = 20;

/// Among how many of the best those are picked that differ.
const VARIED: usize = 100;

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
        let mut sight = None;
        let vector = match self.embedder.as_deref().filter(|_| !wanted.by_words) {
            None => None,
            Some(embedder) => {
                // Read, and let go of: embedding takes longer than everything else together.
                let question = index.read(|index| {
                    let seen = index.seen(reader, &wanted.filter);
                    let question = Question::read(&wanted.text, &seen.names(), wanted.at);
                    sight = Some(seen.kept());
                    question.rewritten
                });
                match self.questions.get(&question) {
                    Some(vector) => Some(vector),
                    None if embedder.is_elsewhere() => return Ok(Reply::NeedsVector(question)),
                    None => self.vector_at_once(embedder, question),
                }
            }
        };
        let mut search =
            Search { tx, permit, wanted, found: Vec::new(), looked_at: HashSet::new() };
        let mut most = match wanted.diversity {
            0.0 => wanted.limit.max(FIRST),
            _ => wanted.limit.max(VARIED),
        };
        loop {
            let look = |index: &Index| {
                let known = Known { sight: sight.take(), ..Known::default() };
                ranked(index, reader, wanted, vector.as_deref(), known, most)
            };
            let scored = index.read(look);
            let is_all = scored.len() < most;
            search.take(&scored)?;
            if search.found.len() >= wanted.limit || is_all || search.is_vain()? {
                return Ok(Reply::Found(search.found));
            }
            // What comes first was hidden or filtered out by the store's word.
            most *= 5;
        }
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

/// What is known of an index before it is looked at.
#[derive(Default)]
struct Known<'a> {
    /// What was seen of it before.
    sight: Option<Sight>,
    /// The collection of which it holds a part, and names that this knows.
    of: Option<(&'a Collection, &'a [&'a str])>,
}

/// Scores all that is wanted of an index, and puts the best in order.
fn ranked(
    index: &Index,
    reader: Reader,
    wanted: &Wanted,
    vector: Option<&Vector>,
    known: Known<'_>,
    most: usize,
) -> Vec<Scored> {
    let seen = known.sight.and_then(|sight| index.seen_again(sight));
    let mut seen = seen.unwrap_or_else(|| index.seen(reader, &wanted.filter));
    if let Some((collection, _)) = known.of {
        seen = seen.within(collection);
    }
    let names = all_names(&seen, known.of.map_or(&[], |(_, names)| names));
    let question = Question::read(&wanted.text, &names, wanted.at);
    let cosines = vector.and_then(|vector| embed::cosines(vector, index.rows(), index.scales()));
    let asked = Asked { most, least: wanted.least };
    let scored = rank(&seen, &question, cosines.as_deref(), asked);
    if wanted.diversity > 0.0 {
        return varied(index, scored, wanted.diversity, wanted.limit);
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
    let mut search = Search { tx, permit, wanted, found: Vec::new(), looked_at: HashSet::new() };
    for some in scored.chunks(wanted.limit.max(FIRST)) {
        search.take(some)?;
        if search.found.len() >= wanted.limit || search.is_vain()? {
            break;
        }
    }
    Ok(search.found)
}

/// What is found so far, by the store's word.
struct Search<'a> {
    tx: &'a mut dyn ReadTx,
    permit: &'a Permit,
    wanted: &'a Wanted,
    found: Vec<Found>,
    looked_at: HashSet<MemoryId>,
}

impl Search<'_> {
    /// Takes those that the permit sees and the filter lets through.
    fn take(&mut self, scored: &[Scored]) -> Result<()> {
        let Wanted { limit, filter, .. } = self.wanted;
        let new: Vec<Scored> =
            scored.iter().filter(|one| self.looked_at.insert(one.id)).copied().collect();
        if new.is_empty() {
            return Ok(());
        }
        let ids: Vec<MemoryId> = new.iter().map(|one| one.id).collect();
        let memories = self.tx.memories_by_id(self.permit, &ids, filter)?;
        let mut memories: HashMap<MemoryId, Memory> =
            memories.into_iter().map(|memory| (memory.id, memory)).collect();
        self.found.extend(new.iter().filter_map(|scored| {
            memories.remove(&scored.id).map(|memory| Found { memory, scored: *scored })
        }));
        self.found.truncate(*limit);
        Ok(())
    }

    /// Where the first ones all are refused, an index that is unsure of a name may hold none that fits.
    fn is_vain(&mut self) -> Result<bool> {
        let filter = &self.wanted.filter;
        Ok(self.found.is_empty() && self.tx.newest_memories(self.permit, filter, 1)?.is_empty())
    }
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
