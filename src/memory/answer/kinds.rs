//! Whether a sentence holds the kind of thing that a question asks for.

use super::question::{Wanted, begins_upper};
use crate::core::text::words;
use crate::memory::memory::Statement;

/// How a sentence says a time, besides digits. Lower case; sorted.
#[rustfmt::skip]
const TIMES: &[&str] = &[
    "after", "afternoon", "afterwards", "april", "august", "autumn", "before", "beginning", "christmas",
    "daily", "day", "days", "december", "during", "easter", "end", "evening", "fall", "february", "friday", "fridays",
    "hour", "hourly", "hours", "january", "july", "june", "last", "later", "march", "may", "midnight",
    "minute", "minutes", "monday", "mondays", "month", "monthly", "months", "morning", "never", "next", "night", "nightly",
    "noon", "november", "now", "october", "once", "q1", "q2", "q3", "q4", "quarter", "quarterly", "saturday",
    "saturdays", "seconds", "september", "since", "soon", "spring", "summer", "sunday", "sundays", "thursday",
    "thursdays", "today", "tomorrow", "tonight", "tuesday", "tuesdays", "until", "wednesday", "wednesdays",
    "week", "weekend", "weekly", "weeks", "when", "whenever", "winter", "year", "yearly", "years", "yesterday",
];

/// How a sentence says a number, besides digits. Lower case; sorted.
#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "billion", "both", "daily", "double", "dozen", "eight", "eighteen", "eighty", "eleven", "every",
    "fifteen", "fifty", "five", "forty", "four", "fourteen", "half", "hourly", "hundred", "million",
    "monthly", "nine", "nineteen", "ninety", "none", "once", "one", "pair", "quarter", "seven",
    "seventeen", "seventy", "single", "six", "sixteen", "sixty", "ten", "thirteen", "thirty",
    "thousand", "three", "thrice", "triple", "twelve", "twenty", "twice", "two", "weekly", "yearly",
    "zero",
];

/// Whom a sentence may speak of without a name. Lower case; sorted.
#[rustfmt::skip]
const PEOPLE: &[&str] = &[
    "admin", "admins", "agency", "agent", "anybody", "anyone", "author", "board", "boss", "brother", "client",
    "clients", "colleague", "company", "contractor", "council", "customer", "customers",
    "department", "developer", "developers", "director", "doctor", "editor", "editors", "engineer",
    "engineers", "everybody", "everyone", "father", "firm", "founder", "friend", "group", "he", "i", "intern",
    "lead", "leader", "maintainer", "maintainers", "manager", "managers", "member", "members",
    "mother", "nobody", "office", "operator", "owner", "owners", "partner",
    "she", "sister", "somebody", "someone", "staff", "supplier", "team", "teams", "they", "user", "users", "vendor",
    "we", "wife",
];

const REASONS: [&str; 18] = [
    "because",
    "since",
    "so that",
    "due to",
    "to avoid",
    "in order to",
    "reason",
    "therefore",
    "thanks to",
    "caused by",
    "as it",
    "weil",
    "denn",
    "parce que",
    "porque",
    "因为",
    "ため",
    "から",
];

const PLACES: [&str; 29] = [
    " in ",
    " at ",
    " on ",
    " to ",
    " from ",
    " near ",
    " under ",
    " inside ",
    " behind ",
    " beside ",
    " above ",
    " below ",
    " over ",
    " between ",
    " with ",
    " via ",
    " through ",
    " around ",
    " by ",
    " into ",
    " next ",
    " within ",
    " outside",
    " upstairs",
    " downstairs",
    " home",
    " abroad",
    "在",
    "で",
];

/// How a sentence says a price or a number at a time, which is no answer to how many there are.
const OFTEN: [&str; 10] = [
    "daily", "every", "hourly", "monthly", "once", "quarter", "thrice", "twice", "weekly", "yearly",
];

/// How a sentence says what something is called, besides a name. Lower case; sorted.
const NAMING: [&str; 6] = ["called", "name", "named", "names", "nicknamed", "titled"];

/// Whether the sentence, or what is known about it, holds what is wanted.
pub(super) fn holds(
    sentence: &str,
    statement: &Statement,
    wanted: Wanted,
    asked: &[String],
) -> bool {
    let lower = sentence.to_lowercase();
    let has_digit = sentence.contains(char::is_numeric);
    let any = |list: &[&str]| {
        let mut tokens = lower.split(|c: char| !c.is_alphanumeric());
        tokens.any(|token| list.binary_search(&token).is_ok())
    };
    match wanted {
        Wanted::Anything => true,
        Wanted::Time => {
            statement.occurred_at.is_some()
                || any(TIMES)
                || has_digit
                || lower.contains(['年', '月', '日'])
        }
        Wanted::Name => {
            has_other_name(sentence, asked)
                || any(&NAMING)
                || has_digit
                || sentence.contains(['"', '“', '`', '_', '/'])
        }
        Wanted::Count => {
            let mut tokens = lower.split(|c: char| !c.is_alphanumeric());
            let counts = |token: &str| {
                NUMBERS.binary_search(&token).is_ok() && OFTEN.binary_search(&token).is_err()
            };
            has_digit || tokens.any(counts) || lower.contains(['一', '二', '三', '五', '十', '百'])
        }
        Wanted::Number => {
            has_digit || any(NUMBERS) || lower.contains(['一', '二', '三', '五', '十', '百'])
        }
        Wanted::Person => {
            has_other_name(sentence, asked) || statement.speaker.is_some() || sentence.contains('@')
        }
        Wanted::Place => {
            PLACES.iter().any(|place| lower.contains(place)) || sentence.contains(['/', '\\'])
        }
        Wanted::Reason => REASONS.iter().any(|reason| lower.contains(reason)),
    }
}

