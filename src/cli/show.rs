//! What people read on a terminal. The only file that prints.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

use clap::ArgMatches;
use serde_json::{Map, Value};

use crate::core::error::Error;

/// A line of data, on standard output. A reader that has gone away is no failure.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// An answer as the command's `--json` asks.
pub(super) fn either(shown: &Value, matches: &ArgMatches) {
    if matches.get_flag("json") {
        line(&shown.to_string());
    } else {
        answer(shown);
    }
}

/// Whether a terminal shows what is said.
pub(super) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// How far something has come, where somebody watches: on a terminal, in one line that changes.
pub(super) fn progress(text: &str) {
    let mut talk = std::io::stderr();
    if talk.is_terminal() {
        let _ = write!(talk, "\r{text}").and_then(|()| talk.flush());
    }
}

/// Takes the line of [`progress`] away.
pub(super) fn progress_ends() {
    let mut talk = std::io::stderr();
    if talk.is_terminal() {
        let _ = write!(talk, "\r\u{1b}[K").and_then(|()| talk.flush());
    }
}

/// A line of talk, on standard error.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// An error in a line, and the next step in another.
pub(super) fn error(error: &Error) {
    say(&format!("error: {} [{}]", error.message(), error.code().as_str()));
    if let Some(fix) = error.fix() {
        say(&format!("  fix: {fix}"));
    }
    if let Some(cause) = error.cause()
        && error.code().http() >= 500
    {
        say(&format!("  cause: {cause}"));
    }
}

/// An answer, for a reader: a field a line, lists of objects as paragraphs.
pub(super) fn answer(answer: &Value) {
    let mut text = String::new();
    match answer {
        Value::Object(fields) => object(fields, "", &mut text),
        other => text.push_str(&plain(other)),
    }
    line(text.trim_end());
}

fn object(fields: &Map<String, Value>, indent: &str, text: &mut String) {
    let is_block =
        |value: &Value| value.as_array().is_some_and(|list| list.iter().any(Value::is_object));
    let width = fields.iter().filter(|(_, value)| !is_block(value)).map(|(name, _)| name.len());
    let width = width.max().unwrap_or(0);
    for (name, value) in fields.iter().filter(|(_, value)| !is_block(value)) {
        let shown = plain(value).replace('\n', &format!("\n{indent}{:width$}  ", ""));
        let _ = writeln!(text, "{indent}{name:width$}  {shown}");
    }
    for (name, value) in fields.iter().filter(|(_, value)| is_block(value)) {
        let _ = writeln!(text, "\n{indent}{name}");
        for (at, item) in value.as_array().into_iter().flatten().enumerate() {
            if at > 0 {
                text.push('\n');
            }
            match item {
                Value::Object(fields) => object(fields, &format!("{indent}  "), text),
                other => {
                    let _ = writeln!(text, "{indent}  {}", plain(other));
                }
            }
        }
    }
}

/// A value in one line. Control characters of stored text can't move the cursor or change colours.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => {
            text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
        }
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let pair = |(name, value): (&String, &Value)| format!("{name} {}", plain(value));
            fields.iter().map(pair).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_text_cannot_steer_the_terminal() {
        let shown = plain(&Value::from("\u{1b}[31mred\u{7}"));

        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{7}'));
    }

    #[test]
    fn fields_are_aligned_and_lists_are_paragraphs() {
        let mut text = String::new();
        let answer = serde_json::json!({ "count": 1, "hits": [{ "id": "mem_1", "score": 0.5 }] });

        object(answer.as_object().expect("an object"), "", &mut text);

        assert_eq!(text, "count  1\n\nhits\n  id     mem_1\n  score  0.5\n");
    }
}
