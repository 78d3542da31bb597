//! What becomes of one record of an import: it is weighed, and perhaps taken.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::call::Call;
use super::import_decided::Decided;
use super::import_work;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::MemoryId;
use crate::identity::chain::ChainHash;
use crate::identity::permit::Permit;
use crate::identity::role::{Role, Scope};
use crate::memory::copy::{
    AgentCopy, AuthorCopy, ConfirmationCopy, DraftCopy, EventCopy, LinkCopy, MemoryCopy, Record,
};
use crate::memory::memory::{Author, IndexedWords, Memory};
use crate::memory::rights::status_after;
use crate::store::activity::Stretch;
use crate::store::{ReadTx, WriteTx};
use crate::work::copy::WorkRecord;

/// Why others than admins can't bring a record.
const ADMINS: &str = "is for an admin to import";

/// A record as it was given, made ready before any unit runs.
pub(super) enum Given {
    Agent(AgentCopy),
    Decided(Decided),
    Work(WorkRecord),
    Memory(Box<(MemoryCopy, Option<IndexedWords>)>),
    Activity(Box<EventCopy>),
    Draft(Box<Drafted>),
    Wrong(String),
}

/// A statement from elsewhere, ready to be kept.
#[derive(Clone)]
pub(super) struct Drafted {
    fingerprint: String,
    memory: Memory,
    words: IndexedWords,
}

/// What is to be done with a record.
pub(super) enum Verdict {
    Take(Change),
    Known,
    Refuse(String),
}

/// What taking a record changes.
pub(super) enum Change {
    Agent(AgentCopy),
    Decided(Decided),
    Work(WorkRecord),
    Memory(Box<(MemoryCopy, Option<IndexedWords>)>),
    /// What has come to a memory that is here.
    Ties(MemoryId, Vec<LinkCopy>, Vec<ConfirmationCopy>),
    Activity(Box<EventCopy>),
    Draft(Box<Drafted>),
}

impl Given {
    /// Reads a record. Whoever isn't an admin can't vouch for another's words and times: of a
    /// memory with its history they take the text as it stands.
    pub(super) fn read(record: Map<String, Value>, call: &Call<'_>) -> Self {
        let rule = |error: Error| Given::Wrong(error.message().to_owned());
        let can_vouch = call.permit.role() >= Role::Admin && call.permit.scopes().has(Scope::Admin);
        let unknown = || Given::Wrong("is not a record of this format and version".to_owned());
        if record.get("record").and_then(Value::as_str).is_some_and(WorkRecord::is_named) {
            return match serde_json::from_value::<WorkRecord>(Value::Object(record)) {
                Err(_) => unknown(),
                Ok(_) if !can_vouch => Given::Wrong(ADMINS.to_owned()),
                Ok(mut work) => {
                    import_work::check(&mut work).map_or_else(rule, |()| Given::Work(work))
                }
            };
        }
        let Ok(record) = serde_json::from_value::<Record>(Value::Object(record)) else {
            return unknown();
        };
        match record {
            Record::Draft(draft) => Drafted::new(*draft, call).map_or_else(rule, Given::from),
            Record::Memory(copy) => match copy.check() {
                Err(error) => rule(error),
                Ok(()) if can_vouch => {
                    let words = copy.words();
                    Given::Memory(Box::new((*copy, words)))
                }
                Ok(()) => copy.into_draft().map_or_else(
                    || Given::Wrong("is not active: only an admin's import takes it".to_owned()),
                    |draft| Drafted::new(draft, call).map_or_else(rule, Given::from),
                ),
            },
            _ if !can_vouch => Given::Wrong(ADMINS.to_owned()),
            Record::Agent(agent) => agent.check().map_or_else(rule, |()| Given::Agent(agent)),
            Record::Team(team) => Given::Decided(Decided::Team(team)),
            Record::Retention(copy) => {
                copy.check().map_or_else(rule, |()| Given::Decided(Decided::Retention(copy)))
            }
            Record::Conflict(copy) => {
                copy.check().map_or_else(rule, |()| Given::Decided(Decided::Conflict(copy)))
            }
            Record::Activity(event) => {
                if event.is_sealed() {
                    Given::Activity(event)
                } else {
                    Given::Wrong("is not the event that was sealed".to_owned())
                }
            }
        }
    }

