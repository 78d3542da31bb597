//! Reading a question: which words it asks with, and what kind of thing would answer it.

use super::alike::alike;
use crate::core::text::words;

/// What kind of thing is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Time,
    Number,
    /// How many there are.
    Count,
    Person,
    /// What it is called.
    Name,
    Place,
    Reason,
    /// A yes or no, or whatever is said of it.
    Anything,
}

/// How a question asks for a kind, first the longer ways. English, and the plainest words of some
/// other languages.
#[rustfmt::skip]
const CUES: [(Wanted, &[&str]); 7] = [
    (Wanted::Count, &["how many"]),
    (Wanted::Name, &[
        "what is the name", "what s the name", "what are the names", "what was the name", "which name",
        "what name", "what names",
    ]),
    (Wanted::Number, &[
        "how much", "how high", "how heavy", "how wide", "how deep", "how old", "how long", "how often", "how far", "how large",
        "how big", "how fast", "how tall", "what number", "which number", "which port", "what port",
        "which version", "what version", "what percentage", "what price", "wie viel", "combien",
        "cuánto", "cuánta", "cuántos", "cuántas", "quanto", "quanti", "多少", "几个", "いくつ", "いくら", "몇",
    ]),
    (Wanted::Time, &[
        "when", "what day", "which day", "what date", "which date", "what time", "what year",
        "which year", "what month", "which month", "what deadline", "wann", "quand", "cuándo",
        "quando", "什么时候", "何时", "いつ", "언제",
    ]),
    (Wanted::Person, &[
        "who", "whom", "whose", "which person", "wer", "wem", "wen", "qui", "quién", "chi", "谁", "誰",
        "누구", "누가",
    ]),
    (Wanted::Place, &[
        "where", "which city", "what city", "which country", "what country", "which folder",
        "which directory", "which file", "what path", "what address", "wo", "wohin", "où", "dónde",
        "dove", "哪里", "どこ", "어디",
    ]),
    (Wanted::Reason, &[
        "why", "what reason", "for what reason", "how come", "warum", "pourquoi", "por qué",
        "perché", "为什么", "なぜ", "왜",
    ]),
];

/// Words that frame a question and say little of what it is about, as full text writes them.
/// Sorted.
#[rustfmt::skip]
const FRAME: &[&str] = &[
    "actual", "ago", "anyon", "anyth", "call", "current", "date", "day", "detail", "exact", "get",
    "give", "happen", "inform", "know", "list", "mean", "month", "name", "now", "number", "peopl",
    "person", "place", "reason", "recal", "recent", "rememb", "remind", "say", "show", "someon",
    "someth", "sort", "tell", "thing", "time", "today", "type", "way", "year",
];

/// How many words a question is read by at most; more would cost time and find nothing better.
const MOST: usize = 32;

/// A word of a question.
#[derive(Debug, Clone)]
pub struct Word {
    /// The word as full text writes it; of an identifier, its parts as well.
    pub forms: Vec<String>,
    /// What says the same.
    pub alike: Vec<String>,
    /// How telling it is, before it is known how common it is.
    pub weight: f64,
    pub kind: Kind,
}

/// What part a word has in a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name, a number, an identifier.
    Named,
    Common,
    /// It frames the question and says little.
    Frame,
    /// A pair of characters of a script without spaces.
    Pair,
}

/// A question, read.
#[derive(Debug, Clone)]
pub struct Question {
    pub words: Vec<Word>,
    pub wanted: Wanted,
    /// Years that it names.
    pub years: Vec<i16>,
}

impl Question {
    /// Reads a question.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let content = words::query(text);
        let mut read: Vec<Word> = Vec::new();
        let tokens: Vec<&str> = text.split_whitespace().collect();
        let is_shouted = is_all_capitalised(&tokens);
        for (at, token) in tokens.iter().enumerate() {
            let mut forms = words::query(token);
            forms.retain(|form| {
                let is_new = !read.iter().any(|word| word.forms.contains(form));
                is_new && content.contains(form)
            });
            if forms.is_empty() {
                continue;
            }
            let named = !is_shouted && is_name(token, at == 0 || ends_sentence(tokens[at - 1]));
            // A run of a script without spaces is as many words as it has pairs.
            if forms.len() > 1 && !token.is_ascii() {
                read.extend(forms.into_iter().map(|form| Word::new(vec![form], Kind::Pair)));
                continue;
            }
            let is_frame = |form: &String| FRAME.binary_search(&form.as_str()).is_ok();
            let kind = if named || token.contains(|c: char| c.is_ascii_digit()) {
                Kind::Named
            } else if forms.iter().all(is_frame) {
                Kind::Frame
            } else {
                Kind::Common
            };
            read.push(Word::new(forms, kind));
        }
        read.truncate(MOST);
        Self { words: read, wanted: wanted(text), years: years(text) }
    }
}

impl Word {
    fn new(forms: Vec<String>, kind: Kind) -> Self {
        let alike = if forms.len() == 1 { alike(&forms[0]) } else { Vec::new() };
        let weight = match kind {
            Kind::Named => 3.0,
            Kind::Common | Kind::Pair => 1.0,
            Kind::Frame => 0.4,
        };
        Self { forms, alike, weight, kind }
    }
}

