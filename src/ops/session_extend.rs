//! `session_extend`: a longer session, with a new token.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::session_target::{self, SessionView};
use super::spec::{Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::identity::session::{Grant, HOUR_MS, MOST_HOURS, SigningKey, USUAL_HOURS, end_after};

pub struct SessionExtend;

/// By how much.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// 6 if left out; it never lasts longer than 24 hours from now
    #[schemars(range(min = 1, max = 24))]
    hours: Option<u32>,
}

/// The longer session.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// In place of the one before; it can't be shown again
    session_token: String,
    new_expires_at: Timestamp,
    /// Less than was asked where 24 hours from now are reached
    hours_added: f64,
    #[serde(flatten)]
    view: SessionView,
}

impl Operation for SessionExtend {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "session_extend",
        title: "Extend the session",
        description: include_str!("../../tools/session_extend.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: false,
        toolset: Toolset::Identity,
        is_listed: false,
        route: Route { method: Method::Post, path: "/sessions/extend", status: 200 },
        cli: None,
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let (id, at, token) = (session_target::of_caller(call)?, call.at, call.next_id());
        let fresh = SigningKey::generate(call.next_id());
        let hours = input.hours.unwrap_or(USUAL_HOURS);
        call.change(move |tx, permit| {
            let before = session_target::find(tx, permit, id, at)?.expires_at;
            let wanted = end_after(before, hours).min(end_after(at, MOST_HOURS));
            let is_longer = tx.extend_session(permit, id, wanted, at)?;
            let now = session_target::find(tx, permit, id, at)?;
            let grant = Grant {
                token,
                team: permit.team(),
                session: id,
                agent: now.agent.clone(),
                started_at: now.started_at,
                issued_at: at,
                expires_at: now.expires_at,
            };
            let token = session_target::sign(tx, permit, &fresh, &grant)?;
            let added_ms = now.expires_at.as_millis() - before.as_millis();
            let output = Output {
                session_token: token.expose().to_owned(),
                new_expires_at: now.expires_at,
                hours_added: added_ms as f64 / HOUR_MS as f64,
                view: SessionView::at(now, at),
            };
            if !is_longer {
                return Ok(Done::Unchanged(output));
            }
            let summary = json!({ "expires_at": output.new_expires_at });
            let act = Act { object_kind: "session", object_id: id.to_string(), summary };
            Ok(Done::Changed(output, act))
        })
        .await
    }
}
