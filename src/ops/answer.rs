//! `answer`: the statements that answer a question, each cited; or that nothing is held.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::recall;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::AuthorView;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::MemoryId;
use crate::core::text::words;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::answer::{self, Cited, Found, HELD, State, prompt};
use crate::memory::conflict::{ConflictKind, ConflictStatus};
use crate::memory::draft::{End, moment};
use crate::memory::fields::{MemoryType, Provenance, Status, Visibility};
use crate::memory::link::{Link, LinkType, Linked, Target};
use crate::memory::memory::Memory;
use crate::memory::search::{Filter, Statuses};
use crate::store::conflicts::ConflictFilter;

pub struct Answer;

/// What is asked.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// One question
    #[schemars(length(min = 1, max = 1000))]
    question: String,
    /// Most statements; 5 if left out
    #[schemars(range(min = 1, max = 20))]
    limit: Option<u32>,
    /// Any of these types
    #[schemars(length(max = 13))]
    #[schemars(extend("x-rare" = true))]
    types: Option<Vec<MemoryType>>,
    /// All of these tags
    #[schemars(length(max = 20), inner(length(min = 1, max = 64)))]
    #[schemars(extend("x-rare" = true))]
    tags: Option<Vec<String>>,
    /// Written by any of these agent ids
    #[schemars(length(max = 20), inner(length(min = 1, max = 100)))]
    #[schemars(extend("x-rare" = true))]
    agents: Option<Vec<String>>,
    /// Said by any of these
    #[schemars(length(max = 20), inner(length(min = 1, max = 64)))]
    speakers: Option<Vec<String>>,
    /// Of this conversation or document
    #[schemars(length(min = 1, max = 128))]
    thread: Option<String>,
    /// Seen by the team, or by you alone; both if left out
    #[schemars(extend("x-rare" = true))]
    visibility: Option<Visibility>,
    /// Written from then on
    #[schemars(extend("x-rare" = true))]
    created_after: Option<String>,
    /// Written up to then
    #[schemars(extend("x-rare" = true))]
    created_before: Option<String>,
    /// Happened from then on
    #[schemars(extend("x-rare" = true))]
    occurred_after: Option<String>,
    /// Happened up to then
    #[schemars(extend("x-rare" = true))]
    occurred_before: Option<String>,
    /// Most tokens of the answer
    #[schemars(range(min = 100, max = 100_000))]
    max_tokens: Option<u32>,
}

/// What is known of it.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    state: State,
    /// Word for word, in the order in which to use them
    statements: Vec<StatementCited>,
    /// Prose from the statements, which cites their ids in brackets; only if a language model is
    /// configured and its prose was borne out
    #[serde(skip_serializing_if = "Option::is_none")]
    prose: Option<String>,
    mode: Mode,
    /// 0 to 1
    confidence: f64,
    /// The share of the question that the best statement speaks of
    best: f64,
    /// From which share on a statement speaks of it
    threshold: f64,
    /// Pairs of ids that contradict each other, undecided
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<[String; 2]>,
    /// What to bear in mind
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// How the answer was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Mode {
    /// The statements themselves.
    Extractive,
    /// Prose beside them.
    Composed,
}

/// A statement that answers, and where it stands.
#[derive(Serialize, JsonSchema)]
pub struct StatementCited {
    text: String,
    memory_id: String,
    version: i64,
    #[serde(rename = "type")]
    memory_type: MemoryType,
    status: Status,
    author: AuthorView,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<String>,
    provenance: Provenance,
    /// How sure its author was
    confidence: f64,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<Timestamp>,
    /// How well it answers, 0 to 1
    score: f64,
}

/// Links and conflicts that are looked at, of those that are cited.
const TIES: usize = 100;

/// Memories that are looked through: of those that hold, and of those that no longer do.
const CANDIDATES: usize = 40;

