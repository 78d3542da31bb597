//! Reading a request's body within bounds.
//!
//! A server that answers before it has read the body and then closes makes TCP reset the
//! connection, and the reset can overtake the answer. So a body is read, and thrown away where the
//! request is refused, before the answer leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::CONNECTION;
use axum::http::{Extensions, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::StreamExt;

use super::answer;
use crate::core::error::{Code, Error, Result};
use crate::core::id::RequestId;

/// How long a refused request may take to send what is thrown away.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much of a refused request's body is thrown away before the connection is given up.
const THROWN_AWAY: usize = 16 * 1024 * 1024;

/// Whether it is the rest of a request that is waited for; in the request's extensions.
#[derive(Debug, Clone, Default)]
pub(super) struct Arrival(Arc<AtomicBool>);

impl Arrival {
    pub(super) fn is_awaited(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The answer to a request whose time was up before it had arrived.
pub(super) fn too_slow(id: RequestId) -> Response {
    let error = Error::new(Code::InvalidArgument, "the request took too long to arrive")
        .with_fix("send it again, on a better connection or in smaller parts");
    let mut response = answer::error_with_status(&error, id, StatusCode::REQUEST_TIMEOUT);
    // What is still to come belongs to nothing any more.
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The whole body of a request, if it has at most `limit` bytes.
///
/// # Errors
/// `TOO_LARGE` with the limit; `INVALID_ARGUMENT` when the connection broke.
pub(super) async fn whole(request: &Extensions, body: Body, limit: usize) -> Result<Bytes> {
    let note = |is_awaited| {
        if let Some(Arrival(awaited)) = request.get() {
            awaited.store(is_awaited, Ordering::Relaxed);
        }
    };
    note(true);
    let whole = read(body, limit).await;
    note(false);
    whole
}

async fn read(body: Body, limit: usize) -> Result<Bytes> {
    let mut stream = body.into_data_stream();
    let mut read: Vec<u8> = Vec::new();
    let mut first: Option<Bytes> = None;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| {
            Error::new(Code::InvalidArgument, "the request body broke off").with_cause(error)
        })?;
        let so_far = first.as_ref().map_or(read.len(), Bytes::len);
        if so_far + chunk.len() > limit {
            throw_away(Body::from_stream(stream)).await;
            return Err(too_large(limit));
        }
        // One chunk is the rule, and needs no copy.
        match first.take() {
            None if read.is_empty() => first = Some(chunk),
            None => read.extend_from_slice(&chunk),
            Some(start) => {
                read.extend_from_slice(&start);
                read.extend_from_slice(&chunk);
            }
        }
    }
    Ok(first.unwrap_or_else(|| read.into()))
}

/// Reads what is left of a refused request, within bounds.
pub(super) async fn refused(request: Request) {
    throw_away(request.into_body()).await;
}

async fn throw_away(body: Body) {
    let mut stream = body.into_data_stream();
    let read = async {
        let mut left = THROWN_AWAY;
        while let Some(Ok(chunk)) = stream.next().await {
            let Some(rest) = left.checked_sub(chunk.len()) else { break };
            left = rest;
        }
    };
    let _ = tokio::time::timeout(PATIENCE, read).await;
}

fn too_large(limit: usize) -> Error {
    let kib = limit / 1024;
    let size = if kib < 1024 { format!("{kib} KiB") } else { format!("{} MiB", kib / 1024) };
    Error::new(Code::TooLarge, format!("the request body is over {size}"))
        .with_fix("send it in parts")
        .with_detail("limit_bytes", serde_json::json!(limit))
}
