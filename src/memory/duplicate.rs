//! When a new statement adds nothing to one that is held, and what it is worth that somebody else
//! says the same.

use super::fields::{MemoryType, Status};
use super::memory::Memory;
use super::same;

/// Within this time the same words of the same author are one request that came twice, in
/// milliseconds.
pub const RETRIED_WITHIN: i64 = 10 * 60 * 1_000;

/// What a confirmation leaves of the doubt in a statement.
const DOUBT_LEFT: f64 = 0.75;

/// How sure anything becomes by being said again.
const MOST_SURE: f64 = 0.99;

/// Whether a new memory says nothing that isn't held. What it says beside its words must be so in
/// the one that is held: nothing that somebody gave gets lost.
#[must_use]
pub fn adds_nothing(new: &Memory, held: &Memory) -> bool {
    let (said, before) = (&new.statement, &held.statement);
    let is_as_firm = match held.status {
        Status::Active => true,
        // An editor's word isn't kept by what only waits to be accepted.
        Status::Proposed => new.status == Status::Proposed,
        _ => false,
    };
    is_as_firm
        && said.visibility == before.visibility
        && agrees(said.thread.as_ref(), before.thread.as_ref())
        && agrees(said.speaker.as_ref(), before.speaker.as_ref())
        && agrees(said.occurred_at.as_ref(), before.occurred_at.as_ref())
        && agrees(said.valid_from.as_ref(), before.valid_from.as_ref())
        && agrees(said.valid_until.as_ref(), before.valid_until.as_ref())
        && holds_now(new, held)
        && is_one_occasion(new, held)
        && same::form(&said.content) == same::form(&before.content)
}

/// Whether what was given is what is held; what was left out agrees with anything.
fn agrees<T: PartialEq>(given: Option<&T>, held: Option<&T>) -> bool {
    given.is_none() || given == held
}

/// Whether what is held is valid at the time at which the new one is said to hold.
fn holds_now(new: &Memory, held: &Memory) -> bool {
    let at = new.statement.valid_from.unwrap_or(new.created_at);
    held.statement.valid_until.is_none_or(|until| at <= until)
        && (new.statement.valid_from.is_some()
            || held.statement.valid_from.is_none_or(|from| from <= at))
}

/// What happens may happen again, and what stands in a transcript is a turn of its own: there only
/// a request that came twice is a repetition.
fn is_one_occasion(new: &Memory, held: &Memory) -> bool {
    let (said, before) = (&new.statement, &held.statement);
    let is_lately = new.created_at.as_millis() - held.created_at.as_millis() <= RETRIED_WITHIN;
    if said.position.is_some() || before.position.is_some() {
        return said.position == before.position
            && said.thread == before.thread
            && said.speaker == before.speaker
            && is_lately
            && held.author.is(&new.author.actor);
    }
    said.memory_type != MemoryType::Event || said.occurred_at.is_some() || is_lately
}

