//! Memories that can't hold beside a node of the strategy.

use memoranda::core::id::{ConflictId, MemoryId, NodeId};
use memoranda::memory::conflict::record::Side;
use memoranda::memory::conflict::{
    Conflict, ConflictKind, ConflictStatus, Existing, Finding, Resolution, Severity, Sign, Signal,
};
use memoranda::memory::decided::ConflictCopy;
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{Status, Visibility};
use memoranda::memory::memory::Memory;
use memoranda::store::Store;
use memoranda::store::comments::Seen;
use memoranda::store::conflicts::{ConflictCounts, ConflictFilter};
use memoranda::store::transfer::CopyFilter;
use memoranda::work::comment::{Comment, CommentKind, Subject};
use memoranda::work::node::{Node, NodeStatus};

use super::made;
use super::team::{ALL, Caller, Team, at, draft};

contract! {
    a_conflict_with_a_node_comes_back_as_it_was_opened,
    of_one_memory_and_one_node_one_conflict_waits,
    of_many_who_open_the_same_at_once_one_does_and_it_is_settled_once,
    it_waits_while_the_node_is_pursued_and_the_memory_stands,
    a_conflict_with_a_node_that_is_not_the_teams_is_not_opened,
    a_private_memorys_conflict_with_a_node_is_its_authors,
    erasing_the_memory_takes_its_conflict_with_a_node_and_what_was_said_of_it,
    a_conflict_with_a_node_is_counted_for_the_memorys_author,
    a_conflict_with_a_node_is_taken_in_as_it_was_given,
    pursued_nodes_come_with_their_versions,
}

fn finding() -> Finding {
    Finding {
        kind: ConflictKind::Contradiction,
        severity: Severity::High,
        signals: vec![Signal { sign: Sign::OtherNumber, weight: 0.8 }],
    }
}

/// A node that is pursued.
async fn pursued(who: &Caller) -> Node {
    let node = made::node(who.next_id());
    let new = node.clone();
    who.write(move |tx, permit| tx.add_node(permit, &new)).await.expect("adds");
    node
}

/// The same node, in its next version with another status.
async fn with_status(who: &Caller, node: &Node, status: NodeStatus) -> Node {
    let next = Node { status, version: node.version + 1, ..node.clone() };
    let new = next.clone();
    let changes = who.write(move |tx, permit| tx.update_node(permit, &new));
    assert!(changes.await.expect("writes"));
    next
}

fn conflict(who: &Caller, node: &Node, memory: &Memory) -> Conflict {
    let side = Side { id: node.id, version: node.version };
    Conflict::with_node(who.next_id(), finding(), side, memory, at(5))
}

async fn open(who: &Caller, conflict: &Conflict) -> bool {
    let conflict = conflict.clone();
    who.write(move |tx, permit| tx.open_conflict(permit, &conflict)).await.expect("writes")
}

/// An open conflict of a new memory with a new node.
async fn opened(who: &Caller) -> (Node, Memory, Conflict) {
    let (node, memory) = (pursued(who).await, who.remember(draft("apple")).await);
    let conflict = conflict(who, &node, &memory);
    assert!(open(who, &conflict).await);
    (node, memory, conflict)
}

async fn settle(who: &Caller, conflict: &Conflict, was: ConflictStatus) -> bool {
    let conflict = conflict.clone();
    let settles = who.write(move |tx, permit| tx.settle_conflict(permit, &conflict, was));
    settles.await.expect("writes")
}

async fn get(who: &Caller, id: ConflictId) -> Option<Conflict> {
    who.read(move |tx, permit| tx.conflict(permit, id)).await.expect("reads")
}

async fn listed(who: &Caller, filter: ConflictFilter) -> Vec<ConflictId> {
    let found = who.read(move |tx, permit| tx.conflicts(permit, &filter, ALL));
    found.await.expect("reads").iter().map(|conflict| conflict.id).collect()
}

async fn waiting(who: &Caller) -> Vec<ConflictId> {
    let statuses = ConflictStatus::WAITING.to_vec();
    listed(who, ConflictFilter { statuses, ..ConflictFilter::default() }).await
}

