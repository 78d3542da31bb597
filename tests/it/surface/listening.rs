//! Streams of what has changed: what a listener is told, what it isn't, and how its stream ends.

use std::time::Duration;

use memoranda::identity::key::ApiKey;
use memoranda::identity::role::Role;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::eras::{self, STATELESS};
use super::probe::warm;
use crate::support::{Caller, TestApp};

/// Generous: a machine under load is no failure.
const LONGEST: Duration = Duration::from_secs(30);

const BRIEF: &str = "memoranda://brief";

/// An open stream, read message by message.
pub(super) struct Stream {
    response: Response,
    buffer: String,
}

impl Stream {
    /// Opens a stream, and reads what it was acknowledged for.
    pub(super) async fn open(caller: &Caller, asked: Value) -> (Self, Value) {
        let response = request(caller, asked).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self { response, buffer: String::new() };
        let first = stream.next().await.expect("an acknowledgment");
        assert_eq!(first["method"], "notifications/subscriptions/acknowledged", "{first}");
        (stream, first["params"]["notifications"].clone())
    }

    /// A stream of what changes about some resources.
    pub(super) async fn of(caller: &Caller, uris: &[&str]) -> Self {
        Self::open(caller, json!({ "resourceSubscriptions": uris })).await.0
    }

    /// The next message. `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.buffer.find("\n\n") {
                let event: String = self.buffer.drain(..end + 2).collect();
                let data = event.lines().filter_map(|line| line.strip_prefix("data:"));
                let data: String = data.collect();
                if !data.trim().is_empty() {
                    return Some(serde_json::from_str(&data).expect("JSON"));
                }
                continue;
            }
            let chunk = tokio::time::timeout(LONGEST, self.response.chunk()).await;
            let chunk = chunk.expect("something comes in time").ok().flatten()?;
            self.buffer.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    }

    /// The next notification: what it is of, or the URI of the resource that was changed.
    pub(super) async fn heard(&mut self) -> String {
        let message = self.next().await.expect("the stream is open");
        let params = &message["params"];
        assert_eq!(params["_meta"]["io.modelcontextprotocol/subscriptionId"], 7, "{message}");
        let uri = params["uri"].as_str().or_else(|| message["method"].as_str());
        uri.unwrap_or_else(|| panic!("no notification: {message}")).to_owned()
    }

    /// What is heard up to a resource's change.
    pub(super) async fn heard_until(&mut self, uri: &str) -> Vec<String> {
        let mut heard = vec![self.heard().await];
        while heard.last().is_some_and(|last| last != uri) {
            heard.push(self.heard().await);
        }
        heard
    }

    /// The code that the stream ends with; what comes before it is passed over.
    pub(super) async fn ends_with(&mut self) -> Value {
        loop {
            let message = self.next().await.expect("it says why it ends");
            if message["id"] == 7 {
                assert!(self.next().await.is_none(), "nothing comes after the end");
                return message["error"]["data"]["code"].clone();
            }
        }
    }
}

