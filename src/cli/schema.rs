//! `memoranda schema`: the files that are made from the source, written or checked.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use super::show;
use crate::config::Settings;
use crate::core::error::{Code, Error, Result};
use crate::ops::CATALOGUE;
use crate::surface::mcp::tools;
use crate::surface::openapi;

const BEGIN: &str = "<!-- tools: made by `memoranda schema --write` -->";
const END: &str = "<!-- /tools -->";

pub(super) fn command() -> Command {
    Command::new("schema")
        .about("Write or check schemas/ and the README's tool table, or print the OpenAPI document")
        .arg(Arg::new("write").long("write").action(ArgAction::SetTrue).help("Write the files"))
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .conflicts_with("write")
                .help("Fail where a file differs from the source"),
        )
        .arg(
            Arg::new("folder")
                .long("folder")
                .value_name("DIR")
                .default_value(".")
                .value_parser(value_parser!(PathBuf))
                .help("The root of the source"),
        )
}

pub(super) fn run(matches: &ArgMatches) -> Result<()> {
    let folder = matches.get_one::<PathBuf>("folder").expect("it has a default");
    if matches.get_flag("write") {
        for (path, text) in files(folder)? {
            let path = folder.join(path);
            let written = std::fs::create_dir_all(path.parent().unwrap_or(folder))
                .and_then(|()| std::fs::write(&path, text));
            written.map_err(|error| {
                Error::new(Code::PermissionDenied, "a generated file can't be written")
                    .with_cause(error)
            })?;
        }
        return Ok(());
    }
    if matches.get_flag("check") {
        let stale: Vec<String> = files(folder)?
            .into_iter()
            .filter(|(path, text)| {
                std::fs::read_to_string(folder.join(path)).ok().as_ref() != Some(text)
            })
            .map(|(path, _)| path)
            .collect();
        if stale.is_empty() {
            return Ok(());
        }
        return Err(Error::new(
            Code::Conflict,
            format!("differ from the source: {}", stale.join(", ")),
        )
        .with_fix("run `cargo run -- schema --write` and commit what it changes"));
    }
    show::line(&pretty(openapi::document()));
    Ok(())
}

/// Every generated file: its path from the root of the source, and its text.
fn files(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut files = vec![
        ("schemas/openapi.json".to_owned(), pretty(openapi::document())),
        ("schemas/errors.json".to_owned(), pretty(&errors())),
        ("schemas/config.json".to_owned(), pretty(&config())),
    ];
    for (entry, tool) in CATALOGUE.iter().zip(tools::all()) {
        let tool = serde_json::to_value(tool).map_err(Error::internal)?;
        files.push((format!("schemas/tools/{}.json", entry.spec.name), pretty(&tool)));
    }
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap_or_default();
    let (before, rest) = readme.split_once(BEGIN).unwrap_or((&readme, ""));
    let (_, after) = rest.split_once(END).unwrap_or(("", ""));
    files.push(("README.md".to_owned(), format!("{before}{BEGIN}\n{}{END}{after}", tool_table())));
    Ok(files)
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn errors() -> Value {
    let codes = crate::core::error::Code::ALL.into_iter().map(|code| {
        json!({
            "code": code.as_str(),
            "http": code.http(),
            "exit": code.exit(),
            "when": code.meaning(),
        })
    });
    codes.collect()
}

fn config() -> Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Settings>()
        .to_value()
}

fn tool_table() -> String {
    let mut table =
        String::from("\n| tool | what it does | REST | least role, scope |\n|---|---|---|---|\n");
    for entry in &CATALOGUE {
        let spec = &entry.spec;
        let about = spec.description.lines().next().unwrap_or_default();
        let _ = writeln!(
            table,
            "| `{}` | {about} | `{} /v1{}` | {}, {} |",
            spec.name,
            spec.route.method.as_str(),
            spec.route.path,
            spec.least_role.as_str(),
            spec.scope.as_str(),
        );
    }
    table.push('\n');
    table
}
