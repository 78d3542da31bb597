//! The secret guard: keeps credentials out of arguments, and so out of everything that is stored or
//! logged.
//!
//! Agents paste what they have: a header into a memory, a connection URL into a task. Once stored
//! it is recalled by others, exported and backed up. So every call's arguments pass here first,
//! before the operation runs and before anything is recorded.
//!
//! The one idea: **a secret is known by its name or by its form.** A *name* that promises a secret
//! (`api_key`) is refused whatever it holds, because that field should not exist. A *value* of a
//! known form (`ghp_…`) is treated as the team's [`Policy`] says. What the guard says about a
//! finding is where and what kind, never the value: a [`Finding`] is safe to log, to store and to
//! answer with.
//!
//! It stops accidents, not a caller who means to hide a secret; splitting one in two gets it
//! through. Time is linear in the size of the arguments.
//!
//! Next: `names.rs` for the refused names, `values.rs` for the table of formats (`search.rs` finds
//! them, `walk.rs` visits a document).

mod names;
mod search;
#[cfg(test)]
mod tests;
mod values;
mod walk;

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use serde_json::{Map, Value};

use search::{Formats, Span, TESTED};
use walk::{Step, Walk};

/// The `kind` of a finding that is about a name: the field itself must go, not only its value.
pub const SECRET_NAME: &str = "secret_name";

/// Begins what stands for a redacted secret; its kind and `]` follow.
const MARK: &str = "[redacted:";

/// Longest part of a path that comes from one name, in characters.
const SHOWN_NAME: usize = 64;

/// How many redactions one call lists. All are made; a longer list helps nobody, and each repeats a
/// path.
const LISTED: usize = 100;

/// What a team wants done with values that are secrets. Refused names are refused under every
/// policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// The call is refused.
    #[default]
    Reject,
    /// The secret is replaced by `[redacted:<kind>]`, and the call goes on.
    Redact,
    /// The value passes as it is.
    Allow,
}

impl Policy {
    /// The policy's name in configuration and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Redact => "redact",
            Self::Allow => "allow",
        }
    }

    /// Reads a policy's name; `None` for any other text.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Reject, Self::Redact, Self::Allow].into_iter().find(|policy| policy.as_str() == name)
    }
}

/// Where a secret was found and of what kind, but never the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The place, as in `items[2].metadata.api_key`; empty when the whole argument is one string.
    ///
    /// For people: secrets in names are redacted, long names elided, invisible characters replaced,
    /// and a dot in a name isn't escaped.
    pub path: String,
    /// The format's name (`github_token`), a name from configuration, or [`SECRET_NAME`].
    pub kind: String,
}

/// A configured pattern that can't be used; it says which, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// The kind as configured.
    pub kind: String,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "secret pattern `{}` must have a kind of 1 to 40 characters of `a-z 0-9 _ - .`, and be a \
             regular expression of moderate size that doesn't match the empty text",
            self.kind
        )
    }
}

impl std::error::Error for PatternError {}

/// Looks for secrets in arguments and texts. Make one and share it: compiling its formats takes
/// milliseconds, and is put off until [`Guard::warm_up`] or the first text.
#[derive(Debug)]
pub struct Guard {
    formats: OnceLock<Formats>,
}

impl Default for Guard {
    fn default() -> Self {
        Self::new()
    }
}

impl Guard {
    /// Makes a guard that knows the built-in formats.
    #[must_use]
    pub const fn new() -> Self {
        Self { formats: OnceLock::new() }
    }

    /// Compiles the formats now, so that the first call doesn't wait for it.
    pub fn warm_up(&self) {
        self.formats();
    }

    /// The compiled formats. The built-in table is fixed, and a test compiles it.
    fn formats(&self) -> &Formats {
        self.formats.get_or_init(|| Formats::compile(&[]).expect(TESTED))
    }

    /// Makes a guard that knows more formats, each a kind and a regular expression of the `regex`
    /// crate.
    ///
    /// A group named `secret` marks the part to hide; without one it is the whole match. `(?i)`
    /// folds ASCII letters only. Built-in formats come first where both match.
    ///
    /// # Errors
    /// A [`PatternError`] for the first pattern that doesn't compile, is too large, matches the
    /// empty text, or whose kind isn't 1 to 40 characters of `a-z 0-9 _ - .`. Configuration is read
    /// at start, so it has no code.
    pub fn with_patterns(extra: &[(String, String)]) -> Result<Self, PatternError> {
        Ok(Self { formats: OnceLock::from(Formats::compile(extra)?) })
    }

