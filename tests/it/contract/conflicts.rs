//! Pairs of memories that can't both hold.

use memoranda::core::id::ConflictId;
use memoranda::identity::role::Role;
use memoranda::memory::conflict::{
    Conflict, ConflictKind, ConflictStatus, Finding, Newcomer, Resolution, Severity, Sign, Signal,
    Sought,
};
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{Status, Visibility};
use memoranda::memory::memory::{Memory, Statement};
use memoranda::memory::search::Filter;
use memoranda::store::Store;
use memoranda::store::conflicts::ConflictFilter;

use super::team::{ALL, Caller, Team, at, draft};

contract! {
    a_conflict_comes_back_as_it_was_opened,
    of_the_same_two_memories_one_conflict_waits_whichever_way_round,
    a_settled_conflict_makes_room_for_another,
    a_conflict_is_settled_once,
    what_was_decided_is_kept_with_who_decided,
    a_conflict_is_seen_by_those_who_see_both_memories,
    a_conflict_with_what_cannot_be_seen_is_not_opened_and_not_settled,
    conflicts_are_listed_newest_first_in_pages_and_by_what_is_asked,
    a_conflict_waits_while_both_memories_stand,
    the_conflicts_of_another_team_stay_its_own,
    memories_are_found_by_a_word_of_each_group,
    only_what_stands_and_is_seen_is_compared,
    what_is_no_turn_any_more_is_compared,
    what_a_new_memory_seeks_finds_what_it_contradicts,
}

fn private(content: &str) -> Draft {
    Draft { visibility: Some(Visibility::Agent), ..draft(content) }
}

fn turn(position: i64, content: &str) -> Draft {
    Draft { thread: Some("t".into()), position: Some(position), ..draft(content) }
}

fn finding() -> Finding {
    Finding {
        kind: ConflictKind::Contradiction,
        severity: Severity::Medium,
        signals: vec![
            Signal { sign: Sign::SameSubject, weight: 0.75 },
            Signal { sign: Sign::OtherNumber, weight: 0.8 },
        ],
    }
}

fn conflict(caller: &Caller, existing: &Memory, newer: &Memory) -> Conflict {
    Conflict::new(caller.next_id(), finding(), existing, newer, at(5))
}

async fn open(caller: &Caller, conflict: &Conflict) -> bool {
    let conflict = conflict.clone();
    caller.write(move |tx, permit| tx.open_conflict(permit, &conflict)).await.expect("writes")
}

async fn settle(caller: &Caller, conflict: &Conflict, was: ConflictStatus) -> bool {
    let conflict = conflict.clone();
    let settled = caller.write(move |tx, permit| tx.settle_conflict(permit, &conflict, was));
    settled.await.expect("writes")
}

async fn get(caller: &Caller, id: ConflictId) -> Option<Conflict> {
    caller.read(move |tx, permit| tx.conflict(permit, id)).await.expect("reads")
}

async fn listed(caller: &Caller, filter: ConflictFilter, limit: usize) -> Vec<ConflictId> {
    let found = caller.read(move |tx, permit| tx.conflicts(permit, &filter, limit));
    found.await.expect("reads").iter().map(|conflict| conflict.id).collect()
}

async fn waiting(caller: &Caller) -> Vec<ConflictId> {
    let statuses = ConflictStatus::WAITING.to_vec();
    listed(caller, ConflictFilter { statuses, ..ConflictFilter::default() }, ALL).await
}

async fn two(caller: &Caller) -> (Memory, Memory) {
    (caller.remember(draft("apple")).await, caller.remember(draft("pear")).await)
}

/// An open conflict of two new memories.
async fn opened(caller: &Caller) -> Conflict {
    let (existing, newer) = two(caller).await;
    let conflict = conflict(caller, &existing, &newer);
    assert!(open(caller, &conflict).await);
    conflict
}

fn resolved(conflict: &Conflict) -> Conflict {
    Conflict {
        status: ConflictStatus::Resolved,
        resolution: Some(Resolution::KeepNew),
        rationale: Some("it was counted".into()),
        decided_at: Some(at(9)),
        ..conflict.clone()
    }
}

