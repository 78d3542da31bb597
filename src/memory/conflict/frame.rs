//! What a clause says, taken apart as far as the rules need it: what stands before its verb and
//! after it, whether it is denied, and whether it speaks of a change.

use super::change::{self, Change};
use super::items::items;
use super::lexicon::{ADDITIVE, HEDGES, NEGATIONS};
use super::token::{Clause, Token};
use super::value::Value;
use super::verb::find_verb;

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Subject,
    Verb,
    Object,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Class {
    Word,
    /// A name or an identifier.
    Name,
    Value(Value),
}

/// A word, name or value that tells something.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    /// What it is compared by: a stem.
    pub(super) key: String,
    /// As it stands, in lower case.
    pub(super) written: String,
    /// What it is looked up by: a base form.
    pub(super) word: String,
    pub(super) class: Class,
    pub(super) place: Place,
    /// The preposition before it.
    pub(super) preposition: Option<String>,
    pub(super) has_article: bool,
    pub(super) is_possessive: bool,
    /// Its place among the tokens.
    pub(super) at: usize,
}

/// A clause, taken apart.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all combine")]
pub(super) struct Frame {
    pub(super) items: Vec<Item>,
    /// The base form; `be` and `have` included.
    pub(super) verb: Option<String>,
    /// Whether it is told of something that was done at some time.
    pub(super) is_past: bool,
    pub(super) is_negative: bool,
    /// A question, a thought, a possibility: it claims nothing.
    pub(super) is_open: bool,
    pub(super) is_additive: bool,
    pub(super) is_first_person: bool,
    /// Whether its subject is one certain thing: `the …`, `our …`, `Marta's …`.
    pub(super) is_definite: bool,
    /// Whether `the` stands right after the verb.
    pub(super) says_the: bool,
    pub(super) change: Option<Change>,
}

impl Item {
    pub(super) fn value(&self) -> Option<&Value> {
        match &self.class {
            Class::Value(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn value_mut(&mut self) -> Option<&mut Value> {
        match &mut self.class {
            Class::Value(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn is_name(&self) -> bool {
        self.class == Class::Name
    }

    pub(super) fn follows(&self, prepositions: &[&str]) -> bool {
        self.preposition.as_deref().is_some_and(|word| prepositions.contains(&word))
    }
}

impl Frame {
    /// Whether they can speak of the same at all; cheaper than to compare them.
    pub(super) fn shares_a_word(&self, other: &Frame) -> bool {
        let is_thing = |item: &&Item| item.place != Place::Verb && item.value().is_none();
        let mut things = self.items.iter().filter(is_thing);
        things.any(|item| other.items.iter().any(|other| other.key == item.key))
    }
}

impl Frame {
    pub(super) fn of(clause: &Clause) -> Self {
        let tokens = &clause.tokens;
        let verb = find_verb(tokens);
        let is_word =
            |list: &[&str]| tokens.iter().any(|token| list.contains(&token.lower.as_str()));
        let opens_conditional = ["should", "could", "can"].contains(&tokens[0].lower.as_str());
        let change = change::find(tokens);
        let mut items = items(tokens, verb.as_ref(), change.as_ref());
        name_the_subject(tokens, &mut items);
        let starts = |list: &[&str]| list.contains(&tokens[0].lower.as_str());
        Self {
            verb: verb.as_ref().map(|verb| verb.base.clone()),
            is_past: verb.as_ref().is_some_and(|verb| verb.is_past),
            is_negative: is_negative(tokens),
            is_open: clause.is_question || is_word(&HEDGES) || opens_conditional,
            is_additive: is_word(&ADDITIVE) || ends_with_as_well(tokens),
            is_first_person: is_word(&["i", "my", "me", "mine"]),
            is_definite: starts(&["the", "our", "my", "this", "its", "their"])
                || items.iter().any(|item| item.place == Place::Subject && item.is_possessive),
            says_the: verb.as_ref().is_some_and(|verb| {
                tokens.get(verb.last + 1).is_some_and(|token| token.lower == "the")
            }),
            items,
            change,
        }
    }
}

/// One word with a capital that stands alone before the verb is a name, though a sentence begins with it.
fn name_the_subject(tokens: &[Token], items: &mut [Item]) {
    let is_capital = tokens[0].raw.starts_with(char::is_uppercase);
    let is_alone = items.iter().filter(|item| item.place == Place::Subject).count() == 1;
    if let Some(first) = items.first_mut()
        && is_capital
        && (is_alone || first.is_possessive)
        && first.at == 0
        && first.place == Place::Subject
        && first.class == Class::Word
        && !first.word.ends_with('s')
    {
        first.class = Class::Name;
    }
}

fn ends_with_as_well(tokens: &[Token]) -> bool {
    tokens.windows(2).any(|two| two[0].lower == "as" && two[1].lower == "well")
}

/// Odd numbers of negations deny; `not only` doesn't, and `no longer` is a change.
fn is_negative(tokens: &[Token]) -> bool {
    let denies = |at: &usize| {
        let word = tokens[*at].lower.as_str();
        let next = tokens.get(at + 1).map_or("", |token| token.lower.as_str());
        let is_one = NEGATIONS.contains(&word) || word.ends_with("n't");
        is_one && !(word == "not" && next == "only") && !(word == "no" && next == "longer")
    };
    let is_over = change::says_any_more(tokens);
    ((0..tokens.len()).filter(denies).count() - usize::from(is_over)) % 2 == 1
}
