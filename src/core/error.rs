//! The one error of the project, and the one table that maps it outward.
//!
//! An error is a [`Code`] (what the caller can do next), a message we wrote whole, an optional
//! `fix` (the next step in a sentence) and `details` for programs. Messages never hold text that
//! a user, the store or a driver wrote, because language models read them. The cause, if any, is
//! kept for the log at the boundary and never leaves the process.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value, json};

/// What kind of failure it is. Source of the table: `schemas/errors.json` is generated from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    InvalidArgument,
    SecretArgument,
    Unauthenticated,
    InvalidApiKey,
    MissingSessionToken,
    InvalidSessionToken,
    ExpiredSessionToken,
    PermissionDenied,
    AgentKeyConflict,
    TrustRequired,
    NotFound,
    AlreadyExists,
    Conflict,
    TooLarge,
    RateLimited,
    Unavailable,
    Internal,
}

/// One line of the error table: wire name, HTTP status, process exit code (`sysexits.h`), meaning.
struct Row(&'static str, u16, u8, &'static str);

impl Code {
    /// Every code, in the order of the published table.
    pub const ALL: [Code; 17] = [
        Code::InvalidArgument,
        Code::SecretArgument,
        Code::Unauthenticated,
        Code::InvalidApiKey,
        Code::MissingSessionToken,
        Code::InvalidSessionToken,
        Code::ExpiredSessionToken,
        Code::PermissionDenied,
        Code::AgentKeyConflict,
        Code::TrustRequired,
        Code::NotFound,
        Code::AlreadyExists,
        Code::Conflict,
        Code::TooLarge,
        Code::RateLimited,
        Code::Unavailable,
        Code::Internal,
    ];

    const fn row(self) -> Row {
        match self {
            Code::InvalidArgument => Row("INVALID_ARGUMENT", 400, 64, "wrong shape or value"),
            Code::SecretArgument => {
                Row("SECRET_ARGUMENT", 400, 64, "an argument that must not travel")
            }
            Code::Unauthenticated => {
                Row("UNAUTHENTICATED", 401, 77, "no credential, or a malformed header")
            }
            Code::InvalidApiKey => Row(
                "INVALID_API_KEY",
                401,
                77,
                "unknown, mistyped, revoked, deactivated or expired key",
            ),
            Code::MissingSessionToken => {
                Row("MISSING_SESSION_TOKEN", 401, 77, "a memory route without `X-Session-Token`")
            }
            Code::InvalidSessionToken => Row(
                "INVALID_SESSION_TOKEN",
                401,
                77,
                "bad signature, wrong audience, or an ended session",
            ),
            Code::ExpiredSessionToken => {
                Row("EXPIRED_SESSION_TOKEN", 401, 77, "a session past its time")
            }
            Code::PermissionDenied => {
                Row("PERMISSION_DENIED", 403, 77, "scope, role or allow-list")
            }
            Code::AgentKeyConflict => {
                Row("AGENT_KEY_CONFLICT", 403, 77, "the key is locked to another agent")
            }
            Code::TrustRequired => Row("TRUST_REQUIRED", 403, 77, "the agent is not approved"),
            Code::NotFound => Row("NOT_FOUND", 404, 66, "missing, or of another team"),
            Code::AlreadyExists => Row("ALREADY_EXISTS", 409, 65, "unique name taken"),
            Code::Conflict => Row("CONFLICT", 409, 65, "changed since it was read, or held"),
            Code::TooLarge => Row("TOO_LARGE", 413, 64, "over a stated limit"),
            Code::RateLimited => Row("RATE_LIMITED", 429, 75, "too many requests; wait"),
            Code::Unavailable => Row("UNAVAILABLE", 503, 75, "it can't be done right now; retry"),
            Code::Internal => Row("INTERNAL", 500, 70, "our fault; quote the request id"),
        }
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status.
    #[must_use]
    pub const fn http(self) -> u16 {
        self.row().1
    }

    /// The exit code of the command line, as `sysexits.h` numbers them.
    #[must_use]
    pub const fn exit(self) -> u8 {
        self.row().2
    }

    /// When it is given, in a few words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.row().3
    }
}

/// A failure, boxed so that `Result<T, Error>` stays small.
pub struct Error(Box<Inner>);

