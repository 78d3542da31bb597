//! Tables: comma-separated values (RFC 4180), with semicolons or tabs where the first line says so.

use super::{Part, checked};
use crate::core::error::{Error, Result};
use crate::core::text::{is_blank, one_line};

/// The rows of a table, each as lines of `column: value`; the first row names the columns.
pub(super) fn rows(text: &str) -> Result<Vec<Part>> {
    let first_line = text.lines().next().unwrap_or_default();
    let count = |mark: char| first_line.matches(mark).count();
    let mark = [',', ';', '\t'].into_iter().rev().max_by_key(|mark| count(*mark)).unwrap_or(',');
    let mut rows = read(text, mark)?.into_iter();
    let Some((_, names)) = rows.next() else { return Ok(Vec::new()) };
    let mut parts = Vec::new();
    for (row, values) in rows {
        let line = |(at, value): (usize, &String)| {
            let name = names.get(at).map_or("", |name| name.trim());
            let value = value.trim();
            match (name.is_empty(), is_blank(value)) {
                (_, true) => None,
                (true, _) => Some(value.to_owned()),
                (false, _) => Some(format!("{}: {value}", one_line(name, 100))),
            }
        };
        let lines: Vec<String> = values.iter().enumerate().filter_map(line).collect();
        if !lines.is_empty() {
            let content = lines.join("\n");
            parts.push(checked(Part { content, place: format!("row {row}"), title: None })?);
        }
    }
    Ok(parts)
}

/// The rows with their numbers, from 1; lines without any value are no rows.
fn read(text: &str, mark: char) -> Result<Vec<(usize, Vec<String>)>> {
    let mut rows = Vec::new();
    let (mut row, mut value) = (Vec::new(), String::new());
    let (mut number, mut began) = (1, 1);
    let (mut is_quoted, mut was_quoted) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                value.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            c if is_quoted => value.push(c),
            '"' if value.is_empty() && !was_quoted => {
                (is_quoted, was_quoted, began) = (true, true, number);
            }
            '"' => return Err(wrong(number, "a quote stands where none may")),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                row.push(std::mem::take(&mut value));
                let whole = std::mem::take(&mut row);
                if whole.iter().any(|value| !value.is_empty()) {
                    rows.push((number, whole));
                }
                (number, was_quoted) = (number + 1, false);
            }
            c if c == mark => {
                row.push(std::mem::take(&mut value));
                was_quoted = false;
            }
            c if was_quoted && !c.is_whitespace() => {
                return Err(wrong(number, "text follows a closing quote"));
            }
            c => value.push(c),
        }
    }
    if is_quoted {
        return Err(wrong(began, "a quote is never closed"));
    }
    row.push(value);
    if row.iter().any(|value| !value.is_empty()) {
        rows.push((number, row));
    }
    Ok(rows)
}

fn wrong(row: usize, what: &str) -> Error {
    Error::invalid(
        "file",
        format!("must be a table of comma-separated values: in row {row} {what}"),
    )
}
