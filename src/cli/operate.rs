//! The commands of the catalogue: one for each operation that names one, its flags made from its
//! input schema.

use std::io::Read;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value};
use tracing::level_filters::LevelFilter;

use super::compose::{Database, FIRST_TEAM, House};
use super::remote::Remote;
use super::{answers, flag, log, recall, runtime, show};
use crate::config::Settings;
use crate::core::error::{Error, Result};
use crate::identity::principal::Principal;
use crate::ops::{self, CATALOGUE, Entry, decode};

/// The commands, grouped by their first word.
pub(super) fn commands() -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for entry in &CATALOGUE {
        let Some(cli) = entry.spec.cli else { continue };
        let leaf = leaf(entry, cli.path[cli.path.len() - 1]);
        if let [group, _] = cli.path {
            let at = commands.iter().position(|command| command.get_name() == *group);
            let command = match at {
                Some(at) => commands.remove(at),
                None => Command::new(*group)
                    .about(group_about(group))
                    .subcommand_required(true)
                    .arg_required_else_help(true),
            };
            commands.insert(at.unwrap_or(commands.len()), command.subcommand(leaf));
        } else {
            commands.push(leaf);
        }
    }
    let by_hand = |command: Command| match command.get_name() {
        "activity" => command.subcommands(super::activity::commands()),
        _ => command,
    };
    commands.into_iter().map(by_hand).collect()
}

fn group_about(group: &str) -> &'static str {
    match group {
        "activity" => "The trail of what was done",
        "agent" => "The team's agents",
        "author" => "What one agent or key wrote, undone",
        "conflict" => "What contradicts what, and how it is settled",
        "key" => "API keys",
        "session" => "Sessions of agents",
        "member" => "The people of the team",
        "link" => "What a memory is to another",
        "work" => "Working on tasks",
        "comment" => "What was said about something",
        "policy" => "What the team has decided",
        "memory" => "One memory by its id",
        "retention" => "How long memories stay",
        "strategy" => "What the team is after",
        "task" => "What is to be done, and by whom",
        "operation" => "What can be done, for allow-lists",
        _ => "",
    }
}

/// A command that runs operations, here or on a server, with the flags that say where and how it
/// answers.
pub(super) fn sided(command: Command) -> Command {
    command
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Answer in JSON"))
        .arg(flag(
            "url",
            "URL",
            "Ask this server, with the key of the environment, not the embedded database",
        ))
        .arg(flag(
            "api-key-env",
            "NAME",
            "The variable that holds the API key [default: MEMORANDA_API_KEY]",
        ))
        .arg(flag("agent-id", "ID", "The agent id to act as, on a server"))
}

/// The command of an operation.
pub(super) fn leaf(entry: &'static Entry, name: &'static str) -> Command {
    let (about, more) =
        entry.spec.description.trim().split_once("\n\n").unwrap_or((entry.spec.title, ""));
    let mut command = sided(Command::new(name)).about(about.trim_end_matches('.')).after_help(more);
    let positional = entry.spec.cli.and_then(|cli| cli.positional);
    let required = entry.input()["required"].as_array();
    for (field, schema) in entry.input()["properties"].as_object().into_iter().flatten() {
        let is_required = required.is_some_and(|names| names.iter().any(|name| name == field));
        let mut arg = Arg::new(field).help(help(schema)).value_name(value_name(schema));
        if Some(field.as_str()) == positional {
            arg = arg.required(is_required);
        } else {
            arg = arg.long(field.replace('_', "-")).required(is_required);
        }
        if schema["type"] == "boolean" {
            arg = arg.num_args(0..=1).default_missing_value("true");
        } else if schema["type"] == "array" {
            arg = arg.action(ArgAction::Append);
        }
        command = command.arg(arg);
    }
    command
}

fn help(schema: &Value) -> String {
    let help = schema["description"].as_str().unwrap_or_default();
    let names = choices(schema);
    if names.is_empty() { help.to_owned() } else { format!("{help} [{}]", names.join(", ")) }
}

/// The values that a field may have, where they are named one by one.
fn choices(schema: &Value) -> Vec<&str> {
    let each = |list: &'static str| schema[list].as_array().into_iter().flatten();
    let named = each("enum").chain(each("oneOf").map(|one| &one["const"]));
    let within = each("anyOf").chain(schema.get("items")).flat_map(choices);
    named.filter_map(Value::as_str).chain(within).collect()
}

