//! REST, family 2: the routes and shapes of Memanto, so that programs written for it work with
//! another base URL and one of our keys.
//!
//! The one idea: a thin translation. Each route of [`TABLE`] makes arguments for an operation,
//! calls it as every surface does, and gives its answer another shape; both generations of that
//! API are the same routes with other names for some fields. A route whose operation isn't in the
//! catalogue isn't in the table. Open [`ask`] for what comes in, [`shape`] for what goes out.

mod activity;
mod agents;
mod answers;
mod ask;
mod batch;
mod conflicts;
mod form;
mod memories;
mod open;
mod policy;
mod recall;
mod sessions;
mod shape;
mod standing;
mod summary;
mod upload;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, on};
use serde_json::Value;

use super::{Pairs, filter, unreadable};
use crate::core::error::{Error, Result};
use crate::core::id::RequestId;
use crate::ops::spec::Method::{self, Delete, Get, Patch, Post, Put};
use crate::surface::http::Server;
use crate::surface::sign_in::{self, SignedIn};
use crate::surface::{answer, drain};
use ask::{Answering, Ask};
use recall::List;

/// What a caller must show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// A key, or a session's token.
    Key,
    /// The token of a session.
    Session,
    /// The token of a session of the agent in the path.
    AgentsSession,
}

/// A route: what it asks for, and what answers it.
struct Route {
    method: Method,
    path: &'static str,
    proof: Proof,
    /// The status of a success.
    status: StatusCode,
    /// Whether its body is a form with a file, and no JSON.
    takes_file: bool,
    run: for<'a> fn(&'a Ask<'a>) -> Answering<'a>,
}

const fn route(
    method: Method,
    path: &'static str,
    proof: Proof,
    run: for<'a> fn(&'a Ask<'a>) -> Answering<'a>,
) -> Route {
    Route { method, path, proof, status: StatusCode::OK, takes_file: false, run }
}

const AGENTS: &str = "/api/v2/agents";
const AGENT: &str = "/api/v2/agents/{agent_id}";
const ACTIVATE: &str = "/api/v2/agents/{agent_id}/activate";
const DEACTIVATE: &str = "/api/v2/agents/{agent_id}/deactivate";
const REMEMBER: &str = "/api/v2/agents/{agent_id}/remember";
const BATCH: &str = "/api/v2/agents/{agent_id}/batch-remember";
const MEMORY: &str = "/api/v2/agents/{agent_id}/memories/{id}";
const EXPIRE: &str = "/api/v2/agents/{agent_id}/memories/{id}/expire";
const RESTORE: &str = "/api/v2/agents/{agent_id}/memories/{id}/restore";
const VALIDATE: &str = "/api/v2/agents/{agent_id}/validate/{id}";
const SUPERSEDE: &str = "/api/v2/agents/{agent_id}/supersede/{id}";
const CONTRADICT: &str = "/api/v2/agents/{agent_id}/contradict/{id}";
const CONFLICTS: &str = "/api/v2/agents/{agent_id}/conflicts";
const GENERATE: &str = "/api/v2/agents/{agent_id}/conflicts/generate";
const RESOLVE: &str = "/api/v2/agents/{agent_id}/conflicts/resolve";
const POLICY: &str = "/api/v2/agents/{agent_id}/policy";
const PRESETS: &str = "/api/v2/agents/{agent_id}/policy/presets";
const PRESET: &str = "/api/v2/agents/{agent_id}/policy/presets/{name}";
const TAKE_PRESET: &str = "/api/v2/agents/{agent_id}/policy/preset";
const APPLY: &str = "/api/v2/agents/{agent_id}/policy/apply";
const PURGE: &str = "/api/v2/agents/{agent_id}/policy/purge";
const RECALL: &str = "/api/v2/agents/{agent_id}/recall";
const CURRENT: &str = "/api/v2/agents/{agent_id}/recall/current";
const AS_OF: &str = "/api/v2/agents/{agent_id}/recall/as-of";
const CHANGED: &str = "/api/v2/agents/{agent_id}/recall/changed-since";
const RECENT: &str = "/api/v2/agents/{agent_id}/recall/recent";
const ANSWER: &str = "/api/v2/agents/{agent_id}/answer";
const UPLOAD: &str = "/api/v2/agents/{agent_id}/upload-file";
const SUMMARY: &str = "/api/v2/agents/{agent_id}/daily-summary";
const EXTRACT: &str = "/api/v2/agents/{agent_id}/remember/extract";
const ALL: &str = "/api/v2/agents/{agent_id}/recall/all";