async fn a_conflict_comes_back_as_it_was_opened(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);

    let conflict = opened(&ada).await;

    for caller in [&ada, &bo] {
        assert_eq!(get(caller, conflict.id).await.as_ref(), Some(&conflict));
    }
    assert_eq!(get(&ada, ada.next_id()).await, None);
}

async fn of_the_same_two_memories_one_conflict_waits_whichever_way_round(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (apple, pear) = two(&ada).await;
    let first = conflict(&ada, &apple, &pear);

    assert!(open(&ada, &first).await);
    assert!(!open(&ada, &conflict(&ada, &apple, &pear)).await);
    assert!(!open(&ada, &conflict(&ada, &pear, &apple)).await);

    let asked = Conflict { status: ConflictStatus::PendingApproval, ..first.clone() };
    assert!(settle(&ada, &asked, ConflictStatus::Pending).await);
    assert!(!open(&ada, &conflict(&ada, &pear, &apple)).await);
    assert_eq!(waiting(&ada).await, [first.id]);
}

async fn a_settled_conflict_makes_room_for_another(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (apple, pear) = two(&ada).await;
    let first = conflict(&ada, &apple, &pear);
    open(&ada, &first).await;

    settle(&ada, &resolved(&first), ConflictStatus::Pending).await;

    let second = conflict(&ada, &pear, &apple);
    assert!(open(&ada, &second).await);
    assert_eq!(waiting(&ada).await, [second.id]);
}

async fn a_conflict_is_settled_once(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let conflict = opened(&ada).await;
    let dismissed = Conflict { status: ConflictStatus::Dismissed, ..conflict.clone() };

    assert!(settle(&ada, &resolved(&conflict), ConflictStatus::Pending).await);
    assert!(!settle(&ada, &dismissed, ConflictStatus::Pending).await);
    assert!(!settle(&ada, &dismissed, ConflictStatus::PendingApproval).await);

    let kept = get(&ada, conflict.id).await.expect("there");
    assert_eq!(kept.status, ConflictStatus::Resolved);
}

async fn what_was_decided_is_kept_with_who_decided(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let conflict = opened(&ada).await;
    let asked = Conflict {
        status: ConflictStatus::PendingApproval,
        resolution: Some(Resolution::Merge),
        content: Some("apple and pear".into()),
        decided_by: Some(ada.principal.actor.clone()),
        ..resolved(&conflict)
    };
    let done = Conflict {
        status: ConflictStatus::Dismissed,
        resolution: None,
        content: None,
        reason: Some("gone".into()),
        decided_by: Some(owner.principal.actor.clone()),
        ..asked.clone()
    };

    assert!(settle(&ada, &asked, ConflictStatus::Pending).await);
    assert_eq!(get(&ada, conflict.id).await, Some(asked));
    assert!(settle(&owner, &done, ConflictStatus::PendingApproval).await);
    assert_eq!(get(&ada, conflict.id).await, Some(done));
}

async fn a_conflict_is_seen_by_those_who_see_both_memories(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let apple = ada.remember(draft("apple")).await;
    let own = ada.remember(private("pear")).await;
    let proposal = Memory { status: Status::Proposed, ..ada.memory(draft("plum")) };
    ada.add(proposal.clone()).await.expect("kept");
    let hidden = conflict(&ada, &apple, &own);
    let proposed = conflict(&ada, &apple, &proposal);

    assert!(open(&ada, &hidden).await);
    assert!(open(&ada, &proposed).await);

    let viewer = bo.clone().in_role(Role::Viewer);
    assert_eq!(waiting(&ada).await, [proposed.id, hidden.id]);
    assert_eq!(waiting(&bo).await, [proposed.id]);
    assert!(waiting(&viewer).await.is_empty());
    assert_eq!(get(&bo, hidden.id).await, None);
    assert_eq!(get(&viewer, proposed.id).await, None);
}

