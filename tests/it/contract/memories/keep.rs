//! What is kept comes back as it was.

use memoranda::identity::actor::Trust;
use memoranda::identity::permit::Exempt;
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{MemoryType, Named, Provenance, Visibility, Voice};
use memoranda::memory::memory::Memory;
use memoranda::memory::search::Filter;
use memoranda::store::Store;

use super::draft;
use crate::contract::team::{ALL, Team, at};

contract! {
    a_memory_comes_back_as_it_was_given,
    a_memory_comes_back_with_every_word_of_its_fields,
    text_comes_back_in_the_same_bytes,
    the_author_is_the_permits_bearer,
    an_author_is_shown_with_the_trust_of_now,
    the_newest_come_first_and_ties_by_the_newest_id,
    the_newest_stop_at_the_limit,
    an_id_is_taken_once,
    a_memory_that_is_not_there_has_no_versions,
    every_active_memory_is_counted,
}

async fn a_memory_comes_back_as_it_was_given(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.memory_at(
        at(9),
        Draft {
            title: Some("Deploys".to_owned()),
            memory_type: Some(MemoryType::Decision),
            tags: Some(vec!["ops".to_owned(), "a \"tag\", with all".to_owned()]),
            confidence: Some(0.1 + 0.2),
            provenance: Some(Provenance::Validated),
            voice: Some(Voice::Decided),
            source: Some("minutes".to_owned()),
            source_ref: Some("page 3".to_owned()),
            thread: Some("weekly".to_owned()),
            position: Some(i64::MAX),
            speaker: Some("Bo".to_owned()),
            visibility: Some(Visibility::Agent),
            occurred_at: Some("2026-11-01".to_owned()),
            valid_from: Some("2026-11-02".to_owned()),
            valid_until: Some("9999-12-30".to_owned()),
            ..draft("We deploy on Fridays.")
        },
    );

    ada.add(memory.clone()).await.expect("kept");

    assert_eq!(ada.get(memory.id).await, Some(memory));
}

async fn a_memory_comes_back_with_every_word_of_its_fields(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let types = MemoryType::NAMES.iter().map(|(value, _)| *value);
    let provenances = Provenance::NAMES.iter().map(|(value, _)| *value).cycle();
    let voices = Voice::NAMES.iter().map(|(value, _)| *value).cycle();

    for ((memory_type, provenance), voice) in types.zip(provenances).zip(voices) {
        let memory = ada.memory(Draft {
            memory_type: Some(memory_type),
            provenance: Some(provenance),
            voice: Some(voice),
            ..draft("any")
        });
        ada.add(memory.clone()).await.expect("kept");

        assert_eq!(ada.get(memory.id).await, Some(memory));
    }
}

async fn text_comes_back_in_the_same_bytes(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;

    for content in
        ["e\u{301} is not é", "\r\n\t x ", "日本語 👩‍👩‍👧 \u{202E}", "'); DROP TABLE x; --", "\\ \" %"]
    {
        let memory = ada.remember(draft(content)).await;

        let kept = ada.get(memory.id).await.expect("there");
        assert_eq!(kept.statement.content.as_bytes(), content.as_bytes());
    }
}

async fn the_author_is_the_permits_bearer(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let (memory, expected) = (ada.memory(draft("said by ada")), bo.memory(draft("x")).author);

    bo.add(memory.clone()).await.expect("kept");

    assert_eq!(bo.get(memory.id).await.expect("there").author, expected);
}

async fn an_author_is_shown_with_the_trust_of_now(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent_with("ada", Trust::Pending, None).await;
    let (memory, permit) = (ada.memory(draft("x")), ada.permit_exempt(Exempt::Trust));
    let (id, bearer) = (memory.id, permit.clone());
    let kept =
        store.write(&permit, at(0), move |tx| tx.add_memory(&bearer, &memory, &memory.words()));
    kept.await.expect("kept");

    let seen = team.owner().get(id).await.expect("there");

    assert_eq!(seen.author.trust, Trust::Pending);
}

async fn the_newest_come_first_and_ties_by_the_newest_id(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let made: Vec<Memory> =
        [2, 3, 3, 1, 2].map(|age| ada.memory_at(at(age), draft("any"))).to_vec();
    for memory in &made {
        ada.add(memory.clone()).await.expect("kept");
    }

    let newest = ada.newest(&Filter::default(), ALL).await;

    assert_eq!(newest, [2, 1, 4, 0, 3].map(|number: usize| made[number].id));
}

async fn the_newest_stop_at_the_limit(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    for _ in 0..5 {
        ada.remember(draft("any")).await;
    }

    let all = ada.newest(&Filter::default(), ALL).await;

    for limit in 0..7 {
        assert_eq!(ada.newest(&Filter::default(), limit).await, all[..limit.min(5)]);
    }
}

async fn an_id_is_taken_once(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let first = ada.remember(draft("first")).await;
    let mut second = ada.memory(draft("second"));
    second.id = first.id;

    assert!(ada.add(second).await.is_err());

    assert_eq!(ada.get(first.id).await, Some(first));
    assert!(ada.found("second", &Filter::default(), ALL).await.is_empty());
}

async fn a_memory_that_is_not_there_has_no_versions(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let id = ada.next_id();

    let versions = ada.read(move |tx, permit| tx.memory_versions(permit, id)).await;

    assert_eq!(versions.expect("reads"), []);
    assert_eq!(ada.get(id).await, None);
}

async fn every_active_memory_is_counted(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;

    for expected in 1..=3 {
        ada.remember(draft("any")).await;

        assert_eq!(ada.count().await, expected);
    }
}