impl Operation for Answer {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "answer",
        title: "Answer",
        description: include_str!("../../tools/answer.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: true,
        route: Route { method: Method::Post, path: "/answer", status: 200 },
        cli: Some(Cli { path: &["answer"], positional: Some("question") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let question = input.question.trim().to_owned();
        if words::query(&question).is_empty() {
            return Err(Error::invalid("question", "must hold at least one word")
                .with_fix("ask with words; recall without a query lists the newest memories"));
        }
        let most = input.limit.unwrap_or(5) as usize;
        let max_tokens = input.max_tokens;
        let agents = input.agents.clone().unwrap_or_default();
        let (memories, nearness) = candidates(call, &question, filter(input, call.at)?).await?;
        let found = answer::answer_near(&question, memories, &nearness, call.at, most);
        let (found, conflicts) = tied(call, found, agents).await?;
        let (prose, note) = composed(call, &question, &found).await;
        let mut output = Output::of(found, conflicts);
        output.mode = if prose.is_some() { Mode::Composed } else { Mode::Extractive };
        output.prose = prose;
        output.note = note.map(str::to_owned).or(output.note);
        Ok(output.within(max_tokens))
    }
}

fn filter(input: Input, now: Timestamp) -> Result<Filter> {
    let at = |field: &str, given: Option<String>, end: End| {
        given.map(|given| moment(field, &given, end, now)).transpose()
    };
    Ok(Filter {
        types: input.types.unwrap_or_default(),
        tags: input.tags.unwrap_or_default(),
        agents: input.agents.unwrap_or_default(),
        speakers: input.speakers.unwrap_or_default(),
        thread: input.thread,
        visibility: input.visibility,
        created_after: at("created_after", input.created_after, End::First)?,
        created_before: at("created_before", input.created_before, End::Last)?,
        occurred_after: at("occurred_after", input.occurred_after, End::First)?,
        occurred_before: at("occurred_before", input.occurred_before, End::Last)?,
        ..Filter::default()
    })
}

/// The memories that recall finds, and beside them those that no longer hold: only they tell an
/// answer that has become stale from one that nobody ever gave. Also how near each one's meaning is.
async fn candidates(
    call: &Call<'_>,
    question: &str,
    filter: Filter,
) -> Result<(Vec<Memory>, BTreeMap<MemoryId, f32>)> {
    let mut nearness: BTreeMap<MemoryId, f32> = BTreeMap::new();
    let mut memories = Vec::new();
    for status in [Statuses::Active, Statuses::Superseded, Statuses::Expired] {
        let filter = Filter { status, ..filter.clone() };
        for hit in recall::fitting(call, question, filter, CANDIDATES).await? {
            if nearness.insert(hit.memory.id, hit.meaning).is_none() {
                memories.push(hit.memory);
            }
        }
    }
    Ok((memories, nearness))
}

/// What was found, once it is known what took the place of what no longer holds, and which of the
/// cited memories are in an undecided conflict. Where only some authors were asked for, the others
/// stay out here as well.
async fn tied(
    call: &Call<'_>,
    found: Found,
    agents: Vec<String>,
) -> Result<(Found, Vec<[String; 2]>)> {
    let ids: Vec<MemoryId> = found.cited.iter().map(|one| one.memory.id).collect();
    if ids.is_empty() {
        return Ok((found, Vec::new()));
    }
    let is_stale = found.state == State::Stale;
    let (heirs, pairs, others) = call
        .read(move |tx, permit| {
            let links = if is_stale { tx.links_of(permit, &ids, TIES)? } else { Vec::new() };
            let heirs: Vec<(MemoryId, MemoryId)> = links.iter().filter_map(heir).collect();
            let mut pairs = Vec::new();
            for id in ids.iter().chain(heirs.iter().map(|(_, heir)| heir)) {
                let filter = ConflictFilter {
                    statuses: ConflictStatus::WAITING.to_vec(),
                    memory: Some(*id),
                    ..ConflictFilter::default()
                };
                let waiting = tx.conflicts(permit, &filter, TIES)?.into_iter();
                let telling = waiting.filter(|one| one.kind != ConflictKind::Duplicate);
                pairs
                    .extend(telling.filter_map(|one| Some((one.newer.id, one.existing.memory()?))));
            }
            pairs.sort_unstable();
            pairs.dedup();
            let ends = pairs.iter().flat_map(|(one, other)| [*one, *other]);
            let others: Vec<MemoryId> = ends.chain(heirs.iter().map(|(_, heir)| *heir)).collect();
            let mut others = tx.memories_of(permit, &others)?;
            others.retain(|other| {
                let author = other.author.actor.agent.as_ref();
                agents.is_empty() || author.is_some_and(|author| agents.contains(&author.slug))
            });
            Ok((heirs, pairs, others))
        })
        .await?;
    let found = found.with_heirs(&heirs, &others, call.at).with_conflicts(&pairs, &others, call.at);
    let is_cited = |id: &MemoryId| found.cited.iter().any(|one| one.memory.id == *id);
    let both = pairs.iter().filter(|(one, other)| is_cited(one) && is_cited(other));
    let conflicts = both.map(|(one, other)| [one.to_string(), other.to_string()]).collect();
    Ok((found, conflicts))
}

/// The memory that was superseded, and the one that took its place.
fn heir(linked: &Linked) -> Option<(MemoryId, MemoryId)> {
    let Link { from, link_type: LinkType::Supersedes, to: Target::Memory(to) } = linked.link else {
        return None;
    };
    Some((to, from))
}

/// Prose from what holds, if a language model is configured, and what is to be said of it. Where
/// statements contradict each other or no longer hold, they stand for themselves.
async fn composed(
    call: &Call<'_>,
    question: &str,
    found: &Found,
) -> (Option<String>, Option<&'static str>) {
    let Some(composer) = call.composer().filter(|_| found.state == State::Held) else {
        return (None, None);
    };
    let evidence = prompt::evidence(question, &found.cited).to_string();
    match composer.compose(prompt::INSTRUCTIONS, evidence).await {
        Ok(prose) => match prompt::borne_out(&prose, question, &found.cited) {
            Some(prose) => (Some(prose), None),
            None => (
                None,
                Some("the language model's prose was dropped: the statements don't bear it out"),
            ),
        },
        Err(error) => {
            tracing::warn!(code = error.code().as_str(), cause = ?error.cause(), "nothing was composed");
            (None, Some("the language model gave no answer; these are the statements themselves"))
        }
    }
}

impl Output {
    fn of(found: Found, conflicts: Vec<[String; 2]>) -> Self {
        let note = match found.state {
            State::Held if found.by_meaning => Some(
                "found by meaning: hardly a word of the question stands in these statements"
                    .to_owned(),
            ),
            State::Held => None,
            State::NotHeld => Some(format!(
                "nothing that is held speaks of this: a statement must hold {HELD} of the question, by \
                 the weight of its words, and the best holds {}",
                found.best
            )),
            State::InConflict => Some(
                "statements that speak of this contradict each other, and nobody has decided yet"
                    .to_owned(),
            ),
            State::Stale => Some("only statements that no longer hold speak of this".to_owned()),
        };
        Self {
            state: found.state,
            statements: found.cited.into_iter().map(StatementCited::of).collect(),
            prose: None,
            mode: Mode::Extractive,
            confidence: found.confidence,
            best: found.best,
            threshold: HELD,
            conflicts,
            note,
        }
    }

    /// Without the last statements, as far as the budget demands (a token is taken as four bytes of
    /// JSON). Prose rests on all of them, so it goes with the first that does.
    fn within(mut self, max_tokens: Option<u32>) -> Self {
        let Some(most) = max_tokens.map(|tokens| tokens as usize * 4) else { return self };
        let size = |output: &Self| serde_json::to_string(output).map_or(0, |json| json.len());
        while size(&self) > most && self.statements.pop().is_some() {
            self.prose = None;
            self.mode = Mode::Extractive;
            self.note = Some("some statements were left out to keep the answer short".to_owned());
        }
        self
    }
}

impl StatementCited {
    fn of(cited: Cited) -> Self {
        let memory = cited.memory;
        let statement = memory.statement;
        Self {
            text: cited.text,
            memory_id: memory.id.to_string(),
            version: memory.version,
            memory_type: statement.memory_type,
            status: memory.status,
            author: memory.author.into(),
            speaker: statement.speaker,
            provenance: statement.provenance,
            confidence: statement.confidence,
            created_at: memory.created_at,
            occurred_at: statement.occurred_at,
            valid_from: statement.valid_from,
            valid_until: statement.valid_until,
            score: cited.score,
        }
    }
}
