//! When two statements say the same: rules that may miss a repetition and never join two
//! statements that differ in a number, a date, a name or a negation.
//!
//! The one idea: a statement has a *form*, in which it is written the same way however it was
//! written, and statements with one form say the same. What is folded is case, white space,
//! quotation marks and the marks between sentences; articles, and words that only announce a
//! statement; short forms (`don't`); and where a phrase at the beginning could as well stand at the
//! end (`On Fridays we deploy`). Everything else stays, in its order: words mean other things
//! in another order, and in another tense.

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// Ways to begin that say nothing of their own.
const ANNOUNCED: [&[&str]; 7] = [
    &["note", "that"],
    &["please", "note", "that"],
    &["remember", "that"],
    &["please", "remember", "that"],
    &["for", "the", "record"],
    &["just", "so", "you", "know"],
    &["fyi"],
];

/// The same, before a colon. `Note the time` asks for something.
const LABELS: [&str; 4] = ["note:", "reminder:", "remember:", "fyi:"];

/// Words that in capitals are names.
const NAMES: [&str; 7] = ["US", "IT", "WHO", "OR", "IN", "ME", "AM"];

/// Up to how many words a phrase is looked for that could stand elsewhere.
const TURNED: usize = 40;

/// The form of a statement.
#[must_use]
pub fn form(content: &str) -> String {
    let content: String = content.nfc().collect();
    // Where it quotes a program, case and white space mean something.
    if content.contains("```") {
        return content.trim().to_owned();
    }
    let words = words(without_label(&content));
    let words = without_announcement(&words);
    let words: Vec<&str> = words.iter().map(|word| &**word).filter(|w| !is_article(w)).collect();
    if words.len() > TURNED || words.contains(&SENTENCE) {
        return words.join(" ");
    }
    turned(&words)
}

/// A hash of the form, by which an index finds it. Forms are compared whole before anything is made
/// of it.
#[must_use]
pub fn print(content: &str) -> String {
    use std::fmt::Write as _;

    let hash = Sha256::digest(form(content).as_bytes());
    hash[..16].iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Stands between sentences.
const SENTENCE: &str = "|";

/// The words in their order, each as the form has it.
fn words(content: &str) -> Vec<Cow<'_, str>> {
    let mut words: Vec<Cow<'_, str>> = Vec::new();
    let is_shouted = !content.chars().any(char::is_lowercase);
    let mut ends = false;
    for given in content.split_whitespace() {
        let opened = given.trim_start_matches(OPENING);
        let word = opened.trim_end_matches(CLOSING);
        if !word.is_empty() && !is_dash(word) {
            if std::mem::take(&mut ends) {
                words.push(SENTENCE.into());
            }
            push(&mut words, word, is_shouted);
        }
        let tail = &opened[word.len()..];
        // A question says something else than the same words do as a statement.
        if tail.contains(['?', '？']) {
            words.push("?".into());
        }
        ends |= !words.is_empty() && tail.contains(['.', '!', '?', ';', '。', '！', '？']);
    }
    words
}

const OPENING: [char; 13] = ['"', '\'', '“', '”', '‘', '’', '„', '«', '»', '(', '[', '`', '¿'];

const CLOSING: [char; 23] = [
    '"', '\'', '“', '”', '‘', '’', '„', '«', '»', ')', ']', '`', '.', ',', ';', ':', '!', '?', '…',
    '。', '、', '！', '？',
];

/// A dash or a list's marker that stands alone.
fn is_dash(word: &str) -> bool {
    matches!(word, "-" | "–" | "—" | "*" | "•" | "--")
}

fn push<'a>(words: &mut Vec<Cow<'a, str>>, word: &'a str, is_shouted: bool) {
    if !is_shouted && NAMES.contains(&word) {
        return words.push(word.into());
    }
    let word = word.replace('’', "'").to_lowercase();
    let word = if is_grouped(&word) { word.replace(',', "") } else { word };
    let (first, second) = match word.as_str() {
        "can't" | "cannot" => ("can".to_owned(), Some("not")),
        "won't" => ("will".to_owned(), Some("not")),
        "shan't" => ("shall".to_owned(), Some("not")),
        "i'm" => ("i".to_owned(), Some("am")),
        _ => [("n't", "not"), ("'re", "are"), ("'ve", "have"), ("'ll", "will")]
            .into_iter()
            .find_map(|(short, long)| Some((word.strip_suffix(short)?.to_owned(), Some(long))))
            .filter(|(first, _)| !first.is_empty())
            .unwrap_or((word, None)),
    };
    words.push(first.into());
    words.extend(second.map(Cow::from));
}

/// Whether it is a number whose digits are grouped in threes: `10,000`.
fn is_grouped(word: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = word.split(',');
    let first = parts.next().is_some_and(|first| is_digits(first) && first.len() <= 3);
    let mut rest = parts.peekable();
    first && rest.peek().is_some() && rest.all(|part| is_digits(part) && part.len() == 3)
}

fn is_article(word: &str) -> bool {
    matches!(word, "a" | "an" | "the")
}

