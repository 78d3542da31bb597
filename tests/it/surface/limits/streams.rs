use std::time::Instant;

use memoranda::surface::http::Limits;
use reqwest::{Method, Response};
use rmcp::ServerHandler;
use rmcp::model::{ServerCapabilities, ServerConfig, SubscriptionFilter};
use serde_json::json;

use super::whoami;
use crate::support::{Caller, TestApp, unlimited};
use crate::surface::eras::STATELESS;
use crate::surface::life::cheap_key;

/// A handler that listens for as long as it may.
#[derive(Clone)]
struct Listening;

impl ServerHandler for Listening {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_tool_list_changed();
        ServerConfig::new(capabilities.build())
    }

    fn accepted_subscription_filter(
        &self,
        asked: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(asked.clone())
    }
}

/// Opens a stream of notifications, or doesn't.
async fn listen(caller: &Caller) -> Response {
    let message = json!({
        "jsonrpc": "2.0", "id": 7, "method": "subscriptions/listen", "params": {
            "notifications": { "toolsListChanged": true },
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": STATELESS,
                "io.modelcontextprotocol/clientInfo": { "name": "walker", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    });
    let request = caller
        .request(Method::POST, "/mcp")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", STATELESS)
        .header("mcp-method", "subscriptions/listen");
    request.body(message.to_string()).send().await.expect("an answer")
}

#[tokio::test]
async fn a_key_has_so_many_streams_and_another_its_own() {
    let app = TestApp::with_handler(Limits { streams: 2, ..unlimited() }, Listening).await;
    let other = cheap_key(&app).await;
    let open = [listen(&app.owner).await, listen(&app.owner).await];
    for stream in &open {
        assert_eq!(stream.status(), 200);
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
    }

    let refused = listen(&app.owner).await;
    let others = listen(&other).await;

    assert_eq!((refused.status().as_u16(), others.status().as_u16()), (429, 200));
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(whoami(&app.owner).await.status, 200, "what is no stream passes");
}

#[tokio::test]
async fn a_stream_that_ended_makes_room() {
    let app = TestApp::with_handler(Limits { streams: 1, ..unlimited() }, Listening).await;
    let first = listen(&app.owner).await;
    assert_eq!(listen(&app.owner).await.status(), 429);

    drop(first);

    // The server hears of it when it next looks at the connection.
    let since = Instant::now();
    while listen(&app.owner).await.status() != 200 {
        assert!(since.elapsed() < super::slow::LONGEST, "its place isn't given back");
        tokio::task::yield_now().await;
    }
}
