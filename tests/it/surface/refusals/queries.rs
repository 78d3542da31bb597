use serde_json::json;

use super::refused_field;
use crate::surface::probe::{Raw, leaving_nothing, rest_call, warm};

/// Queries that a full-text engine might take for its own language.
const ODD: [&str; 22] = [
    "*:^NEAR(",
    "\"\"",
    "\"",
    "-",
    "(",
    ")",
    "*",
    "^",
    ":",
    "{}",
    "''",
    "';--",
    "+",
    "NEAR/2",
    "a AND",
    "NOT",
    "content:",
    "{title content}: tea",
    "\\",
    "\u{feff}",
    "%_",
    "tea*",
];

#[tokio::test]
async fn a_query_of_punctuation_is_refused_and_one_with_words_finds_what_they_name() {
    let app = warm().await;
    app.owner.ok("remember", json!({ "content": "We drink tea." })).await;

    for query in ODD {
        let arguments = json!({ "query": query });
        if !query.contains(char::is_alphanumeric) {
            refused_field(&app, "recall", arguments, "query", "\0").await;
            continue;
        }
        let entry = memoranda::ops::find("recall").expect("an operation");
        let rest = leaving_nothing(&app, Raw::of(rest_call(&app.owner, entry, &arguments))).await;
        let mcp = app.owner.ok("recall", arguments).await;

        assert_eq!((rest.status, rest.json()), (200, mcp.clone()), "{query}: {}", rest.text);
        let found = u64::from(query.contains("tea"));
        assert_eq!(mcp["count"], found, "{query}: {mcp}");
    }
}

#[tokio::test]
async fn a_blank_query_lists_the_newest() {
    let app = warm().await;
    app.owner.ok("remember", json!({ "content": "We drink tea." })).await;

    for arguments in [json!({}), json!({ "query": "" }), json!({ "query": " \n" })] {
        assert_eq!(app.owner.ok("recall", arguments).await["count"], 1);
    }
}

#[tokio::test]
async fn operators_of_full_text_search_are_plain_words() {
    let app = warm().await;
    for word in ["AND", "OR", "NOT", "NEAR"] {
        let content = json!({ "content": format!("The word {word} stands here.") });
        app.owner.ok("remember", content).await;
    }

    for query in ["near", "NEAR", "NEAR(stands, 2)", "near OR zebra", "NOT near"] {
        let found = app.owner.ok("recall", json!({ "query": query })).await;
        let first = found["hits"][0]["content"].as_str().unwrap_or_default();

        assert!(first.contains("NEAR") || query.contains("NOT"), "{query}: {found}");
    }
    // If NOT were an operator, this would find what has no tea in it.
    let found = app.owner.ok("recall", json!({ "query": "tea NOT zebra" })).await;
    assert!(found["count"].as_u64().unwrap_or_default() <= 1, "{found}");
}

#[tokio::test]
async fn a_query_over_a_thousand_characters_is_refused() {
    let app = warm().await;

    app.owner.ok("recall", json!({ "query": "日".repeat(1000) })).await;
    refused_field(&app, "recall", json!({ "query": "日".repeat(1001) }), "query", "日").await;
}

#[tokio::test]
async fn limits_out_of_range_are_refused_with_the_range() {
    let app = warm().await;

    for limit in [json!(0), json!(-1), json!(101), json!(1_000_000_000_000_u64)] {
        refused_field(&app, "recall", json!({ "limit": limit }), "limit", "000").await;
        refused_field(&app, "my_activity", json!({ "limit": limit }), "limit", "000").await;
    }
    refused_field(&app, "recall", json!({ "max_tokens": 99 }), "max_tokens", "99").await;
}

#[tokio::test]
async fn a_damaged_cursor_or_one_of_other_filters_is_refused() {
    let app = warm().await;
    for number in 0..3 {
        app.owner.ok("remember", json!({ "content": format!("Tea {number}.") })).await;
    }
    let page = app.owner.ok("my_activity", json!({ "limit": 1 })).await;
    let cursor = page["next_cursor"].as_str().expect("there is more").to_owned();
    let (position, mark) = cursor.split_once('-').expect("two parts");

    let moved = format!("1-{mark}");
    let cut = cursor[..cursor.len() - 1].to_owned();
    let signed = format!("-{position}-{mark}");
    for bad in [&moved, &cut, &signed, "zebra", "-", "ffffffffffffffffffff-0", "'; DROP TABLE keys"]
    {
        refused_field(&app, "my_activity", json!({ "cursor": bad }), "cursor", bad).await;
    }
    let elsewhere = json!({ "cursor": cursor, "operation": "remember" });
    refused_field(&app, "my_activity", elsewhere, "cursor", &cursor).await;
    app.owner.ok("my_activity", json!({ "cursor": cursor })).await;
}

#[tokio::test]
async fn pages_join_into_the_whole_list() {
    let app = warm().await;
    for number in 0..7 {
        app.owner.ok("remember", json!({ "content": format!("Tea {number}.") })).await;
    }
    let whole = app.owner.ok("my_activity", json!({ "limit": 100 })).await;

    let (mut joined, mut next) = (Vec::new(), json!(null));
    loop {
        let page = app.owner.ok("my_activity", json!({ "limit": 3, "cursor": next })).await;
        joined.extend(page["events"].as_array().cloned().expect("events"));
        next = page["next_cursor"].clone();
        if next.is_null() {
            break;
        }
    }

    assert_eq!(whole["events"], json!(joined));
}
