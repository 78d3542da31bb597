//! The layer that signs callers in, before anything behind it runs, and checks again what comes back.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use super::http::Server;
use super::{answer, drain};
use crate::auth::Principal;
use crate::auth::api_key::Presented;
use crate::auth::attempts::Attempt;
use crate::auth::session::BySession;
use crate::core::error::{Code, Error, Result};
use crate::core::id::RequestId;

/// The header that carries a session's token, in requests and, renewed, in answers.
const SESSION_TOKEN: &str = "x-session-token";

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
    pub(super) fn note(&self, error: &Error) {
        let struck = match error.code() {
            Code::InvalidApiKey => Error::invalid_api_key(),
            Code::InvalidSessionToken => Error::invalid_session_token(),
            Code::ExpiredSessionToken => Error::expired_session_token(),
            _ => return,
        };
        let _ = self.struck.set(struck);
    }
}

/// How the caller has signed in.
enum Proof {
    Key(Principal),
    Session(BySession),
}

impl Proof {
    fn principal(&self) -> &Principal {
        match self {
            Proof::Key(principal) => principal,
            Proof::Session(by) => &by.principal,
        }
    }
}

/// Signs the caller in, or answers 401, 403 or 429; a credential struck on the way is 401 too.
pub(super) async fn layer(
    State(server): State<Arc<Server>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = *request.extensions().get::<RequestId>().expect("the outer layer sets it");
    let address = server.limits.trusted_proxies.client(request.extensions(), request.headers());
    let proof = match proof(&server, address, request.headers()).await {
        Ok(proof) => proof,
        Err(error) => {
            tracing::info!(request = %id, code = error.code().as_str(), "sign-in refused");
            drain::refused(request).await;
            return answer::error(&error, id);
        }
    };
    let principal = Arc::new(proof.principal().clone());
    let key = principal.credential.key();
    let signed_in = SignedIn { principal, request: id, struck: Arc::default() };
    request.extensions_mut().insert(signed_in.clone());
    let mut response = next.run(request).await;
    if let Some(error) = signed_in.struck.get() {
        return answer::error(error, id);
    }
    if let Proof::Session(by) = &proof
        && response.status().is_success()
    {
        renew(&server, by, &mut response).await;
    }
    server.streams.counted(key, response).unwrap_or_else(|error| answer::error(&error, id))
}

/// Adds a new token to an answer where the one that was presented soon ends.
async fn renew(server: &Server, by: &BySession, response: &mut Response) {
    let token = match server.auth.renewed(by).await {
        Ok(token) => token,
        // The answer stands without it, and the next one tries again.
        Err(error) => {
            tracing::warn!(code = error.code().as_str(), "a session's token wasn't renewed");
            None
        }
    };
    if let Some(token) = token
        && let Ok(mut value) = HeaderValue::from_str(token.expose())
    {
        value.set_sensitive(true);
        response.headers_mut().insert(SESSION_TOKEN, value);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Who asks, if they may ask now: an address that guesses and a key that asks too often wait.
async fn proof(server: &Server, address: Option<IpAddr>, headers: &HeaderMap) -> Result<Proof> {
    let attempt = server.attempts.from(address);
    let outcome = proven(server, &attempt, headers).await;
    let proof = attempt.settle(outcome)?;
    server.throttle.count(proof.principal(), server.app.clock.now())?;
    Ok(proof)
}

async fn proven(server: &Server, attempt: &Attempt<'_>, headers: &HeaderMap) -> Result<Proof> {
    let all = |name: &str| {
        headers.get_all(name).iter().map(|value| value.to_str().ok()).collect::<Vec<_>>()
    };
    let presented = Presented {
        authorization: all(AUTHORIZATION.as_str()),
        api_key: all("x-api-key"),
        session_token: all(SESSION_TOKEN),
    };
    let agent = headers.get("x-agent-id");
    let agent = agent.map(|value| value.to_str().unwrap_or("\u{fffd}").trim());
    if let Some(token) = presented.session_token()? {
        let beside = presented.key_beside()?;
        let by = server.auth.session_in(attempt, &token, agent, beside.as_ref()).await?;
        return Ok(Proof::Session(by));
    }
    Ok(Proof::Key(server.auth.key_in(attempt, &presented.key()?, agent).await?))
}
