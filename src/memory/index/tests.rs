//! The index and the ranking over it, on small teams.

use super::{Index, Meaning, Reader};
use crate::core::clock::Timestamp;
use crate::core::id::{AgentId, Ids, MemoryId};
use crate::identity::actor::{Actor, AgentRef, Trust};
use crate::memory::draft::Draft;
use crate::memory::fields::{Status, Visibility};
use crate::memory::memory::{Author, Memory};
use crate::memory::ranking::question::Question;
use crate::memory::ranking::{Asked, Scored, rank, varied};
use crate::memory::search::{Filter, Statuses};

/// Whatever is found, however many.
const ALL: Asked = Asked { most: usize::MAX, least: 0.0 };

fn now() -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000)
}

/// Makes memories of two agents.
struct Team {
    ids: Ids,
    ana: AgentId,
    ben: AgentId,
    index: Index,
}

impl Team {
    fn new(dimensions: usize) -> Self {
        let ids = Ids::default();
        Self { ana: ids.next(now()), ben: ids.next(now()), ids, index: Index::new(dimensions) }
    }

    fn memory(&self, draft: Draft) -> Memory {
        let statement = draft.into_statement(now()).expect("valid");
        let agent = AgentRef { id: self.ana, slug: "ana".to_owned() };
        let actor = Actor { agent: Some(agent), member: None };
        let author = Author { actor, key: None, trust: Trust::Approved };
        Memory::new(self.ids.next(now()), statement, author, now())
    }

    fn add(&mut self, content: &str) -> MemoryId {
        self.add_with(Draft { content: Some(content.to_owned()), ..Draft::default() }, &[])
    }

    fn add_with(&mut self, draft: Draft, meanings: &[Meaning]) -> MemoryId {
        let memory = self.memory(draft);
        self.index.put(&memory, true, meanings);
        memory.id
    }

    fn ana(&self) -> Reader {
        Reader { agent: Some(self.ana), member: None, is_editor: false }
    }

    fn ben(&self) -> Reader {
        Reader { agent: Some(self.ben), member: None, is_editor: true }
    }

    fn ask(&self, reader: Reader, filter: &Filter, text: &str) -> Vec<Scored> {
        let seen = self.index.seen(reader, filter);
        let question = Question::read(text, &seen.names(), now());
        rank(&seen, &question, None, ALL)
    }

    fn found(&self, text: &str) -> Vec<MemoryId> {
        self.ask(self.ana(), &Filter::default(), text).iter().map(|hit| hit.id).collect()
    }
}

fn private(content: &str) -> Draft {
    let visibility = Some(Visibility::Agent);
    Draft { content: Some(content.to_owned()), visibility, ..Draft::default() }
}

fn said(thread: &str, position: i64, speaker: &str, content: &str) -> Draft {
    Draft {
        content: Some(content.to_owned()),
        thread: Some(thread.to_owned()),
        position: Some(position),
        speaker: Some(speaker.to_owned()),
        ..Draft::default()
    }
}

#[test]
fn what_holds_the_rarer_words_comes_first() {
    let mut team = Team::new(0);
    let [both, rare, _] = ["tea and cake", "cake", "tea"].map(|content| team.add(content));
    team.add("tea again");

    assert_eq!(team.found("tea cake")[..2], [both, rare]);
}

#[test]
fn what_changed_is_found_by_what_it_says_now() {
    let mut team = Team::new(0);
    team.add("the river");
    let memory = team.memory(private("coffee at nine"));
    team.index.put(&memory, true, &[]);
    let draft = Draft { content: Some("coffee at ten".to_owned()), ..Draft::default() };
    let statement = draft.applied_to(&memory.statement, now()).expect("valid");
    team.index.put(&memory.next(statement, Status::Active, now()), true, &[]);

    assert_eq!(team.index.len(), 2);
    assert_eq!(team.found("ten"), [memory.id]);
    assert!(team.found("nine").is_empty());
}

#[test]
fn what_is_forgotten_or_quarantined_is_gone() {
    let mut team = Team::new(0);
    for status in [Status::Forgotten, Status::Quarantined] {
        let memory = team.memory(private("coffee"));
        team.index.put(&memory, true, &[]);
        team.index.put(&memory.next(memory.statement.clone(), status, now()), true, &[]);
    }

    assert!(team.found("coffee").is_empty());
    assert!(team.index.is_empty());
}

#[test]
fn neither_what_is_found_nor_its_score_tells_of_what_a_reader_cant_see() {
    let (mut with, mut without) = (Team::new(0), Team::new(0));
    for team in [&mut with, &mut without] {
        team.add_with(said("t", 0, "ana", "we keep coffee in the red tin"), &[]);
        team.add_with(said("t", 2, "ana", "and tea in the blue one"), &[]);
        team.add("the harbour is quiet");
    }
    with.add_with(private("coffee coffee tin"), &[]);
    let hidden = said("t", 1, "ana", "coffee tin");
    with.add_with(Draft { visibility: Some(Visibility::Agent), ..hidden }, &[]);

    let scores = |team: &Team| -> Vec<f32> {
        team.ask(team.ben(), &Filter::default(), "coffee tin").iter().map(|hit| hit.score).collect()
    };
    assert_eq!(scores(&with), scores(&without));
    assert_eq!(with.found("coffee tin").len(), 4);
}