/// Every route but the open ones.
static TABLE: [Route; 45] = [
    route(Get, AGENTS, Proof::Key, |ask| Box::pin(agents::list(ask))),
    Route {
        status: StatusCode::CREATED,
        ..route(Post, AGENTS, Proof::Key, |ask| Box::pin(agents::create(ask)))
    },
    route(Get, AGENT, Proof::Key, |ask| Box::pin(agents::show(ask))),
    route(Delete, AGENT, Proof::Key, |ask| Box::pin(agents::delete(ask))),
    route(Post, ACTIVATE, Proof::Key, |ask| Box::pin(sessions::activate(ask))),
    route(Post, DEACTIVATE, Proof::Key, |ask| Box::pin(sessions::deactivate(ask))),
    route(Get, "/api/v2/status", Proof::Key, |ask| Box::pin(sessions::status(ask))),
    route(Get, "/api/v2/sessions", Proof::Key, |ask| Box::pin(sessions::list(ask))),
    route(Get, "/api/v2/session/current", Proof::Session, |ask| Box::pin(sessions::current(ask))),
    route(Post, "/api/v2/session/extend", Proof::Session, |ask| Box::pin(sessions::extend(ask))),
    route(Get, "/api/v2/activity/verify", Proof::Key, |ask| Box::pin(activity::verify(ask))),
    route(Post, REMEMBER, Proof::AgentsSession, |ask| Box::pin(memories::remember(ask))),
    route(Post, BATCH, Proof::AgentsSession, |ask| Box::pin(batch::remember(ask))),
    route(Patch, MEMORY, Proof::AgentsSession, |ask| Box::pin(memories::update(ask))),
    route(Delete, MEMORY, Proof::AgentsSession, |ask| Box::pin(memories::delete(ask))),
    route(Post, EXPIRE, Proof::AgentsSession, |ask| Box::pin(memories::expire(ask))),
    route(Post, RESTORE, Proof::AgentsSession, |ask| Box::pin(memories::restore(ask))),
    route(Post, VALIDATE, Proof::AgentsSession, |ask| Box::pin(standing::validate(ask))),
    route(Post, SUPERSEDE, Proof::AgentsSession, |ask| Box::pin(standing::supersede(ask))),
    route(Post, CONTRADICT, Proof::AgentsSession, |ask| Box::pin(standing::contradict(ask))),
    route(Get, CONFLICTS, Proof::AgentsSession, |ask| Box::pin(conflicts::list(ask))),
    route(Post, GENERATE, Proof::AgentsSession, |ask| Box::pin(conflicts::generate(ask))),
    route(Post, RESOLVE, Proof::AgentsSession, |ask| Box::pin(conflicts::resolve(ask))),
    route(Get, POLICY, Proof::AgentsSession, |ask| Box::pin(policy::show(ask))),
    route(Put, POLICY, Proof::AgentsSession, |ask| Box::pin(policy::set(ask))),
    route(Get, PRESETS, Proof::AgentsSession, |ask| Box::pin(policy::presets(ask))),
    route(Get, PRESET, Proof::AgentsSession, |ask| Box::pin(policy::preset(ask))),
    route(Post, TAKE_PRESET, Proof::AgentsSession, |ask| Box::pin(policy::set_preset(ask))),
    route(Post, APPLY, Proof::AgentsSession, |ask| Box::pin(policy::apply(ask))),
    route(Post, PURGE, Proof::AgentsSession, |ask| Box::pin(policy::purge(ask))),
    route(Post, ANSWER, Proof::AgentsSession, |ask| Box::pin(answers::answer(ask))),
    Route {
        takes_file: true,
        ..route(Post, UPLOAD, Proof::AgentsSession, |ask| Box::pin(upload::file(ask)))
    },
    route(Post, SUMMARY, Proof::AgentsSession, |ask| Box::pin(summary::daily(ask))),
    route(Post, EXTRACT, Proof::AgentsSession, |ask| Box::pin(answers::extract(ask))),
    route(Get, RECALL, Proof::AgentsSession, |ask| Box::pin(recall::search(ask))),
    route(Post, RECALL, Proof::AgentsSession, |ask| Box::pin(recall::search(ask))),
    route(Get, CURRENT, Proof::AgentsSession, |ask| Box::pin(recall::current(ask))),
    route(Get, AS_OF, Proof::AgentsSession, |ask| Box::pin(recall::list(ask, List::AsOf))),
    route(Post, AS_OF, Proof::AgentsSession, |ask| Box::pin(recall::list(ask, List::AsOf))),
    route(Get, CHANGED, Proof::AgentsSession, |ask| Box::pin(recall::list(ask, List::Changed))),
    route(Post, CHANGED, Proof::AgentsSession, |ask| Box::pin(recall::list(ask, List::Changed))),
    route(Get, RECENT, Proof::AgentsSession, |ask| Box::pin(recall::list(ask, List::Recent))),
    route(Post, RECENT, Proof::AgentsSession, |ask| Box::pin(recall::list(ask, List::Recent))),
    route(Get, ALL, Proof::AgentsSession, |ask| Box::pin(recall::list(ask, List::All))),
    route(Post, ALL, Proof::AgentsSession, |ask| Box::pin(recall::list(ask, List::All))),
];

