//! JSON schemas of inputs and outputs: plain, self-contained, the same for every reader.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// The schema of an operation's arguments. Unknown fields are refused.
#[must_use]
pub fn input<T: JsonSchema>() -> Value {
    let mut schema = plain::<T>(SchemaSettings::draft2020_12().for_deserialize());
    close(&mut schema);
    schema
}

/// The schema of an operation's answer. Readers must bear new fields.
#[must_use]
pub fn output<T: JsonSchema>() -> Value {
    plain::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn plain<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = Schema::to_value(settings.into_generator().into_root_schema_for::<T>());
    simplify(&mut schema);
    if let Some(object) = schema.as_object_mut() {
        object.remove("title");
        object.remove("description");
        object.entry("type").or_insert_with(|| json!("object"));
        object.entry("properties").or_insert_with(|| json!({}));
    }
    schema
}

/// Takes away what strict schema readers stumble over: `null` in unions, formats that only
/// programmers of Rust know, and line breaks within descriptions.
fn simplify(schema: &mut Value) {
    match schema {
        Value::Array(list) => list.iter_mut().for_each(simplify),
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get("type") {
                let kept: Vec<&Value> = types.iter().filter(|kind| *kind != "null").collect();
                if let [only] = kept[..] {
                    let only = only.clone();
                    object.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(values)) = object.get_mut("enum") {
                values.retain(|value| !value.is_null());
            }
            unwrap_nullable(object);
            let is_foreign = |format: &Value| {
                format.as_str().is_some_and(|name| !matches!(name, "date-time" | "date" | "uri"))
            };
            if object.get("format").is_some_and(is_foreign) {
                object.remove("format");
            }
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            }
            enum_of_consts(object);
            object.values_mut().for_each(simplify);
        }
        _ => {}
    }
}

/// `anyOf: [X, null]` is `X`, which may be left out.
fn unwrap_nullable(object: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = object.get("anyOf") else { return };
    let kept: Vec<&Value> = choices.iter().filter(|choice| choice["type"] != "null").collect();
    if let [Value::Object(only)] = kept[..] {
        let only = only.clone();
        object.remove("anyOf");
        for (key, value) in only {
            object.entry(key).or_insert(value);
        }
    }
}

/// `oneOf` of constants, as documented enums come, is an `enum`.
fn enum_of_consts(object: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = object.get("oneOf") else { return };
    let mut values = Vec::new();
    for choice in choices {
        match (choice.get("const"), choice.get("enum")) {
            (Some(value), _) => values.push(value.clone()),
            (None, Some(Value::Array(list))) => values.extend(list.iter().cloned()),
            _ => return,
        }
    }
    object.remove("oneOf");
    object.insert("type".into(), json!("string"));
    object.insert("enum".into(), Value::Array(values));
}

/// Refuses unknown fields, at every depth.
fn close(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        if object.contains_key("properties") {
            object.insert("additionalProperties".into(), json!(false));
        }
        for (key, value) in object.iter_mut() {
            match (key.as_str(), value) {
                ("properties", Value::Object(fields)) => fields.values_mut().for_each(close),
                ("items", items) => close(items),
                _ => {}
            }
        }
    }
}
