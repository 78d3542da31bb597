//! Undoing what one author wrote: what becomes of a memory, from its versions. Pure.

use super::fields::Status;
use super::memory::{Memory, Statement};
use crate::core::clock::Timestamp;

/// The operation that makes a quarantined memory what it was.
pub const RELEASE: &str = "author_release";

/// The operation that brings back what was before an author's acts.
pub const ROLL_BACK: &str = "author_roll_back";

/// One version, as far as undoing needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub version: i64,
    pub status: Status,
    /// Whether it was made by the author, in the period.
    pub is_theirs: bool,
    /// The operation that made it; `None` for versions from before that was kept.
    pub operation: Option<String>,
}

impl Step {
    /// Whether it only hid the memory or showed it again. Where the author did that, it is an act
    /// of theirs like any other.
    fn is_mark(&self) -> bool {
        !self.is_theirs && (self.status == Status::Quarantined || self.is_by(RELEASE))
    }

    fn is_by(&self, operation: &str) -> bool {
        self.operation.as_deref() == Some(operation)
    }
}

/// What rolling back does to a memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollBack {
    /// A version comes back, with its statement and status.
    Restore(i64),
    /// There was nothing before the author's acts.
    Forget,
    Leave(Why),
}

/// Why a memory is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Somebody else changed it since, or the author outside the period.
    ChangedSince,
    /// It was rolled back before.
    RolledBack,
    /// The author made it and has forgotten it.
    Forgotten,
}

/// What rolling back does to a memory of which the author wrote some versions; all are given, the
/// oldest first.
#[must_use]
pub fn roll_back(steps: &[Step]) -> RollBack {
    let acts: Vec<&Step> = steps.iter().filter(|step| !step.is_mark()).collect();
    let Some(first) = acts.iter().position(|step| step.is_theirs) else {
        return RollBack::Leave(Why::ChangedSince);
    };
    let last = acts[acts.len() - 1];
    if acts[first..].iter().any(|step| !step.is_theirs) {
        let is_done = last.is_by(ROLL_BACK) && !last.is_theirs;
        return RollBack::Leave(if is_done { Why::RolledBack } else { Why::ChangedSince });
    }
    let is_hidden = steps.last().is_some_and(|step| step.status == Status::Quarantined);
    match first.checked_sub(1) {
        Some(before) => RollBack::Restore(acts[before].version),
        None if last.status == Status::Forgotten && !is_hidden => RollBack::Leave(Why::Forgotten),
        None => RollBack::Forget,
    }
}

/// The version of a quarantined memory that was seen last; `None` where it isn't quarantined.
#[must_use]
pub fn seen_last(steps: &[Step]) -> Option<i64> {
    let is_hidden = steps.last().is_some_and(|step| step.status == Status::Quarantined);
    let seen = steps.iter().rev().find(|step| step.status != Status::Quarantined);
    seen.filter(|_| is_hidden).map(|step| step.version)
}

/// What a version said, and where it stood.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub statement: Statement,
    pub status: Status,
    pub status_at: Option<Timestamp>,
    pub status_reason: Option<String>,
}

impl Memory {
    /// The next version, which stands as another one stood.
    #[must_use]
    pub fn as_it_stood(&self, then: Standing, at: Timestamp) -> Self {
        let Standing { statement, status, status_at, status_reason } = then;
        Self { status_at, status_reason, ..self.next(statement, status, at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Versions from 1 on, a word each: who (`me` is the author in question), and what with.
    fn steps(words: &str) -> Vec<Step> {
        (1..)
            .zip(words.split(' '))
            .map(|(version, word)| {
                let (who, what) = word.split_once('-').unwrap_or((word, "write"));
                let (status, operation) = match what {
                    "forget" => (Status::Forgotten, "forget"),
                    "hide" => (Status::Quarantined, "author_quarantine"),
                    "release" => (Status::Active, RELEASE),
                    "back" => (Status::Active, ROLL_BACK),
                    _ => (Status::Active, "memory_update"),
                };
                let operation = Some(operation.to_owned());
                Step { version, status, is_theirs: who == "me", operation }
            })
            .collect()
    }

    #[test]
    fn what_was_there_before_the_author_comes_back() {
        for (words, expected) in [
            ("you me", RollBack::Restore(1)),
            ("you you me me", RollBack::Restore(2)),
            ("you me-forget", RollBack::Restore(1)),
            ("you-forget me", RollBack::Restore(1)),
            ("me", RollBack::Forget),
            ("me me", RollBack::Forget),
            ("me me-forget", RollBack::Leave(Why::Forgotten)),
            ("me you", RollBack::Leave(Why::ChangedSince)),
            ("you me you me", RollBack::Leave(Why::ChangedSince)),
            ("you me you-forget", RollBack::Leave(Why::ChangedSince)),
            ("you me you-back", RollBack::Leave(Why::RolledBack)),
            ("you me you-back me", RollBack::Leave(Why::ChangedSince)),
            ("you", RollBack::Leave(Why::ChangedSince)),
        ] {
            assert_eq!(roll_back(&steps(words)), expected, "{words}");
        }
    }

    #[test]
    fn hiding_and_releasing_are_no_acts_of_anybody_else() {
        for (words, expected) in [
            ("you me you-hide", RollBack::Restore(1)),
            ("you me you-hide you-release", RollBack::Restore(1)),
            ("you me you-hide you-release you-hide", RollBack::Restore(1)),
            ("me you-hide", RollBack::Forget),
            ("me me-forget you-hide", RollBack::Forget),
            ("you you-hide you-release me", RollBack::Restore(1)),
            ("you me you-hide you", RollBack::Leave(Why::ChangedSince)),
        ] {
            assert_eq!(roll_back(&steps(words)), expected, "{words}");
        }
    }

    #[test]
    fn what_the_author_hid_or_rolled_back_is_undone_too() {
        assert_eq!(roll_back(&steps("you me-hide")), RollBack::Restore(1));
        assert_eq!(roll_back(&steps("you you me-back")), RollBack::Restore(2));
        assert_eq!(roll_back(&steps("you you-hide me-release")), RollBack::Restore(1));
    }

    #[test]
    fn a_release_goes_back_to_what_was_seen_last() {
        for (words, expected) in [
            ("me you-hide", Some(1)),
            ("me you-hide you-hide", Some(1)),
            ("me me-forget you-hide", Some(2)),
            ("me you-hide you-release you-hide", Some(3)),
            ("me", None),
            ("me you-hide you-release", None),
            ("you-hide", None),
        ] {
            assert_eq!(seen_last(&steps(words)), expected, "{words}");
        }
    }
}
