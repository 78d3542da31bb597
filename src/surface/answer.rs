//! Errors and results as HTTP answers.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use crate::core::error::{Code, Error};
use crate::core::id::RequestId;

/// The name of the header that carries the request's id.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// An answer in JSON.
pub(super) fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An error as an HTTP answer: status, headers and body as the error table says.
///
/// `detail` repeats it for clients of the FastAPI kind.
pub(super) fn error(error: &Error, request: RequestId) -> Response {
    let status = StatusCode::from_u16(error.code().http()).expect("the table holds HTTP statuses");
    error_with_status(error, request, status)
}

/// As [`error`], with a status of HTTP's own, such as 405.
pub(super) fn error_with_status(error: &Error, request: RequestId, status: StatusCode) -> Response {
    let object = error.to_json(&request.to_string());
    let detail = json!({
        "error": object["code"], "message": object["message"], "details": object["details"],
    });
    let body = json!({ "status": "error", "error": object, "detail": detail });
    let mut response = json(status, &body);
    let headers = response.headers_mut();
    if let Some(challenge) = challenge(error) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if let Some(seconds) = error.retry_after_seconds() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// `WWW-Authenticate` (RFC 6750, section 3) for a refusal that another credential would mend.
fn challenge(error: &Error) -> Option<HeaderValue> {
    match error.code() {
        Code::Unauthenticated => Some(HeaderValue::from_static("Bearer")),
        // Some clients show this header and drop the body.
        Code::InvalidApiKey => Some(HeaderValue::from_static(
            "Bearer error=\"invalid_token\", error_description=\"this API key is not valid\"",
        )),
        Code::MissingSessionToken => Some(HeaderValue::from_static(
            "Bearer error=\"invalid_request\", error_description=\"a session token is needed\"",
        )),
        Code::InvalidSessionToken => Some(HeaderValue::from_static(
            "Bearer error=\"invalid_token\", error_description=\"this session token is not valid\"",
        )),
        Code::ExpiredSessionToken => Some(HeaderValue::from_static(
            "Bearer error=\"invalid_token\", error_description=\"this session token has expired\"",
        )),
        Code::PermissionDenied => {
            let scope = error.details().get("needs")?.get("scope")?.as_str()?;
            let value = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
            HeaderValue::from_str(&value).ok()
        }
        _ => None,
    }
}
