//! Where a clause has its verb: by lists and by what stands beside it, in place of a parser.

use super::lexicon::{BE, DETERMINERS, DO, HAVE, MODALS, NEGATIONS, canonical, verb};
use super::token::Token;

/// Where the verb stands, and the words that belong to it.
pub(super) struct Verb {
    pub(super) base: String,
    pub(super) first: usize,
    /// The last of its words.
    pub(super) last: usize,
    pub(super) is_past: bool,
}

pub(super) fn is_strong(word: &str) -> bool {
    [&BE[..], &HAVE, &DO, &MODALS].iter().any(|list| list.contains(&word))
}

/// Where the clause turns from what it speaks of to what it says.
pub(super) fn find_verb(tokens: &[Token]) -> Option<Verb> {
    let lower = |at: usize| tokens.get(at).map_or("", |token| token.lower.as_str());
    let is_strong_at =
        |at: usize| is_strong(lower(at)) && tokens[at].raw != "May" && !is_noun(tokens, at);
    let first_strong = (0..tokens.len()).find(|at| is_strong_at(*at));
    let is_weak = |at: usize| {
        let Some((_, is_bare)) = verb(lower(at)) else { return false };
        if is_noun(tokens, at) || (at > 0 && tokens[at - 1].is_possessive) {
            return false;
        }
        // `unit tests run`, `uploads are limited`: a plural before the verb.
        let is_plural = (at + 1..at + 3).any(|next| {
            is_strong(lower(next))
                || (!is_noun(tokens, next) && verb(lower(next)).is_some_and(|(_, is_bare)| is_bare))
        });
        let follows_plural = at > 0
            && (lower(at - 1).ends_with('s')
                || ["we", "i", "you", "they", "who", "people", "to"].contains(&lower(at - 1)));
        let is_adverb_before = at > 0
            && ["always", "never", "now", "also", "usually", "still"].contains(&lower(at - 1));
        if is_bare {
            (at == 0 && first_strong.is_none()) || follows_plural || is_adverb_before
        } else {
            at > 0 && !is_plural && !lower(at).ends_with("ing")
        }
    };
    let weak = (0..first_strong.unwrap_or(tokens.len())).find(|at| is_weak(*at));
    let first = weak.or(first_strong)?;
    Some(extended(tokens, first))
}

/// Whether a word that could be a verb stands as a noun: after an article, or before `of`.
fn is_noun(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    before.is_some_and(|before| DETERMINERS.contains(&before.lower.as_str()))
}

/// The whole of a verb whose first word is known: `has been moved`, `must not be written`.
fn extended(tokens: &[Token], first: usize) -> Verb {
    let lower = |at: usize| tokens.get(at).map_or("", |token| token.lower.as_str());
    let head = lower(first);
    let mut last = first;
    let base = |word: &str| verb(word).map_or_else(|| word.to_owned(), |(base, _)| base.to_owned());
    if !is_strong(head) {
        let is_past = head.ends_with("ed") || (canonical(head).is_some() && !head.ends_with('s'));
        // `decided to use`, `plan to open`
        if lower(first + 1) == "to" && verb(lower(first + 2)).is_some() {
            return Verb { base: base(lower(first + 2)), first, last: first + 2, is_past: false };
        }
        return Verb { base: base(head), first, last, is_past };
    }
    let skipped = |word: &str| {
        is_strong(word)
            || NEGATIONS.contains(&word)
            || ["always", "now", "also", "currently", "already", "still", "only", "just", "longer"]
                .contains(&word)
    };
    while skipped(lower(last + 1)) {
        last += 1;
    }
    let next = lower(last + 1);
    let group: Vec<&str> = (first..=last).map(lower).collect();
    let has = |list: &[&str]| group.iter().any(|word| list.contains(word));
    let is_participle = (next.len() > 4 && next.ends_with("ed"))
        || verb(next).is_some_and(|(_, is_bare)| !is_bare && !next.ends_with("ing"))
        || canonical(next).is_some_and(|base| verb(base).is_some())
        || ["set", "put", "cut", "shut"].contains(&next);
    let takes_next = if has(&BE) {
        is_participle
    } else if has(&HAVE) {
        is_participle && !has(&DO) && !has(&MODALS) && tokens.len() > last + 2
            || verb(next).is_some_and(|(_, is_bare)| !is_bare)
    } else {
        !next.is_empty()
    };
    if takes_next {
        let is_past = has(&["was", "were", "had", "has", "have", "did"]);
        return Verb { base: base(next), first, last: last + 1, is_past };
    }
    let base = if has(&BE) {
        "be"
    } else if has(&HAVE) {
        "have"
    } else {
        "do"
    };
    Verb { base: base.to_owned(), first, last, is_past: has(&["was", "were", "had", "did"]) }
}
