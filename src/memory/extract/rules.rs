//! What is kept, and as what: phrases that tell how something is held, and then plain statements of
//! what is so.

use super::folded;
use super::leave::{any, begins, is_left_out, led_in};
use crate::memory::fields::MemoryType;

/// A rule: words anywhere in a sentence tell its type, this surely.
struct Rule(MemoryType, f64, &'static [&'static str]);

/// In the order in which they are asked: how something is held before what it is about.
#[rustfmt::skip]
const RULES: [Rule; 12] = [
    Rule(MemoryType::Decision, 0.9, &[
        "decided", "we chose", "i chose", "we picked", "i picked", "settled on", "agreed on",
        "agreed to use", "agreed that", "we're going with", "we are going with", "i'm going with",
        "went with", "decision is", "the decision was", "we will use", "we'll use", "ruled out", "opted for",
        "we rejected", "we approved", "was approved", "was rejected",
    ]),
    Rule(MemoryType::Learning, 0.85, &[
        "learned that", "learnt that", "lesson", "turns out", "turned out", "found out that",
        "realised that", "realized that", "figured out that", "the fix was", "the trick is", "the trick was", "in hindsight",
        "discovered that",
    ]),
    Rule(MemoryType::Preference, 0.9, &[
        "i prefer", "we prefer", "prefers", "preferred", "i like", "we like", "likes", "i love", "loves", "i enjoy",
        "enjoys", "i hate", "hates", "i dislike", "dislikes", "i don't like", "i do not like", "doesn't like", "don't like",
        "favourite", "favorite", "would rather", "i'd rather", "can't stand", "fan of", "fond of", "i adore", "i really like",
        "i really love", "i'm into", "i usually order", "i always order",
    ]),
    Rule(MemoryType::Commitment, 0.85, &[
        "i promise", "i promised", "promised", "we promised", "i'll", "i will", "we'll", "we will", "committed to", "i owe", "deadline",
        "is due", "are due", "due on", "due by", "i have to finish", "i need to finish", "i have to submit", "i need to submit", "has to deliver",
        "i have an appointment", "i've an appointment", "i agreed to", "we agreed to",
    ]),
    Rule(MemoryType::Goal, 0.85, &[
        "my goal", "our goal", "the goal", "i want to", "we want to", "wants to", "i'd like to", "i would like to", "i'd love to", "i would love to",
        "plan to", "plans to", "planning to", "planning on", "hoping to", "hope to", "aim to", "aiming to", "intend to",
        "trying to", "working towards", "looking to", "dream is", "i've always wanted", "saving for", "saving up for", "training for",
    ]),
    Rule(MemoryType::Error, 0.8, &[
        "crashed", "crashes", "outage", "failed with", "fails with", "failed because", "fails because", "keeps failing", "throws", "timed out", "times out", "segfaults",
        "is broken", "stopped working", "doesn't work", "does not work", "error code", "bug in", "panicked",
    ]),
    Rule(MemoryType::Relationship, 0.85, &[
        "my wife", "my husband", "my partner", "my son", "my daughter", "my sister", "my brother", "my mother", "my mom", "my mum",
        "my father", "my dad", "my friend", "my best friend", "my boss", "my manager", "my colleague", "my coworker", "my cousin",
        "my aunt", "my uncle", "my neighbour", "my neighbor", "my girlfriend", "my boyfriend", "my roommate", "my flatmate", "my fiancé",
        "my grandmother", "my grandfather", "my kids", "my children", "my parents", "my mentor", "my teammate", "reports to", "married to", "works with", "works for",
        "is the manager of", "is the lead of", "is a friend of", "is our client", "is our customer", "is our supplier", "depends on", "is owned by", "i'm married", "i report to",
    ]),
    Rule(MemoryType::Event, 0.8, &[
        "yesterday", "last night", "last week", "last month", "last year", "last summer", "last winter", "last spring",
        "this morning", "ago", "moved to", "moved from", "joined", "i started", "we started", "launched", "released", "visited", "went to", "i met", "we met", "attended",
        "graduated", "got married", "got promoted", "got a", "was born", "adopted", "bought", "sold", "shipped", "deployed", "migrated", "broke my",
        "passed my", "took part", "celebrated", "won the", "signed the", "happened on", "took place",
    ]),
    Rule(MemoryType::Artifact, 0.8, &[
        "is stored in", "are stored in", "is kept in", "are kept in", "is documented in", "is in the repo", "can be found", "is located in", "is located at",
        "lives in the file", "the runbook is", "the spec is", "the document is", "is published at", "lives at",
    ]),
    Rule(MemoryType::Observation, 0.7, &[
        "i noticed", "we noticed", "noticed that", "seems to", "tends to", "tend to", "usually", "often", "rarely", "every morning", "every evening", "every week", "every day",
        "we observed", "we measured",
    ]),
    Rule(MemoryType::Context, 0.75, &[
        "i'm working on", "i am working on", "we're working on", "we are working on", "we're building", "we are building", "i'm building", "i am building",
        "currently", "right now", "at the moment", "these days", "this quarter", "this sprint", "is about", "in progress", "i'm learning", "i am learning", "i'm studying", "i am studying", "i'm writing",
    ]),
    Rule(MemoryType::Fact, 0.85, &[
        "my name is", "i live", "we live", "i work", "we work", "i'm allergic", "i am allergic", "i was born", "i speak", "i study", "my birthday", "my email", "my address", "my job",
        "i don't eat", "i do not eat", "i don't drink", "i have a", "i have an", "i have two", "i have three", "i have four", "i own", "i drive", "i play", "i use", "we use", "we have", "i teach", "i run a", "i run an", "i grew up", "i come from", "i'm from", "i am from", "i'm based", "i am based", "we're based", "i'm vegan", "i'm vegetarian", "i am vegan", "i am vegetarian", "my dog", "my cat", "my cats", "my dogs", "my car", "my house", "my company", "my team", "our team", "our company", "our office", "our stack", "our product",
    ]),
];

