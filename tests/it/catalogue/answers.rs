//! What every operation really answers is what its schema says, on every surface that calls it.

use std::collections::BTreeSet;

use memoranda::identity::role::Role;
use memoranda::ops::{self, CATALOGUE};
use serde_json::{Value, json};

use super::schema::faults;
use crate::support::{Caller, TestApp};
use crate::surface::cases::task;

/// Somebody whose every answer is checked.
struct Checked<'a> {
    caller: &'a Caller,
    called: BTreeSet<&'static str>,
}

impl Checked<'_> {
    async fn call(&mut self, name: &str, arguments: Value) -> Value {
        let answer = self.caller.ok(name, arguments).await;
        let entry = ops::find(name).expect("an operation");
        let faults = faults(entry.output(), &answer);
        assert!(faults.is_empty(), "{name} answers {answer:#}:\n{}", faults.join("\n"));
        self.called.insert(entry.spec.name);
        answer
    }
}

#[tokio::test]
async fn every_operation_answers_as_its_schema_says() {
    let app = TestApp::start().await;
    let agent = app.owner.acting_as("ada");
    let mut ada = Checked { caller: &agent, called: BTreeSet::new() };

    ada.call("whoami", json!({})).await;
    let about = json!({ "display_name": "Ada", "type": "coder", "description": "writes" });
    ada.call("agent_register", about.clone()).await;
    ada.call("agent_register", about).await;
    ada.call("whoami", json!({})).await;
    memories(&mut ada).await;
    strategy(&mut ada).await;
    work(&mut ada, &app).await;
    keys(&mut ada).await;
    sessions(&mut ada).await;
    administration(&mut ada).await;
    members(&mut ada).await;
    retention(&mut ada).await;
    for dry_run in [true, false] {
        for name in ["author_quarantine", "author_release", "author_roll_back", "author_roll_back"]
        {
            ada.call(name, json!({ "agent": "ada", "dry_run": dry_run })).await;
        }
    }
    let head = ada.call("activity_verify", json!({})).await["head"].clone();
    let elsewhere = json!({ "expect_sequence": head["sequence"], "expect_hash": "0".repeat(64) });
    ada.call("activity_verify", elsewhere).await;
    ada.call("activity_export", json!({ "limit": 2 })).await;
    let page = ada.call("export", json!({ "limit": 2 })).await;
    let whole = ada.call("export", json!({ "parts": ["memories"], "with_forgotten": true })).await;
    ada.call("export", json!({ "limit": 2, "cursor": page["next_cursor"] })).await;
    let known = &whole["records"][1];
    let records = json!([known, { "record": "draft", "content": "Tea." }, { "record": "none" }]);
    for dry_run in [true, false] {
        ada.call("import", json!({ "import": "a", "records": records, "dry_run": dry_run })).await;
    }
    ada.call("import", json!({ "import": "a" })).await;
    ada.call("my_activity", json!({ "limit": 2 })).await;
    ada.call("my_activity", json!({ "team": true, "limit": 100 })).await;

    let all: BTreeSet<&str> = CATALOGUE.iter().map(|entry| entry.spec.name).collect();
    assert_eq!(ada.called, all, "every operation is called here");
}