fn without_label(content: &str) -> &str {
    let content = content.trim_start();
    let labelled = LABELS.iter().find_map(|label| {
        let said = content.get(..label.len())?;
        said.eq_ignore_ascii_case(label).then(|| &content[label.len()..])
    });
    labelled.filter(|rest| !rest.trim().is_empty()).unwrap_or(content)
}

fn without_announcement<'a, 'b>(words: &'b [Cow<'a, str>]) -> &'b [Cow<'a, str>] {
    let begins = |with: &&[&str]| {
        with.len() < words.len() && with.iter().zip(words).all(|(said, word)| *word == *said)
    };
    let Some(announced) = ANNOUNCED.iter().find(|with| begins(with)) else { return words };
    &words[announced.len()..]
}

/// The words from where they sort first, read in a circle: a phrase that moves from one end to the
/// other leaves them as they are, and no two words within change places.
fn turned(words: &[&str]) -> String {
    let (end, words) = match words {
        [words @ .., "?"] => (" ?", words),
        words => ("", words),
    };
    let circle = |from: usize| words[from..].iter().chain(&words[..from]).copied();
    let first = (0..words.len()).min_by(|a, b| circle(*a).cmp(circle(*b))).unwrap_or(0);
    let mut form = circle(first).collect::<Vec<_>>().join(" ");
    form.push_str(end);
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says_the_same(a: &str, b: &str) -> bool {
        form(a) == form(b)
    }

    #[test]
    fn what_is_written_otherwise_says_the_same() {
        for (a, b) in [
            ("We deploy on Fridays.", "we deploy  on fridays"),
            ("We deploy on Fridays.", "WE DEPLOY ON FRIDAYS!"),
            ("The staging database runs PostgreSQL 16.", "Staging database runs PostgreSQL 16"),
            ("On Fridays, we deploy.", "We deploy on Fridays."),
            ("We don't deploy on Mondays.", "We do not deploy on Mondays"),
            ("We can’t log in.", "we cannot log in"),
            ("\"Ada likes tea\"", "Ada likes tea."),
            ("Note that Ada likes tea.", "Ada likes tea."),
            ("Note: Ada likes tea.", "Ada likes tea."),
            ("For the record, Ada likes tea.", "Ada likes tea."),
            ("- `serve` listens on 7420", "serve listens on 7420."),
            ("There are 10,000 users.", "There are 10000 users."),
            ("caf\u{e9} opens at 9", "Cafe\u{301} opens at 9."),
            ("Ada likes tea. Bo likes milk.", "ada likes tea; bo likes milk"),
            ("東京は日本の首都です。", "東京は日本の首都です"),
            ("I’m on call", "I am on call."),
        ] {
            assert!(says_the_same(a, b), "{a} / {b}\n{} / {}", form(a), form(b));
            assert_eq!(print(a), print(b));
        }
    }

    #[test]
    fn what_differs_in_what_it_says_is_never_the_same() {
        for (a, b) in [
            ("The port is 7420.", "The port is 7421."),
            ("The port is 74.20.", "The port is 7420."),
            ("It takes 1.5 s.", "It takes 15 s."),
            ("It takes 10,5 s.", "It takes 105 s."),
            ("x²", "x2"),
            ("The change is -5.", "The change is 5."),
            ("It costs $5.", "It costs €5."),
            ("The share is 5%.", "The share is 5."),
            ("Due on 1 May 2026.", "Due on 2 May 2026."),
            ("Due on 2026-05-01.", "Due on 2026-01-05."),
            ("We deploy on Fridays.", "We do not deploy on Fridays."),
            ("We deploy on Fridays.", "We never deploy on Fridays."),
            ("We can deploy.", "We can't deploy."),
            ("Deploy with review.", "Deploy without review."),
            ("Ada manages Bo.", "Bo manages Ada."),
            ("Ada prefers tea over coffee.", "Ada prefers coffee over tea."),
            ("Move from Redis to Postgres.", "Move from Postgres to Redis."),
            ("Cats chase dogs.", "Dogs chase cats."),
            ("We use Redis.", "We used Redis."),
            ("We deploy on Fridays.", "Do we deploy on Fridays?"),
            ("We deploy on Fridays.", "We deploy on Fridays?"),
            ("Ada likes tea.", "Eda likes tea."),
            ("M\u{fc}ller wrote it.", "Muller wrote it."),
            ("Ship it to US customers.", "Ship it to us customers."),
            ("We use C.", "We use C++."),
            ("We use C#.", "We use C."),
            ("Vitamin A helps.", "Vitamin B helps."),
            ("Remember to lock the door.", "To lock the door."),
            ("Great \u{1f44d}", "Great \u{1f44e}"),
            ("if a < b", "if a > b"),
            ("```\nif x:\n  y\n```", "```\nif X:\n  y\n```"),
            ("Ada is out. Bo is in.", "Ada is in. Bo is out."),
            ("", "x"),
        ] {
            assert!(!says_the_same(a, b), "{a} / {b}: {}", form(a));
            assert_ne!(print(a), print(b));
        }
    }

    #[test]
    fn whatever_is_written_has_a_form() {
        for content in ["", "?", "...", "- - -", "a", "the", "```", "\u{0}", "don't", "n't", "'re"]
        {
            assert_eq!(print(content).len(), 32, "{content:?}");
        }
    }
}
