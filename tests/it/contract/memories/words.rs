//! Full text: what finds a memory, and in which order.

use memoranda::core::id::MemoryId;
use memoranda::memory::draft::Draft;
use memoranda::memory::search::Filter;
use memoranda::store::Store;

use super::{draft, tagged, titled};
use crate::contract::team::{ALL, Caller, Team};

contract! {
    words_are_found_in_title_labels_and_content,
    any_of_the_words_finds,
    more_of_the_words_come_first,
    a_word_in_the_title_weighs_more_than_in_labels_and_content,
    a_title_that_is_the_contents_beginning_counts_once,
    ties_come_by_id,
    the_best_come_first_with_falling_scores,
    the_best_are_kept_at_the_limit,
    no_words_find_nothing,
    words_that_an_engine_reserves_are_words,
    words_of_every_script_and_identifiers_are_found,
    a_found_memory_is_the_whole_memory,
}

async fn kept(caller: &Caller, drafts: impl IntoIterator<Item = Draft>) -> Vec<MemoryId> {
    let mut ids = Vec::new();
    for draft in drafts {
        ids.push(caller.remember(draft).await.id);
    }
    ids
}

async fn found(caller: &Caller, query: &str) -> Vec<MemoryId> {
    caller.found(query, &Filter::default(), ALL).await
}

/// Memories without fruit, so that no fruit is in more than half of all.
fn fillers() -> impl Iterator<Item = Draft> {
    (0..20).map(|number| draft(&format!("stone number {number} of a long grey wall")))
}

async fn words_are_found_in_title_labels_and_content(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let named = Draft {
        speaker: Some("damson".to_owned()),
        source: Some("elder".to_owned()),
        ..tagged(&["cherry"], "apple")
    };
    let named = Draft { title: Some("banana".to_owned()), ..named };
    let ids = kept(&ada, [named]).await;
    kept(&ada, fillers()).await;

    for word in ["apple", "banana", "cherry", "damson", "elder"] {
        assert_eq!(found(&ada, word).await, ids, "{word}");
    }
    assert!(found(&ada, "fig").await.is_empty());
}

async fn any_of_the_words_finds(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut ids = kept(&ada, ["apple", "banana", "cherry"].map(draft)).await;

    let mut found = found(&ada, "banana apple fig").await;

    ids.truncate(2);
    found.sort_unstable();
    assert_eq!(found, ids);
}

async fn more_of_the_words_come_first(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let ids = kept(&ada, ["apple tart", "banana bread", "apple banana"].map(draft)).await;
    kept(&ada, fillers()).await;

    assert_eq!(found(&ada, "apple banana").await[0], ids[2]);
}

async fn a_word_in_the_title_weighs_more_than_in_labels_and_content(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    // The same words in other places, so that length tells nothing and ties would come by id.
    let place = |title: &str, tag: &str, content: &str| Draft {
        tags: Some(vec![tag.to_owned()]),
        ..titled(title, content)
    };
    let ids = kept(
        &ada,
        [
            place("banana", "cherry", "apple"),
            place("banana", "apple", "cherry"),
            place("apple", "banana", "cherry"),
        ],
    )
    .await;
    kept(&ada, fillers()).await;

    assert_eq!(found(&ada, "apple").await, [ids[2], ids[1], ids[0]]);
}

async fn a_title_that_is_the_contents_beginning_counts_once(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let ids = kept(&ada, [draft("apple pie"), titled("apple pie", "apple pie")]).await;
    kept(&ada, fillers()).await;

    assert_eq!(found(&ada, "apple").await, [ids[1], ids[0]]);
}

async fn ties_come_by_id(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let made: Vec<_> = (0..12).map(|_| ada.memory(draft("apple"))).collect();
    let ids: Vec<MemoryId> = made.iter().map(|memory| memory.id).collect();
    for memory in made.into_iter().rev() {
        ada.add(memory).await.expect("kept");
    }
    kept(&ada, fillers()).await;

    assert_eq!(found(&ada, "apple").await, ids);
    // A limit among equals keeps the first of them.
    assert_eq!(ada.found("apple", &Filter::default(), 5).await, ids[..5]);
}

