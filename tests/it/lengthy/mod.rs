//! What is found in talks with an assistant: short messages of a user, long replies of general advice that
//! all speak of the same, and a fact here and there in either.
//!
//! No weight of the ranking was fitted to them. They were written before any change of it was tried on
//! them, so that a change that helps people who talk to each other can't cost those who ask an assistant.

use std::io::Write as _;

use memoranda::core::clock::Timestamp;
use memoranda::core::id::{AgentId, Ids, MemoryId};
use memoranda::embed::{BuiltIn, Embedder, cosines, embed_whole};
use memoranda::identity::actor::{Actor, AgentRef, Trust};
use memoranda::memory::draft::Draft;
use memoranda::memory::index::{Index, Meaning, Reader};
use memoranda::memory::memory::{Author, Memory};
use memoranda::memory::ranking::question::Question;
use memoranda::memory::ranking::{Asked, rank};
use memoranda::memory::search::Filter;

/// How many are looked at for each question.
const FIRST: usize = 10;

/// How many talks there are, and in how many of them each topic comes up.
const TALKS: usize = 6;
const TIMES: usize = 4;

/// What is talked about.
#[derive(Default)]
struct Topic {
    name: &'static str,
    /// What the user tells, and what the assistant advises, each with its question.
    told: Vec<(&'static str, &'static str)>,
    advised: Vec<(&'static str, &'static str)>,
    /// What the assistant says besides.
    besides: Vec<&'static str>,
    /// The question that all that was told answers.
    all: &'static str,
}

fn topics() -> Vec<Topic> {
    let mut topics: Vec<Topic> = Vec::new();
    for line in include_str!("topics.txt").lines().filter(|line| !line.starts_with('#')) {
        let (mark, rest) = line.split_once(' ').expect("a mark");
        if mark == "=" {
            topics.push(Topic { name: rest, ..Topic::default() });
            continue;
        }
        let topic = topics.last_mut().expect("a topic");
        let pair = || rest.split_once(" | ").expect("a pair");
        match mark {
            "u" => topic.told.push(pair()),
            "a" => topic.advised.push(pair()),
            "all" => topic.all = rest,
            "f" => topic.besides.push(rest),
            _ => panic!("a mark: {mark}"),
        }
    }
    topics
}

