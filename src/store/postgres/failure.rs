//! What a driver's error means for a unit of work, and what of it may be said.

use std::error::Error as StdError;
use std::fmt;

use tokio_postgres::error::{Error as PgError, Severity};

use crate::core::error::{Code, Error};

/// What can be done after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// Another unit was in the way: run this one again.
    Race,
    /// The connection is lost, or not good for writing any more: take another.
    Broken,
    /// The statement was refused; the same one will be again.
    Refused,
}

/// Error classes and codes (SQLSTATE) after which the connection is of no use: connection
/// exceptions, a server that ends or starts, a server that became a standby, a statement that was
/// prepared elsewhere.
const BROKEN: [&str; 8] = ["08", "57P01", "57P02", "57P03", "57P05", "25006", "25P03", "26000"];

/// Those that pass by themselves: no resources, cancelled by a time-out, a lock that wasn't given,
/// an error of the operating system.
const PASSING: [&str; 4] = ["53", "57014", "55P03", "58"];

impl Failure {
    pub(super) fn of(error: &PgError) -> Self {
        let Some(said) = error.as_db_error() else {
            // A value or a row that isn't of its type is a defect of ours, and nothing else was lost.
            let text = error.to_string();
            let is_ours = ["serializing", "column", "parameters", "number of"];
            return if is_ours.iter().any(|word| text.contains(word)) {
                Failure::Refused
            } else {
                Failure::Broken
            };
        };
        let code = said.code().code();
        if matches!(code, "40001" | "40P01") {
            return Failure::Race;
        }
        let is_fatal = matches!(said.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
        if is_fatal || BROKEN.iter().any(|broken| code.starts_with(broken)) {
            return Failure::Broken;
        }
        Failure::Refused
    }
}

impl From<PgError> for Error {
    /// A driver's error, for the log; what the caller reads is ours.
    fn from(error: PgError) -> Self {
        let code = error.code().map(|code| code.code().to_owned());
        let code = code.as_deref().unwrap_or_default();
        match Failure::of(&error) {
            Failure::Race | Failure::Broken => Error::unavailable(Cause::of(&error)),
            Failure::Refused if PASSING.iter().any(|class| code.starts_with(class)) => {
                Error::unavailable(Cause::of(&error))
            }
            // Names are looked for before they are written, so this is a race that was lost.
            Failure::Refused if code == "23505" => {
                Error::new(Code::AlreadyExists, "something of this name exists already")
                    .with_fix("choose another name, or read it again")
                    .with_cause(Cause::of(&error))
            }
            Failure::Refused => Error::internal(Cause::of(&error)),
        }
    }
}

/// What of a driver's error goes to the log: never its text, which may quote what is stored.
#[derive(Debug)]
pub(super) struct Cause(String);

impl Cause {
    pub(super) fn of(error: &PgError) -> Self {
        let Some(said) = error.as_db_error() else {
            let mut text = error.to_string();
            let mut below = error.source();
            while let Some(cause) = below {
                text = format!("{text}: {cause}");
                below = cause.source();
            }
            return Self(text);
        };
        let place = said.constraint().or(said.table()).or(said.routine()).unwrap_or("?");
        Self(format!("SQLSTATE {} at {place}", said.code().code()))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Cause {}
