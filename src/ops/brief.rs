//! `brief`: what an agent should read when it starts. MCP shows it as `memoranda://brief`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::desk::{self, OpenConflict, OwnTask, Suggested};
use super::recall_past::{ChangeType, Past};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::AuthorView;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::text;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::memory::fields::MemoryType;
use crate::memory::memory::Memory;
use crate::memory::search::{Filter, Statuses};
use crate::store::ReadTx;
use crate::store::activity::EventFilter;
use crate::store::comments::Seen;
use crate::work::comment::{Comment, CommentKind, Subject};
use crate::work::party::Party;
use crate::work::visit::last_here;

pub struct Brief;

/// How much.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The answer's size at most, in tokens; 1500 if left out
    #[schemars(range(min = 200, max = 10_000))]
    max_tokens: Option<u32>,
}

/// Where the team stands, and what waits for the caller.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    team: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// The end of your last visit; absent if this is the first
    #[serde(skip_serializing_if = "Option::is_none")]
    last_here_at: Option<Timestamp>,
    /// Your open tasks with what was left for you, what you have begun first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tasks: Vec<TaskLine>,
    /// The task to take up next, and why
    #[serde(skip_serializing_if = "Option::is_none")]
    suggested: Option<Suggested>,
    /// Conflicts that wait for you
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<OpenConflict>,
    /// How many active memories the caller sees
    memories: u64,
    /// How many proposals wait for an editor; absent where none does, or the caller is none
    #[serde(skip_serializing_if = "Option::is_none")]
    proposals: Option<u64>,
    /// The newest decisions, goals, instructions and commitments
    standing: Vec<Line>,
    /// What else was written or changed since your last visit, the newest first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<ChangedLine>,
    /// The newest of everything else
    recent: Vec<Line>,
    /// Whether some were left out to keep it short
    more: bool,
}

/// A task, and what was left with it.
#[derive(Serialize, JsonSchema)]
pub struct TaskLine {
    #[serde(flatten)]
    task: OwnTask,
    /// Where whoever worked on it last has stopped
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<Left>,
    /// What somebody else said last
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<Left>,
}

/// What somebody left.
#[derive(Serialize, JsonSchema)]
pub struct Left {
    kind: CommentKind,
    /// The beginning; work_begin gives the whole
    content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_step: Option<String>,
    /// The agent's id
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// The member's name
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    at: Timestamp,
}

/// A memory that was written or changed.
#[derive(Serialize, JsonSchema)]
pub struct ChangedLine {
    #[serde(flatten)]
    line: Line,
    change_type: ChangeType,
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

/// How many of the caller's tasks and conflicts.
const TASKS: usize = 10;

/// How many of what the caller did: in a visit that is longer than that nothing is new.
const ACTS: usize = 200;

/// How much of what was left is shown, in characters.
const LEFT: usize = 400;

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
        let at = call.at;
        let found = call.read(move |tx, permit| Found::read(tx, permit, at)).await?;
        // A token is taken as four bytes. What waits for the caller comes first and may take half,
        // standing lines two thirds of what is left, changes two thirds of the rest.
        let mut room = Room(input.max_tokens.unwrap_or(1500) as usize * 4 - 400);
        let half = room.0 / 2;
        let mut first = Room(half);
        let tasks = first.take(found.tasks, 1, 1);
        let suggested = first.take(found.suggested.into_iter().collect(), 1, 1).pop();
        let conflicts = first.take(found.conflicts, 1, 1);
        room.0 -= half - first.0;
        let standing = room.take(found.standing.into_iter().map(Line::of).collect(), 2, 3);
        let changed = room.take(found.changed, 2, 3);
        let is_new =
            |memory: &Memory| changed.iter().all(|one| one.line.id != memory.id.to_string());
        let recent = found.recent.into_iter().filter(is_new).map(Line::of).collect();
        let recent = room.take(recent, 1, 1);
        let shown = (standing.len() + changed.len() + recent.len()) as u64;
        Ok(Output {
            team: call.principal.team_slug.clone(),
            agent: call.permit.actor().agent.as_ref().map(|agent| agent.slug.clone()),
            last_here_at: found.last_here_at,
            tasks,
            suggested,
            conflicts,
            memories: found.memories,
            proposals: Some(found.proposals).filter(|count| *count > 0),
            standing,
            changed,
            recent,
            more: shown < found.memories,
        })
    }
}

/// What is read, before anything is left out.
struct Found {
    last_here_at: Option<Timestamp>,
    tasks: Vec<TaskLine>,
    suggested: Option<Suggested>,
    conflicts: Vec<OpenConflict>,
    standing: Vec<Memory>,
    changed: Vec<ChangedLine>,
    recent: Vec<Memory>,
    memories: u64,
    proposals: u64,
}