fn value_name(schema: &Value) -> &'static str {
    match schema["type"].as_str() {
        Some("integer" | "number") => "NUMBER",
        Some("boolean") => "BOOL",
        Some("array") if schema["items"]["type"] == "object" => "JSON",
        Some("array") if decode::is_sentence(&schema["items"]) => "TEXT",
        Some("array") => "A,B",
        _ if !choices(schema).is_empty() => "CHOICE",
        _ => "TEXT",
    }
}

/// Runs the operation whose command was given.
pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<()> {
    log::set_up(settings.log.as_deref(), LevelFilter::WARN)?;
    let (mut path, mut matches) = (Vec::new(), matches);
    while let Some((name, sub)) = matches.subcommand() {
        path.push(name);
        matches = sub;
    }
    let entry = CATALOGUE
        .iter()
        .find(|entry| entry.spec.cli.is_some_and(|cli| cli.path == path))
        .expect("clap knows only the catalogue's commands");
    let arguments = arguments(entry, matches)?;
    let answer = runtime()?.block_on(ask(entry, arguments, settings))?;
    show::either(&answer, matches);
    Ok(())
}

/// What was given on the command line; `-` for the positional reads standard input.
pub(super) fn arguments(entry: &Entry, matches: &ArgMatches) -> Result<Value> {
    let positional = entry.spec.cli.and_then(|cli| cli.positional);
    let mut arguments = Map::new();
    for field in entry.input()["properties"].as_object().into_iter().flatten().map(|(name, _)| name)
    {
        let Some(given) = matches.get_many::<String>(field) else { continue };
        let given: Vec<&str> = given.map(String::as_str).collect();
        let schema = &entry.input()["properties"][field.as_str()];
        if decode::is_sentence(&schema["items"]) {
            arguments.insert(field.clone(), given.into());
            continue;
        }
        let mut text = given.join(",");
        if text == "-" && Some(field.as_str()) == positional {
            text.clear();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| Error::invalid(field, "must be UTF-8 text").with_cause(error))?;
            text.truncate(text.trim_end_matches(['\n', '\r']).len());
        }
        arguments.insert(field.clone(), decode::from_text(entry.input(), field, &text));
    }
    Ok(Value::Object(arguments))
}

/// Runs an operation once, here or on a server.
///
/// # Errors
/// As [`Side::ask`].
pub(super) async fn ask(entry: &Entry, arguments: Value, settings: &Settings) -> Result<Value> {
    let side = Side::open(settings).await?;
    let answer = side.ask(entry, arguments).await;
    side.close().await;
    answer
}

/// Where operations are run: in the embedded database as its owner, or on a server.
pub(super) enum Side {
    Here(Box<(House, Principal)>),
    There(Remote),
}

impl Side {
    /// The side that the settings name.
    ///
    /// # Errors
    /// As [`Remote::new`], [`Database::set`] and [`Database::open`].
    pub(super) async fn open(settings: &Settings) -> Result<Self> {
        if let Some(url) = &settings.url {
            return Ok(Self::There(Remote::new(url, settings)?));
        }
        let composer = answers::composer(settings)?;
        let recaller = recall::recaller(settings)?;
        let house = Database::set(settings)?.open()?;
        house.recall_by(recaller);
        house.compose_with(composer);
        let who = async {
            house.set_up(FIRST_TEAM, false).await?;
            house.auth.local_owner().await
        };
        match who.await {
            Ok(who) => Ok(Self::Here(Box::new((house, who)))),
            Err(error) => {
                house.close().await;
                Err(error)
            }
        }
    }

    /// Runs an operation.
    ///
    /// # Errors
    /// What it was refused with.
    pub(super) async fn ask(&self, entry: &Entry, arguments: Value) -> Result<Value> {
        match self {
            Self::There(remote) => remote.call(entry, &arguments).await,
            Self::Here(here) => {
                let (house, who) = &**here;
                ops::call(&house.app, who, entry, arguments, house.app.request_id()).await
            }
        }
    }

    /// Closes what was opened.
    pub(super) async fn close(self) {
        if let Self::Here(here) = self {
            here.0.close().await;
        }
    }
}
