//! A server elsewhere: the HTTP client of `stdio --url` and of the commands.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::config::{API_KEY_VARIABLE, Settings};
use crate::core::error::{Code, Error, Result};
use crate::core::secret::Secret;
use crate::ops::Entry;

/// A server, and who we are there.
#[derive(Clone)]
pub(super) struct Remote {
    client: Client,
    url: String,
    key: Secret,
    agent: Option<String>,
}

impl Remote {
    /// A server at a URL, with the key of the environment.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a URL that isn't one; `UNAUTHENTICATED` without a key.
    pub(super) fn new(url: &str, settings: &Settings) -> Result<Self> {
        let url = checked(url)?;
        let name = settings.api_key_env.as_deref().unwrap_or(API_KEY_VARIABLE);
        let key = settings.api_key().ok_or_else(|| {
            Error::new(
                Code::Unauthenticated,
                format!("a server needs a key, and {name} is not set"),
            )
            .with_fix(format!("set {name} to an API key of that server's team"))
        })?;
        Ok(Self { client: client()?, url, key, agent: settings.agent_id.clone() })
    }

    /// A POST to a path of the server, with who we are.
    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.signed(self.client.post(format!("{}{path}", self.url)))
    }

    /// Whether the server and its database answer.
    ///
    /// # Errors
    /// What it answers otherwise; `UNAVAILABLE` when it can't be reached.
    pub(super) async fn is_ready(&self) -> Result<Value> {
        answered(&self.url, self.client.get(format!("{}/readyz", self.url))).await
    }

    /// Runs an operation by its REST route.
    ///
    /// # Errors
    /// What the server refused with; `UNAVAILABLE` when it can't be reached.
    pub(super) async fn call(&self, entry: &Entry, arguments: &Value) -> Result<Value> {
        use crate::ops::spec::Method;
        let method = match entry.spec.route.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut rest = arguments.as_object().cloned().unwrap_or_default();
        let mut path = String::from("/v1");
        for part in entry.spec.route.path.split('/').skip(1) {
            path.push('/');
            match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                None => path.push_str(part),
                Some(field) => path.push_str(&segment(&text(rest.remove(field)))),
            }
        }
        let has_body =
            matches!(entry.spec.route.method, Method::Post | Method::Put | Method::Patch);
        let mut url =
            reqwest::Url::parse(&format!("{}{path}", self.url)).map_err(Error::internal)?;
        if !has_body && !rest.is_empty() {
            let pairs = rest.iter().map(|(name, value)| (name.clone(), text(Some(value.clone()))));
            url.query_pairs_mut().extend_pairs(pairs);
        }
        let mut request = self.signed(self.client.request(method, url));
        if has_body {
            let body = Value::Object(rest).to_string();
            request = request.header("content-type", "application/json").body(body);
        }
        answered(&self.url, request).await
    }

    /// What it means that a request found no server.
    pub(super) fn unreachable(&self, error: reqwest::Error) -> Error {
        unreachable_at(&self.url, error)
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.bearer_auth(self.key.expose());
        match &self.agent {
            Some(agent) => request.header("x-agent-id", agent),
            None => request,
        }
    }
}

/// A POST without a key, for the route that needs none.
///
/// # Errors
/// As [`Remote::call`].
pub(super) async fn post_openly(url: &str, path: &str, body: &Value) -> Result<Value> {
    let url = checked(url)?;
    let request = client()?.post(format!("{url}{path}"));
    let request = request.header("content-type", "application/json").body(body.to_string());
    answered(&url, request).await
}

/// A server's URL without a path.
fn checked(url: &str) -> Result<String> {
    let is_http = url.starts_with("http://") || url.starts_with("https://");
    if !is_http || reqwest::Url::parse(url).is_err() {
        return Err(Error::invalid("url", "must be like https://memory.example.org"));
    }
    Ok(url.trim_end_matches('/').trim_end_matches("/mcp").to_owned())
}

/// An HTTP client as every command uses it.
///
/// # Errors
/// `INTERNAL`.
pub(super) fn client() -> Result<Client> {
    // Fails only where a provider is set already, which is then the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(Error::internal)
}

async fn answered(url: &str, request: RequestBuilder) -> Result<Value> {
    let response = request.send().await.map_err(|error| unreachable_at(url, error))?;
    let is_success = response.status().is_success();
    let body = response.bytes().await.map_err(|error| unreachable_at(url, error))?;
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    if is_success { Ok(body) } else { Err(refusal(&body["error"])) }
}

fn unreachable_at(url: &str, error: reqwest::Error) -> Error {
    let error = error.without_url();
    let message = if error.is_connect() {
        format!("no server answers at {url}")
    } else if error.is_timeout() {
        format!("the server at {url} takes too long")
    } else {
        format!("the connection to {url} broke")
    };
    Error::new(Code::Unavailable, message)
        .with_fix("check MEMORANDA_URL (or --url), and that the server runs")
        .with_cause(error)
}

/// The refusal that an answer holds: the server's own words, which are ours.
pub(super) async fn refused(response: Response) -> Error {
    let status = response.status();
    let body = response.bytes().await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    if body["error"]["code"].is_string() {
        return refusal(&body["error"]);
    }
    let message = match status {
        StatusCode::NOT_FOUND => "there is a server, but no memoranda at that URL".to_owned(),
        _ => format!("the server answered with HTTP status {}", status.as_u16()),
    };
    Error::new(Code::Unavailable, message)
        .with_fix("check MEMORANDA_URL: it is the server's address, without a path")
}

fn refusal(error: &Value) -> Error {
    let code = Code::ALL.into_iter().find(|code| error["code"] == code.as_str());
    let message = error["message"].as_str().unwrap_or("the server gave no reason").to_owned();
    let mut refusal = Error::new(code.unwrap_or(Code::Internal), message);
    if let Some(fix) = error["fix"].as_str() {
        refusal = refusal.with_fix(fix.to_owned());
    }
    for (name, value) in error["details"].as_object().into_iter().flatten() {
        refusal = refusal.with_detail(name, value.clone());
    }
    refusal.with_detail("server_request_id", json!(error["request_id"]))
}

fn text(value: Option<Value>) -> String {
    match value {
        Some(Value::String(text)) => text,
        Some(Value::Array(list)) => {
            list.into_iter().map(|item| text(Some(item))).collect::<Vec<_>>().join(",")
        }
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// A text as one segment of a path: everything but letters, digits, `_`, `-` percent-encoded.
fn segment(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"_-".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
        path
    })
}
