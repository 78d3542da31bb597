//! What the database's index of vectors finds, beside what looking at everything finds.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use memoranda::core::error::Result;
use memoranda::core::id::MemoryId;
use memoranda::embed::{Embedder, Vector};
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::Visibility;
use memoranda::memory::memory::Memory;
use memoranda::memory::search::Filter;
use memoranda::recall::{Recaller, USUAL_BYTES, Wanted};
use memoranda::store::Store;
use memoranda::store::near::Indexing;
use memoranda::store::postgres::Postgres;

use super::{add, reply, search, wanted};
use crate::cluster::{Cluster, Database};
use crate::contract::team::{Caller, Team, draft};

/// Memories of the comparison: enough for a plan that goes by the index.
const MEMORIES: u64 = 2_400;

/// A model of words: a text means the sum of what its words mean, and some words mean the same.
struct Sums;

impl Embedder for Sums {
    fn model(&self) -> &'static str {
        "sums: of 'words'"
    }

    fn dimensions(&self) -> usize {
        64
    }

    fn reach(&self) -> usize {
        1_000
    }

    fn count(&self, text: &str) -> Result<usize> {
        Ok(text.split_whitespace().count())
    }

    fn embed(&self, text: &str) -> Result<Vector> {
        let mut floats = vec![0.0_f32; 64];
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            // `alias7` says the same as `word7`.
            let meaning = hash(&word.to_lowercase().replace("alias", "word"));
            for (place, float) in floats.iter_mut().enumerate() {
                *float += if meaning >> place & 1 == 1 { 1.0 } else { -1.0 };
            }
        }
        Ok(Vector::of(&floats))
    }
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// A number below a bound, the same each time.
fn some(of: (u64, u64), below: u64) -> u64 {
    hash(&of) % below
}

fn recaller(index_from: Option<usize>) -> Arc<Recaller> {
    let recaller = Recaller::new(Some(Arc::new(Sums)), USUAL_BYTES);
    Arc::new(recaller.indexing_from(index_from))
}

/// Memories of eight words each, of conversations of twelve turns.
fn drafts() -> impl Iterator<Item = Draft> {
    (0..MEMORIES).map(|number| {
        let words: Vec<String> = (0..8)
            .map(|place| {
                let common = some((number, place), 900);
                // Lower numbers are commoner, as of any language.
                format!("word{}", some((number, place + 100), common + 1))
            })
            .collect();
        let speaker = ["Ana", "Ben", "Eve"][usize::try_from(number % 3).expect("small")];
        Draft {
            thread: Some(format!("talk {}", number / 12)),
            position: Some(i64::try_from(number % 12).expect("small")),
            speaker: Some(speaker.to_owned()),
            visibility: number.is_multiple_of(7).then_some(Visibility::Agent),
            ..draft(&words.join(" "))
        }
    })
}

/// Questions, half of them in other words than the memories'.
fn questions() -> Vec<String> {
    (0..39)
        .map(|number| {
            let word = |place: u64| {
                let kind = if (number + place).is_multiple_of(2) { "word" } else { "alias" };
                format!("{kind}{}", some((number, place + 1_000), 500))
            };
            let who = if number.is_multiple_of(5) { "Ana and " } else { "" };
            format!("What of {who}{} and {} with {}?", word(0), word(1), word(2))
        })
        .collect()
}

async fn ids(server: &Arc<Recaller>, caller: &Caller, text: &str, filter: Filter) -> Vec<MemoryId> {
    let found = search(server, caller, Wanted { filter, ..wanted(text) }).await;
    found.iter().map(|found| found.memory.id).collect()
}

