//! One port: MCP at `/mcp`, REST under `/v1` and `/api/v2`, health, and the OpenAPI document.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt;
use rmcp::ServerHandler;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::answer::{self, REQUEST_ID};
pub use super::origin::Addresses;
use super::{drain, invitation, mcp, openapi, rest, sign_in};
use crate::auth::Auth;
use crate::core::error::{Code, Error};
use crate::core::id::RequestId;
use crate::ops::App;

/// Limits of one HTTP server.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest request body, in bytes.
    pub body_bytes: usize,
    /// How long a request may take to be answered.
    pub request_for: Duration,
    /// How long running requests may take to end once the server stops.
    pub shutdown_for: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 4 * 1024 * 1024,
            request_for: Duration::from_secs(60),
            shutdown_for: Duration::from_secs(10),
        }
    }
}

/// What the layers and routes share.
pub struct Server {
    pub app: Arc<App>,
    pub auth: Arc<Auth>,
    pub addresses: Addresses,
    pub limits: Limits,
    /// Ends open streams when the server stops.
    pub stop: CancellationToken,
}

/// Every route, with the product's own MCP handler.
pub fn router(server: Arc<Server>) -> Router {
    let handler = mcp::Mcp::over_http(Arc::clone(&server.app));
    router_with(server, handler)
}

/// Every route, with another MCP handler behind the same layers. Tests use it.
pub fn router_with<H: ServerHandler + Clone>(server: Arc<Server>, handler: H) -> Router {
    let signed_in = Router::new()
        .route_service("/mcp", mcp::service(&server, handler))
        .layer(from_fn_with_state(Arc::clone(&server), mcp::mend::layer))
        .merge(rest::routes(&server))
        .layer(from_fn_with_state(Arc::clone(&server), sign_in::layer));
    Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .route("/openapi.json", get(document))
        .with_state(Arc::clone(&server))
        .merge(invitation::routes(&server))
        .merge(signed_in)
        .merge(rest::memanto::routes(&server))
        .fallback(missing)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(server, outermost))
}

/// Serves until `stop` is cancelled, then lets running requests end, within bounds.
///
/// # Errors
/// `UNAVAILABLE` when the listener breaks.
pub async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    router: Router,
) -> Result<(), Error> {
    let stop = server.stop.clone();
    // Without it a streamed answer waits some 40 ms for Nagle's algorithm and a delayed ACK.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let serving = axum::serve(listener, router)
        .with_graceful_shutdown(async move { stop.cancelled().await })
        .into_future();
    let overdue = async {
        server.stop.cancelled().await;
        tokio::time::sleep(server.limits.shutdown_for).await;
    };
    tokio::select! {
        ended = serving => ended.map_err(Error::unavailable),
        () = overdue => Ok(()),
    }
}

/// Gives every request its id, checks Host and Origin, and bounds its time.
async fn outermost(
    State(server): State<Arc<Server>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = server.app.request_id();
    request.extensions_mut().insert(id);
    let mut response = match server.addresses.check(request.headers()) {
        Err(error) => {
            drain::refused(request).await;
            answer::error(&error, id)
        }
        Ok(()) => tokio::time::timeout(server.limits.request_for, next.run(request))
            .await
            .unwrap_or_else(|_| answer::error(&overdue(), id)),
    };
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

fn overdue() -> Error {
    Error::unavailable("the request took longer than its limit")
}

async fn health() -> Response {
    let body = json!({
        "status": "healthy", "service": "memoranda", "version": env!("CARGO_PKG_VERSION"),
    });
    answer::json(StatusCode::OK, &body)
}

async fn ready(State(server): State<Arc<Server>>, request: Request) -> Response {
    let id = *request.extensions().get::<RequestId>().expect("the outer layer sets it");
    match server.app.store.is_ready().await {
        Ok(()) => answer::json(StatusCode::OK, &json!({ "status": "ready" })),
        Err(error) => answer::error(&error, id),
    }
}

async fn document() -> Result<Response, Infallible> {
    Ok(answer::json(StatusCode::OK, openapi::document()))
}

async fn missing(request: Request) -> Response {
    let id = *request.extensions().get::<RequestId>().expect("the outer layer sets it");
    drain::refused(request).await;
    let error = Error::not_found("path").with_fix("see /openapi.json for what there is");
    answer::error(&error, id)
}

async fn wrong_method(_: Method, _: Uri, request: Request) -> Response {
    let id = *request.extensions().get::<RequestId>().expect("the outer layer sets it");
    drain::refused(request).await;
    let error = Error::new(Code::InvalidArgument, "this path doesn't answer that method")
        .with_fix("see /openapi.json for what there is");
    answer::error_with_status(&error, id, StatusCode::METHOD_NOT_ALLOWED)
}
