//! The OpenAPI document, made from the catalogue.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::rest::PREFIX;
use crate::core::error::Code;
use crate::ops::spec::{Effect, Method};
use crate::ops::{CATALOGUE, Entry};

/// OpenAPI 3.1 for the routes under `/v1`.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let mut paths = Map::new();
        for entry in &CATALOGUE {
            let path = format!("{PREFIX}{}", entry.spec.route.path);
            let methods = paths.entry(path).or_insert_with(|| json!({}));
            methods[entry.spec.route.method.as_str().to_lowercase()] = operation(entry);
        }
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Memoranda",
                "version": env!("CARGO_PKG_VERSION"),
                "summary": "A self-hosted memory and identity server for AI agents",
                "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            },
            "security": [{ "bearer": [] }, { "key": [] }, { "session": [] }],
            "paths": paths,
            "components": {
                "securitySchemes": {
                    "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "memo_…" },
                    "key": { "type": "apiKey", "in": "header", "name": "X-Api-Key" },
                    "session": {
                        "type": "apiKey", "in": "header", "name": "X-Session-Token",
                        "description": "The token of an agent's session, which session_activate \
                            gives; alone, or beside a key. An answer may carry a renewed one \
                            in the header of the same name",
                    },
                },
                "headers": headers(),
                "responses": FAILURES.map(|failure| (failure.name(), failure.response()))
                    .into_iter()
                    .collect::<Map<_, _>>(),
            },
        })
    })
}

fn operation(entry: &Entry) -> Value {
    let spec = &entry.spec;
    let input = entry.input();
    let in_path: Vec<&str> = spec
        .route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')))
        .collect();
    let has_body = matches!(spec.route.method, Method::Post | Method::Put | Method::Patch);
    let required: Vec<&str> =
        input["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut parameters = vec![json!({
        "name": "X-Agent-Id", "in": "header", "required": false,
        "description": "The agent that acts; the first one a key sends is the only one it may send",
        "schema": { "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$" },
    })];
    let mut fields = Map::new();
    for (name, schema) in input["properties"].as_object().into_iter().flatten() {
        let is_in_path = in_path.contains(&name.as_str());
        if has_body && !is_in_path {
            let mut schema = schema.clone();
            allow_null(&mut schema, required.contains(&name.as_str()));
            fields.insert(name.clone(), schema);
            continue;
        }
        let mut parameter = json!({
            "name": name,
            "in": if is_in_path { "path" } else { "query" },
            "required": is_in_path || required.contains(&name.as_str()),
            "schema": schema,
        });
        if schema["type"] == "array" {
            parameter["style"] = json!("form");
            parameter["explode"] = json!(false);
        }
        parameters.push(parameter);
    }
    let mut operation = json!({
        "operationId": spec.name,
        "summary": spec.title,
        "description": spec.description.trim(),
        "tags": [spec.toolset.as_str()],
        "parameters": parameters,
        "responses": responses(entry, has_body),
    });
    if has_body && !fields.is_empty() {
        let required: Vec<&&str> =
            required.iter().filter(|name| fields.contains_key(**name)).collect();
        let mut schema = json!({
            "type": "object", "properties": fields, "additionalProperties": false,
        });
        let is_needed = !required.is_empty();
        if is_needed {
            schema["required"] = json!(required);
        }
        operation["requestBody"] = json!({
            "required": is_needed,
            "content": { "application/json": { "schema": schema } },
        });
    }
    operation
}

/// `null` counts as left out, so a field of a body that may be left out may be `null`.
fn allow_null(schema: &mut Value, is_required: bool) {
    let required: Vec<String> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    // By `get_mut`: an index that is assigned through makes what isn't there.
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, field) in fields.into_iter().flatten() {
        allow_null(field, required.contains(name));
    }
    if let Some(items) = schema.get_mut("items") {
        allow_null(items, true);
    }
    if is_required {
        return;
    }
    if let Some(kind) = schema["type"].as_str() {
        schema["type"] = json!([kind, "null"]);
    }
    if let Some(choices) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        choices.push(Value::Null);
    }
}

/// Fields that name something which may not be there; so does whatever ends in `_id`, and what stands
/// in a path.
const NAMES_AN_OBJECT: [&str; 6] = ["id", "ids", "agent", "memory", "links", "supersedes"];

