//! A new memory, held against those that are there: what is known beside the text decides first.

use std::collections::BTreeSet;

use super::finding::{ConflictKind, Finding, Severity, Signal};
use super::frame::Frame;
use super::lexicon::is_qualifier;
use super::sought::{Sought, sought};
use super::{rules, token};
use crate::core::clock::{DAY_MS, Timestamp};
use crate::memory::fields::{MemoryType, Voice};
use crate::memory::memory::{Memory, Statement};

/// A memory that was just written, taken apart once for all comparisons.
#[derive(Debug)]
pub struct Newcomer<'a> {
    memory: &'a Memory,
    frames: Vec<Frame>,
}

impl<'a> Newcomer<'a> {
    /// `None` for what contradicts nothing: a turn of a conversation, a proposal, a question.
    #[must_use]
    pub fn of(memory: &'a Memory) -> Option<Self> {
        if !claims(&memory.statement) {
            return None;
        }
        let frames = frames(&memory.statement.content);
        (!frames.is_empty()).then_some(Self { memory, frames })
    }

    /// The words by which full text finds what it may conflict with: first by two of its things
    /// together, then by a name alone, or by its only thing.
    #[must_use]
    pub fn sought(&self) -> [Vec<Sought>; 2] {
        sought(&self.frames)
    }

    /// The conflict with what the team is after, which is no memory. `None` where both can hold; to say
    /// the same is no conflict, and neither is what was seen, which says how far the team has come.
    #[must_use]
    pub fn against_aim(&self, aim: &str) -> Option<Finding> {
        let own = &self.memory.statement;
        let is_over = own.valid_until.is_some_and(|until| until < self.memory.updated_at);
        if is_over || happened(own) || own.voice == Some(Voice::Observed) {
            return None;
        }
        let mut best: Option<(ConflictKind, Vec<Signal>)> = None;
        for one in &frames(aim) {
            for two in &self.frames {
                // Who is meant by `I` there nobody knows.
                let speaks_of_itself = one.is_first_person || two.is_first_person;
                if speaks_of_itself || !one.shares_a_word(two) {
                    continue;
                }
                let found = rules::judge(one, two);
                let Some(found) = found.filter(|(kind, _)| *kind != ConflictKind::Duplicate) else {
                    continue;
                };
                keep_stronger(&mut best, found);
            }
        }
        let (kind, signals) = best?;
        Some(Finding { kind, severity: severity(kind, own, own), signals })
    }

    /// The conflict with a memory that was there before; `None` where both can hold.
    #[must_use]
    pub fn against(&self, existing: &Memory) -> Option<Finding> {
        let (old, new) = (&existing.statement, &self.memory.statement);
        if existing.id == self.memory.id || !claims(old) || !may_meet(old, new) {
            return None;
        }
        let is_one_voice =
            existing.author.actor == self.memory.author.actor && old.speaker == new.speaker;
        let mut best: Option<(ConflictKind, Vec<Signal>)> = None;
        for one in &frames(&old.content) {
            for two in &self.frames {
                // What two people say of themselves are two things.
                let are_two = (one.is_first_person || two.is_first_person) && !is_one_voice;
                if are_two || !one.shares_a_word(two) {
                    continue;
                }
                let Some(found) = rules::judge(one, two) else { continue };
                keep_stronger(&mut best, found);
            }
        }
        let (kind, signals) = best?;
        Some(Finding { kind, severity: severity(kind, old, new), signals })
    }
}

fn frames(content: &str) -> Vec<Frame> {
    let clauses = token::clauses(content);
    clauses.iter().map(Frame::of).filter(|frame| !frame.is_open).collect()
}

fn keep_stronger(
    best: &mut Option<(ConflictKind, Vec<Signal>)>,
    found: (ConflictKind, Vec<Signal>),
) {
    let strength = |signals: &[Signal]| -> f64 { signals.iter().map(|signal| signal.weight).sum() };
    if best.as_ref().is_none_or(|best| strength(&found.1) > strength(&best.1)) {
        *best = Some(found);
    }
}

/// Whether a statement says that something is so.
fn claims(statement: &Statement) -> bool {
    !statement.is_turn() && statement.voice != Some(Voice::Proposed)
}

/// Whether two statements can hold of the same thing at the same time.
fn may_meet(old: &Statement, new: &Statement) -> bool {
    let ends_before = |one: &Statement, two: &Statement| {
        one.valid_until.zip(two.valid_from).is_some_and(|(until, from)| until < from)
    };
    if ends_before(old, new) || ends_before(new, old) {
        return false;
    }
    let day = |at: Timestamp| at.as_millis().div_euclid(DAY_MS);
    // Each of two events has its own numbers.
    let are_two_events = old
        .occurred_at
        .zip(new.occurred_at)
        .is_some_and(|(one, two)| (happened(old) || happened(new)) && day(one) != day(two));
    let qualifiers = |statement: &Statement| -> BTreeSet<String> {
        let tags = statement.tags.iter().map(|tag| tag.to_lowercase());
        tags.filter(|tag| is_qualifier(tag)).collect()
    };
    let (one, two) = (qualifiers(old), qualifiers(new));
    let is_elsewhere = !one.is_empty() && !two.is_empty() && one.is_disjoint(&two);
    !are_two_events && !is_elsewhere
}

/// Whether a statement tells what was seen at some moment.
fn happened(statement: &Statement) -> bool {
    matches!(statement.memory_type, MemoryType::Event | MemoryType::Observation)
}

/// Whether it is said without being sure.
fn is_weak(statement: &Statement) -> bool {
    matches!(statement.voice, Some(Voice::Assumed | Voice::Believed)) || statement.confidence < 0.5
}

/// How grave: what was decided and bears on what others do is graver than what somebody assumes.
fn severity(kind: ConflictKind, old: &Statement, new: &Statement) -> Severity {
    let either = |is: fn(&Statement) -> bool| is(old) || is(new);
    if kind != ConflictKind::Contradiction || either(is_weak) {
        return Severity::Low;
    }
    let binds = either(|statement| {
        statement.voice == Some(Voice::Decided)
            || matches!(
                statement.memory_type,
                MemoryType::Decision | MemoryType::Instruction | MemoryType::Commitment
            )
    });
    if binds { Severity::High } else { Severity::Medium }
}

#[cfg(test)]
mod tests;
