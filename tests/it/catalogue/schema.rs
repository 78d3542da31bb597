//! Reading JSON schemas of the plain kind that the catalogue makes, and checking values by them.

use serde_json::{Map, Value};

/// Every schema within a schema, itself included, each with its path.
pub fn parts(schema: &Value) -> Vec<(String, &Map<String, Value>)> {
    let mut found = Vec::new();
    collect(schema, String::new(), &mut found);
    found
}

fn collect<'s>(schema: &'s Value, path: String, found: &mut Vec<(String, &'s Map<String, Value>)>) {
    let Some(part) = schema.as_object() else { return };
    found.push((path.clone(), part));
    for (name, field) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        collect(field, below, found);
    }
    for word in ["items", "additionalProperties"] {
        if let Some(inner) = part.get(word) {
            collect(inner, format!("{path}[]"), found);
        }
    }
}

/// Every property at any depth, with its path.
pub fn fields(schema: &Value) -> Vec<(String, Value)> {
    let is_field = |path: &String| !path.is_empty() && !path.ends_with(']');
    let all = parts(schema).into_iter().filter(|(path, _)| is_field(path));
    all.map(|(path, part)| (path, Value::Object(part.clone()))).collect()
}

/// What of a value breaks its schema. Stricter than the standard: a field that the schema doesn't
/// name is an error, and so is a word of a schema that isn't known here.
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(schema, value, "", &mut faults);
    faults
}

const KNOWN: [&str; 17] = [
    "type",
    "properties",
    "required",
    "items",
    "enum",
    "const",
    "description",
    "format",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "additionalProperties",
    "pattern",
    "x-rare",
];

fn check(schema: &Value, value: &Value, path: &str, faults: &mut Vec<String>) {
    let Some(part) = schema.as_object() else {
        // `true`: anything goes, as in the summary of an event.
        return;
    };
    let mut fault = |what: String| faults.push(format!("`{path}` {what}"));
    for word in part.keys().filter(|word| !KNOWN.contains(&word.as_str())) {
        fault(format!("has a schema with `{word}`, which this reader doesn't know"));
    }
    let is_of_kind = match part.get("type").and_then(Value::as_str) {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some(_) => false,
        None => true,
    };
    if !is_of_kind {
        fault(format!("isn't {}: {value}", part["type"]));
    }
    let choices = part.get("enum").and_then(Value::as_array);
    if choices.is_some_and(|choices| !choices.contains(value)) {
        fault(format!("is none of the choices: {value}"));
    }
    if part.get("format").is_some_and(|format| format == "date-time") {
        let time = value.as_str().filter(|text| text.len() == 24 && text.ends_with('Z'));
        if time.is_none() {
            fault(format!("is no time: {value}"));
        }
    }
    let pattern = part.get("pattern").and_then(Value::as_str).map(regex::Regex::new);
    if let Some((pattern, text)) = pattern.zip(value.as_str())
        && !pattern.expect("a pattern").is_match(text)
    {
        fault(format!("doesn't match its pattern: {value}"));
    }
    let size = value.as_f64().or_else(|| value.as_array().map(|items| items.len() as f64));
    for (least, most) in [("minimum", "maximum"), ("minItems", "maxItems")] {
        let bound = |word: &str| part.get(word).and_then(Value::as_f64);
        let is_under = bound(least).zip(size).is_some_and(|(least, size)| size < least);
        let is_over = bound(most).zip(size).is_some_and(|(most, size)| size > most);
        if is_under || is_over {
            fault(format!("is out of bounds: {value}"));
        }
    }
    for name in part.get("required").and_then(Value::as_array).into_iter().flatten() {
        if value.get(name.as_str().unwrap_or_default()).is_none() {
            fault(format!("lacks {name}"));
        }
    }
    for item in value.as_array().into_iter().flatten() {
        check(part.get("items").unwrap_or(&Value::Null), item, &format!("{path}[]"), faults);
    }
    let Some(properties) = part.get("properties") else { return };
    for (name, field) in value.as_object().into_iter().flatten() {
        match properties.get(name) {
            Some(schema) => check(schema, field, &format!("{path}.{name}"), faults),
            None => faults.push(format!("`{path}` has `{name}`, which its schema doesn't name")),
        }
    }
}

#[test]
fn the_reader_finds_every_kind_of_fault() {
    let schema = serde_json::json!({
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": { "type": "string" },
            "at": { "type": "string", "format": "date-time" },
            "kind": { "type": "string", "enum": ["fact"] },
            "score": { "type": "number", "minimum": 0, "maximum": 1 },
            "hits": { "type": "array", "items": { "type": "object", "properties": {} } },
        }
    });
    let good = serde_json::json!({ "id": "x", "kind": "fact", "score": 1.0, "hits": [{}] });

    assert!(faults(&schema, &good).is_empty());
    for bad in [
        serde_json::json!([]),
        serde_json::json!({}),
        serde_json::json!({ "id": 1 }),
        serde_json::json!({ "id": "x", "at": "today" }),
        serde_json::json!({ "id": "x", "kind": "goal" }),
        serde_json::json!({ "id": "x", "score": 2 }),
        serde_json::json!({ "id": "x", "hits": [{ "more": 1 }] }),
        serde_json::json!({ "id": "x", "hits": null }),
    ] {
        assert!(!faults(&schema, &bad).is_empty(), "{bad}");
    }
}
