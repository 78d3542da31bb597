//! `memoranda member accept` and `memoranda member password`: what needs a password.
//!
//! It is read from the terminal without being shown, or from standard input where that is no
//! terminal; never from a flag or a variable, which other processes can see.

use std::io::{IsTerminal, Read};

use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;
use zeroize::Zeroizing;

use super::compose::{FIRST_TEAM, House};
use super::{flag, log, remote, runtime, show};
use crate::config::Settings;
use crate::core::error::{Error, Result};
use crate::core::secret::Secret;

/// Adds the two commands to those of the catalogue that have to do with members.
pub(super) fn added_to(group: Command) -> Command {
    let accept = Command::new("accept")
        .about("Take up an invitation and choose a password")
        .after_help(
            "Asks for the code and the password. Where standard input is no terminal it reads them \
             from there, a line each.",
        )
        .arg(flag(
            "url",
            "URL",
            "The server that the invitation is for, not the embedded database",
        ));
    let password = Command::new("password")
        .about("Set a password")
        .after_help(
            "Without --email it sets the local owner's, and asks only for the new one. With it, it \
             asks for the current one first. Where standard input is no terminal it reads them from \
             there, a line each. It works on the embedded database.",
        )
        .arg(Arg::new("email").long("email").value_name("ADDRESS").help("Whose password"));
    group.subcommand(accept).subcommand(password)
}

/// Runs one of the two, if that is what was asked for.
pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Option<Result<()>> {
    let (name, matches) = matches.subcommand()?;
    match name {
        "accept" => Some(accept(settings)),
        "password" => Some(password(matches.get_one::<String>("email"), settings)),
        _ => None,
    }
}

fn accept(settings: &Settings) -> Result<()> {
    log::set_up(settings.log.as_deref(), LevelFilter::WARN)?;
    let mut answers = Answers::new()?;
    let code = answers.next("Invitation: ")?;
    let chosen = answers.chosen()?;
    let joined = runtime()?.block_on(async {
        if let Some(url) = &settings.url {
            let body = json!({ "invitation": code.expose(), "password": chosen.expose() });
            return remote::post_openly(url, "/auth/invitation", &body).await;
        }
        let house = opened(settings).await?;
        let joined = house.auth.take_up(&code, &chosen).await;
        house.close().await;
        let joined = joined?;
        Ok(json!({
            "member_id": joined.id.to_string(), "team": joined.team_slug,
            "display_name": joined.display_name, "email": joined.email, "role": joined.role,
        }))
    })?;
    show::answer(&joined);
    Ok(())
}

fn password(email: Option<&String>, settings: &Settings) -> Result<()> {
    log::set_up(settings.log.as_deref(), LevelFilter::WARN)?;
    if settings.url.is_some() {
        return Err(Error::invalid("url", "must be left out: this works on the embedded database"));
    }
    let mut answers = Answers::new()?;
    let current = email.map(|_| answers.next("Current password: ")).transpose()?;
    let chosen = answers.chosen()?;
    runtime()?.block_on(async {
        let house = opened(settings).await?;
        let changed = match (email, &current) {
            (Some(email), Some(current)) => {
                house.auth.change_password(None, email, current, &chosen).await
            }
            _ => house.auth.set_local_password(&chosen).await,
        };
        house.close().await;
        changed
    })?;
    show::answer(&Value::from("The password is set."));
    Ok(())
}

async fn opened(settings: &Settings) -> Result<House> {
    let house = House::open(&settings.data_folder()?)?;
    house.set_up(FIRST_TEAM, false).await?;
    Ok(house)
}

/// Where secrets come from: the terminal, or the lines of standard input.
enum Answers {
    Terminal,
    Lines(std::vec::IntoIter<Secret>),
}

impl Answers {
    fn new() -> Result<Self> {
        let mut input = std::io::stdin();
        if input.is_terminal() {
            return Ok(Self::Terminal);
        }
        let mut text = Zeroizing::new(String::new());
        input
            .read_to_string(&mut text)
            .map_err(|error| Error::invalid("standard input", "must be UTF-8").with_cause(error))?;
        let lines: Vec<Secret> = text.lines().map(|line| Secret::new(line.to_owned())).collect();
        Ok(Self::Lines(lines.into_iter()))
    }

    fn next(&mut self, prompt: &str) -> Result<Secret> {
        match self {
            Self::Terminal => rpassword::prompt_password(prompt)
                .map(Secret::new)
                .map_err(|error| Error::invalid("terminal", "can't be read").with_cause(error)),
            Self::Lines(lines) => lines.next().ok_or_else(|| {
                Error::invalid("standard input", "must hold a line for each answer")
            }),
        }
    }

    /// A new password; a terminal, which doesn't show it, is asked twice.
    fn chosen(&mut self) -> Result<Secret> {
        let chosen = self.next("New password: ")?;
        if matches!(self, Self::Terminal) && !self.next("Once more: ")?.matches(&chosen) {
            return Err(Error::invalid("password", "must be the same both times"));
        }
        Ok(chosen)
    }
}