async fn memories(ada: &mut Checked<'_>) {
    let whole = json!({
        "content": "We deploy on Fridays.", "title": "Deploys", "type": "decision",
        "tags": ["ops"], "confidence": 1, "provenance": "inferred", "voice": "DECIDED",
        "source": "minutes", "source_ref": "page 3", "thread": "weekly", "position": 3,
        "speaker": "Bo", "visibility": "agent", "occurred_at": "2026-11-01",
        "valid_from": "2026-11-02", "valid_until": "2026-12-31",
    });
    let kept = ada.call("remember", whole).await;
    ada.call("remember", json!({ "items": [{ "content": "one" }, { "content": "two" }] })).await;
    let id = &kept["id"];
    ada.call("recall", json!({ "query": "deploy" })).await;
    ada.call("recall", json!({ "limit": 1 })).await;
    ada.call("recall", json!({ "query": "nothing holds this" })).await;
    ada.call("answer", json!({ "question": "When do we deploy?" })).await;
    ada.call("answer", json!({ "question": "Who won the regatta?", "limit": 1 })).await;
    ada.call("daily_summary", json!({})).await;
    ada.call("daily_summary", json!({ "date": "2026-01-01", "utc_offset": "+02:00" })).await;
    let said = json!([{ "role": "user", "content": "I prefer tea. Really?", "name": "Bo" }]);
    ada.call("extract", json!({ "messages": said })).await;
    ada.call("extract", json!({ "messages": said, "store": true, "thread": "talk" })).await;
    let change = json!({ "id": id, "content": "We deploy on Mondays." });
    ada.call("memory_update", change.clone()).await;
    ada.call("memory_update", change).await;
    ada.call("memory_get", json!({ "id": id })).await;
    ada.call("memory_get", json!({ "id": id, "versions": true })).await;
    let other = ada.call("remember", json!({ "content": "We deploy at nine." })).await;
    let link = json!({ "id": other["id"], "type": "derives_from", "to": id });
    ada.call("link_add", link.clone()).await;
    ada.call("recall", json!({ "query": "nine", "limit": 1, "follow": ["all"] })).await;
    ada.call("memory_get", json!({ "id": id })).await;
    ada.call("memory_get", json!({ "id": other["id"] })).await;
    ada.call("link_remove", link).await;
    let newer = json!({ "content": "We deploy at ten.", "supersedes": [other["id"]] });
    ada.call("remember", newer).await;
    ada.call("recall", json!({ "changed_since": "2026-11-01", "include_history": true })).await;
    ada.call("recall", json!({ "as_of": "2026-11-22", "query": "deploy" })).await;
    ada.call("memory_get", json!({ "id": id, "as_of": "2026-11-22" })).await;
    ada.call("memory_restore", json!({ "id": id, "version": 1 })).await;
    let partial = json!({ "items": [{ "content": "two" }, { "content": "" }], "partial": true });
    ada.call("remember", partial).await;
    ada.call("memory_list", json!({ "limit": 1 })).await;
    ada.call("memory_list", json!({ "as_of": "2026-11-22", "query": "mondays" })).await;
    ada.call("memory_list", json!({ "changed_since": "2026-11-01", "status": "all" })).await;
    conflicts(ada).await;
    ada.call("brief", json!({})).await;
    ada.call("memory_expire", json!({ "id": id, "reason": "moved" })).await;
    ada.call("memory_expire", json!({ "id": id })).await;
    ada.call("memory_get", json!({ "id": id })).await;
    ada.call("memory_restore", json!({ "id": id })).await;
    ada.call("memory_restore", json!({ "id": id })).await;
    ada.call("memory_accept", json!({ "id": id })).await;
    ada.call("forget", json!({ "id": id, "reason": "no longer so" })).await;
    ada.call("forget", json!({ "id": id })).await;
}

async fn strategy(ada: &mut Checked<'_>) {
    let vision = json!({ "statement": "Everybody remembers.", "type": "VISION", "owner": "me" });
    let vision = ada.call("strategy_node_create", vision).await["id"].clone();
    let epic = json!({
        "statement": "Quick answers.", "type": "EPIC", "parent_id": vision, "position": 0,
        "description": "In a second.",
    });
    let epic = ada.call("strategy_node_create", epic).await["id"].clone();
    let first = ada.call("task_create", json!({ "statement": "Measure." })).await["id"].clone();
    let whole = json!({
        "statement": "Halve it.", "description": "On a fresh machine.", "parent_id": epic,
        "acceptance_criteria": ["ten runs"], "assignee": "me", "priority": "HIGH",
        "due_at": "tomorrow", "depends_on": [first],
    });
    let task = ada.call("task_create", whole).await["id"].clone();
    ada.call("task_create", json!({ "statement": "Write it up.", "parent_id": task })).await;
    ada.call("task_update", json!({ "id": task, "criteria_met": [1], "due_at": "none" })).await;
    ada.call("task_update", json!({ "id": task, "criteria_met": [1] })).await;
    ada.call("task_get", json!({ "id": task })).await;
    ada.call("task_get", json!({ "id": first })).await;
    ada.call("task_list", json!({ "limit": 1 })).await;
    ada.call("task_list", json!({ "assignee": "me", "parent_id": vision, "query": "halve" })).await;
    ada.call("strategy_tree", json!({})).await;
    ada.call("strategy_tree", json!({ "id": vision, "depth": 0 })).await;
    ada.call("strategy_node_search", json!({ "query": "quick" })).await;
    for _ in 0..2 {
        ada.call("strategy_node_update", json!({ "id": epic, "status": "DROPPED" })).await;
    }
}

