//! Finds secrets in a text: one pass over all beginnings, then a closer look at the formats that
//! may be there.

use std::borrow::Cow;
use std::ops::Range;

use regex::{Regex, RegexBuilder, RegexSet};

use super::PatternError;
use super::values::{Check, FORMATS, Format};

/// The formats, compiled.
#[derive(Debug)]
pub(super) struct Formats {
    /// All beginnings at once: one pass says which built-in formats are worth a closer look,
    /// usually none.
    ///
    /// Not the whole patterns: with their counted repeats a hostile text could fill the cache of
    /// the lazy automaton and leave every later search a hundred times slower.
    starts: RegexSet,
    /// The built-in formats in the table's order, then the configured ones.
    each: Vec<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    kind: Cow<'static, str>,
    pattern: Regex,
    check: Check,
}

impl Compiled {
    fn built_in(format: &Format) -> Self {
        let pattern = format!("(?:{})(?:{})", format.start, format.rest);
        Self {
            kind: Cow::Borrowed(format.kind),
            pattern: Regex::new(&pattern).expect(TESTED),
            check: format.check,
        }
    }
}

/// Why compiling the built-in table can't fail.
pub(super) const TESTED: &str = "a test compiles the whole table";

/// A secret's place in a text.
#[derive(Debug)]
pub(super) struct Span<'f> {
    pub(super) range: Range<usize>,
    pub(super) kind: &'f str,
}

impl Formats {
    /// Compiles the built-in table and more formats of `(kind, pattern)`.
    pub(super) fn compile(extra: &[(String, String)]) -> Result<Self, PatternError> {
        let starts = FORMATS.iter().map(|format| format.start);
        let starts = RegexSet::new(starts).expect(TESTED);
        let mut each: Vec<Compiled> = FORMATS.iter().map(Compiled::built_in).collect();
        for (kind, pattern) in extra {
            each.push(Compiled {
                kind: Cow::Owned(kind.clone()),
                pattern: usable(kind, pattern)
                    .ok_or_else(|| PatternError { kind: kind.clone() })?,
                check: |_| true,
            });
        }
        Ok(Self { starts, each })
    }

    /// The secrets of a text in order, apart from one another.
    pub(super) fn find(&self, text: &str) -> Vec<Span<'_>> {
        let mut found = Vec::new();
        let likely = self.starts.matches(text).into_iter();
        // Configured formats have no known beginning; each is searched for on its own.
        for at in likely.chain(FORMATS.len()..self.each.len()) {
            let Compiled { kind, pattern, check } = &self.each[at];
            for captures in pattern.captures_iter(text) {
                let part = captures.name("secret").or_else(|| captures.get(0));
                if let Some(part) = part.filter(|part| !part.is_empty() && check(&captures)) {
                    found.push(Span { range: part.range(), kind });
                }
            }
        }
        // Stable, so that of two that begin together the table's earlier line leads.
        found.sort_by_key(|span| span.range.start);
        found.dedup_by(|next, kept| {
            let overlaps = next.range.start < kept.range.end;
            if overlaps {
                kept.range.end = kept.range.end.max(next.range.end);
            }
            overlaps
        });
        found
    }
}

/// A caller's own pattern, if it can serve: it compiles, small, and doesn't match nothing at all.
fn usable(kind: &str, pattern: &str) -> Option<Regex> {
    // The kind is shown in every answer and in redacted text, so it must be plain.
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.".contains(c);
    if kind.is_empty() || kind.len() > 40 || !kind.chars().all(plain) {
        return None;
    }
    let build = |pattern: &str| RegexBuilder::new(pattern).size_limit(1 << 20).build();
    // Unicode case folding isn't compiled in, so a bare `(?i)` works only as its ASCII form.
    let regex = build(pattern).or_else(|_| build(&format!("(?-u){pattern}")));
    regex.ok().filter(|regex| !regex.is_match(""))
}
