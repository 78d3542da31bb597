//! `memory_list`: memories as a list: the newest, what changed, or what stood at some time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::MemoryView;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::text::words;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::draft::{End, moment};
use crate::memory::fields::{MemoryType, Visibility};
use crate::memory::memory::Memory;
use crate::memory::ranking::{self, Hit};
use crate::memory::search::{Filter, Statuses};

pub struct MemoryList;

/// Which.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// How many; 100 if left out
    #[schemars(range(min = 1, max = 5000))]
    limit: Option<u32>,
    /// Any of these types
    #[schemars(length(max = 13))]
    types: Option<Vec<MemoryType>>,
    /// All of these tags
    #[schemars(length(max = 20), inner(length(min = 1, max = 64)))]
    tags: Option<Vec<String>>,
    /// Written by any of these agent ids
    #[schemars(length(max = 20), inner(length(min = 1, max = 100)))]
    agents: Option<Vec<String>>,
    /// active if left out; all but forgotten with `all`
    status: Option<Statuses>,
    /// Seen by the team, or by you alone; both if left out
    visibility: Option<Visibility>,
    /// Written from then on
    created_after: Option<String>,
    /// Written up to then
    created_before: Option<String>,
    /// Written or changed later than then, the newest change first
    changed_since: Option<String>,
    /// As they stood then, those that were active, the newest change first
    as_of: Option<String>,
    /// With changed_since or as_of: those that hold any of these words, the most first
    #[schemars(length(max = 1000))]
    query: Option<String>,
}

/// The list.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    memories: Vec<Listed>,
    count: usize,
    /// How many there are, listed or not
    total: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_since: Option<Timestamp>,
}

/// A memory of the list.
#[derive(Serialize, JsonSchema)]
pub struct Listed {
    #[serde(flatten)]
    memory: MemoryView,
    /// With a query, the share of its words that this one holds
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    /// With changed_since: `created` or `updated` since then
    #[serde(skip_serializing_if = "Option::is_none")]
    change_type: Option<&'static str>,
}

/// How many are looked through for a query.
const RANKED: usize = 5000;

impl Operation for MemoryList {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "memory_list",
        title: "List memories",
        description: include_str!("../../tools/memory_list.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: false,
        route: Route { method: Method::Get, path: "/memories", status: 200 },
        cli: Some(Cli { path: &["memory", "list"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let limit = input.limit.unwrap_or(100) as usize;
        let at = |field: &str, given: &Option<String>, end: End| {
            given.as_deref().map(|given| moment(field, given, end, call.at)).transpose()
        };
        let as_of = at("as_of", &input.as_of, End::Last)?;
        let since = at("changed_since", &input.changed_since, End::First)?;
        let words = words::query(input.query.as_deref().unwrap_or_default());
        check_together(&input, !words.is_empty())?;
        let filter = Filter {
            status: input.status.unwrap_or_default(),
            types: input.types.unwrap_or_default(),
            tags: input.tags.unwrap_or_default(),
            agents: input.agents.unwrap_or_default(),
            visibility: input.visibility,
            created_after: at("created_after", &input.created_after, End::First)?,
            created_before: at("created_before", &input.created_before, End::Last)?,
            changed_after: since,
            ..Filter::default()
        };
        let is_ranked = !words.is_empty();
        let most = if is_ranked { RANKED } else { limit };
        let (found, total) = call
            .read(move |tx, permit| {
                if let Some(moment) = as_of {
                    return tx.memories_as_of(permit, &filter, moment, most);
                }
                let found = match since {
                    Some(_) => tx.changed_memories(permit, &filter, most)?,
                    None => tx.newest_memories(permit, &filter, most)?,
                };
                Ok((found, tx.count_found(permit, &filter)?))
            })
            .await?;
        let hits = if is_ranked {
            ranking::by_held_words(found, &words)
        } else {
            ranking::as_listed(found)
        };
        let total = if is_ranked { hits.len() as u64 } else { total };
        let memories: Vec<Listed> =
            hits.into_iter().take(limit).map(|hit| Listed::of(hit, since)).collect();
        Ok(Output { count: memories.len(), total, memories, as_of, changed_since: since })
    }
}

/// Refuses what contradicts itself.
fn check_together(input: &Input, has_words: bool) -> Result<()> {
    let refused = |field, rule| Err(Error::invalid(field, rule));
    if input.as_of.is_some() && input.changed_since.is_some() {
        return refused("changed_since", "must be left out when `as_of` is given");
    }
    if input.as_of.is_some() && input.status.is_some() {
        return refused(
            "status",
            "must be left out when `as_of` is given: it lists what was active",
        );
    }
    let Some(query) = &input.query else { return Ok(()) };
    if input.as_of.is_none() && input.changed_since.is_none() {
        return refused("query", "goes with `as_of` or `changed_since`; recall finds by words");
    }
    if !has_words && !query.trim().is_empty() {
        return refused("query", "must hold at least one word");
    }
    Ok(())
}

impl Listed {
    fn of(hit: Hit, since: Option<Timestamp>) -> Self {
        let change = |memory: &Memory, since| {
            if memory.created_at > since { "created" } else { "updated" }
        };
        Self {
            change_type: since.map(|since| change(&hit.memory, since)),
            score: hit.words,
            memory: hit.memory.into(),
        }
    }
}