/// What a route may answer: success, and each kind of failure that it can come to.
fn responses(entry: &Entry, has_body: bool) -> Value {
    let mut fields = entry.input()["properties"].as_object().into_iter().flatten();
    let names_an_object = entry.spec.route.path.contains('{')
        || fields
            .any(|(name, _)| NAMES_AN_OBJECT.contains(&name.as_str()) || name.ends_with("_id"));
    let is_change = entry.spec.effect != Effect::Read;
    let mut responses = Map::new();
    let done = json!({
        "description": "Done",
        "headers": { "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" } },
        "content": { "application/json": { "schema": entry.output() } },
    });
    responses.insert(entry.spec.route.status.to_string(), done);
    for failure in FAILURES {
        let is_possible = match failure.status {
            404 => names_an_object,
            408 | 413 => has_body,
            409 => is_change,
            _ => true,
        };
        if is_possible {
            let response = format!("#/components/responses/{}", failure.name());
            responses.insert(failure.status.to_string(), json!({ "$ref": response }));
        }
    }
    Value::Object(responses)
}

/// A kind of failure, and the headers that its answer always has.
#[derive(Clone, Copy)]
struct Failure {
    status: u16,
    headers: &'static [&'static str],
}

const FAILURES: [Failure; 10] = [
    Failure { status: 400, headers: &[] },
    Failure { status: 401, headers: &["WWW-Authenticate"] },
    Failure { status: 403, headers: &[] },
    Failure { status: 404, headers: &[] },
    Failure { status: 408, headers: &[] },
    Failure { status: 409, headers: &[] },
    Failure { status: 413, headers: &[] },
    Failure { status: 429, headers: &["Retry-After"] },
    Failure { status: 500, headers: &[] },
    Failure { status: 503, headers: &["Retry-After"] },
];

impl Failure {
    fn name(self) -> String {
        format!("Error{}", self.status)
    }

    /// The codes of the error table that are answered with its status.
    fn codes(self) -> Vec<Code> {
        match self.status {
            // HTTP's own; the code says whose fault it was.
            408 => vec![Code::InvalidArgument],
            status => Code::ALL.into_iter().filter(|code| code.http() == status).collect(),
        }
    }

    fn response(self) -> Value {
        let codes = self.codes();
        let meanings: Vec<String> =
            codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.meaning())).collect();
        let description = match self.status {
            408 => "The request took too long to arrive".to_owned(),
            _ => meanings.join("; "),
        };
        let names = ["X-Request-Id"].iter().chain(self.headers);
        let headers: Map<String, Value> = names
            .map(|name| {
                let reference = format!("#/components/headers/{name}");
                ((*name).to_owned(), json!({ "$ref": reference }))
            })
            .collect();
        json!({
            "description": description,
            "headers": headers,
            "content": { "application/json": { "schema": error_schema(&codes) } },
        })
    }
}

fn headers() -> Value {
    json!({
        "X-Request-Id": {
            "description": "The request's id, as the log and the activity trail hold it",
            "required": true,
            "schema": { "type": "string", "pattern": "^req_[0-9A-Z]{26}$" },
        },
        "WWW-Authenticate": {
            "description": "How to sign in (RFC 6750)",
            "required": true,
            "schema": { "type": "string" },
        },
        "Retry-After": {
            "description": "Seconds to wait before the same request may succeed",
            "required": true,
            "schema": { "type": "integer", "minimum": 1 },
        },
    })
}

fn error_schema(codes: &[Code]) -> Value {
    let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    json!({
        "type": "object",
        "required": ["status", "error", "detail"],
        "properties": {
            "status": { "type": "string", "enum": ["error"] },
            "error": {
                "type": "object",
                "required": ["code", "message", "details", "request_id"],
                "properties": {
                    "code": { "type": "string", "enum": codes },
                    "message": { "type": "string" },
                    "fix": { "type": "string", "description": "The next step" },
                    "details": { "type": "object" },
                    "request_id": { "type": "string" },
                },
            },
            "detail": { "type": "object", "description": "The same, for clients that read only this" },
        },
    })
}
