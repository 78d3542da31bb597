//! Copies: given whole, whoever may see them, and taken in as they were.

use memoranda::identity::actor::Trust;
use memoranda::identity::chain::ChainHash;
use memoranda::memory::copy::{AgentCopy, AuthorCopy, ConfirmationCopy, EventCopy, MemoryCopy};
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{Status, Visibility};
use memoranda::memory::link::{Link, LinkType, Target};
use memoranda::memory::search::Filter;
use memoranda::store::Store;
use memoranda::store::activity::Stretch;
use memoranda::store::transfer::{CopyFilter, Counts, Progress};

use super::team::{ALL, Caller, Team, at, draft};

contract! {
    a_copy_holds_every_version_as_it_was,
    copies_are_given_by_their_ids_whoever_may_see_them,
    forgotten_memories_are_given_only_when_asked_for,
    another_teams_copies_are_never_given,
    what_is_taken_in_is_the_same_as_what_was_given,
    links_and_confirmations_go_along,
    what_is_taken_in_is_found_by_its_words_unless_it_is_forgotten,
    agents_are_given_and_taken_in_as_they_were,
    what_there_is_to_copy_is_counted,
    events_of_other_teams_are_kept_beside_the_teams_own,
    an_imports_progress_is_the_one_noted_last,
    a_record_from_elsewhere_is_known_again_in_its_team_alone,
}

async fn copies(who: &Caller, filter: CopyFilter, limit: usize) -> Vec<MemoryCopy> {
    let found = who.read(move |tx, permit| tx.memory_copies(permit.oversight()?, &filter, limit));
    found.await.expect("reads")
}

async fn all_copies(who: &Caller) -> Vec<MemoryCopy> {
    copies(who, CopyFilter { with_forgotten: true, ..CopyFilter::default() }, ALL).await
}

async fn agents(who: &Caller) -> Vec<AgentCopy> {
    let found = who.read(|tx, permit| tx.agent_copies(permit.oversight()?, None, ALL));
    found.await.expect("reads")
}

/// Takes copies in: agents first, as an export has them.
async fn take(who: &Caller, agents: Vec<AgentCopy>, memories: Vec<MemoryCopy>) {
    let taken = who.write(move |tx, permit| {
        for agent in &agents {
            tx.add_agent_copy(permit.oversight()?, agent)?;
        }
        for copy in &memories {
            tx.add_memory_copy(permit.oversight()?, copy, copy.words().as_ref())?;
        }
        Ok(())
    });
    taken.await.expect("takes them in");
}

/// A memory with everything that one may have, and a second version.
fn whole_draft() -> Draft {
    Draft {
        title: Some("Herons".into()),
        tags: Some(vec!["birds".into(), "water".into()]),
        confidence: Some(0.123_456_789_012_345_68),
        source: Some("notes".into()),
        source_ref: Some("page 3".into()),
        thread: Some("walk".into()),
        position: Some(7),
        speaker: Some("Bo".into()),
        occurred_at: Some("2026-05-01".into()),
        valid_from: Some("2026-05-02".into()),
        valid_until: Some("2026-05-03".into()),
        ..draft("The heron nests in May.")
    }
}

async fn a_copy_holds_every_version_as_it_was(store: &Store) {
    let team = Team::new(store, "one").await;
    let ada = team.agent("ada").await;
    let first = ada.remember(whole_draft()).await;
    let mut next = first.statement.clone();
    next.content = "The heron nests in June.".into();
    let second = first.next(next, Status::Expired, at(5)).because("manual");
    assert!(ada.change(second.clone()).await.expect("changes"));

    let copy = all_copies(&team.owner()).await.pop().expect("a copy");

    assert_eq!((copy.id, copy.created_at, copy.is_accepted), (first.id, at(0), true));
    assert_eq!(copy.author.agent_id, Some(ada.agent_id()));
    assert_eq!(copy.author.agent.as_deref(), Some("ada"));
    assert_eq!(copy.author.key_id, Some(ada.key_id()));
    let [one, two] = copy.versions.as_slice() else { panic!("two versions: {copy:?}") };
    assert_eq!((one.version, one.status, &one.statement), (1, Status::Active, &first.statement));
    assert_eq!((two.version, two.status, &two.statement), (2, Status::Expired, &second.statement));
    assert_eq!((two.status_at, two.status_reason.as_deref()), (Some(at(5)), Some("manual")));
    assert_eq!((two.changed_at, two.secret_number), (at(5), Some(1)));
    assert_eq!(two.operation.as_deref(), Some("case"));
    assert!(copy.check().is_ok());
}

async fn copies_are_given_by_their_ids_whoever_may_see_them(store: &Store) {
    let team = Team::new(store, "one").await;
    let ada = team.agent("ada").await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let visibility = if number == 2 { Visibility::Agent } else { Visibility::Team };
        let tea = Draft { visibility: Some(visibility), ..draft(&format!("Tea {number}.")) };
        ids.push(ada.remember(tea).await.id);
    }

    let first = copies(&team.owner(), CopyFilter::default(), 3).await;
    let after = Some(first[2].id);
    let rest = copies(&team.owner(), CopyFilter { after, ..CopyFilter::default() }, 3).await;

    let given: Vec<_> = first.iter().chain(&rest).map(|copy| copy.id).collect();
    assert_eq!(given, ids);
    assert!(first.iter().chain(&rest).all(|copy| copy.versions.len() == 1));
}

