//! MCP over HTTP in both eras, message by message: what a client of any version gets.

use reqwest::Method;
use serde_json::{Value, json};

use super::probe::{self, Raw, warm};
use crate::support::Caller;

const OLDER: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
pub(super) const STATELESS: &str = "2026-07-28";

/// A message of an era: its version in the headers (`None` sends none) and, in the stateless one,
/// in `_meta`.
pub(super) async fn send(
    caller: &Caller,
    version: Option<&str>,
    method: &str,
    mut params: Value,
) -> Raw {
    let mut request = caller
        .request(Method::POST, "/mcp")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    if let Some(version) = version {
        request = request.header("mcp-protocol-version", version);
    }
    if version == Some(STATELESS) {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": STATELESS,
            "io.modelcontextprotocol/clientInfo": { "name": "walker", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        request = request.header("mcp-method", method);
        if let Some(name) = params["name"].as_str().or_else(|| params["uri"].as_str()) {
            request = request.header("mcp-name", name);
        }
    }
    let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    Raw::of(request.body(message.to_string())).await
}

/// As [`send`], for what must succeed; gives the result.
pub(super) async fn result(
    caller: &Caller,
    version: Option<&str>,
    method: &str,
    params: Value,
) -> Value {
    let answer = send(caller, version, method, params).await;
    let body = answer.json();
    assert_eq!((answer.status, &body["id"]), (200, &json!(7)), "{}", answer.text);
    assert!(body["result"].is_object(), "{}", answer.text);
    body["result"].clone()
}

/// Every way to name a version after the beginning, the silence of some clients included.
pub(super) fn versions() -> impl Iterator<Item = Option<&'static str>> {
    OLDER[1..].iter().copied().map(Some).chain([None, Some(STATELESS)])
}

