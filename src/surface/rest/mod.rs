//! REST, family 1: each operation at the route that its spec names.
//!
//! Family 2, the routes and shapes of another product, is [`memanto`].

pub(super) mod memanto;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use serde_json::{Map, Value};

use crate::core::error::{Code, Error, Result};
use crate::ops::spec::Method;
use crate::ops::{self, CATALOGUE, Entry};
use crate::surface::http::Server;
use crate::surface::sign_in::SignedIn;
use crate::surface::{answer, drain};

/// What all routes begin with.
pub(in crate::surface) const PREFIX: &str = "/v1";

type Pairs = Vec<(String, String)>;

/// A route for each operation of the catalogue.
pub(in crate::surface) fn routes(server: &Arc<Server>) -> Router {
    let mut router = Router::new();
    for entry in &CATALOGUE {
        let filter = filter(entry.spec.route.method);
        let handler = move |State(server): State<Arc<Server>>,
                            Extension(who): Extension<SignedIn>,
                            path: std::result::Result<Path<Pairs>, PathRejection>,
                            query: std::result::Result<Query<Pairs>, QueryRejection>,
                            request: Request| async move {
            let called = async {
                let Path(path) = path.map_err(|error| unreadable("path", error))?;
                let Query(query) = query.map_err(|error| unreadable("query string", error))?;
                call(&server, entry, &who, path, query, request).await
            };
            match called.await {
                Ok(response) => response,
                Err(error) => answer::error(&error, who.request),
            }
        };
        router = router.route(&format!("{PREFIX}{}", entry.spec.route.path), on(filter, handler));
    }
    router.with_state(Arc::clone(server))
}

/// A method as the router names it.
fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}

async fn call(
    server: &Server,
    entry: &Entry,
    who: &SignedIn,
    path: Pairs,
    query: Pairs,
    request: Request,
) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let body = drain::whole(&parts.extensions, body, server.limits.body_bytes).await?;
    let mut arguments = if body.is_empty() { Map::new() } else { object(&body)? };
    for (field, text) in query.into_iter().chain(path) {
        let value = ops::decode::from_text(entry.input(), &field, &text);
        arguments.insert(field, value);
    }
    let arguments = Value::Object(arguments);
    let answer = ops::call(&server.app, &who.principal, entry, arguments, who.request).await?;
    let status = StatusCode::from_u16(entry.spec.route.status).expect("a spec's status is one");
    Ok(answer::json(status, &answer))
}

fn unreadable(what: &str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::invalid(what, "must be percent-encoded UTF-8").with_cause(cause)
}

fn object(body: &[u8]) -> Result<Map<String, Value>> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Error::invalid("body", "must be a JSON object")),
        Err(error) => Err(Error::new(Code::InvalidArgument, "the body is not valid JSON")
            .with_fix("send a JSON object with `Content-Type: application/json`")
            .with_cause(error)),
    }
}
