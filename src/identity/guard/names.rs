//! Which argument names are refused, whatever they hold.
//!
//! A name is cut into lower-case words and judged by how it *ends*: `db_password` holds a password,
//! `password_policy` doesn't. The tables below are the whole rule; add a word only if an honest
//! field would never end in it, because a refused name can't be used at all, by anyone, under any
//! policy.

use super::MARK;

/// Endings of a last word that name a secret. Matched as a suffix, so that `accessToken`,
/// `access_token` and `accesstoken` fare alike: English has next to no other words with these
/// endings.
const ENDINGS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "passphrases",
    "passcode",
    "secret",
    "secrets",
    // Singular only: `max_tokens` and its kin count pieces of text.
    "token",
    "cookie",
    "cookies",
    "credential",
    "credentials",
];

/// Last words that name a secret only when they stand alone: `preauthorization` and `torchbearer`
/// are words too.
const WHOLE: &[&str] = &["bearer", "authorization"];

/// Last two words that name a secret together, also written as one and in the plural.
///
/// Left out on purpose: `ssh key`, `deploy key` and `host key` are as often public halves (a
/// private one is recognised by its value); `session key` and `account key` are often plain
/// identifiers; `otp` is also a platform, and stale in thirty seconds; `pin` is a verb; `dsn` and
/// `webhook url` are judged by their values.
const PAIRS: &[(&str, &str)] = &[
    ("api", "key"),
    ("private", "key"),
    ("access", "key"),
    ("secret", "key"),
    ("signing", "key"),
    ("encryption", "key"),
    ("master", "key"),
    ("connection", "string"),
    ("pass", "word"),
    ("pass", "phrase"),
    ("pass", "code"),
];

/// Words that make a final `token` a place in a list rather than a credential.
const PLACES: &[&str] = &["next", "page", "cursor", "continuation"];

/// First words of a name that asks yes or no: `is_secret` and `has_password` hold no secret.
const QUESTIONS: &[&str] = &["is", "has", "needs", "requires"];

/// Whether an argument may not have this name.
///
/// Look-alike letters of other alphabets aren't folded; those are a choice, and this guard is
/// against accidents.
pub(super) fn is_refused(name: &str) -> bool {
    if ends_in_a_mark(name) {
        return false;
    }
    let visible: Vec<char> = name.chars().filter_map(plain).collect();

    // `HTTPToken` and `APIkey` cut their capitals differently, and both spellings are common.
    let acronym = visible.windows(2).any(|pair| pair.iter().all(|letter| letter.is_uppercase()));
    ends_in_a_secret(&words(&visible, Capitals::BeginNextWord))
        || acronym && ends_in_a_secret(&words(&visible, Capitals::EndTheirOwn))
}

/// Whether a name ends where a secret was redacted: `[redacted:github_token]#2` is what became of a
/// name, and must be able to come back.
fn ends_in_a_mark(name: &str) -> bool {
    let unnumbered = name.trim_end_matches(|c: char| c == '#' || c.is_ascii_digit());
    let kind = unnumbered.rsplit_once(MARK).map(|(_, rest)| rest);
    kind.and_then(|rest| rest.strip_suffix(']')).is_some_and(|kind| !kind.contains(']'))
}

/// To which word the last of a run of capitals belongs.
#[derive(Clone, Copy)]
enum Capitals {
    /// `HTTPToken` is `http token`.
    BeginNextWord,
    /// `APIkey` is `api key`.
    EndTheirOwn,
}

/// Cuts a name at case changes and at whatever is neither letter nor digit; lower-cases the words
/// and puts one space between them.
fn words(name: &[char], capitals: Capitals) -> String {
    let mut words = String::with_capacity(name.len() + 8);
    for (at, &letter) in name.iter().enumerate() {
        if !letter.is_alphanumeric() {
            separate(&mut words);
            continue;
        }
        let was_capital = |back: usize| at >= back && name[at - back].is_uppercase();
        let begins = match capitals {
            _ if letter.is_uppercase() && !was_capital(1) => true,
            Capitals::BeginNextWord => {
                letter.is_uppercase() && name.get(at + 1).is_some_and(|next| next.is_lowercase())
            }
            // Of two capitals at least: `Token` is one word.
            Capitals::EndTheirOwn => letter.is_lowercase() && was_capital(1) && was_capital(2),
        };
        if begins {
            separate(&mut words);
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn separate(words: &mut String) {
    if !words.is_empty() && !words.ends_with(' ') {
        words.push(' ');
    }
}

/// Judges the words of a name by the tables.
fn ends_in_a_secret(words: &str) -> bool {
    // `password2` and `api_key_2` are a second password and a second key.
    let mut named = words.trim_end_matches(|c: char| c == ' ' || c.is_ascii_digit()).rsplit(' ');
    let last = named.next().unwrap_or_default();
    let before = named.next().unwrap_or_default();

    let asks = |first| QUESTIONS.contains(&first);
    if words.split_once(' ').is_some_and(|(first, _)| asks(first)) || is_place(before, last) {
        return false;
    }
    WHOLE.contains(&last)
        || ENDINGS.iter().any(|ending| last.ends_with(ending))
        || PAIRS.iter().any(|pair| is_pair(*pair, before, last))
}

/// Whether a name's last words say where to go on reading: `next_page_token`, `pagetoken`.
fn is_place(before: &str, last: &str) -> bool {
    match last.strip_suffix("token") {
        Some("") => PLACES.contains(&before),
        Some(joined) => PLACES.iter().any(|place| joined.ends_with(place)),
        None => false,
    }
}

/// Whether a name's last words are this pair, apart or joined.
fn is_pair((first, second): (&str, &str), before: &str, last: &str) -> bool {
    let last = last.strip_suffix('s').unwrap_or(last);
    match last.strip_suffix(second) {
        // The whole word: `compass_word` is no password.
        Some("") => before == first,
        Some(joined) => joined.ends_with(first),
        None => false,
    }
}

/// A character as a reader takes it: nothing when it is invisible, ASCII when it is a full-width
/// form of it.
///
/// Combining accents go, too: `pássword` spelled with one would otherwise be cut in two.
fn plain(c: char) -> Option<char> {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
        '\u{300}'..='\u{36F}' => None,
        _ if is_invisible(c) => None,
        _ => Some(c),
    }
}

/// Whether a character leaves no mark of its own, so that it could hide inside a word.
pub(super) fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}'
            | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}
