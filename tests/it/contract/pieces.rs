//! Vectors, and the changes that an index in memory follows.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use memoranda::core::id::{MemoryId, TeamId};
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{MemoryType, Status, Visibility};
use memoranda::memory::memory::Memory;
use memoranda::memory::search::{Filter, Statuses};
use memoranda::store::Store;
use memoranda::store::pieces::{Change, Piece};

use super::team::{ALL, Caller, Team, at, draft};

contract! {
    every_change_of_a_memory_takes_a_higher_number,
    changes_after_a_number_are_those_since,
    changes_come_in_pages,
    numbers_of_writers_that_run_together_differ_and_none_is_missed,
    each_team_has_its_own_numbers_and_sees_no_other_teams_changes,
    changes_are_everybodys_private_ones_too,
    whether_the_team_has_accepted_it_is_said,
    vectors_come_with_their_memory_as_they_were_put,
    vectors_of_another_model_are_not_given,
    vectors_of_a_text_that_is_not_held_are_refused,
    vectors_go_with_the_text_and_stay_with_everything_else,
    what_is_forgotten_has_no_vectors_and_gets_new_ones_when_it_is_back,
    what_is_quarantined_is_not_found_and_keeps_its_vectors,
    a_removal_is_a_change,
    what_has_no_vectors_is_listed_the_latest_first,
    vectors_are_put_for_the_team_that_is_named,
    ids_give_what_is_seen_and_fits,
}

const MODEL: &str = "model-a";

/// Makes a schema what it was before there were vectors.
pub const WITHOUT: &str = "DROP INDEX memories_by_change; DROP INDEX memories_by_pieces;
    DROP TABLE memory_pieces; DROP TABLE memory_removals;
    ALTER TABLE memories DROP COLUMN change_number;
    ALTER TABLE memories DROP COLUMN pieces_model;
    DELETE FROM migrations WHERE name = '0014_recall'";

/// Some memories, one of them forgotten, on a database that will be made one without vectors.
pub async fn before(store: &Store) -> (Caller, Vec<MemoryId>) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut ids = Vec::new();
    for millis in [3, 1, 2] {
        let memory = ada.memory_at(at(millis), draft("apple"));
        ids.push(ada.add(memory).await.expect("kept"));
    }
    let last = ada.get(ids[2]).await.expect("it is there");
    assert!(ada.change(with_status(&last, Status::Forgotten)).await.expect("runs"));
    (ada, ids)
}

/// The same memories once the schema has grown: numbered by their last change, all but the
/// forgotten one waiting for vectors.
pub async fn after(store: &Store, ada: &Caller, ids: &[MemoryId]) {
    let found: Vec<(i64, MemoryId)> =
        changes(ada, 0).await.iter().map(|change| (change.number, change.id)).collect();
    assert_eq!(found, [(1, ids[1]), (2, ids[0]), (3, ids[2])]);
    let waiting = missing(store, ada.principal.team, MODEL).await;
    assert_eq!(waiting, [ids[0], ids[1]]);
}

/// Two servers that write in turn, each following what both write.
pub async fn each_follows_both(here: Caller, there: Caller) {
    let mut seen = [0, 0];
    let mut known = [BTreeSet::new(), BTreeSet::new()];
    for round in 0..40 {
        let writer = if round % 3 == 0 { &here } else { &there };
        let memory = writer.remember(draft(&format!("apple {round}"))).await;
        // Whoever was answered finds it on the other server at once.
        for (server, caller) in [&here, &there].into_iter().enumerate() {
            let new = changes(caller, seen[server]).await;
            assert!(new.iter().all(|change| change.number > seen[server]));
            seen[server] = new.last().expect("something is new").number;
            known[server].extend(new.into_iter().map(|change| change.id));
            assert!(known[server].contains(&memory.id), "round {round}, server {server}");
        }
    }
    assert_eq!(known[0], known[1]);
}

fn piece(within: std::ops::Range<usize>, values: &[i8]) -> Piece {
    Piece { within, values: values.to_vec(), scale: 0.123_456_79 }
}

