//! From JSON to an operation's input: the schema that callers are shown is what is checked, so
//! that every refusal names the field and the rule, and all of them at once.

use std::borrow::Cow;

use regex::Regex;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value, json};

use crate::core::error::{Code, Error, Result};
use crate::core::text;

/// How many broken rules one answer names.
const MOST: usize = 20;

struct Broken {
    field: String,
    rule: Cow<'static, str>,
}

/// Checks arguments against an input schema. A known field that is `null` counts as left out and is
/// removed.
///
/// # Errors
/// `INVALID_ARGUMENT` with each field and its rule in `details.fields`.
pub fn check(schema: &Value, arguments: &mut Value) -> Result<()> {
    let mut broken = Vec::new();
    walk(schema, arguments, "", &mut broken);
    if broken.is_empty() {
        return Ok(());
    }
    broken.truncate(MOST);
    let sentences: Vec<String> =
        broken.iter().map(|one| format!("`{}` {}", one.field, one.rule)).collect();
    let fields: Vec<Value> =
        broken.iter().map(|one| json!({ "field": one.field, "rule": one.rule })).collect();
    Err(Error::new(Code::InvalidArgument, sentences.join("; "))
        .with_fix("correct the named fields and call again; nothing was changed")
        .with_detail("fields", Value::Array(fields)))
}

/// Decodes arguments that [`check`] has passed.
///
/// # Errors
/// `INVALID_ARGUMENT` where a type is stricter than its schema says: a defect of ours, but a refusal.
pub fn into_input<T: DeserializeOwned>(arguments: Value) -> Result<T> {
    serde_json::from_value(arguments).map_err(|error| {
        Error::invalid("arguments", "don't have the shape of this operation's input")
            .with_cause(error)
    })
}

/// A text from a path, a query string or a command line as the JSON that a field's schema wants.
/// What can't be read so stays text, for [`check`] to refuse by name.
#[must_use]
pub fn from_text(schema: &Value, field: &str, text: &str) -> Value {
    let field = &schema["properties"][field];
    match field["type"].as_str() {
        Some("integer") => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
        Some("number") => text.parse::<f64>().map_or_else(|_| json!(text), |number| json!(number)),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| json!(text), |truth| json!(truth)),
        Some("array") if is_sentence(&field["items"]) => json!([text]),
        Some("array") if field["items"]["type"] == "string" => parts(text).into(),
        Some("array") if field["items"]["type"] == "integer" => {
            let numbers: Result<Vec<i64>, _> =
                parts(text).into_iter().map(str::parse::<i64>).collect();
            numbers.map_or_else(|_| json!(text), |numbers| json!(numbers))
        }
        Some("array" | "object") => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        _ => json!(text),
    }
}

/// Whether items of a list are texts that may well hold commas.
#[must_use]
pub fn is_sentence(items: &Value) -> bool {
    items["type"] == "string" && items["maxLength"].as_u64().is_some_and(|most| most >= 500)
}

