//! The chain as it is exported and checked.

use memoranda::core::clock::Timestamp;
use memoranda::identity::chain::{ChainHash, Link, Walk};
use memoranda::identity::event::Event;
use memoranda::store::Store;
use memoranda::store::activity::Stretch;

use super::team::{ALL, Caller, Team, at};

contract! {
    a_link_holds_both_hashes_of_its_event,
    a_stretch_has_no_gaps_though_times_are_out_of_order,
    a_stretch_outside_the_trail_is_empty,
    a_stretch_is_read_in_pages,
    the_head_is_the_newest_event_of_the_team,
}

/// A team whose events are of these moments, in this order.
async fn events_at(store: &Store, slug: &str, moments: &[i64]) -> Caller {
    let ada = Team::new(store, slug).await.agent("ada").await;
    for moment in moments {
        let event = Event { at: at(*moment), ..ada.event("x") };
        ada.write(move |tx, permit| tx.record(permit, &event)).await.expect("recorded");
    }
    ada
}

async fn links(caller: &Caller, stretch: Stretch, limit: usize) -> Vec<Link> {
    caller.read(move |tx, permit| tx.links(permit, &stretch, limit)).await.expect("reads")
}

async fn sequences(caller: &Caller, after: Option<Timestamp>, before: Option<i64>) -> Vec<i64> {
    let stretch = Stretch { beyond: 0, after, before: before.map(at) };
    links(caller, stretch, ALL).await.iter().map(|link| link.event.sequence).collect()
}

async fn a_link_holds_both_hashes_of_its_event(store: &Store) {
    let ada = events_at(store, "north", &[1, 2, 3]).await;
    events_at(store, "south", &[1, 2, 3]).await;

    let links = links(&ada, Stretch::default(), ALL).await;

    let chain = ada.read(|tx, permit| tx.chain(permit, 0, ALL)).await.expect("reads");
    let mut previous = ChainHash::GENESIS;
    assert_eq!(links.len(), 3);
    for (link, (event, hash)) in links.into_iter().zip(chain) {
        assert_eq!(link, Link { event, previous, hash });
        assert_eq!(link.event.hash(link.previous), link.hash);
        previous = hash;
    }
}

async fn a_stretch_has_no_gaps_though_times_are_out_of_order(store: &Store) {
    let ada = events_at(store, "north", &[1, 2, 5, 3, 4, 9, 6, 8]).await;

    assert_eq!(sequences(&ada, None, None).await, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(sequences(&ada, Some(at(4)), None).await, [3, 4, 5, 6, 7, 8]);
    assert_eq!(sequences(&ada, None, Some(4)).await, [1, 2, 3, 4, 5]);
    assert_eq!(sequences(&ada, Some(at(2)), Some(6)).await, [2, 3, 4, 5, 6, 7]);
}

async fn a_stretch_outside_the_trail_is_empty(store: &Store) {
    let ada = events_at(store, "north", &[1, 2]).await;

    assert!(sequences(&ada, Some(at(3)), None).await.is_empty());
    assert!(sequences(&ada, None, Some(0)).await.is_empty());
    assert!(sequences(&ada, Some(at(2)), Some(1)).await.is_empty());
}

async fn a_stretch_is_read_in_pages(store: &Store) {
    let ada = events_at(store, "north", &[1, 2, 3, 4, 5]).await;
    let whole = links(&ada, Stretch::default(), ALL).await;

    let mut pages = links(&ada, Stretch::default(), 2).await;
    pages.extend(links(&ada, Stretch { beyond: 2, ..Stretch::default() }, 2).await);
    pages.extend(links(&ada, Stretch { beyond: 4, ..Stretch::default() }, 2).await);

    assert_eq!(pages, whole);
}

async fn the_head_is_the_newest_event_of_the_team(store: &Store) {
    let ada = events_at(store, "north", &[1, 2, 3]).await;
    let nobody = events_at(store, "south", &[]).await;

    let head = ada.read(|tx, permit| tx.head(permit)).await.expect("reads");
    let none = nobody.read(|tx, permit| tx.head(permit)).await.expect("reads");

    let last = links(&ada, Stretch { beyond: 2, ..Stretch::default() }, ALL).await;
    assert_eq!((head.sequence, head.head), (3, last[0].hash));
    assert_eq!((none.sequence, none.head), (0, Walk::BEGINNING.head));
}
