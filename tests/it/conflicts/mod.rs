//! The rules that find conflicts, measured on pairs of statements written for this project.
//!
//! `pairs.jsonl` was written whole before the first rule. It falls into two halves by a hash of
//! each pair: rules are mended by what they get wrong in the first, and nobody looks at what they
//! get wrong in the second, which tells how they do on statements that they don't know. The newer
//! statement of a pair is `b`.

use std::collections::HashSet;

use memoranda::core::clock::Timestamp;
use memoranda::core::id::Ids;
use memoranda::identity::actor::{Actor, Trust};
use memoranda::memory::conflict::{ConflictKind, Newcomer};
use memoranda::memory::draft::Draft;
use memoranda::memory::memory::{Author, Memory};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// What a person says of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Label {
    Contradicting,
    Updating,
    Compatible,
    Unrelated,
}

#[derive(Debug, Deserialize)]
struct Pair {
    a: String,
    b: String,
    label: Label,
    area: String,
}

impl Pair {
    /// Whether it is of the half that is only counted.
    fn is_held(&self) -> bool {
        Sha256::digest(format!("{}\n{}", self.a, self.b))[0] % 2 == 1
    }
}

fn pairs() -> Vec<Pair> {
    let lines = include_str!("pairs.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).expect("a pair")).collect()
}

#[test]
fn the_set_is_large_and_falls_into_halves_that_each_hold_every_label() {
    let pairs = pairs();
    let distinct: HashSet<(&str, &str)> =
        pairs.iter().map(|pair| (pair.a.as_str(), pair.b.as_str())).collect();
    let areas: HashSet<&str> = pairs.iter().map(|pair| pair.area.as_str()).collect();

    assert_eq!(distinct.len(), pairs.len());
    assert!(pairs.len() >= 320 && areas.len() >= 10);
    for is_held in [false, true] {
        for label in [Label::Contradicting, Label::Updating, Label::Compatible, Label::Unrelated] {
            let there = pairs.iter().filter(|pair| pair.is_held() == is_held);
            assert!(there.filter(|pair| pair.label == label).count() >= 15, "{is_held} {label:?}");
        }
    }
}

/// A memory that says this, as somebody whom nothing more is known of would have written it.
fn memory(content: &str) -> Memory {
    let at = Timestamp::from_millis(1_767_225_600_000);
    let actor = Actor { agent: None, member: None };
    let author = Author { actor, key: None, trust: Trust::Approved };
    let draft = Draft { content: Some(content.to_owned()), ..Draft::default() };
    Memory::new(Ids::default().next(at), draft.into_statement(at).expect("valid"), author, at)
}

/// Whether the rules find that both can't hold. To say the same twice is no alarm.
fn is_found(pair: &Pair) -> bool {
    let (old, new) = (memory(&pair.a), memory(&pair.b));
    let finding = Newcomer::of(&new).and_then(|new| new.against(&old));
    finding.is_some_and(|finding| finding.kind != ConflictKind::Duplicate)
}

/// Precision and recall on one half.
#[expect(clippy::print_stderr, reason = "the figures are what it is run for")]
fn measured(pairs: &[Pair], is_held: bool) -> (f64, f64) {
    let half = || pairs.iter().filter(|pair| pair.is_held() == is_held);
    let is_conflict = |pair: &&Pair| matches!(pair.label, Label::Contradicting | Label::Updating);
    let found = half().filter(|pair| is_found(pair)).count() as f64;
    let right = half().filter(|pair| is_found(pair)).filter(is_conflict).count() as f64;
    let all = half().filter(is_conflict).count() as f64;
    let (precision, recall) = (right / found, right / all);
    let name = if is_held { "held" } else { "seen" };
    eprintln!("{name}: precision {precision:.3}, recall {recall:.3} on {} pairs", half().count());
    (precision, recall)
}

#[test]
fn conflicts_are_found_and_few_others_are_taken_for_one() {
    let pairs = pairs();

    let seen = measured(&pairs, false);
    let held = measured(&pairs, true);

    assert!(seen.0 >= 0.98 && seen.1 >= 0.86, "{seen:?}");
    assert!(held.0 >= 0.94 && held.1 >= 0.80, "{held:?}");
}

#[test]
fn statements_of_different_pairs_hardly_ever_meet() {
    let seen: Vec<Pair> = pairs().into_iter().filter(|pair| !pair.is_held()).collect();
    let olds: Vec<Memory> = seen.iter().map(|pair| memory(&pair.a)).collect();

    // Those that stand near are of one area, so they use the same words.
    let mut met = 0;
    for (at, pair) in seen.iter().enumerate() {
        let new = memory(&pair.b);
        let Some(new) = Newcomer::of(&new) else { continue };
        let others = olds.iter().skip(at + 1).take(12);
        met += others.filter(|old| new.against(old).is_some()).count();
    }

    // Some of them do conflict: several pairs speak of the same stand-up.
    assert!(met <= 8, "{met}");
}