fn parts(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn walk(schema: &Value, value: &mut Value, path: &str, broken: &mut Vec<Broken>) {
    let mut refuse = |rule: Cow<'static, str>| {
        let field = if path.is_empty() { "arguments" } else { path };
        broken.push(Broken { field: field.to_owned(), rule });
    };
    let Some(kind) = schema["type"].as_str() else { return };
    match (kind, value) {
        ("object", Value::Object(fields)) => object(schema, fields, path, broken),
        ("array", Value::Array(items)) => {
            let range = range(schema, "minItems", "maxItems");
            if !within(items.len() as f64, range) {
                return refuse(format!("must have {}", spelled(range, "item")).into());
            }
            for (at, item) in items.iter_mut().enumerate() {
                walk(&schema["items"], item, &format!("{path}[{at}]"), broken);
            }
        }
        ("string", Value::String(given)) => {
            let range = range(schema, "minLength", "maxLength");
            if let Some(choices) = schema["enum"].as_array() {
                if !choices.iter().any(|choice| choice == given) {
                    let names: Vec<&str> = choices.iter().filter_map(Value::as_str).collect();
                    refuse(format!("must be one of: {}", names.join(", ")).into());
                }
            } else if !within(text::chars(given) as f64, range) {
                refuse(format!("must be {}", spelled(range, "character")).into());
            } else if given.contains('\0') {
                refuse("must not contain the NUL character".into());
            } else if let Some(pattern) = schema["pattern"].as_str()
                && !Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(given))
            {
                refuse(format!("must match {pattern}").into());
            }
        }
        ("integer", Value::Number(number)) if is_whole(number) => {
            if let Some(whole) = whole(number) {
                *number = whole;
            }
            let range = range(schema, "minimum", "maximum");
            if !number.as_f64().is_some_and(|number| within(number, range)) {
                refuse(format!("must be {}", spelled(range, "")).into());
            }
        }
        ("number", Value::Number(number)) => {
            let range = range(schema, "minimum", "maximum");
            if !number.as_f64().is_some_and(|number| within(number, range)) {
                refuse(format!("must be {}", spelled(range, "")).into());
            }
        }
        ("boolean", Value::Bool(_)) => {}
        (kind, _) => refuse(
            match kind {
                "object" => "must be an object",
                "array" => "must be a list",
                "string" => "must be a text",
                "integer" => "must be a whole number",
                "number" => "must be a number",
                _ => "must be true or false",
            }
            .into(),
        ),
    }
}

/// Whether a number is whole, as JSON Schema counts it: `7.0` is.
fn is_whole(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || whole(number).is_some()
}

/// A number that is whole and was written with a point, without it.
fn whole(number: &Number) -> Option<Number> {
    // Beyond this a number with a point no longer tells one whole number from the next.
    const MOST: f64 = 9_007_199_254_740_991.0;
    let given = number.as_f64().filter(|_| number.is_f64())?;
    let is_whole = given.fract() == 0.0 && given.abs() <= MOST;
    is_whole.then(|| format!("{given:.0}").parse::<i64>().ok()).flatten().map(Number::from)
}

fn object(schema: &Value, fields: &mut Map<String, Value>, path: &str, broken: &mut Vec<Broken>) {
    let known = schema["properties"].as_object();
    let is_known = |field: &str| known.is_some_and(|known| known.contains_key(field));
    fields.retain(|field, value| !value.is_null() || !is_known(field));
    let below = |field: &str| {
        if path.is_empty() { shown(field) } else { format!("{path}.{}", shown(field)) }
    };
    let is_partial = fields.get("partial") == Some(&Value::Bool(true));
    let is_closed = schema["additionalProperties"] == json!(false);
    for (field, value) in fields.iter_mut() {
        match known.and_then(|known| known.get(field)) {
            // Each item is then checked, and answered, for itself.
            Some(schema) if is_partial && schema["x-each-alone-if-partial"] == json!(true) => {
                let mut schema = schema.clone();
                schema["items"] = json!({});
                walk(&schema, value, &below(field), broken);
            }
            Some(schema) => walk(schema, value, &below(field), broken),
            None if is_closed => {
                let names: Vec<&str> =
                    known.into_iter().flat_map(Map::keys).map(String::as_str).collect();
                let rule = format!("is not known here; known are: {}", names.join(", "));
                broken.push(Broken { field: below(field), rule: rule.into() });
            }
            None => {}
        }
    }
    for required in schema["required"].as_array().into_iter().flatten() {
        if let Some(name) = required.as_str()
            && !fields.contains_key(name)
        {
            broken.push(Broken { field: below(name), rule: "is required".into() });
        }
    }
}

/// A caller's field name, safe to repeat: short, one line, plain.
fn shown(field: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "_-.".contains(c) { c } else { '?' };
    field.chars().take(64).map(plain).collect()
}

type Range = (Option<f64>, Option<f64>);

fn range(schema: &Value, least: &str, most: &str) -> Range {
    (schema[least].as_f64(), schema[most].as_f64())
}

fn within(number: f64, (least, most): Range) -> bool {
    least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most)
}