/// The routes of the table behind their sign-in, and the open ones.
pub(in crate::surface) fn routes(server: &Arc<Server>) -> Router {
    let by_key = signed_in(server, |proof| proof == Proof::Key);
    let by_session = signed_in(server, |proof| proof != Proof::Key).layer(from_fn(needs_token));
    Router::new()
        .route("/health", get(open::health))
        .route("/ready", get(open::ready))
        .route("/live", get(open::live))
        .with_state(Arc::clone(server))
        .merge(by_key)
        .merge(by_session)
}

fn signed_in(server: &Arc<Server>, is_ours: fn(Proof) -> bool) -> Router {
    let mut router = Router::new();
    for route in TABLE.iter().filter(|route| is_ours(route.proof)) {
        let handler = move |State(server): State<Arc<Server>>,
                            Extension(who): Extension<SignedIn>,
                            path: std::result::Result<Path<Pairs>, _>,
                            query: std::result::Result<Query<Pairs>, _>,
                            request: Request| async move {
            let answered = async {
                let Path(path) = path.map_err(|error| unreadable("path", error))?;
                let Query(query) = query.map_err(|error| unreadable("query string", error))?;
                let (parts, body) = request.into_parts();
                let body = drain::whole(&parts.extensions, body, server.limits.body_bytes).await;
                let body = body.map_err(|error| upload::named(route.takes_file, error))?;
                let fields = if route.takes_file { &Bytes::new() } else { &body };
                let mut ask = Ask::new(&server.app, &who, path, query, fields)?;
                check(route.proof, &ask)?;
                if route.takes_file {
                    ask.file = Some(form::file(&parts.headers, &body)?);
                }
                (route.run)(&ask).await
            };
            match answered.await {
                Ok(body) => answer::json(route.status, &body),
                Err(error) => answer::error(&error, who.request),
            }
        };
        router = router.route(route.path, on(filter(route.method), handler));
    }
    router
        .with_state(Arc::clone(server))
        .layer(from_fn_with_state(Arc::clone(server), sign_in::layer))
}

/// Refuses who has signed in by a key alone where a session is asked for, and a session of another
/// agent than the path names.
fn check(proof: Proof, ask: &Ask<'_>) -> Result<()> {
    if proof == Proof::Key {
        return Ok(());
    }
    ask.session()?;
    if proof == Proof::AgentsSession && ask.acting_agent() != Some(ask.in_path("agent_id")) {
        return Err(Error::agent_key_conflict("this session is another agent's")
            .with_fix("activate the agent of the path, and send its token"));
    }
    Ok(())
}

/// Whoever sends no credential at all to a memory route lacks a session first of all.
async fn needs_token(request: Request, next: Next) -> Response {
    let id = *request.extensions().get::<RequestId>().expect("the outer layer sets it");
    let credentials = [AUTHORIZATION.as_str(), "x-api-key", "x-session-token"];
    if credentials.iter().any(|name| request.headers().contains_key(*name)) {
        return next.run(request).await;
    }
    drain::refused(request).await;
    answer::error(&Error::missing_session_token(), id)
}

/// The body of a success.
type Answer = Result<Value>;
