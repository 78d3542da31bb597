//! What the forms of other programs have in common: labels cut to their lengths, types and dates
//! understood, long texts in pieces.

use serde_json::{Map, Value};

use crate::core::clock::Timestamp;
use crate::core::text;
use crate::memory::copy::DraftCopy;
use crate::memory::draft::limit;
use crate::memory::fields::{MemoryType, Named};

/// A statement that a source holds, or why it can't be one; and where in the source it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub place: String,
    pub draft: Result<DraftCopy, String>,
}

impl Found {
    /// A statement.
    #[must_use]
    pub fn draft(place: impl Into<String>, draft: DraftCopy) -> Self {
        Self { place: place.into(), draft: Ok(draft) }
    }

    /// What can't be one.
    #[must_use]
    pub fn wrong(place: impl Into<String>, rule: &str) -> Self {
        Self { place: place.into(), draft: Err(rule.to_owned()) }
    }
}

/// A label as our fields take it: one line, cut; `None` for nothing.
#[must_use]
pub fn label(given: &str, most: usize) -> Option<String> {
    let plain: String = given.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut: String = plain.trim().chars().take(most).collect();
    Some(cut.trim().to_owned()).filter(|label| !label.is_empty())
}

/// Tags as our fields take them: cut, without `#`, each once, as many as there may be.
#[must_use]
pub fn tags<'a>(given: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for tag in given {
        let Some(tag) = label(tag.trim().trim_start_matches('#'), limit::TAG) else { continue };
        if kept.len() < limit::TAGS && !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    kept
}

/// A list of texts, or one with commas between them.
#[must_use]
pub fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => text.split(',').map(str::trim).collect(),
        _ => Vec::new(),
    }
}

/// The text of a field, if it has one.
#[must_use]
pub fn text_of<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str().filter(|text| !text::is_blank(text))
}

/// Our type of that name, or of one that means the same; `None` for others.
#[must_use]
pub fn kind(name: &str) -> Option<MemoryType> {
    let name = name.trim().to_lowercase();
    let known = MemoryType::parse(&name);
    known.or(match name.as_str() {
        "facts" | "data" => Some(MemoryType::Fact),
        "rule" | "principle" | "guideline" => Some(MemoryType::Instruction),
        "todo" | "task" | "promise" => Some(MemoryType::Commitment),
        "lesson" | "insight" => Some(MemoryType::Learning),
        "bug" => Some(MemoryType::Error),
        "like" | "dislike" => Some(MemoryType::Preference),
        "relation" => Some(MemoryType::Relationship),
        _ => None,
    })
}

/// A moment: ISO 8601, or seconds since 1970.
#[must_use]
pub fn moment(value: Option<&Value>) -> Option<Timestamp> {
    match value? {
        // Some programs write a space where ISO 8601 has a `T`.
        Value::String(text) => Timestamp::parse(text.trim(), false)
            .or_else(|| Timestamp::parse(&text.trim().replacen(' ', "T", 1), false)),
        Value::Number(seconds) => from_seconds(seconds.as_f64()?),
        _ => None,
    }
}

/// A moment from seconds since 1970.
#[must_use]
pub fn from_seconds(seconds: f64) -> Option<Timestamp> {
    let millis = (seconds * 1000.0).round();
    // Beyond the year 9999 it is something else than a time.
    let is_time = millis.is_finite() && millis.abs() < 253_402_207_200_000.0;
    let whole = is_time.then(|| format!("{millis:.0}").parse().ok())?;
    whole.map(Timestamp::from_millis)
}

/// A text in pieces that our field takes, cut where it hurts least: between paragraphs, lines,
/// sentences, words.
#[must_use]
pub fn pieces(text: &str, most: usize) -> Vec<&str> {
    let mut rest = text.trim();
    let mut found = Vec::new();
    while text::chars(rest) > most {
        let end = rest.char_indices().nth(most).map_or(rest.len(), |(at, _)| at);
        let window = &rest[..end];
        let cut = ["\n\n", "\n", ". ", " "]
            .iter()
            .find_map(|mark| {
                let at = window.rfind(mark).map(|at| at + mark.len())?;
                // A cut in the first half would leave a crumb.
                (at > window.len() / 2).then_some(at)
            })
            .unwrap_or(end);
        found.push(rest[..cut].trim());
        rest = rest[cut..].trim_start();
    }
    found.push(rest);
    found.retain(|piece| !piece.is_empty());
    found
}

/// A statement, or, where its text is longer than one may be, several in a thread.
#[must_use]
pub fn whole_or_pieces(place: &str, draft: DraftCopy, thread: &str) -> Vec<Found> {
    if text::is_blank(&draft.content) {
        return vec![Found::wrong(place, "has no text")];
    }
    if text::chars(&draft.content) <= limit::CONTENT {
        return vec![Found::draft(place, draft)];
    }
    let thread = draft.thread.clone().or_else(|| label(thread, 128));
    let content = draft.content.clone();
    let piece = |(at, piece): (i64, &str)| {
        let draft = DraftCopy {
            content: piece.to_owned(),
            thread: thread.clone(),
            position: Some(at),
            ..draft.clone()
        };
        Found::draft(format!("{place}, part {}", at + 1), draft)
    };
    (0..).zip(pieces(&content, limit::CONTENT)).map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_paragraphs_and_lose_no_word() {
        let text = "word ".repeat(30) + "\n\n" + &"next ".repeat(30) + "\n\n" + &"x".repeat(400);

        let found = pieces(&text, 200);

        assert!(found.iter().all(|piece| text::chars(piece) <= 200));
        assert_eq!(found[0], "word ".repeat(30).trim());
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
        assert_eq!(found.iter().map(|piece| letters(piece)).sum::<usize>(), letters(&text));
    }

    #[test]
    fn pieces_are_cut_between_characters() {
        let text = "é".repeat(25);

        let found = pieces(&text, 10);

        assert_eq!(found.iter().map(|piece| text::chars(piece)).collect::<Vec<_>>(), [10, 10, 5]);
    }

    #[test]
    fn labels_and_tags_are_made_to_fit() {
        assert_eq!(label("  two\nlines ", 64).as_deref(), Some("two lines"));
        assert_eq!(label(" \n ", 64), None);
        assert_eq!(tags(["#a", "a", "", "b "]), ["a", "b"]);
    }

    #[test]
    fn moments_are_read_in_the_ways_that_programs_write_them() {
        let shown = |value: Value| moment(Some(&value)).map(|at| at.to_string());

        assert_eq!(
            shown("2026-01-02 03:04:05".into()).as_deref(),
            Some("2026-01-02T03:04:05.000Z")
        );
        let zoned = shown("2024-09-03T10:16:05.490548-07:00".into());
        assert_eq!(zoned.as_deref(), Some("2024-09-03T17:16:05.490Z"));
        assert_eq!(shown(1_700_000_000.5.into()).as_deref(), Some("2023-11-14T22:13:20.500Z"));
        assert_eq!(shown("soon".into()), None);
        assert_eq!(shown(1e300.into()), None);
    }
}
