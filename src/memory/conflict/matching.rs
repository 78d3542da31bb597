//! Which items two clauses share, and what each has alone.

use super::frame::{Frame, Item, Place};
use super::lexicon::{is_qualifier, reverses, side};
use super::value::Relation;

/// What became of the items of two clauses; numbers are places in their lists.
#[derive(Debug, Default)]
pub(super) struct Matching {
    /// The same on both sides.
    pub(super) shared: Vec<(usize, usize)>,
    /// Opposites of each other.
    pub(super) opposed: Vec<(usize, usize)>,
    /// Values of one kind that differ.
    pub(super) differing: Vec<(usize, usize)>,
    pub(super) only_old: Vec<usize>,
    pub(super) only_new: Vec<usize>,
}

impl Matching {
    pub(super) fn of(old: &Frame, new: &Frame) -> Self {
        let mut matching = Self {
            only_old: (0..old.items.len()).collect(),
            only_new: (0..new.items.len()).collect(),
            ..Self::default()
        };
        let is_same_word = |one: &Item, two: &Item| {
            one.value().is_none() && two.value().is_none() && one.key == two.key
        };
        let relates = |one: &Item, two: &Item, relation| {
            one.value().zip(two.value()).is_some_and(|(one, two)| one.relation(two) == relation)
        };
        // What stands at the same place first, so that a word that occurs twice meets its like.
        for is_strict in [true, false] {
            let fits = |one: &Item, two: &Item| !is_strict || one.place == two.place;
            let found =
                matching.pair(old, new, |one, two| fits(one, two) && is_same_word(one, two));
            matching.shared.extend(found);
            let found = matching
                .pair(old, new, |one, two| fits(one, two) && relates(one, two, Relation::Same));
            matching.shared.extend(found);
        }
        for is_strict in [true, false] {
            let fits = |one: &Item, two: &Item| !is_strict || one.place == two.place;
            let found = matching.pair(old, new, |one, two| {
                fits(one, two) && relates(one, two, Relation::Different)
            });
            matching.differing.extend(found);
        }
        let sides = |one: &Item, two: &Item| {
            let (one, two) = (side(&one.word)?, side(&two.word)?);
            (one.0 == two.0).then_some(one.1 != two.1)
        };
        let alike = matching.pair(old, new, |one, two| sides(one, two) == Some(false));
        matching.shared.extend(alike);
        matching.opposed = matching.pair(old, new, |one, two| {
            sides(one, two) == Some(true) || reverses(&one.word, &two.word)
        });
        matching
    }

    /// Takes pairs out of what is left of both.
    fn pair(
        &mut self,
        old: &Frame,
        new: &Frame,
        is_pair: impl Fn(&Item, &Item) -> bool,
    ) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        self.only_old.retain(|at| {
            let met =
                self.only_new.iter().position(|other| is_pair(&old.items[*at], &new.items[*other]));
            if let Some(met) = met {
                found.push((*at, self.only_new.remove(met)));
            }
            met.is_none()
        });
        found
    }

    /// How much of what both speak of they share: names tell more than words, verbs less.
    pub(super) fn shared_weight(&self, old: &Frame) -> f64 {
        self.shared.iter().map(|(at, _)| weight(&old.items[*at])).sum()
    }

    /// Whether one speaks of the way to a thing and the other of the way from it.
    pub(super) fn turns(&self, old: &Frame, new: &Frame) -> bool {
        self.shared.iter().any(|(at, to)| {
            let (one, two) = (&old.items[*at], &new.items[*to]);
            let is_from = |item: &Item| item.follows(&["from"]);
            let is_to = |item: &Item| item.follows(&["to", "into"]);
            is_from(one) && is_to(two) || is_to(one) && is_from(two)
        })
    }

    /// Whether what each has alone is so little, and of such a kind, that both may still speak of the
    /// same: not something else on either side, and nothing that narrows one of them down.
    /// Words of `neutral` don't count.
    pub(super) fn speaks_of_the_same(
        &self,
        old: &Frame,
        new: &Frame,
        share: f64,
        neutral: &[&str],
    ) -> bool {
        let rest = |frame: &Frame, only: &[usize]| -> (f64, bool) {
            let items = only.iter().map(|at| &frame.items[*at]);
            let items = items.filter(|item| !neutral.contains(&item.word.as_str()));
            let narrows = items.clone().any(|item| is_qualifier(&item.word) || item.is_name());
            (items.map(weight).sum(), narrows)
        };
        let (old_rest, old_narrows) = rest(old, &self.only_old);
        let (new_rest, new_narrows) = rest(new, &self.only_new);
        if self.turns(old, new) || old_narrows || new_narrows || (old_rest > 0.5 && new_rest > 0.5)
        {
            return false;
        }
        old_rest.max(new_rest) <= share * self.shared_weight(old)
    }
}

/// What an item is worth as something to speak of.
pub(super) fn weight(item: &Item) -> f64 {
    match (item.place, item.is_name(), item.value()) {
        (Place::Verb, false, _) => 0.5,
        (_, true, _) => 1.5,
        (_, _, Some(_)) => 0.75,
        _ => 1.0,
    }
}
