//! The activity trail.

use futures_util::future::join_all;
use memoranda::core::error::{Code, Error, Result};
use memoranda::core::id::SessionId;
use memoranda::identity::actor::{Actor, Credential};
use memoranda::identity::chain::{ChainHash, Sealed, first_break};
use memoranda::identity::event::{Act, Event, Outcome};
use memoranda::store::Store;
use memoranda::store::activity::EventFilter;
use serde_json::json;

use super::team::{ALL, Caller, Team, at};

contract! {
    an_event_comes_back_as_it_was_recorded,
    an_event_of_a_person_names_the_member,
    an_event_shows_the_slug_that_its_agent_has_now,
    events_are_listed_newest_first_and_in_pages,
    events_are_listed_by_each_filter,
    filters_of_events_hold_together,
    events_tell_the_secrets_and_the_sessions_of_a_key_apart,
    a_team_sees_its_own_events_alone,
    the_chain_of_each_team_holds_after_many_writers_of_two,
    the_chain_is_read_in_pages,
    a_unit_that_fails_leaves_no_gap_in_the_chain,
    the_sequence_of_each_team_begins_at_one,
}

async fn record(caller: &Caller, event: Event) -> Result<()> {
    caller.write(move |tx, permit| tx.record(permit, &event)).await
}

async fn events(caller: &Caller, filter: EventFilter, limit: usize) -> Vec<Sealed> {
    let events = caller.read(move |tx, permit| tx.events(permit, &filter, limit)).await;
    events.expect("reads").into_iter().map(|(event, _)| event).collect()
}

async fn chain(caller: &Caller, after: i64, limit: usize) -> Vec<(Sealed, ChainHash)> {
    caller.read(move |tx, permit| tx.chain(permit, after, limit)).await.expect("reads")
}

fn sequences<'a>(events: impl IntoIterator<Item = &'a Sealed>) -> Vec<i64> {
    events.into_iter().map(|event| event.sequence).collect()
}

fn breaks(chain: &[(Sealed, ChainHash)]) -> Option<i64> {
    first_break(chain.iter().map(|(event, hash)| (event, *hash)))
}

async fn an_event_comes_back_as_it_was_recorded(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let event = Event {
        id: ada.next_id(),
        at: at(5),
        request: ada.next_id(),
        outcome: Outcome::Refused(Code::SecretArgument),
        act: Act {
            object_kind: "argument",
            object_id: "items[2].\"é\"".to_owned(),
            summary: json!({ "kind": "aws_key", "n": 1.5 }),
        },
    };

    record(&ada, event.clone()).await.expect("recorded");

    let listed = ada.read(|tx, permit| tx.events(permit, &EventFilter::default(), ALL)).await;
    let expected = Sealed {
        sequence: 1,
        event_id: event.id.to_string(),
        at: at(5),
        agent_id: Some(ada.agent_id().to_string()),
        member_id: None,
        credential_kind: "key".to_owned(),
        key_id: Some(ada.key_id().to_string()),
        secret_number: Some(1),
        session_id: None,
        operation: "case".to_owned(),
        object_kind: "argument".to_owned(),
        object_id: "items[2].\"é\"".to_owned(),
        outcome: "SECRET_ARGUMENT".to_owned(),
        request_id: event.request.to_string(),
        summary: r#"{"kind":"aws_key","n":1.5}"#.to_owned(),
    };
    assert_eq!(listed.expect("reads"), [(expected, Some("ada".to_owned()))]);
}

async fn an_event_of_a_person_names_the_member(store: &Store) {
    let team = Team::new(store, "north").await;

    record(&team.owner(), team.owner().event("x")).await.expect("recorded");

    let events = events(&team.owner(), EventFilter::default(), ALL).await;
    assert_eq!(events[0].member_id, Some(team.owner.to_string()));
    assert_eq!((&events[0].agent_id, &*events[0].credential_kind), (&None, "local"));
    assert_eq!(events[0].key_id, None);
}

async fn an_event_shows_the_slug_that_its_agent_has_now(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    record(&ada, ada.event("x")).await.expect("recorded");
    let (id, agent) = (team.id, ada.agent_id());

    store.first_use(move |tx| tx.rename_agent(id, agent, "countess")).await.expect("renamed");

    let listed = ada.read(|tx, permit| tx.events(permit, &EventFilter::default(), ALL)).await;
    assert_eq!(listed.expect("reads")[0].1.as_deref(), Some("countess"));
    assert_eq!(breaks(&chain(&ada, 0, ALL).await), None);
}

