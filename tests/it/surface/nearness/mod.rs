//! How near a meaning must be: short notes, questions that ask for one of them in other words, and
//! questions that none of them answers.
//!
//! The bound in `memory/ranking/` was set by these: see `memory/DECISIONS.md`.

use serde_json::{Value, json};

use crate::support::TestApp;

/// A note, and a question for it in other words, a line.
const ANSWERED: &str = include_str!("answered.txt");

/// Questions that nothing answers.
const UNANSWERED: &str = include_str!("unanswered.txt");

#[tokio::test]
async fn other_words_find_a_note_and_what_nobody_told_finds_little() {
    let app = TestApp::with_meaning().await;
    let pairs: Vec<(&str, &str)> =
        ANSWERED.lines().map(|line| line.split_once(" | ").expect("a pair")).collect();
    for notes in pairs.chunks(10) {
        let items: Vec<Value> = notes.iter().map(|(note, _)| json!({ "content": note })).collect();
        app.owner.ok("remember", json!({ "items": items })).await;
    }

    let mut found = 0;
    for (note, question) in &pairs {
        let answer = app.owner.ok("recall", json!({ "query": question, "limit": 10 })).await;
        let hits = answer["hits"].as_array().into_iter().flatten();
        found += usize::from(hits.into_iter().any(|hit| hit["content"] == *note));
    }
    let (mut empty, mut listed) = (0, 0);
    for question in UNANSWERED.lines() {
        let answer = app.owner.ok("recall", json!({ "query": question, "limit": 100 })).await;
        let count = answer["count"].as_u64().expect("a count");
        listed += count;
        empty += usize::from(count == 0);
    }

    assert_eq!((pairs.len(), UNANSWERED.lines().count()), (100, 100));
    assert!(found >= 90, "{found} of 100 notes are found");
    assert!(empty >= 25, "{empty} of 100 questions find nothing");
    assert!(listed <= 400, "{listed} hits of 10,000 for questions without an answer");
}
