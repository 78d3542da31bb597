//! What memories are to each other, and what many of them are at once.

use memoranda::core::error::{Code, Result};
use memoranda::core::id::MemoryId;
use memoranda::identity::role::Role;
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{Named, Status, Visibility};
use memoranda::memory::link::{Link, LinkType, Linked};
use memoranda::memory::memory::Memory;
use memoranda::store::Store;
use memoranda::store::memories::set_status;

use super::team::{ALL, Caller, Team, at, draft};

contract! {
    a_link_is_there_once,
    each_type_between_two_memories_is_a_link_of_its_own,
    a_link_is_seen_from_both_its_ends_with_its_time,
    links_come_in_order_and_stop_at_the_limit,
    a_link_to_what_cannot_be_seen_is_not_made,
    a_link_is_seen_by_those_who_see_both_ends,
    a_link_of_a_forgotten_memory_is_out_of_sight_until_it_is_back,
    a_link_goes_when_it_is_removed_and_another_stays,
    a_link_that_cannot_be_seen_is_not_removed,
    the_links_of_another_team_stay_its_own,
    memories_come_in_the_order_of_their_ids_as_far_as_they_are_seen,
    many_memories_get_a_status_with_one_reason,
    a_status_is_not_given_to_what_has_changed_since,
}

fn private(content: &str) -> Draft {
    Draft { visibility: Some(Visibility::Agent), ..draft(content) }
}

async fn add(caller: &Caller, link: Link, millis: i64) -> bool {
    let added = caller.write(move |tx, permit| tx.add_link(permit, &link, at(millis))).await;
    added.expect("writes")
}

async fn remove(caller: &Caller, link: Link) -> bool {
    caller.write(move |tx, permit| tx.remove_link(permit, &link)).await.expect("writes")
}

async fn linked(caller: &Caller, ids: &[MemoryId], limit: usize) -> Vec<Linked> {
    let ids = ids.to_vec();
    caller.read(move |tx, permit| tx.links_of(permit, &ids, limit)).await.expect("reads")
}

async fn links(caller: &Caller, id: MemoryId) -> Vec<Link> {
    linked(caller, &[id], ALL).await.into_iter().map(|linked| linked.link).collect()
}

async fn two(caller: &Caller) -> (MemoryId, MemoryId) {
    (caller.remember(draft("apple")).await.id, caller.remember(draft("pear")).await.id)
}

async fn settle(caller: &Caller, memories: Vec<Memory>, status: Status) -> Result<Vec<Memory>> {
    caller.write(move |tx, permit| set_status(tx, permit, &memories, status, "swept", at(7))).await
}

async fn a_link_is_there_once(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (apple, pear) = two(&ada).await;
    let link = Link::between(apple, LinkType::Supports, pear);

    assert!(add(&ada, link, 1).await);
    assert!(!add(&ada, link, 2).await);

    assert_eq!(linked(&ada, &[apple], ALL).await, [Linked { link, created_at: at(1) }]);
}

async fn each_type_between_two_memories_is_a_link_of_its_own(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (apple, pear) = two(&ada).await;

    for (link_type, _) in LinkType::NAMES {
        assert!(add(&ada, Link::between(apple, *link_type, pear), 0).await, "{link_type:?}");
        assert!(add(&ada, Link::between(pear, *link_type, apple), 0).await, "{link_type:?}");
    }

    assert_eq!(links(&ada, apple).await.len(), 2 * LinkType::NAMES.len());
}

async fn a_link_is_seen_from_both_its_ends_with_its_time(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let (apple, pear) = two(&ada).await;
    let link = Link::between(apple, LinkType::DerivesFrom, pear);

    add(&ada, link, 4).await;

    let expected = [Linked { link, created_at: at(4) }];
    for ids in [&[apple][..], &[pear], &[apple, pear]] {
        assert_eq!(linked(&bo, ids, ALL).await, expected);
    }
    assert!(linked(&bo, &[], ALL).await.is_empty());
}

async fn links_come_in_order_and_stop_at_the_limit(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (apple, pear) = two(&ada).await;
    let plum = ada.remember(draft("plum")).await.id;
    let expected = [
        Link::between(apple, LinkType::RelatesTo, plum),
        Link::between(apple, LinkType::Supports, pear),
        Link::between(pear, LinkType::Contradicts, apple),
        Link::between(plum, LinkType::DerivesFrom, apple),
    ];
    for at in [2, 0, 3, 1] {
        add(&ada, expected[at], 0).await;
    }

    assert_eq!(links(&ada, apple).await, expected);

    for limit in 0..5 {
        let some = linked(&ada, &[apple], limit).await;
        let some: Vec<Link> = some.into_iter().map(|linked| linked.link).collect();
        assert_eq!(some, expected[..limit.min(4)]);
    }
}

async fn a_link_to_what_cannot_be_seen_is_not_made(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let (seen, hidden) =
        (bo.remember(draft("apple")).await.id, ada.remember(private("pear")).await.id);

    for (from, to) in [(seen, hidden), (hidden, seen), (seen, bo.next_id())] {
        assert!(!add(&bo, Link::between(from, LinkType::RelatesTo, to), 0).await);
    }

    assert!(links(&ada, seen).await.is_empty());
    assert!(add(&ada, Link::between(seen, LinkType::RelatesTo, hidden), 0).await);
}

