//! The rules: what two clauses must share and where they must differ.

use super::change::ChangeKind;
use super::exclusive::choice;
use super::finding::{ConflictKind, Sign, Signal};
use super::frame::{Frame, Item, Place};
use super::lexicon::{COSTS, is_qualifier};
use super::matching::{Matching, weight};
use super::value::Dimension;

/// What speaks for a conflict of two clauses.
pub(super) type Judgement = (ConflictKind, Vec<Signal>);

/// Verbs of what people and things do again and again: each time another number, another date.
#[rustfmt::skip]
const REPEATED: [&str; 24] = [
    "run", "meet", "visit", "receive", "sell", "buy", "call", "write", "see", "eat", "drink", "deliver", "process", "deploy", "fix", "send", "get",
    "spend", "play", "attend", "work", "give", "find", "review",
];

/// Verbs of what happens to a thing once: it has one date.
#[rustfmt::skip]
const ONCE: [&str; 24] = [
    "found", "join", "bear", "launch", "release", "sign", "end", "expire", "start", "begin", "take", "plan", "schedule", "happen", "leave", "open", "close",
    "retire", "set", "due", "staffed", "send", "run", "clean",
];

/// What two clauses, of which `new` is the newer, say of each other.
pub(super) fn judge(old: &Frame, new: &Frame) -> Option<Judgement> {
    if old.is_open || new.is_open {
        return None;
    }
    if let Some(found) = changed(old, new) {
        return Some(found);
    }
    let (old, old_role) = old.clone().by_role();
    let (new, new_role) = new.clone().by_role();
    let matching = Matching::of(&old, &new);
    if matching.shared_weight(&old) < 1.0 {
        return None;
    }
    let denied = old.is_negative != new.is_negative;
    let is_opposite = denied != (matching.opposed.len() % 2 == 1);
    let subject = Signal::of(Sign::SameSubject, share(&old, &new, &matching));
    if is_opposite {
        let sign = if matching.opposed.is_empty() { Sign::Negation } else { Sign::Opposite };
        return opposite(&old, &new, &matching)
            .then(|| (ConflictKind::Contradiction, vec![subject, Signal::of(sign, 0.8)]));
    }
    if denied || !matching.opposed.is_empty() || old.is_negative {
        return None;
    }
    if !matching.differing.is_empty() {
        let sign = other_value(&old, &new, &matching)?;
        return Some((ConflictKind::Contradiction, vec![subject, Signal::of(sign, 0.8)]));
    }
    if matching.only_old.is_empty() && matching.only_new.is_empty() {
        return same_words(&old, &new, &matching, subject);
    }
    let is_role = old_role && new_role;
    let verbs_agree = old.verb == new.verb;
    let sure = (is_role || verbs_agree).then(|| choice(&old, &new, &matching)).flatten();
    let sure = sure.filter(|_| !new.is_additive && !old.is_additive)?;
    Some((ConflictKind::Contradiction, vec![subject, Signal::of(Sign::OneOnly, sure)]))
}

/// The share of what both say that is the same.
fn share(old: &Frame, new: &Frame, matching: &Matching) -> f64 {
    let all = |frame: &Frame| frame.items.iter().map(weight).sum::<f64>();
    let most = all(old).max(all(new));
    if most > 0.0 { matching.shared_weight(old) / most } else { 0.0 }
}

/// One denies what the other says.
fn opposite(old: &Frame, new: &Frame, matching: &Matching) -> bool {
    let has_thing = matching.shared.iter().any(|(at, _)| old.items[*at].place != Place::Verb);
    has_thing && matching.differing.is_empty() && matching.speaks_of_the_same(old, new, 0.4, &[])
}

/// The same is said with another value.
fn other_value(old: &Frame, new: &Frame, matching: &Matching) -> Option<Sign> {
    let pairs = || matching.differing.iter().map(|(at, to)| (&old.items[*at], &new.items[*to]));
    let has_verbs = old.verb.is_some() && new.verb.is_some();
    // A number before the verb tells which thing is meant, unless it is a threshold.
    let is_label = |item: &Item| {
        item.place == Place::Subject && !item.follows(&["above", "below", "over", "under"])
    };
    if has_verbs && pairs().any(|(one, two)| is_label(one) || is_label(two)) {
        return None;
    }
    let rest = matching.only_old.len() + matching.only_new.len();
    // Without a verb that is known, everything else must be the same, and be enough to mean something.
    if !has_verbs && (rest > 0 || matching.shared_weight(old) < 2.0) {
        return None;
    }
    let of_time =
        pairs().filter(|(one, _)| one.value().is_some_and(super::value::Value::is_of_time)).count();
    // Another day and another number: it was measured twice.
    if of_time > 0 && of_time < matching.differing.len() {
        return None;
    }
    let verb = old.verb.as_deref().unwrap_or("");
    if old.is_past && new.is_past && REPEATED.contains(&verb) {
        return None;
    }
    let dimension = pairs().next()?.0.value()?.dimension;
    let is_once = ONCE.contains(&verb) || !has_verbs;
    let is_predicate = |frame: &Frame, at: usize| {
        verb == "be"
            && !frame.items[..at]
                .iter()
                .any(|item| item.place == Place::Object && item.value().is_none())
    };
    let (first_old, first_new) = matching.differing[0];
    let is_dated =
        is_once || !old.is_past || (is_predicate(old, first_old) && is_predicate(new, first_new));
    if dimension == Dimension::Date && !is_dated {
        return None;
    }
    let neutral: &[&str] = if matches!(dimension, Dimension::Money(_)) { &COSTS } else { &[] };
    if new.is_additive || !matching.speaks_of_the_same(old, new, 0.5, neutral) {
        return None;
    }
    Some(match dimension {
        Dimension::Date | Dimension::Weekday => Sign::OtherDate,
        Dimension::Clock | Dimension::Every => Sign::OtherTime,
        Dimension::Money(_) => Sign::OtherAmount,
        Dimension::Percent => Sign::OtherPercentage,
        Dimension::Version => Sign::OtherVersion,
        _ => Sign::OtherNumber,
    })
}

