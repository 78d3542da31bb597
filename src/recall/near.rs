//! Recall where a team is too large to be looked through in memory: the store finds some hundreds of
//! memories that may answer, by words and by meaning, and they are ranked as everything else is.
//!
//! What ranking computes over all that a reader sees (how rare a word is, how long texts are) is
//! counted by the store over what that reader sees and wants, exactly for rare words and from a sample for
//! common ones. Who stands beside the best is fetched as well, because neighbours speak for one another.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Recaller, Reply, Wanted, all_names, fetched, ranked};
use crate::core::error::Result;
use crate::core::id::{MemoryId, TeamId};
use crate::core::text::words;
use crate::identity::permit::Permit;
use crate::memory::index::{Collection, Index, Meaning, Reader};
use crate::memory::ranking::question::Question;
use crate::memory::search::Statuses;
use crate::store::ReadTx;
use crate::store::near::{Near, RARE, SAMPLE, Sought, Vectors};

/// How many candidates words give, and how many vectors meaning gives.
const BY_WORDS: usize = 300;
const BY_MEANING: usize = 500;

/// How many of the newest are looked at where the index of vectors found too few that fit.
const NEWEST: usize = 1_000;

/// Of how many of the best the neighbours count.
const BEST: usize = 50;

/// How long a number of memories holds: it only says how rare words are.
const COUNTED_FOR: Duration = Duration::from_secs(60);

/// How many such numbers are kept.
const COUNTS: usize = 1_000;

/// Whose memories are counted: of a team, as a reader sees them, by a filter in words.
type Asked = (TeamId, Reader, String);

/// How many memories a reader sees that a filter lets through, as it was lately.
#[derive(Default)]
pub(super) struct Counts {
    held: Mutex<HashMap<Asked, (Instant, u64)>>,
}

impl Counts {
    fn get(&self, of: Asked, count: impl FnOnce() -> Result<u64>) -> Result<u64> {
        let now = Instant::now();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, count)) = held.get(&of)
            && now.duration_since(*at) < COUNTED_FOR
        {
            return Ok(*count);
        }
        if held.len() >= COUNTS {
            held.clear();
        }
        drop(held);
        let count = count()?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(of, (now, count));
        Ok(count)
    }
}

/// What is known before anything is ranked.
struct Known {
    collection: Collection,
    /// Names of those who speak, as far as they are known without looking at everything.
    names: Vec<String>,
    /// How many memories hold each word, in the order of the words.
    holding: Vec<f64>,
    memories: f64,
}

/// The candidates so far.
struct Gathered<'a> {
    permit: &'a Permit,
    model: &'a str,
    status: Statuses,
    index: Index,
    asked: Vec<MemoryId>,
}

impl Gathered<'_> {
    /// Takes further ones in.
    fn add(&mut self, near: &mut dyn Near, ids: Vec<MemoryId>) -> Result<()> {
        let mut new: Vec<MemoryId> =
            ids.into_iter().filter(|id| !self.asked.contains(id)).collect();
        new.sort_unstable();
        new.dedup();
        if new.is_empty() {
            return Ok(());
        }
        let mut indexed = near.indexed(self.permit, self.model, &new, self.status)?;
        // In the order of their making, as an index of all would have them.
        indexed.sort_unstable_by_key(|one| one.memory.id);
        for one in indexed {
            let meanings: Vec<Meaning> = one
                .pieces
                .into_iter()
                .map(|piece| Meaning { values: piece.values, scale: piece.scale })
                .collect();
            self.index.put(&one.memory, one.is_accepted, &meanings);
        }
        self.asked.extend(new);
        Ok(())
    }
}

/// Whether the store finds this team's candidates.
pub(super) fn is_near(tx: &mut dyn ReadTx, permit: &Permit, vectors: &Vectors) -> Result<bool> {
    match tx.near() {
        Some(near) => near.is_indexed(permit, vectors),
        None => Ok(false),
    }
}

