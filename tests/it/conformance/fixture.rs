//! A server that has every tool, resource and prompt the official conformance suite asks for.
//!
//! The suite can't test the product's own tools: it calls `test_simple_text` and the like. So this
//! handler stands behind the product's HTTP and authentication layers in the product's place, and
//! what is checked is those layers and the protocol. It holds no state but who waits for a change
//! of the lists, and works without sessions for both eras.
//!
//! `catalogue` is what it lists, `tools` what its tools do, `rounds` the tools that ask the client
//! something first.

#![expect(deprecated, reason = "the suite still tests logging, in both eras")]

mod catalogue;
mod rounds;
mod tools;

use std::sync::{Arc, Mutex};

use rmcp::ErrorData;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult,
    GetPromptRequestParams, GetPromptResponse, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams,
    ReadResourceResponse, ReadResourceResult, ServerConfig, SetLevelRequestParams,
    SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::broadcast;

/// What the trigger tools announce to open `subscriptions/listen` streams.
#[derive(Clone, Copy, Debug)]
enum Change {
    Tools,
    Prompts,
}

/// The handler; a clone is made for each request, and all of them share the announcements.
pub struct Fixture {
    changes: broadcast::Sender<Change>,
    /// Subscribed before the acknowledgement goes out, so that no announcement falls between the
    /// two.
    waiting: Arc<Mutex<Option<broadcast::Receiver<Change>>>>,
}

impl Fixture {
    pub fn new() -> Self {
        Self { changes: broadcast::channel(16).0, waiting: Arc::default() }
    }
}

impl Clone for Fixture {
    fn clone(&self) -> Self {
        Self { changes: self.changes.clone(), waiting: Arc::default() }
    }
}

/// Reads a protocol type from the JSON that it is to become on the wire.
fn wire<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the fixture's JSON has the protocol's shape")
}

/// [`wire`] for results, which from 2026-07-28 on say that they are complete.
fn complete<T: DeserializeOwned>(mut value: Value) -> T {
    value["resultType"] = json!("complete");
    wire(value)
}

impl ServerHandler for Fixture {
    fn get_info(&self) -> ServerConfig {
        wire(json!({
            "protocolVersion": "2025-11-25",
            "serverInfo": {"name": "conformance-fixture", "version": env!("CARGO_PKG_VERSION")},
            "capabilities": {
                "tools": {"listChanged": true},
                "prompts": {"listChanged": true},
                "resources": {"subscribe": true, "listChanged": true},
                "completions": {},
                "logging": {},
            },
        }))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(complete(json!({"tools": catalogue::tools()})))
    }

    /// The transport looks here for parameters that are mirrored in headers.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        catalogue::tools().into_iter().find(|tool| tool["name"] == name).map(wire)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        tools::call(&self.changes, request, context).await
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(complete(json!({"resources": catalogue::resources()})))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(complete(json!({"resourceTemplates": catalogue::templates()})))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri;
        let Some(contents) = catalogue::contents(&uri) else {
            let data = json!({"uri": uri});
            return Err(ErrorData::resource_not_found("no such resource", Some(data)));
        };
        let result: ReadResourceResult = complete(json!({"contents": [contents]}));
        Ok(result.into())
    }

    async fn subscribe(
        &self,
        _request: SubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(
        &self,
        _request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(complete(json!({"prompts": catalogue::prompts()})))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        tools::prompt(request, &context)
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let begun = &request.argument.value;
        let values: Vec<_> =
            ["tea", "test", "text"].into_iter().filter(|word| word.starts_with(begun)).collect();
        Ok(complete(
            json!({"completion": {"total": values.len(), "values": values, "hasMore": false}}),
        ))
    }

    async fn set_level(
        &self,
        _request: SetLevelRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        *self.waiting.lock().expect("no holder panics") = Some(self.changes.subscribe());
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let waiting = self.waiting.lock().expect("no holder panics").take();
        let mut changes = waiting.unwrap_or_else(|| self.changes.subscribe());
        let sink = context.sink();
        loop {
            let change = tokio::select! {
                change = changes.recv() => change,
                () = context.cancelled() => return Ok(()),
            };
            // A refusal means that the listener didn't ask for this kind, which is what the filter
            // is for.
            let _ = match change {
                Ok(Change::Tools) => sink.notify_tool_list_changed().await,
                Ok(Change::Prompts) => sink.notify_prompt_list_changed().await,
                Err(broadcast::error::RecvError::Lagged(_)) => continue,
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
            };
        }
    }
}