fn spelled((least, most): Range, unit: &str) -> String {
    let plural = |number: f64| match (unit, number) {
        ("", _) => String::new(),
        (_, 1.0) => format!(" {unit}"),
        _ => format!(" {unit}s"),
    };
    match (least, most) {
        (Some(least), Some(most)) => format!("{least} to {most}{}", plural(most)),
        (Some(least), None) => format!("at least {least}{}", plural(least)),
        (None, Some(most)) => format!("at most {most}{}", plural(most)),
        (None, None) => "a number".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["content"],
            "properties": {
                "content": { "type": "string", "minLength": 1, "maxLength": 5 },
                "limit": { "type": "integer", "minimum": 1, "maximum": 100 },
                "kind": { "type": "string", "enum": ["fact", "goal"] },
                "tags": { "type": "array", "maxItems": 2, "items": { "type": "string" } },
            }
        })
    }

    fn message(mut arguments: Value) -> String {
        check(&schema(), &mut arguments).expect_err("refused").message().to_owned()
    }

    #[test]
    fn each_broken_rule_names_its_field() {
        assert_eq!(message(json!({})), "`content` is required");
        assert_eq!(message(json!({ "content": "123456" })), "`content` must be 1 to 5 characters");
        assert_eq!(message(json!({ "content": "x", "limit": 0 })), "`limit` must be 1 to 100");
        assert_eq!(
            message(json!({ "content": "x", "limit": 1.5 })),
            "`limit` must be a whole number"
        );
        assert_eq!(
            message(json!({ "content": "x", "kind": "f" })),
            "`kind` must be one of: fact, goal"
        );
        assert_eq!(message(json!({ "content": "x", "tags": [1] })), "`tags[0]` must be a text");
        assert_eq!(
            message(json!({ "content": "a\0" })),
            "`content` must not contain the NUL character"
        );
        assert_eq!(message(json!([])), "`arguments` must be an object");
    }

    #[test]
    fn all_of_them_are_named_at_once_and_an_unknown_field_by_its_name() {
        let message = message(json!({ "contnet": "x", "limit": "ten" }));

        assert!(message.contains("`contnet` is not known here; known are: content, limit"));
        assert!(message.contains("`limit` must be a whole number"));
        assert!(message.contains("`content` is required"));
    }

    #[test]
    fn null_counts_as_left_out() {
        let mut arguments = json!({ "content": "x", "limit": null });

        check(&schema(), &mut arguments).expect("valid");

        assert_eq!(arguments, json!({ "content": "x" }));
        let unknown = message(json!({ "content": "x", "contnet": null }));
        assert!(unknown.starts_with("`contnet` is not known here"), "{unknown}");
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let mut arguments = json!({ "content": "x", "limit": 7.0 });

        check(&schema(), &mut arguments).expect("valid");

        assert_eq!(arguments["limit"], json!(7));
        assert_eq!(
            message(json!({ "content": "x", "limit": 1e300 })),
            "`limit` must be a whole number"
        );
        assert_eq!(message(json!({ "content": "x", "limit": -0.0 })), "`limit` must be 1 to 100");
    }

    #[test]
    fn text_becomes_what_the_field_wants() {
        assert_eq!(from_text(&schema(), "limit", "7"), json!(7));
        assert_eq!(from_text(&schema(), "limit", "x"), json!("x"));
        assert_eq!(from_text(&schema(), "tags", "a, b"), json!(["a", "b"]));
        assert_eq!(from_text(&schema(), "content", "7"), json!("7"));
        let listed = |items: Value, text: &str| {
            let schema = json!({ "properties": { "list": { "type": "array", "items": items } } });
            from_text(&schema, "list", text)
        };
        assert_eq!(listed(json!({ "type": "integer" }), "1, 3"), json!([1, 3]));
        assert_eq!(listed(json!({ "type": "integer" }), "1, x"), json!("1, x"));
        let sentence = json!({ "type": "string", "maxLength": 500 });
        assert_eq!(listed(sentence, "built, and run"), json!(["built, and run"]));
    }
}
