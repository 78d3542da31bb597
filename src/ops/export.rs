//! `export`: what a team holds, whole, a page of records at a time.
//!
//! Pages rather than one long answer: each is read in a unit of its own, under a credential that
//! still holds then, and whoever is cut off goes on with the cursor.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::export_work;
use super::spec::{Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::{Error, Result};
use crate::core::page;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::memory::copy::{BATCH, EventCopy, FORMAT, FORMAT_VERSION, Record};
use crate::memory::decided::TeamCopy;
use crate::store::ReadTx;
use crate::store::activity::Stretch;
use crate::store::transfer::CopyFilter;

/// How many memories are read at once: those with many versions are large.
const AT_ONCE: usize = 20;

/// A page that has this many bytes takes no more memories.
const PAGE_BYTES: usize = 1024 * 1024;

pub struct Export;

/// What to give.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Which parts; all if left out
    #[schemars(length(min = 1, max = 8))]
    parts: Option<Vec<Part>>,
    /// true gives forgotten memories too
    with_forgotten: Option<bool>,
    /// How many; 200 if left out
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
    /// next_cursor of the page before
    #[schemars(length(min = 1, max = 128))]
    cursor: Option<String>,
}

/// A part of what a team holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Part {
    Agents,
    Policies,
    Memories,
    Conflicts,
    Nodes,
    Tasks,
    Comments,
    Activity,
}

impl Part {
    const ALL: [Self; 8] = [
        Self::Agents,
        Self::Policies,
        Self::Memories,
        Self::Conflicts,
        Self::Nodes,
        Self::Tasks,
        Self::Comments,
        Self::Activity,
    ];
}

/// A page of records.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// The lines of the lossless format, as objects
    records: Vec<Map<String, Value>>,
    count: usize,
    /// Where the next page begins; absent on the last
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Operation for Export {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "export",
        title: "Export the team",
        description: include_str!("../../tools/export.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Get, path: "/export", status: 200 },
        // `cli/export.rs`: it writes all pages to files.
        cli: None,
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let mut parts = input.parts.unwrap_or_else(|| Part::ALL.to_vec());
        parts.sort_unstable();
        parts.dedup();
        let with_forgotten = input.with_forgotten.unwrap_or(false);
        let (team, asked) = (call.permit.team().to_string(), format!("{parts:?}{with_forgotten}"));
        let scope = [team.as_str(), "export", asked.as_str()];
        let place = match input.cursor {
            None => Place::Header,
            Some(cursor) => Place::parse(&page::decode_place(&scope, &cursor)?)?,
        };
        let limit = input.limit.map_or(BATCH, |limit| limit as usize);
        let (records, next) = call
            .read(move |tx, permit| {
                let mut page = Page { limit, bytes: 0, records: Vec::new() };
                let next = page.fill(tx, permit, &parts, with_forgotten, place.clone())?;
                Ok((page.records, next))
            })
            .await?;
        let next_cursor = next.map(|place| page::encode_place(&scope, &place.to_string()));
        Ok(Output { count: records.len(), records, next_cursor })
    }
}

/// Where an export stands: before the header, or after something of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Header,
    Agents(String),
    /// How many of them came before.
    Policies(usize),
    Memories(String),
    Conflicts(String),
    Work(export_work::Place),
    /// Other teams' events: the team and the sequence.
    Imported(String, i64),
    /// The team's own.
    Own(i64),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Header => f.write_str("header"),
            Place::Agents(after) => write!(f, "agents:{after}"),
            Place::Policies(after) => write!(f, "policies:{after}"),
            Place::Memories(after) => write!(f, "memories:{after}"),
            Place::Conflicts(after) => write!(f, "contradictions:{after}"),
            Place::Work(place) => place.fmt(f),
            Place::Imported(team, after) => write!(f, "imported:{team}:{after}"),
            Place::Own(after) => write!(f, "own:{after}"),
        }
    }
}

impl Place {
    fn parse(text: &str) -> Result<Self> {
        if let Some(place) = export_work::Place::parse(text) {
            return Ok(Place::Work(place));
        }
        let mut words = text.split(':').map(str::to_owned);
        let mut word = || words.next().unwrap_or_default();
        let damaged = || Error::invalid("cursor", "is damaged");
        let number = |word: String| word.parse().map_err(|_| damaged());
        Ok(match word().as_str() {
            "agents" => Place::Agents(word()),
            "policies" => Place::Policies(word().parse().map_err(|_| damaged())?),
            "memories" => Place::Memories(word()),
            // Not `conflicts`: they came before the strategy once, and what follows would be left out.
            "contradictions" => Place::Conflicts(word()),
            "imported" => Place::Imported(word(), number(word())?),
            "own" => Place::Own(number(word())?),
            "header" => Place::Header,
            _ => return Err(damaged()),
        })
    }

    /// The part that it is in.
    fn part(&self) -> Option<Part> {
        match self {
            Place::Header => None,
            Place::Agents(_) => Some(Part::Agents),
            Place::Policies(_) => Some(Part::Policies),
            Place::Memories(_) => Some(Part::Memories),
            Place::Conflicts(_) => Some(Part::Conflicts),
            Place::Work(place) => Some(place.part()),
            Place::Imported(..) | Place::Own(_) => Some(Part::Activity),
        }
    }

    /// The beginning of what follows this part.
    fn following(&self) -> Option<Self> {
        match self {
            Place::Header => Some(Place::Agents(String::new())),
            // Before the memories: they are taken as they are by a team that holds nothing yet.
            Place::Agents(_) => Some(Place::Policies(0)),
            Place::Policies(_) => Some(Place::Memories(String::new())),
            Place::Memories(_) => Some(Place::Work(export_work::Place::first())),
            // After the nodes that they name, and before what was said about them.
            Place::Work(place) => Some(match place.following() {
                Some(next) => Place::Work(next),
                None if place.part() == Part::Comments => Place::Imported(String::new(), 0),
                None => Place::Conflicts(String::new()),
            }),
            Place::Conflicts(_) => Some(Place::Work(export_work::Place::said())),
            Place::Imported(..) => Some(Place::Own(0)),
            Place::Own(_) => None,
        }
    }
}

