use serde_json::{Value, json};

use super::read;
use crate::surface::probe::warm;

#[tokio::test]
async fn a_type_that_is_left_out_is_chosen_and_the_answer_says_so() {
    let app = warm().await;

    for (content, expected) in [
        ("Ada prefers tea.", "preference"),
        ("We decided to use Rust.", "decision"),
        ("The nightly build failed.", "error"),
        ("The office has three floors.", "fact"),
    ] {
        let kept = app.owner.ok("remember", json!({ "content": content })).await;

        assert_eq!((&kept["type"], &kept["type_chosen"]), (&json!(expected), &json!(true)));
        assert_eq!(read(&app.owner, &kept["id"]).await["type"], expected, "{content}");
    }
}

#[tokio::test]
async fn a_type_that_is_given_stays() {
    let app = warm().await;

    let given = json!({ "content": "Ada prefers tea.", "type": "fact" });
    let kept = app.owner.ok("remember", given).await;

    assert_eq!((&kept["type"], &kept["type_chosen"]), (&json!("fact"), &Value::Null));
    let change = json!({ "id": kept["id"], "content": "We decided to drink tea." });
    app.owner.ok("memory_update", change).await;
    assert_eq!(read(&app.owner, &kept["id"]).await["type"], "fact");
}

#[tokio::test]
async fn the_names_of_other_products_are_understood() {
    let app = warm().await;

    for (given, expected, voice) in [
        (json!({ "type": "data" }), "fact", json!("OBSERVED")),
        (json!({ "type": "data", "voice": "BELIEVED" }), "fact", json!("BELIEVED")),
        (json!({ "type": "principle" }), "instruction", Value::Null),
    ] {
        let mut arguments = given.clone();
        arguments["content"] = json!(format!("Said as {given}."));
        let kept = app.owner.ok("remember", arguments).await;
        let shown = read(&app.owner, &kept["id"]).await;

        assert_eq!((&shown["type"], &shown["voice"]), (&json!(expected), &voice), "{given}");
        assert_eq!(kept["type_chosen"], Value::Null, "{given}");
    }
    let unknown = json!({ "content": "x", "type": "axiom" });
    assert_eq!(app.owner.refused("remember", unknown).await["code"], "INVALID_ARGUMENT");
}
