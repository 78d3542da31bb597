//! The bare counterparts: an MCP server that only echoes, and a commit of one row.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::serve::ListenerExt;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ServerCapabilities,
    ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::tower::StreamableHttpService;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use rusqlite::Connection;

/// The argument that makes this program the echo server.
pub const ROLE: &str = "--echo";

/// A handler with one tool.
#[derive(Clone)]
struct Echo;

impl ServerHandler for Echo {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let text = request.arguments.as_ref().and_then(|given| given.get("text")?.as_str());
        let text = text.unwrap_or_default().to_owned();
        Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
    }
}

/// Serves the echo until the process is ended: the SDK as it comes, under axum as it comes, in the
/// mode that the product uses.
pub fn serve(address: &str) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true);
        let service =
            StreamableHttpService::new(|| Ok(Echo), Arc::<NeverSessionManager>::default(), config);
        let router = axum::Router::new().route_service("/mcp", service);
        let listener = tokio::net::TcpListener::bind(address).await.expect("the port is free");
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router).await.expect("the listener holds");
    });
}

/// A database with one table of one text, with the product's pragmas for safety.
pub struct Rows(Connection);

impl Rows {
    pub fn open(folder: &Path) -> Self {
        let connection = Connection::open(folder.join("bare.db")).expect("opens");
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;
                 CREATE TABLE rows (id INTEGER PRIMARY KEY, content TEXT NOT NULL) STRICT;",
            )
            .expect("the pragmas and the table");
        Self(connection)
    }

    /// Commits one row; gives how long it took.
    pub fn commit(&self, content: &str) -> Duration {
        let began = Instant::now();
        let mut insert = self
            .0
            .prepare_cached("INSERT INTO rows (content) VALUES (?1)")
            .expect("the statement is sound");
        insert.execute([content]).expect("commits");
        began.elapsed()
    }

    /// How many rows a second one after the other become durable.
    pub fn rate(&self, content: &str, lasting: Duration) -> f64 {
        let began = Instant::now();
        let mut count = 0_u32;
        while began.elapsed() < lasting {
            self.commit(content);
            count += 1;
        }
        f64::from(count) / began.elapsed().as_secs_f64()
    }
}