fn resolved(conflict: &Conflict) -> Conflict {
    Conflict {
        status: ConflictStatus::Resolved,
        resolution: Some(Resolution::KeepNew),
        decided_at: Some(at(9)),
        ..conflict.clone()
    }
}

async fn a_conflict_with_a_node_comes_back_as_it_was_opened(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);

    let (node, memory, conflict) = opened(&ada).await;
    let (other, ..) = opened(&ada).await;

    assert_eq!(conflict.existing, Existing::Node(Side { id: node.id, version: 1 }));
    assert_eq!(get(&bo, conflict.id).await.as_ref(), Some(&conflict));
    let of_node = |node| ConflictFilter { node: Some(node), ..ConflictFilter::default() };
    assert_eq!(listed(&bo, of_node(node.id)).await, [conflict.id]);
    assert!(!listed(&bo, of_node(other.id)).await.contains(&conflict.id));
    let of_memory = ConflictFilter { memory: Some(memory.id), ..ConflictFilter::default() };
    assert_eq!(listed(&bo, of_memory).await, [conflict.id]);
    assert!(conflict.memories().eq([memory.id]));
}

async fn of_one_memory_and_one_node_one_conflict_waits(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (node, memory, first) = opened(&ada).await;
    let again = async || open(&ada, &conflict(&ada, &node, &memory)).await;
    assert!(!again().await);
    let other = pursued(&ada).await;
    assert!(open(&ada, &conflict(&ada, &other, &memory)).await, "another node is another matter");

    let asked = Conflict { status: ConflictStatus::PendingApproval, ..first.clone() };
    assert!(settle(&ada, &asked, ConflictStatus::Pending).await);
    assert!(!again().await);
    assert!(settle(&ada, &resolved(&first), ConflictStatus::PendingApproval).await);

    assert!(again().await, "what is settled makes room");
}

async fn of_many_who_open_the_same_at_once_one_does_and_it_is_settled_once(store: &Store) {
    let team = Team::new(store, "north").await;

    one_of_two_wins(&team.agent("ada").await, &team.agent("bo").await).await;
}

/// Two, be it on two servers, who open the same conflict at once and settle it otherwise at once.
pub async fn one_of_two_wins(here: &Caller, there: &Caller) {
    for round in 0..20 {
        let (node, memory) = (pursued(here).await, here.remember(draft("apple")).await);
        let (one, two) = (conflict(here, &node, &memory), conflict(there, &node, &memory));
        let won = tokio::join!(open(here, &one), open(there, &two));
        assert_ne!(won.0, won.1, "round {round}");
        let open = if won.0 { one } else { two };
        assert_eq!(get(there, open.id).await.as_ref(), Some(&open));

        let kept = resolved(&open);
        let dismissed = Conflict { status: ConflictStatus::Dismissed, ..resolved(&open) };
        let won = tokio::join!(
            settle(here, &kept, ConflictStatus::Pending),
            settle(there, &dismissed, ConflictStatus::Pending),
        );
        assert_ne!(won.0, won.1, "round {round}");
        let expected = if won.0 { kept } else { dismissed };
        assert_eq!(get(here, open.id).await, Some(expected));
    }
}

/// Conflicts of memories on a database that will be made one without those of nodes: one that is
/// settled, and one that waits.
pub async fn before(store: &Store) -> (Caller, [Conflict; 2]) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let mut made = Vec::new();
    for content in ["pear", "plum"] {
        let (older, newer) =
            (ada.remember(draft("apple")).await, ada.remember(draft(content)).await);
        let conflict = Conflict::new(ada.next_id(), finding(), &older, &newer, at(5));
        assert!(open(&ada, &conflict).await);
        made.push(conflict);
    }
    let [settled, waits] = &made[..] else { panic!("two were made") };
    let decided_by = Some(ada.principal.actor.clone());
    let settled = Conflict { rationale: Some("counted".into()), decided_by, ..resolved(settled) };
    assert!(settle(&ada, &settled, ConflictStatus::Pending).await);
    (ada, [settled, waits.clone()])
}

