//! What one author wrote, found whoever may see it, and out of sight once it is quarantined.

use memoranda::core::error::Code;
use memoranda::core::id::MemoryId;
use memoranda::identity::actor::Credential;
use memoranda::identity::event::{Act, Event};
use memoranda::identity::role::{Role, Scopes};
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{Status, Visibility};
use memoranda::memory::memory::Memory;
use memoranda::memory::search::Filter;
use memoranda::memory::undo::Step;
use memoranda::store::Store;
use memoranda::store::authorship::{Authorship, By};

use super::team::{ALL, Caller, Team, at, draft};

contract! {
    an_authors_memories_are_found_by_agent_by_key_and_by_secret,
    an_authors_memories_are_found_by_the_period,
    every_version_of_an_authors_memory_is_told_with_its_maker,
    private_memories_are_found_and_those_of_another_team_are_not,
    at_most_so_many_memories_are_given_and_each_one_whole,
    what_is_quarantined_is_out_of_everybodys_sight,
    a_quarantined_memory_that_is_released_is_found_again,
    only_the_next_version_is_taken,
    other_acts_are_counted_by_operation,
    only_an_admins_permit_gives_the_sight_of_everything,
}

fn by(author: By) -> Authorship {
    Authorship { author, after: None, before: None }
}

fn by_agent(caller: &Caller) -> Authorship {
    by(By::Agent(caller.agent_id()))
}

async fn authored(who: &Caller, of: Authorship, limit: usize) -> Vec<(MemoryId, Vec<Step>)> {
    let found = who.read(move |tx, permit| tx.authored(permit.oversight()?, &of, limit)).await;
    found.expect("reads")
}

async fn ids(who: &Caller, of: Authorship) -> Vec<MemoryId> {
    authored(who, of, ALL).await.into_iter().map(|(id, _)| id).collect()
}

/// Makes the next version as an admin does, whoever may see the memory.
async fn settle(who: &Caller, next: Memory) -> bool {
    let is_found = !matches!(next.status, Status::Forgotten | Status::Quarantined);
    let words = is_found.then(|| next.words());
    let changed = who
        .write(move |tx, permit| tx.change_any_memory(permit.oversight()?, &next, words.as_ref()));
    changed.await.expect("changes")
}

fn with_status(memory: &Memory, status: Status) -> Memory {
    memory.next(memory.statement.clone(), status, at(1))
}

fn edited(memory: &Memory, content: &str) -> Memory {
    let statement = draft(content).applied_to(&memory.statement, at(0)).expect("a statement");
    memory.next(statement, memory.status, at(1))
}

fn private(content: &str) -> Draft {
    Draft { visibility: Some(Visibility::Agent), ..draft(content) }
}

async fn an_authors_memories_are_found_by_agent_by_key_and_by_secret(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo, owner) = (team.agent("ada").await, team.agent("bo").await, team.owner());
    let (of_ada, of_bo) = (ada.remember(draft("apple")).await, bo.remember(draft("pear")).await);
    let key = ada.key_id();
    let rotated =
        owner.write(move |tx, permit| tx.rotate_key(permit, key, "another", Some(at(9)), at(0)));
    rotated.await.expect("rotated");
    let mut later = ada.clone();
    later.principal.credential = Credential::Key { id: key, secret_number: 2, session: None };
    let second = later.remember(draft("plum")).await;
    assert!(ada.change(edited(&of_bo, "quince")).await.expect("changes"));

    assert_eq!(ids(&owner, by_agent(&ada)).await, [of_ada.id, of_bo.id, second.id]);
    assert_eq!(ids(&owner, by_agent(&bo)).await, [of_bo.id]);
    assert_eq!(ids(&owner, by(By::Key(key, None))).await, [of_ada.id, of_bo.id, second.id]);
    assert_eq!(ids(&owner, by(By::Key(key, Some(1)))).await, [of_ada.id, of_bo.id]);
    assert_eq!(ids(&owner, by(By::Key(key, Some(2)))).await, [second.id]);
    assert!(ids(&owner, by(By::Key(key, Some(3)))).await.is_empty());
}

async fn an_authors_memories_are_found_by_the_period(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let mut kept = Vec::new();
    for moment in 1..=4 {
        let memory = ada.memory_at(at(moment), draft("apple"));
        kept.push(ada.add(memory).await.expect("kept"));
    }
    let of = |after: Option<i64>, before: Option<i64>| Authorship {
        after: after.map(at),
        before: before.map(at),
        ..by_agent(&ada)
    };

    assert_eq!(ids(&owner, of(Some(3), None)).await, kept[2..]);
    assert_eq!(ids(&owner, of(None, Some(2))).await, kept[..2]);
    assert_eq!(ids(&owner, of(Some(2), Some(3))).await, kept[1..3]);
    assert!(ids(&owner, of(Some(5), None)).await.is_empty());
}

async fn every_version_of_an_authors_memory_is_told_with_its_maker(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let memory = bo.remember(draft("apple")).await;
    let second = edited(&memory, "pear");
    assert!(ada.change(second.clone()).await.expect("changes"));
    assert!(bo.change(edited(&second, "plum")).await.expect("changes"));

    let step = |version, is_theirs| Step {
        version,
        status: Status::Active,
        is_theirs,
        operation: Some("case".to_owned()),
    };
    let expected = [(memory.id, vec![step(1, false), step(2, true), step(3, false)])];
    assert_eq!(authored(&team.owner(), by_agent(&ada), ALL).await, expected);
    let elsewhere = Authorship { after: Some(at(2)), ..by_agent(&ada) };
    assert!(authored(&team.owner(), elsewhere, ALL).await.is_empty());
}

