//! Measures recall on long conversations: loads the conversations of a LoCoMo file into a running
//! server, asks their questions, and counts how often the turns that hold the answer come back.
//!
//! ```text
//! memoranda serve                                  # in another terminal; shows the key
//! export MEMORANDA_API_KEY=memo_…
//! cargo run --release --example locomo -- locomo10.json
//! ```
//!
//! Everything goes through the server's front door: MCP over streamable HTTP, the tools `remember`
//! and `recall`, one key. Every turn becomes one memory; `recall` is asked each question as it
//! stands, within its own conversation (by tag). No language model takes part.
//!
//! The file is that of Maharana et al., *Evaluating Very Long-Term Conversational Memory of LLM
//! Agents* (ACL 2024), or of the same shape: a list of `{sample_id, conversation, qa}`. Questions of
//! category 5 have no answer in the conversation and are left out, as are those without a turn of
//! evidence that exists.
//!
//! Figures, for each category and over all questions: `any@k`, the share of questions with at least
//! one turn of evidence among the first k memories; `recall@k`, the mean share of a question's turns
//! of evidence among them; `MRR`, the mean of 1/rank of the first. Times are the client's.
//!
//! Running it again adds nothing: what a server holds of a conversation is seen by its tag, and only
//! the rest is loaded. Open [`dataset`] for what is made of the file, [`server`] for the client,
//! [`metrics`] for the figures.

mod dataset;
mod failure;
mod metrics;
mod progress;
mod report;
mod run;
mod server;
mod times;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::dataset::Conversation;
use crate::failure::{Failure, Result};
use crate::progress::say;
use crate::report::Report;
use crate::server::Server;

/// The variable that holds the API key.
const API_KEY_VARIABLE: &str = "MEMORANDA_API_KEY";

const AFTER: &str = "\
The key stands in MEMORANDA_API_KEY alone. It needs to read and to write memories.

Use an empty server, so that the figures tell of these conversations alone:
  memoranda serve --data /tmp/locomo --listen 127.0.0.1:7431
  MEMORANDA_API_KEY=memo_… cargo run --release --example locomo -- \\
      --url http://127.0.0.1:7431 locomo10.json

Every turn is remembered once: content, speaker, thread `<sample_id>/session_<n>`, position,
occurred_at, source `locomo`, source_ref (the turn's dia_id), and the tag <sample_id>. Running it
again adds nothing and asks again.

Results go to standard output, everything else to standard error.";

/// Loads LoCoMo conversations into a running Memoranda server and measures recall
#[derive(Debug, Parser)]
#[command(name = "locomo", after_help = AFTER)]
struct Arguments {
    /// A LoCoMo file: a JSON list of {sample_id, conversation, qa}
    file: PathBuf,
    /// The server
    #[arg(long, default_value = "http://127.0.0.1:7420")]
    url: String,
    /// How many memories are asked for; ranks 5, 10 and 20 are counted among them
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// Only these conversations, by their places in the file from 0, such as 0,2 [default: all]
    #[arg(long, value_name = "PLACES", value_delimiter = ',')]
    conversations: Vec<usize>,
    /// One JSON object instead of the table; shares are between 0 and 1, times in milliseconds
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match measured(&arguments).await {
        Ok(report) => {
            report.print(arguments.json);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            say(&format!("error: {}", failure.message));
            if let Some(fix) = &failure.fix {
                say(&format!("  fix: {fix}"));
            }
            ExitCode::FAILURE
        }
    }
}

/// Loads and asks everything that was chosen.
async fn measured(arguments: &Arguments) -> Result<Report> {
    let key = std::env::var(API_KEY_VARIABLE)
        .ok()
        .filter(|key| !key.trim().is_empty())
        .ok_or_else(|| {
            Failure::new(format!("{API_KEY_VARIABLE} is not set")).with_fix(format!(
                "set it to a key of the server: export {API_KEY_VARIABLE}=memo_…"
            ))
        })?;
    let conversations = chosen(dataset::read(&arguments.file)?, &arguments.conversations)?;
    let server = Server::connect(&arguments.url, key.trim()).await?;
    let mut report = Report::new(&arguments.url, arguments.limit);
    let named = |conversation: &Conversation| {
        let name = conversation.sample_id.clone();
        move |failure: Failure| failure.under(&name)
    };
    // All are loaded before the first question: how rare a word is depends on all that is held, so
    // the figures of a first run would differ from those of a second.
    for conversation in &conversations {
        run::load(&server, conversation, &mut report).await.map_err(named(conversation))?;
    }
    for conversation in &conversations {
        run::ask(&server, conversation, &mut report).await.map_err(named(conversation))?;
    }
    server.leave().await;
    Ok(report)
}

/// The conversations at these places, or all where none is named.
fn chosen(all: Vec<Conversation>, places: &[usize]) -> Result<Vec<Conversation>> {
    if let Some(place) = places.iter().find(|place| **place >= all.len()) {
        return Err(Failure::new(format!("there is no conversation {place} in the file"))
            .with_fix(format!("choose from 0 to {}", all.len() - 1)));
    }
    let is_chosen = |place: &usize| places.is_empty() || places.contains(place);
    Ok(all
        .into_iter()
        .enumerate()
        .filter(|(place, _)| is_chosen(place))
        .map(|(_, conversation)| conversation)
        .collect())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn conversations_are_named_with_commas() {
        let arguments = Arguments::parse_from(["locomo", "--conversations", "0,2", "file.json"]);

        assert_eq!(arguments.conversations, [0, 2]);
    }
}
