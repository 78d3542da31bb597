//! The layer that signs callers in, before anything behind it runs, and checks again what comes back.

use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;

use super::http::Server;
use super::{answer, drain};
use crate::auth::Principal;
use crate::auth::api_key::Presented;
use crate::core::error::{Code, Error, Result};
use crate::core::id::RequestId;

/// Who asks and under which request id: what the layer puts into a request's extensions.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) principal: Arc<Principal>,
    pub(super) request: RequestId,
    /// Set by a handler that found the credential struck while it ran. MCP's own answers are
    /// always 200, so the layer makes the 401.
    struck: Arc<OnceLock<Error>>,
}

impl SignedIn {
    /// Tells the layer that the credential was struck, if that is what the error says.
    pub(super) fn note(&self, error: Error) {
        if is_struck(&error) {
            let _ = self.struck.set(error);
        }
    }
}

/// Whether an error of a running operation means that its credential no longer holds.
pub(super) fn is_struck(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::InvalidApiKey | Code::InvalidSessionToken | Code::ExpiredSessionToken
    )
}

/// Signs the caller in, or answers 401 or 403; a credential struck on the way is 401 too.
pub(super) async fn layer(
    State(server): State<Arc<Server>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = *request.extensions().get::<RequestId>().expect("the outer layer sets it");
    let principal = match principal(&server, request.headers()).await {
        Ok(principal) => Arc::new(principal),
        Err(error) => {
            tracing::info!(request = %id, code = error.code().as_str(), "sign-in refused");
            drain::refused(request).await;
            return answer::error(&error, id);
        }
    };
    let signed_in = SignedIn { principal, request: id, struck: Arc::default() };
    request.extensions_mut().insert(signed_in.clone());
    let response = next.run(request).await;
    match signed_in.struck.get() {
        Some(error) => answer::error(error, id),
        None => response,
    }
}

async fn principal(server: &Server, headers: &HeaderMap) -> Result<Principal> {
    let all = |name: &str| {
        headers.get_all(name).iter().map(|value| value.to_str().ok()).collect::<Vec<_>>()
    };
    let presented =
        Presented { authorization: all(AUTHORIZATION.as_str()), api_key: all("x-api-key") };
    let secret = presented.credential()?;
    let agent = headers.get("x-agent-id");
    let agent = agent.map(|value| value.to_str().unwrap_or("\u{fffd}").trim());
    server.auth.key(&secret, agent).await
}