/// How sure a statement is that so many others have confirmed: each takes a quarter of the doubt,
/// and none takes all of it.
#[must_use]
pub fn confirmed(confidence: f64, confirmations: u32) -> f64 {
    let left = (1.0 - confidence) * DOUBT_LEFT.powi(confirmations.min(1_000).cast_signed());
    let raised = ((1.0 - left) * 10_000.0).round() / 10_000.0;
    raised.min(MOST_SURE).max(confidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::Timestamp;
    use crate::core::id::Ids;
    use crate::identity::actor::{Actor, Trust};
    use crate::memory::draft::Draft;
    use crate::memory::fields::Visibility;
    use crate::memory::memory::Author;

    fn memory(draft: Draft, minutes: i64) -> Memory {
        let at = Timestamp::parse("2026-11-22T09:00:00Z", false).expect("a time");
        let at = at.plus_millis(minutes * 60_000);
        let ids = Ids::default();
        let member = "mbr_00000000000000000000000001".parse().expect("an id");
        let actor = Actor { agent: None, member: Some(member) };
        let author = Author { actor, key: None, trust: Trust::Approved };
        Memory::new(ids.next(at), draft.into_statement(at).expect("valid"), author, at)
    }

    fn said(content: &str) -> Draft {
        Draft { content: Some(content.to_owned()), ..Draft::default() }
    }

    fn repeats(new: Draft, held: Draft, minutes: i64) -> bool {
        adds_nothing(&memory(new, minutes), &memory(held, 0))
    }

    #[test]
    fn the_same_words_repeat_whatever_time_has_passed() {
        assert!(repeats(said("Ada likes tea."), said("ada likes tea"), 0));
        assert!(repeats(said("Ada likes tea."), said("Ada likes tea."), 1_000_000));
        assert!(!repeats(said("Ada likes tea."), said("Ada likes milk."), 0));
    }

    #[test]
    fn what_is_given_beside_the_words_must_be_held_too() {
        let words = || said("Ada likes tea.");
        for more in [
            Draft { thread: Some("weekly".into()), ..words() },
            Draft { speaker: Some("Bo".into()), ..words() },
            Draft { occurred_at: Some("2026-11-01".into()), ..words() },
            Draft { valid_from: Some("2026-11-01".into()), ..words() },
            Draft { valid_until: Some("2026-12-01".into()), ..words() },
        ] {
            assert!(!repeats(more.clone(), words(), 0), "{more:?}");
            assert!(repeats(more.clone(), more.clone(), 0), "{more:?}");
            assert!(repeats(words(), more.clone(), 0), "{more:?}");
        }
        let private = Draft { visibility: Some(Visibility::Agent), ..words() };
        assert!(!repeats(private.clone(), words(), 0) && !repeats(words(), private, 0));
    }

    #[test]
    fn what_has_ceased_to_hold_is_not_what_is_said_now() {
        let until = Draft { valid_until: Some("2026-11-22T09:30:00Z".into()), ..said("On call.") };

        assert!(repeats(said("On call."), until.clone(), 10));
        assert!(!repeats(said("On call."), until, 40));
        let from = Draft { valid_from: Some("2026-11-23".into()), ..said("On call.") };
        assert!(!repeats(said("On call."), from, 0));
    }

    #[test]
    fn what_happens_may_happen_again() {
        let event = || Draft { memory_type: Some(MemoryType::Event), ..said("We deployed.") };
        assert!(repeats(event(), event(), 10));
        assert!(!repeats(event(), event(), 11));

        let dated = || Draft { occurred_at: Some("2026-11-01".into()), ..event() };
        assert!(repeats(dated(), dated(), 600));
    }

    #[test]
    fn each_turn_of_a_transcript_is_its_own() {
        let turn = |position| Draft {
            thread: Some("call".into()),
            position: Some(position),
            ..said("Yes.")
        };

        assert!(!repeats(turn(2), turn(1), 0) && !repeats(turn(1), said("Yes."), 0));
        assert!(!repeats(said("Yes."), turn(1), 0));
        assert!(repeats(turn(1), turn(1), 10) && !repeats(turn(1), turn(1), 11));
    }

    #[test]
    fn what_waits_to_be_accepted_keeps_nobody_elses_word() {
        let held = Memory { status: Status::Proposed, ..memory(said("Ada likes tea."), 0) };
        let new = memory(said("Ada likes tea."), 1);

        assert!(!adds_nothing(&new, &held));
        assert!(adds_nothing(&Memory { status: Status::Proposed, ..new.clone() }, &held));
        for status in [Status::Expired, Status::Superseded, Status::Forgotten] {
            assert!(!adds_nothing(&new, &Memory { status, ..held.clone() }), "{status:?}");
        }
    }

    #[test]
    fn each_confirmation_takes_a_quarter_of_the_doubt_and_none_takes_all() {
        let sure: Vec<f64> = (0..5).map(|times| confirmed(0.8, times)).collect();

        assert_eq!(sure, [0.8, 0.85, 0.8875, 0.9156, 0.9367]);
        assert!((confirmed(0.0, 4_000_000_000) - MOST_SURE).abs() < f64::EPSILON);
        assert!((confirmed(1.0, 3) - 1.0).abs() < f64::EPSILON);
        assert!((confirmed(0.995, 1) - 0.995).abs() < f64::EPSILON);
    }
}
