//! What a JSON schema asks for, in words.

use serde_json::{Value, json};

/// The kind of value: `text`, `list of text`, or the choices.
pub(super) fn kind(schema: &Value) -> String {
    if let Some(choices) = schema["enum"].as_array() {
        return choices.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ");
    }
    match type_of(schema) {
        "string" if schema["format"] == "date-time" => "time".to_owned(),
        "string" => "text".to_owned(),
        "integer" => "whole number".to_owned(),
        "number" => "number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => format!("list of {}", kind(&schema["items"])),
        "object" => {
            let names = schema["properties"].as_object().into_iter().flatten();
            let names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
            if names.is_empty() {
                "object".to_owned()
            } else {
                format!("objects of {}", names.join(", "))
            }
        }
        _ => String::new(),
    }
}

/// Its bounds, if it has any: `1 to 100 characters`.
pub(super) fn rules(schema: &Value) -> String {
    let (least, most, unit) = match type_of(schema) {
        "string" => ("minLength", "maxLength", " characters"),
        "array" => ("minItems", "maxItems", " items"),
        _ => ("minimum", "maximum", ""),
    };
    match (bound(&schema[least]), bound(&schema[most])) {
        (Some(least), Some(most)) => format!("({least} to {most}{unit})"),
        (Some(least), None) => format!("(at least {least}{unit})"),
        (None, Some(most)) => format!("(at most {most}{unit})"),
        (None, None) => String::new(),
    }
}

/// A value of the right kind, for examples.
pub(super) fn sample(schema: &Value) -> Value {
    if let Some(choice) = schema["enum"].as_array().and_then(|choices| choices.first()) {
        return choice.clone();
    }
    match type_of(schema) {
        "integer" | "number" => {
            Some(&schema["minimum"]).filter(|n| n.is_number()).map_or(json!(1), Value::clone)
        }
        "boolean" => json!(true),
        "array" => json!([sample(&schema["items"])]),
        "object" => json!({}),
        _ => json!("…"),
    }
}

/// The type, without the `null` that stands beside it.
fn type_of(schema: &Value) -> &str {
    let kind = &schema["type"];
    let first = kind.as_array().and_then(|kinds| kinds.iter().find(|kind| *kind != "null"));
    first.unwrap_or(kind).as_str().unwrap_or_default()
}

/// A number as people write it: in groups of three digits.
fn bound(number: &Value) -> Option<String> {
    let Some(whole) = number.as_i64() else {
        return number.as_f64().map(|number| number.to_string());
    };
    let digits = whole.unsigned_abs().to_string();
    let mut grouped = String::from(if whole < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    Some(grouped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_told_in_words() {
        for (schema, told) in [
            (
                json!({ "type": ["string", "null"], "minLength": 1, "maxLength": 10_000 }),
                "text (1 to 10,000 characters)",
            ),
            (json!({ "type": "string", "enum": ["a", "b", null] }), "a | b "),
            (
                json!({ "type": "array", "items": { "type": "integer" }, "maxItems": 3 }),
                "list of whole number (at most 3 items)",
            ),
            (json!({ "type": "number", "minimum": 0 }), "number (at least 0)"),
            (json!({ "type": "boolean" }), "true or false "),
            (json!({ "type": "object", "properties": { "x": {} } }), "objects of x "),
        ] {
            assert_eq!([kind(&schema), rules(&schema)].join(" "), told);
        }
    }

    #[test]
    fn a_sample_is_of_the_right_kind() {
        assert_eq!(sample(&json!({ "type": ["integer", "null"], "minimum": 7 })), json!(7));
        assert_eq!(sample(&json!({ "type": "string", "enum": ["a", "b"] })), json!("a"));
        let list = json!({ "type": "array", "items": { "type": "string" } });
        assert_eq!(sample(&list), json!(["…"]));
    }
}
