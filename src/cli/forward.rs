//! `memoranda stdio --url`: every frame goes to a server as it came, and the answers come back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::remote::{self, Remote};
use super::show;
use crate::config::Settings;
use crate::core::error::{Code, Error, Result};
use crate::surface::mcp::frames;

/// How long requests that are under way may still take once the input has ended.
const LAST_ANSWERS_FOR: Duration = Duration::from_secs(30);

/// What asks for a stream that lasts until somebody ends it.
const LISTEN: &str = "subscriptions/listen";

/// The longest message of an answer that is taken.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

const VERSION_META: &str = "io.modelcontextprotocol/protocolVersion";

/// Forwards until the input ends or `stop` is cancelled.
///
/// # Errors
/// `INVALID_ARGUMENT`, `UNAUTHENTICATED` before anything is forwarded.
pub(super) async fn run(url: &str, settings: &Settings, stop: CancellationToken) -> Result<()> {
    let remote = Remote::new(url, settings)?;
    let (answers, to_write) = mpsc::channel::<Value>(64);
    let writing = tokio::spawn(write(to_write));
    let forwarder = Arc::new(Forwarder { remote, answers, version: Mutex::default() });
    let mut under_way = JoinSet::new();
    let mut streams = Streams::default();
    let mut input = BufReader::new(tokio::io::stdin());
    loop {
        let line = tokio::select! {
            line = frames::next(&mut input) => line,
            () = stop.cancelled() => None,
        };
        let frame = match line {
            None => break,
            Some(Err(refusal)) => {
                let _ = forwarder.answers.send(refusal).await;
                continue;
            }
            Some(Ok(message)) => message.value,
        };
        let forwarder = Arc::clone(&forwarder);
        if frame["method"] == "notifications/cancelled" {
            // To hang up is how a stream is cancelled over HTTP.
            streams.end(&frame["params"]["requestId"]);
        }
        if frame["method"] == LISTEN {
            streams.begin(&frame["id"].clone(), async move { forwarder.forward(frame).await });
        } else if frame["method"] == "initialize" {
            // What follows carries the version that this settles, so it must have been answered.
            forwarder.forward(frame).await;
        } else {
            under_way.spawn(async move { forwarder.forward(frame).await });
        }
        while under_way.try_join_next().is_some() {}
    }
    streams.all.shutdown().await;
    if !stop.is_cancelled() {
        let all = async { while under_way.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_ANSWERS_FOR, all).await;
    }
    under_way.shutdown().await;
    drop(forwarder);
    let _ = writing.await;
    Ok(())
}

/// The streams that are open, by the ids of their requests.
#[derive(Default)]
struct Streams {
    all: JoinSet<()>,
    by_id: HashMap<String, AbortHandle>,
}

impl Streams {
    fn begin(&mut self, id: &Value, stream: impl Future<Output = ()> + Send + 'static) {
        while self.all.try_join_next().is_some() {}
        self.by_id.retain(|_, running| !running.is_finished());
        self.by_id.insert(id.to_string(), self.all.spawn(stream));
    }

    fn end(&mut self, id: &Value) {
        if let Some(running) = self.by_id.remove(&id.to_string()) {
            running.abort();
        }
    }
}

struct Forwarder {
    remote: Remote,
    answers: mpsc::Sender<Value>,
    /// The version that `initialize` settled on, for clients of the older era.
    version: Mutex<Option<String>>,
}

impl Forwarder {
    async fn forward(&self, frame: Value) {
        if let Err(error) = self.exchange(&frame).await {
            show::error(&error);
            if let Some(id) = frame.get("id").filter(|_| frame.get("method").is_some()) {
                let code = match error.code() {
                    Code::Unavailable | Code::Internal => -32603,
                    _ => -32600,
                };
                let data = error.to_json("");
                let error = json!({ "code": code, "message": error.message(), "data": data });
                let answer = json!({ "jsonrpc": "2.0", "id": id, "error": error });
                let _ = self.answers.send(answer).await;
            }
        }
    }

