//! `memoranda migrate`: everything of one database moved into another, whichever engines they are.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;

use super::{log, show};
use crate::config::{DatabaseUrl, Settings};
use crate::core::error::{Code, Error, Result};
use crate::core::secret::Secret;
use crate::store::moving::{self, Compared, Digest, Progress, Side, Standing, Target, WORDS};
use crate::store::postgres::Postgres;
use crate::store::sqlite::{FILE_NAME, Sqlite};

const AFTER: &str = "\
DATABASE is sqlite:PATH, with the data folder or the file in it, or postgres://user@host/name. A password may
stand in PGPASSWORD. Without --from it is the embedded database (--data), without --to the one of --database.

Stop what writes to the source first: what it holds when the move begins is what is moved. The target must be
empty. Until the move has finished and everything was read again and compared, no server starts on it. If it is
interrupted, run the same command again: it goes on where it stopped, unless the source has changed since;
then begin again with --restart. The source is only read, and stays as it is.";

/// How often it is said how far it has come, where no terminal watches.
const SAY_EVERY: Duration = Duration::from_secs(1);

pub(super) fn command() -> Command {
    let database = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("DATABASE").help(help)
    };
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("migrate")
        .about("Move everything into another database, of either engine, and compare it")
        .after_help(AFTER)
        .arg(database("from", "The source"))
        .arg(database("to", "The target, empty or begun by an earlier run"))
        .arg(flag("dry-run", "Say what would be moved, and change nothing"))
        .arg(flag("verify", "Compare the two, and change nothing").conflicts_with("dry-run"))
        .arg(
            flag("restart", "Empty a target that an earlier run began, and begin again")
                .conflicts_with_all(["dry-run", "verify"]),
        )
        .arg(
            Arg::new("batch")
                .long("batch")
                .value_name("ROWS")
                .value_parser(value_parser!(u16).range(1..=10_000))
                .default_value("1000")
                .help("Rows that are written at once"),
        )
        .arg(flag("quiet", "Don't say how far it has come"))
        .arg(flag("json", "Answer in JSON: from, to, tables, rows"))
}

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<()> {
    log::set_up(settings.log.as_deref(), LevelFilter::WARN)?;
    let (from, to) = (source(matches, settings)?, target(matches, settings)?);
    let mut voice = Voice::new(matches.get_flag("quiet"));
    let mut answer = json!({ "from": from.shown(), "to": to.shown() });
    let done = if matches.get_flag("dry-run") {
        preview(&from, &to)
    } else if matches.get_flag("verify") {
        compare(&from, &to, &mut voice)
    } else {
        fill(&from, &to, matches, &mut voice)
    };
    voice.end();
    for (name, value) in done? {
        answer[name] = value;
    }
    if matches.get_flag("json") {
        show::line(&answer.to_string());
    } else {
        for line in lines(&answer) {
            show::line(&line);
        }
    }
    if answer["is_equal"] == json!(false) {
        return Err(Error::new(Code::Conflict, "the two databases don't hold the same").with_fix(
            "see which tables differ; a database that was used since the move has changed",
        ));
    }
    Ok(())
}

/// Fields of the answer.
type Fields = Vec<(&'static str, Value)>;

fn preview(from: &Place, to: &Place) -> Result<Fields> {
    let mut source = from.side("from")?;
    let mut target = to.is_there().then(|| to.side("to")).transpose()?;
    let target = target.as_mut().map(|side| &mut **side as &mut dyn Side);
    let planned = moving::preview(&mut *source, target)?;
    let standing = match planned.target {
        Standing::Empty => "empty",
        Standing::Begun => "begun",
        Standing::Filled => "filled",
    };
    let tables = &planned.tables;
    Ok(vec![
        (
            "tables",
            tables.iter().map(|(table, rows)| json!({ "table": table, "rows": rows })).collect(),
        ),
        ("rows", tables.iter().map(|(_, rows)| rows).sum::<u64>().into()),
        ("target", standing.into()),
    ])
}

fn compare(from: &Place, to: &Place, voice: &mut Voice) -> Result<Fields> {
    let (mut source, mut target) = (from.side("from")?, to.side("to")?);
    let both = moving::compare(&mut *source, &mut *target, &mut |progress| voice.tell(&progress))?;
    Ok(vec![
        ("tables", both.iter().map(shown_pair).collect()),
        ("rows", rows(both.iter().map(|pair| &pair.source)).into()),
        ("is_equal", both.iter().all(|pair| pair.source == pair.target).into()),
    ])
}

fn fill(from: &Place, to: &Place, matches: &ArgMatches, voice: &mut Voice) -> Result<Fields> {
    let began = Instant::now();
    let batch = matches.get_one::<u16>("batch").copied().expect("it has a default");
    let (mut source, mut target) = (from.side("from")?, to.target()?);
    let moved = moving::run(
        &mut *source,
        &mut *target,
        matches.get_flag("restart"),
        batch.into(),
        &mut |progress| voice.tell(&progress),
    )?;
    Ok(vec![
        ("tables", moved.tables.iter().map(shown).collect()),
        ("rows", rows(moved.tables.iter()).into()),
        ("is_resumed", moved.is_resumed.into()),
        ("seconds", began.elapsed().as_secs().into()),
    ])
}

/// The rows that travel; words are made from them.
fn rows<'d>(digests: impl Iterator<Item = &'d Digest>) -> u64 {
    digests.filter(|digest| digest.table != WORDS).map(|digest| digest.rows).sum()
}