fn one_piece() -> Vec<Piece> {
    vec![piece(0..5, &[1, -2, 3])]
}

async fn changes(caller: &Caller, after: i64) -> Vec<Change> {
    let found = caller.read(move |tx, permit| tx.index_changes(permit, MODEL, after, ALL));
    found.await.expect("reads")
}

/// The number of the newest change.
async fn newest(caller: &Caller) -> i64 {
    changes(caller, 0).await.last().map_or(0, |change| change.number)
}

async fn put(caller: &Caller, memory: &Memory, model: &'static str, pieces: Vec<Piece>) -> bool {
    let (id, content) = (memory.id, memory.statement.content.clone());
    let put = caller.write(move |tx, permit| tx.put_pieces(permit, id, &content, model, &pieces));
    put.await.expect("runs")
}

/// The vectors of a memory, as an index sees them.
async fn pieces_of(caller: &Caller, memory: &Memory) -> Vec<Piece> {
    let changes = changes(caller, 0).await;
    let now = changes.into_iter().find(|change| change.id == memory.id).and_then(|it| it.now);
    now.expect("it is there").pieces
}

/// What has no vectors of a model.
async fn missing(store: &Store, team: TeamId, model: &'static str) -> Vec<MemoryId> {
    let found = store.unembedded(move |tx| {
        let found = tx.pieces_missing(team, model, ALL)?;
        assert_eq!(tx.count_pieces_missing(team, model)?, found.len() as u64);
        Ok(found)
    });
    found.await.expect("reads").into_iter().map(|text| text.id).collect()
}

fn with_status(memory: &Memory, status: Status) -> Memory {
    memory.next(memory.statement.clone(), status, at(5))
}

async fn every_change_of_a_memory_takes_a_higher_number(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut numbers = Vec::new();

    let memory = ada.remember(draft("apple")).await;
    numbers.push(newest(&ada).await);
    let next = with_status(&memory, Status::Expired);
    assert!(ada.change(next.clone()).await.expect("runs"));
    numbers.push(newest(&ada).await);
    assert!(put(&ada, &memory, MODEL, one_piece()).await);
    numbers.push(newest(&ada).await);
    assert!(ada.change(with_status(&next, Status::Forgotten)).await.expect("runs"));
    numbers.push(newest(&ada).await);
    ada.remember(draft("pear")).await;
    numbers.push(newest(&ada).await);

    assert!(numbers[0] > 0 && numbers.windows(2).all(|two| two[0] < two[1]), "{numbers:?}");
}

async fn changes_after_a_number_are_those_since(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (apple, pear) = (ada.remember(draft("apple")).await, ada.remember(draft("pear")).await);
    let seen = newest(&ada).await;
    assert!(changes(&ada, seen).await.is_empty());

    let plum = ada.remember(draft("plum")).await;
    let changed = with_status(&apple, Status::Superseded);
    assert!(ada.change(changed.clone()).await.expect("runs"));

    let since = changes(&ada, seen).await;
    let memories: Vec<Memory> =
        since.into_iter().map(|change| change.now.expect("is found").memory).collect();
    assert_eq!(memories, [plum.clone(), changed]);
    let all: Vec<MemoryId> = changes(&ada, 0).await.iter().map(|change| change.id).collect();
    assert_eq!(all, [pear.id, plum.id, apple.id]);
}

async fn changes_come_in_pages(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut memories = Vec::new();
    for number in 0..7 {
        let memory = ada.remember(draft(&format!("apple {number}"))).await;
        put(&ada, &memory, MODEL, one_piece()).await;
        memories.push(memory);
    }
    let removed = ada.next_id();
    ada.write(move |tx, permit| tx.note_removal(permit, removed)).await.expect("noted");
    let last = ada.remember(draft("pear")).await;

    let (mut seen, mut found) = (1, Vec::new());
    loop {
        let page = ada.read(move |tx, permit| tx.index_changes(permit, MODEL, seen, 3));
        let page = page.await.expect("reads");
        let Some(end) = page.last() else { break };
        seen = end.number;
        found.extend(page);
    }

    let mut expected: Vec<MemoryId> = memories.iter().map(|memory| memory.id).collect();
    expected.extend([removed, last.id]);
    assert_eq!(found.iter().map(|change| change.id).collect::<Vec<_>>(), expected);
    let pieces: Vec<usize> =
        found.iter().filter_map(|it| it.now.as_ref()).map(|now| now.pieces.len()).collect();
    assert_eq!(pieces, [1, 1, 1, 1, 1, 1, 1, 0]);
}