/// The same words: said twice, or with the two sides of a choice exchanged.
fn same_words(old: &Frame, new: &Frame, matching: &Matching, subject: Signal) -> Option<Judgement> {
    let mut order: Vec<(usize, usize)> = matching.shared.clone();
    order.sort_unstable();
    let is_turned = order.windows(2).any(|two| two[0].1 > two[1].1);
    let has_sides = old.verb.as_deref() == Some("prefer")
        || old
            .items
            .iter()
            .any(|item| ["primary", "leader", "source", "master"].contains(&item.word.as_str()));
    if is_turned && has_sides && old.verb == new.verb {
        return Some((
            ConflictKind::Contradiction,
            vec![subject, Signal::of(Sign::Exchanged, 0.8)],
        ));
    }
    let is_enough = matching.shared_weight(old) >= 2.0 && old.items.len() == new.items.len();
    is_enough.then(|| (ConflictKind::Duplicate, vec![subject, Signal::of(Sign::SameWords, 0.9)]))
}

/// The newer says that what the older says has changed.
fn changed(old: &Frame, new: &Frame) -> Option<Judgement> {
    let change = new.change.as_ref()?;
    let matching = Matching::of(old, new);
    let told = |sign, weight| {
        let subject = Signal::of(Sign::SameSubject, share(old, new, &matching));
        Some((ConflictKind::Outdated, vec![subject, Signal::of(sign, weight)]))
    };
    // Whom or what the one names and the other doesn't: they speak of two things.
    let is_named = |frame: &Frame, only: &[usize], place: Place| {
        only.iter().any(|at| frame.items[*at].place == place && frame.items[*at].is_name())
    };
    let narrows =
        |frame: &Frame, only: &[usize]| only.iter().any(|at| is_qualifier(&frame.items[*at].word));
    let (only_old, only_new) = (&matching.only_old, &matching.only_new);
    if new.is_additive || narrows(old, only_old) && narrows(new, only_new) {
        return None;
    }
    let is_old = |at: usize| change.old.contains(&new.items[at].at);
    let said_old = (0..new.items.len()).filter(|at| is_old(*at)).count();
    let met: Vec<&Item> = matching
        .shared
        .iter()
        .filter(|(_, to)| is_old(*to))
        .map(|(at, _)| &old.items[*at])
        .collect();
    if !met.is_empty() {
        let others: f64 = matching
            .shared
            .iter()
            .filter(|(_, to)| !is_old(*to))
            .map(|(at, _)| weight(&old.items[*at]))
            .sum();
        let is_certain = met.iter().any(|item| item.is_name() || item.value().is_some());
        let is_whole = met.len() == said_old;
        let tells = is_whole && met.iter().any(|item| item.is_name());
        let are_two = is_named(old, only_old, Place::Subject)
            && !met.iter().any(|item| item.place == Place::Subject);
        let is_same = (others >= 1.0 && (is_certain || is_whole)) || (tells && !are_two);
        return if is_same { told(Sign::NamesTheOld, 0.9) } else { None };
    }
    if said_old > 0 && (matching.differing.is_empty() || is_named(old, only_old, Place::Object)) {
        return None;
    }
    let weights = |frame: &Frame, only: &[usize]| -> f64 {
        only.iter().map(|at| weight(&frame.items[*at])).sum()
    };
    let (old_rest, new_rest) = (weights(old, only_old), weights(new, only_new));
    let shared = matching.shared_weight(old);
    if change.kind == ChangeKind::Gone {
        let has_thing = matching.shared.iter().any(|(at, _)| old.items[*at].place != Place::Verb);
        let is_same = has_thing && shared >= old_rest.max(new_rest).max(1.0) && !old.is_negative;
        return if is_same { told(Sign::IsOver, 0.85) } else { None };
    }
    let shares_subject = matching.shared.iter().any(|(at, to)| {
        old.items[*at].place == Place::Subject && new.items[*to].place != Place::Verb
    });
    let has = |frame: &Frame, only: &[usize], place: Place| {
        only.iter().any(|at| frame.items[*at].place == place && frame.items[*at].value().is_none())
    };
    let other_subject = has(old, only_old, Place::Subject) && has(new, only_new, Place::Subject);
    let has_values = !matching.differing.is_empty();
    let differs = has_values
        || !matching.opposed.is_empty()
        || (has(old, only_old, Place::Object) && has(new, only_new, Place::Object));
    let is_enough = shared >= 1.0 && (has_values || shared >= new_rest.min(old_rest));
    let is_same = shares_subject && !other_subject && differs && is_enough;
    if is_same { told(Sign::SaysChange, 0.75) } else { None }
}
