//! The catalogue as MCP tools, short enough to be paid for in every conversation.

use std::sync::{Arc, OnceLock};

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};

use crate::identity::principal::Principal;
use crate::ops::spec::{Effect, Toolset};
use crate::ops::{CATALOGUE, Entry};

/// The toolsets that are shown unless the client chooses.
pub const DEFAULT_TOOLSETS: [Toolset; 3] = [Toolset::Identity, Toolset::Memory, Toolset::Work];

/// Names and ids keep within this many characters anyway.
const SHORT: u64 = 128;

/// Reads a choice of toolsets: names separated by commas, or `all`. Unknown names choose nothing.
#[must_use]
pub fn chosen(text: Option<&str>) -> Vec<Toolset> {
    let Some(text) = text else { return DEFAULT_TOOLSETS.to_vec() };
    let names: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_chosen = |set: &Toolset| names.contains(&"all") || names.contains(&set.as_str());
    Toolset::ALL.into_iter().filter(is_chosen).collect()
}

/// The tools that a principal may call, of the chosen toolsets, sorted by name.
///
/// Hiding is a courtesy to the reader; a call of what isn't shown is refused as well.
#[must_use]
pub fn listed(principal: &Principal, toolsets: &[Toolset]) -> Vec<Tool> {
    let mut tools: Vec<Tool> = CATALOGUE
        .iter()
        .zip(all())
        .filter(|(entry, _)| entry.spec.is_listed && toolsets.contains(&entry.spec.toolset))
        .filter(|(entry, _)| principal.permit(&entry.spec.requirement()).is_ok())
        .map(|(_, tool)| tool.clone())
        .collect();
    tools.sort_by(|a, b| a.name.cmp(&b.name));
    tools
}

/// Every operation as a tool, in the order of the catalogue.
pub fn all() -> &'static [Tool] {
    static ALL: OnceLock<Vec<Tool>> = OnceLock::new();
    ALL.get_or_init(|| CATALOGUE.iter().map(tool).collect())
}

fn tool(entry: &Entry) -> Tool {
    let spec = &entry.spec;
    let hints = ToolAnnotations::new()
        .read_only(spec.effect == Effect::Read)
        .destructive(spec.effect == Effect::Destroy)
        .idempotent(spec.is_idempotent)
        .open_world(false);
    Tool::new(spec.name, spec.description.trim(), Arc::new(brief_input(entry.input())))
        .with_title(spec.title)
        .with_raw_output_schema(Arc::new(brief_output(entry.output())))
        .with_annotations(hints)
}

/// The input schema without what repeats itself: the fields of a list's items are those that the
/// tool itself takes. What is checked is the whole schema.
fn brief_input(schema: &Value) -> JsonObject {
    let mut brief = schema.clone();
    if let Some(fields) = brief["properties"].as_object_mut() {
        let all = fields.len();
        fields.retain(|_, field| field.get("x-rare").is_none());
        // A client that checks must not refuse what isn't shown.
        if fields.len() < all
            && let Some(schema) = brief.as_object_mut()
        {
            schema.remove("additionalProperties");
        }
    }
    for field in brief["properties"].as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        if field["items"]["type"] == "object" {
            field["items"] = json!({ "type": "object" });
        }
        // A limit that no honest text meets tells a model nothing.
        if let Some(field) = field.as_object_mut() {
            field.remove("minLength");
            field.remove("minItems");
            field.remove("maxItems");
            if field.get("maxLength").and_then(Value::as_u64).is_some_and(|most| most <= SHORT) {
                field.remove("maxLength");
            }
            field.retain(|name, _| !name.starts_with("x-"));
            if field.get("maximum").and_then(Value::as_f64).is_some_and(|most| most > 1e9) {
                field.remove("maximum");
            }
            if let Some(items) = field.get_mut("items").and_then(Value::as_object_mut) {
                items.remove("minLength");
                items.remove("maxLength");
            }
        }
    }
    into_object(brief)
}

/// The output schema's first level: names of fields, and kinds of those that are no texts, without the
/// rare ones. The rest stands in `schemas/`.
fn brief_output(schema: &Value) -> JsonObject {
    let fields = schema["properties"].as_object().into_iter().flatten();
    let brief: JsonObject = fields
        .filter(|(_, field)| field.get("x-rare").is_none())
        .map(|(name, field)| {
            // A text is what most fields are; what is told is the others.
            let kind = field.get("type").filter(|kind| *kind != "string");
            (name.clone(), kind.map_or_else(|| json!({}), |kind| json!({ "type": kind })))
        })
        .collect();
    // Without `required`: the TypeScript SDK up to 1.x holds errors against it too, and then shows
    // its own complaint in place of our code, message and fix.
    into_object(json!({ "type": "object", "properties": brief }))
}

fn into_object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => unreachable!("a schema of a struct is an object"),
    }
}
