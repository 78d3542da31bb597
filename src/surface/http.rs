//! One port: MCP at `/mcp`, REST under `/v1` and `/api/v2`, health, and the OpenAPI document with its
//! page.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use rmcp::ServerHandler;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::answer::{self, REQUEST_ID};
pub use super::limits::Limits;
use super::limits::Throttle;
pub use super::listen::serve;
pub use super::origin::Addresses;
pub use super::peer::Proxies;
use super::streams::Streams;
use super::{docs, drain, invitation, mcp, openapi, rest, sign_in};
use crate::auth::Auth;
use crate::auth::attempts::Attempts;
use crate::core::error::{Code, Error};
use crate::core::id::RequestId;
use crate::ops::App;

/// What the layers and routes share.
pub struct Server {
    pub app: Arc<App>,
    pub auth: Arc<Auth>,
    pub addresses: Addresses,
    pub limits: Limits,
    /// Ends open streams when the server stops.
    pub stop: CancellationToken,
    /// What addresses have failed to prove.
    pub(super) attempts: Attempts,
    pub(super) throttle: Throttle,
    pub(super) streams: Streams,
}

impl Server {
    /// A server that nobody has asked anything yet.
    #[must_use]
    pub fn new(
        app: Arc<App>,
        auth: Arc<Auth>,
        addresses: Addresses,
        limits: Limits,
        stop: CancellationToken,
    ) -> Self {
        let attempts = Attempts::new(limits.failed_sign_ins, Arc::clone(&app.clock));
        let (throttle, streams) = (Throttle::new(&limits), Streams::new(limits.streams));
        Self { app, auth, addresses, limits, stop, attempts, throttle, streams }
    }
}

/// Every route, with the product's own MCP handler.
pub fn router(server: Arc<Server>) -> Router {
    let (app, auth) = (Arc::clone(&server.app), Arc::clone(&server.auth));
    let handler = mcp::Mcp::over_http(app, auth, server.stop.clone());
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
        .route("/docs", get(page))
        .with_state(Arc::clone(&server))
        .merge(invitation::routes(&server))
        .merge(signed_in)
        .merge(rest::memanto::routes(&server))
        .fallback(missing)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(server, outermost))
}

/// Gives every request its id, checks Host and Origin, and bounds its time.
async fn outermost(
    State(server): State<Arc<Server>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = server.app.request_id();
    let arrival = drain::Arrival::default();
    request.extensions_mut().insert(id);
    request.extensions_mut().insert(arrival.clone());
    let mut response =
        match server.addresses.check(request.headers()) {
            Err(error) => {
                drain::refused(request).await;
                answer::error(&error, id)
            }
            Ok(()) => tokio::time::timeout(server.limits.request_for, next.run(request))
                .await
                .unwrap_or_else(|_| {
                    if arrival.is_awaited() { drain::too_slow(id) } else { overdue(id) }
                }),
        };
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

fn overdue(id: RequestId) -> Response {
    answer::error(&Error::busy("the request took longer than its limit"), id)
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

async fn page() -> Result<Response, Infallible> {
    Ok(docs::answer())
}

async fn missing(request: Request) -> Response {
    let id = *request.extensions().get::<RequestId>().expect("the outer layer sets it");
    drain::refused(request).await;
    let error = Error::not_found("path").with_fix("see /docs or /openapi.json for what there is");
    answer::error(&error, id)
}

async fn wrong_method(_: Method, _: Uri, request: Request) -> Response {
    let id = *request.extensions().get::<RequestId>().expect("the outer layer sets it");
    drain::refused(request).await;
    let error = Error::new(Code::InvalidArgument, "this path doesn't answer that method")
        .with_fix("see /docs or /openapi.json for what there is");
    answer::error_with_status(&error, id, StatusCode::METHOD_NOT_ALLOWED)
}
