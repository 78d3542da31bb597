//! By which words a memory's possible conflicts are found.

use super::frame::{Frame, Item, Place};
use crate::core::text::words;

/// What a memory must hold to be found: of each group any word.
pub type Sought = Vec<Vec<String>>;

/// Clauses that are looked for.
const CLAUSES: usize = 4;

/// Things of a clause that are looked for, each with each.
const THINGS: usize = 5;

/// By two things of a clause together, and by one alone.
pub(super) fn sought(frames: &[Frame]) -> [Vec<Sought>; 2] {
    let (mut together, mut alone): (Vec<Sought>, Vec<Sought>) = (Vec::new(), Vec::new());
    for frame in frames.iter().take(CLAUSES) {
        let is_thing = |item: &&Item| item.place != Place::Verb && item.value().is_none();
        let mut things: Vec<&Item> = frame.items.iter().filter(is_thing).collect();
        // Names tell most; the rest stays in its order, so that the subject comes first.
        things.sort_by_key(|item| !item.is_name());
        things.truncate(THINGS);
        let groups: Vec<Vec<String>> = things.iter().map(|item| forms(item)).collect();
        for (at, one) in groups.iter().enumerate() {
            let is_only = things.len() == 1;
            if one.is_empty() {
                continue;
            }
            if things[at].is_name() || is_only {
                add(&mut alone, vec![one.clone()]);
            }
            for other in groups[at + 1..].iter().filter(|other| !other.is_empty()) {
                add(&mut together, vec![one.clone(), other.clone()]);
            }
        }
    }
    [together, alone]
}

fn add(list: &mut Vec<Sought>, sought: Sought) {
    if !list.contains(&sought) {
        list.push(sought);
    }
}

/// The words of the index for a thing, as it is written and by its stem.
fn forms(item: &Item) -> Vec<String> {
    let mut forms = words::query(&item.written);
    forms.truncate(3);
    if item.key.chars().all(char::is_alphanumeric) && !forms.contains(&item.key) {
        forms.push(item.key.clone());
    }
    forms
}
