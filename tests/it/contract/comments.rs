//! What was said about tasks, nodes, memories and conflicts.

use memoranda::core::id::{CommentId, TaskId};
use memoranda::memory::conflict::{Conflict, ConflictKind, Finding, Severity};
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{Status, Visibility};
use memoranda::memory::memory::Memory;
use memoranda::store::Store;
use memoranda::store::comments::Seen;
use memoranda::work::comment::{Comment, CommentKind, Subject};
use memoranda::work::party::Party;

use super::leases::{add_task, task};
use super::made;
use super::team::{ALL, Caller, Team, at, draft};

contract! {
    a_comment_comes_back_as_it_was_made,
    comments_are_listed_newest_first_in_pages_and_of_one_thing_alone,
    what_is_not_seen_has_no_comments,
    the_last_checkpoint_is_that_of_the_newest_lease,
    comments_go_with_an_erased_memory_and_with_its_conflicts,
}

fn comment(caller: &Caller, about: Subject, content: &str) -> Comment {
    Comment {
        id: caller.next_id(),
        about,
        kind: CommentKind::Comment,
        content: content.to_owned(),
        next_step: None,
        fence: None,
        author: Party::of(caller.permit().actor()),
        created_at: at(3),
    }
}

async fn add(caller: &Caller, comment: &Comment) {
    let comment = comment.clone();
    let added = caller.write(move |tx, permit| {
        let seen = Seen::look(tx, permit, comment.about)?.expect("it is seen");
        tx.add_comment(permit, seen, &comment)
    });
    added.await.expect("added");
}

/// The comments on something; `None` where it isn't seen.
async fn listed(
    caller: &Caller,
    about: Subject,
    before: Option<CommentId>,
    limit: usize,
) -> Option<Vec<Comment>> {
    let found = caller.read(move |tx, permit| {
        let Some(seen) = Seen::look(tx, permit, about)? else { return Ok(None) };
        tx.comments(permit, seen, before, limit).map(Some)
    });
    found.await.expect("reads")
}

async fn last_checkpoint(caller: &Caller, id: TaskId) -> Option<Comment> {
    caller.read(move |tx, permit| tx.last_checkpoint(permit, id)).await.expect("reads")
}

async fn add_node(team: &Team, caller: &Caller) -> Subject {
    let node = made::node(team.next_id());
    let about = Subject::Node(node.id);
    caller.write(move |tx, permit| tx.add_node(permit, &node)).await.expect("adds");
    about
}

async fn conflict(caller: &Caller, existing: &Memory, newer: &Memory) -> Subject {
    let finding =
        Finding { kind: ConflictKind::Contradiction, severity: Severity::Low, signals: Vec::new() };
    let conflict = Conflict::new(caller.next_id(), finding, existing, newer, at(1));
    let about = Subject::Conflict(conflict.id);
    let opened = caller.write(move |tx, permit| tx.open_conflict(permit, &conflict));
    assert!(opened.await.expect("answers"));
    about
}

async fn a_comment_comes_back_as_it_was_made(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let node = add_node(&team, &ada).await;
    let member = Some(Party::Member { id: team.owner, name: "Owner".to_owned() });
    let whole = Comment {
        kind: CommentKind::Checkpoint,
        next_step: Some("measure".to_owned()),
        fence: Some(4),
        ..comment(&ada, node, "half")
    };
    let bare = Comment { author: None, ..comment(&ada, node, "a remark") };
    let theirs = Comment { author: member, ..comment(&ada, node, "a word") };

    for comment in [&whole, &bare, &theirs] {
        add(&ada, comment).await;
    }

    assert_eq!(listed(&ada, node, None, ALL).await, Some(vec![theirs, bare, whole]));
}