pub(super) fn names(list: &Value, of: &str, by: &str) -> Vec<String> {
    let items = list[of].as_array().expect("a list").iter();
    items.map(|item| item[by].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn each_older_version_is_settled_on_and_needs_no_session() {
    let app = warm().await;

    for version in OLDER {
        let params = json!({
            "protocolVersion": version, "capabilities": {},
            "clientInfo": { "name": "walker", "version": "1" },
        });
        let answer = send(&app.owner, None, "initialize", params).await;
        let hello = &answer.json()["result"];

        assert_eq!(hello["protocolVersion"], version, "{}", answer.text);
        assert_eq!(hello["serverInfo"]["name"], "memoranda");
        for capability in ["tools", "resources", "prompts", "completions"] {
            assert!(hello["capabilities"][capability].is_object(), "{hello}");
        }
        let instructions = hello["instructions"].as_str().expect("instructions");
        assert!(instructions.len() < 2048 && instructions.contains("recall"));
        assert!(answer.header("mcp-session-id").is_empty());
    }
}

#[tokio::test]
async fn an_unknown_version_is_offered_one_that_is_known() {
    let app = warm().await;

    for version in ["1999-01-01", "2099-01-01", STATELESS] {
        let params = json!({
            "protocolVersion": version, "capabilities": {},
            "clientInfo": { "name": "walker", "version": "1" },
        });
        let hello = result(&app.owner, None, "initialize", params).await;

        assert_eq!(hello["protocolVersion"], "2025-11-25", "{version}");
    }
}

#[tokio::test]
async fn the_initialized_notification_is_accepted_without_an_answer() {
    let app = warm().await;

    let message = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let answer = Raw::of(probe::mcp(&app.owner, message.to_string())).await;

    assert_eq!((answer.status, answer.text.as_str()), (202, ""));
}

#[tokio::test]
async fn a_version_header_that_is_none_is_refused() {
    let app = warm().await;

    let answer = send(&app.owner, Some("1999-01-01"), "tools/list", json!({})).await;

    assert_eq!(answer.status, 400, "{}", answer.text);
}

#[tokio::test]
async fn the_stateless_era_is_discovered_without_initialize() {
    let app = warm().await;

    let found = result(&app.owner, Some(STATELESS), "server/discover", json!({})).await;

    assert!(found["supportedVersions"].as_array().expect("versions").contains(&json!(STATELESS)));
    assert!(found["capabilities"]["tools"].is_object() && found["instructions"].is_string());
    assert_eq!(found["resultType"], "complete");
}

#[tokio::test]
async fn every_era_lists_calls_and_reads_alike() {
    let app = warm().await;
    app.owner.ok("remember", json!({ "content": "We drink tea." })).await;

    for version in versions() {
        let tools = result(&app.owner, version, "tools/list", json!({})).await;
        let call = json!({ "name": "recall", "arguments": { "query": "tea" } });
        let called = result(&app.owner, version, "tools/call", call).await;
        let read = json!({ "uri": "memoranda://brief" });
        let brief = result(&app.owner, version, "resources/read", read).await;

        assert!(names(&tools, "tools", "name").contains(&"remember".to_owned()), "{version:?}");
        assert_eq!(called["isError"], false);
        assert_eq!(called["structuredContent"]["hits"][0]["content"], "We drink tea.");
        let text = brief["contents"][0]["text"].as_str().expect("text");
        let brief: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(brief["recent"][0]["title"], "We drink tea.");
    }
}

#[tokio::test]
async fn what_a_tool_answers_stands_in_text_as_the_same_json() {
    let app = warm().await;

    for (arguments, is_error) in [(json!({ "content": "Tea." }), false), (json!({}), true)] {
        for version in versions() {
            let call = json!({ "name": "remember", "arguments": arguments });
            let called = result(&app.owner, version, "tools/call", call).await;

            assert_eq!(called["isError"], is_error);
            assert_eq!(called["content"].as_array().map(Vec::len), Some(1));
            let text = called["content"][0]["text"].as_str().expect("text");
            let text: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(text, called["structuredContent"], "{version:?}");
        }
    }
}

#[tokio::test]
async fn the_brief_is_listed_and_an_unknown_resource_is_refused() {
    let app = warm().await;

    for version in versions() {
        let list = result(&app.owner, version, "resources/list", json!({})).await;
        let read = json!({ "uri": "memoranda://zebra" });
        let answer = send(&app.owner, version, "resources/read", read).await;

        assert_eq!(names(&list, "resources", "uri"), ["memoranda://brief"]);
        let error = &answer.json()["error"];
        let code = if version == Some(STATELESS) { -32602 } else { -32002 };
        assert_eq!(error["code"], code, "{version:?} {}", answer.text);
        assert_eq!(error["data"]["code"], "NOT_FOUND");
        assert!(!error["message"].to_string().contains("zebra"));
    }
}

#[tokio::test]
async fn a_prompt_begins_a_session_and_an_unknown_one_is_refused() {
    let app = warm().await;

    for version in versions() {
        let list = result(&app.owner, version, "prompts/list", json!({})).await;
        let get = json!({ "name": "session_start" });
        let prompt = result(&app.owner, version, "prompts/get", get).await;
        let unknown = send(&app.owner, version, "prompts/get", json!({ "name": "zebra" })).await;

        assert_eq!(names(&list, "prompts", "name")[0], "session_start");
        let text = prompt["messages"][0]["content"]["text"].as_str().expect("text");
        assert!(text.contains("whoami") && text.contains("memoranda://brief"));
        assert_eq!(unknown.json()["error"]["code"], -32602, "{}", unknown.text);
        assert!(!unknown.text.contains("zebra"));
    }
}

#[tokio::test]
async fn a_resource_needs_the_permission_of_its_operation() {
    let app = warm().await;
    let narrow = app.key_with("Narrow", json!({ "operations": ["recall"] })).await;

    let read = json!({ "uri": "memoranda://brief" });
    let answer = send(&narrow, Some("2025-11-25"), "resources/read", read).await;

    assert_eq!(answer.json()["error"]["data"]["code"], "PERMISSION_DENIED", "{}", answer.text);
}

#[tokio::test]
async fn a_ping_of_the_older_era_is_answered() {
    let app = warm().await;

    assert_eq!(result(&app.owner, Some("2025-06-18"), "ping", json!({})).await, json!({}));
}

#[tokio::test]
async fn a_stateless_message_whose_headers_contradict_it_is_refused() {
    let app = warm().await;

    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "remember", "arguments": { "content": "Tea." }, "_meta": {
            "io.modelcontextprotocol/protocolVersion": STATELESS,
            "io.modelcontextprotocol/clientInfo": { "name": "walker", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        }},
    });
    let request = app
        .owner
        .request(Method::POST, "/mcp")
        .header("content-type", "application/json")
        .header("mcp-protocol-version", STATELESS)
        .header("mcp-method", "tools/call")
        .header("mcp-name", "whoami")
        .body(message.to_string());
    let answer = probe::leaving_nothing(&app, Raw::of(request)).await;

    assert_eq!(answer.status, 400, "{}", answer.text);
}
