//! What came in: path, query string and body as one set of fields, and the way to an operation.

use std::pin::Pin;

use axum::body::Bytes;
use serde_json::{Map, Value, json};

use super::Answer;
use super::form::File;
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::id::SessionId;
use crate::ops::{self, App, Entry};
use crate::surface::rest::{Pairs, object};
use crate::surface::sign_in::SignedIn;

/// A route's answer on its way, as the table names it.
pub(super) type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// Names of a field: theirs, and the operation's. Of several of theirs the first that is given
/// counts.
pub(super) type Names = (&'static str, &'static str);

/// A request, read whole.
pub(super) struct Ask<'a> {
    app: &'a App,
    who: &'a SignedIn,
    path: Map<String, Value>,
    /// The body's fields, and those of the query string that the body hasn't. What is `null`
    /// counts as left out.
    pub(super) fields: Map<String, Value>,
    /// The file of a form, on routes that take one.
    pub(super) file: Option<File>,
}

impl<'a> Ask<'a> {
    /// Reads a request.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when the body is no JSON object.
    pub(super) fn new(
        app: &'a App,
        who: &'a SignedIn,
        path: Pairs,
        query: Pairs,
        body: &Bytes,
    ) -> Result<Self> {
        let is_empty = body.iter().all(u8::is_ascii_whitespace);
        let body = if is_empty || body[..] == *b"null" { Map::new() } else { object(body)? };
        let mut fields = Map::new();
        for (name, text) in query {
            match fields.get_mut(&name) {
                // A list may come as one text with commas, or as a field for each.
                Some(Value::String(before)) => *before = format!("{before},{text}"),
                _ => _ = fields.insert(name, json!(text)),
            }
        }
        fields = given(fields);
        fields.extend(given(body));
        let path = path.into_iter().map(|(name, text)| (name, json!(text))).collect();
        Ok(Self { app, who, path, fields, file: None })
    }

    /// A field of the path.
    pub(super) fn in_path(&self, name: &str) -> &str {
        self.path.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The agent that acts.
    pub(super) fn acting_agent(&self) -> Option<&str> {
        self.who.principal.actor.agent.as_ref().map(|agent| agent.slug.as_str())
    }

    /// The session by whose token the caller has signed in.
    ///
    /// # Errors
    /// `MISSING_SESSION_TOKEN`.
    pub(super) fn session(&self) -> Result<SessionId> {
        self.who.principal.credential.session().ok_or_else(Error::missing_session_token)
    }

    /// The moment from which times in words are seen.
    pub(super) fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// A whole number among the fields, from the body or as text from the query string.
    pub(super) fn whole(&self, name: &str) -> Option<i64> {
        match self.fields.get(name)? {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_i64(),
        }
    }

    /// Calls an operation with arguments made from the fields by these names, and more.
    ///
    /// # Errors
    /// As the operation; `SECRET_ARGUMENT` for a secret anywhere among the fields, also in those
    /// that nobody asks for.
    pub(super) async fn call(&self, name: &str, names: &[Names], more: Value) -> Result<Value> {
        let entry = entry(name)?;
        let fields = self.guarded(entry, &self.fields).await?;
        self.run(entry, arguments(entry, &fields, names, more)).await
    }

    /// Calls an operation with just these arguments.
    ///
    /// # Errors
    /// As the operation.
    pub(super) async fn call_plain(&self, name: &str, arguments: Value) -> Result<Value> {
        self.run(entry(name)?, arguments).await
    }

    /// The fields as the team's policy on secrets lets them pass.
    ///
    /// # Errors
    /// `SECRET_ARGUMENT`, written to the trail as a refusal of that operation.
    pub(super) async fn guarded(
        &self,
        entry: &Entry,
        fields: &Map<String, Value>,
    ) -> Result<Map<String, Value>> {
        let mut guarded = Value::Object(fields.clone());
        if self.app.guard.check(&mut guarded, self.who.principal.secrets).is_ok() {
            return match guarded {
                Value::Object(fields) => Ok(fields),
                _ => Err(Error::internal("the guard keeps the shape of what it checks")),
            };
        }
        // The way that every call goes finds it again, refuses it and records that.
        match self.run(entry, Value::Object(fields.clone())).await {
            Err(error) => Err(error),
            Ok(_) => Err(Error::new(Code::SecretArgument, "a field looks like a secret")),
        }
    }

    async fn run(&self, entry: &Entry, arguments: Value) -> Result<Value> {
        ops::call(self.app, &self.who.principal, entry, arguments, self.who.request).await
    }
}

/// What is really given: `null` is left out, and in that API an empty title is none.
pub(super) fn given(mut fields: Map<String, Value>) -> Map<String, Value> {
    fields.retain(|name, value| !(value.is_null() || name == "title" && value == ""));
    fields
}

/// An operation of the catalogue.
///
/// # Errors
/// `NOT_FOUND`, as for a path that isn't there.
pub(super) fn entry(name: &str) -> Result<&'static Entry> {
    ops::find(name).ok_or_else(|| Error::not_found("path"))
}

/// Arguments for an operation, made from fields by their names, and more that are set.
pub(super) fn arguments(
    entry: &Entry,
    fields: &Map<String, Value>,
    names: &[Names],
    more: Value,
) -> Value {
    let mut arguments = Map::new();
    for (theirs, ours) in names {
        let given = fields.get(*theirs).filter(|value| !value.is_null());
        if let Some(value) = given
            && !arguments.contains_key(*ours)
        {
            arguments.insert((*ours).to_owned(), as_wanted(entry, ours, value));
        }
    }
    if let Value::Object(more) = more {
        arguments.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Value::Object(arguments)
}

/// A text where a list or a number is wanted came from the query string, or from a client that
/// writes lists with commas.
fn as_wanted(entry: &Entry, field: &str, value: &Value) -> Value {
    match value {
        Value::String(text) => ops::decode::from_text(entry.input(), field, text),
        other => other.clone(),
    }
}
