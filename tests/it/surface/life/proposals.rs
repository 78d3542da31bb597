//! Viewers propose: what they remember is the team's once an editor accepts it.

use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp};
use crate::surface::probe::{leaving_nothing, warm};

/// A server, a viewer who proposes, another one, and an editor.
async fn people() -> (TestApp, Caller, Caller, Caller) {
    let app = warm().await;
    let both = ["read", "write"];
    let author = app.key("Author", Role::Viewer, &both).await.acting_as("author");
    let viewer = app.key("Viewer", Role::Viewer, &both).await.acting_as("viewer");
    let editor = app.key("Editor", Role::Editor, &both).await.acting_as("editor");
    for caller in [&author, &viewer, &editor] {
        caller.ok("whoami", json!({})).await;
    }
    (app, author, viewer, editor)
}

async fn proposed(author: &Caller) -> Value {
    let kept = author.ok("remember", json!({ "content": "We drink tea." })).await;
    assert_eq!(kept["status"], "proposed");
    kept["id"].clone()
}

/// The ids that a caller recalls, asking with this status.
async fn recalled(caller: &Caller, status: Option<&str>) -> Vec<Value> {
    let answer = caller.ok("recall", json!({ "query": "tea", "status": status })).await;
    answer["hits"].as_array().expect("hits").iter().map(|hit| hit["id"].clone()).collect()
}

#[tokio::test]
async fn a_proposal_is_recalled_where_it_is_asked_for_by_its_author_and_by_editors() {
    let (_app, author, viewer, editor) = people().await;

    let id = proposed(&author).await;

    for caller in [&author, &viewer, &editor] {
        assert!(recalled(caller, None).await.is_empty());
    }
    for status in ["proposed", "all"] {
        assert_eq!(recalled(&author, Some(status)).await, std::slice::from_ref(&id));
        assert_eq!(recalled(&editor, Some(status)).await, std::slice::from_ref(&id));
        assert!(recalled(&viewer, Some(status)).await.is_empty());
    }
}

#[tokio::test]
async fn to_another_viewer_a_proposal_is_not_there() {
    let (app, author, viewer, _) = people().await;
    let id = proposed(&author).await;
    let missing = format!("mem_{}", "01JD8ZQ5".repeat(4).get(..26).expect("ASCII"));

    for (name, more) in [
        ("memory_get", json!({ "versions": true })),
        ("memory_update", json!({ "content": "Coffee." })),
        ("forget", json!({})),
    ] {
        let about = |id: &Value| {
            let mut arguments = more.clone();
            arguments["id"] = id.clone();
            arguments
        };
        let mut theirs = leaving_nothing(&app, viewer.refused(name, about(&id))).await;
        let mut none = viewer.refused(name, about(&json!(missing))).await;

        for answer in [&mut theirs, &mut none] {
            answer["request_id"].take();
        }
        assert_eq!(theirs["code"], "NOT_FOUND");
        assert_eq!(theirs, none, "{name}");
    }
}

#[tokio::test]
async fn an_accepted_proposal_is_recalled_by_everyone() {
    let (app, author, viewer, editor) = people().await;
    let id = proposed(&author).await;

    let path = format!("/v1/memories/{}/accept", id.as_str().expect("an id"));
    let accepted = editor.rest(Method::POST, &path, None).await;

    let expected = json!({ "id": id, "version": 2, "status": "active", "changed": true });
    assert_eq!((accepted.status, &accepted.body), (200, &expected));
    assert_eq!(recalled(&viewer, None).await, std::slice::from_ref(&id));
    let again = editor.ok("memory_accept", json!({ "id": id }));
    assert_eq!(leaving_nothing(&app, again).await["changed"], false);
}

#[tokio::test]
async fn a_proposal_is_accepted_as_it_was_read_or_not_at_all() {
    let (app, author, _, editor) = people().await;
    let id = proposed(&author).await;
    let change = json!({ "id": id, "content": "We drink paint." });
    assert_eq!(author.ok("memory_update", change).await["status"], "proposed");

    let stale = editor.refused("memory_accept", json!({ "id": id, "if_version": 1 }));

    assert_eq!(leaving_nothing(&app, stale).await["code"], "CONFLICT");
    let read = json!({ "id": id, "if_version": 2 });
    assert_eq!(editor.ok("memory_accept", read).await["version"], 3);
}

#[tokio::test]
async fn a_viewer_accepts_nothing() {
    let (app, author, _, _) = people().await;
    let id = proposed(&author).await;

    let refused = leaving_nothing(&app, author.refused("memory_accept", json!({ "id": id }))).await;

    let needs = &refused["details"]["needs"]["role"];
    assert_eq!((&refused["code"], needs), (&json!("PERMISSION_DENIED"), &json!("editor")));
}

