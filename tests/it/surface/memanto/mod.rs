//! REST, family 2: what programs written for Memanto send, and what they read.

mod agents;
mod answers;
mod conflicts;
mod documents;
mod lists;
mod memories;
mod policy;
mod routes;
mod standing;
mod walk;

use reqwest::Method;
use serde_json::{Value, json};

use super::probe::warm;
use crate::support::{Caller, Reply, TestApp};

const AGENTS: &str = "/api/v2/agents";

/// A server with the agent `my-agent`, and who has activated it.
async fn activated() -> (TestApp, Caller) {
    let app = warm().await;
    let agent = agent(&app, "my-agent").await;
    (app, agent)
}

/// A new agent's session, its token beside the owner's key.
async fn agent(app: &TestApp, id: &str) -> Caller {
    let made = post(&app.owner, AGENTS, json!({ "agent_id": id })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let reply = app.owner.rest(Method::POST, &format!("{AGENTS}/{id}/activate"), None).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    app.owner.with_session(reply.body["session_token"].as_str().expect("a token"))
}

async fn post(caller: &Caller, path: &str, body: Value) -> Reply {
    caller.rest(Method::POST, path, Some(body)).await
}

async fn get(caller: &Caller, path: &str) -> Reply {
    caller.rest(Method::GET, path, None).await
}

/// A route of `my-agent`.
fn of_agent(route: &str) -> String {
    format!("{AGENTS}/my-agent/{route}")
}

/// Remembers something as `my-agent`; gives its id.
async fn remembered(agent: &Caller, content: &str) -> String {
    let reply = post(agent, &of_agent("remember"), json!({ "content": content })).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body["memory_id"].as_str().expect("an id").to_owned()
}

/// Asserts that a body has at least these fields.
fn has(body: &Value, fields: &[&str]) {
    let object = body.as_object().unwrap_or_else(|| panic!("no object: {body}"));
    for field in fields {
        assert!(object.contains_key(*field), "without {field}: {body}");
    }
}

/// The contents of the memories of an answer.
fn contents(body: &Value) -> Vec<&str> {
    let all = body["memories"].as_array().unwrap_or_else(|| panic!("no list: {body}"));
    all.iter().map(|memory| memory["content"].as_str().expect("text")).collect()
}
