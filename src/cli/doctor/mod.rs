//! `memoranda doctor`: what a person would want to know before blaming the program.
//!
//! It changes nothing and works while a server runs. Each check is a [`Finding`]: a line, and what to
//! do next where there is something to do. Open [`machine`] and [`kept`] for the checks themselves.

mod kept;
mod machine;

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;

use super::compose::Database;
use super::{CONFIG, flag, log, runtime, show};
use crate::config::{Settings, variable_names};
use crate::core::error::{Error, Result};
use crate::store::examine::{Finding, State};

pub(super) fn command() -> Command {
    Command::new("doctor")
        .about("Look whether everything is as it should be, without changing anything")
        .after_help(
            "Each line is ok, warn or fail, with what to do next. Exit code 1 if anything failed.\n\
             With --url it looks at that server instead of at a database.",
        )
        .arg(flag(
            "listen",
            "ADDRESS",
            "The address that serve is to listen on [default: 127.0.0.1:7420]",
        ))
        .arg(flag("public-url", "URL", "The URL under which others reach the server"))
        .arg(flag("url", "URL", "Look at this server, with the key of the environment"))
        .arg(flag(
            "api-key-env",
            "NAME",
            "The variable that holds the API key [default: MEMORANDA_API_KEY]",
        ))
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Answer in JSON"))
}

/// Runs every check; what was wrong with the settings is the first finding.
pub(super) fn run(matches: &ArgMatches, settings: Result<Settings>) -> ExitCode {
    let level = settings.as_ref().ok().and_then(|settings| settings.log.clone());
    // A level that is none shows with the settings.
    let _ = log::set_up(level.as_deref(), LevelFilter::ERROR);
    let mut findings = Vec::new();
    match settings {
        Ok(settings) => {
            findings.push(variables(&settings));
            let looked = runtime().map(|runtime| runtime.block_on(look(&settings, &mut findings)));
            if let Err(error) = looked {
                findings.push(failed("machine", &error));
            }
        }
        Err(error) => findings.push(failed("settings", &error)),
    }
    findings.push(machine::model());
    findings.push(machine::clock());
    let is_well = findings.iter().all(|finding| finding.state != State::Fail);
    if matches.get_flag("json") {
        let checks: Vec<Value> = findings.iter().map(value).collect();
        show::line(&json!({ "is_well": is_well, "checks": checks }).to_string());
    } else {
        for finding in &findings {
            show::line(&text(finding));
        }
    }
    ExitCode::from(u8::from(!is_well))
}

async fn look(settings: &Settings, findings: &mut Vec<Finding>) {
    if let Some(url) = &settings.url {
        findings.extend(machine::server(url, settings).await);
        return;
    }
    match Database::set(settings) {
        Ok(database) => {
            if let Database::Embedded(folder) = &database {
                findings.extend(machine::folder(folder));
            }
            findings.extend(kept::examined(&database, settings).await);
        }
        Err(error) => findings.push(failed("database", &error)),
    }
    findings.push(machine::listening(settings).await);
}

/// Variables that look like ours and aren't: a setting that was mistyped does nothing, silently.
fn variables(settings: &Settings) -> Finding {
    let check = "settings";
    let is_known = |name: &String| {
        is_told_of(name) || settings.api_key_env.as_ref().is_some_and(|own| own == name)
    };
    let unknown: Vec<String> =
        variable_names().into_iter().filter(|name| !is_known(name)).collect();
    if unknown.is_empty() {
        return Finding::ok(check, "file, variables and flags are understood");
    }
    let says = format!("not known, and so without effect: {}", unknown.join(", "));
    Finding::warn(check, says, "`memoranda config` lists what may be set")
}

/// Whether `memoranda config` tells of a variable: by its name, or by the line that it stands for.
fn is_told_of(variable: &str) -> bool {
    let of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let line = variable.trim_start_matches("MEMORANDA_").to_lowercase().replace('_', "-");
    CONFIG.split(|c| !of_name(c)).any(|word| word == variable)
        || CONFIG.lines().any(|told| told.split_whitespace().next() == Some(line.as_str()))
}

/// An error of ours as a finding.
fn failed(check: &'static str, error: &Error) -> Finding {
    let fix = error.fix().unwrap_or("start it with `--log debug` and look at what it says");
    Finding::fail(check, error.message().to_owned(), fix)
}

fn value(finding: &Finding) -> Value {
    let mut value = json!({
        "check": finding.check, "state": finding.state.as_str(), "says": finding.says,
    });
    if let Some(fix) = &finding.fix {
        value["fix"] = json!(fix);
    }
    value
}

fn text(finding: &Finding) -> String {
    let line = format!("{:<4}  {:<14}  {}", finding.state.as_str(), finding.check, finding.says);
    match &finding.fix {
        Some(fix) => format!("{line}\n{:22}fix: {fix}", ""),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_known_by_its_name_or_its_line() {
        for known in ["API_KEY", "CONFIG", "LISTEN", "REQUEST_BURST", "TRUSTED_PROXIES"] {
            assert!(is_told_of(&format!("MEMORANDA_{known}")), "{known}");
        }
        for unknown in ["LISSEN", "LIST", "REQUEST", "", "FILE"] {
            assert!(!is_told_of(&format!("MEMORANDA_{unknown}")), "{unknown}");
        }
    }
}
