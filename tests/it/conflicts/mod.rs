//! The rules that find conflicts, measured on pairs of statements written for this project.
//!
//! `pairs.jsonl` was written whole before the first rule. It falls into two halves by a hash of
//! each pair: rules are mended by what they get wrong in the first, and nobody looks at what they
//! get wrong in the second, which tells how they do on statements that they don't know. The newer
//! statement of a pair is `b`.

use std::collections::HashSet;

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