/// Whether a sentence that isn't of the kind by [`holds`] surely isn't: a time and a number are known
/// by how they are written, a place by the word before it, a name by its capital; a person also where a group
/// of people is named.
pub(super) fn is_sure(wanted: Wanted, sentence: &str, asked: &[String]) -> bool {
    let lower = sentence.to_lowercase();
    match wanted {
        Wanted::Time | Wanted::Number | Wanted::Count | Wanted::Name | Wanted::Place => {
            sentence.is_ascii()
        }
        Wanted::Person => {
            let mut tokens = lower.split(|c: char| !c.is_alphanumeric());
            // Who is asked for isn't told by being mentioned again: `the supplier raised prices`.
            let tells = |token: &str| {
                PEOPLE.binary_search(&token).is_ok()
                    && !words::query(token).iter().any(|form| asked.contains(form))
            };
            sentence.is_ascii() && !tokens.any(tells)
        }
        Wanted::Reason | Wanted::Anything => false,
    }
}

/// What stands behind a first word that is no name of one person or thing.
const NOT_OF_ONE: [&str; 10] =
    ["are", "were", "have", "the", "a", "an", "our", "your", "my", "their"];

/// Whether a name stands in the sentence that the question hasn't.
fn has_other_name(sentence: &str, asked: &[String]) -> bool {
    let tokens: Vec<&str> = sentence.split_whitespace().collect();
    tokens.iter().enumerate().filter(|(_, token)| begins_upper(token)).any(|(at, token)| {
        // A day and a month have capitals too.
        let lower = token.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        if TIMES.binary_search(&lower.as_str()).is_ok() {
            return false;
        }
        // `Errors are…`, `Use the…`: what begins a sentence there is no name of one.
        if at == 0 && tokens.get(1).is_some_and(|next| NOT_OF_ONE.contains(next)) {
            return false;
        }
        let written = words::query(token);
        // The first word of a sentence is a name unless it only holds the sentence together.
        let is_word = written.iter().any(|form| !is_function_word(form));
        is_word && !written.iter().any(|form| asked.contains(form))
    }) || !sentence.is_ascii() && !sentence.contains(' ')
}

/// Whether a word is left out of a query beside any other.
fn is_function_word(word: &str) -> bool {
    !words::query(&format!("{word} heron")).iter().any(|kept| kept == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::Timestamp;
    use crate::memory::draft::Draft;

    #[test]
    fn the_lists_are_sorted() {
        assert!(TIMES.is_sorted() && NUMBERS.is_sorted() && PEOPLE.is_sorted());
        assert!(OFTEN.is_sorted() && NAMING.is_sorted());
    }

    #[test]
    fn each_kind_is_seen_where_it_is_and_only_there() {
        let statement = |content: &str| {
            let draft = Draft { content: Some(content.to_owned()), ..Draft::default() };
            draft.into_statement(Timestamp::from_millis(1)).expect("valid")
        };
        for (sentence, wanted, expected) in [
            ("The release is on Friday.", Wanted::Time, true),
            ("The release is on 3 May.", Wanted::Time, true),
            ("The release is late.", Wanted::Time, false),
            ("Three replicas run.", Wanted::Number, true),
            ("Some replicas run.", Wanted::Number, false),
            ("It is read once.", Wanted::Count, false),
            ("It is read once.", Wanted::Number, true),
            ("Two cats live here.", Wanted::Count, true),
            ("The dentist comes on Thursday.", Wanted::Name, false),
            ("The dentist is Mr Grey.", Wanted::Name, true),
            ("The branch is called cinnamon.", Wanted::Name, true),
            ("Bo owns billing.", Wanted::Person, true),
            ("Errors are reported.", Wanted::Person, false),
            ("The team owns billing.", Wanted::Person, false),
            ("Billing is owned.", Wanted::Person, false),
            ("Backups lie in the cellar.", Wanted::Place, true),
            ("Backups are made.", Wanted::Place, false),
            ("It failed because the disk was full.", Wanted::Reason, true),
            ("It failed.", Wanted::Reason, false),
        ] {
            let asked = ["bill".to_owned()];
            assert_eq!(
                holds(sentence, &statement(sentence), wanted, &asked),
                expected,
                "{sentence}"
            );
        }
    }
}
