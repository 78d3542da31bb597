//! `recall` beyond what holds now: what stood at a time, what has changed since one, and how each
//! hit came to be what it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::view::VersionView;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::MemoryId;
use crate::memory::draft::{End, moment};
use crate::memory::fields::Status;
use crate::memory::memory::Memory;
use crate::memory::ranking::{self, Hit};
use crate::memory::search::{Filter, Statuses};

/// The times that recall may be asked about.
#[derive(Deserialize, JsonSchema)]
pub struct Times {
    /// As they stood then, those that were active
    #[schemars(extend("x-rare" = true))]
    as_of: Option<String>,
    /// Written, changed or retired later than then, the newest change first
    #[schemars(extend("x-rare" = true))]
    changed_since: Option<String>,
    /// Each hit with its versions, newest first
    #[schemars(extend("x-rare" = true))]
    include_history: Option<bool>,
}

/// What became of a memory since a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum ChangeType {
    Created,
    Updated,
    Superseded,
    Expired,
}

/// A memory that was forgotten since a time: nothing of it but its id.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Gone {
    id: String,
    at: Timestamp,
}

/// A time that was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Past {
    AsOf(Timestamp),
    Since(Timestamp),
}

/// What was found there.
pub(super) struct Found {
    pub(super) hits: Vec<Hit>,
    /// Those that were forgotten since, where changes were asked for.
    pub(super) gone: Vec<Gone>,
}

/// How many are looked through for a query, and how many tombstones are told.
const LOOKED_THROUGH: usize = 5_000;

impl Times {
    /// The time that is asked about, if one is.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the field.
    pub(super) fn past(&self, status: Option<Statuses>, now: Timestamp) -> Result<Option<Past>> {
        let read = |field: &str, given: &Option<String>, end: End| {
            given.as_deref().map(|given| moment(field, given, end, now)).transpose()
        };
        let as_of = read("as_of", &self.as_of, End::Last)?;
        let since = read("changed_since", &self.changed_since, End::First)?;
        if as_of.is_some() && since.is_some() {
            return Err(Error::invalid("changed_since", "must be left out when `as_of` is given"));
        }
        if as_of.is_some() && status.is_some() {
            return Err(Error::invalid(
                "status",
                "must be left out when `as_of` is given: it finds what was active",
            ));
        }
        Ok(as_of.map(Past::AsOf).or(since.map(Past::Since)))
    }

    /// Whether hits come with their versions.
    pub(super) fn wants_history(&self) -> bool {
        self.include_history.unwrap_or(false)
    }
}

impl Past {
    /// What became of a memory since the time, if that was asked.
    pub(super) fn change(self, memory: &Memory) -> Option<ChangeType> {
        let Past::Since(since) = self else { return None };
        let is_new_status = memory.status_at.is_some_and(|at| at > since);
        Some(match memory.status {
            Status::Superseded if is_new_status => ChangeType::Superseded,
            Status::Expired if is_new_status => ChangeType::Expired,
            _ if memory.created_at > since => ChangeType::Created,
            _ => ChangeType::Updated,
        })
    }

    /// Finds, by a filter and, where there are any, by words: the share of them that a memory held.
    /// What changed is of every status unless one was given.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub(super) async fn find(
        self,
        call: &Call<'_>,
        mut filter: Filter,
        status: Option<Statuses>,
        words: Vec<String>,
        limit: usize,
    ) -> Result<Found> {
        let is_ranked = !words.is_empty();
        let most = if is_ranked { LOOKED_THROUGH } else { limit };
        let (found, gone) = call
            .read(move |tx, permit| match self {
                Past::AsOf(moment) => {
                    Ok((tx.memories_as_of(permit, &filter, moment, most)?.0, Vec::new()))
                }
                Past::Since(since) => {
                    filter.status = status.unwrap_or(Statuses::All);
                    filter.changed_after = Some(since);
                    let changed = tx.changed_memories(permit, &filter, most)?;
                    // Nothing that is forgotten is matched against anything.
                    let is_told = !is_ranked && status.is_none();
                    let gone = if is_told {
                        tx.forgotten_memories(permit, &filter, LOOKED_THROUGH)?
                    } else {
                        Vec::new()
                    };
                    Ok((changed, gone))
                }
            })
            .await?;
        let hits = if is_ranked {
            ranking::by_held_words(found, &words)
        } else {
            ranking::as_listed(found)
        };
        let gone = gone.into_iter().map(|(id, at)| Gone { id: id.to_string(), at }).collect();
        Ok(Found { hits, gone })
    }
}

/// The versions of some memories, in their order.
///
/// # Errors
/// `UNAVAILABLE`.
pub(super) async fn histories(
    call: &Call<'_>,
    ids: Vec<MemoryId>,
) -> Result<Vec<Vec<VersionView>>> {
    let all = call
        .read(move |tx, permit| {
            ids.iter().map(|id| tx.memory_versions(permit, *id)).collect::<Result<Vec<_>>>()
        })
        .await?;
    Ok(all.into_iter().map(|one| one.into_iter().map(VersionView::from).collect()).collect())
}