fn shown(digest: &Digest) -> Value {
    json!({ "table": digest.table, "rows": digest.rows, "hash": digest.hash })
}

fn shown_pair(pair: &Compared) -> Value {
    let (source, target) = (&pair.source, &pair.target);
    json!({
        "table": source.table,
        "rows": source.rows,
        "target_rows": target.rows,
        "is_equal": source == target,
    })
}

/// The answer for a reader.
fn lines(answer: &Value) -> Vec<String> {
    let number = |value: &Value| grouped(value.as_u64().unwrap_or(0));
    let mut lines = Vec::new();
    for table in answer["tables"].as_array().into_iter().flatten() {
        let name = table["table"].as_str().unwrap_or_default();
        let mut line = format!("{name:<24} {:>14} rows", number(&table["rows"]));
        if table["is_equal"] == json!(false) {
            let _ = write!(line, "   differs: the target has {}", number(&table["target_rows"]));
        }
        lines.push(line);
    }
    let (from, to) = (text(&answer["from"]), text(&answer["to"]));
    let rows = number(&answer["rows"]);
    lines.push(match (answer["target"].as_str(), &answer["is_equal"]) {
        (Some("empty"), _) => format!("{rows} rows would be moved from {from} to {to}"),
        (Some("begun"), _) => format!("a move to {to} was begun and would go on"),
        (Some(_), _) => format!("{to} holds something already: the move would be refused"),
        (None, Value::Bool(true)) => format!("{to} holds the same as {from}"),
        (None, Value::Bool(false)) => format!("{to} doesn't hold the same as {from}"),
        (None, _) => format!("{rows} rows moved from {from} to {to}, read again and compared"),
    });
    lines
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A database as it was named.
enum Place {
    /// Its folder, and the file in it.
    Embedded(PathBuf, PathBuf),
    Shared {
        url: DatabaseUrl,
        password: Option<Secret>,
        shown: String,
    },
}

fn source(matches: &ArgMatches, settings: &Settings) -> Result<Place> {
    match matches.get_one::<String>("from") {
        Some(text) => Place::named("from", text, settings),
        None => Ok(Place::folder(settings.data_folder()?)),
    }
}

fn target(matches: &ArgMatches, settings: &Settings) -> Result<Place> {
    match (matches.get_one::<String>("to"), &settings.database) {
        (Some(text), _) => Place::named("to", text, settings),
        (None, Some(url)) => Place::named("to", url.expose(), settings),
        (None, None) => Err(Error::invalid("to", "must name the target")
            .with_fix("name it: --to postgres://user@host/name, or --to sqlite:FOLDER")),
    }
}

impl Place {
    /// # Errors
    /// `INVALID_ARGUMENT` naming the flag, never what was given.
    fn named(flag: &str, text: &str, settings: &Settings) -> Result<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
            if path.as_os_str().is_empty() {
                return Err(Error::invalid(flag, "must name a folder after sqlite:"));
            }
            if path.file_name().is_some_and(|name| name == FILE_NAME) && !path.is_dir() {
                let folder = path.parent().map(PathBuf::from).unwrap_or_default();
                let folder = if folder.as_os_str().is_empty() { ".".into() } else { folder };
                return Ok(Self::Embedded(folder, path));
            }
            if path.is_file() && flag == "from" {
                return Ok(Self::Embedded(PathBuf::new(), path));
            }
            if path.is_file() {
                let rule = format!("must be a folder, or {FILE_NAME} in one");
                return Err(Error::invalid(flag, rule));
            }
            return Ok(Self::folder(path));
        }
        if !["postgres://", "postgresql://"].iter().any(|start| text.starts_with(start)) {
            return Err(Error::invalid(flag, "must begin with sqlite: or postgres://"));
        }
        let shown = Postgres::shown(text).map_err(|error| under(flag, error))?;
        let (url, password) = (DatabaseUrl::new(text.to_owned()), settings.database_password());
        Ok(Self::Shared { url, password, shown })
    }

    fn folder(folder: PathBuf) -> Self {
        let file = folder.join(FILE_NAME);
        Self::Embedded(folder, file)
    }

    /// Where it is, without user and password.
    fn shown(&self) -> String {
        match self {
            Self::Embedded(_, file) => format!("sqlite:{}", file.display()),
            Self::Shared { shown, .. } => shown.clone(),
        }
    }

    /// Whether there is something to look at: a file may be one that would be made.
    fn is_there(&self) -> bool {
        match self {
            Self::Embedded(_, file) => file.is_file(),
            Self::Shared { .. } => true,
        }
    }

    fn side(&self, flag: &str) -> Result<Box<dyn Side>> {
        let opened = match self {
            Self::Embedded(_, file) => Sqlite::side(file),
            Self::Shared { url, password, .. } => Postgres::side(url.expose(), password.as_ref()),
        };
        opened.map_err(|error| under(flag, error))
    }

    fn target(&self) -> Result<Box<dyn Target>> {
        let opened = match self {
            Self::Embedded(folder, _) => Sqlite::target(folder),
            Self::Shared { url, password, .. } => Postgres::target(url.expose(), password.as_ref()),
        };
        opened.map_err(|error| under("to", error))
    }
}

