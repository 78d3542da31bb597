//! `activity_export`: the trail in the order of its chain, with what is needed to check it elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::core::page;
use crate::identity::chain::Link;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::draft::{End, moment};
use crate::store::activity::Stretch;

pub struct ActivityExport;

/// Which stretch.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// How many; 1000 if left out
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// next_cursor of the page before
    #[schemars(length(min = 1, max = 64))]
    cursor: Option<String>,
    /// Begins with the first event of then or later, ISO 8601 or words
    after: Option<String>,
    /// Ends with the last event of then or earlier, ISO 8601 or words
    before: Option<String>,
}

/// A page of events.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// Oldest first, without gaps
    events: Vec<Link>,
    count: usize,
    /// Where the next page begins; absent on the last
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Operation for ActivityExport {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "activity_export",
        title: "Export the activity trail",
        description: include_str!("../../tools/activity_export.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Get, path: "/activity/export", status: 200 },
        // `cli/activity.rs`: it writes all pages to one file.
        cli: None,
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let whole = Stretch {
            beyond: 0,
            after: input.after.map(|at| moment("after", &at, End::First, call.at)).transpose()?,
            before: input.before.map(|at| moment("before", &at, End::Last, call.at)).transpose()?,
        };
        let team = call.permit.team().to_string();
        let period = format!("{whole:?}");
        let scope = [team.as_str(), "activity_export", period.as_str()];
        let beyond = input.cursor.map(|cursor| page::decode(&scope, &cursor)).transpose()?;
        let limit = input.limit.unwrap_or(1000) as usize;
        let stretch = Stretch { beyond: beyond.unwrap_or(0), ..whole };
        let mut events = call.read(move |tx, permit| tx.links(permit, &stretch, limit + 1)).await?;
        let has_more = events.len() > limit;
        events.truncate(limit);
        let last = events.last().filter(|_| has_more).map(|link| link.event.sequence);
        Ok(Output {
            count: events.len(),
            next_cursor: last.map(|sequence| page::encode(&scope, sequence)),
            events,
        })
    }
}
