use serde_json::{Value, json};

use super::{refused, refused_field};
use crate::surface::probe::{rows, warm};

fn items(count: usize) -> Vec<Value> {
    (0..count).map(|number| json!({ "content": format!("Zebra {number}.") })).collect()
}

#[tokio::test]
async fn a_batch_of_a_hundred_is_kept_in_order_and_one_of_a_hundred_and_one_is_not() {
    let app = warm().await;

    let kept = app.owner.ok("remember", json!({ "items": items(100) })).await;
    refused_field(&app, "remember", json!({ "items": items(101) }), "items", "Zebra").await;

    let kept = kept["items"].as_array().expect("items");
    assert_eq!(kept.len(), 100);
    let last = app.owner.ok("memory_get", json!({ "id": kept[99]["id"] })).await;
    assert_eq!(last["content"], "Zebra 99.");
}

#[tokio::test]
async fn an_empty_batch_is_refused() {
    let app = warm().await;

    refused_field(&app, "remember", json!({ "items": [] }), "items", "\0").await;
}

#[tokio::test]
async fn a_batch_with_one_bad_item_keeps_nothing_and_names_the_item() {
    let app = warm().await;

    for (field, bad) in [
        ("content", json!(" \n")),
        ("content", json!(7)),
        ("tags", json!("zebra")),
        ("type", json!("zebra")),
        ("valid_until", json!("zebra")),
        ("zebra_field", json!(1)),
    ] {
        let mut items = items(5);
        items[3][field] = bad;
        let error =
            refused(&app, "remember", json!({ "items": items }), "INVALID_ARGUMENT", "Zebra").await;
        assert_eq!(error["details"]["fields"][0]["field"], format!("items[3].{field}"));
    }
}

#[tokio::test]
async fn an_item_without_content_is_named() {
    let app = warm().await;

    let items = json!([{ "content": "Tea." }, { "title": "Zebra" }]);
    refused_field(&app, "remember", json!({ "items": items }), "items[1].content", "Zebra").await;
}

#[tokio::test]
async fn fields_beside_a_batch_are_refused_rather_than_ignored() {
    let app = warm().await;

    let both = json!({ "content": "Zebra.", "items": items(1) });
    refused_field(&app, "remember", both, "content", "Zebra").await;
    let beside = json!({ "type": "decision", "items": items(1) });
    refused_field(&app, "remember", beside, "type", "Zebra").await;
}

#[tokio::test]
async fn a_batch_leaves_one_event_however_many_it_keeps() {
    let app = warm().await;
    let events = |rows: Vec<(String, i64)>| {
        rows.into_iter().find(|(name, _)| name == "activity").map(|(_, count)| count)
    };
    let before = events(rows(&app));

    app.owner.ok("remember", json!({ "items": items(40) })).await;

    assert_eq!(events(rows(&app)), before.map(|count| count + 1));
}
