//! The product, started for a test: the real router over a real database of its own.
//!
//! It is one server on SQLite; or, where `MEMORANDA_TEST_ENGINE` is `postgres`, two servers on one
//! PostgreSQL, and each caller asks them in turn: what holds there holds among replicas. The test
//! `surface::replicas` runs the suites again in that way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};
use memoranda::cli::compose::House;
use memoranda::core::clock::{Clock, ManualClock, Timestamp};
use memoranda::core::id::TeamId;
use memoranda::embed::{BuiltIn, Embedder};
use memoranda::identity::key::ApiKey;
use memoranda::identity::role::{Role, Scopes};
use memoranda::ops::App;
use memoranda::recall::{Recaller, USUAL_BYTES};
use memoranda::store::Store;
use memoranda::store::keys::NewKey;
use memoranda::store::near::Indexing;
use memoranda::store::postgres::Postgres;
use memoranda::store::setup::NewTeam;
use memoranda::store::sqlite::Sqlite;
use memoranda::surface::http::{self, Addresses, Limits, Server};
use reqwest::{Client, Method, Response};
use rmcp::ServerHandler;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cluster::Database;

/// The variable that says on which engine the servers of tests run.
pub const ENGINE: &str = "MEMORANDA_TEST_ENGINE";

/// The engine of the same two servers where the database indexes every team's vectors, however few.
pub const NEAR: &str = "near";

/// The built-in model, which tests share: each would decode it anew.
static MODEL: LazyLock<Arc<BuiltIn>> = LazyLock::new(Arc::default);

/// When every test begins.
const START: &str = "2026-11-22T09:00:00Z";

/// A running server over an empty database.
pub struct TestApp {
    pub house: Arc<House>,
    pub clock: Arc<ManualClock>,
    pub url: String,
    /// The owner's key of the first team.
    pub owner: Caller,
    stop: CancellationToken,
    /// Where the database lies, if it is SQLite's.
    pub folder: TempDir,
    /// Where it lies otherwise.
    pub database: Option<Database>,
    /// The addresses of all servers, for callers.
    urls: Vec<String>,
}

impl TestApp {
    /// The product, on the engine that the run is for. Nobody is limited: tests ask more of it than
    /// honest agents do.
    pub async fn start() -> Self {
        Self::with_limits(unlimited()).await
    }

    /// As [`TestApp::start`], within limits.
    pub async fn with_limits(limits: Limits) -> Self {
        Self::with_router(limits, http::router).await
    }

    /// The product's layers with another MCP handler behind them.
    pub async fn with_handler<H: ServerHandler + Clone>(limits: Limits, handler: H) -> Self {
        Self::with_router(limits, move |server| http::router_with(server, handler.clone())).await
    }

    /// As [`TestApp::start`], with the built-in model; the others find by words alone.
    pub async fn with_meaning() -> Self {
        Self::made(unlimited(), http::router, true).await
    }

    async fn with_router(limits: Limits, router: impl Fn(Arc<Server>) -> axum::Router) -> Self {
        Self::made(limits, router, false).await
    }