/// Says which of the two an error is of.
fn under(flag: &str, error: Error) -> Error {
    let side = if flag == "from" { "source" } else { "target" };
    let rule = error.details().get("fields").and_then(|fields| fields[0]["rule"].as_str());
    if let Some(rule) = rule {
        return Error::invalid(flag, rule.to_owned());
    }
    let cause = error.cause().map_or_else(|| error.message().to_owned(), ToString::to_string);
    match error.code() {
        Code::Unavailable => Error::new(Code::Unavailable, format!("the {side} can't be reached"))
            .with_fix(format!("check that it runs, and that `--{flag}` names it"))
            .with_cause(cause),
        Code::NotFound | Code::PermissionDenied => {
            let fix = error.fix().unwrap_or_default().to_owned();
            Error::new(error.code(), format!("of the {side}: {}", error.message()))
                .with_fix(fix)
                .with_cause(cause)
        }
        _ => error,
    }
}

/// Says on standard error how far it has come.
struct Voice {
    is_quiet: bool,
    /// What is being done, since when, and how many rows there were then.
    doing: Option<(String, Instant, u64)>,
    said_at: Instant,
}

impl Voice {
    fn new(is_quiet: bool) -> Self {
        Self { is_quiet, doing: None, said_at: Instant::now() }
    }

    fn tell(&mut self, progress: &Progress<'_>) {
        if self.is_quiet || progress.of == 0 {
            return;
        }
        let now = Instant::now();
        let doing = format!("{} {}", progress.doing, progress.table);
        let is_new = self.doing.as_ref().is_none_or(|(known, ..)| *known != doing);
        if is_new {
            self.doing = Some((doing.clone(), now, progress.rows));
        }
        let (rows, of) = (grouped(progress.rows), grouped(progress.of));
        let mut line = format!("{doing}: {rows} of {of} rows");
        if let Some((_, since, before)) = &self.doing {
            let milliseconds = u64::try_from(now.duration_since(*since).as_millis()).unwrap_or(0);
            let done = progress.rows.saturating_sub(*before);
            if let Some(rate) = (done * 1_000).checked_div(milliseconds).filter(|rate| *rate > 0) {
                let _ = write!(line, ", {} rows/s", grouped(rate));
            }
        }
        if show::is_watched() {
            show::progress(&format!("{line:<72}"));
        } else if is_new || now.duration_since(self.said_at) >= SAY_EVERY {
            self.said_at = now;
            show::say(&line);
        }
    }

    fn end(&mut self) {
        if !self.is_quiet {
            show::progress_ends();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(flag: &str, text: &str) -> Result<Place> {
        Place::named(flag, text, &Settings::default())
    }

    #[test]
    fn a_database_is_named_by_its_folder_or_its_file() {
        for (text, file) in [
            ("sqlite:some/folder", "sqlite:some/folder/memoranda.db"),
            ("sqlite:some/folder/memoranda.db", "sqlite:some/folder/memoranda.db"),
            ("sqlite:memoranda.db", "sqlite:memoranda.db"),
            ("sqlite:///some/folder", "sqlite:/some/folder/memoranda.db"),
            ("postgres://ada:hunter2@db.example/team", "postgres://db.example:5432/team"),
        ] {
            assert_eq!(named("to", text).map(|place| place.shown()).expect("a place"), file);
        }
    }

    #[test]
    fn a_refusal_names_the_flag_and_repeats_nothing() {
        for text in
            ["mysql://ada:hunter2@h/x", "postgres://ada:hunter2@h:x/x", "sqlite:", "hunter2"]
        {
            let refused = named("from", text).err().expect("refused");

            assert_eq!(refused.code(), Code::InvalidArgument);
            let message = refused.message();
            assert!(
                message.starts_with("`from` must ") && !message.contains("hunter2"),
                "{message}"
            );
        }
    }

    #[test]
    fn thousands_are_told_apart() {
        let shown = [0, 999, 1_000, 1_234_567].map(grouped);

        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
    }
}
