//! How long memories stay, as programs for Memanto ask for it.

use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{AGENTS, activated, agent, get, has, of_agent, post, remembered};
use crate::support::{Caller, Reply};
use crate::surface::probe::leaving_nothing;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn put(caller: &Caller, body: Value) -> Reply {
    caller.rest(Method::PUT, &of_agent("policy"), Some(body)).await
}

#[tokio::test]
async fn a_policy_is_put_and_read_in_that_apis_shape() {
    let (_app, agent) = activated().await;
    let empty = get(&agent, &of_agent("policy")).await.body;

    let policy = json!({
        "version": 1,
        "retention": { "context": "7 D", "fact": "never" },
        "rules": [
            { "name": "pinned", "match": { "tags": ["pin"], "type": null }, "note": "ignored" },
            { "name": "soon", "match": { "source": ["chat"], "confidence_below": 0.4 },
              "expire_after": "3mo" },
        ],
        "purge_expired_after": "1y",
    });
    let set = put(&agent, policy).await;
    let read = get(&agent, &of_agent("policy")).await.body;

    assert_eq!((&empty["is_empty"], &empty["policy"]["rules"]), (&json!(true), &json!([])));
    assert_eq!(set.status, 200, "{}", set.body);
    has(&set.body, &["agent_id", "policy", "path"]);
    let expected = json!({
        "version": 1,
        "retention": { "context": "7d", "fact": "never" },
        "rules": [
            { "name": "pinned", "match": { "tags": ["pin"] }, "expire_after": "never" },
            { "name": "soon", "match": { "source": ["chat"], "confidence_below": 0.4 },
              "expire_after": "3mo" },
        ],
        "purge_expired_after": "1y",
    });
    assert_eq!(read["policy"], expected);
    assert_eq!((&read["agent_id"], &read["is_empty"]), (&json!("my-agent"), &json!(false)));
}

#[tokio::test]
async fn a_bad_policy_is_refused_and_leaves_nothing() {
    let (app, agent) = activated().await;

    for bad in [
        json!({ "retention": { "context": "soon" } }),
        json!({ "retention": { "zebra": "7d" } }),
        json!({ "retention": [] }),
        json!({ "rules": [{ "expire_after": "7d" }] }),
        json!({ "rules": [{ "name": "two words" }] }),
        json!({ "rules": [{ "name": "a" }, { "name": "a" }] }),
        json!({ "purge_expired_after": "0d" }),
    ] {
        let refused = leaving_nothing(&app, put(&agent, bad.clone())).await;

        assert_eq!((refused.status, refused.code()), (400, "INVALID_ARGUMENT"), "{bad}");
    }
    let path = of_agent("policy/preset");
    for bad in [json!({ "name": "zebra" }), json!({})] {
        assert_eq!(leaving_nothing(&app, post(&agent, &path, bad)).await.status, 400);
    }
}

#[tokio::test]
async fn presets_are_listed_shown_and_taken() {
    let (_app, agent) = activated().await;

    let listed = get(&agent, &of_agent("policy/presets")).await.body;
    let shown = get(&agent, &of_agent("policy/presets/balanced")).await.body;
    let missing = get(&agent, &of_agent("policy/presets/zebra")).await;
    let taken = post(&agent, &of_agent("policy/preset"), json!({ "name": "balanced" })).await;

    let presets = listed["presets"].as_array().expect("presets");
    let names: Vec<&Value> = presets.iter().map(|preset| &preset["name"]).collect();
    assert_eq!(names, ["conservative", "balanced", "aggressive"]);
    for preset in presets {
        has(preset, &["description", "retention", "rule_count", "purge_expired_after"]);
    }
    assert_eq!(shown["policy"]["retention"]["context"], "30d");
    assert_eq!(missing.status, 404);
    assert_eq!(
        (&taken.body["preset"], &taken.body["policy"]),
        (&json!("balanced"), &shown["policy"])
    );
    assert_eq!(get(&agent, &of_agent("policy")).await.body["policy"], shown["policy"]);
}

#[tokio::test]
async fn applying_and_purging_are_for_the_agents_own_memories() {
    let (app, ours) = activated().await;
    let other = agent(&app, "other").await;
    let body = json!({ "content": "The heron stands.", "type": "fact" });
    assert_eq!(post(&ours, &of_agent("remember"), body).await.status, 200);
    let gone = remembered(&ours, "The heron sits.").await;
    let path = of_agent(&format!("memories/{gone}/expire"));
    assert_eq!(ours.rest(Method::POST, &path, None).await.status, 200);
    let body = json!({ "content": "The owl flies.", "type": "fact" });
    assert_eq!(post(&other, &format!("{AGENTS}/other/remember"), body).await.status, 200);
    let policy = json!({ "retention": { "fact": "1d" }, "purge_expired_after": "30d" });
    assert_eq!(put(&ours, policy).await.status, 200);
    app.clock.advance(2 * DAY_MS);
    // Sessions last for hours.
    let ours = app.owner.activated("my-agent").await;

    let path = of_agent("policy/apply");
    let dry = leaving_nothing(&app, post(&ours, &path, json!({ "dry_run": true }))).await.body;
    let applied = ours.rest(Method::POST, &path, None).await.body;

    has(&applied, &["agent_id", "errors", "evaluated_at", "scanned"]);
    assert_eq!((&dry["matched"], &dry["expired"]), (&json!(1), &json!(0)));
    assert_eq!((&applied["matched"], &applied["expired"]), (&json!(1), &json!(1)));
    assert_eq!((&dry["already_expired"], &applied["already_expired"]), (&json!(1), &json!(1)));
    assert_eq!(applied["per_rule"], json!({ "retention.fact": 1 }));
    assert_eq!(applied["memories"][0]["expired_by"], "retention.fact");
    assert_eq!(applied["policy_is_empty"], false);
    app.clock.advance(29 * DAY_MS);
    let ours = app.owner.activated("my-agent").await;
    let purged = post(&ours, &of_agent("policy/purge"), json!({ "dry_run": false })).await.body;
    assert_eq!((&purged["enabled"], &purged["purged"]), (&json!(true), &json!(1)), "{purged}");
    let left = get(&ours, &of_agent("recall/all?status=all")).await.body;
    assert_eq!(super::contents(&left), ["The heron stands."]);
}

#[tokio::test]
async fn only_an_admins_session_decides_and_everybody_may_read() {
    let (app, _) = activated().await;
    let editor = app.key("Editor", Role::Editor, &["read", "write"]).await;
    let editor = editor.activated("my-agent").await;

    for (method, route) in [
        (Method::PUT, "policy"),
        (Method::POST, "policy/preset"),
        (Method::POST, "policy/apply"),
        (Method::POST, "policy/purge"),
    ] {
        let body = json!({ "name": "balanced" });
        let reply = editor.rest(method, &of_agent(route), Some(body)).await;
        assert_eq!((reply.status, reply.code()), (403, "PERMISSION_DENIED"), "{route}");
    }
    assert_eq!(get(&editor, &of_agent("policy")).await.status, 200);
    assert_eq!(get(&editor, &of_agent("policy/presets")).await.status, 200);
}
