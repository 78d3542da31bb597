//! Of what a thing has only one: its owner, its port, where it lives, what it is written in.

use super::frame::{Frame, Item, Place};
use super::lexicon::{ROLES, are_of_one_class};
use super::matching::Matching;

/// Verbs after which these prepositions lead to the one place, tool or person of a thing.
#[rustfmt::skip]
const PLACED: [(&str, &[&str]); 60] = [
    ("live", &["in", "at"]), ("locate", &["in", "at", "on"]), ("based", &["in", "at"]), ("reside", &["in", "at"]),
    ("work", &["from", "at"]), ("headquartered", &["in", "at"]), ("bear", &["in", "on"]),
    ("report", &["to"]), ("belong", &["to"]), ("assign", &["to"]), ("host", &["on", "at", "by", "in"]),
    ("run", &["through", "under", "by"]), ("write", &["in"]), ("build", &["with", "on", "in"]), ("store", &["in", "on", "as", "at"]),
    ("keep", &["in", "on", "at", "by"]), ("save", &["in", "on", "to"]), ("manage", &["with", "by", "in"]), ("serve", &["by", "from"]),
    ("power", &["by"]), ("format", &["with"]), ("licensed", &["under"]), ("deploy", &["to", "on", "with", "through", "by"]),
    ("lead", &["by"]), ("own", &["by"]), ("cause", &["by"]), ("handle", &["by"]), ("maintain", &["by"]),
    ("set", &["to"]), ("default", &["to"]), ("end", &["on", "at", "in", "with"]), ("start", &["on", "at", "in", "with"]),
    ("begin", &["on", "at", "in"]), ("expire", &["on", "in"]), ("plan", &["for"]), ("schedule", &["for"]),
    ("pay", &["by", "with", "in"]), ("tracked", &["in", "with"]), ("documented", &["in"]), ("hash", &["with"]),
    ("encrypt", &["with"]), ("sign", &["with", "by"]), ("authenticate", &["with", "by"]), ("implement", &["in", "with"]),
    ("developed", &["in", "with"]), ("persist", &["to", "in", "on"]), ("fail", &["over"]), ("rendered", &["with", "by"]),
    ("configured", &["in", "through"]), ("generated", &["with", "by"]), ("compiled", &["with"]), ("approve", &["by"]),
    ("send", &["through", "via", "by"]), ("published", &["on", "under"]), ("launch", &["in", "on"]), ("take", &["in", "at", "on"]),
    ("meet", &["in", "at"]), ("study", &["at"]), ("monitor", &["with", "by"]), ("provision", &["with"]),
];

/// Verbs whose object is the one that was taken of several.
const CHOOSING: [&str; 4] = ["choose", "prefer", "follow", "want"];

/// Verbs of those who answer for a thing: one does.
const LEADING: [&str; 5] = ["lead", "own", "maintain", "manage", "chair"];

impl Frame {
    /// The same with the role as what it speaks of and who has it as what it says: `Sofia leads the
    /// platform team` and `the CTO is Paul` are told alike.
    pub(super) fn by_role(mut self) -> (Self, bool) {
        let subject: Vec<&Item> = self.at(Place::Subject).collect();
        let object: Vec<&Item> = self.at(Place::Object).collect();
        let is_name = subject.iter().any(|item| item.is_name()) && subject.len() <= 3;
        let is_the =
            object.first().is_some_and(|item| item.has_article && item.preposition.is_none());
        let verb = self.verb.as_deref().unwrap_or("");
        let is_leading = LEADING.contains(&verb) || (verb == "run" && is_the && is_name);
        let is_role = verb == "be" && is_name && is_the && self.says_the;
        let is_led = is_leading && object.first().is_some_and(|item| item.follows(&["by"]));
        if is_led {
            self.move_verb();
            return (self, true);
        }
        if is_role || (is_leading && is_name && !object.is_empty()) {
            for item in &mut self.items {
                item.place = match item.place {
                    Place::Object => Place::Subject,
                    Place::Subject => Place::Object,
                    Place::Verb => Place::Verb,
                };
            }
            if is_leading {
                self.move_verb();
            }
            self.is_definite = true;
            return (self, true);
        }
        let is_role = verb == "be" && self.is_definite;
        (self, is_role)
    }

