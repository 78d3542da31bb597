//! How long memories stay: what was decided, what is old enough to be looked at, and whose turn it is.

use futures_util::future::join_all;
use memoranda::core::id::MemoryId;
use memoranda::identity::permit::Permit;
use memoranda::memory::fields::{Status, Visibility};
use memoranda::memory::retention::{Policy, presets};
use memoranda::store::retention::{Aged, PolicyRow};
use memoranda::store::sweeps::Turn;
use memoranda::store::{Store, WriteTx};

use super::team::{ALL, Caller, Team, at, draft};
use memoranda::memory::draft::Draft;

contract! {
    a_policy_is_kept_as_it_was_set_last,
    the_policies_of_another_team_are_not_seen,
    aged_memories_come_in_the_order_of_their_creation_page_by_page,
    what_was_changed_later_is_not_aged,
    aged_memories_are_found_whoever_may_see_them_and_by_author,
    only_teams_that_have_decided_something_are_due,
    of_many_servers_one_takes_a_teams_turn,
    a_turn_is_anothers_when_its_time_is_over,
    a_turn_that_was_lost_is_not_given_back,
}

fn row(name: &str, version: i64) -> PolicyRow {
    let policy = presets::named(name).unwrap_or_default();
    PolicyRow { agent: None, version, policy, updated_at: at(version) }
}

async fn set(who: &Caller, row: PolicyRow) {
    let set = who
        .write(move |tx: &mut dyn WriteTx, permit: &Permit| tx.set_retention_policy(permit, &row));
    set.await.expect("sets");
}

async fn policies(who: &Caller) -> Vec<PolicyRow> {
    who.read(|tx, permit| tx.retention_policies(permit)).await.expect("reads")
}

fn active_until(millis: i64) -> Aged {
    Aged { status: Status::Active, author: None, until: at(millis), beyond: None }
}

async fn aged(who: &Caller, of: Aged, limit: usize) -> Vec<MemoryId> {
    let found = who.read(move |tx, permit| tx.aged_memories(permit.oversight()?, &of, limit));
    found.await.expect("reads").iter().map(|memory| memory.id).collect()
}

async fn a_policy_is_kept_as_it_was_set_last(store: &Store) {
    let team = Team::new(store, "north").await;
    let (owner, ada) = (team.owner(), team.agent("ada").await);
    let of_ada = PolicyRow { agent: Some(ada.agent_id()), ..row("aggressive", 1) };

    set(&owner, row("balanced", 1)).await;
    set(&owner, of_ada.clone()).await;
    set(&owner, row("conservative", 2)).await;

    assert_eq!(policies(&owner).await, [row("conservative", 2), of_ada.clone()]);
    set(&owner, row("none", 3)).await;
    let emptied = PolicyRow { policy: Policy::default(), ..row("none", 3) };
    assert_eq!(policies(&owner).await, [emptied, of_ada]);
}

async fn the_policies_of_another_team_are_not_seen(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);

    set(&north.owner(), row("balanced", 1)).await;

    assert!(policies(&south.owner()).await.is_empty());
    set(&south.owner(), row("aggressive", 1)).await;
    assert_eq!(policies(&north.owner()).await, [row("balanced", 1)]);
}

async fn aged_memories_come_in_the_order_of_their_creation_page_by_page(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let mut expected = Vec::new();
    // Three of each moment, so that a page ends among equals.
    for moment in [3, 1, 2] {
        for _ in 0..3 {
            let memory = ada.memory_at(at(moment), draft("apple"));
            expected.push((at(moment), ada.add(memory).await.expect("kept")));
        }
    }
    expected.sort_unstable();

    let mut found = Vec::new();
    loop {
        let page = aged(&owner, Aged { beyond: found.last().copied(), ..active_until(2) }, 2).await;
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        let time = |id| expected.iter().find(|(_, one)| *one == id).expect("one of them").0;
        found.extend(page.into_iter().map(|id| (time(id), id)));
    }

    assert_eq!(found, expected[..6]);
}

async fn what_was_changed_later_is_not_aged(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let memory = ada.remember(draft("apple")).await;
    let changed = memory.next(memory.statement.clone(), Status::Active, at(5));
    assert!(ada.change(changed.clone()).await.expect("changes"));

    assert!(aged(&owner, active_until(4), ALL).await.is_empty());
    assert_eq!(aged(&owner, active_until(5), ALL).await, [memory.id]);
    let expired = changed.next(changed.statement.clone(), Status::Expired, at(6));
    assert!(ada.change(expired).await.expect("changes"));
    assert!(aged(&owner, active_until(9), ALL).await.is_empty());
    let of = Aged { status: Status::Expired, ..active_until(6) };
    assert_eq!(aged(&owner, of, ALL).await, [memory.id]);
}

