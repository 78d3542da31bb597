//! What a team has decided, in another team: policies, retention and conflicts; and what has come to
//! memories since they were first taken over.

use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{exported, import, memories};
use crate::support::{Caller, TestApp};
use crate::surface::probe::leaving_nothing;

fn of(records: &[Value], kinds: &[&str]) -> Vec<Value> {
    let is_one = |record: &&Value| kinds.iter().any(|kind| record["record"] == *kind);
    records.iter().filter(is_one).cloned().collect()
}

async fn whole(who: &Caller) -> Vec<Value> {
    exported(who, json!({ "with_forgotten": true })).await
}

async fn says(who: &Caller, content: &str) -> Value {
    who.ok("remember", json!({ "content": content })).await
}

/// A team with policies of its own, a conflict that was settled and one that waits.
async fn decided() -> (TestApp, Caller) {
    let app = TestApp::start().await;
    let ada = app.owner.acting_as("ada");
    ada.ok("whoami", json!({})).await;
    app.owner.ok("policy_set", json!({ "trust": "approval", "secret_values": "redact" })).await;
    app.owner.ok("retention_set", json!({ "preset": "balanced" })).await;
    app.owner.ok("retention_set", json!({ "agent": "ada", "retention": { "fact": "9d" } })).await;
    says(&ada, "The admin service runs on port 8443.").await;
    let settled = says(&ada, "The admin service runs on port 9443.").await;
    let decision = json!({
        "id": settled["conflicts"][0]["id"], "resolution": "KEEP_BOTH", "rationale": "two of them",
    });
    app.owner.ok("conflict_resolve", decision).await;
    says(&ada, "The staging cluster has 12 nodes.").await;
    let waits = says(&ada, "The staging cluster has 20 nodes.").await;
    assert!(waits["conflicts"][0]["id"].is_string(), "{waits}");
    let (_, other) = app.other_team("other").await;
    (app, other)
}

const DECIDED: [&str; 4] = ["team", "retention", "memory", "conflict"];

#[tokio::test]
async fn a_team_that_holds_nothing_gets_policies_and_conflicts_as_they_were() {
    let (app, other) = decided().await;
    let all = whole(&app.owner).await;

    let answer = import(&other, "whole", &all).await;

    assert_eq!(answer["refused"], json!([]));
    let there = whole(&other).await;
    assert_eq!(of(&there, &DECIDED), of(&all, &DECIDED));
    assert_eq!(of(&all, &["conflict"]).len(), 2);
    assert_eq!(of(&all, &["retention"]).len(), 2);
    let shown = other.ok("policy_show", json!({})).await;
    assert_eq!((&shown["trust"], &shown["secret_values"]), (&json!("approval"), &json!("redact")));
    let waiting = other.ok("conflicts_list", json!({})).await;
    assert_eq!(waiting["conflicts"].as_array().map(Vec::len), Some(1), "{waiting}");
    let events = other.team_events().await;
    let event = events.iter().find(|event| event["operation"] == "import").expect("one");
    assert_eq!(event["summary"]["policies"], 3, "{event}");
    let again = import(&other, "again", &all).await;
    assert_eq!((&again["known"], &again["taken"]), (&json!(all.len()), &json!(0)), "{again}");
}

#[tokio::test]
async fn a_conflict_that_was_taken_over_can_be_settled_there() {
    let (app, other) = decided().await;
    import(&other, "whole", &whole(&app.owner).await).await;
    let waiting = other.ok("conflicts_list", json!({})).await["conflicts"][0]["id"].clone();

    let decision = json!({ "id": waiting, "resolution": "KEEP_NEW" });
    other.ok("conflict_resolve", decision).await;

    let left = other.ok("conflicts_list", json!({})).await;
    assert_eq!(left["conflicts"], json!([]));
    let found = other.ok("recall", json!({ "query": "staging cluster nodes" })).await;
    assert_eq!(found["hits"][0]["content"], "The staging cluster has 20 nodes.");
}

