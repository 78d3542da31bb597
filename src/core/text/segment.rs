//! How far a segment of a compound goes, what joins it to the next, and where it turns inside.
//!
//! All text here is normalized; see [`normal`](super::scripts::normal).

use super::scripts::{Kind, is_apostrophe};

/// What stands before a piece, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// `/`, `\`, `::`, `://`, `@`, `&`, a colon between digits.
    Path,
    /// A dot.
    Dot,
    /// `-` and `_`.
    Glue,
    /// A change of case, or from letters to digits.
    Case,
}

impl Joint {
    pub(super) fn tighter(self) -> Joint {
        match self {
            Joint::Path => Joint::Dot,
            Joint::Dot => Joint::Glue,
            Joint::Glue | Joint::Case => Joint::Case,
        }
    }
}

/// A joint that was found in a text.
pub(super) struct Found {
    pub(super) joint: Joint,
    /// Bytes from the end of one segment to the beginning of the next.
    pub(super) length: usize,
    /// Whether it stays visible in the joined word: it stands between numbers that it doesn't glue.
    pub(super) is_marked: bool,
}

/// The joint at `at`, which is the end of a segment; `None` when the compound ends there.
pub(super) fn joint(text: &str, at: usize) -> Option<Found> {
    let rest = &text[at..];
    let (joint, length) = match rest.chars().next()? {
        '-' => (Joint::Glue, 1),
        '_' => (Joint::Glue, rest.bytes().take_while(|byte| *byte == b'_').count()),
        '\u{2010}' => (Joint::Glue, '\u{2010}'.len_utf8()),
        '.' => (Joint::Dot, 1),
        '·' => (Joint::Dot, '·'.len_utf8()),
        '/' | '\\' | '@' | '&' => (Joint::Path, 1),
        '\u{2044}' => (Joint::Path, '\u{2044}'.len_utf8()),
        ':' if rest.starts_with("://") => (Joint::Path, 3),
        ':' if rest.starts_with("::") => (Joint::Path, 2),
        ':' if is_between_digits(text, at, 1) => (Joint::Path, 1),
        'T' if is_clock(rest) => (Joint::Path, 1),
        _ => return None,
    };
    let next = rest[length..].chars().next()?;
    let is_marked = joint != Joint::Glue && is_between_digits(text, at, length);
    (Kind::of(next) == Kind::Word).then_some(Found { joint, length, is_marked })
}

/// Whether a text begins with the time of an ISO 8601 timestamp, after its day.
fn is_clock(text: &str) -> bool {
    matches!(text.as_bytes(), [b'T', b'0'..=b'2', b'0'..=b'9', b':', b'0'..=b'5', ..])
}

fn is_between_digits(text: &str, at: usize, length: usize) -> bool {
    let before = text[..at].bytes().next_back();
    let after = text[at + length..].bytes().next();
    [before, after].iter().all(|byte| byte.is_some_and(|byte| byte.is_ascii_digit()))
}

/// The length in bytes of the segment at the beginning of `text`: letters, digits, and what may
/// stand inside a word (apostrophes between letters, a Hebrew double mark, commas between
/// thousands).
pub(super) fn length(text: &str) -> usize {
    if let Some(number) = thousands(text) {
        return number;
    }
    if let [b'0'..=b'3', b'0'..=b'9', ..] = text.as_bytes()
        && is_clock(&text[2..])
    {
        return 2;
    }
    // Most segments are ASCII to their end; the rest is looked at by character.
    let ascii = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let mut end = ascii;
    let mut before = text[..ascii].chars().next_back().unwrap_or('0');
    for (at, c) in text[ascii..].char_indices().map(|(at, c)| (ascii + at, c)) {
        if Kind::of(c) == Kind::Word && !is_apostrophe(c) {
            before = c;
            end = at + c.len_utf8();
            continue;
        }
        // Only one such sign may stand between two letters.
        let next = text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        let is_inside = match c {
            '"' | '\u{05F4}' => is_hebrew(before) && is_hebrew(next),
            c => is_apostrophe(c) && before.is_alphabetic() && is_lettered(next),
        };
        if end != at || !is_inside {
            break;
        }
    }
    // A modifier letter for an apostrophe at the beginning is a segment of its own.
    if end == 0 { text.chars().next().map_or(0, char::len_utf8) } else { end }
}

fn is_lettered(c: char) -> bool {
    c.is_alphabetic() && Kind::of(c) == Kind::Word && !is_apostrophe(c)
}

fn is_hebrew(c: char) -> bool {
    ('\u{05D0}'..='\u{05EA}').contains(&c)
}

/// The length of a number with commas between thousands (`1,000,000`).
fn thousands(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = (0..=3).take_while(|at| is_digit(*at)).count();
    if !(1..=3).contains(&end) || bytes.get(end) != Some(&b',') {
        return None;
    }
    let lead = end;
    while bytes.get(end) == Some(&b',')
        && (1..=3).all(|at| is_digit(end + at))
        && !bytes.get(end + 4).is_some_and(u8::is_ascii_alphanumeric)
    {
        end += 4;
    }
    (end > lead).then_some(end)
}

/// Whether a sign inside a segment is left out of its word.
pub(super) fn is_silent_inside(c: char) -> bool {
    c.is_ascii_punctuation() || is_apostrophe(c) || c == '\u{05F4}'
}

/// The name of a programming language whose sign isn't a letter, and the length of that sign, when
/// `segment` and what follows it are one: `C++`, `C#`, `F#`.
pub(super) fn language(segment: &str, after: &str) -> Option<(&'static str, usize)> {
    match segment {
        "C" | "c" if after.starts_with("++") => Some(("cplusplus", 2)),
        "C" | "c" if after.starts_with('#') => Some(("csharp", 1)),
        "F" | "f" if after.starts_with('#') => Some(("fsharp", 1)),
        _ => None,
    }
}

/// The length of `.NET` at the beginning of a text, as a word of its own.
pub(super) fn dot_net(text: &str) -> Option<usize> {
    let is_named = text.get(1..4).is_some_and(|name| name.eq_ignore_ascii_case("net"));
    let is_whole = is_named && !text[4..].starts_with(|c: char| c.is_alphabetic());
    (is_whole && text.starts_with('.')).then_some(4)
}

/// The first number of a version without its `v`: `v1.2` is looked for as `1.2` too.
pub(super) fn without_v<'a>(segment: &'a str, after: &str) -> &'a str {
    let is_dotted = matches!(after.as_bytes(), [b'.', b'0'..=b'9', ..]);
    match segment.strip_prefix(['v', 'V']) {
        Some(number) if is_dotted && number.bytes().all(|byte| byte.is_ascii_digit()) => number,
        _ => segment,
    }
}

/// Whether a segment is an identifier that nobody reads: hexadecimal, ULID, base 62.
pub(super) fn is_opaque(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    let turns = bytes.windows(2).filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit());
    let is_hex = bytes.iter().all(u8::is_ascii_hexdigit);
    match turns.count() {
        0 => false,
        1 => is_hex && bytes.len() >= 7,
        2 => is_hex,
        _ => segment.is_ascii(),
    }
}

/// Whether a new piece of a segment begins at `c`: `user|Name`, `HTTP|Server`, `sha|256`.
pub(super) fn turns(before: char, c: char, after: &str) -> bool {
    if before.is_ascii_digit() || c.is_ascii_digit() {
        return before.is_ascii_digit() != c.is_ascii_digit();
    }
    // `URLs` is one word.
    c.is_uppercase()
        && (!before.is_uppercase() || after != "s" && after.starts_with(char::is_lowercase))
}
