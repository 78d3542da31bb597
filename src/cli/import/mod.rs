//! `memoranda import`: what other programs and other servers hold, read from files and sent to the
//! operation `import`, some records at a time.
//!
//! [`format`] finds out what a file is, [`source`] reads it; here its records are sent. Where an import was
//! cut off is asked of the server, which notes it with each batch.

mod format;
mod source;

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Map, Value, json};
use tracing::level_filters::LevelFilter;

use self::format::Format;
use self::source::{Item, Source};
use super::operate::{self, Side};
use super::{log, runtime, show};
use crate::config::Settings;
use crate::core::error::{Code, Error, Result};
use crate::memory::copy::BATCH;
use crate::ops::{self, Entry};

/// The most bytes of records that are sent at once; one that is larger goes alone.
const BATCH_BYTES: usize = 1024 * 1024;

/// How many of those that were not taken a report in JSON lists.
const LISTED: usize = 1000;

pub(super) fn command() -> Command {
    let formats: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    operate::sided(Command::new("import"))
        .about("Takes in an export, or what other programs remember")
        .long_about(
            "Takes in an export of memoranda, or what other programs remember. What is here already \
             is left alone; what can't be taken is listed with its reason, and the rest goes on. An \
             import that was cut off goes on where it ended when it is started again.",
        )
        .arg(
            Arg::new("path")
                .value_name("PATH")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("The file or folder"),
        )
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(formats)
                .help("What it is; found out if left out"),
        )
        .arg(
            Arg::new("dry-run")
                .long("dry-run")
                .action(ArgAction::SetTrue)
                .help("Say what would be taken, and change nothing"),
        )
}

fn entry() -> &'static Entry {
    ops::find("import").expect("the catalogue has it")
}

/// Runs the import and reports.
pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<()> {
    log::set_up(settings.log.as_deref(), LevelFilter::WARN)?;
    let path = matches.get_one::<PathBuf>("path").expect("clap demands it");
    let format = matches.get_one::<String>("format").and_then(|name| Format::named(name));
    let source = Source::open(path, format)?;
    let mut report = Report {
        as_json: matches.get_flag("json"),
        dry_run: matches.get_flag("dry-run"),
        ..Report::default()
    };
    let ran = runtime()?.block_on(async {
        let side = Side::open(settings).await?;
        let sent = send(&side, &source, &mut report).await;
        side.close().await;
        sent
    });
    show::progress_ends();
    if ran.is_err() && report.done > 0 && !report.dry_run {
        show::say(&format!("{} records are in; start the same import again to go on", report.done));
    }
    ran?;
    report.show(&source);
    Ok(())
}

/// Sends what the import hasn't handled yet.
async fn send(side: &Side, source: &Source, report: &mut Report) -> Result<()> {
    if !report.dry_run {
        let answer = side.ask(entry(), json!({ "import": source.id() })).await?;
        report.done = answer["done"].as_u64().unwrap_or(0);
        report.taken = answer["taken"].as_u64().unwrap_or(0);
        report.known = answer["known"].as_u64().unwrap_or(0);
        report.resumed_at = report.done;
    }
    let mut to_skip = report.done;
    let mut batch = Batch::default();
    for item in source.items()? {
        let Item { place, record } = item?;
        match record {
            Err(rule) => report.refuse(&place, &rule),
            Ok(_) if to_skip > 0 => to_skip -= 1,
            Ok(record) => {
                batch.add(place, record);
                if batch.is_full() {
                    std::mem::take(&mut batch).send(side, source.id(), report).await?;
                }
            }
        }
    }
    batch.send(side, source.id(), report).await
}

/// Records on their way, each with its place in the source.
#[derive(Default)]
struct Batch {
    places: Vec<String>,
    records: Vec<Map<String, Value>>,
    sizes: Vec<usize>,
    /// Those that must not travel, by their number here, and why.
    withheld: Vec<(usize, String)>,
}

impl Batch {
    fn add(&mut self, place: String, record: Map<String, Value>) {
        self.sizes.push(Value::Object(record.clone()).to_string().len());
        self.places.push(place);
        self.records.push(record);
    }

