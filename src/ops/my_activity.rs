//! `my_activity`: what the caller has done, newest first; an admin may see everyone's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::page;
use crate::identity::chain::Sealed;
use crate::identity::permit::{Exempt, Permit};
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
    /// Only this kind of object: memory, key, agent
    #[schemars(length(min = 1, max = 40))]
    #[schemars(extend("x-rare" = true))]
    object_kind: Option<String>,
    /// Only this agent's, by its id
    #[schemars(length(min = 1, max = 100))]
    agent: Option<String>,
    /// Only by this key
    #[schemars(length(min = 1, max = 64))]
    key_id: Option<String>,
    /// Only by this one of that key's secrets; 1 is the first
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_i64))]
    #[schemars(extend("x-rare" = true))]
    key_generation: Option<i64>,
    /// Only under this session
    #[schemars(length(min = 1, max = 64))]
    #[schemars(extend("x-rare" = true))]
    session_id: Option<String>,
    /// Only this person's
    #[schemars(length(min = 1, max = 64))]
    #[schemars(extend("x-rare" = true))]
    member_id: Option<String>,
    /// Only with this outcome: done, or a refusal's code
    #[schemars(length(min = 1, max = 40))]
    #[schemars(extend("x-rare" = true))]
    outcome: Option<String>,
    /// From then on, ISO 8601 or words
    after: Option<String>,
    /// Up to then, ISO 8601
    before: Option<String>,
    /// Everyone's; admins only, as is naming another's agent, key or member
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
    /// Which of the key's secrets it was
    #[serde(skip_serializing_if = "Option::is_none")]
    key_generation: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
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
        cli: Some(Cli { path: &["activity", "list"], positional: None }),
        resource: Some("memoranda://agent/{id:agent}/activity"),
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let Some(filter) = filter(call, &input).await? else {
            return Ok(Output { events: Vec::new(), count: 0, next_cursor: None });
        };
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

/// The filter that the input describes; `None` where it names an agent that isn't there.
async fn filter(call: &Call<'_>, input: &Input) -> Result<Option<EventFilter>> {
    if input.key_generation.is_some() && input.key_id.is_none() {
        return Err(Error::invalid("key_generation", "needs `key_id`: each key counts its own"));
    }
    let mut filter = EventFilter {
        agent: None,
        member: input.member_id.clone(),
        key: input.key_id.clone(),
        secret_number: input.key_generation,
        session: input.session_id.clone(),
        operation: input.operation.clone(),
        object_kind: input.object_kind.clone(),
        object_id: input.object_id.clone(),
        outcome: input.outcome.clone(),
        after: input
            .after
            .as_deref()
            .map(|at| moment("after", at, End::First, call.at))
            .transpose()?,
        before: input
            .before
            .as_deref()
            .map(|at| moment("before", at, End::Last, call.at))
            .transpose()?,
        below: None,
    };
    if input.team.unwrap_or(false) || names_another(&call.permit, input) {
        check_sees_all(&call.permit)?;
        if let Some(slug) = input.agent.clone() {
            let agent = call.look_up(move |tx, permit| tx.any_agent_of_slug(permit, &slug)).await?;
            let Some(agent) = agent else { return Ok(None) };
            filter.agent = Some(agent.id);
        }
        return Ok(Some(filter));
    }
    let actor = call.permit.actor();
    filter.agent = actor.agent.as_ref().map(|agent| agent.id);
    if filter.agent.is_none() {
        // A person without an agent; an actor who is nobody has done nothing.
        let Some(member) = actor.member else { return Ok(None) };
        filter.member = Some(member.to_string());
    }
    Ok(Some(filter))
}

/// Whether it asks for what an agent, a key or a member has done that isn't the caller's own.
fn names_another(permit: &Permit, input: &Input) -> bool {
    let actor = permit.actor();
    let is_other = |asked: &Option<String>, own: Option<String>| {
        asked.as_ref().is_some_and(|asked| Some(asked) != own.as_ref())
    };
    is_other(&input.agent, actor.agent.as_ref().map(|agent| agent.slug.clone()))
        || is_other(&input.key_id, permit.credential().key().map(|key| key.to_string()))
        || is_other(&input.member_id, actor.member.map(|member| member.to_string()))
}

fn check_sees_all(permit: &Permit) -> Result<()> {
    if permit.role() >= Role::Admin && permit.scopes().has(Scope::Admin) {
        return Ok(());
    }
    Err(Error::new(Code::PermissionDenied, "only an admin sees what others have done")
        .with_fix("leave `team`, and agents, keys and members that aren't your own, out")
        .with_detail("needs", serde_json::json!({ "role": "admin", "scope": "admin" })))
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
        key_generation: event.secret_number,
        session_id: event.session_id,
        operation: event.operation,
        object_kind: event.object_kind,
        object_id: event.object_id,
        outcome: event.outcome,
        request_id: event.request_id,
        summary: serde_json::from_str(&event.summary).unwrap_or(Value::Null),
    }
}