    async fn made(
        limits: Limits,
        router: impl Fn(Arc<Server>) -> axum::Router,
        has_meaning: bool,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at(Timestamp::parse(START, false).expect("a time")));
        let engine = std::env::var(ENGINE).unwrap_or_default();
        let is_near = engine == NEAR;
        let is_shared = is_near || engine == "postgres";
        let database = is_shared.then(|| Database::new().expect("whoever asks for it has one"));
        let open = || match &database {
            None => Store::new(Sqlite::open(folder.path()).expect("opens")),
            Some(database) => Store::new(Postgres::open(&database.url(), None).expect("opens")),
        };
        let stop = CancellationToken::new();
        let (mut houses, mut urls, mut made) = (Vec::new(), Vec::new(), None);
        for _ in 0..if is_shared { 2 } else { 1 } {
            let house = Arc::new(House::over(open(), Arc::clone(&clock) as Arc<dyn Clock>));
            if has_meaning || is_near {
                let model: Arc<dyn Embedder> = Arc::clone(&MODEL) as _;
                let recaller = Recaller::new(Some(model), USUAL_BYTES);
                house.recall_by(recaller.indexing_from(is_near.then_some(1)));
            }
            made = house.set_up("local", true).await.expect("sets up").or(made);
            if is_near {
                let team = house.app.store.sign_in(|tx| tx.local_team()).await.expect("reads");
                index(&house.app, team.expect("it was set up").team).await;
            }
            let (app, auth) = (Arc::clone(&house.app), Arc::clone(&house.auth));
            let addresses = Addresses::new(None).expect("loopback");
            let limits = limits.clone();
            let server = Arc::new(Server::new(app, auth, addresses, limits, stop.clone()));
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            urls.push(format!("http://{}", listener.local_addr().expect("an address")));
            let router = router(Arc::clone(&server));
            tokio::spawn(http::serve(listener, server, router));
            houses.push(house);
        }
        let key = made.expect("a key");
        let owner = Caller::of(&urls, Some(key.whole().expose()));
        let house = houses.swap_remove(0);
        Self { house, clock, url: urls[0].clone(), owner, stop, folder, database, urls }
    }

    /// Somebody without a credential.
    pub fn anonymous(&self) -> Caller {
        Caller::of(&self.urls, None)
    }

    /// A caller with this very key.
    pub fn with_key(&self, key: &str) -> Caller {
        Caller::of(&self.urls, Some(key))
    }

    /// A caller with a new key of the first team; its id is in the caller.
    pub async fn key(&self, title: &str, role: Role, scopes: &[&str]) -> Caller {
        let more = json!({ "role": role, "scopes": scopes });
        self.key_with(title, more).await
    }

    /// A caller with a new key of the first team, with any further fields of `key_create`.
    pub async fn key_with(&self, title: &str, more: Value) -> Caller {
        let mut body = json!({ "title": title });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let reply = self.owner.rest(Method::POST, "/v1/keys", Some(body)).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        let mut caller = self.with_key(reply.body["key"].as_str().expect("a key"));
        caller.key_id = reply.body["key_id"].as_str().map(str::to_owned);
        caller
    }

    /// The owner of another team on the same database, with its id.
    pub async fn other_team(&self, slug: &str) -> (TeamId, Caller) {
        let app = &self.house.app;
        let at = app.clock.now();
        let key = ApiKey::generate();
        let team = NewTeam {
            id: app.ids.next(at),
            slug: slug.to_owned(),
            owner: app.ids.next(at),
            owner_name: "Owner".to_owned(),
            created_at: at,
        };
        let new = NewKey {
            id: key.id(),
            title: "Owner".to_owned(),
            description: None,
            role: Role::Owner,
            scopes: Scopes::all(),
            allow_list: None,
            secret_hash: app.hasher.hash(key.whole().clone()).await.expect("hashes"),
            agent: None,
            created_by: "test".to_owned(),
            created_at: at,
            expires_at: None,
        };
        let id = team.id;
        app.store
            .set_up(move |tx| {
                tx.add_team(&team)?;
                tx.add_first_key(id, &new)
            })
            .await
            .expect("a second team");
        if std::env::var(ENGINE).is_ok_and(|engine| engine == NEAR) {
            index(app, id).await;
        }
        (id, self.with_key(key.whole().expose()))
    }
}

/// Has the database index what vectors a team is going to have.
async fn index(app: &App, team: TeamId) {
    let indexing = app.recaller().index_vectors(&app.store, team).await.expect("indexes");
    assert_eq!(indexing, Indexing::Done);
}

