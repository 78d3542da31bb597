//! The lossless form: JSON Lines, each line sealed.
//!
//! Each line ends in `sum`: 16 hexadecimal digits of a SHA-256 over the sum of the line before it
//! and the line itself. So a line that was changed, taken out or moved is named, where one checksum
//! at the end would only say that something is wrong. The trailer has the number of lines before
//! it and the SHA-256 of them all: without it, the file was cut off.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::memory::copy::{FORMAT, FORMAT_VERSION};

/// What stands before a line's sum.
const BEFORE_SUM: &str = ",\"sum\":\"";

/// How many digits a sum has.
const SUM: usize = 16;

/// Seals the lines of an export.
#[derive(Default)]
pub struct Seal {
    last: String,
    all: Sha256,
    count: u64,
}

impl Seal {
    /// A record as a line, without its end.
    #[must_use]
    pub fn line(&mut self, record: &Map<String, Value>) -> String {
        let mut line = Value::Object(record.clone()).to_string();
        let sum = sum(&self.last, &line);
        line.truncate(line.len() - 1);
        line.push_str(BEFORE_SUM);
        line.push_str(&sum);
        line.push_str("\"}");
        self.pass(&line, sum);
        line
    }

    /// The last line.
    #[must_use]
    pub fn trailer(self) -> String {
        let all = hexadecimal(&self.all.finalize());
        json!({ "record": "trailer", "lines": self.count, "sha256": all }).to_string()
    }

    fn pass(&mut self, line: &str, sum: String) {
        self.all.update(line);
        self.all.update("\n");
        self.last = sum;
        self.count += 1;
    }
}

/// How a line is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It isn't what was written, or not in its place.
    Altered,
    /// It has no sum: another form, or not a whole line.
    NotSealed,
    /// The first line is no header.
    NoHeader,
    /// The header is of a version that this program doesn't know.
    Newer,
    /// The trailer tells of other lines.
    WrongTrailer,
    /// Something follows the trailer.
    AfterTrailer,
}

impl Flaw {
    /// What is said of the line, after its number.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Flaw::Altered => "is not what was exported, or lines before it are missing",
            Flaw::NotSealed => "is not a line of an export, or was cut off",
            Flaw::NoHeader => "must be the header of an export",
            Flaw::Newer => "names a version of the format that this program doesn't know",
            Flaw::WrongTrailer => "is the trailer of other lines",
            Flaw::AfterTrailer => "stands after the trailer",
        }
    }
}

/// Checks the lines of an export, one after the other.
#[derive(Default)]
pub struct Check {
    seal: Seal,
    is_whole: bool,
}

impl Check {
    /// Passes the next line; gives its record, or `None` for header and trailer.
    ///
    /// # Errors
    /// How the line is wrong.
    pub fn pass(&mut self, line: &str) -> Result<Option<Map<String, Value>>, Flaw> {
        if self.is_whole {
            return Err(Flaw::AfterTrailer);
        }
        let Ok(Value::Object(mut record)) = serde_json::from_str(line) else {
            return Err(Flaw::NotSealed);
        };
        if record.get("record") == Some(&json!("trailer")) {
            let trailer = std::mem::take(&mut self.seal).trailer();
            self.is_whole = line == trailer;
            return if self.is_whole { Ok(None) } else { Err(Flaw::WrongTrailer) };
        }
        let (text, sum) = parted(line).ok_or(Flaw::NotSealed)?;
        if self::sum(&self.seal.last, &text) != sum {
            return Err(Flaw::Altered);
        }
        let is_first = self.seal.count == 0;
        self.seal.pass(line, sum.to_owned());
        if !is_first {
            record.shift_remove("sum");
            return Ok(Some(record));
        }
        if record.get("record") != Some(&json!("header"))
            || record.get("format") != Some(&json!(FORMAT))
        {
            return Err(Flaw::NoHeader);
        }
        if record.get("version") != Some(&json!(FORMAT_VERSION)) {
            return Err(Flaw::Newer);
        }
        Ok(None)
    }

    /// Whether the trailer has come.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

/// A line as it was before it was sealed, and its sum.
fn parted(line: &str) -> Option<(String, &str)> {
    let sealed = line.strip_suffix("\"}")?;
    let at = sealed.len().checked_sub(SUM)?;
    let text = sealed.get(..at)?.strip_suffix(BEFORE_SUM)?;
    Some((format!("{text}}}"), sealed.get(at..)?))
}

fn sum(last: &str, line: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(last);
    hash.update(line);
    let mut sum = hexadecimal(&hash.finalize());
    sum.truncate(SUM);
    sum
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An export of some lines.
    fn export(count: usize) -> Vec<String> {
        let mut seal = Seal::default();
        let header = json!({ "record": "header", "format": FORMAT, "version": FORMAT_VERSION });
        let mut records = vec![header];
        records.extend((0..count).map(|at| json!({ "record": "agent", "text": "ü\"}", "at": at })));
        let mut lines: Vec<String> = records
            .iter()
            .map(|record| seal.line(record.as_object().expect("an object")))
            .collect();
        lines.push(seal.trailer());
        lines
    }

    /// The first line that is wrong, from 1, and how.
    fn first_flaw(lines: &[String]) -> Option<(usize, Flaw)> {
        let mut check = Check::default();
        (1..).zip(lines).find_map(|(number, line)| Some((number, check.pass(line).err()?)))
    }

    #[test]
    fn what_was_sealed_comes_back_as_it_was() {
        let lines = export(3);
        let mut check = Check::default();

        let records = lines.iter().filter_map(|line| check.pass(line).expect("whole"));
        let records: Vec<_> = records.collect();

        assert_eq!(records.len(), 3);
        assert_eq!(Value::Object(records[1].clone())["at"], 1);
        assert!(records[1].get("sum").is_none());
        assert!(check.is_whole());
    }

    #[test]
    fn a_line_that_was_changed_is_named() {
        let mut lines = export(5);
        lines[3] = lines[3].replace("\"at\":2", "\"at\":7");

        assert_eq!(first_flaw(&lines), Some((4, Flaw::Altered)));
    }

    #[test]
    fn a_line_that_is_missing_or_moved_shows_at_the_next() {
        let mut cut = export(5);
        cut.remove(3);
        let mut moved = export(5);
        moved.swap(3, 4);

        assert_eq!(first_flaw(&cut), Some((4, Flaw::Altered)));
        assert_eq!(first_flaw(&moved), Some((4, Flaw::Altered)));
    }

    #[test]
    fn a_file_that_was_cut_off_is_not_whole() {
        let lines = export(5);
        let mut check = Check::default();

        assert!(lines[..5].iter().all(|line| check.pass(line).is_ok()));

        assert!(!check.is_whole());
        assert_eq!(check.pass(&lines[5][..20]), Err(Flaw::NotSealed));
    }

    #[test]
    fn another_trailer_and_what_follows_it_are_refused() {
        let mut other = export(5);
        other[6] = export(4)[5].clone();
        let mut more = export(5);
        more.push(more[1].clone());

        assert_eq!(first_flaw(&other), Some((7, Flaw::WrongTrailer)));
        assert_eq!(first_flaw(&more), Some((8, Flaw::AfterTrailer)));
    }

    #[test]
    fn a_newer_version_is_refused() {
        let header = json!({ "record": "header", "format": FORMAT, "version": FORMAT_VERSION + 1 });
        let line = Seal::default().line(header.as_object().expect("an object"));

        assert_eq!(first_flaw(&[line]), Some((1, Flaw::Newer)));
    }
}