/// What begins an instruction for all times.
const FOR_ALWAYS: [&str; 30] = [
    "always",
    "never",
    "from now on",
    "in future",
    "in the future",
    "going forward",
    "please always",
    "please never",
    "remember that",
    "remember to",
    "please remember",
    "keep in mind",
    "note that",
    "please note",
    "don't ever",
    "do not ever",
    "by default",
    "call me",
    "please call me",
    "make sure",
    "whenever",
    "every time",
    "answer in",
    "answer me in",
    "reply in",
    "respond in",
    "please answer in",
    "please reply in",
    "please respond in",
    "stop using",
];

/// What makes an instruction of a statement.
const MUST: [&str; 14] = [
    "must",
    "must not",
    "mustn't",
    "must always",
    "must never",
    "should always",
    "should never",
    "are not allowed to",
    "is not allowed to",
    "are required to",
    "is required to",
    "never commit",
    "always use",
    "never use",
];

/// What is asked for now and is over when it is done.
const OF_THE_MOMENT: [&str; 62] = [
    "please",
    "write",
    "summarize",
    "summarise",
    "explain",
    "tell",
    "show",
    "give",
    "help",
    "fix",
    "translate",
    "generate",
    "create",
    "make",
    "find",
    "search",
    "list",
    "describe",
    "compare",
    "draft",
    "rewrite",
    "edit",
    "check",
    "look",
    "let's",
    "lets",
    "let us",
    "let me",
    "try",
    "continue",
    "go on",
    "start",
    "stop",
    "send",
    "read",
    "add",
    "remove",
    "run",
    "i need help",
    "i need you",
    "i want you",
    "i'd like you",
    "i would like you",
    "i want to know",
    "i'd like to know",
    "i would like to know",
    "i'd like to ask",
    "i want to ask",
    "i need to know",
    "i'm looking for",
    "i am looking for",
    "remind me",
    "what about",
    "how about",
    "use",
    "put",
    "do",
    "wait",
    "imagine",
    "think",
    "answer",
    "reply",
];

/// How somebody is for a while, or what is said in passing.
const IN_PASSING: [&str; 36] = [
    "i'm tired",
    "i am tired",
    "i'm sorry",
    "i'm happy",
    "i am happy",
    "i'm fine",
    "i'm good",
    "i'm ok",
    "i'm okay",
    "i'm back",
    "i'm here",
    "i'm ready",
    "i'm sure",
    "i'm confused",
    "i'm stuck",
    "i'm excited",
    "i'm glad",
    "i am glad",
    "i'm afraid",
    "i'm wondering",
    "i'm trying to understand",
    "i'm not sure",
    "i'm bored",
    "i'm hungry",
    "i have to go",
    "i have to run",
    "i have to leave",
    "i have no",
    "i have a question",
    "i have been thinking",
    "i've been thinking",
    "i'll be back",
    "i'll try",
    "i'll think",
    "i'll let you",
    "i'll check",
];

/// How an author leaves room for being wrong.
const HEDGES: [&str; 10] = [
    "i think",
    "i guess",
    "i believe",
    "probably",
    "i suppose",
    "not sure",
    "as far as i know",
    "if i remember",
    "i assume",
    "it seems",
];

/// Verbs of plain statements about what is named.
const STATES: [&str; 52] = [
    "is",
    "are",
    "was",
    "were",
    "has",
    "have",
    "had",
    "uses",
    "use",
    "runs",
    "run",
    "lives",
    "live",
    "works",
    "work",
    "costs",
    "cost",
    "means",
    "contains",
    "supports",
    "requires",
    "require",
    "needs",
    "belongs",
    "starts",
    "ends",
    "opens",
    "closes",
    "lies",
    "stands",
    "expires",
    "holds",
    "listens",
    "owns",
    "manages",
    "maintains",
    "handles",
    "takes",
    "allows",
    "returns",
    "writes",
    "reads",
    "speaks",
    "plays",
    "studies",
    "teaches",
    "drives",
    "deploys",
    "deploy",
    "keeps",
    "became",
    "includes",
];