async fn forgotten_memories_are_given_only_when_asked_for(store: &Store) {
    let team = Team::new(store, "one").await;
    let owner = team.owner();
    let kept = owner.remember(draft("Tea.")).await;
    let lost = owner.remember(draft("Milk.")).await;
    assert!(
        owner.change(lost.next(lost.statement.clone(), Status::Forgotten, at(1))).await.is_ok()
    );

    let some = copies(&owner, CopyFilter::default(), ALL).await;
    let all = all_copies(&owner).await;

    assert_eq!(some.iter().map(|copy| copy.id).collect::<Vec<_>>(), [kept.id]);
    assert_eq!(all.iter().map(|copy| copy.id).collect::<Vec<_>>(), [kept.id, lost.id]);
}

async fn another_teams_copies_are_never_given(store: &Store) {
    let (one, two) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let kept = one.agent("ada").await.remember(draft("Tea.")).await;

    let (owner, there) = (one.owner(), two.owner());
    let here = owner.read(move |tx, permit| tx.memory_copy(permit.oversight()?, kept.id));
    let copy = there.read(move |tx, permit| tx.memory_copy(permit.oversight()?, kept.id));

    assert!(here.await.expect("reads").is_some());
    assert_eq!(copy.await.expect("reads"), None);
    assert!(all_copies(&two.owner()).await.is_empty());
    assert!(agents(&two.owner()).await.is_empty());
}

async fn what_is_taken_in_is_the_same_as_what_was_given(store: &Store) {
    let (one, two) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let ada = one.agent("ada").await;
    let first = ada.remember(whole_draft()).await;
    let next = first.next(first.statement.clone(), Status::Superseded, at(9));
    assert!(one.owner().change(next).await.expect("changes"));
    let mine = Draft { visibility: Some(Visibility::Agent), ..draft("Mine alone.") };
    ada.remember(mine).await;
    one.owner().remember(draft("The owner's.")).await;
    let given = all_copies(&one.owner()).await;

    take(&two.owner(), agents(&one.owner()).await, given.clone()).await;

    assert_eq!(given.len(), 3);
    assert_eq!(all_copies(&two.owner()).await, given);
    assert_eq!(all_copies(&one.owner()).await, given, "the first team's stay as they are");
}

async fn links_and_confirmations_go_along(store: &Store) {
    let (one, two) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let (ada, bo) = (one.agent("ada").await, one.agent("bo").await);
    let (tea, milk) = (ada.remember(draft("Tea.")).await, ada.remember(draft("Milk.")).await);
    let to = Target::Memory(milk.id);
    let link = Link { from: tea.id, link_type: LinkType::Supports, to };
    let linked = ada.write(move |tx, permit| tx.add_link(permit, &link, at(2)));
    assert!(linked.await.expect("links"));
    let mut given = all_copies(&one.owner()).await;
    given[0].confirmations.push(ConfirmationCopy {
        print: "f00d".into(),
        actor_id: bo.agent_id().to_string(),
        confirmed_by: AuthorCopy {
            agent_id: Some(bo.agent_id()),
            agent: Some("bo".into()),
            member_id: None,
            credential_kind: "key".into(),
            key_id: Some(bo.key_id()),
        },
        confirmed_at: at(3),
    });

    take(&two.owner(), agents(&one.owner()).await, given.clone()).await;

    assert_eq!(given[0].links.len(), 1);
    assert_eq!(given[0].links[0].agent_id, Some(ada.agent_id()));
    assert_eq!(all_copies(&two.owner()).await, given);
    assert!(given.iter().all(|copy| copy.check().is_ok()));
}

async fn what_is_taken_in_is_found_by_its_words_unless_it_is_forgotten(store: &Store) {
    let (one, two) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let owner = one.owner();
    let kept = owner.remember(Draft { tags: Some(vec!["bird".into()]), ..draft("A heron.") }).await;
    let lost = owner.remember(draft("Another heron.")).await;
    assert!(
        owner.change(lost.next(lost.statement.clone(), Status::Forgotten, at(1))).await.is_ok()
    );

    take(&two.owner(), Vec::new(), all_copies(&owner).await).await;

    let tagged = Filter { tags: vec!["bird".into()], ..Filter::default() };
    assert_eq!(two.owner().found("heron", &Filter::default(), ALL).await, [kept.id]);
    assert_eq!(two.owner().newest(&tagged, ALL).await, [kept.id]);
}

