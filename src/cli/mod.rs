//! The command line, and the composition root.
//!
//! The commands of the house (`serve`, `stdio`, `init`, `migrate`, `schema`) stand in files of their names;
//! those of the catalogue are made from it in [`operate`], two by hand in
//! [`activity`]. Data goes to standard output, everything
//! else to standard error. Open [`compose`] to see how the parts are put together.

mod activity;
pub mod answers;
pub mod compose;
mod doctor;
mod export;
mod forward;
mod import;
mod init;
mod log;
mod member;
mod migrate;
mod operate;
mod place;
pub mod recall;
mod remote;
mod schema;
mod serve;
mod show;
mod stdio;
mod sweep;
mod upload;
mod welcome;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use crate::config::{AnswerLines, DatabaseUrl, LimitLines, RecallLines, Settings};
use crate::core::error::{Error, Result};

const ABOUT: &str = "A self-hosted memory and identity server for AI agents";

const AFTER: &str = "\
Start here:
  memoranda serve                        a server for a team, with MCP and REST on one port
  claude mcp add memoranda -- memoranda stdio
                                         the same memory for one agent; nothing to set up

Every flag has its variable (--listen: MEMORANDA_LISTEN) and its line in the configuration file;
`memoranda help config` lists them. Exit codes follow sysexits.h.";

const CONFIG: &str = "\
A TOML file, named by --config or MEMORANDA_CONFIG, or config.toml in the platform's configuration
folder. Later wins: file, variable, flag.

  line          variable                what it sets
  data          MEMORANDA_DATA          the folder of the embedded database
  database      MEMORANDA_DATABASE      the URL of a PostgreSQL database, instead of the embedded one
  listen        MEMORANDA_LISTEN        the address to listen on (127.0.0.1:7420)
  public-url    MEMORANDA_PUBLIC_URL    the URL under which others reach this server
  url           MEMORANDA_URL           the server that stdio and the commands talk to
  api-key-env   MEMORANDA_API_KEY_ENV   the variable that holds the API key (MEMORANDA_API_KEY)
  agent-id      MEMORANDA_AGENT_ID      the agent id to act as
  toolsets      MEMORANDA_TOOLSETS      what MCP shows: identity,memory,work,admin or all
  log           MEMORANDA_LOG           off, error, warn, info or debug
  trusted-proxies
                MEMORANDA_TRUSTED_PROXIES
                                        the proxies whose X-Forwarded-For is believed: 10.0.0.0/8,::1

Limits of serve, in the file under [limits]; variable MEMORANDA_REQUESTS_PER_SECOND and so on.
No honest agent meets the defaults. 0 turns those off that say so.

  requests-per-second   200       requests a second that one key may make for long (0: no limit)
  request-burst         2000      requests that one key may make at once, after a pause
  failed-sign-ins       20        failed sign-ins of an address, at once and each minute (0: no limit)
  secrets-at-once       2         secrets checked at once; each takes a core and 19 MiB
  secret-seconds        10        how long one waits for its turn before the answer is 503
  streams-per-key       8         streams that one key may have open
  connections           900       connections that may be open; others wait
  body-bytes            4194304   the largest body of a request
  header-seconds        30        how long a request's head may take, and a connection may be idle
  request-seconds       60        how long a request may take to arrive and be answered
  shutdown-seconds      10        how long running requests may take once the server stops
  sweep-minutes         60        between two applications of the policies on how long memories stay (0: never)

How memories are found, in the file under [recall]; variable MEMORANDA_NO_MODEL and so on.

  no-model      false   whether memories are found by words alone, without the built-in model
  model-dir             a folder with words.pack and layers.pack of another model
  embed-url             an OpenAI-compatible server of embeddings, such as http://127.0.0.1:11434/v1
  embed-model           the model that it is asked for; its key stands in MEMORANDA_EMBED_KEY alone
  recall-memory 1024    mebibytes that the indexes of all teams may take together
  vector-index-from 200000
                        vectors of a team from which PostgreSQL's own index finds the nearest, where
                        it has pgvector; 0 for never