    fn move_verb(&mut self) {
        if let Some(who) = self.items.iter_mut().find(|item| item.place == Place::Object) {
            who.preposition = None;
        }
        self.is_definite = true;
        for item in self.items.iter_mut().filter(|item| item.place == Place::Verb) {
            item.place = Place::Subject;
            if item.word == "run" {
                "lead".clone_into(&mut item.key);
            }
        }
        self.verb = Some("be".to_owned());
    }

    fn at(&self, place: Place) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.place == place)
    }
}

/// How sure it is that only one of the two can be, where two clauses differ in what they say and in
/// nothing else; `None` where both may.
pub(super) fn choice(old: &Frame, new: &Frame, matching: &Matching) -> Option<f64> {
    let old_rest: Vec<&Item> = matching.only_old.iter().map(|at| &old.items[*at]).collect();
    let new_rest: Vec<&Item> = matching.only_new.iter().map(|at| &new.items[*at]).collect();
    let is_object = |items: &[&Item]| {
        let is_short = (1..=3).contains(&items.len());
        is_short && items.iter().all(|item| item.place == Place::Object && item.value().is_none())
    };
    let shares_subject = matching.shared.iter().any(|(at, to)| {
        old.items[*at].place == Place::Subject && new.items[*to].place == Place::Subject
    });
    if matching.turns(old, new)
        || old.verb != new.verb
        || !is_object(&old_rest)
        || !is_object(&new_rest)
    {
        return None;
    }
    let (one, two) = (old_rest[0], new_rest[0]);
    if !is_run(&matching.only_old)
        || !is_run(&matching.only_new)
        || one.preposition != two.preposition
    {
        return None;
    }
    let are_names = has_name(&old_rest) && has_name(&new_rest);
    let are_plain = !has_name(&old_rest) && !has_name(&new_rest);
    let are_things = one.has_article && two.has_article;
    let are_single =
        old_rest.len() == 1 && new_rest.len() == 1 && !one.has_article && !two.has_article;
    let verb = old.verb.as_deref().unwrap_or("");
    let is_placed =
        PLACED.iter().any(|(base, prepositions)| *base == verb && one.follows(prepositions));
    let is_of_class = one.follows(&["in"]) || (verb == "be" && old.is_definite);
    if old_rest.len() == 1
        && new_rest.len() == 1
        && are_of_one_class(&one.word, &two.word)
        && is_of_class
    {
        return Some(0.8);
    }
    let is_called = ["call", "name"].contains(&verb);
    if shares_subject
        && (is_placed || is_called)
        && (are_names || are_plain || are_things || are_single)
    {
        return Some(if are_names { 0.85 } else { 0.7 });
    }
    let is_modifier = |frame: &Frame, only: &[usize]| {
        let next = only.last().and_then(|at| frame.items.get(at + 1));
        next.is_some_and(|next| next.preposition == one.preposition && next.place == Place::Object)
    };
    let heads = is_modifier(old, &matching.only_old) && is_modifier(new, &matching.only_new);
    if verb == "be" && are_names && are_things && heads && one.follows(&["on", "in"]) {
        return Some(0.75);
    }
    if CHOOSING.contains(&verb) && are_plain && heads {
        return Some(0.65);
    }
    let has_purpose = matching.shared.iter().any(|(at, _)| {
        old.items[*at].place == Place::Object && old.items[*at].follows(&["for", "as"])
    });
    if ["use", "choose", "pick"].contains(&verb) && has_purpose && are_names {
        return Some(0.75);
    }
    if verb == "be" && old.is_definite && new.is_definite && shares_subject {
        let has_role = old.at(Place::Subject).any(|item| ROLES.contains(&item.word.as_str()));
        let is_direct = one.preposition.is_none() || one.follows(&["in", "at", "on"]);
        // `available in` one country says nothing of others; `in` a city does.
        let is_first = |frame: &Frame, at: usize| {
            let mut before = frame.items[..at].iter().filter(|item| item.place == Place::Object);
            before.all(|item| item.preposition == frame.items[at].preposition)
        };
        let is_direct =
            is_direct && is_first(old, matching.only_old[0]) && is_first(new, matching.only_new[0]);
        if is_direct && are_names {
            return Some(0.8);
        }
        if has_role && (are_things || are_plain) {
            return Some(0.7);
        }
    }
    None
}

fn has_name(items: &[&Item]) -> bool {
    items.iter().any(|item| item.is_name())
}

/// Whether places follow one another.
fn is_run(places: &[usize]) -> bool {
    places.windows(2).all(|two| two[0] + 1 == two[1])
}
