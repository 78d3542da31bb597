//! Every operation, for every kind of caller, over REST and MCP: one table that a person can read.

use std::fmt::Write as _;

use memoranda::identity::key::ApiKey;
use memoranda::identity::role::Role;
use memoranda::ops::spec::Effect;
use memoranda::ops::{CATALOGUE, Entry};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::cases::{self, Objects};
use super::probe::{self, Raw};
use crate::golden;
use crate::support::{Caller, TestApp};

const EVERYTHING: [&str; 3] = ["read", "write", "admin"];

/// A kind of caller, and a header it sends beside or in place of its key.
struct Kind {
    name: &'static str,
    caller: Caller,
    header: Option<(&'static str, String)>,
}

#[tokio::test]
async fn every_operation_answers_every_kind_of_caller_as_the_table_says() {
    let app = TestApp::start().await;
    let mut kinds = kinds(&app).await;
    let mut table = String::from(HEAD);
    let mut objects = Unused::default();

    for entry in &CATALOGUE {
        let spec = &entry.spec;
        let (scope, role) = (spec.scope.as_str(), spec.least_role.as_str());
        let _ = writeln!(table, "\n{}: scope {scope}, role {role}", spec.name);
        kinds.truncate(FIXED);
        kinds.extend(by_allow_list(&app, entry).await);
        kinds.push(by_session(&app, entry).await);
        for kind in &kinds {
            let arguments = objects.arguments(&app, entry).await;
            let rest = kind.send(probe::rest_call(&kind.caller, entry, &arguments)).await;
            let rest = objects.answered(entry, by_rest(&rest));
            let arguments = objects.arguments(&app, entry).await;
            let mcp = kind.send(probe::mcp_call(&kind.caller, spec.name, &arguments)).await;
            let mcp = objects.answered(entry, by_mcp(&mcp));
            let name = kind.name;
            let _ = writeln!(table, "  {name:26}  {rest:24}  {mcp}");
        }
    }

    golden::check("authorization.txt", &table);
}

const HEAD: &str = "\
Who may do what, from really calling with valid arguments on objects that are there.
REST: HTTP status and code. MCP: ok, or the code of the tool's error; with a status, it is an HTTP answer.
";

/// Objects that nothing has been done with: what a call has changed, the next gets anew. What is only
/// read, or refused, is as it was.
#[derive(Default)]
struct Unused {
    made: usize,
    objects: Option<Objects>,
}

impl Unused {
    async fn arguments(&mut self, app: &TestApp, entry: &Entry) -> Value {
        if self.objects.is_none() {
            self.made += 1;
            self.objects = Some(Objects::fresh(app, self.made).await);
        }
        cases::arguments(entry, self.objects.as_ref().expect("just made"))
    }

    fn answered(&mut self, entry: &Entry, answer: String) -> String {
        let is_done = answer == "ok" || answer.starts_with('2');
        if is_done && entry.spec.effect != Effect::Read {
            self.objects = None;
        }
        answer
    }
}

/// How many kinds of callers are the same for every operation.
const FIXED: usize = 15;

impl Kind {
    fn new(name: &'static str, caller: Caller) -> Self {
        Self { name, caller, header: None }
    }

