//! `session_list`: the sessions that a key has made, or for admins the team's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::session_target::{self, SessionView};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::store::sessions::SessionFilter;

pub struct SessionList;

/// Which.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Only this agent's
    #[schemars(length(min = 1, max = 64))]
    agent_id: Option<String>,
    /// Those that ended or expired too
    all: Option<bool>,
    /// How many; 100 if left out
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// The sessions.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// Newest first
    sessions: Vec<SessionView>,
    count: usize,
}

impl Operation for SessionList {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "session_list",
        title: "List sessions",
        description: include_str!("../../tools/session_list.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Identity,
        is_listed: false,
        route: Route { method: Method::Get, path: "/sessions", status: 200 },
        cli: Some(Cli { path: &["session", "list"], positional: Some("agent_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let (at, wants_all) = (call.at, input.all.unwrap_or(false));
        let limit = input.limit.unwrap_or(100) as usize;
        let found = call.read(move |tx, permit| {
            let agent = input.agent_id.as_deref();
            let agent = agent.map(|slug| session_target::agent(tx, permit, slug)).transpose()?;
            let filter = SessionFilter {
                id: None,
                agent,
                key: session_target::reach(permit),
                open_at: Some(at).filter(|_| !wants_all),
            };
            tx.sessions(permit, &filter, at, limit)
        });
        let sessions: Vec<SessionView> = found
            .await?
            .into_iter()
            // Those whose key is gone are over as well, though nobody ended them.
            .filter(|session| wants_all || session.is_live(at))
            .map(|session| SessionView::at(session, at))
            .collect();
        Ok(Output { count: sessions.len(), sessions })
    }
}
