//! What is exported from one team is imported into another: the same, or refused with its reason.

mod decided;
mod merge;
mod work;

use memoranda::identity::role::Role;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp};
use crate::surface::probe::{intact_chain, leaving_nothing};

/// Every record of an export, without its header.
async fn exported(who: &Caller, mut arguments: Value) -> Vec<Value> {
    let mut records = Vec::new();
    loop {
        let page = who.ok("export", arguments.clone()).await;
        records.extend(page["records"].as_array().expect("records").iter().cloned());
        let Some(cursor) = page.get("next_cursor") else { break };
        arguments["cursor"] = cursor.clone();
    }
    assert_eq!(records[0]["record"], "header");
    records.split_off(1)
}

async fn memories(who: &Caller) -> Vec<Value> {
    exported(who, json!({ "parts": ["memories"], "with_forgotten": true })).await
}

/// Imports all records at once; gives the answer.
async fn import(who: &Caller, name: &str, records: &[Value]) -> Value {
    who.ok("import", json!({ "import": name, "records": records })).await
}

fn drafts(count: usize) -> Vec<Value> {
    (0..count).map(|at| json!({ "record": "draft", "content": format!("Tea {at}.") })).collect()
}

#[tokio::test]
async fn pages_give_every_record_once_in_one_order() {
    let app = TestApp::start().await;
    let ada = app.owner.acting_as("ada");
    for number in 0..7 {
        ada.ok("remember", json!({ "content": format!("Tea {number}.") })).await;
    }

    let by_two = exported(&app.owner, json!({ "limit": 2 })).await;
    let at_once = exported(&app.owner, json!({})).await;

    assert_eq!(by_two, at_once);
    let kinds: Vec<&str> =
        at_once.iter().map(|record| record["record"].as_str().expect("a kind")).collect();
    assert!(kinds.is_sorted_by_key(|kind| {
        ["agent", "team", "memory", "activity"].iter().position(|known| known == kind)
    }));
    assert_eq!(kinds.iter().filter(|kind| **kind == "memory").count(), 7);
}

#[tokio::test]
async fn a_cursor_of_another_export_is_refused() {
    let app = TestApp::start().await;
    let page = app.owner.ok("export", json!({ "limit": 1 })).await;
    let (_, other) = app.other_team("other").await;
    let cursor = &page["next_cursor"];

    let elsewhere = other.refused("export", json!({ "cursor": cursor })).await;
    let otherwise = json!({ "cursor": cursor, "with_forgotten": true });
    let otherwise = app.owner.refused("export", otherwise).await;

    assert_eq!(elsewhere["code"], "INVALID_ARGUMENT");
    assert_eq!(otherwise["code"], "INVALID_ARGUMENT");
}

#[tokio::test]
async fn only_an_admin_exports() {
    let app = TestApp::start().await;
    let editor = app.key("Editor", Role::Editor, &["read", "write"]).await;

    let refusal = editor.refused("export", json!({})).await;

    assert_eq!(refusal["code"], "PERMISSION_DENIED");
}

#[tokio::test]
async fn an_import_goes_on_where_it_was_cut_off_and_doubles_nothing() {
    let app = TestApp::start().await;
    let all = drafts(5);
    let send = |first: usize, last: usize| json!({ "import": "notes", "first": first, "records": all[first..last] });
    app.owner.ok("import", send(0, 2)).await;

    let again = app.owner.refused("import", send(0, 2)).await;
    let ahead = app.owner.refused("import", send(3, 5)).await;
    let stands = app.owner.ok("import", json!({ "import": "notes" })).await;
    let rest = app.owner.ok("import", send(2, 5)).await;

    assert_eq!((&again["code"], &again["details"]["done"]), (&json!("CONFLICT"), &json!(2)));
    assert_eq!(ahead["code"], "CONFLICT");
    assert_eq!((&stands["done"], &stands["taken"]), (&json!(2), &json!(2)));
    assert_eq!((&rest["done"], &rest["taken"]), (&json!(5), &json!(3)));
    assert_eq!(memories(&app.owner).await.len(), 5);
    intact_chain(&app.house).await;
}

#[tokio::test]
async fn two_runs_of_one_import_take_each_record_once() {
    let app = TestApp::start().await;
    let callers = [app.owner.clone(), app.owner.clone()];
    for round in 0..10 {
        let records = [json!({ "record": "draft", "content": format!("Round {round}.") })];
        let arguments = json!({ "import": format!("round-{round}"), "records": records });

        let [one, two] = callers.each_ref().map(|who| who.tool("import", arguments.clone()));
        let (one, two) = futures_util::join!(one, two);

        assert!(one.0 != two.0, "one is taken and the other told: {one:?} {two:?}");
    }
    assert_eq!(memories(&app.owner).await.len(), 10);
}

#[tokio::test]
async fn a_source_that_has_grown_is_imported_again_without_doubling() {
    let app = TestApp::start().await;
    import(&app.owner, "monday", &drafts(3)).await;
    let id = memories(&app.owner).await[0]["id"].clone();
    app.owner.ok("forget", json!({ "id": id })).await;

    let answer = import(&app.owner, "tuesday", &drafts(5)).await;

    assert_eq!((&answer["taken"], &answer["known"]), (&json!(2), &json!(3)));
    let active = exported(&app.owner, json!({ "parts": ["memories"] })).await;
    assert_eq!(active.len(), 4, "what was forgotten isn't brought back");
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_changes_nothing() {
    let app = TestApp::start().await;
    import(&app.owner, "monday", &drafts(1)).await;
    let mut records = drafts(3);
    records.push(json!({ "record": "draft", "content": " " }));
    let arguments = json!({ "import": "dry", "records": records, "dry_run": true });

    let answer = leaving_nothing(&app, async { app.owner.ok("import", arguments).await }).await;

    assert_eq!((&answer["taken"], &answer["known"]), (&json!(2), &json!(1)));
    assert_eq!(answer["refused"][0]["place"], 3);
    assert!(answer["refused"][0]["rule"].as_str().expect("a rule").starts_with("`content` must"));
}

#[tokio::test]
async fn a_record_that_looks_like_a_secret_stops_the_batch_and_names_its_place() {
    let app = TestApp::start().await;
    let mut records = drafts(2);
    let value = format!("ghp_{}", "Ab1".repeat(12));
    records.push(json!({ "record": "draft", "content": format!("the token is {value}") }));
    let arguments = json!({ "import": "a", "records": records });

    let refusal = app.owner.refused("import", arguments).await;

    assert_eq!(refusal["code"], "SECRET_ARGUMENT");
    assert_eq!(refusal["details"]["path"], "records[2].content");
    assert!(!refusal.to_string().contains(&value));
    assert!(memories(&app.owner).await.is_empty());
}
