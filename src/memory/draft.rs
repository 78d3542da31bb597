//! The rules of writing: what a caller gives, made whole or refused field by field.
//!
//! Shape (types, lengths, ranges, the words of an enum) is the input schema's and is checked before
//! this; here stand the rules that a schema can't say.

use super::fields::{MemoryType, Provenance, Visibility, Voice};
use super::kind;
use super::memory::Statement;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::{text, when};

/// Limits that callers are told. Lengths count Unicode characters.
pub mod limit {
    pub const CONTENT: usize = 10_000;
    pub const TITLE: usize = 100;
    pub const TAGS: usize = 20;
    pub const TAG: usize = 64;
    pub const BATCH: usize = 100;
}

/// What a caller gave of a memory; `None` is left out.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub content: Option<String>,
    pub title: Option<String>,
    pub memory_type: Option<MemoryType>,
    pub tags: Option<Vec<String>>,
    pub confidence: Option<f64>,
    pub provenance: Option<Provenance>,
    pub voice: Option<Voice>,
    pub source: Option<String>,
    pub source_ref: Option<String>,
    pub thread: Option<String>,
    pub position: Option<i64>,
    pub speaker: Option<String>,
    pub visibility: Option<Visibility>,
    pub occurred_at: Option<String>,
    pub valid_from: Option<String>,
    pub valid_until: Option<String>,
}

impl Draft {
    /// A whole new statement, with defaults where nothing was given; the type is then chosen by rules. Times in words are seen from
    /// `now`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the field and its rule.
    pub fn into_statement(self, now: Timestamp) -> Result<Statement> {
        let Some(content) = &self.content else {
            return Err(Error::invalid("content", "is required"));
        };
        let chosen = self.memory_type.unwrap_or_else(|| kind::of(content));
        let nothing = Statement {
            content: String::new(),
            title: String::new(),
            has_own_title: false,
            memory_type: chosen,
            tags: Vec::new(),
            confidence: 0.8,
            provenance: Provenance::default(),
            voice: None,
            source: None,
            source_ref: None,
            thread: None,
            position: None,
            speaker: None,
            visibility: Visibility::default(),
            occurred_at: None,
            valid_from: None,
            valid_until: None,
        };
        self.applied_to(&nothing, now)
    }

    /// A statement changed where something was given. Times in words are seen from `now`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the field and its rule.
    pub fn applied_to(self, before: &Statement, now: Timestamp) -> Result<Statement> {
        let mut after = before.clone();
        if let Some(content) = self.content {
            after.content = full_text("content", content, limit::CONTENT)?;
        }
        if let Some(title) = self.title {
            after.title = line("title", title, limit::TITLE)?;
            after.has_own_title = true;
        }
        if !after.has_own_title {
            after.title = text::one_line(&after.content, limit::TITLE);
        }
        if let Some(tags) = self.tags {
            after.tags = checked_tags(tags)?;
        }
        after.memory_type = self.memory_type.unwrap_or(after.memory_type);
        after.confidence = self.confidence.unwrap_or(after.confidence);
        after.provenance = self.provenance.unwrap_or(after.provenance);
        after.visibility = self.visibility.unwrap_or(after.visibility);
        after.voice = self.voice.or(after.voice);
        after.position = self.position.or(after.position);
        for (field, given, place, most) in [
            ("source", self.source, &mut after.source, 64),
            ("source_ref", self.source_ref, &mut after.source_ref, 512),
            ("thread", self.thread, &mut after.thread, 128),
            ("speaker", self.speaker, &mut after.speaker, 64),
        ] {
            if let Some(given) = given {
                *place = Some(line(field, given, most)?);
            }
        }
        for (field, given, place, end) in [
            ("occurred_at", self.occurred_at, &mut after.occurred_at, End::First),
            ("valid_from", self.valid_from, &mut after.valid_from, End::First),
            ("valid_until", self.valid_until, &mut after.valid_until, End::Last),
        ] {
            if let Some(given) = given {
                *place = Some(moment(field, &given, end, now)?);
            }
        }
        if let (Some(from), Some(until)) = (after.valid_from, after.valid_until)
            && until < from
        {
            return Err(Error::invalid("valid_until", "must not be before `valid_from`"));
        }
        Ok(after)
    }
}

/// Which moment of a stretch of time is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    First,
    Last,
}

/// Reads a date or time that a caller gave, in ISO 8601 or in words that are seen from `now`.
///
/// # Errors
/// `INVALID_ARGUMENT` naming the field.
pub fn moment(field: &str, given: &str, end: End, now: Timestamp) -> Result<Timestamp> {
    let found = when::stretch(given, now).ok_or_else(|| {
        Error::invalid(
            field,
            "must be a date or time, such as 2026-11-22, 2026-11-22T09:30:00Z, `yesterday` or `last 7 days`",
        )
    })?;
    Ok(match end {
        End::First => found.from,
        End::Last => found.until,
    })
}

