//! `recall`: the memories that fit a query, best first.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::recall_links::{self, Relation, Via};
use super::recall_past::{self, ChangeType, Gone, Past, Times};
use super::recall_work::{self, WorkLine};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::{MemoryView, VersionView};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::MemoryId;
use crate::core::text::words;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::draft::{End, moment};
use crate::memory::fields::{MemoryType, Visibility};
use crate::memory::memory::Memory;
use crate::memory::ranking::{self, Hit, Shares};
use crate::memory::search::{Filter, Statuses};
use crate::recall::{Reply, Wanted};

pub struct Recall;

/// What is looked for.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// A question or words; the newest memories if left out
    #[schemars(length(max = 1000))]
    query: Option<String>,
    /// How many; 10 if left out
    #[schemars(range(min = 1, max = 100))]
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
    /// Said by any of these
    #[schemars(length(max = 20), inner(length(min = 1, max = 64)))]
    speakers: Option<Vec<String>>,
    /// Of this conversation or document
    #[schemars(length(min = 1, max = 128))]
    thread: Option<String>,
    /// active if left out; all but forgotten with `all`
    #[schemars(extend("x-rare" = true))]
    status: Option<Statuses>,
    /// Seen by the team, or by you alone; both if left out
    #[schemars(extend("x-rare" = true))]
    visibility: Option<Visibility>,
    /// Only hits with at least this score
    #[schemars(range(min = 0, max = 1))]
    #[schemars(extend("x-rare" = true))]
    min_similarity: Option<f64>,
    /// How much hits should differ from one another; 0 if left out
    #[schemars(range(min = 0, max = 1))]
    #[schemars(extend("x-rare" = true))]
    diversity: Option<f64>,
    /// Written from then on
    created_after: Option<String>,
    /// Written up to then
    created_before: Option<String>,
    /// Happened from then on
    occurred_after: Option<String>,
    /// Happened up to then
    occurred_before: Option<String>,
    /// Most tokens of the answer
    #[schemars(range(min = 100, max = 100_000))]
    max_tokens: Option<u32>,
    /// Then also what is linked to the hits in these ways, as further hits
    #[schemars(length(min = 1, max = 6))]
    #[schemars(extend("x-rare" = true))]
    follow: Option<Vec<Relation>>,
    #[serde(flatten)]
    times: Times,
}

/// What was found.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// Best first
    hits: Vec<HitView>,
    count: usize,
    /// Whether more was found than fits
    more: bool,
    /// With changed_since: those that were forgotten since
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-rare" = true))]
    gone: Vec<Gone>,
    /// What couldn't be asked: `meaning`, when the model doesn't answer
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-rare" = true))]
    without: Option<Vec<String>>,
}

/// A memory that fits.
#[derive(Serialize, JsonSchema)]
pub struct HitView {
    #[serde(flatten)]
    memory: MemoryView,
    /// 0 to 1; 0 where only a link leads to it
    score: f64,
    why: Why,
    /// With follow: the link that leads to it, where no signal found it
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-rare" = true))]
    via: Option<Via>,
    /// The nodes of the strategy and tasks that it speaks for or against
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-rare" = true))]
    work: Vec<WorkLine>,
    /// With changed_since: what became of it since then
    #[serde(skip_serializing_if = "Option::is_none")]
    change_type: Option<ChangeType>,
    /// Its versions, where asked, newest first
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<VersionView>>,
}

/// Which signals found it, with their share in the score.
#[derive(Serialize, JsonSchema)]
pub struct Why {
    /// The question's words, in it and beside it
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<f64>,
    /// Who said it
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<f64>,
    /// When it happened
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<f64>,
    /// Its neighbours and its thread
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<f64>,
    /// Its length, and whether it asks
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<f64>,
}

