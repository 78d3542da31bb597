//! Which slots a reader sees, and which of them are wanted.

use std::ops::Range;
use std::sync::Arc;

use super::authors::Author;
use super::cues::Cues;
use super::postings::Matches;
use super::{Collection, Index, Slot};
use crate::core::clock::Timestamp;
use crate::core::id::{AgentId, MemberId, MemoryId};
use crate::identity::permit::Permit;
use crate::identity::role::Role;
use crate::memory::fields::Visibility;
use crate::memory::search::Filter;

/// Whose eyes an index is looked through. The store's own rule says the last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reader {
    pub(super) agent: Option<AgentId>,
    pub(super) member: Option<MemberId>,
    pub(super) is_editor: bool,
}

impl Reader {
    /// An agent, for programs that hold an index of their own.
    #[must_use]
    pub const fn agent(id: AgentId) -> Self {
        Self { agent: Some(id), member: None, is_editor: false }
    }

    /// The bearer of a permit.
    #[must_use]
    pub fn of(permit: &Permit) -> Self {
        let actor = permit.actor();
        Self {
            agent: actor.agent.as_ref().map(|agent| agent.id),
            member: actor.member,
            is_editor: permit.role() >= Role::Editor,
        }
    }

    fn is(&self, author: &Author) -> bool {
        match (author.agent, self.agent) {
            (Some(author), Some(me)) => author == me,
            (None, None) => author.member.is_some() && author.member == self.member,
            _ => false,
        }
    }

    fn sees(&self, slot: &Slot, is_own: bool) -> bool {
        is_own || (slot.visibility == Visibility::Team && (slot.is_accepted || self.is_editor))
    }
}

/// An index as one reader sees it.
#[derive(Debug)]
pub struct Seen<'a> {
    pub(crate) index: &'a Index,
    /// What the reader sees, whatever was asked: it speaks for its neighbours.
    pub(crate) visible: Vec<bool>,
    /// What may be an answer.
    pub(crate) wanted: Vec<bool>,
    /// What the index holds a part of, where it doesn't hold all.
    of: Option<&'a Collection>,
}

/// What was seen of an index, while it isn't being looked at.
#[derive(Debug)]
pub struct Sight {
    visible: Vec<bool>,
    wanted: Vec<bool>,
    stamp: Arc<()>,
}

impl Index {
    /// The index through a reader's eyes: what it sees, and what fits a filter.
    #[must_use]
    pub fn seen(&self, reader: Reader, filter: &Filter) -> Seen<'_> {
        let wanting = Wanting::of(self, filter);
        let is_own: Vec<bool> = self.authors.all().iter().map(|author| reader.is(author)).collect();
        let (mut visible, mut wanted) =
            (Vec::with_capacity(self.slots.len()), Vec::with_capacity(self.slots.len()));
        for slot in &self.slots {
            let is_visible = slot.is_alive
                && reader.sees(slot, is_own[slot.author as usize])
                && wanting.has_status(slot);
            visible.push(is_visible);
            wanted.push(is_visible && wanting.wants(slot));
        }
        Seen { index: self, visible, wanted, of: None }
    }

    /// Goes on with what was seen before; `None` where the index has changed since.
    #[must_use]
    pub fn seen_again(&self, sight: Sight) -> Option<Seen<'_>> {
        let Sight { visible, wanted, stamp } = sight;
        Arc::ptr_eq(&stamp, &self.stamp).then_some(Seen { index: self, visible, wanted, of: None })
    }
}

/// What ranking asks of a slot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) cues: Cues,
    /// When it happened, or was written where that isn't known.
    pub(crate) at: i64,
}

impl<'a> Seen<'a> {
    /// The same, of an index that holds a part of a collection: how rare words are goes by that.
    #[must_use]
    pub fn within(self, collection: &'a Collection) -> Self {
        Self { of: Some(collection), ..self }
    }
}

