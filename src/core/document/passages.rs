//! Text and Markdown, cut into passages of about as many words as are read at one glance.

use super::{LONGEST, Part};
use crate::core::text::one_line;
use crate::core::text::sentences::sentences;

/// Words of a passage; it ends with the sentence that reaches them.
const WORDS: usize = 110;

/// A passage that is being put together.
#[derive(Clone, Copy)]
struct Open {
    from: usize,
    to: usize,
    words: usize,
}

/// The passages of a text, word for word. In Markdown, a heading begins a passage, and each is
/// headed by the headings above it.
pub(super) fn cut(text: &str, is_markdown: bool) -> Vec<Part> {
    let mut headings: Vec<(usize, String)> = Vec::new();
    let mut open: Option<Open> = None;
    let mut parts = Vec::new();
    let mut lines = Lines { text, at: 0, line: 1 };
    for sentence in sentences(text) {
        // A sentence is a part of the text, so their addresses tell where.
        let from = sentence.as_ptr() as usize - text.as_ptr() as usize;
        let to = from + sentence.len();
        let heading = if is_markdown { heading(sentence) } else { None };
        if let Some((level, name)) = heading {
            push(&mut parts, open.take(), &mut lines, &headings);
            headings.retain(|(above, _)| *above < level);
            headings.push((level, name));
        }
        let words = sentence.split_whitespace().count();
        let is_full = open.is_some_and(|open| {
            // A script without spaces has few words, so characters count as well.
            let is_long = to - open.from > WORDS * 9;
            open.words >= WORDS
                || is_long && open.words + words > WORDS / 2
                || to - open.from > LONGEST
        });
        if is_full {
            push(&mut parts, open.take(), &mut lines, &headings);
        }
        let before = open.unwrap_or(Open { from, to, words: 0 });
        open = Some(Open { to, words: before.words + words, ..before });
    }
    push(&mut parts, open, &mut lines, &headings);
    parts
}

/// The level and the name of a heading.
fn heading(sentence: &str) -> Option<(usize, String)> {
    let name = sentence.trim_start_matches('#');
    let level = sentence.len() - name.len();
    ((1..=6).contains(&level) && name.starts_with([' ', '\t']))
        .then(|| (level, one_line(name.trim().trim_end_matches('#'), 100)))
}

/// Ends a passage; one that is too long becomes several.
fn push(
    parts: &mut Vec<Part>,
    open: Option<Open>,
    lines: &mut Lines<'_>,
    headings: &[(usize, String)],
) {
    let Some(open) = open else { return };
    let path: Vec<&str> = headings.iter().map(|(_, name)| name.as_str()).collect();
    let title = (!path.is_empty()).then(|| one_line(&path.join(" › "), 100));
    let mut from = open.from;
    while from < open.to {
        let to = from + fitting(&lines.text[from..open.to]);
        let content = lines.text[from..to].trim();
        if !content.is_empty() {
            let (first, last) = (lines.of(from), lines.of(to));
            let place = if first == last {
                format!("line {first}")
            } else {
                format!("lines {first}-{last}")
            };
            parts.push(Part { content: content.to_owned(), place, title: title.clone() });
        }
        from = to;
    }
}

/// How many bytes of a text are a part: all, or as many as fit, to the last space among them.
fn fitting(text: &str) -> usize {
    let Some((end, _)) = text.char_indices().nth(LONGEST) else { return text.len() };
    let space = text[..end].rfind(char::is_whitespace).filter(|space| *space > end / 2);
    space.unwrap_or(end)
}

/// Counts lines up to places that come in their order.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, place: usize) -> usize {
        if place > self.at {
            self.line += self.text[self.at..place].matches('\n').count();
            self.at = place;
        }
        self.line
    }
}
