//! Taking up an invitation over HTTP: the one route that makes an identity, and so needs none.
//!
//! The code is the credential. Nothing of the body is echoed or logged.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};

use super::http::Server;
use super::{answer, drain};
use crate::core::error::{Code, Error, Result};
use crate::core::id::RequestId;
use crate::core::secret::Secret;

const PATH: &str = "/auth/invitation";

/// How large a body may be: a code and a password, with room for escapes.
const BODY_BYTES: usize = 16 * 1024;

pub(super) fn routes(server: &Arc<Server>) -> Router {
    Router::new().route(PATH, post(take_up)).with_state(Arc::clone(server))
}

async fn take_up(State(server): State<Arc<Server>>, request: Request) -> Response {
    let id = *request.extensions().get::<RequestId>().expect("the outer layer sets it");
    match joined(&server, request).await {
        Ok(body) => answer::json(StatusCode::OK, &body),
        Err(error) => {
            tracing::info!(request = %id, code = error.code().as_str(), "invitation refused");
            answer::error(&error, id)
        }
    }
}

async fn joined(server: &Server, request: Request) -> Result<Value> {
    let is_json = request.headers().get(CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("application/json")
    });
    if !is_json {
        drain::refused(request).await;
        return Err(malformed());
    }
    let address = server.limits.trusted_proxies.client(request.extensions(), request.headers());
    let (parts, body) = request.into_parts();
    let body = drain::whole(&parts.extensions, body, BODY_BYTES).await?;
    let (code, password) = read(&body).ok_or_else(malformed)?;
    // A code can be guessed at, like a key.
    let attempt = server.attempts.from(address);
    attempt.count()?;
    let outcome = server.auth.take_up(&code, &password).await;
    let joined = attempt.settle_by(outcome, |error| error.code() == Code::NotFound)?;
    Ok(json!({
        "member_id": joined.id.to_string(),
        "team": joined.team_slug,
        "display_name": joined.display_name,
        "email": joined.email,
        "role": joined.role,
    }))
}

/// The two fields, and nothing else. What is wrong isn't said more closely: a parser's message
/// would repeat what it read.
fn read(body: &[u8]) -> Option<(Secret, Secret)> {
    let Value::Object(mut fields) = serde_json::from_slice(body).ok()? else { return None };
    let mut secret = |name: &str| match fields.remove(name) {
        Some(Value::String(text)) => Some(Secret::new(text)),
        _ => None,
    };
    let (code, password) = (secret("invitation")?, secret("password")?);
    fields.is_empty().then_some((code, password))
}

fn malformed() -> Error {
    Error::new(Code::InvalidArgument, "the body must be a JSON object of two texts")
        .with_fix("send `invitation` and `password` with `Content-Type: application/json`")
}