impl Operation for Recall {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "recall",
        title: "Recall",
        description: include_str!("../../tools/recall.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: true,
        route: Route { method: Method::Post, path: "/recall", status: 200 },
        cli: Some(Cli { path: &["recall"], positional: Some("query") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let limit = input.limit.unwrap_or(10) as usize;
        let max_tokens = input.max_tokens;
        let least = input.min_similarity.unwrap_or(0.0);
        let diversity = input.diversity.unwrap_or(0.0);
        let query = input.query.as_deref().unwrap_or_default().trim().to_owned();
        if !query.is_empty() && words::query(&query).is_empty() {
            return Err(Error::invalid("query", "must hold at least one word")
                .with_fix("ask with words, or leave `query` out for the newest memories"));
        }
        let (status, past) = (input.status, input.times.past(input.status, call.at)?);
        let wants_history = input.times.wants_history();
        let follow = follow(&input, past)?;
        let filter = filter(input, call.at)?;
        let of_linked =
            Filter { status: filter.status, visibility: filter.visibility, ..Filter::default() };
        let (mut gone, mut without) = (Vec::new(), None);
        let mut hits = if let Some(past) = past {
            let found = past.find(call, filter, status, words::query(&query), limit + 1).await?;
            gone = found.gone;
            found.hits
        } else if query.is_empty() {
            let found =
                call.read(move |tx, permit| tx.newest_memories(permit, &filter, limit + 1)).await?;
            ranking::as_listed(found)
        } else {
            let (hits, is_whole) =
                search(call, &query, filter, limit + 1, least, diversity).await?;
            without = (!is_whole).then(|| vec!["meaning".to_owned()]);
            hits
        };
        hits.retain(|hit| hit.score >= least);
        let has_more = hits.len() > limit;
        hits.truncate(limit);
        let mut ids: Vec<MemoryId> = hits.iter().map(|hit| hit.memory.id).collect();
        let mut linked = Vec::new();
        if let Some(relations) = follow {
            linked = recall_links::hanging(call, ids.clone(), relations, of_linked, limit).await?;
            ids.extend(linked.iter().map(|(memory, _)| memory.id));
        }
        // Links are known as they are now alone.
        let is_now = !matches!(past, Some(Past::AsOf(_)));
        let linked_hits = if is_now { ids.clone() } else { Vec::new() };
        let mut work = recall_work::of(call, linked_hits).await?;
        let histories = if wants_history {
            recall_past::histories(call, ids.clone()).await?
        } else {
            Vec::new()
        };
        let hits = hits.into_iter().map(|hit| HitView {
            score: hit.score,
            why: Why::of(hit.shares, hit.words),
            via: None,
            work: Vec::new(),
            change_type: past.and_then(|past| past.change(&hit.memory)),
            memory: hit.memory.into(),
            history: None,
        });
        let mut views: Vec<HitView> = hits.chain(linked.into_iter().map(HitView::linked)).collect();
        for (view, id) in views.iter_mut().zip(&ids) {
            view.work = work.remove(id).unwrap_or_default();
        }
        for (view, history) in views.iter_mut().zip(histories) {
            view.history = Some(history);
        }
        Ok(Output { gone, without, ..within(views, has_more, max_tokens) })
    }
}

/// The memories that fit a query, best first and at most `limit`: for every operation that stands on
/// what recall finds. Empty for a query without words.
///
/// # Errors
/// As [`Call::read`].
pub(super) async fn fitting(
    call: &Call<'_>,
    query: &str,
    filter: Filter,
    limit: usize,
) -> Result<Vec<Hit>> {
    if words::query(query).is_empty() {
        return Ok(Vec::new());
    }
    Ok(search(call, query, filter, limit, 0.0, 0.0).await?.0)
}

/// Searches; says too whether everything could be asked.
async fn search(
    call: &Call<'_>,
    query: &str,
    filter: Filter,
    limit: usize,
    least: f64,
    diversity: f64,
) -> Result<(Vec<Hit>, bool)> {
    #[expect(clippy::cast_possible_truncation, reason = "they are from 0 to 1")]
    let (least, diversity) = (least as f32, diversity as f32);
    let text = query.to_owned();
    let mut wanted = Wanted { text, filter, limit, least, diversity, by_words: false, at: call.at };
    loop {
        let (recaller, asked) = (Arc::clone(call.recaller()), wanted.clone());
        match call.read(move |tx, permit| recaller.find(tx, permit, &asked)).await? {
            Reply::Found(found) => {
                let hits = found.into_iter().map(|found| Hit::of(found.memory, &found.scored));
                return Ok((hits.collect(), !wanted.by_words));
            }
            Reply::NeedsVector(question) => {
                if let Err(error) = call.recaller().embed_question(question).await {
                    let code = error.code().as_str();
                    tracing::warn!(code, cause = ?error.cause(), "recall goes by words alone");
                    wanted.by_words = true;
                }
            }
        }
    }
}

fn filter(input: Input, now: Timestamp) -> Result<Filter> {
    let at = |field: &str, given: Option<String>, end: End| {
        given.map(|given| moment(field, &given, end, now)).transpose()
    };
    Ok(Filter {
        status: input.status.unwrap_or_default(),
        types: input.types.unwrap_or_default(),
        tags: input.tags.unwrap_or_default(),
        agents: input.agents.unwrap_or_default(),
        speakers: input.speakers.unwrap_or_default(),
        thread: input.thread,
        created_after: at("created_after", input.created_after, End::First)?,
        created_before: at("created_before", input.created_before, End::Last)?,
        occurred_after: at("occurred_after", input.occurred_after, End::First)?,
        occurred_before: at("occurred_before", input.occurred_before, End::Last)?,
        changed_after: None,
        visibility: input.visibility,
    })
}

/// Which links are followed, if any are.
fn follow(input: &Input, past: Option<Past>) -> Result<Option<Vec<Relation>>> {
    if input.follow.is_some() && matches!(past, Some(Past::AsOf(_))) {
        return Err(Error::invalid(
            "follow",
            "must be left out when `as_of` is given: links are known as they are now",
        ));
    }
    Ok(input.follow.clone())
}

/// The hits that fit the budget of tokens (a token is taken as four bytes of JSON).
fn within(views: Vec<HitView>, has_more: bool, max_tokens: Option<u32>) -> Output {
    let found = views.len();
    let mut left = max_tokens.map_or(usize::MAX, |tokens| tokens as usize * 4);
    let mut kept = Vec::new();
    for view in views {
        if max_tokens.is_some() {
            let size = serde_json::to_string(&view).map_or(usize::MAX, |json| json.len());
            let Some(rest) = left.checked_sub(size) else { break };
            left = rest;
        }
        kept.push(view);
    }
    let more = has_more || found > kept.len();
    Output { count: kept.len(), more, hits: kept, gone: Vec::new(), without: None }
}

impl HitView {
    /// A memory that a link leads to.
    fn linked((memory, via): (Memory, Via)) -> Self {
        Self {
            memory: memory.into(),
            score: 0.0,
            why: Why::of(None, None),
            via: Some(via),
            work: Vec::new(),
            change_type: None,
            history: None,
        }
    }
}

impl Why {
    /// The shares that are any; of a list nothing is said.
    fn of(shares: Option<Shares>, words: Option<f64>) -> Self {
        let shares = shares.unwrap_or_default();
        let share = |share: f32| {
            let share = (f64::from(share) * 10_000.0).round() / 10_000.0;
            (share != 0.0).then_some(share)
        };
        Self {
            words: words.or_else(|| share(shares.words)),
            meaning: share(shares.meaning),
            author: share(shares.author),
            time: share(shares.time),
            context: share(shares.context),
            form: share(shares.form),
        }
    }
}
