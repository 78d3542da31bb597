//! Settings: file, then environment, then flags; the later wins. The only reader of the
//! environment and of the configuration file.

mod answers;
mod limits;
mod recall;

use std::path::{Path, PathBuf};

use etcetera::AppStrategy;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::core::error::{Code, Error, Result};
use crate::core::secret::Secret;

pub use answers::AnswerLines;
pub use limits::LimitLines;
pub use recall::RecallLines;

/// The variable that holds the API key, unless another is named.
pub const API_KEY_VARIABLE: &str = "MEMORANDA_API_KEY";

/// What may be set, by file, variable or flag. Every line of the file has its variable
/// `MEMORANDA_<NAME>` and its flag `--<name>`; a table of the file adds nothing to their names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Settings {
    /// The folder of the embedded database; the platform's data folder if left out
    pub data: Option<PathBuf>,
    /// The URL of a PostgreSQL database, instead of the embedded one: postgres://user@host/name
    #[serde(skip_serializing)]
    #[schemars(with = "Option<String>")]
    pub database: Option<DatabaseUrl>,
    /// The address to listen on; 127.0.0.1:7420 if left out
    pub listen: Option<String>,
    /// The URL under which others reach this server; needed to listen beyond loopback
    pub public_url: Option<String>,
    /// The server that `stdio` and the commands talk to, instead of the embedded database
    pub url: Option<String>,
    /// The name of the variable that holds the API key
    pub api_key_env: Option<String>,
    /// The agent id to act as
    pub agent_id: Option<String>,
    /// The toolsets that MCP shows: identity, memory, work, admin, or all
    pub toolsets: Option<String>,
    /// What is logged: off, error, warn, info or debug
    pub log: Option<String>,
    /// The proxies whose `X-Forwarded-For` is believed: addresses and networks, with commas between
    pub trusted_proxies: Option<String>,
    pub limits: LimitLines,
    pub answers: AnswerLines,
    pub recall: RecallLines,
}

/// The URL of a database. It may hold a password, so it has no way to be printed.
#[derive(Debug, Clone)]
pub struct DatabaseUrl(Secret);

impl DatabaseUrl {
    /// Wraps a URL as it was given; whether it is one shows when it is used.
    #[must_use]
    pub fn new(url: String) -> Self {
        Self(Secret::new(url))
    }