    /// Checks a call's arguments at any depth, and redacts them in place if the policy says so.
    ///
    /// Lists what was redacted, in document order: each place and kind once, and no more than a
    /// hundred (the rest is redacted unlisted). A name that is itself a secret is treated as a
    /// value is. Nothing is changed unless the answer is a non-empty list.
    ///
    /// # Errors
    /// `SECRET_ARGUMENT`, with the first finding in document order: a refused name under every
    /// policy, a secret value under [`Policy::Reject`].
    pub fn check(&self, arguments: &mut Value, policy: Policy) -> Result<Vec<Finding>, Finding> {
        // Reading first: nearly every call is clean, and a refused one must not be left half
        // redacted.
        let findings = self.inspect(arguments, policy)?;
        if !findings.is_empty() {
            self.redact_all(arguments);
        }
        Ok(findings)
    }

    /// Replaces the secrets in a text by `[redacted:<kind>]`; borrows it when there are none.
    ///
    /// For log lines and other text on its way out. Names aren't known here, only forms.
    #[must_use]
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let spans = self.formats().find(text);
        if spans.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut clean = String::with_capacity(text.len());
        let mut from = 0;
        for Span { range, kind } in spans {
            clean.extend([&text[from..range.start], MARK, kind, "]"]);
            from = range.end;
        }
        clean.push_str(&text[from..]);
        Cow::Owned(clean)
    }

    fn inspect(&self, document: &Value, policy: Policy) -> Result<Vec<Finding>, Finding> {
        let mut findings = Vec::new();
        let mut walk = Walk::new(document);
        while let Some(value) = walk.step() {
            if walk.name().is_some_and(names::is_refused) {
                return Err(self.finding(walk.path(), SECRET_NAME));
            }
            if policy == Policy::Allow || findings.len() == LISTED {
                continue;
            }
            let texts = walk.name().into_iter().chain(value.as_str());
            let mut kinds: Vec<&str> = Vec::new();
            for Span { kind, .. } in texts.flat_map(|text| self.formats().find(text)) {
                if policy == Policy::Reject {
                    return Err(self.finding(walk.path(), kind));
                }
                if !kinds.contains(&kind) && findings.len() < LISTED {
                    findings.push(self.finding(walk.path(), kind));
                    kinds.push(kind);
                }
            }
        }
        Ok(findings)
    }

    fn finding(&self, path: &[Step<'_>], kind: &str) -> Finding {
        let mut shown = String::new();
        for step in path {
            match step {
                Step::Index(index) => shown.extend(["[", &index.to_string(), "]"]),
                Step::Name(name) => {
                    if !shown.is_empty() {
                        shown.push('.');
                    }
                    shown.push_str(&self.shown(name));
                }
            }
        }
        Finding { path: shown, kind: kind.to_owned() }
    }

    /// A name as a path shows it. The middle of a long one goes: its end is what tells a secret's
    /// name.
    fn shown(&self, name: &str) -> String {
        let visible = |c: char| match c {
            _ if c.is_control() || names::is_invisible(c) => char::REPLACEMENT_CHARACTER,
            _ => c,
        };
        let name: Vec<char> = self.redact(name).chars().map(visible).collect();
        if name.len() <= SHOWN_NAME {
            return name.into_iter().collect();
        }
        let head = SHOWN_NAME / 2;
        let tail = name.len() - (SHOWN_NAME - head - 1);
        name[..head].iter().chain(&['…']).chain(&name[tail..]).collect()
    }

    /// Redacts every string and name, in no order.
    fn redact_all(&self, document: &mut Value) {
        let mut waiting = vec![document];
        while let Some(value) = waiting.pop() {
            match value {
                Value::String(text) => {
                    if let Cow::Owned(clean) = self.redact(text) {
                        *text = clean;
                    }
                }
                Value::Array(values) => waiting.extend(values),
                Value::Object(fields) => {
                    self.redact_names(fields);
                    waiting.extend(fields.values_mut());
                }
                _ => {}
            }
        }
    }

    /// Redacts names in place. Two that become the same stay two: the later one gets its position.
    fn redact_names(&self, fields: &mut Map<String, Value>) {
        if fields.keys().all(|name| self.formats().find(name).is_empty()) {
            return;
        }
        for (position, (name, value)) in std::mem::take(fields).into_iter().enumerate() {
            let mut name = self.redact(&name).into_owned();
            while fields.contains_key(&name) {
                name.extend(["#", &position.to_string()]);
            }
            fields.insert(name, value);
        }
    }
}
