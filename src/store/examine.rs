//! What can be said of a database from outside, without changing it: for `memoranda doctor`.
//!
//! Each engine has an `examine.rs`. It opens what is there as it is: no folder, file or schema is
//! made, and nothing is brought up to date. It works while servers run.

use super::moving::{MARKER, unfinished};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Ok,
    /// It works, and somebody should know.
    Warn,
    Fail,
}

impl State {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warn => "warn",
            State::Fail => "fail",
        }
    }
}

/// What one check found, in words for people. Never what is stored, never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub check: &'static str,
    pub state: State,
    pub says: String,
    /// What to do next.
    pub fix: Option<String>,
}

impl Finding {
    /// All is well.
    #[must_use]
    pub fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self { check, state: State::Ok, says: says.into(), fix: None }
    }

    /// It works, and somebody should know.
    #[must_use]
    pub fn warn(check: &'static str, says: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, state: State::Warn, says: says.into(), fix: Some(fix.into()) }
    }

    /// It doesn't work, or what is kept is in danger.
    #[must_use]
    pub fn fail(check: &'static str, says: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, state: State::Fail, says: says.into(), fix: Some(fix.into()) }
    }
}

/// What was found, and whether the database can be opened without changing it: its schema is there
/// and of this version.
#[derive(Debug)]
pub struct Examined {
    pub findings: Vec<Finding>,
    pub is_current: bool,
}

/// Compares the steps of a schema that were done with those that this version knows.
pub(super) fn schema(done: &[String], known: &[&str]) -> (Finding, bool) {
    let check = "schema";
    if done.iter().any(|name| name == MARKER) {
        let error = unfinished();
        let fix = error.fix().unwrap_or_default().to_owned();
        return (Finding::fail(check, error.message().to_owned(), fix), false);
    }
    let missing = known.iter().filter(|step| !done.iter().any(|name| name == *step)).count();
    if done.iter().any(|name| !known.contains(&name.as_str())) {
        let fix = "install the version that wrote it, or a newer one";
        return (Finding::fail(check, "a newer version of memoranda wrote it", fix), false);
    }
    if done.is_empty() {
        let fix = "`memoranda init` or the first `memoranda serve` makes it";
        return (Finding::warn(check, "there is none yet", fix), false);
    }
    if missing > 0 {
        let says = format!("{missing} steps behind this version");
        let fix = "make a backup; the next start of this version brings it up to date";
        return (Finding::warn(check, says, fix), false);
    }
    (Finding::ok(check, format!("{} steps, as this version knows them", known.len())), true)
}

/// Compares how many memories should be found by their words with how many are.
pub(super) fn full_text(unfound: i64, left_over: i64) -> Finding {
    let check = "full text";
    if unfound == 0 && left_over == 0 {
        return Finding::ok(check, "in step with the memories");
    }
    Finding::fail(
        check,
        format!("{unfound} memories aren't indexed, {left_over} entries have no memory"),
        "restore a backup of before, or export the memories and import them into a new database",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_current_behind_ahead_or_not_there() {
        let done = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let state = |names: &[&str]| {
            let (finding, is_current) = schema(&done(names), &["1_a", "2_b"]);
            (finding.state, is_current)
        };

        assert_eq!(state(&["1_a", "2_b"]), (State::Ok, true));
        assert_eq!(state(&["1_a"]), (State::Warn, false));
        assert_eq!(state(&["1_a", "2_b", "3_c"]), (State::Fail, false));
        assert_eq!(state(&[]), (State::Warn, false));
        assert_eq!(state(&["1_a", "2_b", MARKER]), (State::Fail, false));
    }
}
