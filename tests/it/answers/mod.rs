//! What is answered, measured on questions written for this project: half of them in other words than
//! the statements that answer them, half about what nobody said, though much near it was.
//!
//! Both files were written whole before the rules for meaning. The rules were made with the questions of
//! even number; those of odd number tell how they do on what they don't know.

use std::collections::BTreeMap;
use std::io::Write as _;

use memoranda::core::clock::Timestamp;
use memoranda::core::id::{Ids, MemoryId};
use memoranda::embed::{BuiltIn, Embedder};
use memoranda::identity::actor::{Actor, Trust};
use memoranda::memory::answer::{Found, State, answer_near};
use memoranda::memory::draft::Draft;
use memoranda::memory::memory::{Author, Memory};

/// From which cosine on recall finds what shares no word with a question.
const FOUND: f32 = 0.15;

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

fn statements() -> Vec<Memory> {
    let (ids, at) = (Ids::default(), Timestamp::from_millis(1_700_000_000_000));
    let author =
        Author { actor: Actor { agent: None, member: None }, key: None, trust: Trust::Approved };
    lines(include_str!("statements.txt"))
        .map(|line| {
            let draft = Draft { content: Some(line.to_owned()), ..Draft::default() };
            let statement = draft.into_statement(at).expect("valid");
            Memory::new(ids.next(at), statement, author.clone(), at)
        })
        .collect()
}

/// Each question with the number of the statement that answers it.
fn questions() -> Vec<(Option<usize>, &'static str)> {
    lines(include_str!("questions.txt"))
        .map(|line| {
            let (answer, question) = line.split_once(" | ").expect("a bar");
            (answer.parse().ok(), question)
        })
        .collect()
}

/// How often an answer was right.
#[derive(Debug, Default)]
struct Count {
    answered: usize,
    right: usize,
    answerable: usize,
    asked: usize,
    made_up: usize,
    wrong: Vec<String>,
}

impl Count {
    fn add(&mut self, expected: Option<&Memory>, found: &Found, question: &str) {
        let first = found.cited.first().map(|cited| cited.memory.id);
        self.asked += 1;
        self.answerable += usize::from(expected.is_some());
        if found.state == State::NotHeld {
            return;
        }
        self.answered += 1;
        self.made_up += usize::from(expected.is_none());
        if first.is_some() && first == expected.map(|memory| memory.id) {
            self.right += 1;
        } else {
            self.wrong.push(question.to_owned());
        }
    }

    /// How many were answered that nobody can answer.
    fn made_up(&self) -> usize {
        self.made_up
    }

    /// The share of what was answered that was right, and of what could be answered that was.
    fn shares(&self) -> (f64, f64) {
        let share = |of: usize| self.right as f64 / of.max(1) as f64;
        (share(self.answered), share(self.answerable))
    }
}

#[test]
fn what_is_said_in_other_words_is_found_and_what_nobody_said_is_not_made_up() {
    let (statements, model) = (statements(), BuiltIn::default());
    let vector = |text: &str| model.embed(text).expect("a vector");
    let vectors: Vec<_> =
        statements.iter().map(|memory| vector(&memory.statement.content)).collect();
    let mut counts: [[Count; 2]; 2] = Default::default();
    for (place, (expected, question)) in questions().into_iter().enumerate() {
        let asked = vector(question);
        let cosines: BTreeMap<MemoryId, f32> = statements
            .iter()
            .zip(&vectors)
            .map(|(memory, vector)| (memory.id, vector.cosine(&asked)))
            .collect();
        let recalled: Vec<Memory> =
            statements.iter().filter(|memory| cosines[&memory.id] > FOUND).cloned().collect();
        let expected = expected.map(|number| &statements[number]);
        for (way, nearness) in [BTreeMap::new(), cosines].iter().enumerate() {
            let now = Timestamp::from_millis(1_700_000_100_000);
            let found = answer_near(question, recalled.clone(), nearness, now, 3);
            counts[way][place % 2].add(expected, &found, question);
        }
    }

    for (way, name) in ["by words", "with meaning"].iter().enumerate() {
        for (half, of) in ["made with", "held out"].iter().enumerate() {
            let count = &counts[way][half];
            let (precision, recall) = count.shares();
            let _ = writeln!(
                std::io::stderr(),
                "{name}, {of}: precision {precision:.2}, recall {recall:.2}, {} made up of {}",
                count.made_up(),
                count.asked - count.answerable,
            );
        }
    }
    let _ = writeln!(
        std::io::stderr(),
        "wrong in the half that the rules were made with: {:#?}",
        counts[1][0].wrong
    );
    for (by_words, count) in counts[0].iter().zip(&counts[1]) {
        let ((before, few), (precision, recall)) = (by_words.shares(), count.shares());
        assert!(count.asked >= 40 && count.answerable >= 20);
        assert!(recall >= few + 0.3 && precision > before, "{precision} {recall}");
    }
    let made_up = |way: &[Count; 2]| way.iter().map(Count::made_up).sum::<usize>();
    assert!(made_up(&counts[1]) <= made_up(&counts[0]), "more is made up than by words alone");
}
