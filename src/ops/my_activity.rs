//! `my_activity`: what the caller has done, newest first; an admin may see everyone's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::page;
use crate::identity::event::Sealed;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::draft::{End, moment};
use crate::store::activity::EventFilter;

pub struct MyActivity;

/// Which events.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// How many; 20 if left out
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// next_cursor of the page before
    #[schemars(length(min = 1, max = 64))]
    cursor: Option<String>,
    /// Only this operation
    #[schemars(length(min = 1, max = 40))]
    operation: Option<String>,
    /// Only this object's id
    #[schemars(length(min = 1, max = 64))]
    object_id: Option<String>,
    /// From then on, ISO 8601 or words
    after: Option<String>,
    /// Up to then, ISO 8601
    before: Option<String>,
    /// Everyone's; admins only
    team: Option<bool>,
}

/// A page of events.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    events: Vec<EventView>,
    count: usize,
    /// Where the next page begins; absent on the last
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// One act.
#[derive(Serialize, JsonSchema)]
pub struct EventView {
    id: String,
    /// Its place in the team's chain
    sequence: i64,
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    credential_kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    operation: String,
    /// What it was done to
    object_kind: String,
    object_id: String,
    /// `done`, or the code of the refusal
    outcome: String,
    request_id: String,
    summary: Value,
}

impl Operation for MyActivity {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "my_activity",
        title: "My activity",
        description: include_str!("../../tools/my_activity.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Identity,
        is_listed: true,
        route: Route { method: Method::Get, path: "/activity", status: 200 },
        cli: Some(Cli { path: &["activity"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let is_team = input.team.unwrap_or(false);
        if is_team && (call.permit.role() < Role::Admin || !call.permit.scopes().has(Scope::Admin))
        {
            return Err(Error::new(
                Code::PermissionDenied,
                "only an admin sees everyone's activity",
            )
            .with_fix("leave `team` out to see your own")
            .with_detail("needs", serde_json::json!({ "role": "admin", "scope": "admin" })));
        }
        let filter = EventFilter {
            operation: input.operation,
            object_id: input.object_id,
            after: input.after.map(|at| moment("after", &at, End::First, call.at)).transpose()?,
            before: input.before.map(|at| moment("before", &at, End::Last, call.at)).transpose()?,
            below: None,
            agent: None,
            key: None,
        };
        let own = call.permit.actor().agent.as_ref().map(|agent| agent.id);
        let filter = EventFilter { agent: own.filter(|_| !is_team), ..filter };
        // The page is bound to the filters it was made under, so they are part of its mark.
        let team = call.permit.team().to_string();
        let filters = format!("{filter:?}");
        let scope = [team.as_str(), "my_activity", filters.as_str()];
        let below = input.cursor.map(|cursor| page::decode(&scope, &cursor)).transpose()?;
        let limit = input.limit.unwrap_or(20) as usize;
        let page = EventFilter { below, ..filter.clone() };
        let mut found = call.read(move |tx, permit| tx.events(permit, &page, limit + 1)).await?;
        let has_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| has_more).map(|(event, _)| event.sequence);
        Ok(Output {
            count: found.len(),
            next_cursor: last.map(|sequence| page::encode(&scope, sequence)),
            events: found.into_iter().map(|(event, slug)| view(event, slug)).collect(),
        })
    }
}

fn view(event: Sealed, slug: Option<String>) -> EventView {
    EventView {
        id: event.event_id,
        sequence: event.sequence,
        at: event.at,
        agent: slug,
        member: event.member_id,
        credential_kind: event.credential_kind,
        key_id: event.key_id,
        operation: event.operation,
        object_kind: event.object_kind,
        object_id: event.object_id,
        outcome: event.outcome,
        request_id: event.request_id,
        summary: serde_json::from_str(&event.summary).unwrap_or(Value::Null),
    }
}
