use memoranda::identity::role::Role;
use serde_json::{Value, json};

use super::{kept, read};
use crate::surface::probe::{leaving_nothing, warm};

const ALL: [&str; 3] = ["read", "write", "admin"];

#[tokio::test]
async fn a_partial_batch_keeps_the_good_and_says_of_each_other_what_is_wrong() {
    let app = warm().await;
    let old = kept(&app.owner, "The heron nests by the pond.").await;
    let missing = format!("mem_{}", "0".repeat(26));
    let items = json!([
        { "content": "The heron nests by the river.", "supersedes": [old] },
        { "content": "" },
        { "content": "Lost.", "supersedes": [missing] },
        { "contnet": "Mistyped." },
        "no object",
        { "content": "Backwards.", "valid_from": "2026-02-01", "valid_until": "2026-01-31" },
        { "content": "The owl hunts at night.", "tags": null },
        { "content": "the owl hunts at night" },
    ]);

    let answer = app.owner.ok("remember", json!({ "items": items, "partial": true })).await;

    let answered = answer["items"].as_array().expect("items");
    let fields: Vec<&Value> = answered.iter().map(|one| &one["error"]["field"]).collect();
    assert_eq!(fields[1], "items[1].content");
    assert_eq!(fields[2], "items[2].supersedes[0]");
    assert_eq!(fields[3], "items[3].contnet");
    assert_eq!(fields[5], "items[5].valid_until");
    let codes: Vec<&Value> = answered.iter().map(|one| &one["error"]["code"]).collect();
    assert_eq!((codes[2], codes[4]), (&json!("NOT_FOUND"), &json!("INVALID_ARGUMENT")));
    assert!([0, 6, 7].iter().all(|at| codes[*at].is_null()), "{answer:#}");
    assert_eq!(answered[7]["duplicate_of"], answered[6]["id"]);
    assert!(answered[1]["id"].is_null() && answered[1]["error"]["message"].is_string());
    assert_eq!(read(&app.owner, &old).await["status"], "superseded");
    let all = app.owner.ok("memory_list", json!({})).await;
    assert_eq!(all["total"], 2);
}

#[tokio::test]
async fn without_partial_one_bad_item_keeps_all_out() {
    let app = warm().await;
    let missing = format!("mem_{}", "0".repeat(26));

    for bad in [json!({ "content": "" }), json!({ "content": "x", "supersedes": [missing] })] {
        for partial in [json!(null), json!(false)] {
            let items = json!([{ "content": "Good." }, bad]);
            let batch = json!({ "items": items, "partial": partial });
            leaving_nothing(&app, app.owner.refused("remember", batch)).await;
        }
    }
}

#[tokio::test]
async fn a_part_that_needs_more_rights_is_refused_alone() {
    let app = warm().await;
    let viewer = app.key("Viewer", Role::Viewer, &ALL).await;
    let old = kept(&app.owner, "The heron nests by the pond.").await;
    let items = json!([{ "content": "Mine." }, { "content": "New.", "supersedes": [old] }]);

    let answer = viewer.ok("remember", json!({ "items": items, "partial": true })).await;

    assert_eq!(answer["items"][0]["status"], "proposed");
    assert_eq!(answer["items"][1]["error"]["code"], "PERMISSION_DENIED");
}

#[tokio::test]
async fn a_partial_batch_of_nothing_good_leaves_nothing() {
    let app = warm().await;

    let batch = json!({ "items": [{ "content": " " }, 7], "partial": true });
    let answer = leaving_nothing(&app, app.owner.ok("remember", batch)).await;

    assert_eq!(answer["items"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn partial_goes_with_items_and_their_number_is_checked() {
    let app = warm().await;
    let many = vec![json!({ "content": "x" }); 101];

    for (arguments, field) in [
        (json!({ "content": "x", "partial": true }), "partial"),
        (json!({ "items": [], "partial": true }), "items"),
        (json!({ "items": many, "partial": true }), "items"),
        (json!({ "items": "x", "partial": true }), "items"),
    ] {
        let refused = leaving_nothing(&app, app.owner.refused("remember", arguments)).await;
        assert_eq!(refused["details"]["fields"][0]["field"], field);
    }
}

#[tokio::test]
async fn a_secret_in_one_item_keeps_all_out() {
    let app = warm().await;

    let items = json!([{ "content": "Good." }, { "content": "x", "password": "y" }]);
    let refused = app.owner.refused("remember", json!({ "items": items, "partial": true })).await;

    assert_eq!(refused["code"], "SECRET_ARGUMENT");
    assert_eq!(app.owner.ok("memory_list", json!({})).await["total"], 0);
}