fn request(caller: &Caller, asked: Value) -> reqwest::RequestBuilder {
    let message = json!({
        "jsonrpc": "2.0", "id": 7, "method": "subscriptions/listen", "params": {
            "notifications": asked,
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": STATELESS,
                "io.modelcontextprotocol/clientInfo": { "name": "walker", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    });
    caller
        .request(Method::POST, "/mcp")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", STATELESS)
        .header("mcp-method", "subscriptions/listen")
        .body(message.to_string())
}

/// Remembers; gives the memory's URI and id.
pub(super) async fn remember(caller: &Caller, content: &str, more: Value) -> (String, String) {
    let mut arguments = json!({ "content": content });
    for (name, value) in more.as_object().into_iter().flatten() {
        arguments[name] = value.clone();
    }
    let kept = caller.ok("remember", arguments).await;
    let id = kept["id"].as_str().expect("an id").to_owned();
    (format!("memoranda://memory/{id}"), id)
}

/// Changes what no brief shows of a memory.
pub(super) async fn tag(caller: &Caller, id: &str, tag: &str) {
    caller.ok("memory_update", json!({ "id": id, "tags": [tag] })).await;
}

/// Two agents of one team, each with a key.
async fn two(app: &TestApp) -> (Caller, Caller) {
    let scopes = &["read", "write"];
    let ada = app.key("Ada", Role::Editor, scopes).await.acting_as("ada");
    let bob = app.key("Bob", Role::Editor, scopes).await.acting_as("bob");
    ada.ok("whoami", json!({})).await;
    bob.ok("whoami", json!({})).await;
    (ada, bob)
}

#[tokio::test]
async fn what_one_agent_remembers_another_hears_of() {
    let app = TestApp::start().await;
    let (ada, bob) = two(&app).await;
    let mut stream = Stream::of(&bob, &[BRIEF]).await;

    for content in ["We drink tea.", "We drink milk.", "We eat bread."] {
        remember(&ada, content, json!({})).await;

        assert_eq!(stream.heard().await, BRIEF);
    }
}

#[tokio::test]
async fn a_memory_is_heard_of_by_its_id_until_it_is_forgotten() {
    let app = TestApp::start().await;
    let (ada, bob) = two(&app).await;
    let (uri, id) = remember(&ada, "We drink tea.", json!({})).await;
    let mut stream = Stream::of(&bob, &[&uri]).await;

    tag(&ada, &id, "drinks").await;
    assert_eq!(stream.heard().await, uri);
    ada.ok("forget", json!({ "id": id })).await;
    assert_eq!(stream.heard().await, uri);
}

#[tokio::test]
async fn what_is_private_is_heard_by_its_author_alone() {
    let app = TestApp::start().await;
    let (ada, bob) = two(&app).await;
    let (marker, tagged) = remember(&ada, "We drink tea.", json!({})).await;
    let private = json!({ "visibility": "agent" });
    let (own, id) = remember(&ada, "I like milk.", private.clone()).await;
    let mut of_bob = Stream::of(&bob, &[BRIEF, &own, &marker]).await;
    let mut of_ada = Stream::of(&ada, &[BRIEF, &own]).await;

    tag(&ada, &id, "mine").await;
    remember(&ada, "I like bread.", private).await;
    tag(&ada, &tagged, "drinks").await;

    assert_eq!(of_bob.heard_until(&marker).await, [marker.as_str()]);
    let heard = [of_ada.heard().await, of_ada.heard().await];
    assert!(heard.contains(&own) && heard.contains(&BRIEF.to_owned()), "{heard:?}");
}

#[tokio::test]
async fn what_becomes_private_is_heard_of_once_by_those_who_could_see_it() {
    let app = TestApp::start().await;
    let (ada, bob) = two(&app).await;
    let (marker, tagged) = remember(&ada, "We drink tea.", json!({})).await;
    let (uri, id) = remember(&ada, "I like milk.", json!({})).await;
    let mut stream = Stream::of(&bob, &[&uri, &marker]).await;

    ada.ok("memory_update", json!({ "id": id, "visibility": "agent" })).await;
    assert_eq!(stream.heard().await, uri);
    tag(&ada, &id, "mine").await;
    tag(&ada, &tagged, "drinks").await;

    assert_eq!(stream.heard_until(&marker).await, [marker.as_str()]);
}

#[tokio::test]
async fn another_team_is_not_heard() {
    let app = TestApp::start().await;
    let (ada, bob) = two(&app).await;
    let (_, south) = app.other_team("south").await;
    let (theirs, their_id) = remember(&south, "They drink tea.", json!({})).await;
    let (marker, tagged) = remember(&ada, "We drink tea.", json!({})).await;
    let mut stream = Stream::of(&bob, &[BRIEF, &theirs, &marker]).await;

    tag(&south, &their_id, "drinks").await;
    remember(&south, "They drink milk.", json!({})).await;
    tag(&ada, &tagged, "drinks").await;

    assert_eq!(stream.heard_until(&marker).await, [marker.as_str()]);
}

#[tokio::test]
async fn lists_change_with_what_the_key_may_call() {
    let app = TestApp::start().await;
    let (ada, bob) = two(&app).await;
    let asked = json!({ "toolsListChanged": true, "resourcesListChanged": true });
    let (mut stream, accepted) = Stream::open(&bob, asked.clone()).await;

    let edit = json!({ "key_id": bob.key_id, "operations": ["recall", "whoami"] });
    app.owner.ok("key_edit", edit).await;
    let heard = [stream.heard().await, stream.heard().await];
    let edit = json!({ "key_id": ada.key_id, "operations": ["recall"] });
    app.owner.ok("key_edit", edit).await;
    let edit = json!({ "key_id": bob.key_id, "operations": [] });
    app.owner.ok("key_edit", edit).await;

    assert_eq!(accepted, asked);
    let (tools, resources) =
        ("notifications/tools/list_changed", "notifications/resources/list_changed");
    assert_eq!(heard, [tools, resources]);
    assert_eq!([stream.heard().await, stream.heard().await], [tools, resources]);
}

#[tokio::test]
async fn only_what_there_is_to_hear_is_acknowledged() {
    let app = TestApp::start().await;
    let uris = [BRIEF, "memoranda://nothing", "file:///etc/passwd", "memoranda://memory/mem_x"];
    let asked = json!({ "promptsListChanged": true, "resourceSubscriptions": uris });

    let (_stream, accepted) = Stream::open(&app.owner, asked).await;

    assert_eq!(accepted, json!({ "resourceSubscriptions": [BRIEF, "memoranda://memory/mem_x"] }));
}

#[tokio::test]
async fn a_revoked_key_ends_its_streams_and_no_others() {
    let app = TestApp::start().await;
    let (ada, bob) = two(&app).await;
    let (mut of_ada, mut of_bob) =
        (Stream::of(&ada, &[BRIEF]).await, Stream::of(&bob, &[BRIEF]).await);

    app.owner.ok("key_revoke", json!({ "key_id": ada.key_id })).await;
    remember(&bob, "We drink tea.", json!({})).await;

    assert_eq!(of_ada.ends_with().await, "INVALID_API_KEY");
    assert_eq!(of_bob.heard().await, BRIEF);
}

#[tokio::test]
async fn a_rotated_or_expired_secret_ends_its_streams() {
    let app = TestApp::start().await;
    let (ada, bob) = two(&app).await;
    let more = json!({ "role": "editor", "expires_at": "2026-11-22T10:00:00Z" });
    let soon = app.key_with("Soon", more).await;
    let (mut rotated, mut expired) =
        (Stream::of(&ada, &[BRIEF]).await, Stream::of(&soon, &[BRIEF]).await);

    app.owner.ok("key_rotate", json!({ "key_id": ada.key_id })).await;
    app.clock.advance(2 * 60 * 60 * 1000);
    remember(&bob, "We drink tea.", json!({})).await;

    assert_eq!(rotated.ends_with().await, "INVALID_API_KEY");
    assert_eq!(expired.ends_with().await, "INVALID_API_KEY");
}

#[tokio::test]
async fn a_session_that_ends_ends_its_stream_and_not_its_keys() {
    let app = TestApp::start().await;
    let (ada, _) = two(&app).await;
    let session = app.owner.activated("ada").await.without_key();
    let mut by_session = Stream::of(&session, &[BRIEF]).await;
    let mut by_key = Stream::of(&app.owner, &[BRIEF]).await;

    app.owner.ok("session_end", json!({ "agent_id": "ada" })).await;
    remember(&ada, "We drink tea.", json!({})).await;

    assert_eq!(by_session.ends_with().await, "INVALID_SESSION_TOKEN");
    assert_eq!(by_key.heard().await, BRIEF);
}

#[tokio::test]
async fn a_blocked_agent_hears_that_it_can_read_no_more_and_then_nothing() {
    let app = TestApp::start().await;
    let (ada, bob) = two(&app).await;
    let (marker, tagged) = remember(&ada, "We drink tea.", json!({})).await;
    let mut stream = Stream::of(&bob, &[&marker]).await;

    app.owner.ok("agent_block", json!({ "agent_id": "bob" })).await;
    assert_eq!(stream.heard().await, marker);
    tag(&ada, &tagged, "drinks").await;
    app.owner.ok("key_revoke", json!({ "key_id": bob.key_id })).await;

    let next = stream.next().await.expect("it says why it ends");
    assert_eq!(next["error"]["data"]["code"], "INVALID_API_KEY", "{next}");
}

#[tokio::test]
async fn a_server_that_stops_says_so_to_its_listeners() {
    let app = TestApp::start().await;
    let mut stream = Stream::of(&app.owner, &[BRIEF]).await;

    drop(app);

    // A word that was under way may still come before it.
    let mut end = stream.next().await.expect("an end");
    while end["result"].is_null() {
        end = stream.next().await.expect("an end");
    }
    assert_eq!(end["result"]["resultType"], "complete", "{end}");
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn who_has_no_key_opens_no_stream() {
    let app = TestApp::start().await;
    let unknown = app.with_key(ApiKey::generate().whole().expose());

    for caller in [app.anonymous(), unknown] {
        let refused = request(&caller, json!({ "resourceSubscriptions": [BRIEF] }));

        assert_eq!(refused.send().await.expect("an answer").status(), 401);
    }
}

#[tokio::test]
async fn older_versions_neither_have_it_nor_are_told_of_it() {
    let app = warm().await;
    let asked = json!({ "notifications": { "toolsListChanged": true } });
    let hello = json!({
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "walker", "version": "1" },
    });

    let refused = eras::send(&app.owner, Some("2025-11-25"), "subscriptions/listen", asked).await;
    let older = eras::result(&app.owner, None, "initialize", hello).await;
    let newer = eras::result(&app.owner, Some(STATELESS), "server/discover", json!({})).await;

    assert_eq!(refused.json()["error"]["code"], -32601, "{}", refused.text);
    assert_eq!(older["capabilities"]["resources"], json!({}));
    assert_eq!(older["capabilities"]["tools"], json!({}));
    let resources = json!({ "subscribe": true, "listChanged": true });
    assert_eq!(newer["capabilities"]["resources"], resources);
}