/// The same conflicts once the schema has grown, and one with a node beside them.
pub async fn after(ada: &Caller, made: &[Conflict; 2]) {
    for conflict in made {
        assert_eq!(get(ada, conflict.id).await.as_ref(), Some(conflict));
    }
    assert_eq!(waiting(ada).await, [made[1].id]);
    let again = Conflict { id: ada.next_id(), ..made[1].clone() };
    assert!(!open(ada, &again).await, "one of these two waits");
    let (_, memory, new) = opened(ada).await;
    let (id, expected) = (memory.id, new.id);
    assert!(waiting(ada).await.contains(&expected));
    let erases =
        ada.write(move |tx, permit| tx.erase_memory(permit.oversight()?, id, at(7), "asked"));
    assert!(erases.await.expect("erases"));
    assert_eq!(waiting(ada).await, [made[1].id]);
}

async fn it_waits_while_the_node_is_pursued_and_the_memory_stands(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (node, memory, conflict) = opened(&ada).await;
    assert_eq!(waiting(&ada).await, [conflict.id]);

    let mut node = node;
    for status in [NodeStatus::Dropped, NodeStatus::Achieved] {
        node = with_status(&ada, &node, status).await;
        assert!(waiting(&ada).await.is_empty(), "{status:?}");
        assert!(get(&ada, conflict.id).await.is_some(), "{status:?}");
    }
    with_status(&ada, &node, NodeStatus::Active).await;
    assert_eq!(waiting(&ada).await, [conflict.id]);
    let expired = memory.next(memory.statement.clone(), Status::Expired, at(1));
    ada.change(expired).await.expect("writes");

    assert!(waiting(&ada).await.is_empty());
}

async fn a_conflict_with_a_node_that_is_not_the_teams_is_not_opened(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let eve = Team::new(store, "south").await.agent("eve").await;
    let (node, _, held) = opened(&ada).await;
    let theirs = eve.remember(draft("pear")).await;
    let missing = Node { id: eve.next_id(), ..node.clone() };

    assert!(!open(&eve, &conflict(&eve, &node, &theirs)).await);
    assert!(!open(&eve, &conflict(&eve, &missing, &theirs)).await);
    assert!(!settle(&eve, &resolved(&held), ConflictStatus::Pending).await);

    assert_eq!(get(&eve, held.id).await, None);
    let of_node = ConflictFilter { node: Some(node.id), ..ConflictFilter::default() };
    assert!(listed(&eve, of_node).await.is_empty());
    assert_eq!(get(&ada, held.id).await, Some(held));
}

async fn a_private_memorys_conflict_with_a_node_is_its_authors(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let node = pursued(&bo).await;
    let private = Draft { visibility: Some(Visibility::Agent), ..draft("apple") };
    let memory = ada.remember(private).await;
    let hidden = conflict(&ada, &node, &memory);

    assert!(!open(&bo, &hidden).await);
    assert!(open(&ada, &hidden).await);

    assert_eq!((waiting(&ada).await, waiting(&bo).await), (vec![hidden.id], Vec::new()));
    assert_eq!(get(&team.owner(), hidden.id).await, None);
    assert!(!settle(&bo, &resolved(&hidden), ConflictStatus::Pending).await);
}

async fn erasing_the_memory_takes_its_conflict_with_a_node_and_what_was_said_of_it(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let (node, memory, conflict) = opened(&ada).await;
    let (.., other) = opened(&ada).await;
    for about in [conflict.id, other.id].map(Subject::Conflict) {
        let comment = Comment {
            id: ada.next_id(),
            about,
            kind: CommentKind::Comment,
            content: "Which?".to_owned(),
            next_step: None,
            fence: None,
            author: None,
            created_at: at(6),
        };
        let says = ada.write(move |tx, permit| {
            let seen = Seen::look(tx, permit, about)?.expect("it is seen");
            tx.add_comment(permit, seen, &comment)
        });
        says.await.expect("says");
    }
    let erase = async |id: MemoryId| {
        let erases =
            owner.write(move |tx, permit| tx.erase_memory(permit.oversight()?, id, at(7), "asked"));
        erases.await.expect("erases")
    };

    assert!(erase(memory.id).await);

    assert_eq!(get(&ada, conflict.id).await, None);
    let read = owner.read(|tx, permit| tx.comments_to_copy(permit.oversight()?, None, true, ALL));
    let left: Vec<Subject> = read.await.expect("reads").iter().map(|said| said.about).collect();
    assert_eq!(left, [Subject::Conflict(other.id)]);
    let id: NodeId = node.id;
    let kept = ada.read(move |tx, permit| tx.node(permit, id)).await.expect("reads");
    assert_eq!(kept, Some(node), "the node stays");
}

