//! What takes another memory's place, and what a memory is linked to: the part of writing that
//! concerns memories which are there already.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::fields::{Status, Visibility};
use crate::memory::link::{Link, LinkType, Target};
use crate::memory::memory::Memory;
use crate::memory::rights::check_change;
use crate::store::WriteTx;
use crate::store::memories::set_status;

/// Why a memory is superseded, where a memory took its place.
pub(super) const REASON: &str = "superseded";

/// What a new memory has to do with others, as callers give it.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Ties {
    /// Ids of memories whose place it takes; they are retired with it
    #[schemars(length(max = 20), inner(length(min = 1, max = 64)))]
    #[schemars(extend("x-rare" = true))]
    supersedes: Option<Vec<String>>,
    /// What it is to other memories, to nodes of the strategy and to tasks
    #[schemars(length(max = 20))]
    #[schemars(extend("x-rare" = true))]
    links: Option<Vec<LinkInput>>,
}

/// A link, as callers give it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct LinkInput {
    /// What the new memory is to the other
    #[serde(rename = "type")]
    link_type: LinkType,
    /// The other's id: mem_…, nod_… or tsk_…
    #[schemars(length(min = 1, max = 64))]
    to: String,
}

/// A link that is to be made, and the field that asks for it.
#[derive(Debug, Clone)]
pub(super) struct Tie {
    field: String,
    link_type: LinkType,
    to: Target,
}

impl Tie {
    /// A link that a field asks for.
    pub(super) fn new(field: &str, link_type: LinkType, to: impl Into<Target>) -> Self {
        Self { field: field.to_owned(), link_type, to: to.into() }
    }

    /// The memory whose place is taken, if the link says so.
    pub(super) fn retires(&self) -> Option<MemoryId> {
        self.to.memory().filter(|_| self.link_type == LinkType::Supersedes)
    }

    /// The same, asked for by an item of a batch.
    pub(super) fn under(self, path: &str) -> Self {
        Self { field: format!("{path}.{}", self.field), ..self }
    }
}

impl Ties {
    /// Each with its field, those first that retire what they lead to.
    ///
    /// # Errors
    /// `NOT_FOUND` naming the field whose id can't be one.
    pub(super) fn read(self) -> Result<Vec<Tie>> {
        let superseded = self.supersedes.into_iter().flatten().enumerate();
        let superseded =
            superseded.map(|(at, id)| (format!("supersedes[{at}]"), LinkType::Supersedes, id));
        let linked = self.links.into_iter().flatten().enumerate();
        let linked = linked.map(|(at, link)| (format!("links[{at}].to"), link.link_type, link.to));
        superseded
            .chain(linked)
            .map(|(field, link_type, id)| {
                let to = Target::parse(&id).ok_or_else(|| missing(&field))?;
                Ok(Tie { field, link_type, to })
            })
            .collect()
    }
}

/// Links that may be made, each with what it leads to.
pub(super) struct Allowed(Vec<(LinkType, End)>);

/// What a link leads to, as it was read.
enum End {
    Memory(Box<Memory>),
    Work(Target),
}

/// What came of linking.
#[derive(Debug, Default)]
pub(super) struct Linked {
    /// The ids of those that were retired.
    pub(super) retired: Vec<MemoryId>,
    /// How many links are new.
    pub(super) added: usize,
}