async fn the_best_come_first_with_falling_scores(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let long = |times: usize| format!("apple {}", "stone ".repeat(times));
    let ids = kept(&ada, [draft(&long(9)), draft(&long(1)), draft(&long(4))]).await;
    kept(&ada, fillers()).await;

    let candidates = ada.read(|tx, permit| {
        tx.memories_with_words(permit, &["appl".to_owned()], &Filter::default(), ALL)
    });

    let candidates = candidates.await.expect("reads");
    let order: Vec<_> = candidates.iter().map(|candidate| candidate.memory.id).collect();
    assert_eq!(order, [ids[1], ids[2], ids[0]]);
    assert!(candidates.windows(2).all(|pair| pair[0].words > pair[1].words));
    assert!(candidates.iter().all(|candidate| candidate.words > 0.0));
}

async fn the_best_are_kept_at_the_limit(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let long = |times: usize| draft(&format!("apple {}", "stone ".repeat(times)));
    kept(&ada, (1..9).rev().map(long)).await;
    kept(&ada, fillers()).await;

    let all = found(&ada, "apple").await;

    assert_eq!(all.len(), 8);
    for limit in 0..10 {
        let some = ada.found("apple", &Filter::default(), limit).await;
        assert_eq!(some, all[..limit.min(8)]);
    }
}

async fn no_words_find_nothing(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    kept(&ada, fillers()).await;

    let found = ada.read(|tx, permit| tx.memories_with_words(permit, &[], &Filter::default(), ALL));

    assert!(found.await.expect("reads").is_empty());
}

async fn words_that_an_engine_reserves_are_words(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let ids = kept(&ada, ["and", "or", "not", "near", "title", "null"].map(draft)).await;

    for (word, id) in ["and", "or", "not", "near", "title", "null"].iter().zip(ids) {
        assert_eq!(found(&ada, word).await, [id], "{word}");
    }
    assert!(found(&ada, "title: x* OR \"' NEAR(a b) ^ -- %_").await.len() <= 6);
}

async fn words_of_every_script_and_identifiers_are_found(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let table = [
        ("我们决定使用关系数据库", "数据库"),
        ("東京タワーへ行った", "東京"),
        ("猫が好き", "猫"),
        ("서울은 한국의 수도이다", "서울"),
        ("ประชุมทีมทุกวันจันทร์", "ประชุม"),
        ("Ο Σωκράτης ρώτησε", "σωκρατης"),
        ("Der Zug hält in Köln", "koln"),
        ("Москва не сразу строилась", "москва"),
        ("שלום עולם", "שלום"),
        ("getUserById returns null", "user by id"),
        ("the flag is max_retry_count", "retry count"),
        ("see src/store/sqlite/writer.rs", "writer.rs"),
        ("released as v1.42.7", "1.42.7"),
        ("ticket PROJ-4711 is done", "proj-4711"),
        ("the party was 🎉", "🎉"),
        ("they deployed twice", "deploying"),
    ];
    let ids = kept(&ada, table.map(|(stored, _)| draft(stored))).await;
    kept(&ada, fillers()).await;

    for ((stored, query), id) in table.into_iter().zip(ids) {
        assert_eq!(found(&ada, query).await.first(), Some(&id), "{query} finds {stored}");
    }
}

async fn a_found_memory_is_the_whole_memory(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.remember(tagged(&["red", "green"], "apple")).await;

    let found = ada.read(|tx, permit| {
        tx.memories_with_words(permit, &["appl".to_owned()], &Filter::default(), ALL)
    });

    let found: Vec<_> = found.await.expect("reads").into_iter().map(|it| it.memory).collect();
    assert_eq!(found, [memory]);
}