/// Who said what, in order.
type Talk = Vec<(&'static str, String)>;

/// In each talk some topics come up: the user tells something and asks for more, the assistant replies
/// at length, and every other time with something that only it has said.
fn talks(topics: &[Topic]) -> Vec<Talk> {
    let begins = ["I have thought about", "A question about", "Some news of", "Let us go on with"];
    let asks = [
        "What should I keep in mind from here on?",
        "Could you give me some general advice on how to go on?",
        "Which mistakes do people usually make here?",
        "Please tell me what you would do next and why.",
    ];
    let mut talks: Vec<Talk> = (0..TALKS).map(|_| Talk::new()).collect();
    for (number, topic) in topics.iter().enumerate() {
        for time in 0..TIMES {
            let name = topic.name;
            let told = format!(
                "{} {name}. {} {}",
                begins[time],
                topic.told[time].0,
                asks[(number + time) % TIMES]
            );
            let mut reply = topic.besides.clone();
            reply.rotate_left(2 * time);
            if time % 2 == 1 {
                reply.insert(4, topic.advised[time / 2].0);
            }
            let name = name.replace("my ", "your ");
            let reply = format!("Here is what usually matters for {name}. {}", reply.join(" "));
            talks[(number + time) % TALKS].extend([("user", told), ("assistant", reply)]);
        }
    }
    talks
}

/// The index of all that was said.
struct Said {
    index: Index,
    memories: Vec<Memory>,
    agent: AgentId,
    now: Timestamp,
}

impl Said {
    fn of(talks: &[Talk], model: Option<&BuiltIn>) -> Self {
        let (ids, now) = (Ids::default(), Timestamp::from_millis(1_700_000_000_000));
        let agent: AgentId = ids.next(now);
        let by = AgentRef { id: agent, slug: "reader".to_owned() };
        let actor = Actor { agent: Some(by), member: None };
        let author = Author { actor, key: None, trust: Trust::Approved };
        let mut index = Index::new(model.map_or(0, Embedder::dimensions));
        let mut memories = Vec::new();
        for (number, talk) in talks.iter().enumerate() {
            for (position, (speaker, content)) in talk.iter().enumerate() {
                let draft = Draft {
                    content: Some(content.clone()),
                    speaker: Some((*speaker).to_owned()),
                    thread: Some(format!("talk {number}")),
                    position: i64::try_from(position).ok(),
                    ..Draft::default()
                };
                let statement = draft.into_statement(now).expect("valid");
                let memory = Memory::new(ids.next(now), statement, author.clone(), now);
                let pieces = model.map_or(Vec::new(), |model| {
                    embed_whole(model, content).expect("vectors of the text")
                });
                let meanings: Vec<Meaning> = pieces
                    .into_iter()
                    .map(|(_, vector)| Meaning { values: vector.values, scale: vector.scale })
                    .collect();
                index.put(&memory, true, &meanings);
                memories.push(memory);
            }
        }
        Self { index, memories, agent, now }
    }

    /// The first that are found.
    fn found(&self, text: &str, model: Option<&BuiltIn>) -> Vec<MemoryId> {
        let seen = self.index.seen(Reader::agent(self.agent), &Filter::default());
        let question = Question::read(text, &seen.names(), self.now);
        let meant = model.and_then(|model| {
            let vector = model.embed(&question.rewritten).expect("a vector");
            cosines(&vector, self.index.rows(), self.index.scales())
        });
        let asked = Asked { most: FIRST, least: 0.0 };
        let scored = rank(&seen, &question, meant.as_deref(), asked);
        scored.into_iter().map(|one| one.id).collect()
    }

    /// The share of what holds any of some texts that is among the first.
    fn share(&self, question: &str, texts: &[&str], model: Option<&BuiltIn>) -> f64 {
        let found = self.found(question, model);
        let holds =
            |memory: &&Memory| texts.iter().any(|text| memory.statement.content.contains(text));
        let right: Vec<&Memory> = self.memories.iter().filter(holds).collect();
        let first = right.iter().filter(|memory| found.contains(&memory.id)).count();
        first as f64 / right.len() as f64
    }
}

#[test]
fn what_was_told_and_what_was_advised_is_found_among_long_replies() {
    let topics = topics();
    let (talks, built_in) = (talks(&topics), BuiltIn::default());
    for (model, least) in [(Some(&built_in), [0.95, 0.95, 0.75]), (None, [0.9, 0.95, 0.65])] {
        let said = Said::of(&talks, model);
        let mean = |shares: Vec<f64>| shares.iter().sum::<f64>() / shares.len() as f64;
        let each = |pairs: &dyn Fn(&Topic) -> Vec<(&'static str, &'static str)>| {
            let pairs: Vec<_> = topics.iter().flat_map(pairs).collect();
            mean(pairs.iter().map(|(text, asked)| said.share(asked, &[*text], model)).collect())
        };

        let told = each(&|topic| topic.told.clone());
        let advised = each(&|topic| topic.advised.clone());
        let all = topics.iter().map(|topic| {
            let texts: Vec<&str> = topic.told.iter().map(|(text, _)| *text).collect();
            said.share(topic.all, &texts, model)
        });
        let all = mean(all.collect());

        let shares = [told, advised, all];
        let _ = writeln!(std::io::stderr(), "told, advised, all that was told: {shares:.2?}");
        assert_eq!((said.memories.len(), topics.len()), (64, 8));
        assert!(shares.iter().zip(least).all(|(share, least)| *share >= least), "{shares:.2?}");
    }
}
