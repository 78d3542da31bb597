//! MCP over standard input and output: one caller, until the input ends.

use std::sync::Arc;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;
use tokio_util::sync::CancellationToken;

use super::listening::OverStdio;
use super::{Mcp, frames, tools};
use crate::auth::{Auth, Principal};
use crate::core::error::{Error, Result};
use crate::core::secret::Secret;
use crate::core::text;
use crate::ops::App;
use crate::ops::spec::Toolset;

/// Who is at the other end of standard input.
pub struct StdioCaller {
    auth: Arc<Auth>,
    /// Without one it is the local owner's own agent, named by the client.
    key: Option<Secret>,
    agent: Option<String>,
    toolsets: Vec<Toolset>,
}

impl StdioCaller {
    /// A caller with a key, or the local owner's own agent.
    #[must_use]
    pub fn new(
        auth: Arc<Auth>,
        key: Option<Secret>,
        agent: Option<String>,
        toolsets: Option<&str>,
    ) -> Self {
        Self { auth, key, agent, toolsets: tools::chosen(toolsets) }
    }

    pub(super) fn auth(&self) -> &Arc<Auth> {
        &self.auth
    }

    pub(super) fn toolsets(&self) -> &[Toolset] {
        &self.toolsets
    }

    /// Signs in, each time anew: a key that was revoked since is refused.
    pub(super) async fn principal(&self, client: Option<&str>) -> Result<Principal> {
        if let Some(key) = &self.key {
            return self.auth.key(key, self.agent.as_deref()).await;
        }
        let client = client.unwrap_or("agent");
        let slug = self.agent.clone().unwrap_or_else(|| text::slug(client, 64));
        let display_name = text::one_line(client, 100);
        let display_name = if display_name.is_empty() { slug.clone() } else { display_name };
        self.auth.local_agent(&slug, &display_name).await
    }
}

/// Serves one client on standard input and output until the input ends or `stop` is cancelled.
///
/// # Errors
/// `UNAVAILABLE` when standard input or output breaks.
pub async fn serve(app: Arc<App>, caller: StdioCaller, stop: CancellationToken) -> Result<()> {
    let handler = OverStdio::new(Mcp::over_stdio(app, caller, stop.clone()));
    let (input, output) = stdio_pipes();
    let (ours, writing) = frames::between(input, output);
    let writing = tokio::spawn(writing);
    let served = match handler.serve_with_ct(ours, stop).await {
        Ok(running) => running.waiting().await.map(drop).map_err(Error::unavailable),
        // The client left, or we were told to stop, before it had said a word.
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => {
            Ok(())
        }
        Err(error) => Err(Error::unavailable(error)),
    };
    let _ = writing.await;
    served
}