async fn conflicts(ada: &mut Checked<'_>) {
    ada.call("remember", json!({ "content": "The admin service runs on port 8443." })).await;
    for (port, resolution) in
        [(9443, "KEEP_BOTH"), (7443, "KEEP_EXISTING"), (6443, "MERGE"), (5443, "DISMISS")]
    {
        let content = format!("The admin service runs on port {port}.");
        let kept = ada.call("remember", json!({ "content": content })).await;
        ada.call("conflicts_list", json!({ "limit": 1 })).await;
        let mut decision = json!({
            "id": kept["conflicts"][0]["id"], "resolution": resolution, "rationale": "it was said",
        });
        if resolution == "MERGE" {
            decision["content"] = "The admin service runs on two ports.".into();
        }
        ada.call("conflict_resolve", decision.clone()).await;
        ada.call("conflict_resolve", decision).await;
    }
    let goal =
        json!({ "statement": "The mobile app supports 40 languages.", "type": "KEY_RESULT" });
    let node = ada.call("strategy_node_create", goal).await["id"].clone();
    let content = "The mobile app supports 12 languages.";
    let kept = ada.call("remember", json!({ "content": content })).await;
    ada.call("conflicts_list", json!({ "node": node })).await;
    let against = json!({ "id": kept["id"], "content": content.replace("12", "13") });
    ada.call("memory_update", against).await;
    ada.call("memory_expire", json!({ "id": kept["id"] })).await;
    ada.call("memory_restore", json!({ "id": kept["id"] })).await;
    let decision = json!({ "id": kept["conflicts"][0]["id"], "resolution": "KEEP_NEW" });
    ada.call("conflict_resolve", decision).await;
    let settled = json!({ "status": ["RESOLVED", "DISMISSED"], "kind": "CONTRADICTION" });
    ada.call("conflicts_list", settled).await;
}

/// Two tasks on their way: each step, and each step by which work is handed on.
async fn work(ada: &mut Checked<'_>, app: &TestApp) {
    let first = task(app, "local", 1, "PLANNED");
    let second = task(app, "local", 2, "PLANNED");
    let bo = app.key("Reviewer", Role::Editor, &["read", "write"]).await;
    let begun = ada.call("work_begin", json!({ "task_id": first })).await;
    let fence = begun["fence"].clone();
    let reached = json!({ "task_id": first, "summary": "half", "next": "rest", "fence": fence });
    ada.call("work_checkpoint", reached).await;
    ada.call("work_blocked", json!({ "task_id": first, "reason": "no machine" })).await;
    ada.call("work_begin", json!({ "task_id": first, "take_over": true })).await;
    let left = json!({ "task_id": first, "summary": "more", "next": "rest", "to": "ada" });
    ada.call("work_release", left).await;
    for (task, verdict) in [(&first, "approve"), (&second, "send_back")] {
        ada.call("work_begin", json!({ "task_id": task })).await;
        ada.call("work_complete", json!({ "task_id": task, "summary": "done" })).await;
        let mut bo = Checked { caller: &bo, called: BTreeSet::new() };
        let verdict = json!({ "task_id": task, "verdict": verdict, "comment": "seen" });
        bo.call("work_review", verdict).await;
        ada.called.append(&mut bo.called);
    }
    ada.call("comment_add", json!({ "about_id": first, "content": "well done" })).await;
    ada.call("comment_list", json!({ "about_id": first, "limit": 1 })).await;
    ada.call("comment_list", json!({ "about_id": first })).await;
}

async fn keys(ada: &mut Checked<'_>) {
    let whole = json!({
        "title": "night build", "description": "for the night", "role": "viewer",
        "scopes": ["read"], "operations": ["recall"], "agent": "night", "expires_at": "2027-01-01",
    });
    let id = ada.call("key_create", whole).await["key_id"].clone();
    ada.call("key_create", json!({ "title": "plain" })).await;
    ada.call("key_list", json!({})).await;
    ada.call("key_edit", json!({ "key_id": id, "title": "nightly", "operations": ["brief"] }))
        .await;
    ada.call("key_rotate", json!({ "key_id": id, "overlap_hours": 1 })).await;
    ada.call("key_show", json!({ "key_id": id })).await;
    ada.call("key_deactivate", json!({ "key_id": id })).await;
    ada.call("key_activate", json!({ "key_id": id })).await;
    ada.call("key_revoke", json!({ "key_id": id })).await;
    ada.call("key_show", json!({ "key_id": id })).await;
    ada.call("key_list", json!({})).await;
    ada.call("key_delete", json!({ "key_id": id, "confirm": true })).await;
}

async fn sessions(ada: &mut Checked<'_>) {
    let arguments = json!({ "agent_id": "ada", "duration_hours": 1 });
    let made = ada.call("session_activate", arguments).await;
    let caller = ada.caller.with_session(made["session_token"].as_str().expect("a token"));
    let mut active = Checked { caller: &caller, called: BTreeSet::new() };
    active.call("whoami", json!({})).await;
    active.call("session_current", json!({})).await;
    active.call("session_extend", json!({ "hours": 2 })).await;
    active.call("session_list", json!({ "agent_id": "ada", "limit": 1 })).await;
    active.call("agent_list", json!({})).await;
    active.call("session_end", json!({})).await;
    ada.called.append(&mut active.called);
    ada.call("session_list", json!({ "all": true })).await;
    ada.call("session_key_rotate", json!({})).await;
    ada.call("session_key_rotate", json!({ "end_now": true })).await;
}