async fn events_are_listed_newest_first_and_in_pages(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    for number in 1..=5 {
        record(&ada, ada.event(&format!("object {number}"))).await.expect("recorded");
    }

    let first = events(&ada, EventFilter::default(), 2).await;
    let below = Some(first[1].sequence);
    let rest = events(&ada, EventFilter { below, ..EventFilter::default() }, ALL).await;

    assert_eq!(sequences(&first), [5, 4]);
    assert_eq!(sequences(&rest), [3, 2, 1]);
}

/// Five events of three callers of one team, at the moments 1 to 5.
async fn five_events(store: &Store) -> (Team, Caller, Caller) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let mut twin = ada.clone();
    let id = team.add_key(team.new_key("second key")).await;
    twin.principal.credential = Credential::Key { id, secret_number: 1, session: None };
    for (moment, caller, object) in
        [(1, &ada, "a"), (2, &bo, "a"), (3, &twin, "b"), (4, &team.owner(), "b"), (5, &ada, "c")]
    {
        let event = Event { at: at(moment), ..caller.event(object) };
        record(caller, event).await.expect("recorded");
    }
    (team, ada, bo)
}

async fn events_are_listed_by_each_filter(store: &Store) {
    let (team, ada, bo) = five_events(store).await;
    let none = EventFilter::default;
    let cases = [
        (EventFilter { agent: Some(ada.agent_id()), ..none() }, vec![5, 3, 1]),
        (EventFilter { agent: Some(team.next_id()), ..none() }, vec![]),
        (EventFilter { key: Some(bo.key_id().to_string()), ..none() }, vec![2]),
        (EventFilter { key: Some(ada.key_id().to_string()), ..none() }, vec![5, 1]),
        (EventFilter { secret_number: Some(1), ..none() }, vec![5, 3, 2, 1]),
        (EventFilter { secret_number: Some(2), ..none() }, vec![]),
        (EventFilter { session: Some("sess_1".to_owned()), ..none() }, vec![]),
        (EventFilter { member: Some(team.owner.to_string()), ..none() }, vec![4]),
        (EventFilter { object_kind: Some("memory".to_owned()), ..none() }, vec![5, 4, 3, 2, 1]),
        (EventFilter { object_kind: Some("key".to_owned()), ..none() }, vec![]),
        (EventFilter { outcome: Some("done".to_owned()), ..none() }, vec![5, 4, 3, 2, 1]),
        (EventFilter { outcome: Some("NOT_FOUND".to_owned()), ..none() }, vec![]),
        (EventFilter { operation: Some("case".to_owned()), ..none() }, vec![5, 4, 3, 2, 1]),
        (EventFilter { operation: Some("cas".to_owned()), ..none() }, vec![]),
        (EventFilter { object_id: Some("b".to_owned()), ..none() }, vec![4, 3]),
        (EventFilter { after: Some(at(3)), ..none() }, vec![5, 4, 3]),
        (EventFilter { before: Some(at(3)), ..none() }, vec![3, 2, 1]),
        (EventFilter { below: Some(3), ..none() }, vec![2, 1]),
    ];

    for (filter, expected) in cases {
        let found = events(&team.owner(), filter.clone(), ALL).await;

        assert_eq!(sequences(&found), expected, "{filter:?}");
    }
}

async fn filters_of_events_hold_together(store: &Store) {
    let (team, ada, _) = five_events(store).await;
    let filter = EventFilter {
        agent: Some(ada.agent_id()),
        member: None,
        key: Some(ada.key_id().to_string()),
        secret_number: Some(1),
        session: None,
        operation: Some("case".to_owned()),
        object_kind: Some("memory".to_owned()),
        outcome: Some("done".to_owned()),
        object_id: Some("a".to_owned()),
        after: Some(at(1)),
        before: Some(at(4)),
        below: Some(5),
    };

    assert_eq!(sequences(&events(&team.owner(), filter.clone(), ALL).await), [1]);
    let later = EventFilter { after: Some(at(2)), ..filter };
    assert!(events(&team.owner(), later, ALL).await.is_empty());
}

