//! The order of what full text finds is the same on both engines, score by score.

use memoranda::core::text::words;
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::MemoryType;
use memoranda::memory::search::{Candidate, Filter};

use crate::contract::engine;
use crate::contract::team::{Caller, Team, draft};

/// A sequence that is the same each time (xorshift, Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("small")
    }

    /// A word: some are everywhere, most are rare.
    fn word(&mut self) -> &'static str {
        const WORDS: [&str; 24] = [
            "deploy",
            "server",
            "apple",
            "billing",
            "猫が好き",
            "数据库",
            "getUserById",
            "v1.42.7",
            "서울은",
            "Москва",
            "ประชุม",
            "retry",
            "Thursday",
            "invoice",
            "cache",
            "index",
            "PROJ-4711",
            "🎉",
            "Köln",
            "writer.rs",
            "token bucket",
            "latency",
            "monkey",
            "zebra",
        ];
        let most = 1 + self.below(WORDS.len());
        WORDS[self.below(most)]
    }

    fn text(&mut self, most: usize) -> String {
        let count = 1 + self.below(most);
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    fn draft(&mut self) -> Draft {
        let mut made = draft(&self.text(60));
        if self.below(3) == 0 {
            made.title = Some(self.text(4));
        }
        if self.below(2) == 0 {
            made.tags = Some((0..3).map(|_| self.word().replace(' ', "-")).collect());
        }
        if self.below(4) == 0 {
            made.speaker = Some(self.word().to_owned());
        }
        if self.below(2) == 0 {
            made.memory_type = Some(MemoryType::Decision);
        }
        made
    }
}

async fn found(caller: &Caller, query: &str, filter: &Filter, limit: usize) -> Vec<Candidate> {
    let (words, filter) = (words::query(query), filter.clone());
    let read =
        caller.read(move |tx, permit| tx.memories_with_words(permit, &words, &filter, limit));
    read.await.expect("reads")
}

#[tokio::test]
async fn both_engines_give_generated_memories_the_same_order_and_scores() {
    let (Some(here), Some(there)) = (engine::sqlite(), engine::postgres()) else { return };
    let (ada, bo) = (
        Team::new(&here.store, "north").await.agent("ada").await,
        Team::new(&there.store, "north").await.agent("ada").await,
    );
    let mut chance = Chance(0x5DEE_CE66_D1CE_4E5B);
    for number in 0..200 {
        let memory = ada.memory(chance.draft());
        ada.add(memory.clone()).await.expect("kept");
        bo.add(memory.clone()).await.expect("kept");
        // Some are changed or leave the index, so that the counts go down as well.
        if number % 5 == 0 {
            let next = memory.next(
                chance.draft().into_statement(memory.updated_at).expect("valid"),
                memory.status,
                memory.updated_at,
            );
            let has_words = number % 10 == 0;
            for caller in [&ada, &bo] {
                let next = next.clone();
                let changed = caller.write(move |tx, permit| {
                    let words = next.words();
                    tx.change_memory(permit, &next, has_words.then_some(&words))
                });
                assert!(changed.await.expect("changed"));
            }
        }
    }
    let decisions = Filter { types: vec![MemoryType::Decision], ..Filter::default() };
    let mut compared = 0;

    for round in 0..90 {
        let query = chance.text(5);
        let limit = [5, 50, 1_000][round % 3];
        for filter in [&Filter::default(), &decisions] {
            let on_sqlite = found(&ada, &query, filter, limit).await;
            let on_postgres = found(&bo, &query, filter, limit).await;

            let ids =
                |found: &[Candidate]| found.iter().map(|one| one.memory.id).collect::<Vec<_>>();
            assert_eq!(ids(&on_postgres), ids(&on_sqlite), "{query}");
            for (one, two) in on_sqlite.iter().zip(&on_postgres) {
                let apart = (one.words - two.words).abs() / one.words;
                assert!(apart < 1e-12, "{query}: {} {}", one.words, two.words);
            }
            compared += on_sqlite.len();
        }
    }

    assert!(compared > 1_000, "{compared} were compared");
}