async fn aged_memories_are_found_whoever_may_see_them_and_by_author(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, bo) = (north.agent("ada").await, north.agent("bo").await);
    let private = Draft { visibility: Some(Visibility::Agent), ..draft("apple") };
    let (mine, theirs) = (ada.remember(private).await, bo.remember(draft("pear")).await);
    let owner = north.owner();

    assert_eq!(aged(&owner, active_until(1), ALL).await, [mine.id, theirs.id]);
    let of_ada = Aged { author: Some(ada.agent_id()), ..active_until(1) };
    assert_eq!(aged(&owner, of_ada.clone(), ALL).await, [mine.id]);
    assert!(aged(&south.owner(), active_until(1), ALL).await.is_empty());
    assert!(aged(&south.owner(), of_ada, ALL).await.is_empty());
}

fn turn(team: &Team, holder: &str, until: i64) -> Turn {
    Turn { team: team.id, holder: holder.to_owned(), until: at(until) }
}

async fn take(store: &Store, turn: &Turn, now: i64) -> bool {
    let turn = turn.clone();
    store.take_turns(move |tx| tx.take_sweep(&turn, at(now))).await.expect("answers")
}

async fn end(store: &Store, turn: &Turn, due: i64) {
    let turn = turn.clone();
    store.take_turns(move |tx| tx.end_sweep(&turn, at(due))).await.expect("answers");
}

async fn is_due(store: &Store, team: &Team, now: i64) -> bool {
    let due = store.take_turns(move |tx| tx.due_sweeps(at(now))).await.expect("answers");
    due.contains(&team.id)
}

async fn only_teams_that_have_decided_something_are_due(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    set(&north.owner(), row("balanced", 1)).await;
    let ada = north.agent("ada").await.agent_id();
    set(&north.owner(), PolicyRow { agent: Some(ada), ..row("balanced", 1) }).await;

    let due = store.take_turns(|tx| tx.due_sweeps(at(0))).await.expect("answers");

    assert_eq!(due, [north.id]);
    assert!(!is_due(store, &south, 0).await);
}

async fn of_many_servers_one_takes_a_teams_turn(store: &Store) {
    let team = Team::new(store, "north").await;
    set(&team.owner(), row("balanced", 1)).await;
    for round in 0..20 {
        let now = round * 100;
        let turns: Vec<Turn> =
            (0..6).map(|server| turn(&team, &format!("server {server}"), now + 50)).collect();

        let taken = join_all(turns.iter().map(|turn| take(store, turn, now))).await;

        let winners: Vec<&Turn> =
            turns.iter().zip(&taken).filter(|(_, taken)| **taken).map(|(turn, _)| turn).collect();
        assert_eq!(winners.len(), 1, "{taken:?}");
        assert!(!is_due(store, &team, now + 49).await);
        end(store, winners[0], now + 90).await;
        assert!(!take(store, &turns[0], now + 89).await, "it isn't due yet");
        assert!(is_due(store, &team, now + 90).await);
    }
}

async fn a_turn_is_anothers_when_its_time_is_over(store: &Store) {
    let team = Team::new(store, "north").await;
    set(&team.owner(), row("balanced", 1)).await;

    assert!(take(store, &turn(&team, "one", 10), 0).await);

    assert!(!take(store, &turn(&team, "two", 20), 9).await);
    assert!(is_due(store, &team, 10).await);
    assert!(take(store, &turn(&team, "two", 20), 10).await);
}

async fn a_turn_that_was_lost_is_not_given_back(store: &Store) {
    let team = Team::new(store, "north").await;
    set(&team.owner(), row("balanced", 1)).await;
    let (lost, held) = (turn(&team, "one", 10), turn(&team, "two", 20));
    assert!(take(store, &lost, 0).await);
    assert!(take(store, &held, 10).await);

    end(store, &lost, 11).await;

    assert!(!is_due(store, &team, 12).await, "the second server holds it");
    end(store, &held, 15).await;
    assert!(is_due(store, &team, 15).await);
}
