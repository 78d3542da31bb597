//! The figures: how much of the evidence came back, and how far up.

use serde::Serialize;

/// What questions of one kind add up to.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    questions: usize,
    any_at_5: f64,
    any_at_10: f64,
    recall_at_5: f64,
    recall_at_10: f64,
    recall_at_20: f64,
    reciprocal_ranks: f64,
}

/// Means over the questions of a tally, each from 0 to 1; 0 where there are none.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Figures {
    pub(crate) questions: usize,
    #[serde(rename = "any@5")]
    pub(crate) any_at_5: f64,
    #[serde(rename = "any@10")]
    pub(crate) any_at_10: f64,
    #[serde(rename = "recall@5")]
    pub(crate) recall_at_5: f64,
    #[serde(rename = "recall@10")]
    pub(crate) recall_at_10: f64,
    #[serde(rename = "recall@20")]
    pub(crate) recall_at_20: f64,
    pub(crate) mrr: f64,
}

impl Tally {
    /// Adds a question, with what came back (best first) and its evidence (at least one).
    pub(crate) fn add(&mut self, returned: &[String], evidence: &[String]) {
        let among = |most: usize| {
            let first = &returned[..most.min(returned.len())];
            evidence.iter().filter(|turn| first.contains(turn)).count() as f64
        };
        let all = evidence.len() as f64;
        let rank = returned.iter().position(|turn| evidence.contains(turn));
        self.questions += 1;
        self.any_at_5 += among(5).min(1.0);
        self.any_at_10 += among(10).min(1.0);
        self.recall_at_5 += among(5) / all;
        self.recall_at_10 += among(10) / all;
        self.recall_at_20 += among(20) / all;
        self.reciprocal_ranks += rank.map_or(0.0, |rank| 1.0 / (rank + 1) as f64);
    }

    pub(crate) fn figures(&self) -> Figures {
        let mean = |sum: f64| if self.questions == 0 { 0.0 } else { sum / self.questions as f64 };
        Figures {
            questions: self.questions,
            any_at_5: mean(self.any_at_5),
            any_at_10: mean(self.any_at_10),
            recall_at_5: mean(self.recall_at_5),
            recall_at_10: mean(self.recall_at_10),
            recall_at_20: mean(self.recall_at_20),
            mrr: mean(self.reciprocal_ranks),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|&id| id.to_owned()).collect()
    }

    fn is_near(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-9
    }

    #[test]
    fn evidence_counts_once_and_within_its_rank() {
        let mut tally = Tally::default();
        let returned = turns(&["x", "a", "a", "y", "z", "b", "w"]);

        tally.add(&returned, &turns(&["a", "b", "c"]));

        let figures = tally.figures();
        assert!(is_near(figures.any_at_5, 1.0) && is_near(figures.any_at_10, 1.0));
        assert!(is_near(figures.recall_at_5, 1.0 / 3.0));
        assert!(is_near(figures.recall_at_10, 2.0 / 3.0));
        assert!(is_near(figures.mrr, 0.5));
    }

    #[test]
    fn figures_are_means_over_questions() {
        let mut tally = Tally::default();

        tally.add(&turns(&["a"]), &turns(&["a"]));
        tally.add(&turns(&["x"]), &turns(&["a", "b"]));

        let figures = tally.figures();
        assert_eq!(figures.questions, 2);
        assert!(is_near(figures.any_at_10, 0.5) && is_near(figures.recall_at_10, 0.5));
        assert!(is_near(figures.mrr, 0.5));
    }

    #[test]
    fn the_rank_counts_beyond_ten() {
        let mut tally = Tally::default();
        let mut returned = vec!["x".to_owned(); 19];
        returned.push("a".to_owned());

        tally.add(&returned, &turns(&["a"]));

        let figures = tally.figures();
        assert!(is_near(figures.any_at_10, 0.0) && is_near(figures.mrr, 0.05));
    }

    #[test]
    fn no_questions_are_zeros() {
        assert!(is_near(Tally::default().figures().mrr, 0.0));
    }
}
