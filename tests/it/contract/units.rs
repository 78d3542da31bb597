//! Units of work: all or nothing, one moment, one after another.

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::mpsc;

use futures_util::future::join_all;
use memoranda::core::error::{Code, Error, Result};
use memoranda::identity::actor::Trust;
use memoranda::memory::search::Filter;
use memoranda::store::Store;

use super::team::{ALL, Team, at, draft};

contract! {
    a_unit_that_errs_leaves_nothing,
    a_unit_that_panics_leaves_nothing_and_the_engine_goes_on,
    a_reading_unit_that_panics_takes_nothing_else_with_it,
    a_unit_that_broke_a_rule_of_the_schema_leaves_nothing,
    units_that_fail_take_nothing_of_those_beside_them,
    a_unit_sees_what_it_has_written,
    what_was_answered_is_seen_by_the_next_read,
    nothing_of_a_unit_is_seen_before_it_ends,
    a_reading_unit_sees_one_moment,
    units_that_change_one_thing_follow_one_another,
    a_closed_store_is_unavailable,
}

/// Ends a unit as a panic does, without the message that a panic prints.
fn panicked<T>() -> Result<T> {
    resume_unwind(Box::new("a case ends its unit"))
}

async fn a_unit_that_errs_leaves_nothing(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (memory, event) = (ada.memory(draft("never kept")), ada.event("x"));

    let answer: Result<()> = ada
        .write(move |tx, permit| {
            tx.add_memory(permit, &memory, &memory.words())?;
            tx.record(permit, &event)?;
            Err(Error::new(Code::Conflict, "thought better of it"))
        })
        .await;

    assert_eq!(answer.expect_err("refused").code(), Code::Conflict);
    assert_eq!((ada.count().await, ada.events().await), (0, 0));
    assert!(ada.found("never kept", &Filter::default(), ALL).await.is_empty());
}

async fn a_unit_that_panics_leaves_nothing_and_the_engine_goes_on(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.memory(draft("never kept"));

    let answer: Result<()> = ada
        .write(move |tx, permit| {
            tx.add_memory(permit, &memory, &memory.words())?;
            panicked()
        })
        .await;

    assert_eq!(answer.expect_err("refused").code(), Code::Internal);
    let kept = ada.remember(draft("kept afterwards")).await;
    assert_eq!(ada.newest(&Filter::default(), ALL).await, [kept.id]);
}

async fn a_reading_unit_that_panics_takes_nothing_else_with_it(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let kept = ada.remember(draft("kept")).await;

    for _ in 0..20 {
        let answer: Result<()> = ada.read(|_, _| panicked()).await;
        assert_eq!(answer.expect_err("refused").code(), Code::Internal);
    }

    assert_eq!(ada.newest(&Filter::default(), ALL).await, [kept.id]);
}

async fn a_unit_that_broke_a_rule_of_the_schema_leaves_nothing(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let memory = ada.memory(draft("never kept"));
    let twin = team.new_agent("ada", Trust::Approved);

    let answer = ada
        .write(move |tx, permit| {
            tx.add_memory(permit, &memory, &memory.words())?;
            tx.add_named_agent(permit, &twin)
        })
        .await;

    assert!(answer.is_err(), "a slug is taken once");
    assert_eq!(ada.count().await, 0);
}

async fn units_that_fail_take_nothing_of_those_beside_them(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let writers = (0..300).map(|number| {
        let (ada, memory) = (ada.clone(), ada.memory(draft(&format!("number {number}"))));
        let twin = team.new_agent("ada", Trust::Approved);
        async move {
            let id = memory.id;
            let answer = ada.write(move |tx, permit| {
                tx.add_memory(permit, &memory, &memory.words())?;
                match number % 6 {
                    1 => Err(Error::new(Code::Conflict, "thought better of it")),
                    3 => panicked(),
                    5 => tx.add_named_agent(permit, &twin),
                    _ => Ok(()),
                }
            });
            (number, id, answer.await)
        }
    });

    let answers = join_all(writers).await;

    let mut good = BTreeSet::new();
    for (number, id, answer) in answers {
        assert_eq!(answer.is_ok(), number % 2 == 0, "number {number}");
        good.extend(answer.is_ok().then_some(id));
    }
    let kept: BTreeSet<_> = ada.newest(&Filter::default(), ALL).await.into_iter().collect();
    assert_eq!(kept, good);
    assert_eq!(ada.found("number", &Filter::default(), ALL).await.len(), good.len());
}