impl Recaller {
    /// As [`Recaller::find`], among the candidates that the store finds.
    pub(super) fn find_near(
        &self,
        tx: &mut dyn ReadTx,
        permit: &Permit,
        wanted: &Wanted,
        vectors: &Vectors,
    ) -> Result<Reply> {
        let Some(near) = tx.near() else { return Ok(Reply::Found(Vec::new())) };
        let (reader, status) = (Reader::of(permit), wanted.filter.status);
        let all = words::query(&wanted.text);
        let known = self.known(near, permit, wanted, &all)?;
        let names: Vec<&str> = known.names.iter().map(String::as_str).collect();
        let telling = Question::read(&wanted.text, &names, wanted.at).words;
        let sought: Vec<Sought> = all
            .iter()
            .zip(&known.holding)
            .filter(|(word, _)| telling.contains(word))
            .map(|(word, holding)| Sought {
                word: word.clone(),
                worth: (1.0 + (known.memories - holding + 0.5).max(0.0) / (holding + 0.5)).ln(),
                holding: *holding,
            })
            .collect();
        let mut gathered = Gathered {
            permit,
            model: &vectors.model,
            status,
            index: Index::new(vectors.dimensions),
            asked: Vec::new(),
        };
        let length = f64::from(known.collection.length.max(1.0));
        let most = BY_WORDS.max(wanted.limit);
        let found = near.holding(permit, &sought, length, &wanted.filter, most)?;
        gathered.add(near, found)?;

        let vector = match self.embedder.as_deref().filter(|_| !wanted.by_words) {
            None => None,
            Some(embedder) => {
                let seen = gathered.index.seen(reader, &wanted.filter);
                let names = all_names(&seen, &names);
                let question = Question::read(&wanted.text, &names, wanted.at).rewritten;
                match self.questions.get(&question) {
                    Some(vector) => Some(vector),
                    None if embedder.is_elsewhere() => return Ok(Reply::NeedsVector(question)),
                    None => self.vector_at_once(embedder, question),
                }
            }
        };
        if let Some(vector) = &vector {
            let most = BY_MEANING.max(2 * wanted.limit);
            let mut found = near.nearest(permit, vectors, &vector.values, &wanted.filter, most)?;
            if found.len() < most {
                // The index gives up where hardly anything fits; then there is not much to look at.
                let newest = NEWEST.max(wanted.limit);
                let newest = tx.newest_memories(permit, &wanted.filter, newest)?;
                found.extend(newest.iter().map(|memory| memory.id));
            }
            if let Some(near) = tx.near() {
                gathered.add(near, found)?;
            }
        }
        let rank = |index: &Index| {
            let of = Some((&known.collection, &names[..]));
            let known = super::Known { of, ..super::Known::default() };
            ranked(index, reader, wanted, vector.as_deref(), known, usize::MAX)
        };
        let first = rank(&gathered.index);
        let best: Vec<MemoryId> = first.iter().take(BEST).map(|one| one.id).collect();
        if let Some(near) = tx.near() {
            let beside = near.beside(permit, &best, status)?;
            gathered.add(near, beside)?;
        }
        let scored = rank(&gathered.index);
        Ok(Reply::Found(fetched(tx, permit, wanted, &scored)?))
    }

    /// How common the words of a question are, and whom it may name.
    fn known(
        &self,
        near: &mut dyn Near,
        permit: &Permit,
        wanted: &Wanted,
        all: &[String],
    ) -> Result<Known> {
        let filter = &wanted.filter;
        let counted = near.count_holding(permit, all, filter)?;
        let common: Vec<usize> = (0..all.len()).filter(|at| counted[*at] >= RARE).collect();
        let asked: Vec<String> = common.iter().map(|at| all[*at].clone()).collect();
        let sampled = near.sample(permit, &asked, filter)?;
        let memories = if sampled.memories < SAMPLE {
            sampled.memories
        } else {
            let of = (permit.team(), Reader::of(permit), format!("{filter:?}"));
            self.counts.get(of, || near.count_seen(permit, filter))?
        };
        let mut holding: Vec<f64> = counted.iter().map(|count| *count as f64).collect();
        for (at, held) in common.iter().zip(&sampled.holding) {
            let share = *held as f64 / sampled.memories.max(1) as f64;
            holding[*at] = (share * memories as f64).max(RARE as f64);
        }
        let mut names = sampled.names;
        names.extend(near.authors_in(permit, &wanted.text)?);
        names.sort_unstable();
        names.dedup();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts, rounded"
        )]
        let collection = Collection {
            parts: (memories as f64 * sampled.parts).round() as usize,
            length: sampled.words as f32,
            holding: all
                .iter()
                .zip(&holding)
                .map(|(word, holding)| (word.clone(), holding.round() as usize))
                .collect(),
        };
        Ok(Known { collection, names, holding, memories: memories as f64 })
    }
}