    async fn exchange(&self, frame: &Value) -> Result<()> {
        let mut request = self
            .remote
            .post("/mcp")
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        let own = frame["params"]["_meta"][VERSION_META].as_str().map(str::to_owned);
        let settled = || self.version.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let method = frame["method"].as_str().unwrap_or_default();
        if let Some(version) = own.or_else(settled).filter(|_| method != "initialize") {
            request = request.header("mcp-protocol-version", version);
        }
        if !method.is_empty() {
            request = request.header("mcp-method", header_text(method));
        }
        let params = &frame["params"];
        if let Some(name) = params["name"].as_str().or_else(|| params["uri"].as_str()) {
            request = request.header("mcp-name", header_text(name));
        }
        let response = request.body(frame.to_string()).send().await;
        let response = response.map_err(|error| self.remote.unreachable(error))?;
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        let is_stream = kind.is_some_and(|kind| kind.starts_with("text/event-stream"));
        if is_stream {
            return self.pass_on_events(response, &frame["id"]).await;
        }
        let status = response.status();
        if status == reqwest::StatusCode::ACCEPTED {
            return Ok(());
        }
        if matches!(status.as_u16(), 401 | 403 | 405 | 413 | 429 | 503) {
            return Err(remote::refused(response).await);
        }
        let body = response.bytes().await.map_err(|error| self.remote.unreachable(error))?;
        match serde_json::from_slice::<Value>(&body) {
            Ok(answer) if answer["jsonrpc"] == "2.0" => {
                self.note_version(method, &answer);
                let _ = self.answers.send(answer).await;
                Ok(())
            }
            _ => Err(Error::new(
                Code::Unavailable,
                format!("the server answered with HTTP status {}, not with MCP", status.as_u16()),
            )
            .with_fix("check MEMORANDA_URL: it is the server's address, without a path")),
        }
    }

    fn note_version(&self, method: &str, answer: &Value) {
        if method == "initialize"
            && let Some(version) = answer["result"]["protocolVersion"].as_str()
        {
            let mut settled = self.version.lock().unwrap_or_else(PoisonError::into_inner);
            *settled = Some(version.to_owned());
        }
    }

    /// Passes on the messages of an event stream, as they come, to the answer to the request.
    async fn pass_on_events(&self, response: reqwest::Response, id: &Value) -> Result<()> {
        let mut chunks = response.bytes_stream();
        let mut is_answered = false;
        let mut buffer: Vec<u8> = Vec::new();
        let mut data = String::new();
        while let Some(chunk) = chunks.next().await {
            buffer.extend_from_slice(&chunk.map_err(|error| self.remote.unreachable(error))?);
            if buffer.len() > LONGEST_ANSWER {
                return Err(Error::new(Code::TooLarge, "the server's answer is too long"));
            }
            while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = buffer.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                let line = line.trim_end_matches(['\n', '\r']);
                if let Some(text) = line.strip_prefix("data:") {
                    data.push_str(text.strip_prefix(' ').unwrap_or(text));
                } else if line.is_empty() && !data.is_empty() {
                    if let Ok(message) = serde_json::from_str::<Value>(&data) {
                        is_answered |= message["id"] == *id && message.get("method").is_none();
                        let _ = self.answers.send(message).await;
                    }
                    data.clear();
                }
            }
        }
        if is_answered {
            return Ok(());
        }
        // A client would wait for ever for what isn't coming any more.
        Err(Error::new(Code::Unavailable, "the server's answer has ended too early")
            .with_fix("ask again"))
    }
}

/// A header's value (MCP 2026-07-28): plain where it is visible ASCII, base64 in a wrapper otherwise.
fn header_text(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| (0x21..0x7f).contains(&byte) || byte == b' ')
        && text.trim() == text
        && !text.starts_with("=?base64?");
    if is_plain {
        return text.to_owned();
    }
    format!("=?base64?{}?=", BASE64_STANDARD.encode(text))
}

async fn write(mut answers: mpsc::Receiver<Value>) {
    let mut output = tokio::io::stdout();
    while let Some(answer) = answers.recv().await {
        let mut line = answer.to_string();
        line.push('\n');
        if output.write_all(line.as_bytes()).await.is_err() || output.flush().await.is_err() {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_holds_any_text() {
        assert_eq!(header_text("remember"), "remember");
        assert_eq!(header_text("日本"), "=?base64?5pel5pys?=");
        assert_eq!(header_text("é"), "=?base64?w6k=?=");
        assert_eq!(header_text(" a"), "=?base64?IGE=?=");
    }
}