async fn private_memories_are_found_and_those_of_another_team_are_not(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let (ada, stranger) = (north.agent("ada").await, south.agent("ada").await);
    let memory = ada.remember(private("apple")).await;
    stranger.remember(draft("apple")).await;
    let (owner, id) = (north.owner(), memory.id);

    let read = |who: &Caller| {
        let who = who.clone();
        async move {
            let read = who.read(move |tx, permit| {
                let all = permit.oversight()?;
                Ok((tx.any_memory(all, id)?, tx.standing(all, id, 1)?))
            });
            read.await.expect("reads")
        }
    };
    let (here, version) = read(&owner).await;
    let there = read(&south.owner()).await;

    assert_eq!(ids(&owner, by_agent(&ada)).await, [id]);
    assert_eq!((here.as_ref(), owner.get(id).await), (Some(&memory), None));
    assert_eq!(version.map(|version| version.statement), Some(memory.statement.clone()));
    assert_eq!(there, (None, None));
    assert!(ids(&south.owner(), by_agent(&ada)).await.is_empty());
    assert!(!settle(&south.owner(), with_status(&memory, Status::Forgotten)).await);
}

async fn at_most_so_many_memories_are_given_and_each_one_whole(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    for _ in 0..3 {
        let memory = ada.remember(draft("apple")).await;
        assert!(ada.change(edited(&memory, "pear")).await.expect("changes"));
    }

    let found = authored(&team.owner(), by_agent(&ada), 2).await;

    let versions: Vec<usize> = found.iter().map(|(_, steps)| steps.len()).collect();
    assert_eq!(versions, [2, 2]);
}

async fn what_is_quarantined_is_out_of_everybodys_sight(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let memory = ada.remember(draft("apple")).await;
    let other = ada.remember(draft("apple")).await;
    let hidden = with_status(&memory, Status::Quarantined);

    assert!(settle(&owner, hidden.clone()).await);

    for who in [&ada, &owner] {
        assert_eq!(who.get(memory.id).await, None);
        let id = memory.id;
        let versions = who.read(move |tx, permit| tx.memory_versions(permit, id)).await;
        assert_eq!(versions.expect("reads"), []);
        assert_eq!(who.found("apple", &Filter::default(), ALL).await, [other.id]);
        assert_eq!(who.newest(&Filter::default(), ALL).await, [other.id]);
        assert_eq!(who.count().await, 1);
        assert_eq!(who.change(edited(&hidden, "pear")).await.ok(), Some(false));
    }
}

async fn a_quarantined_memory_that_is_released_is_found_again(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let tags = vec!["fruit".to_owned()];
    let memory = ada.remember(Draft { tags: Some(tags.clone()), ..private("apple") }).await;
    let hidden = with_status(&memory, Status::Quarantined);
    assert!(settle(&owner, hidden.clone()).await);

    let back = with_status(&hidden, Status::Active);
    assert!(settle(&owner, back.clone()).await);

    assert_eq!(ada.get(memory.id).await, Some(back));
    let filter = Filter { tags, ..Filter::default() };
    assert_eq!(ada.found("apple", &filter, ALL).await, [memory.id]);
    assert_eq!(owner.get(memory.id).await, None, "it is as private as before");
    assert_eq!(ada.get(memory.id).await.map(|memory| memory.author), Some(memory.author));
}

async fn only_the_next_version_is_taken(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let memory = ada.remember(draft("apple")).await;
    let stale = with_status(&memory, Status::Quarantined);
    assert!(ada.change(edited(&memory, "pear")).await.expect("changes"));

    assert!(!settle(&owner, stale).await);

    assert_eq!(ada.get(memory.id).await.map(|memory| memory.version), Some(2));
}

async fn other_acts_are_counted_by_operation(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    for (caller, kind, moment) in [
        (&ada, "key", 1),
        (&ada, "agent", 2),
        (&ada, "memory", 2),
        (&ada, "key", 5),
        (&bo, "key", 2),
    ] {
        let act = Act { object_kind: kind, ..caller.event("x").act };
        let event = Event { at: at(moment), act, ..caller.event("x") };
        caller.write(move |tx, permit| tx.record(permit, &event)).await.expect("recorded");
    }
    let of = |before| Authorship { before, ..by(By::Key(ada.key_id(), Some(1))) };

    for (of, expected) in [(of(None), 3), (of(Some(at(2))), 2), (by_agent(&bo), 1)] {
        let acts =
            team.owner().read(move |tx, permit| tx.other_acts(permit.oversight()?, &of)).await;
        assert_eq!(acts.expect("reads"), [("case".to_owned(), expected)]);
    }
}

async fn only_an_admins_permit_gives_the_sight_of_everything(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut editor = ada.clone();
    editor.principal.role = Role::Editor;
    let mut writer = ada.clone();
    writer.principal.scopes = Scopes::parse("read write");

    for who in [editor, writer] {
        let permit = who.permit();
        let refused = permit.oversight().expect_err("refused");
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
    assert!(ada.permit().oversight().is_ok());
}