fn opened(database: &Database) -> Store {
    Store::new(Postgres::open(&database.url(), None).expect("opens"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_finds_nine_in_ten_of_what_looking_at_everything_finds() {
    let Some(database) = Database::new() else { return };
    let store = opened(&database);
    let team = Team::new(&store, "north").await;
    let (ada, bob) = (team.agent("ada").await, team.agent("bob").await);
    let (exact, near) = (recaller(None), recaller(Some(1)));
    let memories: Vec<Memory> = drafts().map(|draft| ada.memory(draft)).collect();
    for some in memories.chunks(500) {
        let some = some.to_vec();
        let added = ada.write(move |tx, permit| {
            some.iter().try_for_each(|memory| tx.add_memory(permit, memory, &memory.words()))
        });
        added.await.expect("kept");
    }
    near.make_missing(&store).await.expect("vectors");
    database.ask("ANALYZE");

    let made = near.index_vectors(&store, team.id).await.expect("indexes");

    assert_eq!(made, Indexing::Done);
    let in_thread = Filter { thread: Some("talk 7".to_owned()), ..Filter::default() };
    let by_eve = Filter { speakers: vec!["Eve".to_owned()], ..Filter::default() };
    let (mut expected, mut both, mut firsts) = (0, 0, 0);
    for (number, question) in questions().iter().enumerate() {
        for caller in [&ada, &bob] {
            let filter = [Filter::default(), by_eve.clone(), in_thread.clone()][number % 3].clone();
            let all = ids(&exact, caller, question, filter.clone()).await;
            let some = ids(&near, caller, question, filter).await;
            expected += all.len();
            both += some.iter().filter(|id| all.contains(id)).count();
            firsts += usize::from(all.first() == some.first());
        }
    }
    assert!(expected > 500, "{expected}");
    assert!(both * 10 >= expected * 9, "{both} of {expected}");
    assert!(firsts * 10 >= 78 * 9, "{firsts} of 78");
    assert!(exact.holds(team.id) && !near.holds(team.id));
    // The server counts uses now and then; a plan that never takes the index would never count one.
    let used =
        "SELECT sum(idx_scan) FROM pg_stat_user_indexes WHERE indexrelname LIKE 'near%vectors'";
    for question in questions().iter().cycle().take(2_000) {
        if database.ask(used) != ["0"] {
            return;
        }
        ids(&near, &ada, question, Filter::default()).await;
    }
    panic!("the index is never used");
}

#[tokio::test]
async fn an_index_is_wanted_when_a_team_has_grown_and_made_by_who_waits_for_that() {
    let Some(database) = Database::new() else { return };
    let (one, two) = (opened(&database), opened(&database));
    let team = Team::new(&one, "north").await;
    let ada = team.agent("ada").await;
    let there = Caller::new(&two, &Arc::default(), ada.principal.clone());
    let (here, other) = (recaller(Some(3)), recaller(Some(3)));
    let keep = async |text: &str| {
        let memory = ada.memory(draft(text));
        add(&here, &ada, memory.clone()).await;
        memory.id
    };
    keep("word1 word2").await;
    keep("word2 word3").await;
    let working = tokio::spawn(Arc::clone(&here).work(one.clone()));

    reply(&here, &ada, wanted("word2")).await;
    let while_small = here.holds(team.id);
    keep("word3 word4").await;
    // Taken in by the first, noticed by the second.
    while here.holds(team.id) {
        reply(&here, &ada, wanted("word2")).await;
        tokio::task::yield_now().await;
    }
    let last = keep("word9 word4").await;

    assert!(while_small);
    for (server, caller) in [(&here, &ada), (&other, &there)] {
        assert_eq!(ids(server, caller, "alias9", Filter::default()).await[0], last);
        assert_eq!(ids(server, caller, "word9", Filter::default()).await[0], last);
        assert!(!server.holds(team.id));
    }
    working.abort();
}

#[tokio::test]
async fn an_index_that_is_gone_is_done_without() {
    let Some(database) = Database::new() else { return };
    let store = opened(&database);
    let ada = Team::new(&store, "north").await.agent("ada").await;
    let server = recaller(Some(1));
    let memory = ada.memory(draft("word1 word2"));
    add(&server, &ada, memory.clone()).await;
    let team = ada.principal.team;
    assert_eq!(server.index_vectors(&store, team).await.expect("indexes"), Indexing::Done);
    assert_eq!(ids(&server, &ada, "word1", Filter::default()).await, [memory.id]);

    for name in database.ask("SELECT relname FROM pg_class WHERE relname LIKE 'near%vectors'") {
        database.change(&format!("DROP INDEX {name}"));
    }

    assert_eq!(ids(&server, &ada, "word1", Filter::default()).await, [memory.id]);
    assert!(server.holds(team));
    assert_eq!(server.index_vectors(&store, team).await.expect("indexes"), Indexing::Done);
    assert_eq!(ids(&server, &ada, "alias1", Filter::default()).await, [memory.id]);
    assert!(!server.holds(team));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_fail_over_to_a_server_that_lagged_behind_nothing_is_missed() {
    let Some(cluster) = Cluster::own() else { return };
    let database = cluster.database();
    let store = opened(&database);
    let ada = Team::new(&store, "north").await.agent("ada").await;
    let server = recaller(None);
    let keep = async |text: &str| {
        let memory = ada.memory(draft(text));
        add(&server, &ada, memory.clone()).await;
        memory.id
    };
    let stays = keep("word1 word2").await;
    let lost = keep("word1 word3").await;
    let mut both = ids(&server, &ada, "word1", Filter::default()).await;
    both.sort_unstable();

    // What the other server hasn't heard of yet, which another server is told by its start.
    for table in ["memory_pieces", "memory_words", "memory_tags", "memory_versions", "memories"] {
        database.change(&format!("DELETE FROM {table} WHERE memory_id = '{lost}'"));
    }
    cluster.restart("fast");
    let new = keep("word1 word4").await;

    assert_eq!(both, [stays, lost]);
    let mut after = ids(&server, &ada, "word1", Filter::default()).await;
    after.sort_unstable();
    assert_eq!(after, [stays, new]);
}