    /// The URL itself, for the engine.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl PartialEq for DatabaseUrl {
    fn eq(&self, other: &Self) -> bool {
        self.0.matches(&other.0)
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl Settings {
    /// Reads file and environment, and lays the flags over them.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when the file can't be read or has a line that isn't known, and for a limit
    /// that is none.
    pub fn load(file: Option<&Path>, flags: Settings) -> Result<Self> {
        let path = file.map(Path::to_owned).or_else(|| variable("CONFIG").map(PathBuf::from));
        let lines = match path {
            Some(path) => from_file(&path)?,
            // The usual place is read if there is something; a named file must be there.
            None => match folders().map(|folders| folders.config_dir().join("config.toml")) {
                Some(path) if path.is_file() => from_file(&path)?,
                _ => Settings::default(),
            },
        };
        let mut settings = flags.over(from_environment()?).over(lines);
        settings.limits.check()?;
        settings.answers.check()?;
        settings.recall.check()?;
        Ok(settings)
    }

    /// These, and the others' where these say nothing.
    fn over(self, others: Settings) -> Settings {
        Settings {
            data: self.data.or(others.data),
            database: self.database.or(others.database),
            listen: self.listen.or(others.listen),
            public_url: self.public_url.or(others.public_url),
            url: self.url.or(others.url),
            api_key_env: self.api_key_env.or(others.api_key_env),
            agent_id: self.agent_id.or(others.agent_id),
            toolsets: self.toolsets.or(others.toolsets),
            log: self.log.or(others.log),
            trusted_proxies: self.trusted_proxies.or(others.trusted_proxies),
            limits: self.limits.over(others.limits),
            answers: self.answers.over(others.answers),
            recall: self.recall.over(others.recall),
        }
    }

    /// The folder of the embedded database.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when none is set and the platform names none.
    pub fn data_folder(&self) -> Result<PathBuf> {
        self.data.clone().or_else(|| folders().map(|folders| folders.data_dir())).ok_or_else(|| {
            Error::new(Code::InvalidArgument, "no data folder is known")
                .with_fix("name one with `--data DIR` or MEMORANDA_DATA")
        })
    }

    /// The password of the database, for a URL that has none: libpq's own variable.
    #[must_use]
    pub fn database_password(&self) -> Option<Secret> {
        std::env::var("PGPASSWORD").ok().filter(|password| !password.is_empty()).map(Secret::new)
    }

    /// The key of the language model for `answer`, if there is one: it stands in the environment alone.
    #[must_use]
    pub fn answer_key(&self) -> Option<Secret> {
        variable("ANSWER_KEY").map(Secret::new)
    }

    /// The key of the server of embeddings, if there is one: it stands in the environment alone.
    #[must_use]
    pub fn embed_key(&self) -> Option<Secret> {
        variable("EMBED_KEY").map(Secret::new)
    }

    /// The API key of the environment, if there is one.
    #[must_use]
    pub fn api_key(&self) -> Option<Secret> {
        let name = self.api_key_env.as_deref().unwrap_or(API_KEY_VARIABLE);
        std::env::var(name).ok().filter(|key| !key.trim().is_empty()).map(Secret::new)
    }
}

fn folders() -> Option<impl AppStrategy> {
    etcetera::choose_app_strategy(etcetera::AppStrategyArgs {
        top_level_domain: "org".to_owned(),
        author: "memoranda".to_owned(),
        app_name: "memoranda".to_owned(),
    })
    .ok()
}

fn variable(name: &str) -> Option<String> {
    std::env::var(format!("MEMORANDA_{name}")).ok().filter(|value| !value.trim().is_empty())
}

/// The names of the variables that begin as ours do, known or not.
#[must_use]
pub fn variable_names() -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut ours: Vec<String> = names.filter(|name| name.starts_with("MEMORANDA_")).collect();
    ours.sort_unstable();
    ours
}

fn from_environment() -> Result<Settings> {
    Ok(Settings {
        data: variable("DATA").map(PathBuf::from),
        database: variable("DATABASE").map(DatabaseUrl::new),
        listen: variable("LISTEN"),
        public_url: variable("PUBLIC_URL"),
        url: variable("URL"),
        api_key_env: variable("API_KEY_ENV"),
        agent_id: variable("AGENT_ID"),
        toolsets: variable("TOOLSETS"),
        log: variable("LOG"),
        trusted_proxies: variable("TRUSTED_PROXIES"),
        limits: LimitLines::from_environment()?,
        answers: AnswerLines::from_environment()?,
        recall: RecallLines::from_environment()?,
    })
}

fn from_file(path: &Path) -> Result<Settings> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new(Code::InvalidArgument, "the configuration file can't be read").with_cause(error)
    })?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        Error::new(
            Code::InvalidArgument,
            format!("line {line} of the configuration file can't be understood"),
        )
        .with_fix("`memoranda help config` lists what may be set")
        .with_cause(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_a_line_of_the_file() {
        let file: Settings =
            toml::from_str("listen = \"127.0.0.1:1\"\nlog = \"debug\"").expect("valid");
        let flags = Settings { listen: Some("127.0.0.1:2".into()), ..Settings::default() };

        let settings = flags.over(file);

        assert_eq!(settings.listen.as_deref(), Some("127.0.0.1:2"));
        assert_eq!(settings.log.as_deref(), Some("debug"));
    }

    #[test]
    fn the_url_of_a_database_is_never_printed() {
        let file: Settings =
            toml::from_str("database = \"postgres://ada:hunter2@h/t\"").expect("valid");

        assert!(!format!("{file:?}").contains("hunter2"));
        assert!(!serde_json::to_string(&file).expect("serializes").contains("hunter2"));
        assert_eq!(file.database, Some(DatabaseUrl::new("postgres://ada:hunter2@h/t".into())));
    }

    #[test]
    fn a_line_that_is_not_known_is_refused_by_its_number() {
        let folder = std::env::temp_dir().join(format!("memoranda-config-{}", std::process::id()));
        std::fs::write(&folder, "log = \"info\"\nlisten-on = \"x\"\n").expect("written");

        let error = from_file(&folder).expect_err("refused");

        std::fs::remove_file(&folder).expect("removed");
        assert!(error.message().contains("line 2"), "{}", error.message());
    }
}
