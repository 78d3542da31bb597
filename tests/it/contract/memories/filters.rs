//! Filters: each alone, all together, and against a plain reading of what they mean.

use memoranda::core::clock::Timestamp;
use memoranda::core::id::MemoryId;
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::{MemoryType, Visibility};
use memoranda::memory::memory::Memory;
use memoranda::memory::search::{Filter, Statuses};
use memoranda::store::Store;

use super::{draft, tagged};
use crate::contract::team::{ALL, Caller, Team, at};

contract! {
    each_filter_holds_alone,
    the_filters_hold_together,
    filters_mean_the_same_in_every_mixture,
    tags_and_names_of_any_characters_are_only_text,
    filters_hold_before_the_limit,
    an_agent_is_filtered_by_the_slug_it_has_now,
}

const TYPES: [MemoryType; 3] = [MemoryType::Fact, MemoryType::Goal, MemoryType::Decision];
const STATUSES: [Statuses; 4] =
    [Statuses::Active, Statuses::Proposed, Statuses::Expired, Statuses::Superseded];
const TAGS: [&str; 3] = ["red", "green", "blue"];
const PEOPLE: [&str; 2] = ["Cleo", "Dan"];
const THREADS: [&str; 2] = ["weekly", "daily"];
const SLUGS: [&str; 2] = ["ada", "bo"];

/// Draws numbers that look like chance and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn some<T: Copy>(&mut self, all: &[T]) -> Vec<T> {
        all.iter().copied().filter(|_| self.below(2) == 0).collect()
    }

    /// `make` one time in `chance`.
    fn maybe<T>(&mut self, chance: usize, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(chance) == 0).then(|| make(self))
    }
}

fn texts(list: Vec<&str>) -> Vec<String> {
    list.into_iter().map(str::to_owned).collect()
}

/// What a filter means, said plainly.
fn fits(memory: &Memory, filter: &Filter) -> bool {
    let said = &memory.statement;
    let author = memory.author.actor.agent.as_ref().map(|agent| &agent.slug);
    let within =
        |moment: Option<Timestamp>, after: Option<Timestamp>, before: Option<Timestamp>| {
            after.is_none_or(|after| moment.is_some_and(|moment| moment >= after))
                && before.is_none_or(|before| moment.is_some_and(|moment| moment <= before))
        };
    let among = |list: &[String], value: Option<&String>| {
        list.is_empty() || value.is_some_and(|value| list.contains(value))
    };
    filter.status.among().contains(&memory.status)
        && (filter.types.is_empty() || filter.types.contains(&said.memory_type))
        && filter.tags.iter().all(|tag| said.tags.contains(tag))
        && among(&filter.agents, author)
        && among(&filter.speakers, said.speaker.as_ref())
        && filter.thread.as_ref().is_none_or(|thread| said.thread.as_ref() == Some(thread))
        && within(Some(memory.created_at), filter.created_after, filter.created_before)
        && within(said.occurred_at, filter.occurred_after, filter.occurred_before)
        && filter.changed_after.is_none_or(|after| memory.updated_at > after)
        && filter.visibility.is_none_or(|visibility| said.visibility == visibility)
}