async fn a_conflict_with_a_node_is_counted_for_the_memorys_author(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let (.., conflict) = opened(&ada).await;
    let counted = async |agents: &[&str]| {
        let agents: Vec<String> = agents.iter().map(|agent| (*agent).to_owned()).collect();
        let read = bo.read(move |tx, permit| tx.conflict_counts(permit, at(0), at(20), &agents));
        read.await.expect("counts")
    };

    assert_eq!(counted(&[]).await, ConflictCounts { opened: 1, settled: 0 });
    settle(&ada, &resolved(&conflict), ConflictStatus::Pending).await;

    assert_eq!(counted(&["ada"]).await, ConflictCounts { opened: 1, settled: 1 });
    assert_eq!(counted(&["bo"]).await, ConflictCounts::default());
}

async fn a_conflict_with_a_node_is_taken_in_as_it_was_given(store: &Store) {
    let (one, two) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let (owner, there) = (one.owner(), two.owner());
    let (node, memory, waits) = opened(&owner).await;
    let (gone_from, gone, _) = opened(&owner).await;
    let gone = gone.next(gone.statement.clone(), Status::Forgotten, at(6));
    assert!(owner.change(gone).await.expect("forgets"));
    let given = async |who: &Caller, with_forgotten: bool| {
        let read = who.read(move |tx, permit| {
            tx.conflict_copies(permit.oversight()?, None, with_forgotten, ALL)
        });
        read.await.expect("reads")
    };

    let copies = given(&owner, false).await;
    assert_eq!(copies, [ConflictCopy::from(waits.clone())]);
    assert!(copies[0].check().is_ok());
    assert_eq!(given(&owner, true).await.len(), 2);
    let (new, nodes) = (copies.clone(), [node, gone_from]);
    let held = memory.id;
    let read = owner.read(move |tx, permit| {
        let all = CopyFilter { with_forgotten: true, ..CopyFilter::default() };
        tx.memory_copies(permit.oversight()?, &all, ALL)
    });
    let memories = read.await.expect("reads");
    let takes = there.write(move |tx, permit| {
        let all = permit.oversight()?;
        nodes.iter().try_for_each(|node| tx.add_node(permit, node))?;
        for copy in memories.iter().filter(|copy| copy.id == held) {
            tx.add_memory_copy(all, copy, copy.words().as_ref())?;
        }
        new.iter().try_for_each(|copy| tx.add_conflict_copy(all, copy))
    });
    takes.await.expect("takes them in");

    assert_eq!(given(&there, true).await, copies);
    assert_eq!(get(&there, waits.id).await.as_ref(), Some(&waits));
    assert_eq!(waiting(&there).await, [waits.id]);
    let same = ConflictCopy { id: there.next_id(), ..copies[0].clone() };
    let read = there.read(move |tx, permit| tx.conflict_like(permit.oversight()?, &same));
    assert_eq!(read.await.expect("reads").as_ref(), Some(&copies[0]), "one of these two waits");
}

async fn pursued_nodes_come_with_their_versions(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let node = pursued(&ada).await;
    let dropped = with_status(&ada, &node, NodeStatus::Dropped).await;
    with_status(&ada, &dropped, NodeStatus::Active).await;

    let found = ada.read(|tx, permit| tx.active_nodes(permit, ALL)).await.expect("reads");

    let found: Vec<_> = found.iter().map(|node| (node.id, node.version)).collect();
    assert_eq!(found, [(node.id, 3)]);
}
