//! Bad input: refused with the right code, in our own words, and nothing is left behind.

mod arguments;
mod batches;
mod bodies;
mod credentials;
mod http;
mod queries;
mod secrets;

use memoranda::ops;
use serde_json::Value;

use super::probe::{Raw, assert_own_words, leaving_nothing, mcp_call, rest_call};
use crate::support::TestApp;

/// Calls an operation over both surfaces, where it must be refused with this code, in words that
/// don't repeat the caller's, leaving nothing; gives the error.
async fn refused(app: &TestApp, name: &str, arguments: Value, code: &str, theirs: &str) -> Value {
    let entry = ops::find(name).expect("an operation");
    let (rest, mcp) = leaving_nothing(app, async {
        let rest = Raw::of(rest_call(&app.owner, entry, &arguments)).await;
        (rest, Raw::of(mcp_call(&app.owner, name, &arguments)).await)
    })
    .await;

    let by_rest = rest.json()["error"].clone();
    let result = &mcp.json()["result"];
    let by_mcp = result["structuredContent"].clone();
    assert_eq!(result["isError"], true, "{}", mcp.text);
    assert_eq!((&by_rest["code"], &by_mcp["code"]), (&code.into(), &code.into()), "{}", rest.text);
    for member in ["message", "fix", "details"] {
        assert_eq!(by_rest[member], by_mcp[member], "the surfaces differ in `{member}`");
    }
    assert_own_words(&by_rest, theirs);
    by_rest
}

/// As [`refused`], with `INVALID_ARGUMENT` for one field.
async fn refused_field(app: &TestApp, name: &str, arguments: Value, field: &str, theirs: &str) {
    let error = refused(app, name, arguments, "INVALID_ARGUMENT", theirs).await;
    let fields = error["details"]["fields"].as_array().expect("fields");
    let names: Vec<_> = fields.iter().filter_map(|entry| entry["field"].as_str()).collect();
    assert_eq!(names, [field], "{error}");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.starts_with(&format!("`{field}` ")), "{message}");
}
