//! `memoranda export`: what the team holds, written to a file or, as Markdown, to a folder.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Map, Value, json};
use tracing::level_filters::LevelFilter;

use super::operate::{self, Side};
use super::place::{Folder, Place};
use super::{log, runtime, show};
use crate::config::Settings;
use crate::core::error::{Error, Result};
use crate::memory::copy::Record;
use crate::ops::{self, Entry};
use crate::transfer::lines::Seal;
use crate::transfer::markdown;

pub(super) fn command() -> Command {
    operate::leaf(entry(), "export")
        .about("Writes what the team holds to a file, whole")
        .arg(
            Arg::new("output")
                .long("output")
                .value_name("PATH")
                .value_parser(value_parser!(PathBuf))
                .help("The file to write, or the folder for Markdown; standard output if left out"),
        )
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(["jsonl", "markdown"])
                .default_value("jsonl")
                .help("Everything, a line each, or Markdown: a file for each memory as it stands"),
        )
        .arg(
            Arg::new("flat")
                .long("flat")
                .action(ArgAction::SetTrue)
                .help("Markdown in one folder, not in one for each type"),
        )
        .mut_arg("limit", |arg| arg.hide(true))
        .mut_arg("cursor", |arg| arg.hide(true))
        .mut_arg("json", |arg| arg.hide(true))
}

fn entry() -> &'static Entry {
    ops::find("export").expect("the catalogue has it")
}

/// Writes the export.
pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<()> {
    log::set_up(settings.log.as_deref(), LevelFilter::WARN)?;
    let arguments = operate::arguments(entry(), matches)?;
    let output = matches.get_one::<PathBuf>("output");
    if matches.get_one::<String>("format").is_some_and(|format| format == "markdown") {
        let folder = output.ok_or_else(|| {
            Error::invalid("output", "is required for Markdown: the folder to write")
        })?;
        return files(Folder::beside(folder)?, arguments, matches.get_flag("flat"), settings);
    }
    let mut place = output.map(|path| Place::beside(path)).transpose()?;
    let mut write = |line: &str| {
        if let Some(place) = &mut place {
            return place.line(line);
        }
        show::line(line);
        Ok(())
    };
    let (mut seal, mut written) = (Seal::default(), 0_u64);
    runtime()?.block_on(pages(arguments, settings, |record| {
        written += 1;
        write(&seal.line(record))
    }))?;
    write(&seal.trailer())?;
    if let Some(place) = place {
        place.finish()?;
        show::say(&format!("{} records written", written.saturating_sub(1)));
    }
    Ok(())
}

/// Writes each memory to a file of its own.
fn files(
    mut folder: Folder,
    mut arguments: Value,
    is_flat: bool,
    settings: &Settings,
) -> Result<()> {
    arguments["parts"] = json!(["memories"]);
    // No file is made of a forgotten one.
    arguments["with_forgotten"] = json!(false);
    let (mut written, mut hidden) = (0_u64, 0_u64);
    runtime()?.block_on(pages(arguments, settings, |record| {
        if record.get("record") == Some(&json!("header")) {
            return Ok(());
        }
        let record = serde_json::from_value(Value::Object(record.clone()));
        let Ok(Record::Memory(memory)) = record else {
            return Err(Error::internal("not a memory"));
        };
        match markdown::file(&memory) {
            Some(file) => {
                folder.file(&markdown::path(&memory, is_flat), &file)?;
                written += 1;
            }
            None => hidden += 1,
        }
        Ok(())
    }))?;
    folder.finish()?;
    show::say(&format!("{written} memories written"));
    if hidden > 0 {
        show::say(&format!("{hidden} left out: an admin has hidden them"));
    }
    Ok(())
}

/// Asks for one page after the other and hands on their records.
async fn pages(
    mut arguments: Value,
    settings: &Settings,
    mut take: impl FnMut(&Map<String, Value>) -> Result<()>,
) -> Result<()> {
    let side = Side::open(settings).await?;
    let written = async {
        let mut written = 0;
        loop {
            let page = side.ask(entry(), arguments.clone()).await?;
            let records = page["records"].as_array().map(Vec::as_slice).unwrap_or_default();
            for record in records {
                let record = record.as_object().ok_or_else(|| Error::internal("not a record"))?;
                take(record)?;
            }
            written += records.len();
            let Some(cursor) = page.get("next_cursor") else { return Ok(()) };
            arguments["cursor"] = cursor.clone();
            show::progress(&format!("{written} records"));
        }
    }
    .await;
    side.close().await;
    show::progress_ends();
    written
}