async fn agents_are_given_and_taken_in_as_they_were(store: &Store) {
    let (one, two) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let gone = one.add_agent(one.new_agent("gone", Trust::Approved)).await;
    one.add_agent(one.new_agent("new", Trust::Pending)).await;
    let owner = one.owner();
    let retired = owner.write(move |tx, permit| tx.retire_agent(permit, gone, at(3)));
    assert!(retired.await.expect("retires"));
    let given = agents(&one.owner()).await;

    take(&two.owner(), given.clone(), Vec::new()).await;

    assert_eq!(given.len(), 2);
    assert_eq!((given[0].id, given[0].retired_at), (gone, Some(at(3))));
    assert!(given.iter().all(|agent| agent.check().is_ok()));
    assert_eq!(agents(&two.owner()).await, given);
}

async fn what_there_is_to_copy_is_counted(store: &Store) {
    let team = Team::new(store, "one").await;
    let ada = team.agent("ada").await;
    ada.remember(draft("Tea.")).await;
    let lost = ada.remember(draft("Milk.")).await;
    assert!(ada.change(lost.next(lost.statement.clone(), Status::Forgotten, at(1))).await.is_ok());
    let event = ada.event("mem_1");
    ada.write(move |tx, permit| tx.record(permit, &event)).await.expect("records");

    let counts = |with_forgotten| {
        let owner = team.owner();
        async move {
            let read =
                owner.read(move |tx, permit| tx.copy_counts(permit.oversight()?, with_forgotten));
            read.await.expect("counts")
        }
    };

    assert_eq!(
        counts(false).await,
        Counts { agents: 1, memories: 1, activity: 1, ..Counts::default() }
    );
    assert_eq!(
        counts(true).await,
        Counts { agents: 1, memories: 2, activity: 1, ..Counts::default() }
    );
}

async fn events_of_other_teams_are_kept_beside_the_teams_own(store: &Store) {
    let (one, two) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let owner = one.owner();
    for number in 0..3 {
        let event = owner.event(&format!("mem_{number}"));
        owner.write(move |tx, permit| tx.record(permit, &event)).await.expect("records");
    }
    let read = owner.read(|tx, permit| tx.links(permit, &Stretch::default(), ALL));
    let team = one.id.to_string();
    let events = read.await.expect("reads").into_iter();
    let events: Vec<_> = events.map(|link| EventCopy { team: team.clone(), link }).collect();
    let there = two.owner();

    let given = events.clone();
    let kept = there.write(move |tx, permit| {
        given.iter().try_for_each(|event| tx.add_imported_event(permit.oversight()?, event))
    });
    kept.await.expect("keeps them");

    assert!(events.iter().all(EventCopy::is_sealed));
    let page = |after: Option<i64>, limit| {
        let (there, team) = (there.clone(), team.clone());
        async move {
            let read = there.read(move |tx, permit| {
                let after = after.map(|sequence| (team.as_str(), sequence));
                tx.imported_events(permit.oversight()?, after, limit)
            });
            read.await.expect("reads")
        }
    };
    assert_eq!(page(None, 2).await, events[..2]);
    assert_eq!(page(Some(2), 2).await, events[2..]);
    let (second, name) = (events[1].clone(), team.clone());
    let read = there.read(move |tx, permit| tx.imported_event(permit.oversight()?, &name, 2));
    assert_eq!(read.await.expect("reads"), Some(second));
    assert_eq!(there.events().await, 0, "its own chain has none of them");
    let head = there.read(|tx, permit| tx.head(permit)).await.expect("reads");
    assert_eq!(head.head, ChainHash::GENESIS);
}

async fn an_imports_progress_is_the_one_noted_last(store: &Store) {
    let (one, two) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let begun =
        Progress { done: 2, taken: 1, known: 1, refused: 0, began_at: at(1), updated_at: at(1) };
    let on = Progress { done: 5, taken: 2, known: 2, refused: 1, updated_at: at(4), ..begun };

    let owner = one.owner();
    for progress in [begun, on] {
        let noted =
            owner.write(move |tx, permit| tx.set_import_progress(permit, "notes", &progress));
        noted.await.expect("notes it");
    }

    let progress = |team: &Team, name: &'static str| {
        let owner = team.owner();
        async move {
            owner.read(move |tx, permit| tx.import_progress(permit, name)).await.expect("reads")
        }
    };
    assert_eq!(progress(&one, "notes").await, Some(on));
    assert_eq!(progress(&one, "other").await, None);
    assert_eq!(progress(&two, "notes").await, None);
}

async fn a_record_from_elsewhere_is_known_again_in_its_team_alone(store: &Store) {
    let (one, two) = (Team::new(store, "one").await, Team::new(store, "two").await);
    let kept = one.owner().remember(draft("Tea.")).await.id;

    let owner = one.owner();
    let noted = owner.write(move |tx, permit| tx.add_imported_record(permit, "f00d", kept));
    noted.await.expect("notes it");

    let known = |team: &Team, fingerprint: &'static str| {
        let owner = team.owner();
        async move {
            owner.read(move |tx, permit| tx.imported_as(permit, fingerprint)).await.expect("reads")
        }
    };
    assert_eq!(known(&one, "f00d").await, Some(kept));
    assert_eq!(known(&one, "beef").await, None);
    assert_eq!(known(&two, "f00d").await, None);
}
