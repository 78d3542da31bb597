//! Reading a question without a model: its words, whom it names, which time it means.

use super::dates::{self, Period};
use crate::core::clock::Timestamp;
use crate::core::text::words;

/// A question as ranking needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The words to look for, without the names of those who speak unless nothing else is left.
    pub words: Vec<String>,
    /// What is to be embedded. A speaker's own words say `I` and `my` where a question says the
    /// speaker's name, and the name itself stands in what others said to them: so the name becomes `I`.
    pub rewritten: String,
    /// Which of the names it means; one name alone tells whose words are wanted.
    pub named: Vec<String>,
    /// The time it speaks of.
    pub period: Option<Period>,
    /// Whether it asks for a time.
    pub asks_when: bool,
    /// The words of each quoted phrase.
    pub phrases: Vec<Vec<String>>,
}

/// How those are called who speak for the one who asks.
const OWN: [&str; 3] = ["user", "human", "me"];

impl Question {
    /// Reads a question whose speakers have these names. Relative times are seen from `now`.
    #[must_use]
    pub fn read(text: &str, speakers: &[&str], now: Timestamp) -> Self {
        let mut named: Vec<String> = Vec::new();
        let mut rewritten = text.to_owned();
        let mut spoken: Vec<&str> = Vec::new();
        for name in speakers {
            // The whole name, or one of its parts: `Ana` is Ana Ruiz.
            let parts = name.split([' ', '_']).filter(|part| part.chars().count() > 2);
            let called: Vec<&str> = std::iter::once(*name).chain(parts).collect();
            let mut is_named = false;
            for called in called {
                if let Some(without) = without_name(&rewritten, called) {
                    rewritten = without;
                    spoken.push(called);
                    is_named = true;
                }
            }
            if is_named {
                named.push((*name).to_owned());
            }
        }
        if !named.is_empty() {
            rewritten = as_said(&rewritten);
        }
        if named.is_empty() && speaks_of_self(text) {
            let own = speakers.iter().find(|name| OWN.contains(&name.to_lowercase().as_str()));
            named.extend(own.map(|name| (*name).to_owned()));
        }
        let all = words::query(text);
        let spoken: Vec<String> = spoken.iter().flat_map(|name| words::query(name)).collect();
        let mut telling: Vec<String> =
            all.iter().filter(|word| !spoken.contains(word)).cloned().collect();
        if telling.is_empty() {
            telling = all;
        }
        Self {
            words: telling,
            rewritten,
            named,
            period: dates::period(text, now),
            asks_when: asks_when(text),
            phrases: phrases(text),
        }
    }
}

/// What people say of themselves, once names are `I`: two of them are `we`, and the verb beside them goes
/// with it (`have I` for `has I`).
fn as_said(text: &str) -> String {
    let text = text.replace("I and I", "we").replace("I and my ", "our ");
    let words: Vec<&str> = text.split(' ').collect();
    let is = |at: Option<usize>, person: &str| {
        at.and_then(|at| words.get(at)).is_some_and(|word| {
            word.trim_end_matches(|c: char| !c.is_alphanumeric()).split(['\'', '’']).next()
                == Some(person)
        })
    };
    let said = words.iter().enumerate().map(|(at, word)| {
        let beside = |person: &str| is(at.checked_sub(1), person) || is(Some(at + 1), person);
        let (i, we) = (beside("I"), beside("we"));
        match *word {
            "has" if i || we => "have",
            "Has" if i || we => "Have",
            "does" if i || we => "do",
            "Does" if i || we => "Do",
            "is" if i => "am",
            "Is" if i => "Am",
            "is" if we => "are",
            "Is" if we => "Are",
            "was" if we => "were",
            "Was" if we => "Were",
            word => word,
        }
    });
    said.collect::<Vec<_>>().join(" ")
}

/// The text with a name as `I` and its possessive as `my`; `None` where the name isn't in it.
fn without_name(text: &str, name: &str) -> Option<String> {
    let is_slug = !name.chars().any(char::is_uppercase);
    let (searched, name) = if is_slug {
        (text.to_lowercase(), name.to_lowercase())
    } else {
        (text.to_owned(), name.to_owned())
    };
    // Folding may change lengths; then the places in one are not those of the other.
    if name.is_empty() || searched.len() != text.len() {
        return None;
    }
    let mut out = String::new();
    let mut from = 0;
    for (at, _) in searched.match_indices(&name) {
        let end = at + name.len();
        let before = text[..at].chars().next_back();
        let after = text[end..].chars().next();
        let is_inner = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if at < from || is_inner(before) || is_inner(after) {
            continue;
        }
        out.push_str(&text[from..at]);
        let possessive = ["'s", "’s"].iter().find(|mark| text[end..].starts_with(**mark));
        out.push_str(if possessive.is_some() { "my" } else { "I" });
        from = end + possessive.map_or(0, |mark| mark.len());
    }
    (from > 0).then(|| out + &text[from..])
}