async fn comments_are_listed_newest_first_in_pages_and_of_one_thing_alone(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let (apple, pear) = (ada.remember(draft("apple")).await, ada.remember(draft("pear")).await);
    let about = Subject::Memory(apple.id);
    let mut made = Vec::new();
    for number in 0..5 {
        let one = comment(&ada, about, &number.to_string());
        add(&ada, &one).await;
        add(&ada, &comment(&ada, Subject::Memory(pear.id), "elsewhere")).await;
        made.insert(0, one);
    }

    let first = listed(&ada, about, None, 2).await.expect("seen");
    let rest = listed(&ada, about, Some(first[1].id), ALL).await.expect("seen");

    assert_eq!(first, made[..2]);
    assert_eq!(rest, made[2..]);
}

async fn what_is_not_seen_has_no_comments(store: &Store) {
    let (ours, theirs) = (Team::new(store, "acme").await, Team::new(store, "other").await);
    let (ada, bo, eve) =
        (ours.agent("ada").await, ours.agent("bo").await, theirs.agent("eve").await);
    let private = Draft { visibility: Some(Visibility::Agent), ..draft("apple") };
    let secret = ada.remember(private).await;
    let shared = ada.remember(draft("pear")).await;
    let task = task(&ours, &ada);
    add_task(&ada, &task).await;
    let both = conflict(&ada, &shared, &secret).await;
    let node = add_node(&ours, &ada).await;
    let (secret, shared_id) = (Subject::Memory(secret.id), Subject::Memory(shared.id));
    let all = [secret, shared_id, both, node, Subject::Task(task.id)];
    for about in all {
        add(&ada, &comment(&ada, about, "a word")).await;
    }

    for about in all {
        assert_eq!(listed(&ada, about, None, ALL).await.map(|all| all.len()), Some(1));
        assert_eq!(listed(&eve, about, None, ALL).await, None, "{about:?}");
        let is_private = about == secret || about == both;
        assert_eq!(listed(&bo, about, None, ALL).await.is_none(), is_private, "{about:?}");
    }
    let forgotten = shared.next(shared.statement.clone(), Status::Forgotten, at(9));
    let changed = ada.write(move |tx, permit| tx.change_memory(permit, &forgotten, None));
    assert!(changed.await.expect("changes"));
    assert_eq!(listed(&ada, shared_id, None, ALL).await, None);
}

async fn the_last_checkpoint_is_that_of_the_newest_lease(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let task = task(&team, &ada);
    add_task(&ada, &task).await;
    let about = Subject::Task(task.id);
    assert_eq!(last_checkpoint(&ada, task.id).await, None);
    let reached = |fence| Comment {
        kind: CommentKind::Checkpoint,
        fence: Some(fence),
        ..comment(&ada, about, "half")
    };

    let (of_two, first, second) = (reached(2), reached(1), reached(1));
    add(&ada, &first).await;
    add(&ada, &second).await;
    assert_eq!(last_checkpoint(&ada, task.id).await, Some(second));
    add(&ada, &of_two).await;
    add(&ada, &Comment { fence: Some(9), ..comment(&ada, about, "no checkpoint") }).await;

    assert_eq!(last_checkpoint(&ada, task.id).await, Some(of_two), "a clock that lags");
}

async fn comments_go_with_an_erased_memory_and_with_its_conflicts(store: &Store) {
    let team = Team::new(store, "acme").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let (apple, pear, plum) = (
        ada.remember(draft("apple")).await,
        ada.remember(draft("pear")).await,
        ada.remember(draft("plum")).await,
    );
    let one = conflict(&ada, &apple, &pear).await;
    let other = conflict(&ada, &plum, &apple).await;
    let third = conflict(&ada, &plum, &pear).await;
    let (gone, stays) = (Subject::Memory(apple.id), Subject::Memory(pear.id));
    for about in [one, other, third, gone, stays] {
        add(&ada, &comment(&ada, about, "a word")).await;
    }

    let id = apple.id;
    let erased = owner
        .write(move |tx, permit| tx.erase_memory(permit.oversight()?, id, at(7), "request"))
        .await;

    assert!(erased.expect("erased"));
    for about in [one, other, gone] {
        assert_eq!(listed(&ada, about, None, ALL).await, None, "{about:?}");
    }
    for about in [third, stays] {
        assert_eq!(listed(&ada, about, None, ALL).await.map(|all| all.len()), Some(1));
    }
}
