//! Words that a question and its answer say differently: forms that no stemmer brings together, and
//! words of everyday life that mean the same.
//!
//! Few and certain ones. A wrong pair would cite what speaks of something else, so what is only
//! near in meaning (`pet` and `dog`) isn't here.

use crate::core::text::words;

/// Groups of words; each stands for every other of its group.
#[rustfmt::skip]
const GROUPS: &[&str] = &[
    "prefer preference like love favorite favourite enjoy fond",
    "dislike hate avoid",
    "live lives reside residence home",
    "work job employer employed",
    "buy bought purchase purchased",
    "begin began begun start started commence",
    "end ended finish finished",
    "make made create created",
    "build built",
    "fix fixed repair repaired resolve resolved",
    "choose chose chosen pick picked select selected decide decided decision",
    "own owner owns responsible charge",
    "go went gone travel travelled visit visited trip",
    "leave left quit departed",
    "join joined hired",
    "meet met meeting",
    "get got gotten receive received",
    "give gave given",
    "say said says state stated",
    "tell told",
    "think thought believe believed",
    "know knew known",
    "write wrote written author authored",
    "run ran running",
    "send sent",
    "keep kept store stored save saved",
    "delete deleted remove removed drop dropped",
    "pay paid",
    "cost costs price priced",
    "sell sold",
    "break broke broken fail failed failure outage",
    "error bug defect",
    "teach taught",
    "learn learned learnt lesson",
    "find found",
    "lose lost",
    "hold held",
    "lead led leads leader",
    "win won",
    "spend spent",
    "grow grew grown",
    "drive drove driven",
    "fly flew flown flight",
    "eat ate eaten",
    "drink drank drunk",
    "sleep slept",
    "sing sang sung",
    "swim swam",
    "speak spoke spoken",
    "wear wore worn",
    "fall fell fallen",
    "marry married wife husband spouse",
    "child children kid kids",
    "born birthday birth",
    "mother mom mum",
    "father dad",
    "person people",
    "man men",
    "woman women",
    "foot feet",
    "car vehicle",
    "phone telephone mobile",
    "doctor physician",
    "movie film",
    "deploy deployed release released ship shipped rollout",
    "move moved relocate relocated migrate migrated migration",
    "limit maximum most",
    "folder directory",
    "db database",
    "repo repository",
    "config configuration settings",
    "auth authentication login",
    "prod production",
    "dev development",
    "env environment",
    "docs documentation",
    "colour color",
    "deadline due",
    "promise promised commit committed",
    "big large",
    "quick fast",
    "allergy allergic",
    "called named name",
    "require required need needed",
];

/// The other words of a word's groups, as full text writes them; none for most words.
pub(super) fn alike(word: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for group in GROUPS {
        // Cheap enough to be cut each time: a question has a handful of words.
        if !group.split(' ').any(|other| shares_beginning(other, word)) {
            continue;
        }
        let stems = words::query(group);
        if stems.iter().any(|stem| stem == word) {
            found.extend(stems.into_iter().filter(|stem| stem != word));
        }
    }
    found
}

/// Whether a word can have that stem: a stem keeps the first two letters.
fn shares_beginning(word: &str, stem: &str) -> bool {
    word.len() >= 2 && stem.len() >= 2 && word.as_bytes()[..2] == stem.as_bytes()[..2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn irregular_forms_and_everyday_words_meet_and_others_do_not() {
        for (word, other) in
            [("bought", "buy"), ("prefer", "favorit"), ("child", "children"), ("db", "databas")]
        {
            assert!(alike(word).contains(&other.to_owned()), "{word}: {:?}", alike(word));
        }
        assert_eq!(alike("heron"), Vec::<String>::new());
        assert_eq!(alike("猫"), Vec::<String>::new());
    }

    #[test]
    fn every_group_has_two_words_that_full_text_tells_apart() {
        let alone: Vec<&str> =
            GROUPS.iter().copied().filter(|group| words::query(group).len() < 2).collect();
        assert!(alone.is_empty(), "{alone:?}");
    }
}
