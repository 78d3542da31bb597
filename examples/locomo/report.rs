//! The results: a table for people, or one JSON object.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::dataset::{Category, Question};
use crate::metrics::{Figures, Tally};
use crate::times::Times;

/// What was loaded, found and measured.
pub(crate) struct Report {
    url: String,
    pub(crate) limit: u32,
    conversations: Vec<Loaded>,
    categories: [Tally; Category::ALL.len()],
    all: Tally,
    left_out: usize,
    queries: Vec<Duration>,
    batches: Vec<Duration>,
}

/// How a conversation came to the server.
pub(crate) struct Loaded {
    pub(crate) sample_id: String,
    pub(crate) turns: usize,
    /// Turns that were there before.
    pub(crate) held: usize,
    /// Turns that the server took for what it held already, and kept no second time.
    pub(crate) duplicates: usize,
}

impl Report {
    pub(crate) fn new(url: &str, limit: u32) -> Self {
        Self {
            url: url.to_owned(),
            limit,
            conversations: Vec::new(),
            categories: Default::default(),
            all: Tally::default(),
            left_out: 0,
            queries: Vec::new(),
            batches: Vec::new(),
        }
    }

    pub(crate) fn add_conversation(&mut self, loaded: Loaded, left_out: usize) {
        self.conversations.push(loaded);
        self.left_out += left_out;
    }

    pub(crate) fn add_batch(&mut self, took: Duration) {
        self.batches.push(took);
    }

    pub(crate) fn add_query(&mut self, question: &Question, returned: &[String], took: Duration) {
        self.categories[question.category as usize].add(returned, &question.evidence);
        self.all.add(returned, &question.evidence);
        self.queries.push(took);
    }

    /// Writes it to standard output. A reader that has gone away is no failure.
    pub(crate) fn print(&self, as_json: bool) {
        let text = if as_json { format!("{:#}\n", self.json()) } else { self.table() };
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    fn rows(&self) -> impl Iterator<Item = (&'static str, Figures)> {
        let categories = Category::ALL.into_iter().zip(&self.categories);
        categories
            .map(|(category, tally)| (category.as_str(), tally.figures()))
            .chain([("all", self.all.figures())])
    }

    fn json(&self) -> Value {
        let conversations: Vec<Value> = self
            .conversations
            .iter()
            .map(|loaded| {
                json!({
                    "sample_id": loaded.sample_id,
                    "turns": loaded.turns,
                    "held_before": loaded.held,
                    "duplicates": loaded.duplicates,
                })
            })
            .collect();
        let figures: Map<String, Value> =
            self.rows().map(|(name, figures)| (name.to_owned(), json!(figures))).collect();
        json!({
            "url": self.url,
            "limit": self.limit,
            "conversations": conversations,
            "figures": figures,
            "questions_left_out": self.left_out,
            "recall": Times::of(&self.queries),
            "remember_batch": Times::of(&self.batches),
        })
    }

    fn table(&self) -> String {
        let mut text = format!(
            "{:<12} {:>9} {:>7} {:>7} {:>9} {:>10} {:>10} {:>7}\n",
            "percent", "questions", "any@5", "any@10", "recall@5", "recall@10", "recall@20", "MRR"
        );
        for (name, figures) in self.rows() {
            let _ = writeln!(
                text,
                "{name:<12} {:>9} {:>7.1} {:>7.1} {:>9.1} {:>10.1} {:>10.1} {:>7.1}",
                figures.questions,
                figures.any_at_5 * 100.0,
                figures.any_at_10 * 100.0,
                figures.recall_at_5 * 100.0,
                figures.recall_at_10 * 100.0,
                figures.recall_at_20 * 100.0,
                figures.mrr * 100.0,
            );
        }
        let sum = |count: fn(&Loaded) -> usize| self.conversations.iter().map(count).sum::<usize>();
        let _ = writeln!(
            text,
            "\nconversations   {}\nturns           {}, of them {} held before, {} duplicates\n\
             left out        {} questions for want of evidence",
            self.conversations.len(),
            sum(|loaded| loaded.turns),
            sum(|loaded| loaded.held),
            sum(|loaded| loaded.duplicates),
            self.left_out,
        );
        if self.limit < 20 {
            let _ = writeln!(
                text,
                "limit           {}: ranks beyond it count as not found",
                self.limit
            );
        }
        let _ = writeln!(text, "recall          {}", timing(&Times::of(&self.queries)));
        let _ = writeln!(text, "remember batch  {}", timing(&Times::of(&self.batches)));
        text
    }
}

fn timing(times: &Times) -> String {
    match (times.median_ms, times.p95_ms) {
        (Some(median), Some(p95)) => {
            format!("median {median:.1} ms, p95 {p95:.1} ms, {} calls", times.calls)
        }
        _ => "not called".to_owned(),
    }
}
