//! Vectors: by which model, made when, and what is found without them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use memoranda::recall::{Recaller, Reply, USUAL_BYTES, Wanted};
use memoranda::store::Store;

use super::{Silent, Subjects, found, remember, reply, search, server, wanted};
use crate::contract::team::{Team, draft};

recall_contract! {
    meaning_finds_what_shares_no_word,
    vectors_that_were_left_out_are_made_later,
    a_change_of_model_goes_by_words_until_its_vectors_are_made,
    recall_goes_on_while_a_new_model_reads_everything,
    a_model_that_fails_leaves_the_words,
    a_model_elsewhere_is_asked_between_units,
}

async fn meaning_finds_what_shares_no_word(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let server = server();
    let cat = remember(&server, &ada, draft("the cat sleeps")).await;
    let lorry = remember(&server, &ada, draft("the lorry is red")).await;
    remember(&server, &ada, draft("nothing of that kind")).await;

    assert_eq!(found(&server, &ada, "a feline?").await, [cat.id]);
    assert_eq!(found(&server, &ada, "which vehicle").await, [lorry.id]);
    let hits = search(&server, &ada, wanted("a feline?")).await;
    assert!(hits[0].scored.shares.meaning > 0.0 && hits[0].scored.shares.words <= 0.0);
    assert_eq!(hits[0].memory, cat);
}

async fn vectors_that_were_left_out_are_made_later(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let server = server();
    // As a process leaves it that was killed after the commit.
    let left = ada.remember(draft("the cat sleeps")).await;
    let long = format!("{} and at last a kitten", "stone ".repeat(400));
    let long = remember(&server, &ada, draft(&long)).await;
    let before = found(&server, &ada, "feline").await;
    assert_eq!(found(&server, &ada, "sleeps").await, [left.id]);

    let made = server.make_missing(store).await.expect("made");
    let again = server.make_missing(store).await.expect("made");

    assert_eq!((before.len(), made, again), (0, 2, 0));
    let after: BTreeSet<_> = found(&server, &ada, "feline").await.into_iter().collect();
    assert_eq!(after, BTreeSet::from([left.id, long.id]));
}

async fn a_change_of_model_goes_by_words_until_its_vectors_are_made(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let before = server();
    let cat = remember(&before, &ada, draft("the cat sleeps")).await;
    let car = remember(&before, &ada, draft("the car is red")).await;
    let after = Arc::new(Recaller::new(Some(Subjects::named("other")), USUAL_BYTES));

    let (meant, said) = (found(&after, &ada, "feline").await, found(&after, &ada, "sleeps").await);
    let made = after.make_missing(store).await.expect("made");

    assert_eq!((meant, said, made), (vec![], vec![cat.id], 2));
    assert_eq!(found(&after, &ada, "feline").await, [cat.id]);
    assert_eq!(found(&after, &ada, "vehicle").await, [car.id]);
    // A server that still has the old model finds by words what the new one has taken.
    assert_eq!(found(&before, &ada, "sleeps").await, [cat.id]);
}

async fn recall_goes_on_while_a_new_model_reads_everything(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let before = server();
    let cat = remember(&before, &ada, draft("the cat sleeps")).await;
    for at in 0..60 {
        remember(&before, &ada, draft(&format!("the car of house {at} is red"))).await;
    }
    let after = Arc::new(Recaller::new(Some(Subjects::named("other")), USUAL_BYTES));
    assert_eq!(after.missing(store).await.expect("counted"), 61);

    let (making, counted) = (Arc::clone(&after), store.clone());
    let making = tokio::spawn(async move { making.make_missing(&counted).await });
    let mut left = Vec::new();
    loop {
        let is_over = making.is_finished();
        // By words whatever has been made, and by meaning nothing that is of the old model.
        assert_eq!(found(&after, &ada, "sleeps").await, [cat.id]);
        let meant = found(&after, &ada, "feline").await;
        assert!(meant.is_empty() || meant == [cat.id], "{meant:?}");
        left.push(after.missing(store).await.expect("counted"));
        if is_over {
            break;
        }
    }

    assert_eq!(making.await.expect("ends").expect("made"), 61);
    assert_eq!(found(&after, &ada, "feline").await, [cat.id]);
    assert!(left.is_sorted_by(|one, next| one >= next), "{left:?}");
    assert_eq!((left.last(), after.missing(store).await.expect("counted")), (Some(&0), 0));
}

async fn a_model_that_fails_leaves_the_words(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let server = Arc::new(Recaller::new(Some(Arc::new(Silent)), USUAL_BYTES));

    let memory = remember(&server, &ada, draft("the cat sleeps")).await;

    assert_eq!(found(&server, &ada, "cat").await, [memory.id]);
    assert!(server.embed_written(&["a"]).await.is_pending("a"));
    assert!(server.make_missing(store).await.is_err());
}

async fn a_model_elsewhere_is_asked_between_units(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let model = Subjects { name: "subjects", is_elsewhere: true, ..Subjects::default() };
    let model = Arc::new(model);
    let server = Arc::new(Recaller::new(Some(Arc::clone(&model) as _), USUAL_BYTES));
    let memory = remember(&server, &ada, draft("the cat sleeps")).await;
    let asked = || model.asked.load(Ordering::SeqCst);
    assert_eq!(asked(), 0, "a writer doesn't wait for it");
    assert_eq!(server.make_missing(store).await.expect("made"), 1);

    let Reply::NeedsVector(question) = reply(&server, &ada, wanted("a feline?")).await else {
        panic!("nobody was asked")
    };
    assert_eq!((question.as_str(), asked()), ("a feline?", 1));
    server.embed_question(question).await.expect("embedded");

    assert_eq!(found(&server, &ada, "a feline?").await, [memory.id]);
    assert_eq!(asked(), 2);
    let by_words = Wanted { by_words: true, ..wanted("another cat?") };
    assert_eq!(search(&server, &ada, by_words).await.len(), 1);
    assert_eq!(asked(), 2);
}
