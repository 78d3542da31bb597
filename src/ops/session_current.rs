//! `session_current`: the session that the caller's token belongs to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::session_target::{self, SessionView};
use super::spec::{Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct SessionCurrent;

/// Nothing is asked.
#[derive(Deserialize, JsonSchema)]
pub struct Input {}

/// The session.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    view: SessionView,
}

impl Operation for SessionCurrent {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "session_current",
        title: "Show the current session",
        description: include_str!("../../tools/session_current.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Identity,
        is_listed: false,
        route: Route { method: Method::Get, path: "/sessions/current", status: 200 },
        cli: None,
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, _: Input) -> Result<Output> {
        let (id, at) = (session_target::of_caller(call)?, call.at);
        let found = call.look_up(move |tx, permit| session_target::find(tx, permit, id, at));
        Ok(Output { view: SessionView::at(found.await?, at) })
    }
}
