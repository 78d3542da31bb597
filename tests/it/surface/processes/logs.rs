//! What the program writes down at its most talkative, wherever it writes: no credential is in it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use memoranda::identity::key::ApiKey;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Home, LONGEST, Piped, Served, unknown_key};
use crate::support::Caller;

/// The levels at which most is said; `trace` is more than the help offers.
const LEVELS: [&str; 2] = ["debug", "trace"];

/// Credentials that were used, by what they are, as texts that must not be found.
#[derive(Default)]
struct Credentials(Vec<(&'static str, String)>);

impl Credentials {
    fn add(&mut self, what: &'static str, credential: &str) -> String {
        // A piece of it would be as bad: what follows a key's id is its secret.
        let secret = match credential.strip_prefix("memo_") {
            Some(rest) => &rest[13..],
            None => credential,
        };
        self.0.push((what, secret[..16].to_owned()));
        self.0.push((what, secret[secret.len() - 16..].to_owned()));
        credential.to_owned()
    }

    /// Asserts that none of them stands in a text.
    fn are_not_in(&self, place: &str, text: &str) {
        for (what, piece) in &self.0 {
            assert!(!text.contains(piece), "{place} holds {what}: {text}");
        }
    }

    /// Asserts that none of them stands in any file of a folder.
    fn are_not_below(&self, folder: &Path) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.are_not_below(&path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("readable");
            let held = |piece: &String| {
                bytes.windows(piece.len()).any(|window| window == piece.as_bytes())
            };
            for (what, piece) in &self.0 {
                assert!(!held(piece), "{} holds {what}", path.display());
            }
        }
    }
}

/// Texts in the form of other people's secrets, put together here so that no scanner finds them.
fn token() -> String {
    let random = ApiKey::generate().whole().expose()[18..54].to_owned();
    format!("{}_{random}", "ghp")
}

async fn send(caller: &Caller, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
    let method = if body.is_empty() { Method::GET } else { Method::POST };
    let mut request = caller.request(method, path).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.body(body.to_owned()).send().await.expect("an answer");
    let status = response.status().as_u16();
    // Nothing is thrown away unread.
    let _ = response.bytes().await.expect("a body");
    status
}

/// Headers, paths and bodies that hold a key where it doesn't belong.
async fn misplaced(served: &Served, key: &str) {
    let nobody = Caller::new(&served.url, None);
    let bearer = format!("Bearer {key}");
    for headers in [
        vec![("authorization", key)],
        vec![("authorization", &*format!("Basic {key}"))],
        vec![("authorization", &*format!("Bearer {key}x"))],
        vec![("authorization", &*format!("Bearer {key} {key}"))],
        vec![("authorization", &*bearer), ("x-api-key", "another")],
        vec![("x-api-key", key), ("x-agent-id", key)],
        vec![("x-api-key", key), ("x-forwarded-for", key)],
        vec![("x-api-key", key), ("x-mcp-toolsets", key), ("x-request-id", key)],
        vec![("x-session-token", key)],
        vec![("cookie", key), ("origin", key)],
        vec![("host", key)],
    ] {
        send(&nobody, "/v1/whoami", &headers, "").await;
        send(&nobody, "/mcp", &headers, r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#).await;
    }
    let caller = served.caller(key);
    for path in ["/v1/whoami?api_key=", "/v1/memories/", "/v1/keys/", "/mcp?toolsets=", "/"] {
        send(&caller, &format!("{path}{key}"), &[], "").await;
    }
    for body in [
        format!("{{\"content\": \"{key}"),
        format!("\"{key}\""),
        json!({ key: key }).to_string(),
        json!({ "content": [key] }).to_string(),
        json!({ "jsonrpc": "2.0", "id": key, "method": key, "params": { key: key } }).to_string(),
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": key } })
            .to_string(),
        format!("{}{key}", "x".repeat(5 * 1024 * 1024)),
    ] {
        send(&caller, "/v1/memories", &[], &body).await;
        send(&caller, "/mcp", &[], &body).await;
    }
    for head in [
        format!("GET /{key} HTTP/9.9\r\n\r\n"),
        format!("{key}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{key}\r\n\r\n"),
        format!("POST /v1/memories HTTP/1.1\r\nX-Api-Key: {key}\r\nContent-Length: {key}\r\n\r\n"),
    ] {
        let mut raw =
            TcpStream::connect(served.url.trim_start_matches("http://")).expect("connects");
        raw.set_read_timeout(Some(LONGEST)).expect("a time-out");
        raw.write_all(head.as_bytes()).expect("written");
        raw.shutdown(std::net::Shutdown::Write).expect("no more is said");
        let _ = raw.read_to_end(&mut Vec::new());
    }
}

/// The life of a key, and arguments that hold secrets.
async fn operations(served: &Served, key: &str, credentials: &mut Credentials) {
    let owner = served.caller(key);
    let made = owner.ok("key_create", json!({ "title": "Scout" })).await;
    let first = credentials.add("a made key", made["key"].as_str().expect("a key"));
    served.caller(&first).ok("whoami", json!({})).await;
    let turned = owner.ok("key_rotate", json!({ "key_id": made["key_id"] })).await;
    let second = credentials.add("a rotated key", turned["key"].as_str().expect("a key"));
    for (key, status) in [(&first, 401), (&second, 200)] {
        assert_eq!(send(&served.caller(key), "/v1/whoami", &[], "").await, status);
    }
    owner.ok("key_revoke", json!({ "key_id": made["key_id"] })).await;
    assert_eq!(send(&served.caller(&second), "/v1/whoami", &[], "").await, 401);
    let wrong = credentials.add("an unknown key", &unknown_key());
    assert_eq!(send(&served.caller(&wrong), "/v1/whoami", &[], "").await, 401);
    for arguments in [
        json!({ "content": credentials.add("a secret in a value", &token()) }),
        json!({ "content": "x", "password": credentials.add("a secret by its name", &token()) }),
        json!({ "content": "x", "tags": [credentials.add("a secret in a list", &token())] }),
        json!({ "content": "x", (credentials.add("a secret as a name", &token())): "x" }),
    ] {
        owner.refused("remember", arguments).await;
    }
    owner.ok("policy_set", json!({ "secret_values": "redact" })).await;
    let content = format!("It was {}.", credentials.add("a redacted secret", &token()));
    owner.ok("remember", json!({ "content": content })).await;
}

#[tokio::test]
async fn a_server_writes_no_credential_down() {
    for level in LEVELS {
        let home = Home::new();
        let mut credentials = Credentials::default();
        let key = credentials.add("the owner's key", &home.init());
        let mut command = home.command(&["serve", "--listen", "127.0.0.1:0", "--log", level]);
        command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
        // Every refusal is to be written down, whoever asks how often.
        let served = Served::from({
            command.args(["--failed-sign-ins", "off"]);
            command
        });

        misplaced(&served, &key).await;
        operations(&served, &key, &mut credentials).await;
        credentials.are_not_below(&home.data());
        // A team may allow secrets in memories. Then they are stored, and yet not logged.
        let owner = served.caller(&key);
        owner.ok("policy_set", json!({ "secret_values": "allow" })).await;
        let allowed = credentials.add("a secret that was allowed", &token());
        owner.ok("remember", json!({ "content": allowed })).await;
        owner.ok("recall", json!({ "query": allowed })).await;
        broken(&home);
        for (name, arguments) in
            [("remember", json!({ "content": allowed })), ("recall", json!({ "query": allowed }))]
        {
            let error = owner.refused(name, arguments).await;
            let code = error["code"].as_str().expect("a code");
            assert!(["INTERNAL", "UNAVAILABLE"].contains(&code), "{error}");
            credentials.are_not_in("the answer", &error.to_string());
        }
        let (_, out, err) = served.stop();

        assert!(err.contains("refused") && err.contains("failed"), "it does say something: {err}");
        credentials.are_not_in("standard output", &out);
        credentials.are_not_in("standard error", &err);
    }
}

/// Takes a table away under a running server, so that its statements fail.
fn broken(home: &Home) {
    let path = home.data().join(memoranda::store::sqlite::FILE_NAME);
    let database = rusqlite::Connection::open(path).expect("opens");
    database.busy_timeout(LONGEST).expect("a time-out");
    database.execute_batch("ALTER TABLE memories RENAME TO gone").expect("renamed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_over_stdio_writes_no_credential_down() {
    for level in LEVELS {
        let home = Home::new();
        let mut credentials = Credentials::default();
        let key = credentials.add("the owner's key", &home.init());
        let wrong = credentials.add("an unknown key", &unknown_key());
        let served = Served::start(&home);
        let url = served.url.clone();

        for (key, url) in [(&key, None), (&wrong, None), (&key, Some(&url)), (&wrong, Some(&url))] {
            let mut command = home.command(&["stdio", "--log", level]);
            command.env("MEMORANDA_API_KEY", key).env("RUST_LOG", "trace");
            if let Some(url) = url {
                command.env("MEMORANDA_URL", url);
            }
            let mut client = Piped::from(command);
            let said = tokio::task::block_in_place(|| conversation(&mut client, key));
            let (_, frames, err) = client.end();

            for (what, piece) in credentials.0.iter().filter(|(what, _)| what.contains("key")) {
                assert!(!said.contains(piece), "a frame holds {what}: {said}");
            }
            credentials.are_not_in("a frame", &json!(frames).to_string());
            credentials.are_not_in("standard error", &err);
        }
        let (_, out, err) = served.stop();
        credentials.are_not_in("the server's output", &format!("{out}{err}"));
        credentials.are_not_below(&home.data());
    }
}

/// Says a key where it doesn't belong; gives what came back.
fn conversation(client: &mut Piped, key: &str) -> String {
    let call = |name: &str, arguments: Value| {
        let params = json!({ "name": name, "arguments": arguments });
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string()
    };
    let hello = super::request(0, "initialize", super::hello("walker"));
    client.write(&hello);
    let mut said = client.read().to_string();
    for line in [
        call("whoami", json!({})),
        call("remember", json!({ "content": key })),
        call("remember", json!({ "content": "x", "password": key })),
        call("recall", json!({ (key): "x" })),
        format!("{{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"{key}"),
    ] {
        client.write(&line);
        said.push_str(&client.read().to_string());
    }
    said
}
