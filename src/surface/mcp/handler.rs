//! The MCP handler: lists and calls by the catalogue, for whoever the transport says is asking.

use std::sync::Arc;

use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams,
    CompleteResult, CustomRequest, CustomResult, ErrorCode, ErrorData, GetPromptRequestParams,
    GetPromptResponse, Implementation, InitializeRequestParams, InitializeResult,
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
    Resource, ResourceContents, ResourceTemplate, ResourcesCapability, ServerCapabilities,
    ServerConfig, SubscriptionFilter, Tool, ToolsCapability,
};
use rmcp::service::{RequestContext, SubscriptionContext};
use rmcp::{RoleServer, ServerHandler};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::prompts::{PROMPTS, Written};
use super::stdio::StdioCaller;
use super::{completion, prompts, tools};
use crate::auth::Auth;
use crate::core::error::{Code, Error, Result};
use crate::core::id::RequestId;
use crate::identity::principal::Principal;
use crate::ops::spec::{Spec, Toolset};
use crate::ops::{self, App, CATALOGUE, Entry, names, resource, watch};
use crate::surface::sign_in::SignedIn;

const INSTRUCTIONS: &str = include_str!("instructions.md");

/// How long a client may take lists as fresh: they change only with a release or a key.
const FRESH_FOR_MS: u64 = 60_000;

/// The product's MCP handler. Cheap to clone.
#[derive(Clone)]
pub struct Mcp {
    pub(super) app: Arc<App>,
    pub(super) auth: Arc<Auth>,
    /// Ends streams.
    pub(super) stop: CancellationToken,
    /// Who asks over stdio; over HTTP each request says so itself.
    stdio: Option<Arc<StdioCaller>>,
}

/// Who asks, under which request id, and what they chose to see.
pub(super) struct Asked {
    pub(super) principal: Arc<Principal>,
    pub(super) request: RequestId,
    pub(super) toolsets: Vec<Toolset>,
    signed_in: Option<SignedIn>,
}

impl Mcp {
    /// A handler whose callers the HTTP layers sign in.
    #[must_use]
    pub fn over_http(app: Arc<App>, auth: Arc<Auth>, stop: CancellationToken) -> Self {
        Self { app, auth, stop, stdio: None }
    }

    /// A handler for the one caller at the other end of standard input.
    #[must_use]
    pub fn over_stdio(app: Arc<App>, caller: StdioCaller, stop: CancellationToken) -> Self {
        let auth = Arc::clone(caller.auth());
        Self { app, auth, stop, stdio: Some(Arc::new(caller)) }
    }

    pub(super) async fn asked(&self, context: &RequestContext<RoleServer>) -> Result<Asked> {
        if let Some(caller) = &self.stdio {
            let client = context.client_info();
            let principal =
                caller.principal(client.as_ref().map(|info| info.name.as_str())).await?;
            return Ok(Asked {
                principal: Arc::new(principal),
                request: self.app.request_id(),
                toolsets: caller.toolsets().to_vec(),
                signed_in: None,
            });
        }
        let parts = context.extensions.get::<axum::http::request::Parts>();
        let signed_in = parts.and_then(|parts| parts.extensions.get::<SignedIn>());
        let (parts, signed_in) =
            parts.zip(signed_in).ok_or_else(|| Error::internal("a request without a principal"))?;
        let header = parts.headers.get("x-mcp-toolsets").and_then(|value| value.to_str().ok());
        let query = parts.uri.query().into_iter().flat_map(|query| query.split('&'));
        let query = query.filter_map(|pair| pair.strip_prefix("toolsets=")).next_back();
        Ok(Asked {
            principal: Arc::clone(&signed_in.principal),
            request: signed_in.request,
            toolsets: tools::chosen(
                query.map(|text| text.replace("%2C", ",")).as_deref().or(header),
            ),
            signed_in: Some(signed_in.clone()),
        })
    }

