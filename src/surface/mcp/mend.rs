//! Mends what clients stumble over before the SDK sees a request, and what it answers unclearly.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{Value, json};

use super::listening;
use crate::core::error::{Code, Error};
use crate::core::id::RequestId;
use crate::surface::http::Server;
use crate::surface::{answer, drain};

const BOTH: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// Takes `Accept: */*` as both types that MCP wants, reads the body within its limit, and answers
/// malformed messages with the JSON-RPC error that the specification names.
pub(in crate::surface) async fn layer(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Response {
    let id = *request.extensions().get::<RequestId>().expect("the outer layer sets it");
    if request.method() != Method::POST {
        drain::refused(request).await;
        let error = Error::new(Code::InvalidArgument, "`/mcp` answers POST alone")
            .with_fix("this server keeps no sessions; send each message as a POST");
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let mut response = answer::error_with_status(&error, id, status);
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let (mut parts, body) = request.into_parts();
    let body = match drain::whole(&parts.extensions, body, server.limits.body_bytes).await {
        Ok(body) => body,
        Err(error) => return answer::error(&error, id),
    };
    if accepts_json(&parts.headers) {
        parts.headers.insert(ACCEPT, BOTH);
    }
    let is_json = is_json(&parts.headers);
    let mut request = Request::from_parts(parts, Body::from(body.clone()));
    if let Err(error) = listening::open(&server, &mut request, &body).await {
        return answer::error(&error, id);
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE && is_json {
        return malformed(&body);
    }
    response
}

/// Whether an answer in JSON would be taken: said so, or nothing said.
fn accepts_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return true;
    }
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|kind| {
        let (essence, parameters) = kind.split_once(';').unwrap_or((kind, ""));
        let is_refused = parameters.split(';').any(|parameter| {
            parameter.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse() == Ok(0.0))
        });
        let essence = essence.trim().to_ascii_lowercase();
        !is_refused && matches!(&*essence, "*/*" | "application/*" | "application/json")
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("application/json")
    })
}

/// The SDK answers 415 to a body that it can't read; JSON-RPC has two codes for that.
fn malformed(body: &Bytes) -> Response {
    let (code, message) = match serde_json::from_slice::<Value>(body) {
        Ok(_) => (-32600, "not a JSON-RPC message"),
        Err(_) => (-32700, "not valid JSON"),
    };
    let error = json!({ "code": code, "message": message });
    let body = json!({ "jsonrpc": "2.0", "id": null, "error": error });
    answer::json(StatusCode::BAD_REQUEST, &body)
}
