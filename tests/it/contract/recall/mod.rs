//! Recall over a store: the index keeps in step, and shows nobody what the store wouldn't.

mod follows;
mod models;
mod near;
mod sight;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memoranda::core::error::{Error, Result};
use memoranda::core::id::MemoryId;
use memoranda::embed::{Embedder, Vector};
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::Status;
use memoranda::memory::memory::Memory;
use memoranda::memory::search::Filter;
use memoranda::recall::{Found, Recaller, Reply, USUAL_BYTES, Wanted};
use memoranda::store::near::Indexing;

use super::engine;
use super::team::{Caller, at};

/// Subjects, and the words that speak of each: what a model would know of the world.
const SUBJECTS: [&[&str]; 4] = [
    &["cat", "kitten", "feline"],
    &["car", "lorry", "vehicle"],
    &["rain", "storm", "weather"],
    &["bread", "cake", "bakery"],
];

/// A model of those subjects, which counts what it is asked.
#[derive(Default)]
struct Subjects {
    name: &'static str,
    is_elsewhere: bool,
    asked: AtomicUsize,
}

impl Subjects {
    fn named(name: &'static str) -> Arc<Self> {
        Arc::new(Self { name, ..Self::default() })
    }
}

impl Embedder for Subjects {
    fn model(&self) -> &str {
        self.name
    }

    fn dimensions(&self) -> usize {
        SUBJECTS.len() + 1
    }

    fn is_elsewhere(&self) -> bool {
        self.is_elsewhere
    }

    fn reach(&self) -> usize {
        1_000
    }

    fn count(&self, text: &str) -> Result<usize> {
        Ok(text.split_whitespace().count())
    }

    fn embed(&self, text: &str) -> Result<Vector> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let holds = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let mut floats: Vec<f32> =
            SUBJECTS.iter().map(|words| f32::from(u8::from(holds(words)))).collect();
        let is_of_none = floats.iter().sum::<f32>() < 0.5;
        floats.push(f32::from(u8::from(is_of_none)));
        // The model's own mark: vectors of another mean nothing to it.
        if self.name == "other" {
            floats.rotate_left(1);
        }
        Ok(Vector::of(&floats))
    }
}

/// A model that doesn't answer.
struct Silent;

impl Embedder for Silent {
    fn model(&self) -> &'static str {
        "silent"
    }

    fn dimensions(&self) -> usize {
        4
    }

    fn reach(&self) -> usize {
        1_000
    }

    fn count(&self, _: &str) -> Result<usize> {
        Ok(1)
    }

    fn embed(&self, _: &str) -> Result<Vector> {
        Err(Error::unavailable("no answer"))
    }
}

/// A server's recaller, with the model of subjects.
fn server() -> Arc<Recaller> {
    let recaller = Recaller::new(Some(Subjects::named("subjects")), USUAL_BYTES);
    Arc::new(recaller.indexing_from(Some(1)))
}

fn wanted(text: &str) -> Wanted {
    Wanted {
        text: text.to_owned(),
        filter: Filter::default(),
        limit: 10,
        least: 0.0,
        diversity: 0.0,
        by_words: false,
        at: at(0),
    }
}

async fn reply(server: &Arc<Recaller>, caller: &Caller, wanted: Wanted) -> Reply {
    let team = caller.principal.team;
    let is_near = engine::is_near() && {
        let indexing = server.index_vectors(caller.store(), team).await.expect("indexes");
        indexing == Indexing::Done
    };
    let held = server.holds(team);
    let asked = Arc::clone(server);
    let found = caller.read(move |tx, permit| asked.find(tx, permit, &wanted));
    let found = found.await.expect("searches");
    // Otherwise a case would say nothing of the index in the database.
    assert!(!is_near || held || !server.holds(team));
    found
}

async fn search(server: &Arc<Recaller>, caller: &Caller, wanted: Wanted) -> Vec<Found> {
    match reply(server, caller, wanted).await {
        Reply::Found(found) => found,
        Reply::NeedsVector(_) => panic!("the model is here"),
    }
}

async fn found(server: &Arc<Recaller>, caller: &Caller, text: &str) -> Vec<MemoryId> {
    let found = search(server, caller, wanted(text)).await;
    found.into_iter().map(|found| found.memory.id).collect()
}

async fn filtered(
    server: &Arc<Recaller>,
    caller: &Caller,
    text: &str,
    filter: Filter,
) -> BTreeSet<MemoryId> {
    let found = search(server, caller, Wanted { filter, limit: 100, ..wanted(text) }).await;
    found.into_iter().map(|found| found.memory.id).collect()
}

/// Keeps a memory as the product does: with its vectors in the same unit.
async fn remember(server: &Arc<Recaller>, caller: &Caller, draft: Draft) -> Memory {
    let memory = caller.memory(draft);
    add(server, caller, memory.clone()).await;
    memory
}

async fn add(server: &Arc<Recaller>, caller: &Caller, memory: Memory) {
    let written = server.embed_written(&[&memory.statement.content]).await;
    let kept = caller.write(move |tx, permit| {
        tx.add_memory(permit, &memory, &memory.words())?;
        written.put(tx, permit, &memory)
    });
    kept.await.expect("kept");
}

async fn settle(owner: &Caller, memory: &Memory, status: Status) {
    let next = memory.next(memory.statement.clone(), status, at(5));
    let settled = owner.write(move |tx, permit| {
        let words = next.words();
        let words = (next.status != Status::Forgotten).then_some(&words);
        tx.change_any_memory(permit.oversight()?, &next, words)
    });
    assert!(settled.await.expect("runs"));
}