async fn a_conflict_with_what_cannot_be_seen_is_not_opened_and_not_settled(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let apple = ada.remember(draft("apple")).await;
    let own = ada.remember(private("pear")).await;
    let gone = ada.remember(draft("plum")).await;
    ada.change(gone.next(gone.statement.clone(), Status::Forgotten, at(1))).await.expect("writes");
    let hidden = conflict(&ada, &apple, &own);
    open(&ada, &hidden).await;

    assert!(!open(&bo, &conflict(&bo, &own, &apple)).await);
    assert!(!open(&ada, &conflict(&ada, &apple, &gone)).await);
    assert!(!settle(&bo, &resolved(&hidden), ConflictStatus::Pending).await);

    assert_eq!(get(&ada, hidden.id).await, Some(hidden));
}

async fn conflicts_are_listed_newest_first_in_pages_and_by_what_is_asked(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let [first, second, third] = [opened(&ada).await, opened(&ada).await, opened(&ada).await];
    settle(&ada, &resolved(&second), ConflictStatus::Pending).await;
    let all = ConflictFilter::default;

    assert_eq!(listed(&ada, all(), ALL).await, [third.id, second.id, first.id]);
    assert_eq!(listed(&ada, all(), 2).await, [third.id, second.id]);
    let page = ConflictFilter { before: Some(second.id), ..all() };
    assert_eq!(listed(&ada, page, 2).await, [first.id]);
    let done = ConflictFilter { statuses: vec![ConflictStatus::Resolved], ..all() };
    assert_eq!(listed(&ada, done, ALL).await, [second.id]);
    for id in first.memories() {
        let of_one = ConflictFilter { memory: Some(id), ..all() };
        assert_eq!(listed(&ada, of_one, ALL).await, [first.id]);
    }
    let other = ConflictFilter { kind: Some(ConflictKind::Outdated), ..all() };
    assert!(listed(&ada, other, ALL).await.is_empty());
    assert_eq!(waiting(&ada).await, [third.id, first.id]);
}

async fn a_conflict_waits_while_both_memories_stand(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (apple, pear) = two(&ada).await;
    let conflict = conflict(&ada, &apple, &pear);
    open(&ada, &conflict).await;

    let expired = apple.next(apple.statement.clone(), Status::Expired, at(1));
    ada.change(expired.clone()).await.expect("writes");

    assert!(waiting(&ada).await.is_empty());
    assert!(get(&ada, conflict.id).await.is_some());
    let back = expired.next(apple.statement.clone(), Status::Active, at(2));
    ada.change(back).await.expect("writes");
    assert_eq!(waiting(&ada).await, [conflict.id]);
}

async fn the_conflicts_of_another_team_stay_its_own(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let eve = Team::new(store, "south").await.agent("eve").await;

    let conflict = opened(&ada).await;

    assert_eq!(get(&eve, conflict.id).await, None);
    assert!(listed(&eve, ConflictFilter::default(), ALL).await.is_empty());
    assert!(!settle(&eve, &resolved(&conflict), ConflictStatus::Pending).await);
}

/// The contents of what is found for these groups of words.
async fn holding(caller: &Caller, sought: &[&[&[&str]]], but: &Memory) -> Vec<String> {
    let words = |group: &&[&str]| group.iter().map(|word| (*word).to_owned()).collect();
    let sought: Vec<Sought> =
        sought.iter().map(|groups| groups.iter().map(words).collect()).collect();
    let but = but.id;
    let found = caller.read(move |tx, permit| tx.memories_holding(permit, &sought, but, ALL));
    found.await.expect("reads").into_iter().map(|memory| memory.statement.content).collect()
}

async fn memories_are_found_by_a_word_of_each_group(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    for content in ["red apple", "green apple", "red pear", "blue plum"] {
        ada.remember(draft(content)).await;
    }
    let but = ada.remember(draft("red apple pie")).await;

    assert_eq!(holding(&ada, &[&[&["red"], &["appl"]]], &but).await, ["red apple"]);
    let either = holding(&ada, &[&[&["red", "green"], &["appl"]]], &but).await;
    assert_eq!(either, ["green apple", "red apple"]);
    let any = holding(&ada, &[&[&["blue"]], &[&["red"], &["pear"]]], &but).await;
    assert_eq!(any, ["blue plum", "red pear"]);
    assert!(holding(&ada, &[], &but).await.is_empty());
    assert!(holding(&ada, &[&[&["' OR \" :*"]]], &but).await.is_empty());
}