/// What the team has decided, in one order: about itself, then how long memories stay.
fn policies(tx: &mut dyn ReadTx, permit: &Permit) -> Result<Vec<Record>> {
    let own = tx.policies(permit)?;
    let own = TeamCopy {
        trust: own.trust,
        secret_values: own.secrets,
        self_approval: own.allows_self_approval,
    };
    let kept = tx.retention_policies(permit)?.into_iter();
    let kept = kept.map(|row| Record::Retention(row.into()));
    Ok(std::iter::once(Record::Team(own)).chain(kept).collect())
}

struct Page {
    limit: usize,
    bytes: usize,
    records: Vec<Map<String, Value>>,
}

impl Page {
    /// Reads records until the page is full; gives where the next begins.
    fn fill(
        &mut self,
        tx: &mut dyn ReadTx,
        permit: &Permit,
        parts: &[Part],
        with_forgotten: bool,
        mut place: Place,
    ) -> Result<Option<Place>> {
        loop {
            let is_wanted = place.part().is_none_or(|part| parts.contains(&part));
            let after = if is_wanted {
                self.read(tx, permit, parts, with_forgotten, &place)?
            } else {
                None
            };
            place = match after {
                Some(after) => after,
                None => match place.following() {
                    Some(next) => next,
                    None => return Ok(None),
                },
            };
            if self.records.len() >= self.limit || self.bytes >= PAGE_BYTES {
                return Ok(Some(place));
            }
        }
    }

    /// Reads some records after a place; gives the place after them, or `None` at the end of its
    /// part.
    fn read(
        &mut self,
        tx: &mut dyn ReadTx,
        permit: &Permit,
        parts: &[Part],
        with_forgotten: bool,
        place: &Place,
    ) -> Result<Option<Place>> {
        let all = permit.oversight()?;
        let room = self.limit - self.records.len();
        match place {
            Place::Header => {
                let counts = tx.copy_counts(all, with_forgotten)?;
                let work = tx.work_counts(all, with_forgotten)?;
                self.add(&json!({
                    "record": "header",
                    "format": FORMAT,
                    "version": FORMAT_VERSION,
                    "team": permit.team(),
                    "parts": parts,
                    "with_forgotten": with_forgotten,
                    "agents": counts.agents,
                    "memories": counts.memories,
                    "conflicts": counts.conflicts,
                    "nodes": work.nodes,
                    "tasks": work.tasks,
                    "comments": work.comments,
                    "activity": counts.activity,
                }))?;
                Ok(None)
            }
            Place::Agents(after) => {
                let found = tx.agent_copies(all, after.parse().ok(), room)?;
                let last = found.last().map(|agent| Place::Agents(agent.id.to_string()));
                found.into_iter().try_for_each(|agent| self.add(&Record::Agent(agent)))?;
                Ok(last)
            }
            Place::Policies(after) => {
                let found: Vec<Record> =
                    policies(tx, permit)?.into_iter().skip(*after).take(room).collect();
                let last = (!found.is_empty()).then(|| Place::Policies(after + found.len()));
                found.iter().try_for_each(|policy| self.add(policy))?;
                Ok(last)
            }
            Place::Conflicts(after) => {
                let found = tx.conflict_copies(all, after.parse().ok(), with_forgotten, room)?;
                let last = found.last().map(|conflict| Place::Conflicts(conflict.id.to_string()));
                found
                    .into_iter()
                    .try_for_each(|conflict| self.add(&Record::Conflict(Box::new(conflict))))?;
                Ok(last)
            }
            Place::Work(after) => {
                let (found, last) = after.read(tx, permit, with_forgotten, room)?;
                found.iter().try_for_each(|record| self.add(record))?;
                Ok(last.map(Place::Work))
            }
            Place::Memories(after) => {
                let filter = CopyFilter { after: after.parse().ok(), with_forgotten };
                let found = tx.memory_copies(all, &filter, room.min(AT_ONCE))?;
                let last = found.last().map(|memory| Place::Memories(memory.id.to_string()));
                found
                    .into_iter()
                    .try_for_each(|memory| self.add(&Record::Memory(Box::new(memory))))?;
                Ok(last)
            }
            Place::Imported(team, after) => {
                let found = tx.imported_events(all, Some((team, *after)), room)?;
                let last = found
                    .last()
                    .map(|event| Place::Imported(event.team.clone(), event.link.event.sequence));
                found
                    .into_iter()
                    .try_for_each(|event| self.add(&Record::Activity(Box::new(event))))?;
                Ok(last)
            }
            Place::Own(after) => {
                let stretch = Stretch { beyond: *after, ..Stretch::default() };
                let found = tx.links(permit, &stretch, room)?;
                let last = found.last().map(|link| Place::Own(link.event.sequence));
                let team = permit.team().to_string();
                for link in found {
                    let event = EventCopy { team: team.clone(), link };
                    self.add(&Record::Activity(Box::new(event)))?;
                }
                Ok(last)
            }
        }
    }

    fn add(&mut self, record: &impl Serialize) -> Result<()> {
        let Value::Object(record) = serde_json::to_value(record).map_err(Error::internal)? else {
            return Err(Error::internal("a record is an object"));
        };
        self.bytes += serde_json::to_string(&record).map_err(Error::internal)?.len();
        self.records.push(record);
        Ok(())
    }
}
