//! Copies of what was decided about memories, and what comes to memories that are there already.

use memoranda::core::id::ConflictId;
use memoranda::memory::conflict::{Conflict, ConflictStatus, Resolution, Severity, Sign, Signal};
use memoranda::memory::conflict::{ConflictKind, Finding};
use memoranda::memory::copy::{AuthorCopy, ConfirmationCopy, LinkCopy, MemoryCopy};
use memoranda::memory::decided::ConflictCopy;
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{Status, Visibility};
use memoranda::memory::link::LinkType;
use memoranda::memory::memory::Memory;
use memoranda::store::Store;
use memoranda::store::transfer::CopyFilter;

use super::team::{ALL, Caller, Team, at, draft};

contract! {
    conflicts_are_given_whoever_may_see_them_with_what_was_decided,
    conflicts_of_forgotten_memories_are_given_with_these_alone,
    a_conflict_is_taken_in_as_it_was_given,
    a_conflict_is_known_by_its_id_or_by_the_two_between_which_it_waits,
    what_has_come_to_a_memory_is_added_once,
}

fn finding() -> Finding {
    Finding {
        kind: ConflictKind::Contradiction,
        severity: Severity::High,
        signals: vec![Signal { sign: Sign::OtherNumber, weight: 0.8 }],
    }
}

async fn opened(who: &Caller, existing: &Memory, newer: &Memory) -> Conflict {
    let conflict = Conflict::new(who.next_id(), finding(), existing, newer, at(5));
    let new = conflict.clone();
    let opens = who.write(move |tx, permit| tx.open_conflict(permit, &new));
    assert!(opens.await.expect("opens"));
    conflict
}

/// The same, decided by whoever asks.
async fn settled(who: &Caller, conflict: &Conflict) -> Conflict {
    let decided = Conflict {
        status: ConflictStatus::Resolved,
        resolution: Some(Resolution::KeepBoth),
        rationale: Some("both were counted".into()),
        decided_by: Some(who.permit().actor().clone()),
        decided_at: Some(at(9)),
        ..conflict.clone()
    };
    let new = decided.clone();
    let settles =
        who.write(move |tx, permit| tx.settle_conflict(permit, &new, ConflictStatus::Pending));
    assert!(settles.await.expect("settles"));
    decided
}

async fn given(
    who: &Caller,
    after: Option<ConflictId>,
    with_forgotten: bool,
    limit: usize,
) -> Vec<ConflictCopy> {
    let read = who.read(move |tx, permit| {
        tx.conflict_copies(permit.oversight()?, after, with_forgotten, limit)
    });
    read.await.expect("reads")
}

async fn like(who: &Caller, copy: &ConflictCopy) -> Option<ConflictCopy> {
    let copy = copy.clone();
    let read = who.read(move |tx, permit| tx.conflict_like(permit.oversight()?, &copy));
    read.await.expect("reads")
}

async fn memories(who: &Caller) -> Vec<MemoryCopy> {
    let all = CopyFilter { with_forgotten: true, ..CopyFilter::default() };
    let read = who.read(move |tx, permit| tx.memory_copies(permit.oversight()?, &all, ALL));
    read.await.expect("reads")
}

async fn two(who: &Caller) -> (Memory, Memory) {
    (who.remember(draft("apple")).await, who.remember(draft("pear")).await)
}

async fn conflicts_are_given_whoever_may_see_them_with_what_was_decided(store: &Store) {
    let (team, other) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let ada = team.agent("ada").await;
    let (apple, pear) = two(&ada).await;
    let mine = Draft { visibility: Some(Visibility::Agent), ..draft("plum") };
    let plum = ada.remember(mine).await;
    let first = opened(&ada, &apple, &pear).await;
    let first = settled(&ada, &first).await;
    let second = opened(&ada, &apple, &plum).await;
    let owner = team.owner();

    let all = given(&owner, None, false, ALL).await;

    assert_eq!(all, [first.clone().into(), second.clone().into()] as [ConflictCopy; 2]);
    assert_eq!(all[0].agent_id, Some(ada.agent_id()));
    assert!(all.iter().all(|copy| copy.check().is_ok()));
    assert_eq!(given(&owner, None, false, 1).await, all[..1]);
    assert_eq!(given(&owner, Some(first.id), false, ALL).await, all[1..]);
    assert_eq!(given(&other.owner(), None, true, ALL).await, []);
}

