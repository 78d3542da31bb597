//! The open routes: whether the server is there.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::core::id::RequestId;
use crate::surface::answer;
use crate::surface::http::Server;

/// Always 200: what is wrong stands in the body.
pub(super) async fn health(State(server): State<Arc<Server>>) -> Response {
    let is_connected = server.app.store.is_ready().await.is_ok();
    let body = json!({
        "status": if is_connected { "healthy" } else { "unhealthy" },
        "service": "memoranda",
        "version": env!("CARGO_PKG_VERSION"),
        "moorcheh_connected": is_connected,
    });
    answer::json(StatusCode::OK, &body)
}

pub(super) async fn ready(State(server): State<Arc<Server>>, request: Request) -> Response {
    let id = *request.extensions().get::<RequestId>().expect("the outer layer sets it");
    match server.app.store.is_ready().await {
        Ok(()) => answer::json(StatusCode::OK, &json!({ "status": "ready" })),
        Err(error) => answer::error(&error, id),
    }
}

pub(super) async fn live() -> Response {
    answer::json(StatusCode::OK, &json!({ "status": "alive" }))
}
