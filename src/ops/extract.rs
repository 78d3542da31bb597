//! `extract`: the statements in a conversation that are worth keeping, shown or kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Call;
use super::decode;
use super::remember::Remember;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::{Error, Result};
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::draft::{End, moment};
use crate::memory::extract::{self, Candidate, Turn};
use crate::memory::fields::MemoryType;

pub struct Extract;

/// A conversation.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// 1 to 200 turns
    #[schemars(length(min = 1, max = 200))]
    messages: Vec<Message>,
    /// Most statements; 20 if left out
    #[schemars(range(min = 1, max = 100))]
    max_memories: Option<u32>,
    /// Whether to keep them; false if left out
    store: Option<bool>,
    /// A name for the conversation; kept with each statement
    #[schemars(length(min = 1, max = 128))]
    thread: Option<String>,
}

/// One turn.
#[derive(Deserialize, JsonSchema)]
pub struct Message {
    /// user, or the name of a person; what assistant, system and tool say is left out
    #[schemars(length(min = 1, max = 50))]
    role: String,
    /// What was said
    #[schemars(length(max = 10_000))]
    content: String,
    /// Who speaks
    #[schemars(length(min = 1, max = 64))]
    name: Option<String>,
    /// When it was said
    at: Option<String>,
}

/// What was found.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// In the order of the conversation
    candidates: Vec<Found>,
    count: usize,
    /// How many more there were; those left out are the least sure
    left_out: usize,
    /// Whether they are kept
    stored: bool,
    /// What `remember` answered to each, in the same order
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<Value>>,
}

/// A statement that is worth keeping.
#[derive(Serialize, JsonSchema)]
pub struct Found {
    /// As it was said
    content: String,
    #[serde(rename = "type")]
    memory_type: MemoryType,
    confidence: f64,
    speaker: String,
    /// Which turn it stands in, from 0
    turn: usize,
}

impl Operation for Extract {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "extract",
        title: "Extract",
        description: include_str!("../../tools/extract.md"),
        scope: Scope::Write,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Add,
        is_idempotent: false,
        toolset: Toolset::Memory,
        is_listed: false,
        route: Route { method: Method::Post, path: "/memories/extract", status: 200 },
        cli: Some(Cli { path: &["extract"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        for (turn, message) in input.messages.iter().enumerate() {
            if let Some(at) = &message.at {
                moment(&format!("messages[{turn}].at"), at, End::First, call.at)?;
            }
        }
        let turns: Vec<Turn<'_>> = input
            .messages
            .iter()
            .map(|message| Turn {
                role: &message.role,
                name: message.name.as_deref(),
                content: &message.content,
            })
            .collect();
        let most = input.max_memories.unwrap_or(20) as usize;
        let (candidates, left_out) = extract::extract(&turns, most);
        let wants = input.store == Some(true) && !candidates.is_empty();
        let items = if wants { Some(kept(call, &input, &candidates).await?) } else { None };
        Ok(Output {
            count: candidates.len(),
            left_out,
            stored: items.is_some(),
            items,
            candidates: candidates.into_iter().map(Found::of).collect(),
        })
    }
}

/// Keeps the candidates, the way that `remember` keeps everything: all or none.
async fn kept(call: &Call<'_>, input: &Input, candidates: &[Candidate]) -> Result<Vec<Value>> {
    let items: Vec<Value> = candidates
        .iter()
        .map(|found| {
            json!({
                "content": found.content,
                "type": found.memory_type,
                "confidence": found.confidence,
                "provenance": "explicit_statement",
                "speaker": found.speaker,
                "source": "conversation",
                "source_ref": format!("turn {}", found.turn),
                "thread": input.thread,
                "position": found.turn,
                "occurred_at": input.messages[found.turn].at,
            })
        })
        .collect();
    let kept = Remember::run(call, decode::into_input(json!({ "items": items }))?).await?;
    let mut kept = serde_json::to_value(kept).map_err(Error::internal)?;
    match kept["items"].take() {
        Value::Array(items) => Ok(items),
        _ => Err(Error::internal("a batch is answered item by item")),
    }
}

impl Found {
    fn of(candidate: Candidate) -> Self {
        Self {
            content: candidate.content,
            memory_type: candidate.memory_type,
            confidence: candidate.confidence,
            speaker: candidate.speaker,
            turn: candidate.turn,
        }
    }
}