/// Checks a label: a word for programs, such as the reason of a status.
///
/// # Errors
/// `INVALID_ARGUMENT` naming the field.
pub fn label(field: &str, given: String) -> Result<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=64).contains(&given.len()) && given.bytes().all(is_plain) {
        return Ok(given);
    }
    Err(Error::invalid(field, "must be 1 to 64 of the characters A-Z a-z 0-9 . _ -"))
}

/// Checks tags and drops repeated ones; their order stays.
///
/// # Errors
/// `INVALID_ARGUMENT` naming the tag by its place.
pub fn checked_tags(tags: Vec<String>) -> Result<Vec<String>> {
    let mut kept: Vec<String> = Vec::with_capacity(tags.len());
    for (at, tag) in tags.into_iter().enumerate() {
        let field = format!("tags[{at}]");
        let tag = line(&field, tag, limit::TAG)?;
        if tag.starts_with('#') {
            return Err(Error::invalid(&field, "must not begin with `#`"));
        }
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    Ok(kept)
}

/// Checks a text of any shape, and gives it as it is.
///
/// # Errors
/// `INVALID_ARGUMENT` naming the field.
pub fn full_text(field: &str, given: String, most: usize) -> Result<String> {
    if text::is_blank(&given) || text::chars(&given) > most {
        return Err(Error::invalid(field, format!("must be 1 to {most} characters, not blank")));
    }
    if given.contains('\0') {
        return Err(Error::invalid(field, "must not contain the NUL character"));
    }
    Ok(given)
}

/// Checks a text of one line, and gives it without blanks around it.
///
/// # Errors
/// `INVALID_ARGUMENT` naming the field.
pub fn line(field: &str, given: String, most: usize) -> Result<String> {
    let given = if given.trim().len() == given.len() { given } else { given.trim().to_owned() };
    if given.is_empty() || text::chars(&given) > most {
        return Err(Error::invalid(field, format!("must be 1 to {most} characters, not blank")));
    }
    if given.contains(['\n', '\t']) || text::has_control(&given) {
        return Err(Error::invalid(field, "must be one line without control characters"));
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(content: &str) -> Draft {
        Draft { content: Some(content.to_owned()), ..Draft::default() }
    }

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-22T09:30:00Z", false).expect("a time")
    }

    fn refusal(draft: Draft) -> String {
        draft.into_statement(now()).expect_err("refused").message().to_owned()
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let statement =
            draft("We deploy on Fridays.\nNever on Mondays.").into_statement(now()).expect("valid");

        assert_eq!(statement.title, "We deploy on Fridays.");
        assert!((statement.confidence - 0.8).abs() < f64::EPSILON);
        assert_eq!(statement.visibility, Visibility::Team);
    }

    #[test]
    fn each_rule_names_its_field() {
        let long = "é".repeat(limit::CONTENT + 1);

        assert!(refusal(Draft::default()).contains("`content` is required"));
        assert!(refusal(draft(" \n\t ")).starts_with("`content` must be 1 to 10000"));
        assert!(refusal(draft(&long)).starts_with("`content` must be 1 to 10000"));
        assert!(refusal(draft("a\0b")).contains("NUL"));
        assert!(refusal(Draft { title: Some("a\nb".into()), ..draft("x") }).starts_with("`title`"));
        let tags = Some(vec!["ok".to_owned(), "#no".to_owned()]);
        assert!(refusal(Draft { tags, ..draft("x") }).starts_with("`tags[1]` must not begin"));
        let at = Some("someday".to_owned());
        assert!(refusal(Draft { occurred_at: at, ..draft("x") }).starts_with("`occurred_at`"));
    }

    #[test]
    fn ten_thousand_characters_of_any_width_are_taken() {
        assert!(draft(&"é".repeat(limit::CONTENT)).into_statement(now()).is_ok());
    }

    #[test]
    fn a_validity_that_ends_before_it_begins_is_refused() {
        let backwards = Draft {
            valid_from: Some("2026-02-01".into()),
            valid_until: Some("2026-01-31".into()),
            ..draft("x")
        };

        assert!(refusal(backwards).starts_with("`valid_until`"));
    }

    #[test]
    fn times_in_words_are_seen_from_now_each_at_its_own_end() {
        let words = Draft {
            occurred_at: Some("yesterday".into()),
            valid_from: Some("last month".into()),
            valid_until: Some("in 3 days".into()),
            ..draft("x")
        };

        let statement = words.into_statement(now()).expect("valid");

        let shown = |at: Option<Timestamp>| at.expect("set").to_string();
        assert_eq!(shown(statement.occurred_at), "2026-11-21T00:00:00.000Z");
        assert_eq!(shown(statement.valid_from), "2026-10-01T00:00:00.000Z");
        assert_eq!(shown(statement.valid_until), "2026-11-25T23:59:59.999Z");
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let before = Draft { title: Some("Own title".into()), ..draft("before") }
            .into_statement(now())
            .expect("valid");

        let after = draft("after").applied_to(&before, now()).expect("valid");

        assert_eq!(after.content, "after");
        assert_eq!(after.title, "Own title");
    }
}
