//! What begins with some letters, of what the permit sees.

use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{Status, Visibility};
use memoranda::store::Store;
use memoranda::store::memories::set_status;

use super::team::{ALL, Caller, Team, at, draft};

contract! {
    memories_are_found_by_how_their_ids_begin_the_newest_first,
    tags_are_found_by_how_they_begin_the_commonest_first,
    a_beginning_is_taken_letter_by_letter,
    what_cannot_be_seen_or_is_not_active_begins_nothing,
    another_teams_memories_and_tags_begin_nothing,
}

fn tagged(content: &str, tags: &[&str]) -> Draft {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    Draft { tags: Some(tags), ..draft(content) }
}

async fn ids(caller: &Caller, beginning: &str, limit: usize) -> Vec<String> {
    let beginning = beginning.to_owned();
    let found =
        caller.read(move |tx, permit| tx.memories_beginning(permit, &beginning, limit)).await;
    found.expect("reads").iter().map(ToString::to_string).collect()
}

async fn tags(caller: &Caller, beginning: &str, limit: usize) -> Vec<String> {
    let beginning = beginning.to_owned();
    let found = caller.read(move |tx, permit| tx.tags_beginning(permit, &beginning, limit)).await;
    found.expect("reads")
}

async fn memories_are_found_by_how_their_ids_begin_the_newest_first(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut all = Vec::new();
    for content in ["apple", "pear", "plum"] {
        all.push(ada.remember(draft(content)).await.id.to_string());
    }
    all.sort_unstable();
    all.reverse();

    assert_eq!(ids(&ada, "mem_", ALL).await, all);
    assert_eq!(ids(&ada, "", 2).await, all[..2]);
    assert_eq!(ids(&ada, &all[1], ALL).await, all[1..2]);
    assert_eq!(ids(&ada, &format!("{}0", all[1]), ALL).await, Vec::<String>::new());
}

async fn tags_are_found_by_how_they_begin_the_commonest_first(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    for (content, given) in
        [("apple", &["fruit", "red"][..]), ("pear", &["fruit", "from"]), ("plum", &["blue"])]
    {
        ada.remember(tagged(content, given)).await;
    }

    assert_eq!(tags(&ada, "", ALL).await, ["fruit", "blue", "from", "red"]);
    assert_eq!(tags(&ada, "fr", ALL).await, ["fruit", "from"]);
    assert_eq!(tags(&ada, "", 1).await, ["fruit"]);
}

async fn a_beginning_is_taken_letter_by_letter(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    ada.remember(tagged("apple", &["100%", "a_b", "Äpfel", "back\\slash"])).await;

    for (beginning, found) in
        [("100%", "100%"), ("a_", "a_b"), ("Äp", "Äpfel"), ("back\\", "back\\slash")]
    {
        assert_eq!(tags(&ada, beginning, ALL).await, [found]);
    }
    for beginning in ["%", "_", "äp", "A"] {
        assert_eq!(tags(&ada, beginning, ALL).await, Vec::<String>::new(), "{beginning}");
    }
}

async fn what_cannot_be_seen_or_is_not_active_begins_nothing(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bob) = (team.agent("ada").await, team.agent("bob").await);
    let private = Draft { visibility: Some(Visibility::Agent), ..tagged("apple", &["mine"]) };
    let private = ada.remember(private).await;
    let gone = ada.remember(tagged("pear", &["gone"])).await;
    let forget = move |tx: &mut dyn memoranda::store::WriteTx,
                       permit: &memoranda::identity::permit::Permit| {
        set_status(tx, permit, std::slice::from_ref(&gone), Status::Forgotten, "test", at(7))
    };
    ada.write(forget).await.expect("writes");

    assert_eq!(tags(&ada, "", ALL).await, ["mine"]);
    assert_eq!(ids(&ada, "", ALL).await, [private.id.to_string()]);
    assert_eq!(tags(&bob, "", ALL).await, Vec::<String>::new());
    assert_eq!(ids(&bob, "", ALL).await, Vec::<String>::new());
}

async fn another_teams_memories_and_tags_begin_nothing(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let eve = Team::new(store, "south").await.agent("eve").await;
    ada.remember(tagged("apple", &["fruit"])).await;

    assert_eq!(tags(&eve, "", ALL).await, Vec::<String>::new());
    assert_eq!(ids(&eve, "", ALL).await, Vec::<String>::new());
}