    /// Says what becomes of it in this team. In a dry run what it refers to may not have come yet.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub(super) fn weigh(
        &self,
        tx: &mut dyn ReadTx,
        permit: &Permit,
        is_dry: bool,
    ) -> Result<Verdict> {
        match self {
            Given::Wrong(rule) => Ok(Verdict::Refuse(rule.clone())),
            Given::Agent(agent) => {
                // One that is here keeps the name and the standing that this team gave it.
                let is_known = tx.agent(permit, agent.id)?.is_some();
                let take = || Verdict::Take(Change::Agent(agent.clone()));
                Ok(if is_known { Verdict::Known } else { take() })
            }
            Given::Decided(decided) => decided.weigh(tx, permit, is_dry),
            Given::Work(work) => import_work::weigh(work, tx, permit, is_dry),
            Given::Memory(memory) => {
                // Nobody brings back what was erased for good.
                if tx.erasure(permit, memory.0.id)?.is_some() {
                    return Ok(Verdict::Refuse("was erased here for good".to_owned()));
                }
                Ok(match tx.memory_copy(permit.oversight()?, memory.0.id)? {
                    None => Verdict::Take(Change::Memory(memory.clone())),
                    Some(here) if here.is_same(&memory.0) => {
                        let (links, words) = here.lacking(&memory.0);
                        if links.is_empty() && words.is_empty() {
                            Verdict::Known
                        } else {
                            Verdict::Take(Change::Ties(here.id, links, words))
                        }
                    }
                    Some(_) => Verdict::Refuse("is here already, with other versions".to_owned()),
                })
            }
            Given::Activity(event) => weigh_event(event, tx, permit),
            Given::Draft(draft) => {
                let known = tx.imported_as(permit, &draft.fingerprint)?;
                let take = || Verdict::Take(Change::Draft(draft.clone()));
                Ok(known.map_or_else(take, |_| Verdict::Known))
            }
        }
    }
}

fn weigh_event(event: &EventCopy, tx: &mut dyn ReadTx, permit: &Permit) -> Result<Verdict> {
    let sequence = event.link.event.sequence;
    let here = if event.team == permit.team().to_string() {
        let before = Stretch { beyond: sequence.saturating_sub(1), ..Stretch::default() };
        let here = tx.links(permit, &before, 1)?.pop();
        if here.as_ref() != Some(&event.link) {
            return Ok(Verdict::Refuse("is not in this team's own trail".to_owned()));
        }
        here
    } else {
        let here = tx.imported_event(permit.oversight()?, &event.team, sequence)?;
        here.map(|here| here.link)
    };
    Ok(match here {
        None => Verdict::Take(Change::Activity(Box::new(event.clone()))),
        Some(here) if here == event.link => Verdict::Known,
        Some(_) => Verdict::Refuse("is here already, as another event".to_owned()),
    })
}

impl From<Drafted> for Given {
    fn from(draft: Drafted) -> Self {
        Given::Draft(Box::new(draft))
    }
}

impl Drafted {
    fn new(draft: DraftCopy, call: &Call<'_>) -> Result<Self> {
        let mut hash = Sha256::new();
        hash.update(serde_json::to_vec(&draft).map_err(Error::internal)?);
        let fingerprint = ChainHash(hash.finalize().into()).to_string();
        let statement = draft.into_draft().into_statement(call.at)?;
        let id: MemoryId = call.next_id();
        let mut memory = Memory::new(id, statement, Author::of(&call.permit), call.at);
        let visibility = memory.statement.visibility;
        memory.status = status_after(memory.status, call.permit.role(), visibility);
        let words = memory.words();
        Ok(Self { fingerprint, memory, words })
    }
}

impl Change {
    /// Whether it changes what the team has decided about itself: the trail says so.
    pub(super) fn is_policy(&self) -> bool {
        matches!(self, Change::Decided(Decided::Team(_) | Decided::Retention(_)))
    }

    /// Makes it.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub(super) fn make(&self, tx: &mut dyn WriteTx, permit: &Permit, at: Timestamp) -> Result<()> {
        match self {
            Change::Agent(agent) => add_agent(agent, tx, permit, at),
            Change::Memory(memory) => {
                let (copy, words) = &**memory;
                add_authors(copy.authors(), tx, permit, at)?;
                tx.add_memory_copy(permit.oversight()?, copy, words.as_ref())
            }
            Change::Decided(decided) => decided.make(tx, permit),
            Change::Work(work) => import_work::make(work, tx, permit),
            Change::Ties(id, links, words) => {
                add_authors(words.iter().map(|word| &word.confirmed_by), tx, permit, at)?;
                tx.add_ties(permit.oversight()?, *id, links, words)
            }
            Change::Activity(event) => tx.add_imported_event(permit.oversight()?, event),
            Change::Draft(draft) => {
                tx.add_memory(permit, &draft.memory, &draft.words)?;
                tx.add_imported_record(permit, &draft.fingerprint, draft.memory.id)
            }
        }
    }
}

/// Adds the agents that aren't here: in an export agents come first, but a file of memories alone
/// has none.
fn add_authors<'c>(
    authors: impl Iterator<Item = &'c AuthorCopy>,
    tx: &mut dyn WriteTx,
    permit: &Permit,
    at: Timestamp,
) -> Result<()> {
    for agent in authors.filter_map(|author| author.agent_copy(at)) {
        if tx.agent(permit, agent.id)?.is_none() {
            add_agent(&agent, tx, permit, at)?;
        }
    }
    Ok(())
}

fn add_agent(
    agent: &AgentCopy,
    tx: &mut dyn WriteTx,
    permit: &Permit,
    at: Timestamp,
) -> Result<()> {
    let is_taken = tx.any_agent_of_slug(permit, &agent.slug)?.is_some();
    let set_aside = agent.set_aside(at);
    tx.add_agent_copy(permit.oversight()?, if is_taken { &set_aside } else { agent })
}