    fn is_full(&self) -> bool {
        self.records.len() >= BATCH || self.sizes.iter().sum::<usize>() >= BATCH_BYTES
    }

    /// Sends them. One that the server refuses to hear is withheld, and the others sent again; it
    /// still counts, so that the next batch begins where this one ends.
    async fn send(mut self, side: &Side, import: &str, report: &mut Report) -> Result<()> {
        if self.records.is_empty() {
            return Ok(());
        }
        let answer = loop {
            let arguments = json!({
                "import": import,
                "first": report.done,
                "records": self.records,
                "dry_run": report.dry_run,
            });
            match side.ask(entry(), arguments).await {
                Ok(answer) => break answer,
                Err(error) => {
                    let (at, rule) = self.unheard(&error).ok_or(error)?;
                    self.withhold(at, rule);
                }
            }
        };
        let first = report.done;
        for refused in answer["refused"].as_array().into_iter().flatten() {
            let place = refused["place"].as_u64().and_then(|place| place.checked_sub(first));
            let at = place.and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX);
            let withheld = self.withheld.iter().find(|(withheld, _)| *withheld == at);
            let rule = withheld.map_or_else(
                || refused["rule"].as_str().unwrap_or_default(),
                |(_, rule)| rule.as_str(),
            );
            report.refuse(self.places.get(at).map_or("?", String::as_str), rule);
        }
        report.done = answer["done"].as_u64().unwrap_or(first);
        report.taken += answer["taken"].as_u64().unwrap_or(0);
        report.known += answer["known"].as_u64().unwrap_or(0);
        show::progress(&format!("{} records", report.done));
        Ok(())
    }

    /// The record because of which a whole batch was refused, where it is known, and what is said
    /// of it.
    fn unheard(&self, error: &Error) -> Option<(usize, String)> {
        let at = match error.code() {
            Code::SecretArgument => {
                let path = error.details().get("path")?.as_str()?;
                path.strip_prefix("records[")?.split_once(']')?.0.parse().ok()?
            }
            Code::TooLarge => {
                let sizes = self.sizes.iter().enumerate();
                sizes.max_by_key(|(_, size)| **size).map(|(at, _)| at)?
            }
            _ => return None,
        };
        let is_known = self.withheld.iter().any(|(withheld, _)| *withheld == at);
        let rule = if error.code() == Code::TooLarge {
            "is larger than the server takes at once".to_owned()
        } else {
            let kind = error.details().get("kind").and_then(Value::as_str).unwrap_or("secret");
            format!("looks like it holds a secret ({kind})")
        };
        (at < self.records.len() && !is_known).then_some((at, rule))
    }

    fn withhold(&mut self, at: usize, rule: String) {
        let nothing = json!({ "record": "withheld" });
        self.records[at] = nothing.as_object().cloned().unwrap_or_default();
        self.sizes[at] = 0;
        self.withheld.push((at, rule));
    }
}

/// What became of an import.
#[derive(Default)]
struct Report {
    as_json: bool,
    dry_run: bool,
    /// How many records were there to begin with.
    resumed_at: u64,
    done: u64,
    taken: u64,
    known: u64,
    refused: u64,
    listed: Vec<Value>,
}

impl Report {
    /// Notes what was not taken: its place and the rule, never what it says.
    fn refuse(&mut self, place: &str, rule: &str) {
        self.refused += 1;
        if !self.as_json {
            show::progress_ends();
            show::line(&format!("not taken: {place} {rule}"));
        } else if self.listed.len() < LISTED {
            self.listed.push(json!({ "place": place, "rule": rule }));
        }
    }

    fn show(&self, source: &Source) {
        let mut answer = json!({
            "format": source.format().name(),
            "taken": self.taken,
            "known": self.known,
            "not_taken": self.refused,
            "dry_run": self.dry_run,
        });
        if self.resumed_at > 0 {
            answer["resumed_at"] = json!(self.resumed_at);
        }
        if self.as_json {
            answer["refused"] = json!(self.listed);
            answer["import"] = json!(source.id());
            show::line(&answer.to_string());
        } else {
            show::answer(&answer);
        }
    }
}
