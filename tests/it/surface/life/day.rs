//! What a day brought, beyond what was written.

use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Caller;
use crate::surface::probe::warm;

const DAY: i64 = 86_400_000;

async fn says(caller: &Caller, content: &str) -> Value {
    caller.ok("remember", json!({ "content": content })).await
}

#[tokio::test]
async fn a_day_tells_its_conflicts_and_what_was_confirmed() {
    let app = warm().await;
    let both = ["read", "write"];
    let ada = app.key("Ada", Role::Editor, &both).await.acting_as("ada");
    let bo = app.key("Bo", Role::Editor, &both).await.acting_as("bo");
    let cy = app.key("Cy", Role::Editor, &both).await.acting_as("cy");
    says(&ada, "The search service times out after 10 seconds.").await;
    let tea = says(&ada, "We drink tea at four.").await["id"].clone();
    let milk = says(&ada, "Milk comes on Mondays.").await["id"].clone();
    app.clock.advance(DAY);
    let second = says(&bo, "The search service times out after 30 seconds.").await;
    let third = says(&bo, "The search service times out after 50 seconds.").await;
    let settle = json!({ "id": second["conflicts"][0]["id"], "resolution": "KEEP_BOTH" });
    bo.ok("conflict_resolve", settle).await;
    for who in [&bo, &cy] {
        says(who, "We drink tea at four.").await;
    }
    says(&bo, "Milk comes on Mondays.").await;

    let day = ada.ok("daily_summary", json!({})).await;
    let same = ada.rest(Method::GET, "/v1/daily-summary?date=2026-11-23", None).await.body;
    let before = ada.ok("daily_summary", json!({ "date": "2026-11-22" })).await;
    let of_cy = ada.ok("daily_summary", json!({ "agents": ["cy"] })).await;

    let opened = 1 + third["conflicts"].as_array().map_or(0, Vec::len);
    assert_eq!(day["conflicts"], json!({ "opened": opened, "settled": 1 }), "{day}");
    let confirmed = day["confirmed"].as_array().expect("a list");
    let told: Vec<_> = confirmed.iter().map(|one| (&one["id"], &one["times"])).collect();
    assert_eq!(told, [(&tea, &json!(2)), (&milk, &json!(1))]);
    let text = day["markdown"].as_str().expect("text");
    let tea_line = format!("- We drink tea at four. [{}, 2 times]", tea.as_str().expect("an id"));
    assert!(text.contains("## Confirmed\n") && text.contains(&tea_line), "{text}");
    assert!(text.contains("1 conflicts settled"), "{text}");
    assert_eq!((&same["conflicts"], &same["confirmed"]), (&day["conflicts"], &day["confirmed"]));
    for nothing in [before, of_cy] {
        assert_eq!(nothing["conflicts"], json!({ "opened": 0, "settled": 0 }));
        assert_eq!(nothing["confirmed"], json!([]));
    }
}
