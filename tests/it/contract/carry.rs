//! Copies of what a team works on.

use memoranda::core::id::TaskId;
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{Status, Visibility};
use memoranda::store::Store;
use memoranda::store::carry::{TaskAt, WorkCounts};
use memoranda::work::comment::{Comment, CommentKind, Subject};
use memoranda::work::party::Party;
use memoranda::work::task::{Parent, Task};

use super::leases::{add_task, task};
use super::team::{ALL, Caller, Team, at, draft};

contract! {
    tasks_are_copied_from_the_top_down_in_pages,
    tasks_that_need_others_are_copied_by_their_ids,
    a_comment_is_copied_whoever_may_see_what_it_is_about,
}

async fn tasks(who: &Caller, after: Option<(i64, TaskId)>, limit: usize) -> Vec<TaskAt> {
    let read = who.read(move |tx, permit| tx.tasks_to_copy(permit.oversight()?, after, limit));
    read.await.expect("reads")
}

async fn comments(who: &Caller, with_forgotten: bool) -> Vec<Comment> {
    let read = who.read(move |tx, permit| {
        tx.comments_to_copy(permit.oversight()?, None, with_forgotten, ALL)
    });
    read.await.expect("reads")
}

async fn counts(who: &Caller, with_forgotten: bool) -> WorkCounts {
    let read = who.read(move |tx, permit| tx.work_counts(permit.oversight()?, with_forgotten));
    read.await.expect("reads")
}

async fn tasks_are_copied_from_the_top_down_in_pages(store: &Store) {
    let (ours, theirs) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let (owner, ada) = (ours.owner(), ours.agent("ada").await);
    let (low, top, second) = (task(&ours, &ada), task(&ours, &ada), task(&ours, &ada));
    let low = Task { parent: Some(Parent::Task(top.id)), ..low };
    for task in [&low, &top, &second] {
        add_task(&ada, task).await;
    }

    let all = tasks(&owner, None, ALL).await;

    let order: Vec<(i64, TaskId)> = all.iter().map(|at| (at.depth, at.task.id)).collect();
    assert_eq!(order, [(0, top.id), (0, second.id), (1, low.id)]);
    assert_eq!(tasks(&owner, None, 1).await, all[..1]);
    assert_eq!(tasks(&owner, Some(order[0]), ALL).await, all[1..]);
    assert_eq!(tasks(&owner, Some(order[1]), ALL).await, all[2..]);
    assert_eq!(tasks(&owner, Some(order[2]), ALL).await, []);
    assert_eq!(tasks(&theirs.owner(), None, ALL).await, []);
    assert_eq!(counts(&owner, false).await, WorkCounts { tasks: 3, ..WorkCounts::default() });
}

async fn tasks_that_need_others_are_copied_by_their_ids(store: &Store) {
    let (ours, theirs) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let (owner, ada) = (ours.owner(), ours.agent("ada").await);
    let (one, two, three) = (task(&ours, &ada), task(&ours, &ada), task(&ours, &ada));
    for task in [&one, &two, &three] {
        add_task(&ada, task).await;
    }
    let (first, second, third) = (one.id, two.id, three.id);
    let sets = ada.write(move |tx, permit| {
        tx.set_needs(permit, first, &[second, third])?;
        tx.set_needs(permit, second, &[third])
    });
    sets.await.expect("sets");
    let read = async |who: &Caller, after: Option<TaskId>, limit: usize| {
        let read = who.read(move |tx, permit| tx.tasks_in_need(permit.oversight()?, after, limit));
        read.await.expect("reads")
    };

    let all = read(&owner, None, ALL).await;

    assert_eq!(all, [first, second]);
    assert_eq!(read(&owner, None, 1).await, [first]);
    assert_eq!(read(&owner, Some(first), ALL).await, [second]);
    assert_eq!(read(&theirs.owner(), None, ALL).await, []);
}

async fn a_comment_is_copied_whoever_may_see_what_it_is_about(store: &Store) {
    let (ours, theirs) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let (owner, ada) = (ours.owner(), ours.agent("ada").await);
    let mine = Draft { visibility: Some(Visibility::Agent), ..draft("plum") };
    let memory = ada.remember(mine).await;
    let comment = Comment {
        id: ours.next_id(),
        about: Subject::Memory(memory.id),
        kind: CommentKind::Comment,
        content: "Ripe".to_owned(),
        next_step: Some("Eat it".to_owned()),
        fence: Some(3),
        author: Party::of(ada.permit().actor()),
        created_at: at(3),
    };
    let new = comment.clone();
    let adds = owner.write(move |tx, permit| tx.add_comment_copy(permit.oversight()?, &new));
    adds.await.expect("adds");
    let by_id = async |who: &Caller| {
        let id = comment.id;
        let read = who.read(move |tx, permit| tx.comment_by_id(permit.oversight()?, id));
        read.await.expect("reads")
    };

    let shown = comments(&owner, false).await;
    let gone = memory.next(memory.statement.clone(), Status::Forgotten, at(6));
    assert!(ada.change(gone).await.expect("forgets"));

    assert_eq!(shown, std::slice::from_ref(&comment));
    assert_eq!(by_id(&owner).await, Some(comment.clone()));
    assert_eq!(by_id(&theirs.owner()).await, None);
    assert_eq!(comments(&owner, false).await, []);
    assert_eq!(comments(&owner, true).await, [comment]);
    assert_eq!(comments(&theirs.owner(), true).await, []);
    assert_eq!((counts(&owner, false).await.comments, counts(&owner, true).await.comments), (0, 1));
}
