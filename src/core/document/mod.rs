//! Documents cut into parts that are each worth keeping for themselves: text and Markdown into
//! passages, a table into rows, JSON into elements. Each part knows its place in the document.
//!
//! Nothing is added to what stands there, and a document is cut whole or refused.

mod csv;
mod json;
mod passages;
#[cfg(test)]
mod tests;

use super::error::{Error, Result};
use super::text;

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub content: String,
    /// Where it stands: `line 3`, `lines 3-9`, `row 4`, `element 0`.
    pub place: String,
    /// What it is headed by, in one line.
    pub title: Option<String>,
}

/// A kind of document that can be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Markdown,
    Csv,
    Json,
}

/// What documents may be called.
pub const ENDINGS: &str = ".txt, .md, .csv, .json";

/// The longest part, in characters.
pub const LONGEST: usize = 10_000;

impl Format {
    /// The format that a file's name tells, by its ending.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Text),
            "md" => Some(Self::Markdown),
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// The parts of a document, in its order.
///
/// # Errors
/// `INVALID_ARGUMENT` for what is no UTF-8, with the place of the byte; for a table or JSON that can't
/// be read, with the row or line; for a row or element that is longer than a part may be.
pub fn parts(format: Format, bytes: &[u8]) -> Result<Vec<Part>> {
    let document = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Error::invalid("file", format!("must be UTF-8, and byte {at} begins none"))
            .with_fix("save it as UTF-8")
    })?;
    let document = document.strip_prefix('\u{FEFF}').unwrap_or(document);
    if let Some(at) = document.find('\0') {
        return Err(Error::invalid("file", format!("must be text, and byte {at} is NUL")));
    }
    match format {
        Format::Text => Ok(passages::cut(document, false)),
        Format::Markdown => Ok(passages::cut(document, true)),
        Format::Csv => csv::rows(document),
        Format::Json => json::elements(document),
    }
}

/// Refuses a part that is too long to be kept.
fn checked(part: Part) -> Result<Part> {
    if text::chars(&part.content) > LONGEST {
        let rule =
            format!("must hold at most {LONGEST} characters a part, and {} has more", part.place);
        return Err(Error::invalid("file", rule));
    }
    Ok(part)
}
