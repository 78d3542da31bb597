//! `brief`: what an agent should read when it starts. MCP shows it as `memoranda://brief`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::AuthorView;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::fields::MemoryType;
use crate::memory::memory::Memory;
use crate::memory::search::Filter;

pub struct Brief;

/// How much.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The answer's size at most, in tokens; 1500 if left out
    #[schemars(range(min = 200, max = 10_000))]
    max_tokens: Option<u32>,
}

/// Where the team stands.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    team: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// How many active memories the caller sees
    memories: u64,
    /// How many proposals wait for an editor; absent where none does, or the caller is none
    #[serde(skip_serializing_if = "Option::is_none")]
    proposals: Option<u64>,
    /// The newest decisions, goals, instructions and commitments
    standing: Vec<Line>,
    /// The newest of everything else
    recent: Vec<Line>,
    /// Whether some were left out to keep it short
    more: bool,
}

/// A memory in a line; `memory_get` gives all of it.
#[derive(Serialize, JsonSchema)]
pub struct Line {
    id: String,
    #[serde(rename = "type")]
    memory_type: MemoryType,
    title: String,
    created_at: Timestamp,
    author: AuthorView,
}

const STANDING: [MemoryType; 4] =
    [MemoryType::Decision, MemoryType::Goal, MemoryType::Instruction, MemoryType::Commitment];

/// How many of each kind are looked at.
const NEWEST: usize = 20;

impl Operation for Brief {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "brief",
        title: "Brief",
        description: include_str!("../../tools/brief.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: false,
        route: Route { method: Method::Get, path: "/brief", status: 200 },
        cli: Some(Cli { path: &["brief"], positional: None }),
        resource: Some("memoranda://brief"),
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let (standing, newest, memories, proposals) = call
            .read(|tx, permit| {
                let filter = Filter { types: STANDING.to_vec(), ..Filter::default() };
                let standing = tx.newest_memories(permit, &filter, NEWEST)?;
                let newest = tx.newest_memories(permit, &Filter::default(), NEWEST * 2)?;
                let memories = tx.count_memories(permit)?;
                let is_editor = permit.role() >= Role::Editor;
                let proposals = if is_editor { tx.count_proposals(permit)? } else { 0 };
                Ok((standing, newest, memories, proposals))
            })
            .await?;
        let is_standing = |memory: &Memory| STANDING.contains(&memory.statement.memory_type);
        let recent: Vec<Memory> =
            newest.into_iter().filter(|memory| !is_standing(memory)).take(NEWEST).collect();
        // A token is taken as four bytes. Standing lines come first and may take two thirds.
        let budget = input.max_tokens.unwrap_or(1500) as usize * 4 - 400;
        let (standing, left) = within(standing, budget * 2 / 3);
        let (recent, _) = within(recent, budget / 3 + left);
        let shown = (standing.len() + recent.len()) as u64;
        Ok(Output {
            team: call.principal.team_slug.clone(),
            agent: call.permit.actor().agent.as_ref().map(|agent| agent.slug.clone()),
            memories,
            proposals: Some(proposals).filter(|count| *count > 0),
            standing,
            recent,
            more: shown < memories,
        })
    }
}

fn within(memories: Vec<Memory>, budget: usize) -> (Vec<Line>, usize) {
    let mut left = budget;
    let mut lines = Vec::new();
    for memory in memories {
        let line = Line {
            id: memory.id.to_string(),
            memory_type: memory.statement.memory_type,
            title: memory.statement.title,
            created_at: memory.created_at,
            author: memory.author.into(),
        };
        let size = serde_json::to_string(&line).map_or(usize::MAX, |json| json.len());
        let Some(rest) = left.checked_sub(size) else { break };
        left = rest;
        lines.push(line);
    }
    (lines, left)
}