async fn a_link_is_seen_by_those_who_see_both_ends(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let shared = ada.remember(draft("apple")).await.id;
    let own = ada.remember(private("pear")).await.id;
    let proposal = Memory { status: Status::Proposed, ..ada.memory(draft("plum")) };
    let proposal = ada.add(proposal).await.expect("kept");

    add(&ada, Link::between(shared, LinkType::Supports, own), 0).await;
    add(&ada, Link::between(proposal, LinkType::Supports, shared), 0).await;

    assert_eq!(links(&ada, shared).await.len(), 2);
    assert_eq!(links(&bo, shared).await.len(), 1);
    assert!(links(&bo.in_role(Role::Viewer), shared).await.is_empty());
}

async fn a_link_of_a_forgotten_memory_is_out_of_sight_until_it_is_back(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.remember(draft("apple")).await;
    let (other, _) = two(&ada).await;
    let link = Link::between(other, LinkType::Supports, memory.id);
    add(&ada, link, 0).await;

    let tombstone = memory.next(memory.statement.clone(), Status::Forgotten, at(1));
    ada.change(tombstone.clone()).await.expect("changed");

    assert!(links(&ada, other).await.is_empty() && links(&ada, memory.id).await.is_empty());
    let back = tombstone.next(memory.statement.clone(), Status::Active, at(2));
    ada.change(back).await.expect("changed");
    assert_eq!(links(&ada, other).await, [link]);
}

async fn a_link_goes_when_it_is_removed_and_another_stays(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (apple, pear) = two(&ada).await;
    let [gone, other] =
        [LinkType::Supports, LinkType::RelatesTo].map(|kind| Link::between(apple, kind, pear));
    add(&ada, gone, 0).await;
    add(&ada, other, 0).await;

    assert!(remove(&ada, gone).await);
    assert!(!remove(&ada, gone).await);

    assert_eq!(links(&ada, apple).await, [other]);
}

async fn a_link_that_cannot_be_seen_is_not_removed(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let shared = ada.remember(draft("apple")).await.id;
    let link = Link::between(shared, LinkType::Supports, ada.remember(private("pear")).await.id);
    add(&ada, link, 0).await;

    assert!(!remove(&bo, link).await);

    assert_eq!(links(&ada, shared).await, [link]);
}

async fn the_links_of_another_team_stay_its_own(store: &Store) {
    let north = Team::new(store, "north").await.agent("ada").await;
    let south = Team::new(store, "south").await.agent("bo").await;
    let (apple, pear) = two(&north).await;
    let link = Link::between(apple, LinkType::Supports, pear);
    add(&north, link, 0).await;

    let ours = two(&south).await.0;

    assert!(links(&south, apple).await.is_empty());
    assert!(!remove(&south, link).await);
    assert!(!add(&south, Link::between(ours, LinkType::Supports, apple), 0).await);
    assert_eq!(links(&north, pear).await, [link]);
}

async fn memories_come_in_the_order_of_their_ids_as_far_as_they_are_seen(store: &Store) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let (apple, pear) = two(&ada).await;
    let own = ada.remember(private("plum")).await.id;
    let theirs = Team::new(store, "south").await.agent("cy").await.remember(draft("fig")).await.id;
    let asked = vec![pear, own, theirs, bo.next_id(), apple];

    let of = async |caller: &Caller| {
        let asked = asked.clone();
        let found = caller.read(move |tx, permit| tx.memories_of(permit, &asked)).await;
        found.expect("reads").iter().map(|memory| memory.id).collect::<Vec<_>>()
    };

    assert_eq!(of(&bo).await, [pear, apple]);
    assert_eq!(of(&ada).await, [pear, own, apple]);
}

async fn many_memories_get_a_status_with_one_reason(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (first, second) = (ada.remember(draft("apple")).await, ada.remember(draft("pear")).await);
    let expired = Memory { status: Status::Expired, ..ada.memory(draft("plum")) };
    ada.add(expired.clone()).await.expect("kept");

    let all = vec![first.clone(), second.clone(), expired.clone()];
    let changed = settle(&ada, all, Status::Expired).await.expect("changed");

    assert_eq!(changed.iter().map(|memory| memory.id).collect::<Vec<_>>(), [first.id, second.id]);
    for memory in changed {
        let now = ada.get(memory.id).await;
        assert_eq!((memory.version, memory.status_at), (2, Some(at(7))));
        assert_eq!(memory.status_reason.as_deref(), Some("swept"));
        assert_eq!(now, Some(memory));
    }
    assert_eq!(ada.get(expired.id).await, Some(expired));
}

async fn a_status_is_not_given_to_what_has_changed_since(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let (first, second) = (ada.remember(draft("apple")).await, ada.remember(draft("pear")).await);
    let newer = second.next(second.statement.clone(), second.status, at(1));
    ada.change(newer.clone()).await.expect("changed");

    let refused = settle(&ada, vec![first.clone(), second], Status::Superseded).await;

    assert_eq!(refused.expect_err("refused").code(), Code::Conflict);
    assert_eq!(ada.get(first.id).await, Some(first));
    assert_eq!(ada.get(newer.id).await, Some(newer));
}