async fn numbers_of_writers_that_run_together_differ_and_none_is_missed(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let writers = (0..120).map(|number| {
        let (ada, memory) = (ada.clone(), ada.memory(draft(&format!("apple {number}"))));
        async move { ada.add(memory).await.expect("kept") }
    });
    let follower = async {
        let mut seen: BTreeMap<MemoryId, i64> = BTreeMap::new();
        while seen.len() < 120 {
            let after = seen.values().copied().max().unwrap_or(0);
            let new = changes(&ada, after).await;
            seen.extend(new.iter().map(|change| (change.id, change.number)));
            tokio::task::yield_now().await;
        }
        seen
    };

    let (written, seen) = tokio::join!(join_all(writers), follower);

    assert_eq!(seen.keys().copied().collect::<BTreeSet<_>>(), written.into_iter().collect());
    assert_eq!(seen.values().collect::<BTreeSet<_>>().len(), 120);
}

async fn each_team_has_its_own_numbers_and_sees_no_other_teams_changes(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let bob = Team::new(store, "south").await.agent("bob").await;
    let ours = ada.remember(draft("apple")).await;
    let theirs = bob.remember(draft("apple")).await;
    put(&bob, &theirs, MODEL, one_piece()).await;

    let (here, there) = (changes(&ada, 0).await, changes(&bob, 0).await);

    assert_eq!(here.iter().map(|change| change.id).collect::<Vec<_>>(), [ours.id]);
    assert_eq!(there.iter().map(|change| change.id).collect::<Vec<_>>(), [theirs.id]);
    assert_eq!((here[0].number, there[0].number), (1, 2));
}

async fn changes_are_everybodys_private_ones_too(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bob) = (team.agent("ada").await, team.agent("bob").await);
    let hers =
        ada.remember(Draft { visibility: Some(Visibility::Agent), ..draft("hers alone") }).await;

    let seen = changes(&bob, 0).await;

    let now = seen[0].now.as_ref().expect("is found");
    assert_eq!(now.memory, hers);
    assert_eq!(now.memory.author.actor.agent.as_ref().map(|agent| agent.id), Some(ada.agent_id()));
}

async fn whether_the_team_has_accepted_it_is_said(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut proposed = ada.memory(draft("apple"));
    proposed.status = Status::Proposed;
    ada.add(proposed.clone()).await.expect("kept");
    let is_accepted =
        async || changes(&ada, 0).await.pop().and_then(|it| it.now).map(|now| now.is_accepted);

    let before = is_accepted().await;
    assert!(ada.change(with_status(&proposed, Status::Active)).await.expect("runs"));

    assert_eq!((before, is_accepted().await), (Some(false), Some(true)));
}

async fn vectors_come_with_their_memory_as_they_were_put(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (apple, pear) = (ada.remember(draft("apple pie")).await, ada.remember(draft("pear")).await);
    let all: Vec<i8> = (i8::MIN..=i8::MAX).collect();
    let pieces = vec![piece(0..6, &all), piece(3..9, &[0; 256])];

    assert!(put(&ada, &apple, MODEL, pieces.clone()).await);
    assert!(put(&ada, &pear, MODEL, one_piece()).await);

    assert_eq!(pieces_of(&ada, &apple).await, pieces);
    assert_eq!(pieces_of(&ada, &pear).await, one_piece());
    // Fewer take the place of more.
    assert!(put(&ada, &apple, MODEL, one_piece()).await);
    assert_eq!(pieces_of(&ada, &apple).await, one_piece());
}