/// The usual limits, without those that count what callers do.
pub fn unlimited() -> Limits {
    Limits { requests_per_second: 0, failed_sign_ins: 0, ..Limits::default() }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Starts the product's layers with another MCP handler behind them; gives the address and a key.
/// Both live until the test's process ends.
pub async fn serve_handler<H: ServerHandler + Clone>(handler: H) -> (String, String) {
    let app = Box::leak(Box::new(TestApp::with_handler(unlimited(), handler).await));
    (app.url.clone(), app.owner.key.clone().expect("the owner has a key"))
}

/// Somebody who calls the server.
#[derive(Clone)]
pub struct Caller {
    client: Client,
    /// The servers, which are asked in turn.
    urls: Arc<[String]>,
    asked: Arc<AtomicUsize>,
    pub key: Option<String>,
    pub key_id: Option<String>,
    /// Sent as `X-Agent-Id`.
    pub agent: Option<String>,
    /// Sent as `X-Session-Token`.
    pub session: Option<String>,
}

/// What came back: HTTP status, headers, and the body as JSON (`null` where it is none).
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Caller {
    /// Somebody with this key, or none, at any server.
    pub fn new(url: &str, key: Option<&str>) -> Self {
        Self::of(&[url.to_owned()], key)
    }

    /// Somebody who asks some servers in turn.
    fn of(urls: &[String], key: Option<&str>) -> Self {
        // Fails from the second caller on, which finds the same one set.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            client: Client::builder().pool_max_idle_per_host(4).build().expect("a client"),
            urls: urls.into(),
            asked: Arc::default(),
            key: key.map(str::to_owned),
            key_id: None,
            agent: None,
            session: None,
        }
    }

    /// The same caller with a new session of an agent that is there, its token beside the key.
    pub async fn activated(&self, agent: &str) -> Self {
        let body = json!({ "agent_id": agent });
        let reply = self.rest(Method::POST, "/v1/sessions", Some(body)).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        self.with_session(reply.body["session_token"].as_str().expect("a token"))
    }

    /// The same caller with this session token beside the key.
    pub fn with_session(&self, token: &str) -> Self {
        Self { session: Some(token.to_owned()), ..self.clone() }
    }

    /// The same caller without the key.
    pub fn without_key(&self) -> Self {
        Self { key: None, ..self.clone() }
    }

    /// The same caller, naming an agent.
    pub fn acting_as(&self, agent: &str) -> Self {
        Self { agent: Some(agent.to_owned()), ..self.clone() }
    }

    /// A request with this caller's headers, for whatever the other methods don't do.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed) % self.urls.len();
        let mut request = self.client.request(method, format!("{}{path}", self.urls[turn]));
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        if let Some(agent) = &self.agent {
            request = request.header("x-agent-id", agent);
        }
        if let Some(session) = &self.session {
            request = request.header("x-session-token", session);
        }
        request
    }

    /// Calls REST.
    pub async fn rest(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        Reply::of(request.send().await.expect("an answer")).await
    }

    /// Sends one MCP message (of the era of 2025-11-25, without a session).
    pub async fn mcp(&self, message: Value) -> Reply {
        let request = self
            .request(Method::POST, "/mcp")
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-11-25")
            .body(message.to_string());
        Reply::of(request.send().await.expect("an answer")).await
    }

    /// Calls a tool over MCP; gives `structuredContent` and whether it is an error.
    pub async fn tool(&self, name: &str, arguments: Value) -> (bool, Value) {
        let params = json!({ "name": name, "arguments": arguments });
        let reply = self
            .mcp(json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }))
            .await;
        let result = &reply.body["result"];
        assert!(result.is_object(), "{} {}", reply.status, reply.body);
        (result["isError"] == json!(true), result["structuredContent"].clone())
    }

    /// Calls a tool that must succeed.
    pub async fn ok(&self, name: &str, arguments: Value) -> Value {
        let (is_error, answer) = self.tool(name, arguments).await;
        assert!(!is_error, "{name}: {answer}");
        answer
    }

    /// Calls a tool that must be refused; gives the error object.
    pub async fn refused(&self, name: &str, arguments: Value) -> Value {
        let (is_error, answer) = self.tool(name, arguments).await;
        assert!(is_error, "{name}: {answer}");
        answer
    }

    /// The events of the team, newest first, as an admin sees them.
    pub async fn team_events(&self) -> Vec<Value> {
        let answer = self.ok("my_activity", json!({ "team": true, "limit": 100 })).await;
        answer["events"].as_array().cloned().unwrap_or_default()
    }
}

impl Reply {
    /// Reads an answer whole.
    pub async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().await.expect("a body");
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Self { status, headers, body }
    }

    /// The code of the error in a REST answer.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }
}

/// The hash of a key at the least cost there is, for tests that need hundreds.
pub fn cheap_hash(key: &ApiKey) -> String {
    let params = Params::new(8, 1, 1, None).expect("the least there is");
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: PasswordHash = hasher.hash_password(key.whole().expose().as_bytes()).expect("hashes");
    hash.to_string()
}