    async fn completed(
        &self,
        asked: &Asked,
        request: &CompleteRequestParams,
    ) -> Result<CompleteResult> {
        let Some(arguments) = completion::asked(request)? else {
            return Ok(CompleteResult::default());
        };
        let entry = ops::find(completion::OPERATION);
        let entry = entry.ok_or_else(|| Error::internal("nothing completes"))?;
        completion::answered(&self.run(asked, entry, arguments).await?)
    }

    async fn run(&self, asked: &Asked, entry: &Entry, arguments: Value) -> Result<Value> {
        let answer = ops::call(&self.app, &asked.principal, entry, arguments, asked.request).await;
        asked.note(answer)
    }
}

impl Asked {
    /// Lets the layers before this one know of a credential that was struck.
    fn note<T>(&self, answer: Result<T>) -> Result<T> {
        if let (Err(error), Some(signed_in)) = (&answer, &self.signed_in) {
            signed_in.note(error);
        }
        answer
    }
}

/// The resources that a principal may read, as those who answer them say. As with tools, hiding is a
/// courtesy.
pub(super) fn listed_resources(principal: &Principal) -> impl Iterator<Item = &'static Spec> {
    let specs = CATALOGUE.iter().map(|entry| &entry.spec);
    specs.filter(|spec| spec.resource.is_some() && principal.permit(&spec.requirement()).is_ok())
}

fn first_line(spec: &Spec) -> &'static str {
    spec.description.lines().next().unwrap_or_default()
}

/// An error that is no tool's: JSON-RPC's own, with ours as its data.
pub(super) fn protocol_error(error: &Error, request: &str) -> ErrorData {
    let code = match error.code() {
        Code::InvalidArgument | Code::NotFound => ErrorCode::INVALID_PARAMS,
        Code::Internal | Code::Unavailable => ErrorCode::INTERNAL_ERROR,
        _ => ErrorCode::INVALID_REQUEST,
    };
    ErrorData::new(code, error.message().to_owned(), Some(error.to_json(request)))
}