struct Inner {
    code: Code,
    message: Cow<'static, str>,
    fix: Option<Cow<'static, str>>,
    details: Map<String, Value>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What our functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of a code, with a message that we wrote whole.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            fix: None,
            details: Map::new(),
            cause: None,
        }))
    }

    /// One argument breaks one rule: `content` must be 1 to 10,000 characters.
    #[must_use]
    pub fn invalid(field: &str, rule: impl Into<Cow<'static, str>>) -> Self {
        let rule = rule.into();
        Self::new(Code::InvalidArgument, format!("`{field}` {rule}"))
            .with_fix("correct it and call again; nothing was changed")
            .with_detail("fields", json!([{ "field": field, "rule": rule }]))
    }

    /// No credential came, or its header can't be read.
    pub fn unauthenticated(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Unauthenticated, message)
            .with_fix("send the header `Authorization: Bearer memo_<key-id>_<secret>`")
    }

    /// One answer for every key that doesn't work, so that nothing can be learnt from it.
    #[must_use]
    pub fn invalid_api_key() -> Self {
        Self::new(Code::InvalidApiKey, "this API key is not valid")
            .with_fix("check that the whole key was copied, or ask an admin for a new one")
    }

    /// A session token is needed, and none came.
    #[must_use]
    pub fn missing_session_token() -> Self {
        Self::new(Code::MissingSessionToken, "this needs a session, and no session token was sent")
            .with_fix("activate the agent and send the token in the header `X-Session-Token`")
    }

    /// One answer for every session token that doesn't work, so that nothing can be learnt from it.
    #[must_use]
    pub fn invalid_session_token() -> Self {
        Self::new(
            Code::InvalidSessionToken,
            "this session token is not valid, or its session ended",
        )
        .with_fix("activate the agent again and send the new token")
    }

    /// A session token that was good, and whose time is over.
    #[must_use]
    pub fn expired_session_token() -> Self {
        Self::new(Code::ExpiredSessionToken, "this session token is past its time")
            .with_fix("activate the agent again; extend a session while it lasts")
    }

    /// The credential may not act as the agent that was asked for.
    pub fn agent_key_conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::AgentKeyConflict, message)
    }

    /// Not there, or not the caller's to see: the same bytes for both.
    #[must_use]
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Code::NotFound, format!("no such {what}"))
            .with_fix("check that it is written whole and belongs to your team")
    }

    /// The store can't do it now; the same request may succeed later.
    pub fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Code::Unavailable, "the store can't be reached right now")
            .with_fix("try again in a moment")
            .with_detail("retry_after_seconds", json!(1))
            .with_cause(cause)
    }

    /// Too often. `limit` says what is allowed, for programs.
    pub fn rate_limited(
        message: impl Into<Cow<'static, str>>,
        retry_after_seconds: u64,
        limit: Value,
    ) -> Self {
        Self::new(Code::RateLimited, message)
            .with_fix("wait as long as `Retry-After` says, then go on more slowly")
            .with_detail("retry_after_seconds", json!(retry_after_seconds))
            .with_detail("limit", limit)
    }

    /// The server has more to do than it lets pile up; the same request may succeed later.
    pub fn busy(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Unavailable, message)
            .with_fix("try again in a moment")
            .with_detail("retry_after_seconds", json!(1))
    }

    /// A fault of ours. The cause goes to the log, never to the caller.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Code::Internal, "something went wrong on the server")
            .with_fix("try again; if it stays, give the request id to whoever runs the server")
            .with_cause(cause)
    }

    /// Adds the next step, in a sentence.
    #[must_use]
    pub fn with_fix(mut self, fix: impl Into<Cow<'static, str>>) -> Self {
        self.0.fix = Some(fix.into());
        self
    }

    /// Adds a fact for programs.
    #[must_use]
    pub fn with_detail(mut self, name: &str, value: Value) -> Self {
        self.0.details.insert(name.to_owned(), value);
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn with_cause(
        mut self,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Puts a path before the field names: `content` of the third item becomes `items[2].content`.
    #[must_use]
    pub fn under(self, path: &str) -> Self {
        self.renaming(|field| format!("{path}.{field}"))
    }

    /// Names the fields in another way, in the message and in the details.
    #[must_use]
    pub fn renaming(mut self, name: impl Fn(&str) -> String) -> Self {
        let Some(Value::Array(fields)) = self.0.details.get_mut("fields") else { return self };
        for entry in fields.iter_mut() {
            if let Some(Value::String(field)) = entry.get_mut("field") {
                *field = name(field);
            }
        }
        let sentences: Vec<String> = fields
            .iter()
            .filter_map(|entry| {
                Some(format!(
                    "`{}` {}",
                    entry.get("field")?.as_str()?,
                    entry.get("rule")?.as_str()?
                ))
            })
            .collect();
        self.0.message = sentences.join("; ").into();
        self
    }

    /// What kind it is.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The message, whole, ours.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The next step, if we know one.
    #[must_use]
    pub fn fix(&self) -> Option<&str> {
        self.0.fix.as_deref()
    }

    /// Facts for programs.
    #[must_use]
    pub fn details(&self) -> &Map<String, Value> {
        &self.0.details
    }

    /// The cause, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.0.cause.as_deref()
    }

    /// Seconds to wait before trying again, for `Retry-After`.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.0.details.get("retry_after_seconds").and_then(Value::as_u64)
    }

    /// The object that stands under `error` in HTTP bodies and is `structuredContent` in MCP.
    #[must_use]
    pub fn to_json(&self, request_id: &str) -> Value {
        let mut object = Map::new();
        object.insert("code".into(), json!(self.0.code.as_str()));
        object.insert("message".into(), json!(self.0.message));
        if let Some(fix) = &self.0.fix {
            object.insert("fix".into(), json!(fix));
        }
        object.insert("details".into(), Value::Object(self.0.details.clone()));
        object.insert("request_id".into(), json!(request_id));
        Value::Object(object)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .field("cause", &self.0.cause)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}
