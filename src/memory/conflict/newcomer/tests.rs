use super::*;
use crate::core::id::Ids;
use crate::identity::actor::{Actor, Trust};
use crate::memory::conflict::Sign;
use crate::memory::draft::Draft;
use crate::memory::memory::Author;

const FIRST: &str = "The search service times out after 10 seconds.";
const SECOND: &str = "The search service times out after 30 seconds.";

fn memory(draft: Draft) -> Memory {
    let at = Timestamp::from_millis(1_700_000_000_000);
    let author =
        Author { actor: Actor { agent: None, member: None }, key: None, trust: Trust::Approved };
    Memory::new(Ids::default().next(at), draft.into_statement(at).expect("valid"), author, at)
}

fn said(content: &str) -> Draft {
    Draft { content: Some(content.to_owned()), ..Draft::default() }
}

fn found(old: Draft, new: Draft) -> Option<Finding> {
    let (old, new) = (memory(old), memory(new));
    Newcomer::of(&new)?.against(&old)
}

#[test]
fn another_number_is_a_contradiction_that_says_why() {
    let finding = found(said(FIRST), said(SECOND)).expect("a conflict");

    assert_eq!((finding.kind, finding.severity), (ConflictKind::Contradiction, Severity::Medium));
    let signs: Vec<Sign> = finding.signals.iter().map(|signal| signal.sign).collect();
    assert_eq!(signs, [Sign::SameSubject, Sign::OtherNumber]);
    assert!(finding.signals.iter().all(|signal| (0.0..=1.0).contains(&signal.weight)));
}

#[test]
fn validity_that_does_not_overlap_is_no_conflict_and_unknown_validity_is() {
    let until = |day: &str| Draft { valid_until: Some(day.into()), ..said(FIRST) };
    let from = |day: &str| Draft { valid_from: Some(day.into()), ..said(SECOND) };

    assert_eq!(found(until("2026-01-31"), from("2026-02-01")), None);
    assert!(found(until("2026-02-01"), from("2026-02-01")).is_some());
    assert!(found(until("2026-01-31"), said(SECOND)).is_some());
}

#[test]
fn turns_of_a_conversation_and_proposals_open_no_conflict() {
    let turn = |content| Draft { thread: Some("t".into()), position: Some(1), ..said(content) };
    let proposed = |content| Draft { voice: Some(Voice::Proposed), ..said(content) };

    assert_eq!(found(said(FIRST), turn(SECOND)), None);
    assert_eq!(found(turn(FIRST), said(SECOND)), None);
    assert_eq!(found(said(FIRST), proposed(SECOND)), None);
    assert_eq!(
        found(said(FIRST), said("Does the search service time out after 30 seconds?")),
        None
    );
}

#[test]
fn a_thread_without_a_position_is_no_turn() {
    let note = Draft { thread: Some("t".into()), ..said(SECOND) };

    assert!(found(said(FIRST), note).is_some());
}

#[test]
fn events_of_two_days_have_each_their_own_numbers() {
    let on = |day: &str, content| Draft {
        occurred_at: Some(day.into()),
        memory_type: Some(MemoryType::Event),
        ..said(content)
    };
    let (one, two) = ("The outage lasted 20 minutes.", "The outage lasted 45 minutes.");

    assert_eq!(found(on("2026-01-02", one), on("2026-01-09", two)), None);
    assert!(found(on("2026-01-02", one), on("2026-01-02", two)).is_some());
}

#[test]
fn tags_that_say_where_it_holds_keep_two_statements_apart() {
    let tagged = |tag: &str, content| Draft { tags: Some(vec![tag.into()]), ..said(content) };

    assert_eq!(found(tagged("Staging", FIRST), tagged("production", SECOND)), None);
    assert!(found(tagged("search", FIRST), tagged("production", SECOND)).is_some());
}

#[test]
fn what_two_speakers_say_of_themselves_is_no_conflict() {
    let by = |speaker: &str, content| Draft { speaker: Some(speaker.into()), ..said(content) };
    let (one, two) = ("I live in Rotterdam.", "I live in Antwerp.");

    assert_eq!(found(by("Karim", one), by("Yuki", two)), None);
    assert!(found(by("Karim", one), by("Karim", two)).is_some());
}

#[test]
fn what_was_decided_is_graver_than_what_is_assumed_and_a_change_is_least() {
    let voiced = |voice, content| Draft { voice: Some(voice), ..said(content) };
    let severity = |finding: Option<Finding>| finding.expect("a conflict").severity;

    let decided = found(said(FIRST), voiced(Voice::Decided, SECOND));
    let assumed = found(voiced(Voice::Assumed, FIRST), voiced(Voice::Decided, SECOND));
    let change = found(said(FIRST), said("The search service now times out after 30 seconds."));

    assert_eq!(severity(decided), Severity::High);
    assert_eq!(severity(assumed), Severity::Low);
    assert_eq!(change.as_ref().map(|found| found.kind), Some(ConflictKind::Outdated));
    assert_eq!(severity(change), Severity::Low);
}

#[test]
fn the_same_words_in_another_order_are_a_duplicate() {
    let finding =
        found(said("Backups are kept for 30 days."), said("We keep backups for 30 days."));

    assert_eq!(finding.map(|finding| finding.kind), Some(ConflictKind::Duplicate));
}

#[test]
fn any_text_is_taken_apart_without_failing() {
    use proptest::prelude::*;

    proptest!(ProptestConfig::with_cases(48), |(one in "\\PC{0,60}", two in "[ a-zA-Z0-9.,:;$€%'’\\-/à時é?!\n]{1,80}")| {
        let both = [one.as_str(), two.as_str(), FIRST];
        for old in both.iter().filter(|text| !crate::core::text::is_blank(text)) {
            for new in both.iter().filter(|text| !crate::core::text::is_blank(text)) {
                let again = found(said(old), said(new));
                prop_assert_eq!(found(said(old), said(new)), again);
            }
        }
    });
}

#[test]
fn what_is_claimed_against_an_aim_is_a_conflict_and_what_was_seen_is_none() {
    let aim = "The mobile app supports 40 languages.";
    let against = |draft| {
        let memory = memory(draft);
        Newcomer::of(&memory).and_then(|memory| memory.against_aim(aim))
    };
    let claimed = || said("The mobile app supports 12 languages.");
    let of = |memory_type| Draft { memory_type: Some(memory_type), ..claimed() };
    let grave = |draft| against(draft).map(|finding| (finding.kind, finding.severity));

    let contradicted = |severity| Some((ConflictKind::Contradiction, severity));
    assert_eq!(grave(of(MemoryType::Fact)), contradicted(Severity::Medium));
    assert_eq!(grave(of(MemoryType::Decision)), contradicted(Severity::High));
    let doubted = Draft { confidence: Some(0.3), ..of(MemoryType::Decision) };
    assert_eq!(grave(doubted), contradicted(Severity::Low));
    for seen in [
        of(MemoryType::Observation),
        of(MemoryType::Event),
        Draft { voice: Some(Voice::Observed), ..of(MemoryType::Fact) },
        Draft { valid_until: Some("2023-01-01".into()), ..of(MemoryType::Fact) },
        Draft { voice: Some(Voice::Proposed), ..of(MemoryType::Fact) },
        said(aim),
        said("We think that I support 12 languages."),
    ] {
        assert_eq!(against(seen), None);
    }
}
