//! `subscriptions/listen`: streams of what has changed for the principal who opened them.
//!
//! A stream begins before the SDK acknowledges it ([`Opening`]): otherwise what changes just then
//! would be heard by nobody. It ends when its credential does, here or on another server.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Request;
use rmcp::model::{
    ClientNotification, ClientRequest, ErrorData, ProtocolVersion, ServerConfig, ServerResult,
};
use rmcp::service::{
    NotificationContext, RequestContext, Service, SubscriptionContext, SubscriptionSendError,
};
use rmcp::{RoleServer, ServerHandler};
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::handler::{Asked, Mcp, listed_resources, protocol_error};
use super::tools;
use crate::auth::Principal;
use crate::core::error::{Error, Result};
use crate::ops::App;
use crate::ops::watch::{Watch, is_struck};
use crate::surface::http::Server;
use crate::surface::sign_in::SignedIn;

pub(super) const METHOD: &str = "subscriptions/listen";

/// How often a credential is looked at when nothing happens: its time may end, or the word of its
/// end be lost.
const CHECKED_EVERY: Duration = Duration::from_secs(5);

/// How long a stream rests after it has looked, so that a team that writes much is looked at a few
/// times a second and not once for each change.
const REST: Duration = Duration::from_millis(200);

/// How many streams one client may have open over stdio.
const STREAMS_OVER_STDIO: usize = 8;

/// What a stream begins with, made before it is acknowledged. Taken once.
#[derive(Clone)]
pub(super) struct Opening(Arc<Mutex<Option<Opened>>>);

struct Opened {
    watch: Watch,
    _place: Option<OwnedSemaphorePermit>,
}

impl Opening {
    async fn new(
        app: &Arc<App>,
        principal: &Principal,
        uris: Vec<String>,
        place: Option<OwnedSemaphorePermit>,
    ) -> Result<Self> {
        let watch = Watch::begin(app, principal, uris).await?;
        Ok(Self(Arc::new(Mutex::new(Some(Opened { watch, _place: place })))))
    }

    fn take(&self) -> Option<Opened> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Begins a stream that comes over HTTP, if the request asks for one.
///
/// # Errors
/// As [`Watch::begin`].
pub(super) async fn open(server: &Server, request: &mut Request, body: &Bytes) -> Result<()> {
    let method = request.headers().get("mcp-method");
    let signed_in = request.extensions().get::<SignedIn>().cloned();
    let Some(signed_in) = signed_in.filter(|_| method.is_some_and(|method| method == METHOD))
    else {
        return Ok(());
    };
    // What isn't as it should be is for the SDK to refuse.
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let uris = asked["params"]["notifications"]["resourceSubscriptions"].as_array();
    let uris = uris.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let opening = Opening::new(&server.app, &signed_in.principal, uris, None).await?;
    request.extensions_mut().insert(opening);
    Ok(())
}

/// The handler as the one client at the other end of standard input has it.
pub(super) struct OverStdio {
    handler: Mcp,
    places: Arc<Semaphore>,
}

impl OverStdio {
    pub(super) fn new(handler: Mcp) -> Self {
        Self { handler, places: Arc::new(Semaphore::new(STREAMS_OVER_STDIO)) }
    }

    async fn open(&self, asked: &Asked, uris: Vec<String>) -> Result<Opening> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            let limit = serde_json::json!({ "streams": STREAMS_OVER_STDIO });
            Error::rate_limited("this client has too many streams open", 1, limit)
                .with_fix("end one of its streams first")
        })?;
        Opening::new(&self.handler.app, &asked.principal, uris, Some(place)).await
    }
}

impl Service<RoleServer> for OverStdio {
    async fn handle_request(
        &self,
        request: ClientRequest,
        mut context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        if let ClientRequest::SubscriptionsListenRequest(listen) = &request {
            let uris = listen.params.notifications.resource_subscriptions.clone();
            let asked = self.handler.asked(&context).await;
            let asked = asked.map_err(|error| protocol_error(&error, ""))?;
            let opening = self.open(&asked, uris.unwrap_or_default()).await;
            let opening =
                opening.map_err(|error| protocol_error(&error, &asked.request.to_string()))?;
            context.extensions.insert(opening);
        }
        self.handler.handle_request(request, context).await
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.handler.handle_notification(notification, context).await
    }

