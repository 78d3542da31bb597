//! The lines under `[limits]`: defaults that no honest agent meets, and where they are changed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::variable;
use crate::core::error::{Error, Result};

/// Limits of `serve`, in the file under `[limits]`; what is left out keeps its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LimitLines {
    /// Requests a second that one key may make for long; 0 for no limit; 200 if left out
    pub requests_per_second: Option<u32>,
    /// Requests that one key may make at once, after a pause; 2000 if left out
    pub request_burst: Option<u32>,
    /// Failed sign-ins of one address, at once and then each minute; 0 for no limit; 20 if left out
    pub failed_sign_ins: Option<u32>,
    /// Secrets that are hashed or checked at once, each on a core, with 19 MiB; 2 if left out
    pub secrets_at_once: Option<u32>,
    /// Seconds that a secret waits for its turn, before 503; 10 if left out
    pub secret_seconds: Option<u32>,
    /// Streams that one key may have open; 8 if left out
    pub streams_per_key: Option<u32>,
    /// Connections that may be open; others wait; 900 if left out
    pub connections: Option<u32>,
    /// The largest body of a request, in bytes; 4194304 if left out
    pub body_bytes: Option<u32>,
    /// Seconds that a request's head may take, and a connection may be idle; 30 if left out
    pub header_seconds: Option<u32>,
    /// Seconds that a request may take to arrive and be answered; 60 if left out
    pub request_seconds: Option<u32>,
    /// Seconds that running requests may take to end once the server stops; 10 if left out
    pub shutdown_seconds: Option<u32>,
    /// Minutes between two sweeps by the policies of retention; 0 for never; 60 if left out
    pub sweep_minutes: Option<u32>,
}

/// One line: its name, and the least that it may be.
type Line<'a> = (&'static str, u32, &'a mut Option<u32>);

impl LimitLines {
    /// Every line, in the order in which people read them.
    pub fn lines(&mut self) -> [Line<'_>; 12] {
        [
            ("requests-per-second", 0, &mut self.requests_per_second),
            ("request-burst", 1, &mut self.request_burst),
            ("failed-sign-ins", 0, &mut self.failed_sign_ins),
            ("secrets-at-once", 1, &mut self.secrets_at_once),
            ("secret-seconds", 1, &mut self.secret_seconds),
            ("streams-per-key", 1, &mut self.streams_per_key),
            ("connections", 1, &mut self.connections),
            ("body-bytes", 1024, &mut self.body_bytes),
            ("header-seconds", 1, &mut self.header_seconds),
            ("request-seconds", 1, &mut self.request_seconds),
            ("shutdown-seconds", 0, &mut self.shutdown_seconds),
            ("sweep-minutes", 0, &mut self.sweep_minutes),
        ]
    }

    /// Reads lines from somewhere, as text; `off` is 0.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the line.
    pub fn read(text_of: impl Fn(&'static str) -> Option<String>) -> Result<Self> {
        let mut limits = Self::default();
        for (name, _, value) in limits.lines() {
            let Some(text) = text_of(name) else { continue };
            let text = if text.trim() == "off" { "0" } else { text.trim() };
            let number =
                text.parse().map_err(|_| Error::invalid(name, "must be a whole number"))?;
            *value = Some(number);
        }
        Ok(limits)
    }

    pub(super) fn from_environment() -> Result<Self> {
        Self::read(|name| variable(&name.to_uppercase().replace('-', "_")))
    }

    /// These, and the others' where these say nothing.
    pub(super) fn over(mut self, mut others: Self) -> Self {
        for ((_, _, ours), (_, _, theirs)) in self.lines().into_iter().zip(others.lines()) {
            *ours = ours.or(*theirs);
        }
        self
    }

    /// Refuses what would serve nobody.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the line.
    pub(super) fn check(&mut self) -> Result<()> {
        for (name, least, value) in self.lines() {
            if value.is_some_and(|value| value < least) {
                return Err(Error::invalid(name, format!("must be at least {least}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_is_nought_and_what_is_no_number_is_refused_by_name() {
        let read = |name: &'static str, text: &str| {
            LimitLines::read(|asked| (asked == name).then(|| text.to_owned()))
        };

        assert_eq!(read("failed-sign-ins", "off").expect("read").failed_sign_ins, Some(0));
        assert_eq!(read("body-bytes", " 2048 ").expect("read").body_bytes, Some(2048));
        for text in ["many", "-1", "1.5", "4294967296"] {
            let error = read("connections", text).expect_err("refused");
            assert!(error.message().starts_with("`connections` "), "{}", error.message());
        }
    }

    #[test]
    fn what_would_serve_nobody_is_refused() {
        for (name, least, _) in LimitLines::default().lines() {
            let set =
                |number: u32| LimitLines::read(|asked| (asked == name).then(|| number.to_string()));
            assert!(set(least).expect("read").check().is_ok(), "{name}");
            let below = least.checked_sub(1).map(|below| set(below).expect("read").check());
            assert!(below.is_none_or(|checked| checked.is_err()), "{name}");
        }
    }

    #[test]
    fn each_line_is_laid_over_its_own() {
        let mut number = 0;
        let mut numbered = || {
            number += 1;
            LimitLines::read(|_| Some(number.to_string())).expect("read")
        };
        let (low, high) = (numbered(), numbered());

        assert_eq!(high.clone().over(low.clone()), high);
        assert_eq!(LimitLines::default().over(low.clone()), low);
    }
}
