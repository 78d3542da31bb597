//! The lines under `[answers]`: a language model that writes prose from cited statements. Nothing is
//! asked of any host unless they are set.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::variable;
use crate::core::error::{Error, Result};

/// A language model for `answer`, in the file under `[answers]`; its key stands in
/// `MEMORANDA_ANSWER_KEY`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AnswerLines {
    /// The base URL of an OpenAI-compatible server, such as http://127.0.0.1:11434/v1; none is asked
    /// if left out
    pub answer_url: Option<String>,
    /// The model that it is asked for
    pub answer_model: Option<String>,
    /// Seconds that it may take, before the statements stand for themselves; 20 if left out
    pub answer_seconds: Option<u32>,
}

/// How long the model may be given: less than a request may take by default.
const SECONDS: std::ops::RangeInclusive<u32> = 1..=50;

impl AnswerLines {
    /// Reads lines from somewhere, as text.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the line.
    pub fn read(text_of: impl Fn(&'static str) -> Option<String>) -> Result<Self> {
        let number = |text: String| {
            let read = text.trim().parse();
            read.map_err(|_| Error::invalid("answer-seconds", "must be a whole number"))
        };
        Ok(Self {
            answer_url: text_of("answer-url"),
            answer_model: text_of("answer-model"),
            answer_seconds: text_of("answer-seconds").map(number).transpose()?,
        })
    }

    pub(super) fn from_environment() -> Result<Self> {
        Self::read(|name| variable(&name.to_uppercase().replace('-', "_")))
    }

    /// These, and the others' where these say nothing.
    pub(super) fn over(self, others: Self) -> Self {
        Self {
            answer_url: self.answer_url.or(others.answer_url),
            answer_model: self.answer_model.or(others.answer_model),
            answer_seconds: self.answer_seconds.or(others.answer_seconds),
        }
    }

    /// Refuses what can't work, and a URL that would show a password.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the line.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(url) = &self.answer_url {
            let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
            if host.is_empty() || host.contains('@') {
                let rule = "must be like http://127.0.0.1:11434/v1, without user and password";
                return Err(Error::invalid("answer-url", rule)
                    .with_fix("put the key into MEMORANDA_ANSWER_KEY"));
            }
            if self.answer_model.is_none() {
                return Err(Error::invalid("answer-model", "must be named beside `answer-url`"));
            }
        }
        if self.answer_seconds.is_some_and(|seconds| !SECONDS.contains(&seconds)) {
            return Err(Error::invalid("answer-seconds", "must be 1 to 50"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_work_is_refused_by_its_name() {
        let lines = |url: &str, model: Option<&str>, seconds: u32| AnswerLines {
            answer_url: Some(url.to_owned()),
            answer_model: model.map(str::to_owned),
            answer_seconds: Some(seconds),
        };

        assert!(lines("http://127.0.0.1:1/v1", Some("m"), 50).check().is_ok());
        assert!(AnswerLines::default().check().is_ok());
        for (lines, name) in [
            (lines("127.0.0.1:1", Some("m"), 1), "answer-url"),
            (lines("https://ada:hunter2@h/v1", Some("m"), 1), "answer-url"),
            (lines("ftp://h", Some("m"), 1), "answer-url"),
            (lines("http://h", None, 1), "answer-model"),
            (lines("http://h", Some("m"), 0), "answer-seconds"),
            (lines("http://h", Some("m"), 51), "answer-seconds"),
        ] {
            let error = lines.check().expect_err("refused");
            assert!(error.message().starts_with(&format!("`{name}` ")), "{}", error.message());
            assert!(!error.message().contains("hunter2"));
        }
    }
}
