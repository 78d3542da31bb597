//! BM25 over counted words: pure, for engines that count and leave the order to us.
//!
//! The formula and its constants are those of SQLite's FTS5, so that one team's memories come in the
//! same order from either engine. The statistics are the team's own.

use super::search::FIELD_WEIGHTS;

/// How soon a word that is repeated stops counting more.
const K1: f64 = 1.2;

/// How much the length of a memory counts.
const B: f64 = 0.75;

/// What a word is worth that more than half of the memories hold.
const LEAST: f64 = 1e-6;

/// What all memories of a team hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub memories: i64,
    pub words: i64,
}

/// A memory that holds any of the words that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub id: String,
    /// How many words it has altogether.
    pub length: i64,
    /// For each word asked for, how often it stands in title, labels and content.
    pub counts: Vec<[u32; 3]>,
    /// Whether it may be an answer; if not, it counts for how rare a word is and no more.
    pub is_wanted: bool,
}

/// The best of what was found with their scores, best first, ties by id. At most `limit`.
#[must_use]
pub fn best(totals: Totals, found: &[Found], limit: usize) -> Vec<(&str, f64)> {
    let mut hits: Vec<i64> = Vec::new();
    for memory in found {
        hits.resize(hits.len().max(memory.counts.len()), 0);
        for (hits, counts) in hits.iter_mut().zip(&memory.counts) {
            *hits += i64::from(counts.iter().any(|count| *count > 0));
        }
    }
    let all = totals.memories as f64;
    let rarity: Vec<f64> = hits
        .into_iter()
        .map(|hits| {
            let rarity = ((all - hits as f64 + 0.5) / (hits as f64 + 0.5)).ln();
            if rarity <= 0.0 { LEAST } else { rarity }
        })
        .collect();
    let average = totals.words as f64 / all;
    let mut scored: Vec<(&str, f64)> = found
        .iter()
        .filter(|memory| memory.is_wanted)
        .map(|memory| (memory.id.as_str(), score(memory, &rarity, average)))
        .collect();
    scored.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    scored.truncate(limit);
    scored
}

fn score(memory: &Found, rarity: &[f64], average: f64) -> f64 {
    let length = memory.length as f64;
    memory.counts.iter().zip(rarity).fold(0.0, |sum, (counts, rarity)| {
        let weighted = counts.iter().zip(FIELD_WEIGHTS);
        let often = weighted.fold(0.0, |sum, (count, weight)| sum + f64::from(*count) * weight);
        sum + rarity * ((often * (K1 + 1.0)) / (often + K1 * (1.0 - B + B * length / average)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(id: &str, length: i64, counts: &[[u32; 3]]) -> Found {
        Found { id: id.to_owned(), length, counts: counts.to_vec(), is_wanted: true }
    }

    const TOTALS: Totals = Totals { memories: 100, words: 1_000 };

    fn order(found: &[Found]) -> Vec<&str> {
        best(TOTALS, found, 10).into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn more_often_in_a_weightier_field_and_in_a_shorter_memory_is_better() {
        assert_eq!(
            order(&[found("a", 10, &[[0, 0, 1]]), found("b", 10, &[[0, 0, 2]])]),
            ["b", "a"]
        );
        assert_eq!(
            order(&[found("a", 10, &[[0, 0, 1]]), found("b", 10, &[[1, 0, 0]])]),
            ["b", "a"]
        );
        assert_eq!(order(&[found("a", 10, &[[0, 0, 1]]), found("b", 9, &[[0, 0, 1]])]), ["b", "a"]);
    }

    #[test]
    fn a_rare_word_weighs_more_than_a_common_one() {
        let mut all =
            vec![found("a", 10, &[[0, 0, 1], [0; 3]]), found("b", 10, &[[0; 3], [0, 0, 1]])];
        let common =
            (0..9).map(|_| Found { is_wanted: false, ..found("common", 10, &[[0, 0, 1], [0; 3]]) });
        all.extend(common);

        assert_eq!(order(&all), ["b", "a"]);
    }

    #[test]
    fn equals_come_by_id_and_the_limit_keeps_the_first() {
        let all = ["c", "a", "b"].map(|id| found(id, 10, &[[0, 0, 1]]));

        assert_eq!(order(&all), ["a", "b", "c"]);
        assert_eq!(best(TOTALS, &all, 2).len(), 2);
    }

    #[test]
    fn a_word_that_most_memories_hold_still_finds() {
        let all: Vec<Found> = (0..80).map(|n| found(&format!("{n}"), 10, &[[0, 0, 1]])).collect();

        let scores = best(TOTALS, &all, 1);

        assert!(scores[0].1 > 0.0 && scores[0].1 < 1e-5);
    }

    #[test]
    fn nothing_found_is_nothing() {
        assert!(best(Totals { memories: 0, words: 0 }, &[], 10).is_empty());
    }
}