    async fn send(&self, request: RequestBuilder) -> Raw {
        match &self.header {
            Some((name, value)) => Raw::of(request.header(*name, value)).await,
            None => Raw::of(request).await,
        }
    }
}

async fn kinds(app: &TestApp) -> Vec<Kind> {
    let owner_key = app.owner.key.as_deref().expect("the owner has a key");
    let unknown = ApiKey::generate();
    let revoked = app.key("Revoked", Role::Owner, &EVERYTHING).await;
    revoked.ok("whoami", json!({})).await;
    let arguments = json!({ "key_id": revoked.key_id });
    app.owner.ok("key_revoke", arguments).await;
    let expired = owners_key(app, "Expired", json!({ "expires_at": "2026-11-22T09:30:00Z" })).await;
    expired.ok("whoami", json!({})).await;
    let (_, other) = app.other_team("other").await;
    let pending = in_standing(app, "pending").await;
    let blocked = in_standing(app, "blocked").await;
    // Everyone here was made before the one key's end.
    app.clock.advance(60 * 60 * 1000);
    let kinds = vec![
        Kind::new("no credential", app.anonymous()),
        Kind {
            header: Some(("authorization", owner_key.to_owned())),
            ..Kind::new("malformed header", app.anonymous())
        },
        Kind::new("mistyped key", app.with_key(&mistyped(owner_key))),
        Kind::new("unknown key", app.with_key(unknown.whole().expose())),
        Kind::new("revoked key", revoked),
        Kind::new("expired key", expired),
        Kind::new("viewer", app.key("Viewer", Role::Viewer, &EVERYTHING).await),
        Kind::new("editor", app.key("Editor", Role::Editor, &EVERYTHING).await),
        Kind::new("admin", app.key("Admin", Role::Admin, &EVERYTHING).await),
        Kind::new("owner", app.owner.clone()),
        Kind::new("owner, scope read alone", app.key("Reads", Role::Owner, &["read"]).await),
        Kind::new("owner, scope write alone", app.key("Writes", Role::Owner, &["write"]).await),
        Kind::new("owner, agent pending", pending),
        Kind::new("owner, agent blocked", blocked),
        Kind::new("owner of another team", other),
    ];
    assert_eq!(kinds.len(), FIXED);
    kinds
}

/// Two owner's keys whose allow-lists are all but this operation, and this operation alone.
async fn by_allow_list(app: &TestApp, entry: &Entry) -> [Kind; 2] {
    let name = entry.spec.name;
    let names = CATALOGUE.iter().map(|entry| entry.spec.name);
    let others: Vec<&str> = names.filter(|other| *other != name).collect();
    let without = json!({ "operations": others });
    let with = json!({ "operations": [name] });
    [
        Kind::new("allow-list without it", owners_key(app, &format!("No {name}"), without).await),
        Kind::new("allow-list of it alone", owners_key(app, &format!("Just {name}"), with).await),
    ]
}

/// An owner's key of which only a session's token is shown.
async fn by_session(app: &TestApp, entry: &Entry) -> Kind {
    let key = owners_key(app, &format!("Session {}", entry.spec.name), json!({})).await;
    key.ok("whoami", json!({})).await;
    let own = format!("key-{}", key.key_id.as_deref().expect("an id"));
    Kind::new("session of an owner's key", key.activated(&own).await.without_key())
}

async fn owners_key(app: &TestApp, title: &str, mut more: Value) -> Caller {
    more["role"] = json!("owner");
    more["scopes"] = json!(EVERYTHING);
    app.key_with(title, more).await
}

/// An owner's key whose agent has lost (or not yet won) the team's trust.
async fn in_standing(app: &TestApp, standing: &str) -> Caller {
    let caller = app.key(standing, Role::Owner, &EVERYTHING).await.acting_as(standing);
    caller.ok("whoami", json!({})).await;
    let changed = probe::database(app)
        .execute("UPDATE agents SET status = ?1 WHERE slug = ?1", [standing])
        .expect("updated");
    assert_eq!(changed, 1);
    caller
}

/// A key with its last character changed.
fn mistyped(key: &str) -> String {
    let last = if key.ends_with('a') { 'b' } else { 'a' };
    format!("{}{last}", &key[..key.len() - 1])
}

fn by_rest(answer: &Raw) -> String {
    format!("{} {}", answer.status, answer.code()).trim_end().to_owned()
}

fn by_mcp(answer: &Raw) -> String {
    let result = &answer.json()["result"];
    if answer.status != 200 {
        return by_rest(answer);
    }
    assert!(result["structuredContent"].is_object(), "{}", answer.text);
    if result["isError"] == true { answer.code() } else { "ok".to_owned() }
}