async fn a_unit_sees_what_it_has_written(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.memory(draft("seen at once"));
    let expected = memory.clone();

    let seen = ada.write(move |tx, permit| {
        tx.add_memory(permit, &memory, &memory.words())?;
        let words = ["seen".to_owned()];
        let found = tx.memories_with_words(permit, &words, &Filter::default(), ALL)?;
        Ok((tx.memory(permit, memory.id)?, found.len(), tx.count_memories(permit)?))
    });

    assert_eq!(seen.await.expect("kept"), (Some(expected), 1, 1));
}

async fn what_was_answered_is_seen_by_the_next_read(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;

    for number in 1..=50 {
        ada.remember(draft(&format!("number {number}"))).await;

        assert_eq!(ada.count().await, number);
    }
}

async fn nothing_of_a_unit_is_seen_before_it_ends(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.memory(draft("half done"));
    let ((written, wait_written), (go_on, wait)) = (mpsc::channel(), mpsc::channel());
    let writer = ada.clone();
    let unit = tokio::spawn(async move {
        let answer = writer.write(move |tx, permit| {
            tx.add_memory(permit, &memory, &memory.words())?;
            written.send(()).expect("the case waits");
            wait.recv().expect("the case goes on");
            Ok(())
        });
        answer.await
    });
    tokio::task::spawn_blocking(move || wait_written.recv()).await.expect("runs").expect("written");

    let before = ada.count().await;
    go_on.send(()).expect("the unit waits");
    unit.await.expect("runs").expect("kept");

    assert_eq!((before, ada.count().await), (0, 1));
}

async fn a_reading_unit_sees_one_moment(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    ada.remember(draft("first")).await;
    let ((begun, wait_begun), (go_on, wait)) = (mpsc::channel(), mpsc::channel());
    let reader = ada.clone();
    let unit = tokio::spawn(async move {
        let answer = reader.read(move |tx, permit| {
            let before = tx.count_memories(permit)?;
            begun.send(()).expect("the case waits");
            wait.recv().expect("the case goes on");
            let newest = tx.newest_memories(permit, &Filter::default(), ALL)?;
            Ok((before, tx.count_memories(permit)?, newest.len()))
        });
        answer.await
    });
    tokio::task::spawn_blocking(move || wait_begun.recv()).await.expect("runs").expect("begun");

    ada.remember(draft("second")).await;
    go_on.send(()).expect("the unit waits");
    let seen = unit.await.expect("runs").expect("read");

    assert_eq!(seen, (1, 1, 1));
    assert_eq!(ada.count().await, 2, "the next unit sees the next moment");
}

async fn units_that_change_one_thing_follow_one_another(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let id = ada.remember(draft("counted")).await.id;
    let changes = (0..40).map(|_| {
        ada.write(move |tx, permit| {
            let now = tx.memory(permit, id)?.expect("there");
            let next = now.next(now.statement.clone(), now.status, at(1));
            tx.change_memory(permit, &next, Some(&next.words()))
        })
    });

    let answers: Result<Vec<bool>> = join_all(changes).await.into_iter().collect();

    assert!(answers.expect("none fails").into_iter().all(|is_changed| is_changed));
    assert_eq!(ada.get(id).await.expect("there").version, 41);
}

async fn a_closed_store_is_unavailable(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;

    store.close().await;

    let write = ada.add(ada.memory(draft("too late"))).await.expect_err("refused");
    let read = ada.read(|tx, permit| tx.count_memories(permit)).await.expect_err("refused");
    let ready = store.is_ready().await.expect_err("refused");
    assert_eq!([write.code(), read.code(), ready.code()], [Code::Unavailable; 3]);
    assert!(ready.retry_after_seconds().is_some());
}