/// Sixty memories of every mixture, all with the word `stone`; two of three hold `apple`.
async fn mixture(store: &Store) -> (Caller, Vec<Memory>) {
    let team = Team::new(store, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let mut dice = Dice(1);
    let mut made = Vec::new();
    for number in 0..60 {
        let content = if number % 3 == 0 { "stone" } else { "stone apple" };
        let occurred = dice.maybe(2, |dice| at(i64::try_from(dice.below(5)).expect("small")));
        let draft = Draft {
            memory_type: Some(dice.one(&TYPES)),
            tags: Some(texts(dice.some(&TAGS))),
            speaker: dice.maybe(2, |dice| dice.one(&PEOPLE).to_owned()),
            thread: dice.maybe(2, |dice| dice.one(&THREADS).to_owned()),
            occurred_at: occurred.map(|moment| moment.to_string()),
            ..draft(content)
        };
        let author = [&ada, &bo, &team.owner()][dice.below(3)].clone();
        let created_at = at(i64::try_from(dice.below(5)).expect("small"));
        let status = dice.maybe(3, |dice| dice.one(&STATUSES).among()[0]);
        let memory = author.memory_at(created_at, draft);
        let memory = Memory { status: status.unwrap_or(memory.status), ..memory };
        author.add(memory.clone()).await.expect("kept");
        made.push(memory);
    }
    (ada, made)
}

/// Fails unless both lists give just what fits, in their own order.
async fn check(caller: &Caller, made: &[Memory], filter: &Filter) {
    let mut fitting: Vec<&Memory> = made.iter().filter(|memory| fits(memory, filter)).collect();
    fitting.sort_by_key(|memory| std::cmp::Reverse((memory.created_at, memory.id)));
    let newest: Vec<MemoryId> = fitting.iter().map(|memory| memory.id).collect();
    let mut with_word: Vec<MemoryId> = fitting
        .iter()
        .filter(|memory| memory.statement.content.contains("apple"))
        .map(|memory| memory.id)
        .collect();

    let mut found = caller.found("apple", filter, ALL).await;

    found.sort_unstable();
    with_word.sort_unstable();
    assert_eq!(found, with_word, "{filter:?}");
    assert_eq!(caller.newest(filter, ALL).await, newest, "{filter:?}");
}

async fn each_filter_holds_alone(store: &Store) {
    let (ada, made) = mixture(store).await;
    let one = |text: &str| vec![text.to_owned()];
    let none = Filter::default;
    let filters = [
        none(),
        Filter { types: vec![MemoryType::Goal], ..none() },
        Filter { types: vec![MemoryType::Goal, MemoryType::Fact], ..none() },
        Filter { types: vec![MemoryType::Error], ..none() },
        Filter { tags: one("red"), ..none() },
        Filter { tags: texts(TAGS.to_vec()), ..none() },
        Filter { tags: one("re"), ..none() },
        Filter { agents: one("bo"), ..none() },
        Filter { agents: texts(SLUGS.to_vec()), ..none() },
        Filter { agents: one("nobody"), ..none() },
        Filter { speakers: one("Cleo"), ..none() },
        Filter { speakers: texts(PEOPLE.to_vec()), ..none() },
        Filter { speakers: one("cleo"), ..none() },
        Filter { thread: Some("weekly".to_owned()), ..none() },
        Filter { thread: Some(String::new()), ..none() },
        Filter { created_after: Some(at(2)), ..none() },
        Filter { created_before: Some(at(2)), ..none() },
        Filter { created_after: Some(at(2)), created_before: Some(at(2)), ..none() },
        Filter { occurred_after: Some(at(2)), ..none() },
        Filter { occurred_before: Some(at(2)), ..none() },
        Filter { occurred_after: Some(at(3)), occurred_before: Some(at(2)), ..none() },
        Filter { changed_after: Some(at(2)), ..none() },
        Filter { visibility: Some(Visibility::Team), ..none() },
        Filter { visibility: Some(Visibility::Agent), ..none() },
    ];

    for filter in filters {
        check(&ada, &made, &filter).await;
    }
}

async fn the_filters_hold_together(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let memory = ada.memory_at(
        at(2),
        Draft {
            memory_type: Some(MemoryType::Goal),
            speaker: Some("Cleo".to_owned()),
            thread: Some("weekly".to_owned()),
            occurred_at: Some(at(3).to_string()),
            ..tagged(&["red", "green"], "apple")
        },
    );
    ada.add(memory.clone()).await.expect("kept");
    let all = Filter {
        status: Statuses::Active,
        types: vec![MemoryType::Fact, MemoryType::Goal],
        tags: texts(vec!["green", "red"]),
        agents: texts(SLUGS.to_vec()),
        speakers: texts(PEOPLE.to_vec()),
        thread: Some("weekly".to_owned()),
        created_after: Some(at(2)),
        created_before: Some(at(2)),
        occurred_after: Some(at(3)),
        occurred_before: Some(at(3)),
        changed_after: Some(at(1)),
        visibility: Some(Visibility::Team),
    };
    let none_of = [
        Filter { status: Statuses::Expired, ..all.clone() },
        Filter { types: vec![MemoryType::Fact], ..all.clone() },
        Filter { tags: texts(vec!["red", "blue"]), ..all.clone() },
        Filter { agents: texts(vec!["bo"]), ..all.clone() },
        Filter { speakers: texts(vec!["Dan"]), ..all.clone() },
        Filter { thread: Some("daily".to_owned()), ..all.clone() },
        Filter { created_after: Some(at(3)), ..all.clone() },
        Filter { created_before: Some(at(1)), ..all.clone() },
        Filter { occurred_after: Some(at(4)), ..all.clone() },
        Filter { occurred_before: Some(at(2)), ..all.clone() },
        Filter { changed_after: Some(at(2)), ..all.clone() },
        Filter { visibility: Some(Visibility::Agent), ..all.clone() },
    ];

    assert_eq!(ada.newest(&all, ALL).await, [memory.id]);
    assert_eq!(ada.found("apple", &all, ALL).await, [memory.id]);
    for filter in none_of {
        assert!(ada.newest(&filter, ALL).await.is_empty(), "{filter:?}");
        assert!(ada.found("apple", &filter, ALL).await.is_empty(), "{filter:?}");
    }
}

async fn filters_mean_the_same_in_every_mixture(store: &Store) {
    let (ada, made) = mixture(store).await;
    let mut dice = Dice(2);
    let mut fitting = 0;

    for _ in 0..150 {
        let moment = |dice: &mut Dice| at(i64::try_from(dice.below(6)).expect("small"));
        let filter = Filter {
            status: dice.maybe(4, |dice| dice.one(&STATUSES)).unwrap_or(Statuses::All),
            types: dice.maybe(3, |dice| dice.some(&TYPES)).unwrap_or_default(),
            tags: dice.maybe(3, |dice| texts(dice.some(&TAGS))).unwrap_or_default(),
            agents: dice.maybe(3, |dice| texts(dice.some(&SLUGS))).unwrap_or_default(),
            speakers: dice.maybe(4, |dice| texts(dice.some(&PEOPLE))).unwrap_or_default(),
            thread: dice.maybe(4, |dice| dice.one(&THREADS).to_owned()),
            created_after: dice.maybe(4, moment),
            created_before: dice.maybe(4, moment),
            occurred_after: dice.maybe(6, moment),
            occurred_before: dice.maybe(6, moment),
            changed_after: dice.maybe(5, moment),
            visibility: dice.maybe(5, |dice| dice.one(&[Visibility::Team, Visibility::Agent])),
        };
        fitting += made.iter().filter(|memory| fits(memory, &filter)).count();

        check(&ada, &made, &filter).await;
    }
    assert!(fitting > 150, "the mixtures find something: {fitting}");
}

async fn tags_and_names_of_any_characters_are_only_text(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;

    for odd in ["a\"b", "a'b", "a,b", "[\"a\"]", "a\\u0062", "%", "日本 語", "a:b", "null", "1"]
    {
        let draft = Draft {
            speaker: Some(odd.to_owned()),
            thread: Some(odd.to_owned()),
            ..tagged(&[odd], "apple")
        };
        let id = ada.remember(draft).await.id;
        let filter = Filter {
            tags: vec![odd.to_owned()],
            speakers: vec![odd.to_owned()],
            thread: Some(odd.to_owned()),
            ..Filter::default()
        };

        assert_eq!(ada.newest(&filter, ALL).await, [id], "{odd}");
        assert_eq!(ada.found("apple", &filter, ALL).await, [id], "{odd}");
    }
}

async fn filters_hold_before_the_limit(store: &Store) {
    let ada = Team::new(store, "north").await.agent("ada").await;
    let red = ada.remember(tagged(&["red"], "apple among many other words")).await.id;
    for _ in 0..20 {
        ada.add(ada.memory_at(at(1), draft("apple"))).await.expect("kept");
    }
    let filter = Filter { tags: vec!["red".to_owned()], ..Filter::default() };

    assert_eq!(ada.newest(&filter, 1).await, [red]);
    assert_eq!(ada.found("apple", &filter, 1).await, [red]);
}

async fn an_agent_is_filtered_by_the_slug_it_has_now(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = team.agent("ada").await;
    let (id, team_id, agent) = (ada.remember(draft("apple")).await.id, team.id, ada.agent_id());

    store.first_use(move |tx| tx.rename_agent(team_id, agent, "countess")).await.expect("renamed");

    let by = |slug: &str| Filter { agents: vec![slug.to_owned()], ..Filter::default() };
    assert_eq!(ada.newest(&by("countess"), ALL).await, [id]);
    assert!(ada.newest(&by("ada"), ALL).await.is_empty());
}