/// Checks, before anything is written, that a memory may be linked so.
///
/// # Errors
/// `NOT_FOUND` naming the field; `PERMISSION_DENIED` where the bearer may not change what would be
/// retired; `INVALID_ARGUMENT` where it would be retired for something that fewer can see.
pub(super) fn allowed(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    newer: &Memory,
    ties: &[Tie],
) -> Result<Allowed> {
    if ties.is_empty() {
        return Ok(Allowed(Vec::new()));
    }
    let ids: Vec<MemoryId> = ties.iter().filter_map(|tie| tie.to.memory()).collect();
    let others = tx.memories_of(permit, &ids)?;
    let allowed = ties.iter().map(|tie| {
        let to = match tie.to {
            Target::Memory(to) => to,
            work => return allowed_work(tx, permit, tie, work),
        };
        let other = others
            .iter()
            .find(|other| other.id == to && other.status != Status::Forgotten)
            .ok_or_else(|| missing(&tie.field))?;
        if other.id == newer.id {
            return Err(Error::invalid(&tie.field, "must name another memory"));
        }
        if tie.link_type == LinkType::Supersedes {
            check_retiring(permit, newer, other, tie)?;
        }
        Ok((tie.link_type, End::Memory(Box::new(other.clone()))))
    });
    Ok(Allowed(allowed.collect::<Result<_>>()?))
}

/// A link to a node or a task of the team.
fn allowed_work(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    tie: &Tie,
    to: Target,
) -> Result<(LinkType, End)> {
    let is_there = match to {
        Target::Memory(_) => false,
        Target::Node(id) => tx.node(permit, id)?.is_some(),
        Target::Task(id) => tx.task(permit, id)?.is_some(),
    };
    if !is_there {
        return Err(missing(&tie.field));
    }
    if tie.link_type == LinkType::Supersedes {
        return Err(Error::invalid(&tie.field, "must name a memory, where it is superseded"));
    }
    Ok((tie.link_type, End::Work(to)))
}

fn check_retiring(permit: &Permit, newer: &Memory, older: &Memory, tie: &Tie) -> Result<()> {
    check_change(older, permit)?;
    // Whoever could read the older one must find something in its place.
    let is_shared = older.statement.visibility == Visibility::Team;
    if is_shared && newer.statement.visibility == Visibility::Agent {
        return Err(Error::invalid(
            &tie.field,
            "names a memory of the team, and what you keep for yourself can't take its place",
        ));
    }
    if is_shared && older.status == Status::Active && newer.status != Status::Active {
        return Err(Error::invalid(
            &tie.field,
            "names an active memory, and only an active one can take its place",
        ));
    }
    Ok(())
}

/// Links a memory, and retires those whose place it takes.
///
/// # Errors
/// `CONFLICT` when one of those has changed since it was checked.
pub(super) fn link(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    newer: MemoryId,
    allowed: &Allowed,
    at: Timestamp,
) -> Result<Linked> {
    let mut made = Linked::default();
    for (link_type, end) in &allowed.0 {
        let other = match end {
            End::Memory(other) => &**other,
            End::Work(to) => {
                let link = Link { from: newer, link_type: *link_type, to: *to };
                made.added += usize::from(tx.add_link(permit, &link, at)?);
                continue;
            }
        };
        if *link_type == LinkType::Supersedes && !made.retired.contains(&other.id) {
            let older = std::slice::from_ref(other);
            let retired = set_status(tx, permit, older, Status::Superseded, REASON, at)?;
            made.retired.extend(retired.iter().map(|memory| memory.id));
        }
        let link = Link::between(newer, *link_type, other.id);
        made.added += usize::from(tx.add_link(permit, &link, at)?);
    }
    Ok(made)
}

/// Both at once, for a memory that is held already.
///
/// # Errors
/// As [`allowed`] and [`link`].
pub(super) fn tie(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    newer: &Memory,
    ties: &[Tie],
    at: Timestamp,
) -> Result<Linked> {
    let allowed = allowed(tx, permit, newer, ties)?;
    link(tx, permit, newer.id, &allowed, at)
}

/// Not there, or not the caller's to see, with the field that names it: the same bytes for both.
pub(super) fn missing(field: &str) -> Error {
    let rule = "names nothing that you can see";
    Error::new(Code::NotFound, format!("`{field}` {rule}"))
        .with_fix("check that the id is written whole and belongs to your team")
        .with_detail("fields", json!([{ "field": field, "rule": rule }]))
}