A language model that writes prose from what `answer` cites, in the file under [answers]; variable
MEMORANDA_ANSWER_URL and so on. No host is asked unless they are set.

  answer-url            an OpenAI-compatible server, such as http://127.0.0.1:11434/v1
  answer-model          the model that it is asked for; its key stands in MEMORANDA_ANSWER_KEY alone
  answer-seconds  20    how long it may take before the statements stand for themselves

The key itself stands in MEMORANDA_API_KEY alone, never in a file or a flag. A database's password may stand
in PGPASSWORD; in the URL it is never shown, but a flag is seen by whoever lists the processes.";

/// Runs a command line; gives the exit code of the error table.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = match command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 64 } else { 0 });
        }
    };
    // It says of the settings, too, what is wrong with them.
    if let Some(("doctor", sub)) = matches.subcommand() {
        return doctor::run(sub, settings(sub));
    }
    match dispatch(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            show::error(&error);
            ExitCode::from(error.code().exit())
        }
    }
}

/// The whole tree of commands.
fn command() -> Command {
    Command::new("memoranda")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(AFTER)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(flag("config", "FILE", "The configuration file").value_parser(value_parser!(PathBuf)))
        .arg(
            flag("data", "DIR", "The folder of the embedded database")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(flag(
            "database",
            "URL",
            "A PostgreSQL database, instead of the embedded one: postgres://user@host/name",
        ))
        .arg(flag("log", "LEVEL", "What is logged: off, error, warn, info or debug"))
        .args(recall::flags())
        .subcommand(serve::command())
        .subcommand(stdio::command())
        .subcommand(init::command())
        .subcommands(operate::commands())
        .mut_subcommand("member", member::added_to)
        .subcommand(migrate::command())
        .subcommand(export::command())
        .subcommand(import::command())
        .subcommand(upload::command())
        .subcommand(schema::command())
        .subcommand(doctor::command())
        .subcommand(Command::new("config").about("What may be set, and where").long_about(CONFIG))
}

fn flag(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help).global(true)
}

fn dispatch(matches: &ArgMatches) -> Result<()> {
    let (name, sub) = matches.subcommand().expect("clap demands a command");
    let settings = settings(innermost(sub))?;
    match name {
        "serve" => serve::run(sub, &settings),
        "stdio" => stdio::run(&settings),
        "init" => init::run(sub, &settings),
        "migrate" => migrate::run(sub, &settings),
        "schema" => schema::run(sub),
        "export" => export::run(sub, &settings),
        "import" => import::run(sub, &settings),
        "upload" => upload::run(sub, &settings),
        "config" => {
            show::line(CONFIG);
            Ok(())
        }
        "activity" if sub.subcommand_matches("list").is_none() => {
            let (name, sub) = sub.subcommand().expect("clap demands a command");
            activity::run(name, sub, &settings)
        }
        _ => match (name == "member").then(|| member::run(sub, &settings)).flatten() {
            Some(outcome) => outcome,
            None => operate::run(matches, &settings),
        },
    }
}

/// The matches of the deepest command: where clap puts global flags.
fn innermost(mut matches: &ArgMatches) -> &ArgMatches {
    while let Some((_, sub)) = matches.subcommand() {
        matches = sub;
    }
    matches
}

fn settings(matches: &ArgMatches) -> Result<Settings> {
    let text = |name: &str| matches.try_get_one::<String>(name).ok().flatten().cloned();
    let flags = Settings {
        data: matches.get_one::<PathBuf>("data").cloned(),
        database: text("database").map(DatabaseUrl::new),
        listen: text("listen"),
        public_url: text("public-url"),
        url: text("url"),
        api_key_env: text("api-key-env"),
        agent_id: text("agent-id"),
        toolsets: text("toolsets"),
        log: text("log"),
        trusted_proxies: text("trusted-proxies"),
        limits: LimitLines::read(text)?,
        answers: AnswerLines::read(text)?,
        recall: RecallLines::read(text)?,
    };
    Settings::load(matches.get_one::<PathBuf>("config").map(PathBuf::as_path), flags)
}

/// A runtime for the commands that need one.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_of_commands_is_sound() {
        command().debug_assert();
    }
}
