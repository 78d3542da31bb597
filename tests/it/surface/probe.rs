//! Requests that the typed callers don't send, answers byte for byte, and the database's rows.

use std::future::Future;

use memoranda::cli::compose::House;
use memoranda::identity::chain::{ChainHash, Sealed, first_break};
use memoranda::ops::Entry;
use memoranda::ops::spec::Method as RouteMethod;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

pub use super::beside::database;

/// An answer as it came.
#[derive(Debug)]
pub struct Raw {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Raw {
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.expect("text") }
    }

    /// The body as JSON; `null` where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The code of the error, wherever this answer holds it.
    pub fn code(&self) -> String {
        let body = self.json();
        let places = [&body["error"]["code"], &body["result"]["structuredContent"]["code"]];
        places.iter().find_map(|code| code.as_str()).unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Status and body without what differs between any two requests.
    pub fn comparable(&self) -> String {
        let request = regex::Regex::new("req_[0-9A-Z]{26}").expect("valid");
        format!("{} {}", self.status, request.replace_all(&self.text, "req_*"))
    }
}

/// A POST to `/mcp` with the headers that a client of 2025-11-25 sends, and any body.
pub fn mcp(caller: &Caller, body: impl Into<reqwest::Body>) -> RequestBuilder {
    caller
        .request(Method::POST, "/mcp")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25")
        .body(body)
}

/// A tool call over MCP.
pub fn mcp_call(caller: &Caller, name: &str, arguments: &Value) -> RequestBuilder {
    let params = json!({ "name": name, "arguments": arguments });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    mcp(caller, message.to_string())
}

/// An operation called by its REST route: fields in the path, the query string or the body, as the
/// route's method wants it.
pub fn rest_call(caller: &Caller, entry: &Entry, arguments: &Value) -> RequestBuilder {
    let mut rest = arguments.as_object().cloned().expect("arguments are an object");
    let route = entry.spec.route;
    let mut path = String::from("/v1");
    for part in route.path.split('/').skip(1) {
        path.push('/');
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            None => path.push_str(part),
            Some(field) => path.push_str(&plain(&rest.remove(field).expect("a path has a field"))),
        }
    }
    let method = Method::from_bytes(route.method.as_str().as_bytes()).expect("a method");
    if matches!(route.method, RouteMethod::Get | RouteMethod::Delete) {
        let pairs: Vec<_> =
            rest.iter().map(|(name, value)| format!("{name}={}", plain(value))).collect();
        return caller.request(method, &format!("{path}?{}", pairs.join("&")));
    }
    let body = Value::Object(rest).to_string();
    caller.request(method, &path).header("content-type", "application/json").body(body)
}

/// A field as a path or query string holds it; tests use no text that needs escaping there.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// How many rows a condition on a table finds.
pub fn count(app: &TestApp, of: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {of}");
    database(app).query_row(&sql, [], |row| row.get(0)).expect("counts")
}

/// How many rows each table holds: equal before and after what leaves nothing behind.
pub fn rows(app: &TestApp) -> Vec<(String, i64)> {
    let database = database(app);
    let counted = |name: String| {
        let sql = format!("SELECT count(*) FROM {name}");
        let count = database.query_row(&sql, [], |row| row.get(0)).expect("counts");
        (name, count)
    };
    database.tables().into_iter().map(counted).collect()
}

/// Does something that must leave nothing behind in the database.
pub async fn leaving_nothing<T>(app: &TestApp, act: impl Future<Output = T>) -> T {
    let before = rows(app);
    let outcome = act.await;
    assert_eq!(rows(app), before, "something was left behind");
    outcome
}

/// A running app whose owner has been here before, so that what a first use writes is written.
pub async fn warm() -> TestApp {
    let app = TestApp::start().await;
    app.owner.ok("whoami", json!({})).await;
    app
}

/// Asserts that what people read of an error holds nothing that the caller wrote.
pub fn assert_own_words(error: &Value, callers_text: &str) {
    for member in ["message", "fix"] {
        let text = error[member].as_str().unwrap_or_default();
        assert!(!text.contains(callers_text), "`{member}` repeats the caller: {text}");
    }
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
    assert!(error["request_id"].as_str().is_some_and(|id| id.starts_with("req_")), "{error}");
}

/// The whole activity chain of a house with one team, in its order.
pub async fn chain(house: &House) -> Vec<(Sealed, ChainHash)> {
    let owner = house.auth.local_owner().await.expect("one team");
    let requirement = memoranda::ops::find("my_activity").expect("an operation").spec.requirement();
    let permit = owner.permit(&requirement).expect("an owner may read it");
    let (bearer, now) = (permit.clone(), house.app.clock.now());
    let read = house.app.store.read(&permit, now, move |tx| tx.chain(&bearer, 0, 1_000_000));
    read.await.expect("reads")
}

/// Asserts that the chain holds; gives its events.
pub async fn intact_chain(house: &House) -> Vec<Sealed> {
    let chain = chain(house).await;
    assert_eq!(first_break(chain.iter().map(|(event, hash)| (event, *hash))), None);
    chain.into_iter().map(|(event, _)| event).collect()
}
