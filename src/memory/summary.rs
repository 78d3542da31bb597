//! What a stretch of time brought: what was written and changed, and what of it tells most. Rules,
//! no language model: every line of it stands in some memory.

use std::collections::BTreeMap;

use super::fields::{MemoryType, Named, Status};
use super::memory::Memory;
use crate::core::id::MemoryId;
use crate::core::text::{chars, one_line};

/// One change of a memory, without what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub id: MemoryId,
    /// From 1; the first is the writing itself.
    pub version: i64,
    pub status: Status,
    /// The status before it; `None` for the first version.
    pub was: Option<Status>,
    pub memory_type: MemoryType,
    /// The id of the agent that made it; `None` for a person.
    pub agent: Option<String>,
}

/// How much happened, a change each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub created: u64,
    /// Said in another way, the status as before.
    pub changed: u64,
    pub superseded: u64,
    pub expired: u64,
    pub forgotten: u64,
    /// Active again, or accepted.
    pub restored: u64,
    /// Of what was created, by type.
    pub by_type: BTreeMap<&'static str, u64>,
    /// Of all changes, by the agent that made them; `None` is people.
    pub by_agent: BTreeMap<Option<String>, u64>,
}

/// Counts changes.
#[must_use]
pub fn count(changes: &[Change]) -> Counts {
    let mut counts = Counts::default();
    for change in changes {
        *counts.by_agent.entry(change.agent.clone()).or_default() += 1;
        if change.was.is_none() {
            counts.created += 1;
            *counts.by_type.entry(change.memory_type.as_str()).or_default() += 1;
            continue;
        }
        let counted = match change.status {
            status if Some(status) == change.was => &mut counts.changed,
            Status::Superseded => &mut counts.superseded,
            Status::Expired => &mut counts.expired,
            Status::Forgotten => &mut counts.forgotten,
            Status::Active | Status::Proposed => &mut counts.restored,
            Status::Quarantined => continue,
        };
        *counted += 1;
    }
    counts
}

/// The memories that tell most, the most telling first and at most `most`: by what kind of statement it is, how sure
/// its author was, and whether it is short enough to be a statement.
#[must_use]
pub fn telling(memories: &[Memory], most: usize) -> Vec<&Memory> {
    let worth = |memory: &Memory| {
        let statement = &memory.statement;
        let kind = match statement.memory_type {
            MemoryType::Decision => 1.0,
            MemoryType::Commitment => 0.9,
            MemoryType::Error | MemoryType::Goal => 0.8,
            MemoryType::Instruction | MemoryType::Learning => 0.75,
            MemoryType::Event | MemoryType::Preference | MemoryType::Relationship => 0.6,
            _ => 0.5,
        };
        let length = if (20..=400).contains(&chars(&statement.content)) { 1.0 } else { 0.7 };
        let exact =
            if statement.content.contains(|c: char| c.is_ascii_digit()) { 1.1 } else { 1.0 };
        kind * statement.confidence * length * exact
    };
    let mut ordered: Vec<&Memory> =
        memories.iter().filter(|memory| memory.status == Status::Active).collect();
    ordered.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then(a.id.cmp(&b.id)));
    ordered.truncate(most);
    ordered
}

/// A memory in one line, for a list.
#[must_use]
pub fn line(memory: &Memory) -> String {
    one_line(&memory.statement.content, 240)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::Timestamp;
    use crate::core::id::Ids;
    use crate::identity::actor::{Actor, Trust};
    use crate::memory::draft::Draft;
    use crate::memory::memory::Author;

    #[test]
    fn each_change_is_counted_as_what_it_is() {
        let id = Ids::default().next(Timestamp::from_millis(1));
        let change = |was: Option<Status>, status, agent: Option<&str>| Change {
            id,
            version: 1,
            status,
            was,
            memory_type: MemoryType::Decision,
            agent: agent.map(str::to_owned),
        };
        let active = Some(Status::Active);

        let counts = count(&[
            change(None, Status::Active, Some("ada")),
            change(None, Status::Proposed, None),
            change(active, Status::Active, Some("ada")),
            change(active, Status::Superseded, Some("ada")),
            change(active, Status::Expired, Some("bo")),
            change(Some(Status::Expired), Status::Active, Some("bo")),
            change(active, Status::Forgotten, Some("bo")),
            change(Some(Status::Forgotten), Status::Forgotten, Some("bo")),
        ]);

        let all = [counts.created, counts.changed, counts.superseded, counts.expired];
        assert_eq!((all, counts.forgotten, counts.restored), ([2, 2, 1, 1], 1, 1));
        assert_eq!(counts.by_type, BTreeMap::from([("decision", 2)]));
        let by = [(None, 1), (Some("ada".to_owned()), 3), (Some("bo".to_owned()), 4)];
        assert_eq!(counts.by_agent, BTreeMap::from(by));
    }

    #[test]
    fn decisions_come_before_facts_and_what_no_longer_holds_not_at_all() {
        let ids = Ids::default();
        let at = Timestamp::from_millis(1);
        let made = |content: &str, memory_type, status| {
            let draft = Draft {
                content: Some(content.to_owned()),
                memory_type: Some(memory_type),
                ..Draft::default()
            };
            let actor = Actor { agent: None, member: None };
            let author = Author { actor, key: None, trust: Trust::Approved };
            let statement = draft.into_statement(at).expect("valid");
            Memory { status, ..Memory::new(ids.next(at), statement, author, at) }
        };
        let memories = [
            made("The heron nests in the reeds.", MemoryType::Fact, Status::Active),
            made("The heron nests in 3 places.", MemoryType::Fact, Status::Active),
            made("We decided to build a hide.", MemoryType::Decision, Status::Active),
            made("We decided to build a tower.", MemoryType::Decision, Status::Superseded),
        ];

        let told: Vec<String> = telling(&memories, 2).into_iter().map(line).collect();

        assert_eq!(told, ["We decided to build a hide.", "The heron nests in 3 places."]);
    }
}
