//! The OpenAPI document, made from the catalogue.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::rest::PREFIX;
use crate::core::error::Code;
use crate::ops::spec::Method;
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
                "schemas": { "Error": error_schema() },
                "responses": {
                    "Error": {
                        "description": "What went wrong, and what to do next",
                        "content": { "application/json": {
                            "schema": { "$ref": "#/components/schemas/Error" },
                        }},
                    },
                },
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
            fields.insert(name.clone(), schema.clone());
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
        "responses": {
            spec.route.status.to_string(): {
                "description": "Done",
                "content": { "application/json": { "schema": entry.output() } },
            },
            "default": { "$ref": "#/components/responses/Error" },
        },
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

fn error_schema() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
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
