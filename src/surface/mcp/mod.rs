//! MCP over streamable HTTP and stdio: a reader of the catalogue, written by hand over rmcp.
//!
//! Both protocol eras are answered on both transports. HTTP is stateless: no session to hijack,
//! and any replica can answer. Open [`handler`] first.

mod completion;
pub mod frames;
mod handler;
mod listening;
pub(in crate::surface) mod mend;
mod prompts;
pub mod stdio;
pub mod tools;

use std::sync::Arc;

use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::tower::StreamableHttpService;

use super::http::Server;

pub use handler::Mcp;

/// The streamable HTTP service over a handler.
pub(super) fn service<H: ServerHandler + Clone>(
    server: &Server,
    handler: H,
) -> StreamableHttpService<H, NeverSessionManager> {
    // Without the server's own token: it would cut running calls off, and streams before they are
    // told that they end. Streams look at it themselves, and calls are given time.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_allowed_hosts(server.addresses.hosts())
        .with_allowed_origins(server.addresses.origins())
        .enforce_origin_validation()
        .with_max_request_body_bytes(server.limits.body_bytes);
    StreamableHttpService::new(
        move || Ok(handler.clone()),
        Arc::new(NeverSessionManager::default()),
        config,
    )
}