#[test]
fn a_proposal_is_seen_by_its_author_and_by_editors() {
    let mut team = Team::new(0);
    let memory = team.memory(Draft { content: Some("coffee".to_owned()), ..Draft::default() });
    let proposed = Memory { status: Status::Proposed, ..memory };
    team.index.put(&proposed, false, &[]);
    let filter = Filter { status: Statuses::All, ..Filter::default() };
    let viewer = Reader { is_editor: false, ..team.ben() };

    assert_eq!(team.ask(team.ana(), &filter, "coffee").len(), 1);
    assert_eq!(team.ask(team.ben(), &filter, "coffee").len(), 1);
    assert!(team.ask(viewer, &filter, "coffee").is_empty());
    assert!(team.ask(team.ana(), &Filter::default(), "coffee").is_empty());
}

#[test]
fn every_filter_takes_away_before_anything_is_cut() {
    let mut team = Team::new(0);
    let wanted = Draft {
        tags: Some(vec!["red".to_owned(), "blue".to_owned()]),
        occurred_at: Some("2026-05-08".to_owned()),
        ..said("t", 0, "Eve", "coffee")
    };
    let wanted = team.add_with(wanted, &[]);
    team.add("coffee");
    let time = |text: &str| Timestamp::parse(text, false);

    for filter in [
        Filter { tags: vec!["red".to_owned(), "blue".to_owned()], ..Filter::default() },
        Filter { speakers: vec!["Eve".to_owned()], ..Filter::default() },
        Filter { thread: Some("t".to_owned()), ..Filter::default() },
        Filter { occurred_after: time("2026-05-01"), ..Filter::default() },
        Filter { occurred_before: time("2026-06-01"), ..Filter::default() },
    ] {
        let found = team.ask(team.ana(), &filter, "coffee");
        assert_eq!(found.iter().map(|hit| hit.id).collect::<Vec<_>>(), [wanted], "{filter:?}");
    }
    for filter in [
        Filter { tags: vec!["red".to_owned(), "green".to_owned()], ..Filter::default() },
        Filter { thread: Some("other".to_owned()), ..Filter::default() },
        Filter { created_before: time("2020-01-01"), ..Filter::default() },
        Filter { visibility: Some(Visibility::Agent), ..Filter::default() },
    ] {
        assert!(team.ask(team.ana(), &filter, "coffee").is_empty(), "{filter:?}");
    }
}

#[test]
fn a_reply_is_found_by_the_question_before_it() {
    let mut team = Team::new(0);
    team.add_with(said("t", 0, "Ana", "What instrument do you play?"), &[]);
    let reply = team.add_with(said("t", 1, "Ben", "The cello, since last year."), &[]);
    team.add_with(said("t", 2, "Ana", "How lovely"), &[]);
    team.add_with(said("u", 0, "Ben", "It rained"), &[]);

    assert_eq!(team.found("Which instrument does Ben play?")[0], reply);
}

#[test]
fn whose_words_are_wanted_and_when_counts() {
    let mut team = Team::new(0);
    let on = |day: &str, draft: Draft| Draft { occurred_at: Some(day.to_owned()), ..draft };
    team.add_with(on("2023-05-08", said("a", 0, "Ana", "the walk was long")), &[]);
    let june = team.add_with(on("2023-06-08", said("b", 0, "Ben", "the walk was long")), &[]);
    team.add_with(on("2023-05-08", said("c", 0, "Ben", "the walk was long")), &[]);

    assert_eq!(team.found("Was Ben's walk in June 2023 long?")[0], june);
}

#[test]
fn the_nearest_in_meaning_is_found_without_a_common_word() {
    let mut team = Team::new(2);
    let meaning = |values: [i8; 2]| Meaning { values: values.to_vec(), scale: 1.0 / 127.0 };
    team.add_with(private("one"), &[meaning([127, 0])]);
    let near = team.add_with(private("two"), &[meaning([-127, 0]), meaning([0, 127])]);
    let seen = team.index.seen(team.ana(), &Filter::default());
    let question = Question::read("three", &seen.names(), now());
    // The question's vector is (0, 1).
    let cosines: Vec<f32> =
        team.index.rows().chunks(2).map(|row| f32::from(row[1]) / 127.0).collect();

    let hits = rank(&seen, &question, Some(&cosines), ALL);

    assert_eq!(hits.iter().map(|hit| hit.id).collect::<Vec<_>>(), [near]);
    assert!(hits[0].shares.meaning > 0.1 && hits[0].score <= 1.0);
}

