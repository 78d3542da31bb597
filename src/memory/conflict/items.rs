//! The words, names and values of a clause, each with what stands before it.

use super::change::Change;
use super::frame::{Class, Item, Place};
use super::lexicon::{
    ARTICLES, LIGHT, NEGATIONS, NUMBERED, PREPOSITIONS, canonical, is_qualifier, verb,
};
use super::number;
use super::token::Token;
use super::value::{Bound, Dimension, Value, unit};
use super::verb::{Verb, is_strong};
use crate::core::text::words;

/// Walks through a clause and collects what tells something.
struct Walk<'a> {
    tokens: &'a [Token],
    verb: Option<&'a Verb>,
    change: Option<&'a Change>,
    items: Vec<Item>,
    preposition: Option<String>,
    has_article: bool,
    bound: Bound,
}

/// The items of a clause, in order.
pub(super) fn items(tokens: &[Token], verb: Option<&Verb>, change: Option<&Change>) -> Vec<Item> {
    let (items, preposition, bound) = (Vec::new(), None, Bound::None);
    let mut walk = Walk { tokens, verb, change, items, preposition, has_article: false, bound };
    let mut at = 0;
    while at < tokens.len() {
        at += walk.step(at);
    }
    walk.items
}

impl Walk<'_> {
    /// Takes what begins at a token; answers how many tokens that is.
    fn step(&mut self, at: usize) -> usize {
        let word = self.tokens[at].lower.as_str();
        if self.verb.is_some_and(|verb| at == verb.first || at == verb.last + 1) {
            self.preposition = None;
        }
        if let Some((bound, length)) = bound_at(self.tokens, at) {
            self.bound = bound;
            return length;
        }
        if let Some((value, length)) = number::read(self.tokens, at) {
            self.number(at, value);
            return length;
        }
        if let Some(per) = per(self.tokens, at)
            && let Some(value) = self.items.iter_mut().rev().take(3).find_map(Item::value_mut)
        {
            value.per = Some(per);
            return 2;
        }
        let is_state = ["on", "off", "up", "down"].contains(&word) && is_last_word(self.tokens, at);
        let is_of_verb = self.place(at) == Place::Verb && (is_strong(word) || word == "to");
        if is_of_verb || self.change.is_some_and(|change| change.is_cue(at)) {
            return 1;
        }
        if PREPOSITIONS.contains(&word) && !is_state {
            self.preposition = Some(word.to_owned());
        } else if ARTICLES.contains(&word) {
            self.has_article = true;
        } else if !is_dropped(word) || is_qualifier(word) {
            let is_name = is_name(&self.tokens[at], at);
            self.add(at, if is_name { Class::Name } else { Class::Word });
            if self.place(at) == Place::Verb {
                self.preposition = None;
            }
        }
        1
    }

    fn number(&mut self, at: usize, mut value: Value) {
        // The number of a ticket tells which one, not how many.
        let is_label = self.items.last().is_some_and(|last| {
            let is_numbered =
                [&last.word, &last.key].iter().any(|word| NUMBERED.contains(&word.as_str()));
            last.at + 1 == at && is_numbered
        });
        if is_label {
            self.add(at, Class::Name);
        } else {
            value.bound = std::mem::replace(&mut self.bound, Bound::None);
            self.add(at, Class::Value(value));
        }
        self.preposition = None;
    }

    fn add(&mut self, at: usize, class: Class) {
        let token = &self.tokens[at];
        self.items.push(Item {
            key: key(&token.lower),
            written: token.lower.clone(),
            word: base(&token.lower),
            class,
            place: self.place(at),
            preposition: self.preposition.clone(),
            has_article: std::mem::take(&mut self.has_article),
            is_possessive: token.is_possessive,
            at,
        });
    }

    fn place(&self, at: usize) -> Place {
        match self.verb {
            Some(verb) if at < verb.first => Place::Subject,
            Some(verb) if at <= verb.last => Place::Verb,
            _ => Place::Object,
        }
    }
}

/// `on` and `off` as what something is, not as a preposition.
fn is_last_word(tokens: &[Token], at: usize) -> bool {
    let Some(next) = tokens.get(at + 1) else { return true };
    let word = next.lower.as_str();
    PREPOSITIONS.contains(&word) || ["yesterday", "today", "now", "again"].contains(&word)
}

fn is_dropped(word: &str) -> bool {
    LIGHT.contains(&word)
        || is_strong(word)
        || NEGATIONS.contains(&word)
        || word.ends_with("n't")
        || ["only", "my", "me", "mine", "am", "mr", "mrs", "ms", "dr"].contains(&word)
}

/// What limits a value from one side, before it.
fn bound_at(tokens: &[Token], at: usize) -> Option<(Bound, usize)> {
    let lower = |at: usize| tokens.get(at).map_or("", |token| token.lower.as_str());
    match (lower(at), lower(at + 1)) {
        ("at", "most") | ("up", "to") | ("less" | "fewer", "than") => Some((Bound::Most, 2)),
        ("at", "least") | ("more", "than") => Some((Bound::Least, 2)),
        _ => None,
    }
}

/// `per month`, `a month`: the milliseconds of the unit.
fn per(tokens: &[Token], at: usize) -> Option<f64> {
    let is_per =
        ["per", "a", "an", "each", "/", "pro", "par", "por"].contains(&tokens[at].lower.as_str());
    let (dimension, millis) = unit(tokens.get(at + 1)?.lower.as_str())?;
    (is_per && dimension == Dimension::Duration).then_some(millis)
}

/// Whether a token is a name or an identifier as it is written.
fn is_name(token: &Token, at: usize) -> bool {
    let raw = &token.raw;
    let has_sign = raw.contains(['_', '/', '@', '\\']) || raw.trim_end_matches('.').contains('.');
    let has_digit = raw.chars().any(|c| c.is_ascii_digit());
    let capital = raw.chars().skip(usize::from(at == 0)).any(char::is_uppercase);
    has_sign || has_digit || capital
}

/// The base form of a word, by which lists know it.
fn base(word: &str) -> String {
    let known = |word| canonical(word).or_else(|| verb(word).map(|(base, _)| base));
    if let Some(base) = known(word) {
        return base.to_owned();
    }
    // `unlocked` is the opposite of `lock` as well.
    let reversed = word.strip_prefix("un").and_then(known).filter(|_| word.len() > 5);
    reversed.map_or_else(|| word.to_owned(), |base| format!("un{base}"))
}

/// What a word is compared by: the stem of its base form.
fn key(word: &str) -> String {
    let base = base(word);
    if base.chars().all(char::is_alphabetic) {
        let stems = words::document(&base);
        if let Some(stem) = stems.split(' ').next().filter(|stem| !stem.is_empty()) {
            return stem.to_owned();
        }
    }
    base
}
