//! What was answered to requests that come again.

use memoranda::core::error::{Code, Error};
use memoranda::store::Store;
use memoranda::store::retries::Answered;

use super::team::{Caller, Team, at};

contract! {
    an_answer_comes_back_as_it_was_given,
    each_caller_and_each_team_has_keys_of_its_own,
    a_key_has_one_answer,
    old_answers_go_with_the_next_and_younger_ones_stay,
    a_unit_that_fails_notes_nothing,
}

fn answer(text: &str) -> Answered {
    Answered { hash: [7; 32], answer: text.to_owned() }
}

async fn note(caller: &Caller, key: &str, text: &str, millis: i64, since: i64) -> bool {
    let (key, answered) = (key.to_owned(), answer(text));
    let noted = caller
        .write(move |tx, permit| tx.note_answer(permit, &key, &answered, at(millis), at(since)));
    noted.await.is_ok()
}

async fn answered(caller: &Caller, key: &str) -> Option<Answered> {
    let key = key.to_owned();
    caller.read(move |tx, permit| tx.answered(permit, &key)).await.expect("reads")
}

async fn an_answer_comes_back_as_it_was_given(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let text = "{\"id\":\"mem_1\",\"é\":null}";

    assert!(note(&ada, "one", text, 0, 0).await);

    assert_eq!(answered(&ada, "one").await, Some(answer(text)));
    assert_eq!(answered(&ada, "One").await, None);
}

async fn each_caller_and_each_team_has_keys_of_its_own(store: &Store) {
    let team = Team::new(store, "north").await;
    let stranger = Team::new(store, "south").await.agent("ada").await;
    let all = [team.agent("ada").await, team.agent("bo").await, team.owner(), stranger];

    for (number, caller) in all.iter().enumerate() {
        assert_eq!(answered(caller, "one").await, None);
        assert!(note(caller, "one", &number.to_string(), 0, 0).await);
    }

    for (number, caller) in all.iter().enumerate() {
        assert_eq!(answered(caller, "one").await, Some(answer(&number.to_string())));
    }
}

async fn a_key_has_one_answer(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    note(&ada, "one", "first", 0, 0).await;

    assert!(!note(&ada, "one", "second", 0, 0).await);

    assert_eq!(answered(&ada, "one").await, Some(answer("first")));
}

async fn old_answers_go_with_the_next_and_younger_ones_stay(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let stranger = Team::new(store, "south").await.agent("ada").await;
    for caller in [&ada, &stranger] {
        note(caller, "old", "old", 1, 0).await;
        note(caller, "young", "young", 5, 0).await;
    }

    note(&bo, "new", "new", 9, 5).await;

    assert_eq!(answered(&ada, "old").await, None);
    assert_eq!(answered(&ada, "young").await, Some(answer("young")));
    assert_eq!(answered(&stranger, "old").await, Some(answer("old")));
}

async fn a_unit_that_fails_notes_nothing(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;

    let failed: Result<(), Error> = ada
        .write(|tx, permit| {
            tx.note_answer(permit, "one", &answer("x"), at(0), at(0))?;
            Err(Error::new(Code::Conflict, "no"))
        })
        .await;

    assert!(failed.is_err());
    assert_eq!(answered(&ada, "one").await, None);
}
