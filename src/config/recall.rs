//! The lines under `[recall]`: which model knows meanings, and how much memory indexes may take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::variable;
use crate::core::error::{Error, Result};

/// How memories are found, in the file under `[recall]`; the key of an endpoint stands in
/// `MEMORANDA_EMBED_KEY`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct RecallLines {
    /// Whether memories are found by words alone, without any model
    pub no_model: Option<bool>,
    /// A folder with `words.pack` and `layers.pack` of another model; the built-in one if left out
    pub model_dir: Option<String>,
    /// The base URL of an OpenAI-compatible server of embeddings, such as http://127.0.0.1:11434/v1;
    /// no host is asked if left out
    pub embed_url: Option<String>,
    /// The model that it is asked for
    pub embed_model: Option<String>,
    /// Mebibytes that the indexes of all teams may take together; 1024 if left out
    pub recall_memory: Option<u32>,
    /// Vectors of a team from which the database's own index finds the nearest, where it has pgvector;
    /// 200000 if left out, 0 for never
    pub vector_index_from: Option<u32>,
}

impl RecallLines {
    /// Reads lines from somewhere, as text.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the line.
    pub fn read(text_of: impl Fn(&'static str) -> Option<String>) -> Result<Self> {
        let number = |name: &'static str, rule: &'static str| {
            let read = |text: String| text.trim().parse().map_err(|_| Error::invalid(name, rule));
            text_of(name).map(read).transpose()
        };
        let truth = |text: String| match text.trim() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err(Error::invalid("no-model", "must be true or false")),
        };
        Ok(Self {
            no_model: text_of("no-model").map(truth).transpose()?,
            model_dir: text_of("model-dir"),
            embed_url: text_of("embed-url"),
            embed_model: text_of("embed-model"),
            recall_memory: number("recall-memory", "must be a whole number of mebibytes")?,
            vector_index_from: number("vector-index-from", "must be a whole number of vectors")?,
        })
    }

    pub(super) fn from_environment() -> Result<Self> {
        Self::read(|name| variable(&name.to_uppercase().replace('-', "_")))
    }

    /// These, and the others' where these say nothing.
    pub(super) fn over(self, others: Self) -> Self {
        Self {
            no_model: self.no_model.or(others.no_model),
            model_dir: self.model_dir.or(others.model_dir),
            embed_url: self.embed_url.or(others.embed_url),
            embed_model: self.embed_model.or(others.embed_model),
            recall_memory: self.recall_memory.or(others.recall_memory),
            vector_index_from: self.vector_index_from.or(others.vector_index_from),
        }
    }

    /// Refuses what can't work, and a URL that would show a password.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the line.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(url) = &self.embed_url {
            let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
            if host.is_empty() || host.contains('@') {
                let rule = "must be like http://127.0.0.1:11434/v1, without user and password";
                return Err(Error::invalid("embed-url", rule)
                    .with_fix("put the key into MEMORANDA_EMBED_KEY"));
            }
            if self.embed_model.is_none() {
                return Err(Error::invalid("embed-model", "must be named beside `embed-url`"));
            }
            if self.model_dir.is_some() {
                return Err(Error::invalid("model-dir", "must be left out beside `embed-url`"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &'static str, text: &str) -> Result<RecallLines> {
        RecallLines::read(|asked| (asked == name).then(|| text.to_owned()))
    }

    #[test]
    fn what_is_neither_true_nor_a_number_is_refused_by_its_name() {
        assert_eq!(read("no-model", "1").expect("read").no_model, Some(true));
        assert_eq!(read("no-model", "off").expect("read").no_model, Some(false));
        assert_eq!(read("recall-memory", " 64 ").expect("read").recall_memory, Some(64));
        for (name, text) in
            [("no-model", "perhaps"), ("recall-memory", "1 GiB"), ("vector-index-from", "many")]
        {
            let error = read(name, text).expect_err("refused");
            assert!(error.message().starts_with(&format!("`{name}` ")), "{}", error.message());
        }
    }

    #[test]
    fn what_can_not_work_is_refused_by_its_name() {
        let lines = |url: &str, model: Option<&str>, folder: Option<&str>| RecallLines {
            embed_url: Some(url.to_owned()),
            embed_model: model.map(str::to_owned),
            model_dir: folder.map(str::to_owned),
            ..RecallLines::default()
        };

        assert!(lines("http://127.0.0.1:1/v1", Some("m"), None).check().is_ok());
        assert!(RecallLines::default().check().is_ok());
        for (lines, name) in [
            (lines("127.0.0.1:1", Some("m"), None), "embed-url"),
            (lines("https://ada:hunter2@h/v1", Some("m"), None), "embed-url"),
            (lines("http://h", None, None), "embed-model"),
            (lines("http://h", Some("m"), Some("folder")), "model-dir"),
        ] {
            let error = lines.check().expect_err("refused");
            assert!(error.message().starts_with(&format!("`{name}` ")), "{}", error.message());
            assert!(!error.message().contains("hunter2"));
        }
    }

    #[test]
    fn each_line_is_laid_over_its_own() {
        let all = |mark: &str| RecallLines {
            no_model: Some(mark == "high"),
            model_dir: Some(format!("{mark} a")),
            embed_url: Some(format!("{mark} b")),
            embed_model: Some(format!("{mark} c")),
            recall_memory: u32::try_from(mark.len()).ok(),
            vector_index_from: u32::try_from(mark.len() + 1).ok(),
        };

        assert_eq!(all("high").over(all("low")), all("high"));
        assert_eq!(RecallLines::default().over(all("low")), all("low"));
    }
}