async fn events_tell_the_secrets_and_the_sessions_of_a_key_apart(store: &Store) {
    let team = Team::new(store, "north").await;
    let key = team.add_key(team.new_key("build")).await;
    let (first, owner) = (team.with_secret(key, 1), team.owner());
    record(&first, first.event("a")).await.expect("recorded");
    owner
        .write(move |tx, permit| tx.rotate_key(permit, key, "another", Some(at(9)), at(1)))
        .await
        .expect("rotated");
    let mut second = team.with_secret(key, 2);
    let session: SessionId = team.next_id();
    second.principal.credential =
        Credential::Key { id: key, secret_number: 2, session: Some(session) };
    let named = EventFilter { key: Some(key.to_string()), ..EventFilter::default() };

    // While the rotation's overlap lasts, both act.
    let event = second.event("b");
    let (sealing, permit) = (Sealed::new(&second.permit(), &event, 2), second.permit());
    owner.write(move |tx, _| tx.record(&permit, &event)).await.expect("recorded");
    record(&first, first.event("c")).await.expect("recorded");

    let by = |secret_number| EventFilter { secret_number: Some(secret_number), ..named.clone() };
    assert_eq!(sequences(&events(&owner, by(1), ALL).await), [3, 1]);
    assert_eq!(events(&owner, by(2), ALL).await, [sealing]);
    let under = EventFilter { session: Some(session.to_string()), ..EventFilter::default() };
    assert_eq!(sequences(&events(&owner, under, ALL).await), [2]);
    assert_eq!(breaks(&chain(&owner, 0, ALL).await), None);
}

async fn a_team_sees_its_own_events_alone(store: &Store) {
    let (_, ada, _) = five_events(store).await;
    let south = Team::new(store, "south").await;

    let everything = events(&south.owner(), EventFilter::default(), ALL).await;
    let of_ada = EventFilter { agent: Some(ada.agent_id()), ..EventFilter::default() };

    assert!(everything.is_empty());
    assert!(events(&south.owner(), of_ada, ALL).await.is_empty());
    assert!(chain(&south.owner(), 0, ALL).await.is_empty());
}

async fn the_chain_of_each_team_holds_after_many_writers_of_two(store: &Store) {
    let teams = [Team::new(store, "north").await, Team::new(store, "south").await];
    let callers = [teams[0].agent("ada").await, teams[1].agent("ada").await];
    let writers = (0..200).map(|number| {
        let caller = callers[number % 2].clone();
        let event = caller.event(&format!("object {number}"));
        async move {
            caller
                .write(move |tx, permit| {
                    tx.record(permit, &event)?;
                    if number % 5 == 0 {
                        return Err(Error::new(Code::Conflict, "thought better of it"));
                    }
                    Ok(())
                })
                .await
        }
    });

    let answers = join_all(writers).await;

    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 160);
    for caller in &callers {
        let chain = chain(caller, 0, ALL).await;
        assert_eq!(breaks(&chain), None);
        let expected: Vec<i64> = (1..=80).collect();
        assert_eq!(sequences(chain.iter().map(|(event, _)| event)), expected);
        let own = caller.principal.actor.agent.as_ref().map(|agent| agent.id.to_string());
        assert!(chain.iter().all(|(event, _)| event.agent_id == own));
    }
}

async fn the_chain_is_read_in_pages(store: &Store) {
    let (team, ..) = five_events(store).await;

    let whole = chain(&team.owner(), 0, ALL).await;
    let mut pages = chain(&team.owner(), 0, 2).await;
    pages.extend(chain(&team.owner(), 2, 2).await);
    pages.extend(chain(&team.owner(), 4, 2).await);

    assert_eq!(pages, whole);
    assert_eq!(breaks(&whole), None);
    assert_eq!(breaks(&whole[1..]), Some(2), "what is missing shows");
}

async fn a_unit_that_fails_leaves_no_gap_in_the_chain(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    for number in 0..4 {
        let event = ada.event("x");
        let answer: Result<()> = ada
            .write(move |tx, permit| {
                tx.record(permit, &event)?;
                if number == 1 { Err(Error::not_found("memory")) } else { Ok(()) }
            })
            .await;
        assert_eq!(answer.is_ok(), number != 1);
    }

    let chain = chain(&ada, 0, ALL).await;

    assert_eq!(sequences(chain.iter().map(|(event, _)| event)), [1, 2, 3]);
    assert_eq!(breaks(&chain), None);
}

async fn the_sequence_of_each_team_begins_at_one(store: &Store) {
    let (_, ada, _) = five_events(store).await;
    let south = Team::new(store, "south").await;
    let nobody = Actor { agent: None, member: None };
    let mut caller = south.owner();
    caller.principal.actor = nobody;

    record(&caller, caller.event("x")).await.expect("recorded");

    let there = chain(&caller, 0, ALL).await;
    assert_eq!(sequences(there.iter().map(|(event, _)| event)), [1]);
    assert_eq!(breaks(&there), None);
    assert_eq!(breaks(&chain(&ada, 0, ALL).await), None);
}
