//! Sessions over HTTP: their life, their renewal, and every token that must not work.

mod attacks;
mod ends;
mod headers;
mod life;
mod renewal;
mod rotation;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use super::probe::{self, Raw};
use crate::support::{Caller, Reply, TestApp};

const HOUR: i64 = 60 * 60 * 1000;
const MINUTE: i64 = 60 * 1000;

/// A running app, and an editor's key whose own agent and `scout` are there.
async fn started() -> (TestApp, Caller) {
    let app = probe::warm().await;
    app.key_with("For scout", json!({ "agent": "scout" })).await;
    let key = app.key("Sessions", Role::Editor, &["read", "write"]).await;
    key.ok("whoami", json!({})).await;
    (app, key)
}

/// Calls an operation of sessions over REST.
async fn post(caller: &Caller, path: &str, body: Value) -> Reply {
    caller.rest(Method::POST, path, Some(body)).await
}

/// The status and the error's code that a caller gets.
async fn seen(caller: &Caller) -> (u16, String) {
    let answer = Raw::of(caller.request(Method::GET, "/v1/whoami")).await;
    (answer.status, answer.code())
}

fn invalid() -> (u16, String) {
    (401, "INVALID_SESSION_TOKEN".to_owned())
}

fn expired() -> (u16, String) {
    (401, "EXPIRED_SESSION_TOKEN".to_owned())
}

fn fine() -> (u16, String) {
    (200, String::new())
}

/// The token of a caller's session.
fn token(caller: &Caller) -> &str {
    caller.session.as_deref().expect("a session")
}

/// Header and claims of a token, as anybody can read them.
fn read(token: &str) -> (Value, Value) {
    let part = |at: usize| {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(at).expect("a part"));
        serde_json::from_slice(&bytes.expect("base64url")).expect("JSON")
    };
    (part(0), part(1))
}

/// What signs the tokens of this header, as only the server knows it.
fn secret_of(app: &TestApp, header: &Value) -> String {
    let sql = "SELECT secret FROM signing_keys WHERE kid = ?1";
    let kid = header["kid"].as_str().expect("a name");
    probe::database(app).query_row(sql, [kid], |row| row.get(0)).expect("there")
}

fn encoded(header: &str, claims: &Value) -> String {
    let [header, claims] = [header.to_owned(), claims.to_string()];
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

/// A token signed with HMAC-SHA-256, whatever it says.
fn signed(header: &str, claims: &Value, secret: &str) -> String {
    let text = encoded(header, claims);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}
