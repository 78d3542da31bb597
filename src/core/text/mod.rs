//! Small rules about text that every other module shares, and the words that full-text search uses.
//!
//! Lengths are counted in characters (Unicode scalar values), as the contracts count them, never in
//! bytes. Nothing here fails, keeps state or depends on a locale: the same text gives the same
//! answer on every machine, so that an index written by one is read by another.
//!
//! Next: [`words`], which cuts text into words; `compound.rs` and `segment.rs` for identifiers;
//! `sentences.rs` for sentences; `scripts.rs` for what a character is; `affixes.rs` for endings and stop words; `distance.rs` for names
//! that were mistyped.

mod affixes;
mod compound;
pub mod distance;
mod scripts;
mod segment;
pub mod sentences;
#[cfg(test)]
mod tests;
pub mod words;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub use words::{document, query};

/// What [`slug`] answers when nothing of a name can be kept.
const NAMELESS: &str = "agent";

/// The length of a text in characters (Unicode scalar values).
pub fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Whether a text shows nothing: no characters, or only white space, controls and zero-width
/// characters.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(c, '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// Whether a text has control characters (general category Cc) other than line feed and tab.
///
/// A carriage return is one: turn line ends into line feeds first.
pub fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
}

/// The first line of a text that shows something, white space collapsed, at most `max_chars` long.
///
/// A longer line ends in `…`, which is counted, after the last whole word that fits; or inside a
/// word, but never between a character and its marks, when the last space is further back than
/// half. Without control characters, which count as white space. Empty when the text is blank or
/// `max_chars` is 0.
pub fn one_line(text: &str, max_chars: usize) -> String {
    let mut collapsed = String::new();
    let line = text.split(is_line_end).find(|line| !is_blank(line)).unwrap_or("");
    // One character more than fits tells that something is left out.
    let mut room = max_chars.saturating_add(1);
    for word in line.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty())
    {
        if !collapsed.is_empty() {
            collapsed.push(' ');
            room -= 1;
        }
        for c in word.chars().take(room) {
            collapsed.push(c);
            room -= 1;
        }
        if room == 0 {
            shorten(&mut collapsed, max_chars);
            break;
        }
    }
    collapsed
}

/// Line ends by UAX #14: mandatory breaks and the next-line control.
fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Cuts a line of more than `max_chars` to that length with `…` at its end.
fn shorten(line: &mut String, max_chars: usize) {
    let Some(mut end) = max_chars.checked_sub(1) else {
        return line.clear();
    };
    let starts: Vec<usize> = line.char_indices().map(|(at, _)| at).take(max_chars).collect();
    let is_inside = |at| line[at..].starts_with(continues) || line[..at].ends_with('\u{200D}');
    while end > 0 && is_inside(starts[end]) {
        end -= 1;
    }
    let at = starts[end];
    // What was taken up to a space is whole words already.
    let space = if line[at..].starts_with(' ') { None } else { line[..at].rfind(' ') };
    line.truncate(space.filter(|space| *space >= at / 2).unwrap_or(at));
    line.truncate(line.trim_end().len());
    line.push('…');
}

/// Whether a character belongs to the one before it: a mark, a joiner, a variation or a skin tone.
fn continues(c: char) -> bool {
    is_combining_mark(c) || is_invisible(c) || ('\u{1F3FB}'..='\u{1F3FF}').contains(&c)
}

/// A name as an identifier: `a` to `z`, `0` to `9`, `-` and `_`, at most `max` characters.
///
/// Upper case and accents are folded, whatever else becomes one `-`, and none is left at either end
/// (`Night Owl (beta)` → `night-owl-beta`). Never empty: where nothing can be kept, it is
/// `agent`, and a `max` of 0 counts as 1.
pub fn slug(text: &str, max: usize) -> String {
    let max = max.max(1);
    let mut slug = String::new();
    let mut folded = String::new();
    for c in text.nfkc() {
        if slug.len() == max {
            break;
        }
        folded.clear();
        scripts::fold(c, &mut folded);
        for c in folded.chars().filter(|c| !is_combining_mark(*c)) {
            if slug.len() == max {
                break;
            }
            if c.is_ascii_alphanumeric() || (c == '_' && !slug.is_empty()) {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
    }
    slug.truncate(slug.trim_end_matches(['-', '_']).len());
    if slug.is_empty() { NAMELESS[..max.min(NAMELESS.len())].to_owned() } else { slug }
}
