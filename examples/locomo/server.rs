//! A Memoranda server, as any MCP client sees it: tools over streamable HTTP.

use std::error::Error;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, Implementation,
};
use rmcp::service::{ClientInitializeError, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::{
    StreamableHttpClientTransportConfig, StreamableHttpError,
};
use rmcp::{RoleClient, ServiceExt};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::{Failure, Result};

/// A connection to a server.
pub(crate) struct Server {
    client: RunningService<RoleClient, ClientConfig>,
    url: String,
}

impl Server {
    /// Shakes hands with the server at a URL (with or without `/mcp`).
    pub(crate) async fn connect(url: &str, key: &str) -> Result<Self> {
        let url = format!("{}/mcp", url.trim_end_matches('/').trim_end_matches("/mcp"));
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Failure::new("`--url` must be like http://127.0.0.1:7420"));
        }
        // Fails only where a provider is set already, which is then the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Failure::new(format!("no HTTP client can be made: {error}")))?;
        let config = StreamableHttpClientTransportConfig::with_uri(url.clone()).auth_header(key);
        let transport = StreamableHttpClientTransport::with_client(http, config);
        let me = Implementation::new("memoranda-locomo", env!("CARGO_PKG_VERSION"));
        let client = ClientConfig::new(ClientCapabilities::default(), me)
            .serve(transport)
            .await
            .map_err(|error| not_connected(&error, &url))?;
        Ok(Self { client, url })
    }

    /// Calls a tool and reads its structured answer.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        tool: &'static str,
        arguments: Value,
    ) -> Result<T> {
        let Value::Object(arguments) = arguments else {
            unreachable!("arguments are written as objects")
        };
        let params = CallToolRequestParams::new(tool).with_arguments(arguments);
        let answer =
            self.client.call_tool(params).await.map_err(|error| not_called(&error, &self.url))?;
        if answer.is_error == Some(true) {
            return Err(refusal(&answer));
        }
        answer
            .into_typed()
            .map_err(|error| Failure::new(format!("`{tool}` answered in another shape: {error}")))
    }

    /// Closes the connection.
    pub(crate) async fn leave(self) {
        // Whether the server heard it changes nothing.
        let _ = self.client.cancel().await;
    }
}

/// What a tool answered instead of a result: its `message` and its `fix`.
fn refusal(answer: &CallToolResult) -> Failure {
    let error = answer.structured_content.as_ref();
    let text = |field: &str| error.and_then(|error| error.get(field)).and_then(Value::as_str);
    let message = text("message").unwrap_or("the server refused and didn't say why");
    let code = text("code").map(|code| format!(" [{code}]")).unwrap_or_default();
    Failure { message: format!("{message}{code}"), fix: text("fix").map(str::to_owned) }
}

fn not_connected(error: &ClientInitializeError, url: &str) -> Failure {
    match error {
        ClientInitializeError::JsonRpcError(error) => of_protocol(error),
        ClientInitializeError::TransportError { error, .. } => of_transport(&*error.error, url),
        error => no_mcp(error, url),
    }
}

fn not_called(error: &ServiceError, url: &str) -> Failure {
    match error {
        ServiceError::McpError(error) => of_protocol(error),
        ServiceError::TransportSend(error) => of_transport(&*error.error, url),
        error => no_mcp(error, url),
    }
}

/// An error of JSON-RPC, which carries ours as its data.
fn of_protocol(error: &rmcp::ErrorData) -> Failure {
    let fix = error.data.as_ref().and_then(|data| data.get("fix")).and_then(Value::as_str);
    Failure { message: error.message.to_string(), fix: fix.map(str::to_owned) }
}

/// What the way to the server failed with. The transport keeps an answer's status, not its body.
fn of_transport(error: &(dyn Error + 'static), url: &str) -> Failure {
    match error.downcast_ref::<StreamableHttpError<reqwest::Error>>() {
        Some(StreamableHttpError::AuthRequired(_)) => Failure::new("the server refused the key")
            .with_fix("check that the whole key was copied, and that it is of this server"),
        Some(StreamableHttpError::InsufficientScope(_)) => Failure::new("the key may not do this")
            .with_fix("use a key that may read and write memories"),
        Some(StreamableHttpError::Client(error)) if error.is_connect() => {
            Failure::new(format!("no server answers at {url}: {}", root(error)))
                .with_fix("start one with `memoranda serve`, or name it with `--url`")
        }
        Some(StreamableHttpError::Client(error)) => {
            Failure::new(format!("{url} stopped answering: {}", root(error)))
                .with_fix("see what the server says, and run this again: it loads only the rest")
        }
        _ => no_mcp(error, url),
    }
}

fn no_mcp(error: &dyn Error, url: &str) -> Failure {
    Failure::new(format!("{url} doesn't answer as an MCP server: {error}"))
        .with_fix("check `--url`; its /health says whether a memoranda is there")
}

/// The first of the causes, which says most.
fn root<'a>(mut error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    while let Some(cause) = error.source() {
        error = cause;
    }
    error
}