impl Seen<'_> {
    /// What is kept while nobody looks at the index.
    #[must_use]
    pub fn kept(self) -> Sight {
        let stamp = Arc::clone(&self.index.stamp);
        Sight { visible: self.visible, wanted: self.wanted, stamp }
    }

    /// What words find.
    pub(crate) fn matches(&self, words: &[String]) -> Matches {
        self.index.postings.matches(words, &self.visible, &self.wanted, self.of)
    }

    pub(crate) fn id(&self, slot: usize) -> MemoryId {
        self.index.slots[slot].id
    }

    pub(crate) fn facts(&self, slot: usize) -> Facts {
        let slot = &self.index.slots[slot];
        Facts { cues: slot.cues, at: slot.occurred_at().unwrap_or(slot.created_at) }
    }

    /// The number of a name, for [`Seen::is_by`].
    pub(crate) fn number_of(&self, name: &str) -> Option<u32> {
        self.index.names.find(name)
    }

    /// Whether a slot was said, or else written, by somebody whose name has this number.
    pub(crate) fn is_by(&self, slot: usize, name: u32) -> bool {
        self.index.said_or_written_by(&self.index.slots[slot]) == name
    }

    /// The places of a slot's vectors in the index.
    pub(crate) fn vectors_of(&self, slot: usize) -> Range<usize> {
        self.index.slots[slot].vectors()
    }

    /// The slots of each thread, in order, seen or not.
    pub(crate) fn threads(&self) -> impl Iterator<Item = impl Iterator<Item = u32> + '_> + '_ {
        self.index.threads.all()
    }

    /// Who wrote or said what is wanted: names that a question may mean.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let names = &self.index.names;
        let mut is_there = vec![false; names.len()];
        for (slot, _) in self.index.slots.iter().zip(&self.wanted).filter(|(_, wanted)| **wanted) {
            is_there[self.index.said_or_written_by(slot) as usize] = true;
        }
        (1_u32..)
            .zip(&is_there[1..])
            .filter(|(_, there)| **there)
            .map(|(at, _)| names.get(at))
            .collect()
    }
}

impl Index {
    /// The number of who said a slot, or else of the agent that wrote it; 0 for nobody.
    fn said_or_written_by(&self, slot: &Slot) -> u32 {
        if slot.said_by == 0 { self.authors.get(slot.author).slug } else { slot.said_by }
    }
}

/// A filter with its names looked up; `None` in a list is a name that nothing has.
struct Wanting<'a> {
    index: &'a Index,
    filter: &'a Filter,
    tags: Vec<Option<u32>>,
    /// Empty too where a name isn't known: an agent may have been renamed since, and the store knows.
    agents: Vec<u32>,
    speakers: Vec<Option<u32>>,
    /// Empty where any will do.
    threads: Vec<Option<u32>>,
}

impl<'a> Wanting<'a> {
    fn of(index: &'a Index, filter: &'a Filter) -> Self {
        let find = |name: &String| index.names.find(name);
        let found = |names: &[String]| names.iter().map(find).collect();
        Self {
            index,
            filter,
            tags: found(&filter.tags),
            agents: filter.agents.iter().map(find).collect::<Option<_>>().unwrap_or_default(),
            speakers: found(&filter.speakers),
            threads: filter.thread.iter().map(|thread| index.threads.find(thread)).collect(),
        }
    }

    fn has_status(&self, slot: &Slot) -> bool {
        self.filter.status.among().contains(&slot.status)
    }

    fn wants(&self, slot: &Slot) -> bool {
        let filter = self.filter;
        let after =
            |bound: Option<Timestamp>, at: i64| bound.is_none_or(|bound| at >= bound.as_millis());
        let before =
            |bound: Option<Timestamp>, at: i64| bound.is_none_or(|bound| at <= bound.as_millis());
        let happened = match slot.occurred_at() {
            Some(at) => after(filter.occurred_after, at) && before(filter.occurred_before, at),
            None => filter.occurred_after.is_none() && filter.occurred_before.is_none(),
        };
        let tags = &self.index.tags[slot.tags()];
        let by = || self.index.authors.get(slot.author).slug;
        happened
            && (filter.types.is_empty() || filter.types.contains(&slot.memory_type))
            && self.tags.iter().all(|tag| tag.is_some_and(|tag| tags.contains(&tag)))
            && (self.agents.is_empty() || self.agents.contains(&by()))
            && (self.speakers.is_empty() || self.speakers.contains(&Some(slot.speaker)))
            && (self.threads.is_empty() || self.threads.contains(&Some(slot.thread)))
            && after(filter.created_after, slot.created_at)
            && before(filter.created_before, slot.created_at)
            && filter.changed_after.is_none_or(|bound| slot.updated_at > bound.as_millis())
            && filter.visibility.is_none_or(|visibility| visibility == slot.visibility)
    }
}