async fn members(ada: &mut Checked<'_>) {
    let who = json!({ "email": "bo@example.org", "display_name": "Bo", "role": "editor" });
    let member = ada.call("member_invite", who).await["member_id"].clone();
    ada.call("member_list", json!({})).await;
    ada.call("member_edit", json!({ "member_id": member, "display_name": "Bob" })).await;
    ada.call("member_role", json!({ "member_id": member, "role": "viewer" })).await;
    let gone = json!({ "member_id": member, "confirm": true, "revoke_keys": true });
    ada.call("member_remove", gone.clone()).await;
    ada.call("member_remove", gone).await;
    ada.call("member_list", json!({ "removed": true })).await;
}

async fn administration(ada: &mut Checked<'_>) {
    // `night` is there by the key that was made for it.
    ada.call("agent_list", json!({})).await;
    ada.call("agent_block", json!({ "agent_id": "night" })).await;
    ada.call("agent_approve", json!({ "agent_id": "night" })).await;
    ada.call("agent_approve", json!({ "agent_id": "night" })).await;
    let whole = json!({
        "agent_id": "day", "display_name": "Day", "type": "support", "description": "by day",
    });
    ada.call("agent_create", whole).await;
    ada.call("agent_create", json!({ "agent_id": "plain" })).await;
    ada.call("agent_show", json!({ "agent_id": "day" })).await;
    ada.call("agent_delete", json!({ "agent_id": "day", "confirm": true })).await;
    ada.call("policy_show", json!({})).await;
    ada.call("policy_set", json!({ "trust": "approval", "secret_values": "redact" })).await;
    ada.call("policy_set", json!({})).await;
    ada.call("operation_list", json!({ "query": "key", "toolset": "admin" })).await;
    ada.call("operation_show", json!({ "name": "recall" })).await;
    ada.call("complete", json!({ "kind": "operation", "beginning": "re" })).await;
}

async fn retention(ada: &mut Checked<'_>) {
    ada.call("retention_show", json!({ "presets": true })).await;
    let whole = json!({
        "retention": { "fact": "30d", "goal": "never" },
        "rules": [{
            "name": "r", "expire_after": "1m", "match": {
                "type": ["fact"], "tags": ["t"], "source": ["s"], "provenance": ["inferred"],
                "confidence_below": 0.5, "dated": true,
            },
        }],
        "purge_expired_after": "1y",
        "expected_version": 0,
    });
    ada.call("retention_set", whole.clone()).await;
    let text = json!({ "rules": whole["rules"] }).to_string();
    ada.call("retention_set", json!({ "text": text })).await;
    ada.call("retention_set", json!({ "preset": "balanced", "agent": "ada" })).await;
    ada.call("retention_set", json!({ "preset": "balanced", "agent": "ada" })).await;
    ada.call("retention_show", json!({ "agent": "ada" })).await;
    ada.call("retention_run", json!({ "dry_run": true })).await;
    ada.call("retention_run", json!({ "agent": "ada", "limit": 1 })).await;
    ada.call("retention_purge", json!({})).await;
    let id = ada.call("remember", json!({ "content": "To be erased." })).await["id"].clone();
    ada.call("memory_erase", json!({ "ids": [id], "reason": "x", "dry_run": true })).await;
    for _ in 0..2 {
        ada.call("memory_erase", json!({ "ids": [id], "reason": "x", "confirm": true })).await;
    }
}

#[tokio::test]
async fn a_person_and_an_owner_are_described_as_the_schema_says() {
    let app = TestApp::start().await;
    let owner = app.house.auth.local_owner().await.expect("one team");

    for name in ["whoami", "brief", "my_activity"] {
        let entry = ops::find(name).expect("an operation");
        let request = app.house.app.request_id();
        let answer = ops::call(&app.house.app, &owner, entry, json!({}), request).await;

        let faults = faults(entry.output(), &answer.expect("answers"));
        assert!(faults.is_empty(), "{name}: {}", faults.join("\n"));
    }
}

#[tokio::test]
async fn a_tools_answer_is_the_same_in_text_and_in_structure() {
    let app = TestApp::start().await;

    for (name, is_error) in [("whoami", false), ("memory_get", true)] {
        let params = json!({ "name": name, "arguments": {} });
        let message =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let result = app.owner.mcp(message).await.body["result"].clone();

        let text = result["content"][0]["text"].as_str().expect("text");
        let read: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(read, result["structuredContent"], "{name}");
        assert_eq!(result["isError"] == json!(true), is_error, "{name}");
    }
}
