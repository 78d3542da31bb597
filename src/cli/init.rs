//! `memoranda init`: makes the database, the team and the owner's key.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use tracing::level_filters::LevelFilter;

use super::compose::{Database, FIRST_TEAM};
use super::{log, runtime, show, welcome};
use crate::config::Settings;
use crate::core::error::{Code, Error, Result};
use crate::identity::actor::check_slug;

pub(super) fn command() -> Command {
    Command::new("init")
        .about("Make the database, the team and the owner's key; refuse where one exists")
        .arg(
            Arg::new("team")
                .long("team")
                .value_name("NAME")
                .default_value(FIRST_TEAM)
                .help("The team's name"),
        )
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("Answer in JSON: team, key, key_id, data"),
        )
}

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<()> {
    log::set_up(settings.log.as_deref(), LevelFilter::WARN)?;
    let team = matches.get_one::<String>("team").expect("it has a default");
    check_slug("team", team)?;
    let database = Database::set(settings)?;
    let key = runtime()?.block_on(async {
        let house = database.open()?;
        let made = house.set_up(team, true).await;
        house.close().await;
        made?.ok_or_else(|| {
            Error::new(Code::AlreadyExists, "this folder already holds a team with keys").with_fix(
                "make another key with `memoranda key create`, or choose another `--data`",
            )
        })
    })?;
    if matches.get_flag("json") {
        let answer = json!({
            "team": team,
            "key": key.whole().expose(),
            "key_id": key.id(),
            "data": database.to_string(),
        });
        show::line(&answer.to_string());
    } else {
        show::line(&welcome::text("http://127.0.0.1:7420", key.whole()));
    }
    Ok(())
}