    fn get_info(&self) -> ServerConfig {
        ServerHandler::get_info(&self.handler)
    }

    fn supported_protocol_versions(&self) -> std::borrow::Cow<'static, [ProtocolVersion]> {
        ServerHandler::supported_protocol_versions(&self.handler)
    }
}

/// What a stream was told of last, beside its resources.
#[derive(PartialEq, Eq)]
struct Lists {
    tools: Vec<String>,
    resources: Vec<&'static str>,
}

impl Lists {
    fn of(principal: &Principal, asked: &Asked) -> Self {
        let tools = tools::listed(principal, &asked.toolsets);
        Self {
            tools: tools.into_iter().map(|tool| tool.name.into_owned()).collect(),
            resources: listed_resources(principal).filter_map(|spec| spec.resource).collect(),
        }
    }
}

impl Mcp {
    /// Runs a stream until it is cancelled, the server stops, or its credential ends.
    pub(super) async fn listened(&self, context: &SubscriptionContext) -> Result<(), ErrorData> {
        let asked = self.asked(context.request_context()).await;
        let asked = asked.map_err(|error| protocol_error(&error, ""))?;
        let ended = match self.follow(context, &asked).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        tracing::info!(
            request = %asked.request, code = ended.code().as_str(),
            credential.id = %asked.principal.credential, "a stream has ended with its credential"
        );
        Err(protocol_error(&ended, &asked.request.to_string()))
    }

    async fn follow(&self, context: &SubscriptionContext, asked: &Asked) -> Result<()> {
        let extensions = &context.request_context().extensions;
        let parts = extensions.get::<axum::http::request::Parts>();
        let opening =
            extensions.get::<Opening>().or_else(|| parts.and_then(|parts| parts.extensions.get()));
        let opened = opening.and_then(Opening::take);
        let mut opened = opened.ok_or_else(|| Error::internal("a stream that wasn't begun"))?;
        let mut lists = Lists::of(&asked.principal, asked);
        let mut checks = tokio::time::interval(CHECKED_EVERY);
        checks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let is_moved = tokio::select! {
                is_open = opened.watch.is_moved() => if is_open { true } else { return Ok(()) },
                _ = checks.tick() => false,
                () = self.stop.cancelled() => return Ok(()),
                () = context.cancelled() => return Ok(()),
            };
            let principal = match self.auth.again(&asked.principal).await {
                Ok(principal) => principal,
                Err(error) if is_struck(&error) => return Err(error),
                // The database doesn't answer: nothing is told until it does.
                Err(_) => {
                    opened.watch.fall_behind();
                    continue;
                }
            };
            let changed = if is_moved || opened.watch.is_behind() {
                opened.watch.look(&principal).await?
            } else {
                Vec::new()
            };
            let now = Lists::of(&principal, asked);
            let told = tell(context, &lists, &now, changed).await;
            if told.is_err() {
                return Ok(());
            }
            lists = now;
            if is_moved {
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Tells what the stream was opened for.
///
/// # Errors
/// When there is nobody to tell any more.
async fn tell(
    context: &SubscriptionContext,
    before: &Lists,
    now: &Lists,
    changed: Vec<String>,
) -> Result<(), SubscriptionSendError> {
    let (sink, accepted) = (context.sink(), context.accepted());
    if accepted.tools_list_changed == Some(true) && before.tools != now.tools {
        sink.notify_tool_list_changed().await?;
    }
    if accepted.resources_list_changed == Some(true) && before.resources != now.resources {
        sink.notify_resource_list_changed().await?;
    }
    for uri in changed {
        if accepted.resource_subscriptions.as_ref().is_some_and(|uris| uris.contains(&uri)) {
            sink.notify_resource_updated(uri).await?;
        }
    }
    Ok(())
}
