//! `memoranda activity verify` and `activity export`: the trail checked, here, on a server or in a
//! file, and written to a file.
//!
//! Two commands made by hand beside those of the catalogue: one needs no database, the other asks
//! for page after page.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;

use super::operate::{self, Side};
use super::place::Place;
use super::{log, runtime, show};
use crate::config::Settings;
use crate::core::error::{Code, Error, Result};
use crate::identity::chain::{Link, Walk};
use crate::ops::activity_verify::{Check, expectation};
use crate::ops::{self, Entry};

/// The commands that stand beside `activity list`.
pub(super) fn commands() -> [Command; 2] {
    let path = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help)
    };
    let verify = operate::leaf(entry("activity_verify"), "verify")
        .arg(path("file", "Check this export instead, without any database"));
    let export = operate::leaf(entry("activity_export"), "export")
        .arg(path("output", "The file to write; standard output if left out"))
        .mut_arg("limit", |arg| arg.hide(true))
        .mut_arg("cursor", |arg| arg.hide(true))
        .mut_arg("json", |arg| arg.hide(true));
    [verify, export]
}

fn entry(name: &str) -> &'static Entry {
    ops::find(name).expect("the catalogue has it")
}

/// Runs one of [`commands`], by its name.
pub(super) fn run(name: &str, matches: &ArgMatches, settings: &Settings) -> Result<()> {
    log::set_up(settings.log.as_deref(), LevelFilter::WARN)?;
    if name == "export" { export(matches, settings) } else { verify(matches, settings) }
}

fn verify(matches: &ArgMatches, settings: &Settings) -> Result<()> {
    let entry = entry("activity_verify");
    let mut arguments = operate::arguments(entry, matches)?;
    let answer = if let Some(path) = matches.get_one::<PathBuf>("file") {
        ops::decode::check(entry.input(), &mut arguments)?;
        let hash = arguments["expect_hash"].as_str().map(str::to_owned);
        in_file(path, expectation(arguments["expect_sequence"].as_i64(), hash)?)?
    } else {
        runtime()?.block_on(operate::ask(entry, arguments, settings))?
    };
    show::either(&answer, matches);
    if answer["is_intact"] == json!(true) {
        return Ok(());
    }
    Err(Error::new(Code::Conflict, "the activity trail is not what was sealed").with_fix(
        "compare it with an export or a backup of before, from the event that is named on",
    ))
}

/// Checks an export line by line. It may begin anywhere in the chain, and has no gaps.
fn in_file(path: &Path, expected: Option<Walk>) -> Result<Value> {
    let unreadable =
        |error| Error::invalid("file", "must be a file that can be read").with_cause(error);
    let file = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut check: Option<Check> = None;
    for (number, line) in (1..).zip(file.lines()) {
        let text = line.map_err(unreadable)?;
        let link: Link = serde_json::from_str(&text).map_err(|error| {
            let rule =
                format!("must hold an event a line, as the export does; line {number} isn't");
            Error::invalid("file", rule).with_cause(error)
        })?;
        let check = check.get_or_insert_with(|| {
            let before =
                Walk { sequence: link.event.sequence.saturating_sub(1), head: link.previous };
            // The first event of all follows nothing, whatever the file says.
            let is_first = link.event.sequence == 1;
            Check::beyond(if is_first { Walk::BEGINNING } else { before }, expected)
        });
        if check.pass_link(&link).is_err() {
            break;
        }
    }
    let check = check.unwrap_or_else(|| Check::new(expected));
    serde_json::to_value(check.finish()).map_err(Error::internal)
}

fn export(matches: &ArgMatches, settings: &Settings) -> Result<()> {
    let arguments = operate::arguments(entry("activity_export"), matches)?;
    let output = matches.get_one::<PathBuf>("output");
    let mut place = output.map(|path| Place::beside(path)).transpose()?;
    let write = |line: &str| {
        if let Some(place) = &mut place {
            return place.line(line);
        }
        show::line(line);
        Ok(())
    };
    let written = runtime()?.block_on(pages(arguments, settings, write))?;
    if let Some(place) = place {
        place.finish()?;
        show::say(&format!("{written} events written"));
    }
    Ok(())
}

/// Asks for one page after the other and hands on their events, a line each. Gives their number.
async fn pages(
    mut arguments: Value,
    settings: &Settings,
    mut write: impl FnMut(&str) -> Result<()>,
) -> Result<u64> {
    let side = Side::open(settings).await?;
    let written = async {
        let mut written = 0;
        loop {
            let page = side.ask(entry("activity_export"), arguments.clone()).await?;
            for event in page["events"].as_array().into_iter().flatten() {
                write(&event.to_string())?;
                written += 1;
            }
            let Some(cursor) = page.get("next_cursor") else { return Ok(written) };
            arguments["cursor"] = cursor.clone();
            show::progress(&format!("{written} events"));
        }
    }
    .await;
    side.close().await;
    show::progress_ends();
    written
}