#[tokio::test]
async fn a_team_that_lives_loosens_nothing_and_lets_nothing_expire_by_a_file() {
    let (app, other) = decided().await;
    let all = whole(&app.owner).await;
    says(&other, "Here was somebody before.").await;
    let strict = json!({ "record": "team", "trust": "approval", "secret_values": "reject" });

    let answer = import(&other, "whole", &of(&all, &["agent", "team", "retention"])).await;
    let before = other.ok("policy_show", json!({})).await;
    let stricter = import(&other, "strict", &[strict]).await;
    let after = other.ok("policy_show", json!({})).await;

    let rules: Vec<&str> = answer["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["rule"].as_str())
        .collect();
    assert_eq!(rules.len(), 3, "{answer}");
    assert!(rules[0].starts_with("would loosen this team's policies"), "{rules:?}");
    assert!(rules[1..].iter().all(|rule| rule.contains("`retention_set`")), "{rules:?}");
    assert_eq!(before["trust"], "automatic");
    assert_eq!((&stricter["taken"], &after["trust"]), (&json!(1), &json!("approval")));
    assert_eq!(after["secret_values"], "reject");
}

#[tokio::test]
async fn only_an_admin_takes_over_what_was_decided() {
    let (app, other) = decided().await;
    let all = whole(&app.owner).await;
    let body = json!({ "title": "Editor", "role": "editor", "scopes": ["read", "write"] });
    let made = other.rest(Method::POST, "/v1/keys", Some(body)).await;
    let editor = app.with_key(made.body["key"].as_str().expect("a key")).acting_as("eve");
    let records = of(&all, &["team", "retention", "conflict"]);

    let answer = import(&editor, "decided", &records).await;

    assert_eq!(answer["refused"].as_array().map(Vec::len), Some(records.len()));
    let rules = answer["refused"].as_array().expect("a list");
    assert!(rules.iter().all(|one| one["rule"] == "is for an admin to import"), "{answer}");
}

#[tokio::test]
async fn a_conflict_without_its_memories_or_decided_otherwise_is_refused() {
    let (app, other) = decided().await;
    let all = whole(&app.owner).await;
    let conflicts = of(&all, &["conflict"]);

    let bare = import(&other, "bare", &conflicts).await;
    import(&other, "whole", &all).await;
    let waiting = other.ok("conflicts_list", json!({})).await["conflicts"][0]["id"].clone();
    other.ok("conflict_resolve", json!({ "id": waiting, "resolution": "DISMISS" })).await;
    let otherwise = import(&other, "again", &conflicts).await;
    let wrong: Vec<Value> = [
        ("/newer/id", conflicts[0]["existing"]["id"].clone()),
        ("/status", json!("PENDING")),
        ("/signals/0/weight", json!(7)),
        ("/rationale", json!("")),
        ("/existing/version", json!(0)),
    ]
    .into_iter()
    .map(|(path, value)| {
        let mut record = conflicts[0].clone();
        *record.pointer_mut(path).expect("a field") = value;
        record
    })
    .collect();
    let odd = import(&other, "odd", &wrong).await;

    assert!(
        bare["refused"]
            .as_array()
            .expect("a list")
            .iter()
            .all(|one| { one["rule"] == "names a memory that is not here" })
    );
    assert_eq!((&otherwise["known"], &otherwise["taken"]), (&json!(1), &json!(0)));
    assert_eq!(otherwise["refused"][0]["rule"], "is here already, decided otherwise");
    assert_eq!(odd["refused"].as_array().map(Vec::len), Some(wrong.len()), "{odd}");
}

#[tokio::test]
async fn a_dry_run_takes_it_that_what_is_named_comes_too() {
    let (app, other) = decided().await;
    let records = whole(&app.owner).await;
    let count = records.len();
    other.ok("whoami", json!({})).await;
    let dry = json!({ "import": "dry", "records": records, "dry_run": true });

    let answer = leaving_nothing(&app, async { other.ok("import", dry).await }).await;

    assert_eq!((&answer["taken"], &answer["refused"]), (&json!(count), &json!([])));
}

#[tokio::test]
async fn what_came_to_a_memory_later_comes_with_a_newer_export() {
    let app = TestApp::start().await;
    let ada = app.owner.acting_as("ada");
    let tea = says(&ada, "We drink tea at four.").await["id"].clone();
    let milk = says(&ada, "Milk comes on Mondays.").await["id"].clone();
    let (_, other) = app.other_team("other").await;
    import(&other, "monday", &whole(&app.owner).await).await;
    app.clock.advance(60_000);
    let link = json!({ "id": tea, "type": "relates_to", "to": milk });
    ada.ok("link_add", link).await;
    let bo = app.key("Bo", Role::Editor, &["read", "write"]).await.acting_as("bo");
    let again = says(&bo, "We drink tea at four.").await;
    assert_eq!(again["duplicate_of"], tea);
    let newer = memories(&app.owner).await;

    let answer = import(&other, "tuesday", &newer).await;

    assert_eq!((&answer["taken"], &answer["known"]), (&json!(1), &json!(1)), "{answer}");
    assert_eq!(memories(&other).await, newer);
    let shown = other.ok("memory_get", json!({ "id": tea })).await;
    assert_eq!((&shown["links"][0]["to"], &shown["confirmations"]), (&milk, &json!(1)));
}