fn lower_words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn speaks_of_self(text: &str) -> bool {
    lower_words(text).iter().any(|word| {
        matches!(word.as_str(), "i" | "my" | "me" | "mine" | "i'm" | "i've" | "i'd" | "myself")
    })
}

fn asks_when(text: &str) -> bool {
    let words = lower_words(text);
    let pairs = || words.iter().zip(words.iter().skip(1));
    words.iter().any(|word| word == "when")
        || pairs().any(|(first, second)| {
            (first == "how" && second == "long")
                || ((first == "what" || first == "which")
                    && matches!(
                        second.as_str(),
                        "year" | "month" | "date" | "day" | "time" | "week"
                    ))
        })
}

/// What stands between quotation marks, cut into words.
fn phrases(text: &str) -> Vec<Vec<String>> {
    let mut phrases = Vec::new();
    for (open, close) in [('"', '"'), ('“', '”'), ('«', '»'), ('「', '」'), ('`', '`')] {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once(open) {
            let Some((phrase, after)) = after.split_once(close) else { break };
            let words = words::query(phrase);
            if !words.is_empty() {
                phrases.push(words);
            }
            rest = after;
        }
    }
    phrases
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, names: &[&str]) -> Question {
        Question::read(text, names, Timestamp::from_millis(1_795_000_000_000))
    }

    #[test]
    fn a_speakers_name_becomes_the_word_that_the_speaker_uses() {
        let question = read("What did Ana's sister tell Ana?", &["Ana", "Ben"]);

        assert_eq!(question.rewritten, "What did my sister tell I?");
        assert_eq!(question.named, ["Ana"]);
        assert_eq!(question.words, ["sister", "tell"]);
    }

    #[test]
    fn the_verb_goes_with_who_speaks_and_two_are_we() {
        for (text, expected) in [
            ("Where has Ana been?", "Where have I been?"),
            ("Does Ana sing?", "Do I sing?"),
            ("What Ana is afraid of", "What I am afraid of"),
            ("What have Ana and Ben done?", "What have we done?"),
            ("Where is Ana and Ben's boat?", "Where is our boat?"),
            ("Was Ana and Ben there?", "Were we there?"),
            ("What has Ana's sister?", "What has my sister?"),
            ("What is, has and does?", "What is, has and does?"),
        ] {
            let read = read(text, &["Ana", "Ben"]);
            assert_eq!(read.rewritten, expected, "{text}");
        }
    }

    #[test]
    fn part_of_a_name_names_its_bearer_and_part_of_a_word_nobody() {
        assert_eq!(read("Does Ruiz cook?", &["Ana Ruiz"]).named, ["Ana Ruiz"]);
        assert!(read("What about bananas?", &["Ana"]).named.is_empty());
        assert!(read("What will happen?", &["Will"]).named.is_empty());
    }

    #[test]
    fn a_slug_is_known_however_it_is_written() {
        assert_eq!(read("What did Deploy-Bot do?", &["deploy-bot"]).named, ["deploy-bot"]);
    }

    #[test]
    fn who_asks_of_themselves_means_the_user() {
        assert_eq!(read("Where did I go?", &["assistant", "user"]).named, ["user"]);
        assert!(read("Where did I go?", &["Ana"]).named.is_empty());
    }

    #[test]
    fn a_question_of_a_name_alone_keeps_it() {
        assert_eq!(read("Ana?", &["Ana"]).words, ["ana"]);
    }

    #[test]
    fn questions_for_a_time_are_known() {
        for text in ["When did it rain?", "How long did it take?", "In which month was that?"] {
            assert!(read(text, &[]).asks_when, "{text}");
        }
        for text in ["What was said?", "How much is it?"] {
            assert!(!read(text, &[]).asks_when, "{text}");
        }
    }

    #[test]
    fn quoted_phrases_are_kept_together() {
        let question = read("Who said \"deep water\" and “blue moon”, \"unclosed?", &[]);

        assert_eq!(question.phrases, [vec!["deep", "water"], vec!["blue", "moon"]]);
    }
}