async fn vectors_of_another_model_are_not_given(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.remember(draft("apple")).await;

    assert!(put(&ada, &memory, "model-b", one_piece()).await);

    assert!(pieces_of(&ada, &memory).await.is_empty());
}

async fn vectors_of_a_text_that_is_not_held_are_refused(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.remember(draft("apple")).await;
    let statement =
        draft("pear").applied_to(&memory.statement, at(1)).expect("a changed statement");
    let next = memory.next(statement, Status::Active, at(1));
    assert!(ada.change(next.clone()).await.expect("runs"));
    let seen = newest(&ada).await;

    assert!(!put(&ada, &memory, MODEL, one_piece()).await);
    let unknown = ada.memory(draft("apple"));
    assert!(!put(&ada, &unknown, MODEL, one_piece()).await);

    assert!(pieces_of(&ada, &next).await.is_empty());
    assert_eq!(newest(&ada).await, seen);
}

async fn vectors_go_with_the_text_and_stay_with_everything_else(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let memory = ada.remember(draft("apple")).await;
    put(&ada, &memory, MODEL, one_piece()).await;
    let tagged = Draft { tags: Some(vec!["fruit".to_owned()]), ..Draft::default() };
    let statement = tagged.applied_to(&memory.statement, at(1)).expect("a changed statement");
    let second = memory.next(statement, Status::Expired, at(1));
    let statement = draft("apples").applied_to(&second.statement, at(2)).expect("another");
    let third = second.next(statement, Status::Active, at(2));

    assert!(ada.change(second.clone()).await.expect("runs"));
    let kept = pieces_of(&ada, &second).await;
    let none_missing = missing(store, team.id, MODEL).await;
    assert!(ada.change(third.clone()).await.expect("runs"));

    assert_eq!((kept, none_missing), (one_piece(), vec![]));
    assert!(pieces_of(&ada, &third).await.is_empty());
    assert_eq!(missing(store, team.id, MODEL).await, [memory.id]);
}

async fn what_is_forgotten_has_no_vectors_and_gets_new_ones_when_it_is_back(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let memory = ada.remember(draft("apple")).await;
    put(&ada, &memory, MODEL, one_piece()).await;
    let forgotten = with_status(&memory, Status::Forgotten);
    let back = with_status(&forgotten, Status::Active);

    assert!(ada.change(forgotten).await.expect("runs"));
    let gone = changes(&ada, 0).await.pop().expect("a change");
    let none_missing = missing(store, team.id, MODEL).await;
    let refused = put(&ada, &memory, MODEL, one_piece()).await;
    assert!(ada.change(back.clone()).await.expect("runs"));

    assert_eq!((gone.id, gone.now), (memory.id, None));
    assert_eq!((none_missing, refused), (vec![], false));
    assert!(pieces_of(&ada, &back).await.is_empty());
    assert_eq!(missing(store, team.id, MODEL).await, [memory.id]);
}

async fn what_is_quarantined_is_not_found_and_keeps_its_vectors(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let memory = ada.remember(draft("apple")).await;
    put(&ada, &memory, MODEL, one_piece()).await;
    let hidden = with_status(&memory, Status::Quarantined);
    let back = with_status(&hidden, Status::Active);
    let settle = async |next: Memory| {
        let settled = owner.write(move |tx, permit| {
            tx.change_any_memory(permit.oversight()?, &next, Some(&next.words()))
        });
        assert!(settled.await.expect("runs"));
    };

    settle(hidden).await;
    let gone = changes(&ada, 0).await.pop().expect("a change");
    settle(back.clone()).await;

    assert_eq!((gone.id, gone.now), (memory.id, None));
    assert_eq!(pieces_of(&ada, &back).await, one_piece());
}

async fn a_removal_is_a_change(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.remember(draft("apple")).await;
    let (seen, id) = (newest(&ada).await, memory.id);

    ada.write(move |tx, permit| tx.note_removal(permit, id)).await.expect("noted");
    let since = changes(&ada, seen).await;
    let later = ada.remember(draft("pear")).await;

    assert_eq!(since, [Change { number: seen + 1, id, now: None }]);
    let after = changes(&ada, seen + 1).await;
    assert_eq!((after.len(), after[0].id, after[0].number), (1, later.id, seen + 2));
}

