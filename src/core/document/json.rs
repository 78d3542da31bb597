//! JSON: the elements of a list, or the one object that there is.

use serde_json::Value;

use super::{Part, checked};
use crate::core::error::{Error, Result};
use crate::core::text::{is_blank, one_line};

/// What an element may call its text.
const TEXTS: [&str; 5] = ["content", "text", "memory", "body", "message"];

/// The elements: of the list, or of the one list that stands in an object.
pub(super) fn elements(text: &str) -> Result<Vec<Part>> {
    if is_blank(text) {
        return Ok(Vec::new());
    }
    let document: Value = serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::invalid("file", format!("must be JSON, and at {place} it isn't"))
    })?;
    let elements = match document {
        Value::Array(elements) => elements,
        Value::Object(mut fields) => {
            let lists = fields.values().filter(|value| value.is_array()).count();
            let only = fields.values_mut().find(|value| value.is_array()).filter(|_| lists == 1);
            match only.map(Value::take) {
                Some(Value::Array(elements)) => elements,
                _ => vec![Value::Object(fields)],
            }
        }
        other => vec![other],
    };
    let part = |(at, element): (usize, Value)| {
        let title = element["title"].as_str().filter(|title| !is_blank(title));
        let title = title.map(|title| one_line(title, 100));
        let content = content(element)?;
        Some(checked(Part { content, place: format!("element {at}"), title }))
    };
    elements.into_iter().enumerate().filter_map(part).collect()
}

/// An element as text: its own, or a line for each of its fields. `None` where it says nothing.
fn content(element: Value) -> Option<String> {
    let content = match element {
        Value::Null => return None,
        Value::String(text) => text,
        Value::Object(fields) => {
            let own = TEXTS.iter().find_map(|name| fields.get(*name)?.as_str());
            match own {
                Some(text) => text.to_owned(),
                None => fields.iter().filter_map(line).collect::<Vec<_>>().join("\n"),
            }
        }
        other => other.to_string(),
    };
    (!is_blank(&content)).then_some(content)
}

fn line((name, value): (&String, &Value)) -> Option<String> {
    let value = match value {
        Value::Null => return None,
        Value::String(text) if is_blank(text) => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(format!("{name}: {value}"))
}
