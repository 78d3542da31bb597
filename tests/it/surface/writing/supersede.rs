use memoranda::identity::role::Role;
use serde_json::{Value, json};

use super::{kept, read};
use crate::support::Caller;
use crate::surface::probe::{leaving_nothing, warm};

const ALL: [&str; 3] = ["read", "write", "admin"];

async fn newer(caller: &Caller, content: &str, older: &[&Value]) -> Value {
    caller.ok("remember", json!({ "content": content, "supersedes": older })).await
}

#[tokio::test]
async fn what_is_superseded_leaves_recall_with_what_took_its_place() {
    let app = warm().await;
    let old = kept(&app.owner, "The heron nests by the pond.").await;
    app.clock.advance(5_000);

    let new = newer(&app.owner, "The heron nests by the river.", &[&old]).await;

    assert_eq!(new["superseded"], json!([old]));
    let found = app.owner.ok("recall", json!({ "query": "heron" })).await;
    assert_eq!((&found["count"], &found["hits"][0]["id"]), (&json!(1), &new["id"]));
    let then = read(&app.owner, &old).await;
    assert_eq!((&then["status"], &then["version"]), (&json!("superseded"), &json!(2)));
    assert_eq!(then["status_reason"], "superseded");
    assert_eq!(then["status_at"], "2026-11-22T09:00:05.000Z");
    assert_eq!(then["linked_from"], json!([{ "type": "supersedes", "from": new["id"] }]));
    let events = app.owner.team_events().await;
    assert_eq!(events.iter().filter(|event| event["operation"] == "remember").count(), 2);
}

#[tokio::test]
async fn a_memory_may_take_the_place_of_several_and_of_one_that_another_has_taken() {
    let app = warm().await;
    let first = kept(&app.owner, "The heron nests by the pond.").await;
    let second = kept(&app.owner, "The heron nests by the lake.").await;
    newer(&app.owner, "The heron nests by the mill.", &[&first]).await;

    let new = newer(&app.owner, "The heron nests by the river.", &[&first, &second, &second]).await;

    assert_eq!(new["superseded"], json!([second]));
    assert_eq!(read(&app.owner, &first).await["version"], 2);
    assert_eq!(read(&app.owner, &first).await["linked_from"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn what_cannot_be_superseded_keeps_the_new_memory_out_too() {
    let app = warm().await;
    let other = app.key("Other", Role::Editor, &ALL).await;
    let team = kept(&app.owner, "The heron nests by the pond.").await;
    let hidden = json!({ "content": "Only mine.", "visibility": "agent" });
    let hidden = other.ok("remember", hidden).await["id"].clone();
    let viewer = app.key("Viewer", Role::Viewer, &ALL).await;
    viewer.ok("whoami", json!({})).await;

    for older in [&hidden, &json!(format!("mem_{}", "0".repeat(26))), &json!("mem_1")] {
        let item = json!({ "content": "New.", "supersedes": [team, older] });
        let refused = leaving_nothing(&app, app.owner.refused("remember", item)).await;
        assert_eq!(refused["code"], "NOT_FOUND", "{older}");
        assert_eq!(refused["details"]["fields"][0]["field"], "supersedes[1]", "{older}");
    }

    let item = json!({ "content": "New.", "supersedes": [team] });
    let refused = leaving_nothing(&app, viewer.refused("remember", item.clone())).await;
    assert_eq!(refused["code"], "PERMISSION_DENIED");

    let mut private = item;
    private["visibility"] = json!("agent");
    let refused = leaving_nothing(&app, app.owner.refused("remember", private)).await;
    assert_eq!(refused["details"]["fields"][0]["field"], "supersedes[0]");
}

#[tokio::test]
async fn a_proposal_takes_the_place_of_nothing_but_a_proposal() {
    let app = warm().await;
    let viewer = app.key("Viewer", Role::Viewer, &ALL).await;
    let team = kept(&app.owner, "The heron nests by the pond.").await;
    let proposal = kept(&viewer, "The heron nests by the lake.").await;

    let link = json!({ "id": proposal, "type": "supersedes", "to": team });
    let refused = leaving_nothing(&app, app.owner.refused("link_add", link)).await;
    assert_eq!(refused["details"]["fields"][0]["field"], "to");

    let new = newer(&viewer, "The heron nests by the river.", &[&proposal]).await;
    assert_eq!((&new["status"], &new["superseded"]), (&json!("proposed"), &json!([proposal])));
    assert_eq!(read(&app.owner, &team).await["status"], "active");
}

#[tokio::test]
async fn nothing_beside_items_is_taken_and_each_item_retires_its_own() {
    let app = warm().await;
    let old = kept(&app.owner, "The heron nests by the pond.").await;

    let both = json!({ "items": [{ "content": "a" }], "supersedes": [old] });
    let refused = leaving_nothing(&app, app.owner.refused("remember", both)).await;
    assert_eq!(refused["details"]["fields"][0]["field"], "supersedes");

    let items = json!([{ "content": "Other." }, { "content": "New.", "supersedes": [old] }]);
    let kept = app.owner.ok("remember", json!({ "items": items })).await;
    assert_eq!(kept["items"][1]["superseded"], json!([old]));
    assert_eq!(kept["items"][0]["superseded"], json!(null));
}