async fn what_has_no_vectors_is_listed_the_latest_first(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let mut memories = Vec::new();
    for number in 0..6 {
        memories.push(ada.remember(draft(&format!("apple {number}"))).await);
    }
    put(&ada, &memories[1], MODEL, one_piece()).await;
    put(&ada, &memories[3], "model-0", one_piece()).await;
    put(&ada, &memories[4], "model-z", one_piece()).await;
    // A text of which nothing could be made is done too.
    put(&ada, &memories[5], MODEL, Vec::new()).await;
    let ids = |wanted: &[usize]| wanted.iter().map(|at| memories[*at].id).collect::<Vec<_>>();

    assert_eq!(missing(store, team.id, MODEL).await, ids(&[2, 0, 3, 4]));
    assert_eq!(missing(store, team.id, "model-z").await, ids(&[2, 0, 5, 1, 3]));
    let team = team.id;
    let some = store.unembedded(move |tx| tx.pieces_missing(team, MODEL, 3)).await;
    let some = some.expect("reads");
    assert_eq!(some.iter().map(|text| text.id).collect::<Vec<_>>(), ids(&[2, 0, 3]));
    assert_eq!(some[0].content, "apple 2");
    assert_eq!(store.unembedded(|tx| tx.teams()).await.expect("reads"), [team]);
}

async fn vectors_are_put_for_the_team_that_is_named(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let ada = north.agent("ada").await;
    let memory = ada.remember(draft("apple")).await;
    let put = async |team: TeamId| {
        let id = memory.id;
        let put = store
            .embed(team, move |tx| tx.put_missing_pieces(team, id, "apple", MODEL, &one_piece()));
        put.await.expect("runs")
    };

    assert!(!put(south.id).await);
    assert!(pieces_of(&ada, &memory).await.is_empty());
    assert!(put(north.id).await);
    assert_eq!(pieces_of(&ada, &memory).await, one_piece());
}

async fn ids_give_what_is_seen_and_fits(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, bob, owner) = (north.agent("ada").await, north.agent("bob").await, north.owner());
    let private = |text| Draft { visibility: Some(Visibility::Agent), ..draft(text) };
    let goal = Draft { memory_type: Some(MemoryType::Goal), ..draft("pear") };
    let ours = [draft("apple"), goal, private("ours")];
    let mut ids = Vec::new();
    for draft in ours {
        ids.push(bob.remember(draft).await.id);
    }
    ids.push(ada.remember(private("hers alone")).await.id);
    ids.push(south.agent("eve").await.remember(draft("apple")).await.id);
    let expired = bob.remember(draft("plum")).await;
    assert!(bob.change(with_status(&expired, Status::Expired)).await.expect("runs"));
    let hidden = bob.remember(draft("fig")).await;
    let next = with_status(&hidden, Status::Quarantined);
    let settled = owner.write(move |tx, permit| {
        tx.change_any_memory(permit.oversight()?, &next, Some(&next.words()))
    });
    assert!(settled.await.expect("runs"));
    ids.extend([expired.id, hidden.id, bob.next_id()]);
    let found = async |filter: Filter| {
        let asked = ids.clone();
        let found = bob.read(move |tx, permit| tx.memories_by_id(permit, &asked, &filter));
        let found = found.await.expect("reads");
        found.into_iter().map(|memory| memory.id).collect::<BTreeSet<_>>()
    };
    let set = |ids: &[MemoryId]| ids.iter().copied().collect::<BTreeSet<_>>();

    assert_eq!(found(Filter::default()).await, set(&ids[..3]));
    let goals = Filter { types: vec![MemoryType::Goal], ..Filter::default() };
    assert_eq!(found(goals).await, set(&ids[1..2]));
    let all = Filter { status: Statuses::All, ..Filter::default() };
    assert_eq!(found(all).await, set(&[ids[0], ids[1], ids[2], expired.id]));
}