async fn conflicts_of_forgotten_memories_are_given_with_these_alone(store: &Store) {
    let team = Team::new(store, "one").await;
    let owner = team.owner();
    let (apple, pear) = two(&owner).await;
    opened(&owner, &apple, &pear).await;
    let gone = pear.next(pear.statement.clone(), Status::Forgotten, at(6));
    assert!(owner.change(gone).await.expect("forgets"));

    let counted = |with_forgotten| {
        let owner = owner.clone();
        async move {
            let read =
                owner.read(move |tx, permit| tx.copy_counts(permit.oversight()?, with_forgotten));
            read.await.expect("counts").conflicts
        }
    };

    assert_eq!((given(&owner, None, false, ALL).await.len(), counted(false).await), (0, 0));
    assert_eq!((given(&owner, None, true, ALL).await.len(), counted(true).await), (1, 1));
}

async fn a_conflict_is_taken_in_as_it_was_given(store: &Store) {
    let (one, two_) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let (owner, there) = (one.owner(), two_.owner());
    let (apple, pear) = two(&owner).await;
    let plum = owner.remember(draft("plum")).await;
    let first = opened(&owner, &apple, &pear).await;
    settled(&owner, &first).await;
    let waiting = opened(&owner, &pear, &plum).await;
    let copies = given(&owner, None, true, ALL).await;
    let held = memories(&owner).await;

    let new = copies.clone();
    let takes = there.write(move |tx, permit| {
        let all = permit.oversight()?;
        for copy in &held {
            tx.add_memory_copy(all, copy, copy.words().as_ref())?;
        }
        new.iter().try_for_each(|copy| tx.add_conflict_copy(all, copy))
    });
    takes.await.expect("takes them in");

    assert_eq!(given(&there, None, true, ALL).await, copies);
    let id = waiting.id;
    let read = there.read(move |tx, permit| tx.conflict(permit, id)).await.expect("reads");
    assert_eq!(read, Some(waiting), "it waits there as here");
}

async fn a_conflict_is_known_by_its_id_or_by_the_two_between_which_it_waits(store: &Store) {
    let (team, other) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let owner = team.owner();
    let (apple, pear) = two(&owner).await;
    let held = ConflictCopy::from(opened(&owner, &apple, &pear).await);
    let turned: ConflictCopy =
        Conflict::new(owner.next_id(), finding(), &pear, &apple, at(5)).into();
    let closed = ConflictCopy { status: ConflictStatus::Dismissed, ..turned.clone() };

    assert_eq!(like(&owner, &held).await.as_ref(), Some(&held));
    assert_eq!(like(&owner, &turned).await.as_ref(), Some(&held));
    assert_eq!(like(&owner, &closed).await, None, "one that is settled leaves room");
    assert_eq!(like(&other.owner(), &held).await, None);
}

async fn what_has_come_to_a_memory_is_added_once(store: &Store) {
    let team = Team::new(store, "one").await;
    let owner = team.owner();
    let (apple, pear) = two(&owner).await;
    let before = memories(&owner).await;
    let link = LinkCopy {
        link_type: LinkType::Supports,
        to_kind: "memory".into(),
        to_id: pear.id.to_string(),
        agent_id: None,
        member_id: Some(team.owner),
        created_at: at(7),
    };
    let word = ConfirmationCopy {
        print: "f00d".into(),
        actor_id: "somebody".into(),
        confirmed_by: AuthorCopy { credential_kind: "key".into(), ..AuthorCopy::default() },
        confirmed_at: at(8),
    };

    for _ in 0..2 {
        let (id, links, words) = (apple.id, [link.clone()], [word.clone()]);
        let adds =
            owner.write(move |tx, permit| tx.add_ties(permit.oversight()?, id, &links, &words));
        adds.await.expect("adds them");
    }

    let after = memories(&owner).await;
    assert_eq!((&after[0].links, &after[0].confirmations), (&vec![link], &vec![word]));
    assert_eq!(after[1], before[1]);
}
