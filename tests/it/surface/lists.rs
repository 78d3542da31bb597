//! Which tools a client is shown, and how: chosen toolsets, what the caller may call, in order.

use memoranda::identity::role::Role;
use memoranda::ops::CATALOGUE;
use memoranda::ops::spec::Toolset;
use reqwest::Method;
use serde_json::json;

use super::eras::{STATELESS, names, result, versions};
use super::probe::{self, Raw, warm};
use crate::support::{Caller, TestApp};

/// The listed operations of these toolsets, as the catalogue has them.
pub(super) fn expected(toolsets: &[Toolset]) -> Vec<&'static str> {
    let specs = CATALOGUE.iter().map(|entry| &entry.spec);
    let shown = specs.filter(|spec| spec.is_listed && toolsets.contains(&spec.toolset));
    let mut names: Vec<_> = shown.map(|spec| spec.name).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn tools_are_listed_in_order_and_privately() {
    let app = warm().await;

    for version in versions() {
        let list = result(&app.owner, version, "tools/list", json!({})).await;
        let listed = names(&list, "tools", "name");

        let mut sorted = listed.clone();
        sorted.sort();
        assert_eq!(listed, sorted);
        if version == Some(STATELESS) {
            assert_eq!(list["cacheScope"], "private", "{list}");
            assert!(list["ttlMs"].is_u64(), "{list}");
        }
    }
}

async fn listed(app: &TestApp, caller: &Caller, query: &str, header: Option<&str>) -> Vec<String> {
    let path = format!("/mcp{query}");
    let mut request =
        caller.request(Method::POST, &path).header("content-type", "application/json");
    if let Some(header) = header {
        request = request.header("x-mcp-toolsets", header);
    }
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let answer = probe::leaving_nothing(app, Raw::of(request.body(message.to_string()))).await;
    names(&answer.json()["result"], "tools", "name")
}

#[tokio::test]
async fn toolsets_are_chosen_by_query_or_header() {
    let app = warm().await;
    let identity = expected(&[Toolset::Identity]);
    let admin = expected(&[Toolset::Admin]);
    let both = expected(&[Toolset::Identity, Toolset::Admin]);
    let usual = expected(&[Toolset::Identity, Toolset::Memory, Toolset::Work]);
    assert_eq!(identity, ["agent_register", "my_activity", "whoami"]);

    for (query, header, shown) in [
        ("", None, &usual),
        ("?toolsets=identity", None, &identity),
        ("", Some("identity"), &identity),
        ("", Some(" admin "), &admin),
        ("?toolsets=identity,admin", None, &both),
        ("?toolsets=identity%2Cadmin", None, &both),
        ("?toolsets=all", None, &expected(&Toolset::ALL)),
        ("?toolsets=zebra", None, &Vec::new()),
    ] {
        assert_eq!(listed(&app, &app.owner, query, header).await, *shown, "{query} {header:?}");
    }
}

#[tokio::test]
async fn a_tool_that_is_not_shown_answers_all_the_same() {
    let app = warm().await;

    let call = json!({ "name": "key_list", "arguments": {} });
    let called = result(&app.owner, Some("2025-11-25"), "tools/call", call).await;

    assert_eq!(called["isError"], false);
}

#[tokio::test]
async fn a_list_hides_what_the_caller_may_not_call_and_the_call_is_refused() {
    let app = warm().await;
    let viewer = app.key("Viewer", Role::Viewer, &["read"]).await;
    let narrow = app.key_with("Narrow", json!({ "operations": ["recall"] })).await;
    for caller in [&viewer, &narrow] {
        caller.ok("whoami", json!({})).await;
    }

    let seen = listed(&app, &viewer, "?toolsets=all", None).await;
    let reading = [
        "agent_list",
        "answer",
        "conflicts_list",
        "memory_get",
        "my_activity",
        "policy_show",
        "recall",
        "strategy_tree",
        "task_list",
        "whoami",
    ];
    assert_eq!(seen, reading);
    assert_eq!(listed(&app, &narrow, "?toolsets=all", None).await, ["recall", "whoami"]);
    let refusal = viewer.refused("remember", json!({ "content": "Tea." })).await;
    assert_eq!(refusal["code"], "PERMISSION_DENIED");
}

#[tokio::test]
async fn each_tool_carries_its_words_schemas_and_all_four_hints() {
    let app = warm().await;
    let path = "/mcp?toolsets=all";
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
    let request = app.owner.request(Method::POST, path).header("content-type", "application/json");
    let answer = Raw::of(request.body(message)).await;

    for tool in answer.json()["result"]["tools"].as_array().expect("tools") {
        let name = tool["name"].as_str().expect("a name");
        assert!(name.len() <= 40 && name.chars().all(|c| c == '_' || c.is_ascii_lowercase()));
        assert!(tool["description"].is_string() && tool["title"].is_string(), "{name}");
        assert_eq!(tool["inputSchema"]["type"], "object", "{name}");
        assert_eq!(tool["outputSchema"]["type"], "object", "{name}");
        for schema in ["anyOf", "oneOf", "allOf"] {
            assert!(tool["inputSchema"][schema].is_null(), "{name} has {schema}");
        }
        for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
            assert!(tool["annotations"][hint].is_boolean(), "{name} lacks {hint}");
        }
    }
}
