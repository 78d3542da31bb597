//! Fits the weights of ranking to questions whose answers are known, and tells how well they do on
//! conversations that were not fitted to.
//!
//! ```text
//! cargo run --release --example tune -- locomo10.json
//! ```
//!
//! Each conversation of the file in turn is left out, the weights are fitted to the others, and its
//! questions are asked: the figures are of questions that no weight has seen. At the end the weights
//! that are fitted to all of it are printed as the tables of `src/memory/ranking/weights.rs`, with the
//! model and without. Nothing is sent anywhere: the index and the model are the program's own.
//!
//! Open [`cases`] for what a question becomes, [`fit`] for the fitting.

mod cases;
#[path = "../locomo/dataset.rs"]
mod dataset;
#[path = "../locomo/failure.rs"]
mod failure;
mod fit;
#[path = "../locomo/metrics.rs"]
mod metrics;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use memoranda::memory::ranking::weights::{BY_WORDS, Signal, WITH_MEANING, Weights};

use crate::cases::Case;
use crate::dataset::Category;
use crate::failure::Result;
use crate::metrics::Tally;

/// Fits the weights of ranking to a file of conversations with questions
#[derive(Debug, Parser)]
#[command(name = "tune")]
struct Arguments {
    /// A LoCoMo file: a JSON list of {sample_id, conversation, qa}
    file: PathBuf,
    /// Keeps the vectors in this file, so that another run needn't compute them
    #[arg(long, value_name = "FILE")]
    vectors: Option<PathBuf>,
    /// Tells how the weights do that the program has, and fits none
    #[arg(long)]
    check: bool,
    /// Leaves these signals out, by their names, such as Phrase,Asks
    #[arg(long, value_delimiter = ',')]
    without: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "error: {}", failure.message);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let conversations = dataset::read(&arguments.file)?;
    let cases = cases::read(&conversations, arguments.vectors.as_deref())?;
    for (name, is_meant, held) in
        [("model and words", true, &WITH_MEANING), ("words alone", false, &BY_WORDS)]
    {
        let cases: Vec<&Case> = cases.iter().filter(|case| case.is_meant == is_meant).collect();
        show(&format!("{name}, the program's weights"), cases.iter().map(|case| (*case, *held)));
        if arguments.check {
            continue;
        }
        let is_free = |signal: Signal| {
            let name = format!("{signal:?}");
            // What no question of the file shows keeps the weight it has.
            signal != Signal::Phrase
                && !arguments.without.contains(&name)
                && (is_meant || !signal.is_of_meaning())
        };
        let mut tested: Vec<(&Case, Weights)> = Vec::new();
        for out in 0..conversations.len() {
            let others: Vec<&Case> =
                cases.iter().copied().filter(|case| case.conversation != out).collect();
            let weights = fit::fitted(&others, held, is_free);
            tested.extend(
                cases.iter().filter(|case| case.conversation == out).map(|case| (*case, weights)),
            );
        }
        show(&format!("{name}, fitted to the other conversations"), tested.into_iter());
        table(name, &fit::fitted(&cases, held, is_free));
    }
    Ok(())
}

/// Prints how cases do by their weights.
fn show<'a>(title: &str, cases: impl Iterator<Item = (&'a Case, Weights)>) {
    let mut tallies: [Tally; Category::ALL.len()] = Default::default();
    let mut all = Tally::default();
    for (case, weights) in cases {
        let ranked = case.ranked(&weights);
        tallies[case.category as usize].add(&ranked, &case.evidence);
        all.add(&ranked, &case.evidence);
    }
    let mut text = format!("\n{title}\n{:<12}", "percent");
    for column in ["questions", "any@5", "any@10", "recall@5", "recall@10", "recall@20", "MRR"] {
        let _ = write!(text, " {column:>9}");
    }
    let named = Category::ALL.iter().map(|category| category.as_str()).zip(&tallies);
    for (name, tally) in named.chain([("all", &all)]) {
        let figures = tally.figures();
        let _ = write!(text, "\n{name:<12} {:>9}", figures.questions);
        for share in [
            figures.any_at_5,
            figures.any_at_10,
            figures.recall_at_5,
            figures.recall_at_10,
            figures.recall_at_20,
            figures.mrr,
        ] {
            let _ = write!(text, " {:>9.1}", share * 100.0);
        }
    }
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints weights as the table of the program.
fn table(title: &str, weights: &Weights) {
    let mut text = format!("\n{title}:\n");
    for signal in Signal::ALL {
        let _ = writeln!(text, "{:>7.2}, // {signal:?}", weights[signal as usize]);
    }
    let _ = writeln!(std::io::stdout(), "{text}");
}