/// What a question asks for: the cue that stands first, the longer one where two begin together.
fn wanted(text: &str) -> Wanted {
    let lower = text.to_lowercase().replace(['\u{2019}', '\''], " ");
    let all = CUES.iter().flat_map(|(kind, cues)| cues.iter().map(move |cue| (*kind, *cue)));
    let found = all.filter_map(|(kind, cue)| {
        let at = if cue.is_ascii() || cue.chars().all(|c| u32::from(c) < 0x250) {
            as_words(&lower, cue)?
        } else {
            lower.find(cue)?
        };
        Some((at, std::cmp::Reverse(cue.len()), kind))
    });
    let first = found.min_by_key(|(at, length, _)| (*at, *length));
    // `I forgot what I said when we met` asks for no time.
    first.filter(|(at, _, _)| is_near_beginning(&lower, *at)).map_or(Wanted::Anything, |cue| cue.2)
}

fn as_words(text: &str, cue: &str) -> Option<usize> {
    text.match_indices(cue).map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + cue.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

fn is_near_beginning(text: &str, at: usize) -> bool {
    // A clause of some words may come first: `in the second sprint, who…`.
    let before = &text[..at];
    let last_clause = before.rsplit([',', ':', ';', '.', '!', '?', '，', '、', '。']).next();
    let words = last_clause.unwrap_or(before).split_whitespace().count();
    words <= 3
}

fn is_all_capitalised(tokens: &[&str]) -> bool {
    let letters = |token: &&&str| token.chars().any(char::is_alphabetic);
    let with_letters = tokens.iter().filter(letters).count();
    let capitalised = tokens.iter().filter(|token| begins_upper(token)).count();
    with_letters > 2 && capitalised * 10 > with_letters * 7
}

/// Whether a token begins with a capital letter, whatever stands before it.
pub(super) fn begins_upper(token: &str) -> bool {
    token.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_uppercase)
}

fn ends_sentence(token: &str) -> bool {
    token.ends_with(['.', '!', '?', ':'])
}

/// Whether a token names something: written with a capital inside a sentence, or as an identifier
/// is.
fn is_name(token: &str, is_first: bool) -> bool {
    let inner = token.trim_matches(|c: char| !c.is_alphanumeric());
    let has_inner_sign = inner.contains(['_', '/', '.', '@', ':', '#']);
    let inner_upper = inner.chars().skip(1).any(char::is_uppercase);
    has_inner_sign || inner_upper || begins_upper(token) && !is_first && inner != "I"
}

/// Years from 1900 to 2099 that stand in a text.
pub(super) fn years(text: &str) -> Vec<i16> {
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 4);
    numbers
        .filter_map(|digits| digits.parse().ok())
        .filter(|year| (1900..2100).contains(year))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_frame_are_stems_in_order() {
        assert!(FRAME.is_sorted());
        for word in FRAME {
            assert_eq!(words::query(word), [*word]);
        }
    }

    #[test]
    fn the_cue_that_stands_first_says_what_is_wanted() {
        for (text, expected) in [
            ("When is the release?", Wanted::Time),
            ("What time is it?", Wanted::Time),
            ("How many replicas run?", Wanted::Count),
            ("how much does it cost when it rains", Wanted::Number),
            ("Who decided that?", Wanted::Person),
            ("What\u{2019}s the name of the dog?", Wanted::Name),
            ("Whose turn is it?", Wanted::Person),
            ("In the second sprint, who was on call?", Wanted::Person),
            ("Where do we keep backups?", Wanted::Place),
            ("Why did it fail?", Wanted::Reason),
            ("Which port does staging use?", Wanted::Number),
            ("What does Ada like?", Wanted::Anything),
            ("Does Ada like tea?", Wanted::Anything),
            ("Is the whole thing done?", Wanted::Anything),
            ("What did Ada say on the evening when we met?", Wanted::Anything),
            ("Wann ist die Abnahme?", Wanted::Time),
            ("いつ公開しますか", Wanted::Time),
            ("谁负责发布？", Wanted::Person),
        ] {
            assert_eq!(wanted(text), expected, "{text}");
        }
    }

    #[test]
    fn names_numbers_and_identifiers_weigh_more_and_frames_less() {
        let weights = |text: &str| -> Vec<(String, f64)> {
            let words = Question::read(text).words.into_iter();
            words.map(|word| (word.forms[0].clone(), word.weight)).collect()
        };
        let expected = |pairs: &[(&str, f64)]| -> Vec<(String, f64)> {
            pairs.iter().map(|(word, weight)| ((*word).to_owned(), *weight)).collect()
        };

        assert_eq!(weights("What is Ada's job?"), expected(&[("ada", 3.0), ("job", 1.0)]));
        assert_eq!(
            weights("What kind of thing does user_store.rs do in 2024?")
                .into_iter()
                .filter(|(word, _)| word != "kind")
                .map(|(_, weight)| weight)
                .collect::<Vec<_>>(),
            [0.4, 3.0, 3.0]
        );
        assert_eq!(weights("WHAT IS THE PORT"), expected(&[("port", 1.0)]));
        assert_eq!(Question::read("In 1999 or 20245?").years, [1999]);
    }
}