#[tokio::test]
async fn an_editor_declines_by_forgetting() {
    let (_app, author, viewer, editor) = people().await;
    let id = proposed(&author).await;

    editor.ok("forget", json!({ "id": id, "reason": "not so" })).await;

    let whole = json!({ "id": id, "versions": true });
    assert_eq!(author.ok("memory_get", whole.clone()).await["status"], "forgotten");
    assert_eq!(viewer.refused("memory_get", whole).await["code"], "NOT_FOUND");
    assert!(recalled(&author, Some("all")).await.is_empty());
    let late = editor.refused("memory_accept", json!({ "id": id })).await;
    assert_eq!(late["code"], "NOT_FOUND");
}

#[tokio::test]
async fn a_declined_proposal_that_is_restored_is_a_proposal_again() {
    let (_app, author, viewer, editor) = people().await;
    let id = proposed(&author).await;
    editor.ok("forget", json!({ "id": id })).await;

    let restored = editor.ok("memory_restore", json!({ "id": id })).await;

    assert_eq!(restored["status"], "proposed");
    assert!(recalled(&viewer, Some("all")).await.is_empty());
    editor.ok("memory_accept", json!({ "id": id })).await;
    editor.ok("memory_expire", json!({ "id": id })).await;
    assert_eq!(editor.ok("memory_restore", json!({ "id": id })).await["status"], "active");
}

#[tokio::test]
async fn an_author_withdraws_its_proposal() {
    let (_app, author, _, editor) = people().await;
    let id = proposed(&author).await;

    author.ok("forget", json!({ "id": id })).await;

    assert!(recalled(&editor, Some("all")).await.is_empty());
}

#[tokio::test]
async fn once_it_is_accepted_its_author_changes_it_no_more() {
    let (app, author, _, editor) = people().await;
    let id = proposed(&author).await;
    editor.ok("memory_accept", json!({ "id": id })).await;

    for (name, arguments) in [
        ("memory_update", json!({ "id": id, "content": "Coffee." })),
        ("memory_update", json!({ "id": id, "visibility": "agent" })),
        ("forget", json!({ "id": id })),
    ] {
        let refused = leaving_nothing(&app, author.refused(name, arguments)).await;

        let needs = &refused["details"]["needs"]["role"];
        assert_eq!((&refused["code"], needs), (&json!("PERMISSION_DENIED"), &json!("editor")));
    }
}

#[tokio::test]
async fn a_batch_is_proposed_whole_but_for_what_is_private() {
    let (_app, author, _, editor) = people().await;

    let items = json!([{ "content": "tea" }, { "content": "tea too", "visibility": "agent" }]);
    let kept = author.ok("remember", json!({ "items": items })).await;

    let statuses = [&kept["items"][0]["status"], &kept["items"][1]["status"]];
    assert_eq!(statuses, [&json!("proposed"), &json!("active")]);
    assert_eq!(recalled(&editor, Some("all")).await, [kept["items"][0]["id"].clone()]);
    assert_eq!(recalled(&author, None).await, [kept["items"][1]["id"].clone()]);
}

#[tokio::test]
async fn what_a_viewer_kept_for_itself_is_proposed_once_it_is_for_the_team() {
    let (_app, author, viewer, editor) = people().await;
    let private = json!({ "content": "tea", "visibility": "agent" });
    let id = author.ok("remember", private).await["id"].clone();

    let opened = author.ok("memory_update", json!({ "id": id, "visibility": "team" })).await;

    assert_eq!(opened["status"], "proposed");
    assert!(recalled(&viewer, Some("all")).await.is_empty());
    assert_eq!(recalled(&editor, Some("proposed")).await, std::slice::from_ref(&id));
    let closed = author.ok("memory_update", json!({ "id": id, "visibility": "agent" })).await;
    assert_eq!(closed["status"], "active");
    assert!(recalled(&editor, Some("all")).await.is_empty());
    author.ok("forget", json!({ "id": id })).await;
}

#[tokio::test]
async fn the_brief_tells_editors_how_many_proposals_wait() {
    let (_app, author, viewer, editor) = people().await;
    assert_eq!(editor.ok("brief", json!({})).await["proposals"], Value::Null);

    proposed(&author).await;
    author.ok("remember", json!({ "content": "We drink milk." })).await;

    assert_eq!(editor.ok("brief", json!({})).await["proposals"], 2);
    for caller in [&author, &viewer] {
        assert_eq!(caller.ok("brief", json!({})).await["proposals"], Value::Null);
    }
}