#[test]
fn the_further_hits_of_a_thread_come_later_and_the_best_few_are_the_first_of_all() {
    let mut team = Team::new(1);
    let meaning = Meaning { values: vec![127], scale: 1.0 / 127.0 };
    for at in 0..40 {
        let said = said(&format!("talk {}", at % 2), at, "Ana", "the harbour at night");
        team.add_with(said, std::slice::from_ref(&meaning));
    }
    let alone = team.add_with(private("the harbour at night"), &[meaning]);
    let seen = team.index.seen(team.ana(), &Filter::default());
    let question = Question::read("harbour", &seen.names(), now());
    let ask = |most: usize| rank(&seen, &question, Some(&[0.5; 41]), Asked { most, ..ALL });

    let all = ask(41);

    // All say and mean the same.
    let inner: Vec<f32> = all.iter().filter(|hit| hit.id != alone).map(|hit| hit.score).collect();
    assert_eq!(all.len(), 41);
    assert!(inner.is_sorted_by(|a, b| a >= b) && inner[0] - inner[35] > 0.01, "{inner:?}");
    for most in [1, 2, 7, 39] {
        assert_eq!(ask(most), all[..most]);
    }
}

#[test]
fn the_best_few_are_the_first_of_all() {
    let mut team = Team::new(0);
    for at in 0..40 {
        team.add(&format!("note {} of {}", at % 7, "the harbour ".repeat(at % 5 + 1)));
    }
    let seen = team.index.seen(team.ana(), &Filter::default());
    let question = Question::read("harbour note 3", &seen.names(), now());
    let all = rank(&seen, &question, None, ALL);

    for most in [1, 2, 7, 39, 40, 41] {
        let best = rank(&seen, &question, None, Asked { most, ..ALL });
        assert_eq!(best, all[..most.min(all.len())]);
    }
    let least = all[10].score;
    let good = rank(&seen, &question, None, Asked { least, ..ALL });
    assert_eq!(all.len(), 40);
    assert!(good.len() > 10 && good.iter().all(|one| one.score > least - 1e-3));
}

#[test]
fn what_was_seen_holds_until_something_changes() {
    let mut team = Team::new(0);
    team.add("coffee");
    let filter = Filter::default();
    let [first, second] = [(); 2].map(|()| team.index.seen(team.ana(), &filter).kept());

    assert_eq!(team.index.seen_again(first).map(|seen| seen.wanted), Some(vec![true]));
    team.add("tea");
    assert!(team.index.seen_again(second).is_none());
    let mut other = Team::new(0);
    other.add("coffee");
    let theirs = other.index.seen(other.ana(), &filter).kept();
    assert!(Team::new(0).index.seen_again(theirs).is_none());
}

#[test]
fn vectors_of_another_model_are_left_out() {
    let mut team = Team::new(2);
    team.add_with(private("one"), &[Meaning { values: vec![1; 3], scale: 1.0 }]);

    assert!(team.index.rows().is_empty());
}

#[test]
fn variety_prefers_what_is_unlike_what_was_picked() {
    let mut team = Team::new(2);
    let meaning = |values: [i8; 2]| [Meaning { values: values.to_vec(), scale: 1.0 / 127.0 }];
    let first = team.add_with(private("coffee tin red"), &meaning([127, 0]));
    let same = team.add_with(private("coffee tin blue"), &meaning([127, 0]));
    let other = team.add_with(private("coffee"), &meaning([0, 127]));
    let scored = team.ask(team.ana(), &Filter::default(), "coffee tin red");
    let ids = |hits: Vec<Scored>| hits.iter().map(|hit| hit.id).collect::<Vec<_>>();

    assert_eq!(ids(varied(&team.index, scored.clone(), 0.0, 3)), [first, same, other]);
    assert_eq!(ids(varied(&team.index, scored, 0.5, 3)), [first, other, same]);
}

#[test]
fn an_index_that_was_made_anew_finds_the_same() {
    let mut team = Team::new(1);
    let kept: Vec<Memory> = (0..40)
        .map(|at| {
            let draft = said("t", at, "Ana", &format!("note {at} of the harbour"));
            let memory = team.memory(draft);
            let value = i8::try_from(at).expect("small");
            let meaning = Meaning { values: vec![value], scale: 1.0 };
            team.index.put(&memory, true, &[meaning]);
            memory
        })
        .collect();
    let before = team.ask(team.ana(), &Filter::default(), "note 7 harbour");
    for _ in 0..1_200 {
        let id = team.add_with(said("t", 3, "Ana", "harbour note 7"), &[]);
        team.index.remove(id);
    }
    team.index.remove(MemoryId::clone(&kept[0].id));
    team.index.put(&kept[0], true, &[Meaning { values: vec![0], scale: 1.0 }]);

    let mut after = team.ask(team.ana(), &Filter::default(), "note 7 harbour");

    assert!(team.index.slots.len() < 400, "{} slots", team.index.slots.len());
    assert_eq!(team.index.rows().len(), team.index.scales().len());
    after.truncate(before.len());
    assert_eq!(after, before);
    for memory in &kept[1..] {
        let place = team.index.by_id[&memory.id] as usize;
        let row = team.index.rows()[team.index.slots[place].first_vector as usize];
        assert_eq!(i64::from(row), memory.statement.position.expect("a position"));
    }
}