async fn only_what_stands_and_is_seen_is_compared(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let eve = Team::new(store, "south").await.agent("eve").await;
    let but = ada.remember(draft("tea")).await;
    ada.remember(draft("apple of the team")).await;
    ada.remember(private("apple of ada")).await;
    eve.remember(draft("apple of the south")).await;
    ada.remember(turn(0, "apple of a turn")).await;
    let old = ada.remember(draft("apple of old")).await;
    ada.change(old.next(old.statement.clone(), Status::Expired, at(1))).await.expect("writes");

    let sought: &[&[&[&str]]] = &[&[&["appl"]]];
    assert_eq!(holding(&ada, sought, &but).await, ["apple of ada", "apple of the team"]);
    assert_eq!(holding(&bo, sought, &but).await, ["apple of the team"]);
}

async fn what_is_no_turn_any_more_is_compared(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let first = ada.remember(turn(0, "red apple")).await;
    let second = ada.remember(turn(1, "green apple")).await;
    let but = ada.remember(draft("tea")).await;
    let alone = Statement { thread: None, position: None, ..first.statement.clone() };
    let sought: &[&[&[&str]]] = &[&[&["appl"]]];
    assert!(holding(&ada, sought, &but).await.is_empty());

    let said = first.next(alone, Status::Active, at(1));
    ada.change(said.clone()).await.expect("writes");
    let changed = holding(&ada, sought, &but).await;
    ada.change(said.next(first.statement.clone(), Status::Active, at(2))).await.expect("writes");
    let changed_back = holding(&ada, sought, &but).await;
    let gone = second.next(second.statement.clone(), Status::Forgotten, at(3));
    let gone = ada.write(move |tx, permit| tx.change_memory(permit, &gone, None)).await;

    assert_eq!(changed, ["red apple"]);
    assert!(changed_back.is_empty());
    assert_eq!(gone.ok(), Some(true));
    assert_eq!(ada.found("apple", &Filter::default(), ALL).await, [first.id]);
}

async fn what_a_new_memory_seeks_finds_what_it_contradicts(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let pairs = [
        ("The build tool is Webpack.", "We replaced Webpack with Vite."),
        ("Miguel leads the platform team.", "The platform team is led by Sofia."),
        ("MAX_WORKERS is set to 8.", "MAX_WORKERS is set to 16."),
        ("会議は毎週月曜日の10時に始まります。", "会議は毎週月曜日の14時に始まります。"),
        ("The user's e-mail address is a@b.example.", "The user's email address is c@d.example."),
    ];

    for (one, two) in pairs {
        let old = ada.remember(draft(one)).await;
        let new = ada.remember(draft(two)).await;
        let sought = Newcomer::of(&new).expect("it says something").sought().concat();
        let id = new.id;
        let found = ada.read(move |tx, permit| tx.memories_holding(permit, &sought, id, ALL));

        let found = found.await.expect("reads");
        assert!(found.iter().any(|memory| memory.id == old.id), "{two}");
    }
}

/// A statement and two turns, one of no word, on a database that will be made an older one.
pub async fn before_turns_stood_apart(store: &Store) -> Caller {
    let ada = Team::new(store, "north").await.agent("ada").await;
    ada.remember(draft("red apple")).await;
    ada.remember(turn(0, "green apple")).await;
    ada.remember(turn(1, "!")).await;
    ada
}

/// What must be so once it is a newer one again.
pub async fn after_turns_stand_apart(ada: &Caller) {
    let but = ada.remember(draft("tea")).await;

    assert_eq!(holding(ada, &[&[&["appl"]]], &but).await, ["red apple"]);
    assert_eq!(ada.found("apple", &Filter::default(), ALL).await.len(), 2);
    assert_eq!(ada.found("green", &Filter::default(), ALL).await.len(), 1);
    assert_eq!(ada.count().await, 4);
}