impl ServerHandler for Mcp {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_resources()
            .enable_resources_list_changed()
            .enable_resources_subscribe()
            .enable_prompts()
            .enable_completions()
            .build();
        let me =
            Implementation::new("memoranda", env!("CARGO_PKG_VERSION")).with_title("Memoranda");
        ServerConfig::new(capabilities).with_server_info(me).with_instructions(INSTRUCTIONS)
    }

    /// In the older era nothing is told unasked, and `resources/subscribe` isn't answered.
    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let mut result = self.negotiate_initialize(&request)?;
        context.peer.set_peer_info(request);
        result.capabilities.tools = Some(ToolsCapability::default());
        result.capabilities.resources = Some(ResourcesCapability::default());
        Ok(result)
    }

    /// Of the URIs, those that name something; who may read it is asked each time it is read.
    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        let mut accepted = requested.clone();
        if let Some(uris) = &mut accepted.resource_subscriptions {
            uris.retain(|uri| resource::of(uri).is_some());
            uris.truncate(watch::MOST);
        }
        Some(accepted)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        self.listened(&context).await
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let asked = self.asked(&context).await.map_err(|error| protocol_error(&error, ""))?;
        let tools = tools::listed(&asked.principal, &asked.toolsets);
        Ok(ListToolsResult::with_all_items(tools)
            .with_ttl_ms(FRESH_FOR_MS)
            .with_cache_scope(CacheScope::Private))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let asked = match self.asked(&context).await {
            Ok(asked) => asked,
            // Over stdio this is where a wrong key shows: the caller must be able to read it.
            Err(error) => {
                let id = self.app.request_id().to_string();
                return Ok(CallToolResult::structured_error(error.to_json(&id)).into());
            }
        };
        let id = asked.request.to_string();
        let arguments = request.arguments.map_or_else(|| json!({}), Value::Object);
        let Some(named) = names::find(&request.name, &arguments) else {
            let error = Error::not_found("tool").with_fix("tools/list shows what there is");
            return Err(protocol_error(&error, &id));
        };
        let (app, who) = (&self.app, &asked.principal);
        let answer = ops::call_named(app, who, &named, arguments, asked.request).await;
        Ok(match asked.note(answer) {
            Ok(answer) => CallToolResult::structured(answer),
            Err(error) => CallToolResult::structured_error(error.to_json(&id)),
        }
        .into())
    }

    /// Every tool's definition; the transport asks for it when it checks mirrored headers.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::all().iter().find(|tool| tool.name == name).cloned()
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let asked = self.asked(&context).await.map_err(|error| protocol_error(&error, ""))?;
        let resources = listed_resources(&asked.principal).filter_map(|spec| {
            let uri = spec.resource.filter(|uri| !uri.contains('{'))?;
            let resource = Resource::new(uri, spec.name)
                .with_title(spec.title)
                .with_description(first_line(spec))
                .with_mime_type("application/json");
            Some(resource)
        });
        Ok(ListResourcesResult::with_all_items(resources.collect())
            .with_ttl_ms(FRESH_FOR_MS)
            .with_cache_scope(CacheScope::Private))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let asked = self.asked(&context).await.map_err(|error| protocol_error(&error, ""))?;
        let templates = listed_resources(&asked.principal).filter_map(|spec| {
            let uri = spec.resource.filter(|uri| uri.contains('{'))?;
            let template = ResourceTemplate::new(resource::shown(uri), spec.name)
                .with_title(spec.title)
                .with_description(first_line(spec))
                .with_mime_type("application/json");
            Some(template)
        });
        Ok(ListResourceTemplatesResult::with_all_items(templates.collect())
            .with_ttl_ms(FRESH_FOR_MS)
            .with_cache_scope(CacheScope::Private))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let asked = self.asked(&context).await.map_err(|error| protocol_error(&error, ""))?;
        let uri = request.uri.as_str();
        let Some((entry, arguments)) = resource::of(uri) else {
            let error = Error::not_found("resource").with_fix("resources/list shows what there is");
            let mut data = error.to_json(&asked.request.to_string());
            data["uri"] = json!(uri.chars().take(200).collect::<String>());
            return Err(ErrorData::resource_not_found(error.message().to_owned(), Some(data)));
        };
        let answer = self
            .run(&asked, entry, arguments)
            .await
            .map_err(|error| protocol_error(&error, &asked.request.to_string()))?;
        let contents =
            ResourceContents::text(answer.to_string(), uri).with_mime_type("application/json");
        Ok(ReadResourceResult::new(vec![contents])
            .with_ttl_ms(0)
            .with_cache_scope(CacheScope::Private)
            .into())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let prompts = PROMPTS.iter().map(Written::listed).collect();
        Ok(ListPromptsResult::with_all_items(prompts)
            .with_ttl_ms(FRESH_FOR_MS)
            .with_cache_scope(CacheScope::Private))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let prompt = prompts::find(&request.name)
            .ok_or_else(|| Error::not_found("prompt").with_fix("prompts/list shows what there is"));
        let given = request.arguments.unwrap_or_default();
        let written = prompt.and_then(|prompt| prompt.with(&given));
        written
            .map(Into::into)
            .map_err(|error| protocol_error(&error, &self.app.request_id().to_string()))
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let asked = self.asked(&context).await.map_err(|error| protocol_error(&error, ""))?;
        self.completed(&asked, &request)
            .await
            .map_err(|error| protocol_error(&error, &asked.request.to_string()))
    }

    /// A known method whose parameters have the wrong type reaches this as a custom request.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        const KNOWN: [&str; 10] = [
            "initialize",
            "tools/call",
            "tools/list",
            "resources/list",
            "resources/read",
            "resources/templates/list",
            "prompts/list",
            "prompts/get",
            "completion/complete",
            super::listening::METHOD,
        ];
        if KNOWN.contains(&request.method.as_str()) {
            return Err(ErrorData::invalid_params(
                "the parameters don't have the right shape",
                None,
            ));
        }
        Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "no such method", None))
    }
}
