//! Text that came out of recall and is remembered again: what a text quotes, when it holds nothing
//! but quotations.
//!
//! Whether what it quotes is really held is for the store to say. So nothing is lost if a text only
//! looks like an echo.

use serde_json::Value;

use crate::core::id::MemoryId;

/// How many quotations are read from one text.
const MOST: usize = 100;

/// Words of which one stands in what announces an echo: `Recalled memory:`, `From memory:`.
const ANNOUNCE: [&str; 7] =
    ["recalled", "recall", "memory", "memories", "remembered", "memoranda", "hits"];

/// The ways to read a text as quotations: each is a list of statements. None for a text that quotes
/// nothing.
#[must_use]
pub fn readings(content: &str) -> Vec<Vec<String>> {
    let content = content.trim();
    if let Some(quoted) = from_json(content) {
        return vec![quoted];
    }
    let announced = without_announcement(content);
    let rest = announced.unwrap_or(content);
    let whole = bare(rest);
    let lines: Vec<&str> =
        rest.lines().map(bare).filter(|line| !line.is_empty()).take(MOST + 1).collect();
    let mut readings: Vec<Vec<String>> = Vec::new();
    if whole != content && !whole.is_empty() {
        readings.push(vec![whole.to_owned()]);
    }
    if (2..=MOST).contains(&lines.len()) {
        readings.push(lines.into_iter().map(str::to_owned).collect());
    }
    readings
}

/// What stands after an announcement.
fn without_announcement(content: &str) -> Option<&str> {
    let (announcement, rest) = content.split_once(':')?;
    let is_short = announcement.len() <= 80 && !announcement.contains(['\n', '.']);
    let announces = announcement.split_whitespace().any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_').to_lowercase();
        ANNOUNCE.contains(&word.as_str())
    });
    Some(rest.trim()).filter(|rest| is_short && announces && !rest.is_empty())
}

/// A line without the marker of its list, and without the id of a memory at either end.
fn bare(line: &str) -> &str {
    let mut line = without_id(without_marker(line.trim()));
    let quotes = [('"', '"'), ('“', '”'), ('«', '»')];
    for (open, close) in quotes {
        if let Some(inner) = line.strip_prefix(open).and_then(|line| line.strip_suffix(close)) {
            line = inner;
        }
    }
    line.trim()
}

fn without_marker(line: &str) -> &str {
    let unmarked = line.trim_start_matches(['-', '*', '•', '>']).trim_start();
    let rest = unmarked.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = rest.len() < unmarked.len() && rest.len() + 3 >= unmarked.len();
    let rest = rest.strip_prefix(['.', ')']).filter(|rest| is_numbered && rest.starts_with(' '));
    rest.map_or(unmarked, str::trim_start)
}

fn without_id(line: &str) -> &str {
    let is_id = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.parse::<MemoryId>().is_ok()
    };
    if let Some((first, rest)) = line.split_once(char::is_whitespace)
        && is_id(first)
    {
        return rest.trim_start();
    }
    if let Some((rest, last)) = line.rsplit_once(char::is_whitespace)
        && is_id(last)
    {
        return rest.trim_end();
    }
    line
}

/// The statements of an answer of ours, given as it came.
fn from_json(content: &str) -> Option<Vec<String>> {
    let inner = content.strip_prefix("```json").or_else(|| content.strip_prefix("```"));
    let inner = inner.and_then(|inner| inner.strip_suffix("```")).unwrap_or(content).trim();
    if !inner.starts_with(['{', '[']) {
        return None;
    }
    let value: Value = serde_json::from_str(inner).ok()?;
    let quoted = match &value {
        Value::Array(all) => all.iter().map(statement).collect::<Option<Vec<_>>>()?,
        Value::Object(fields) => {
            match ["hits", "memories", "items"].iter().find_map(|name| fields.get(*name)) {
                Some(Value::Array(all)) => all.iter().map(statement).collect::<Option<Vec<_>>>()?,
                _ => vec![statement(&value)?],
            }
        }
        _ => return None,
    };
    Some(quoted).filter(|quoted| (1..=MOST).contains(&quoted.len()))
}

/// What a memory says that is written as we write it.
fn statement(memory: &Value) -> Option<String> {
    let is_ours = memory["id"].as_str().is_some_and(|id| id.parse::<MemoryId>().is_ok());
    memory["content"].as_str().filter(|_| is_ours).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "mem_01JD8ZQ501JD8ZQ501JD8ZQ501";

    fn only(content: &str) -> Vec<String> {
        readings(content).into_iter().next().unwrap_or_default()
    }

    #[test]
    fn a_wrapped_statement_is_what_it_quotes() {
        for content in [
            "Recalled memory: The heron nests here.",
            "From memory: \"The heron nests here.\"",
            "According to my memories:\nThe heron nests here.",
            &format!("{ID}: The heron nests here."),
            &format!("[{ID}] The heron nests here."),
            &format!("Recalled: - The heron nests here. ({ID})"),
            "1. The heron nests here.",
            "> The heron nests here.",
            &format!(r#"{{"id": "{ID}", "content": "The heron nests here.", "score": 1}}"#),
            &format!("```json\n[{{\"id\":\"{ID}\",\"content\":\"The heron nests here.\"}}]\n```"),
        ] {
            assert_eq!(only(content), ["The heron nests here."], "{content}");
        }
    }

    #[test]
    fn a_list_of_hits_is_each_of_them() {
        let listed = format!("Relevant memories:\n- [{ID}] Ada likes tea.\n2) Bo likes milk.\n");
        let answer = format!(
            r#"{{"hits": [{{"id": "{ID}", "content": "Ada likes tea."}},
                          {{"id": "{ID}", "content": "Bo likes milk."}}], "count": 2}}"#
        );

        assert_eq!(readings(&listed)[1], ["Ada likes tea.", "Bo likes milk."]);
        assert_eq!(only(&answer), ["Ada likes tea.", "Bo likes milk."]);
    }

    #[test]
    fn what_quotes_nothing_has_no_reading() {
        for content in [
            "The heron nests here.",
            "Decision: the heron stays.",
            "",
            ":",
            "memory:",
            "{\"content\": \"no id\"}",
            "[1, 2]",
            "{broken",
            ID,
        ] {
            assert!(readings(content).is_empty(), "{content}: {:?}", readings(content));
        }
    }

    #[test]
    fn a_number_that_begins_a_statement_is_no_marker() {
        assert!(readings("1.5 million users signed up.").is_empty());
        assert!(readings("2026 was good.").is_empty());
    }
}
