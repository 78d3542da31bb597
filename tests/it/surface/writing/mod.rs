//! What becomes of a statement that somebody remembers.

mod duplicates;
mod follow;
mod links;
mod parts;
mod past;
mod retries;
mod supersede;
mod types;

use serde_json::{Value, json};

use crate::support::Caller;

/// Remembers a statement and gives its id.
async fn kept(caller: &Caller, content: &str) -> Value {
    caller.ok("remember", json!({ "content": content })).await["id"].clone()
}

/// A memory as it stands.
async fn read(caller: &Caller, id: &Value) -> Value {
    caller.ok("memory_get", json!({ "id": id })).await
}
