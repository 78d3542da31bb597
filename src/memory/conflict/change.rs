//! Words of change: `moved from A to B`, `no longer`, `since Monday`, `was replaced by`.

use super::lexicon::{side, verb};
use super::token::Token;

/// What a statement says has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) kind: ChangeKind,
    /// The tokens that name what was before, where they are said.
    pub(super) old: Vec<usize>,
    /// The tokens that only say that something changed.
    cues: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChangeKind {
    /// Something took the place of something.
    Now,
    /// Something is over.
    Gone,
}

impl Change {
    pub(super) fn is_cue(&self, at: usize) -> bool {
        self.cues.contains(&at)
    }
}

/// Verbs that by themselves say that something is other than it was.
#[rustfmt::skip]
const CHANGING: [&str; 20] = [
    "move", "switch", "migrate", "change", "rename", "raise", "lower", "increase", "upgrade", "bump", "extend", "postpone", "update", "replace", "fix",
    "resolve", "become", "go", "turn", "reduce",
];

/// Verbs that say that something is over.
const ENDING: [&str; 8] = ["stop", "remove", "drop", "cancel", "end", "leave", "reverse", "retire"];

/// The change that a clause speaks of.
pub(super) fn find(tokens: &[Token]) -> Option<Change> {
    let lower = |at: usize| tokens.get(at).map_or("", |token| token.lower.as_str());
    let base = |at: usize| {
        let word = lower(at);
        match word {
            "reduced" => "reduce",
            "reversed" => "reverse",
            "retired" => "retire",
            _ => verb(word).map_or("", |(base, _)| base),
        }
    };
    let all = || 0..tokens.len();
    let is_done = |at: usize| {
        let word = lower(at);
        let is_form = word.ends_with("ed") || ["left", "became", "went"].contains(&word);
        // `is limited to`, `a fixed price`: nothing happened.
        let is_told = (at.saturating_sub(3)..at).any(|before| {
            ["was", "were", "been", "has", "have", "we", "they"].contains(&lower(before))
        });
        let follows_name = at > 0 && tokens[at - 1].raw.starts_with(char::is_uppercase);
        let follows_subject = at > 0
            && verb(word).is_some()
            && is_form
            && !["the", "a", "an", "is", "are", "be"].contains(&lower(at - 1));
        is_form && (is_told || follows_name || follows_subject)
    };
    let changing = all().find(|at| CHANGING.contains(&base(*at)) && is_done(*at));

    if let Some(at) = changing {
        // What is resolved now is the opposite of what is open: that word is compared.
        let mut cues = if side(base(at)).is_some() { Vec::new() } else { vec![at] };
        let old = old_of(tokens, at, base(at), &mut cues);
        return Some(Change { kind: ChangeKind::Now, old, cues });
    }
    if let Some(at) = all().find(|at| lower(*at) == "took" && lower(at + 1) == "over") {
        let from = (at..tokens.len()).find(|at| lower(*at) == "from");
        let old = from.map(|from| (from + 1..tokens.len()).collect()).unwrap_or_default();
        return Some(Change { kind: ChangeKind::Now, old, cues: vec![at, at + 1] });
    }
    if let Some(at) = all().find(|at| lower(*at) == "no" && lower(at + 1) == "longer") {
        return Some(Change { kind: ChangeKind::Gone, old: Vec::new(), cues: vec![at, at + 1] });
    }
    if let Some(at) = any_more(tokens) {
        return Some(Change { kind: ChangeKind::Gone, old: Vec::new(), cues: vec![at, at + 1] });
    }
    if let Some(at) = all().find(|at| ENDING.contains(&base(*at)) && is_done(*at)) {
        return Some(Change { kind: ChangeKind::Gone, old: Vec::new(), cues: vec![at] });
    }
    let instead = all().find(|at| {
        let next = lower(at + 1);
        matches!((lower(*at), next), ("instead", "of") | ("rather", "than"))
    });
    if let Some(at) = instead {
        let old = (at + 2..tokens.len().min(at + 6)).collect();
        return Some(Change { kind: ChangeKind::Now, old, cues: vec![at, at + 1] });
    }
    let at = all().find(|at| is_now(tokens, *at))?;
    Some(Change { kind: ChangeKind::Now, old: Vec::new(), cues: vec![at] })
}

/// What was before: between `from` and `to`, before `with` and `by`.
fn old_of(tokens: &[Token], at: usize, base: &str, cues: &mut Vec<usize>) -> Vec<usize> {
    let find = |words: &[&str], from: usize| {
        (from..tokens.len()).find(|at| words.contains(&tokens[*at].lower.as_str()))
    };
    if let (Some(from), Some(to)) = (find(&["from"], at), find(&["to"], at)) {
        cues.extend([from, to]);
        return if from < to {
            (from + 1..to).collect()
        } else {
            (from + 1..tokens.len()).collect()
        };
    }
    if let Some(from) = find(&["from"], at) {
        return (from + 1..find(&["to", "at", "in"], from).unwrap_or(tokens.len())).collect();
    }
    if base == "replace" {
        return match find(&["with", "by"], at) {
            Some(with) if with > at + 1 => (at + 1..with).collect(),
            _ => (0..at).collect(),
        };
    }
    if let Some(instead) = find(&["instead"], at) {
        return (instead + 2..tokens.len()).collect();
    }
    Vec::new()
}

fn is_now(tokens: &[Token], at: usize) -> bool {
    let lower = |at: usize| tokens.get(at).map_or("", |token| token.lower.as_str());
    let is_capital =
        |at: usize| tokens.get(at).is_some_and(|token| token.raw.starts_with(char::is_uppercase));
    let is_dated = |at: usize| {
        is_capital(at) || lower(at).starts_with(|c: char| c.is_ascii_digit()) || lower(at) == "this"
    };
    match lower(at) {
        "now" | "nowadays" | "meanwhile" => true,
        "since" => at == 0 || is_dated(at + 1),
        "as" => lower(at + 1) == "of",
        // `From November, …`
        "from" | "starting" => at == 0 && (is_dated(at + 1) || lower(at + 1) == "now"),
        "down" => lower(at + 1) == "to",
        _ => false,
    }
}

/// `not … any more`.
pub(super) fn says_any_more(tokens: &[Token]) -> bool {
    any_more(tokens).is_some()
}

fn any_more(tokens: &[Token]) -> Option<usize> {
    (0..tokens.len()).find(|at| {
        let word = tokens[*at].lower.as_str();
        let next = tokens.get(at + 1).map_or("", |token| token.lower.as_str());
        word == "anymore"
            || (word == "any" && ["more", "longer"].contains(&next) && at + 2 == tokens.len())
    })
}
