use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp};
use crate::surface::probe::{Raw, leaving_nothing, mcp, warm};

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const INVALID_PARAMS: i32 = -32602;

async fn by_rest(app: &TestApp, body: impl Into<reqwest::Body>) -> Raw {
    let request = app.owner.request(Method::POST, "/v1/memories");
    let request = request.header("content-type", "application/json").body(body);
    leaving_nothing(app, Raw::of(request)).await
}

async fn by_mcp(app: &TestApp, body: impl Into<reqwest::Body>) -> Raw {
    leaving_nothing(app, Raw::of(mcp(&app.owner, body))).await
}

/// A tool call as text, with these arguments written by hand.
fn call(arguments: &str) -> String {
    let head =
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"remember","arguments":"#;
    format!("{head}{arguments}}}}}")
}

async fn still_works(caller: &Caller) {
    caller.ok("whoami", json!({})).await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_too_large_and_the_connection_stays_usable() {
    let app = warm().await;
    let body = format!("{{\"content\":\"{}\"}}", "z".repeat(5 * 1024 * 1024));

    for answer in [by_rest(&app, body.clone()).await, by_mcp(&app, call(&body)).await] {
        assert_eq!((answer.status, answer.code().as_str()), (413, "TOO_LARGE"));
        let error = &answer.json()["error"];
        assert_eq!(error["details"]["limit_bytes"], 4 * 1024 * 1024);
        assert!(error["fix"].is_string());
        assert!(answer.header("connection").is_empty(), "{:?}", answer.headers);
    }
    still_works(&app.owner).await;
}

#[tokio::test]
async fn a_large_body_without_a_credential_is_answered_401_and_not_with_a_reset() {
    let app = warm().await;
    let body = "z".repeat(5 * 1024 * 1024);

    for _ in 0..10 {
        let answer = Raw::of(mcp(&app.anonymous(), body.clone())).await;
        assert_eq!(answer.status, 401);
    }
}

#[tokio::test]
async fn malformed_json_is_refused_as_each_surface_says_it() {
    let app = warm().await;

    for bad in [
        "",
        "{",
        "{\"content\":",
        "nope",
        "{\"content\": 'zebra'}",
        "\u{feff}{}",
        "{\"a\":1,}",
        "{} {}",
    ] {
        if !bad.is_empty() {
            let rest = by_rest(&app, bad).await;
            assert_eq!((rest.status, rest.code().as_str()), (400, "INVALID_ARGUMENT"), "{bad}");
            assert!(rest.json()["error"]["fix"].is_string() && !rest.text.contains("zebra"));
        }
        let mcp = by_mcp(&app, bad).await;
        assert_eq!((mcp.status, &mcp.json()["error"]["code"]), (400, &json!(PARSE_ERROR)), "{bad}");
        assert_eq!(mcp.json()["id"], Value::Null);
        assert!(!mcp.text.contains("zebra"));
    }
}

#[tokio::test]
async fn json_too_deep_is_refused_as_malformed() {
    let app = warm().await;
    let deep = format!("{{\"content\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));

    let rest = by_rest(&app, deep.clone()).await;
    let mcp = by_mcp(&app, call(&deep)).await;

    assert_eq!((rest.status, rest.code().as_str()), (400, "INVALID_ARGUMENT"));
    assert_eq!((mcp.status, &mcp.json()["error"]["code"]), (400, &json!(PARSE_ERROR)));
}

#[tokio::test]
async fn a_lone_surrogate_is_refused_as_malformed() {
    let app = warm().await;

    for bad in [
        r#"{"content":"zebra \ud800"}"#,
        r#"{"content":"\udc00 zebra"}"#,
        r#"{"content":"\ud83dx"}"#,
    ] {
        let rest = by_rest(&app, bad).await;
        let mcp = by_mcp(&app, call(bad)).await;

        assert_eq!((rest.status, rest.code().as_str()), (400, "INVALID_ARGUMENT"), "{bad}");
        assert_eq!((mcp.status, &mcp.json()["error"]["code"]), (400, &json!(PARSE_ERROR)), "{bad}");
        assert!(!rest.text.contains("zebra") && !mcp.text.contains("zebra"));
    }
}

#[tokio::test]
async fn bytes_that_are_no_utf_8_are_refused_as_malformed() {
    let app = warm().await;
    let bad = b"{\"content\":\"zebra \xff\xfe\"}".to_vec();

    let rest = by_rest(&app, bad.clone()).await;
    let mcp = by_mcp(&app, bad).await;

    assert_eq!((rest.status, rest.code().as_str()), (400, "INVALID_ARGUMENT"));
    assert_eq!((mcp.status, &mcp.json()["error"]["code"]), (400, &json!(PARSE_ERROR)));
}

#[tokio::test]
async fn a_rest_body_that_is_no_object_is_refused() {
    let app = warm().await;

    for bad in ["[]", "1", "null", "\"zebra\"", "[{\"content\":\"zebra\"}]"] {
        let answer = by_rest(&app, bad).await;

        assert_eq!((answer.status, answer.code().as_str()), (400, "INVALID_ARGUMENT"), "{bad}");
        assert_eq!(answer.json()["error"]["details"]["fields"][0]["field"], "body");
        assert!(!answer.text.contains("zebra"));
    }
}

#[tokio::test]
async fn json_that_is_no_json_rpc_message_is_an_invalid_request() {
    let app = warm().await;

    for bad in [
        "{}",
        "[]",
        "1",
        "null",
        "\"zebra\"",
        r#"{"jsonrpc":"2.0"}"#,
        r#"{"jsonrpc":"1.0","id":1,"method":"tools/list"}"#,
        r#"{"id":1,"method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":{},"method":"tools/list"}"#,
        r#"[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]"#,
    ] {
        let answer = by_mcp(&app, bad).await;

        assert_eq!(answer.status, 400, "{bad}: {}", answer.text);
        assert_eq!(answer.json()["error"]["code"], INVALID_REQUEST, "{bad}: {}", answer.text);
    }
}

#[tokio::test]
async fn parameters_of_the_wrong_shape_are_invalid_params() {
    let app = warm().await;

    for params in [
        json!({ "name": 5 }),
        json!({ "name": "remember", "arguments": "zebra" }),
        json!({ "name": "remember", "arguments": [1] }),
        json!({}),
    ] {
        let message =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let answer = by_mcp(&app, message.to_string()).await;

        assert_eq!(answer.json()["error"]["code"], INVALID_PARAMS, "{params}: {}", answer.text);
        assert!(!answer.text.contains("zebra"));
    }
}

#[tokio::test]
async fn an_unknown_method_is_not_found_without_repeating_it() {
    let app = warm().await;

    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "zebra/run" });
    let answer = by_mcp(&app, message.to_string()).await;

    assert_eq!(answer.json()["error"]["code"], -32601, "{}", answer.text);
    assert!(!answer.text.contains("zebra"), "{}", answer.text);
}

#[tokio::test]
async fn a_null_argument_counts_as_left_out() {
    let app = warm().await;

    let kept = app.owner.ok("remember", json!({ "content": "Tea.", "title": null })).await;
    let whole = app.owner.ok("memory_get", json!({ "id": kept["id"], "versions": null })).await;

    assert_eq!(whole["title"], "Tea.");
}