/// The type of a sentence that is worth keeping, and how surely it is one; `None` for what isn't.
pub(super) fn told(sentence: &str) -> Option<(MemoryType, f64)> {
    let words = folded(sentence);
    if is_left_out(sentence, &words) {
        return None;
    }
    let rule = RULES.iter().find(|Rule(_, _, phrases)| any(&words, phrases));
    // What was learned or decided may well be that something must be.
    let is_told_of = rule
        .is_some_and(|Rule(told, ..)| [MemoryType::Learning, MemoryType::Decision].contains(told));
    let is_for_cases =
        begins(&words, &["if", "when", "unless"]) && any(&words, &["always", "never"]);
    if !is_told_of && (begins(&words, &FOR_ALWAYS) || any(&words, &MUST) || is_for_cases) {
        return Some((MemoryType::Instruction, 0.9));
    }
    if begins(&words, &["don't", "do not", "avoid"]) && words.split(' ').count() > 5 {
        return Some((MemoryType::Instruction, 0.7));
    }
    if begins(&words, &OF_THE_MOMENT) || any(&words, &IN_PASSING) {
        return None;
    }
    let doubt = if any(&words, &HEDGES) { 0.7 } else { 1.0 };
    let sure = |confidence: f64| (confidence * doubt * 100.0).round() / 100.0;
    if let Some(Rule(told, confidence, _)) = rule
        && speaks_of_somebody(sentence, &words)
    {
        return Some((*told, sure(*confidence)));
    }
    is_plain_statement(sentence, &words).then(|| (MemoryType::Fact, sure(0.7)))
}

/// Whether a sentence says of whom or what it speaks: the speaker, or something with a name or an
/// article.
fn speaks_of_somebody(sentence: &str, words: &str) -> bool {
    let own = [
        "i", "i'm", "i'll", "i've", "i'd", "my", "we", "we're", "we'll", "we've", "our", "me",
        "us", "mine",
    ];
    any(words, &own)
        || any(words, &["the", "a", "an", "all", "every", "each"])
        || has_name(sentence, 0)
}

/// A statement with a verb of being or doing, about the speaker or about something that is named at
/// its beginning.
fn is_plain_statement(sentence: &str, words: &str) -> bool {
    let rest = led_in(words);
    let count = rest.split(' ').filter(|word| !word.is_empty()).count();
    let own = ["i'm ", "i am ", "my ", "our ", "we're ", "we are "]
        .iter()
        .any(|own| rest.starts_with(own));
    let has_verb = rest.split(' ').take(8).any(|word| STATES.contains(&word));
    if own {
        return count >= 2 && (has_verb || rest.starts_with("i'm ") || rest.starts_with("we're "));
    }
    let begins_named =
        ["the ", "all ", "every ", "each "].iter().any(|article| rest.starts_with(article));
    let tells = sentence.contains(|c: char| c.is_ascii_digit()) || has_name(sentence, 1);
    count >= 4 && has_verb && (starts_with_name(sentence, words) || begins_named && tells)
}

/// Whether a name stands in a sentence, from some word on.
fn has_name(sentence: &str, from: usize) -> bool {
    let tokens = sentence.split_whitespace().skip(from);
    tokens.into_iter().any(|token| {
        let token = token.trim_matches(|c: char| !c.is_alphanumeric());
        token != "I" && !token.starts_with("I'") && token.starts_with(char::is_uppercase)
    })
}

/// Whether a sentence begins with what looks like a name: a capital that isn't only there because a sentence
/// begins, which the next word or the shape of the word tells, or else a word that no rule knows.
fn starts_with_name(sentence: &str, words: &str) -> bool {
    const COMMON: [&str; 34] = [
        "there",
        "here",
        "some",
        "most",
        "many",
        "people",
        "everyone",
        "everybody",
        "someone",
        "nobody",
        "nothing",
        "everything",
        "something",
        "what",
        "when",
        "while",
        "because",
        "since",
        "although",
        "though",
        "after",
        "before",
        "as",
        "in",
        "on",
        "at",
        "for",
        "with",
        "to",
        "of",
        "from",
        "you",
        "not",
        "i",
    ];
    let first = sentence.split_whitespace().next().unwrap_or_default();
    let first = first.trim_matches(|c: char| !c.is_alphanumeric());
    let lower = first.to_lowercase();
    let bare = lower.split(['\'', '’']).next().unwrap_or_default();
    // What only leads in to a sentence is no name.
    led_in(words) == words.trim_start()
        && first.starts_with(char::is_uppercase)
        && !COMMON.contains(&bare)
}