impl Found {
    fn read(tx: &mut dyn ReadTx, permit: &Permit, at: Timestamp) -> Result<Self> {
        let filter = Filter { types: STANDING.to_vec(), ..Filter::default() };
        let standing = tx.newest_memories(permit, &filter, NEWEST)?;
        let newest = tx.newest_memories(permit, &Filter::default(), NEWEST * 2)?;
        let is_standing = |memory: &Memory| STANDING.contains(&memory.statement.memory_type);
        let is_editor = permit.role() >= Role::Editor;
        let last_here_at = last_here_at(tx, permit, at)?;
        let changed = match last_here_at {
            Some(since) => changed(tx, permit, since, &standing)?,
            None => Vec::new(),
        };
        let desk = desk::look(tx, permit, at, TASKS)?;
        let mut tasks = Vec::new();
        for task in desk.tasks {
            tasks.push(TaskLine::read(tx, permit, task)?);
        }
        Ok(Self {
            last_here_at,
            tasks,
            suggested: desk.suggested,
            conflicts: desk.conflicts,
            standing,
            changed,
            recent: newest.into_iter().filter(|one| !is_standing(one)).take(NEWEST).collect(),
            memories: tx.count_memories(permit)?,
            proposals: if is_editor { tx.count_proposals(permit)? } else { 0 },
        })
    }
}

/// When the caller's last visit ended, by the trail of what they did.
fn last_here_at(tx: &mut dyn ReadTx, permit: &Permit, now: Timestamp) -> Result<Option<Timestamp>> {
    let actor = permit.actor();
    let agent = actor.agent.as_ref().map(|agent| agent.id);
    let member = actor.member.filter(|_| agent.is_none()).map(|member| member.to_string());
    if agent.is_none() && member.is_none() {
        return Ok(None);
    }
    let filter = EventFilter { agent, member, ..EventFilter::default() };
    let acts = tx.events(permit, &filter, ACTS)?;
    let times: Vec<Timestamp> = acts.into_iter().map(|(event, _)| event.at).collect();
    Ok(last_here(&times, now))
}

/// What was written or changed since then, but for what is shown anyway and what the caller wrote.
fn changed(
    tx: &mut dyn ReadTx,
    permit: &Permit,
    since: Timestamp,
    shown: &[Memory],
) -> Result<Vec<ChangedLine>> {
    let filter = Filter { status: Statuses::All, changed_after: Some(since), ..Filter::default() };
    let all = tx.changed_memories(permit, &filter, NEWEST * 2)?;
    let is_own = |memory: &Memory| memory.version == 1 && &memory.author.actor == permit.actor();
    let is_shown = |memory: &Memory| shown.iter().any(|one| one.id == memory.id);
    let others = all.into_iter().filter(|memory| !is_own(memory) && !is_shown(memory));
    let since = Past::Since(since);
    let lines = others.take(NEWEST).filter_map(|memory| {
        Some(ChangedLine { change_type: since.change(&memory)?, line: Line::of(memory) })
    });
    Ok(lines.collect())
}

impl TaskLine {
    /// A task, and what was left with it.
    fn read(tx: &mut dyn ReadTx, permit: &Permit, task: OwnTask) -> Result<Self> {
        let mut line = Self { checkpoint: None, comment: None, task };
        let Ok(id) = line.task.id.parse() else { return Ok(line) };
        let checkpoint = tx.last_checkpoint(permit, id)?;
        if let Some(seen) = Seen::look(tx, permit, Subject::Task(id))? {
            let said = tx.comments(permit, seen, None, 1)?.into_iter().next();
            let is_news = |comment: &Comment| {
                comment.author.as_ref().is_none_or(|author| !author.is(permit.actor()))
                    && checkpoint.as_ref().is_none_or(|other| other.id != comment.id)
            };
            line.comment = said.filter(is_news).map(Left::of);
        }
        line.checkpoint = checkpoint.map(Left::of);
        Ok(line)
    }
}

impl Left {
    fn of(comment: Comment) -> Self {
        let (agent, member) = match comment.author {
            Some(Party::Agent(agent)) => (Some(agent.slug), None),
            Some(Party::Member { name, .. }) => (None, Some(name)),
            None => (None, None),
        };
        Self {
            kind: comment.kind,
            content: text::one_line(&comment.content, LEFT),
            next_step: comment.next_step.map(|step| text::one_line(&step, LEFT)),
            agent,
            member,
            at: comment.created_at,
        }
    }
}

impl Line {
    fn of(memory: Memory) -> Self {
        Self {
            id: memory.id.to_string(),
            memory_type: memory.statement.memory_type,
            title: memory.statement.title,
            created_at: memory.created_at,
            author: memory.author.into(),
        }
    }
}

/// How many bytes the answer may still have.
struct Room(usize);

impl Room {
    /// As many of these as a part of it holds.
    fn take<T: Serialize>(&mut self, lines: Vec<T>, part: usize, of: usize) -> Vec<T> {
        let mut left = self.0 * part / of;
        let mut taken = Vec::new();
        for line in lines {
            let size = serde_json::to_string(&line).map_or(usize::MAX, |json| json.len());
            let Some(rest) = left.checked_sub(size) else { break };
            left = rest;
            self.0 -= size;
            taken.push(line);
        }
        taken
    }
}
