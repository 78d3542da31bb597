use std::time::Duration;

use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{cheap_key, count};
use crate::surface::probe::{Raw, intact_chain, leaving_nothing, mcp_call, warm};

#[tokio::test]
async fn a_revoked_key_is_refused_from_the_next_request_on() {
    let app = warm().await;
    let key = app.key("Scout", Role::Editor, &["read", "write"]).await;
    key.ok("whoami", json!({})).await;

    let revoked = app.owner.ok("key_revoke", json!({ "key_id": key.key_id })).await;
    let rest = Raw::of(key.request(Method::GET, "/v1/whoami")).await;
    let mcp = Raw::of(mcp_call(&key, "whoami", &json!({}))).await;

    assert_eq!(revoked["status"], "revoked");
    assert_eq!((rest.status, rest.code().as_str()), (401, "INVALID_API_KEY"));
    assert_eq!((mcp.status, mcp.code().as_str()), (401, "INVALID_API_KEY"));
}

#[tokio::test]
async fn a_revoked_keys_hash_is_gone_and_its_record_stays() {
    let app = warm().await;
    let key = app.key("Scout", Role::Editor, &["read", "write"]).await;

    app.owner.ok("key_revoke", json!({ "key_id": key.key_id })).await;

    assert_eq!(count(&app, "keys WHERE title = 'Scout' AND secret_hash IS NULL"), 1);
    let list = app.owner.ok("key_list", json!({})).await;
    let scout = list["keys"].as_array().expect("keys").iter().find(|key| key["title"] == "Scout");
    assert_eq!(scout.expect("listed")["status"], "revoked");
}

#[tokio::test]
async fn revoking_twice_changes_nothing() {
    let app = warm().await;
    let key = app.key("Scout", Role::Editor, &["read"]).await;
    let first = app.owner.ok("key_revoke", json!({ "key_id": key.key_id })).await;
    app.clock.advance(1000);

    let act = app.owner.ok("key_revoke", json!({ "key_id": key.key_id }));
    let again = leaving_nothing(&app, act).await;

    assert_eq!(again, first);
}

#[tokio::test]
async fn an_admin_cannot_revoke_an_owners_key() {
    let app = warm().await;
    let admin = app.key("Admin", Role::Admin, &["read", "admin"]).await;
    admin.ok("whoami", json!({})).await;
    let who = app.owner.ok("whoami", json!({})).await;

    let act = admin.refused("key_revoke", json!({ "key_id": who["key_id"] }));
    let error = leaving_nothing(&app, act).await;

    assert_eq!(
        (&error["code"], &error["details"]["needs"]["role"]),
        (&json!("PERMISSION_DENIED"), &json!("owner"))
    );
}

#[tokio::test]
async fn a_key_may_revoke_itself_and_is_answered() {
    let app = warm().await;
    let key = app.key("Admin", Role::Admin, &["read", "write", "admin"]).await;

    let answer = key.ok("key_revoke", json!({ "key_id": key.key_id })).await;

    assert_eq!(answer["status"], "revoked");
    assert_eq!(key.rest(Method::GET, "/v1/whoami", None).await.status, 401);
}

const ROUNDS: u64 = 200;
const WRITERS: usize = 4;

/// What a racing call was told: kept, or refused with 401.
#[derive(Debug, PartialEq)]
enum Told {
    Kept(String),
    Refused,
}

fn told(answer: &Raw) -> Told {
    let body = answer.json();
    if answer.status == 401 {
        assert_eq!(answer.code(), "INVALID_API_KEY", "{}", answer.text);
        return Told::Refused;
    }
    let kept = [&body["id"], &body["result"]["structuredContent"]["id"]];
    let id = kept.into_iter().find_map(Value::as_str).filter(|id| id.starts_with("mem_"));
    Told::Kept(id.unwrap_or_else(|| panic!("{} {}", answer.status, answer.text)).to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_writes_that_race_a_revocation_the_answered_ones_are_kept_and_no_others() {
    let app = warm().await;
    let (mut kept, mut refused) = (0, 0);

    for round in 0..ROUNDS {
        let key = cheap_key(&app).await;
        // Half of the keys are known and take the short way in.
        if round % 2 == 0 {
            key.ok("whoami", json!({})).await;
        }
        let key_id = key.key_id.clone().expect("an id");
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let key = key.clone();
                tokio::spawn(async move {
                    let content = json!({ "content": format!("Round {round}, writer {number}.") });
                    if number % 2 == 0 {
                        return Raw::of(mcp_call(&key, "remember", &content)).await;
                    }
                    let entry = memoranda::ops::find("remember").expect("an operation");
                    Raw::of(crate::surface::probe::rest_call(&key, entry, &content)).await
                })
            })
            .collect();
        // The race itself: the revocation sets out a little later in each round.
        tokio::time::sleep(Duration::from_micros(round % 40 * 150)).await;
        app.owner.ok("key_revoke", json!({ "key_id": key_id })).await;
        let of_this_key = format!("memories WHERE key_id = '{key_id}'");
        let at_the_answer = count(&app, &of_this_key);
        let mut answered = 0;
        for writer in writers {
            match told(&writer.await.expect("no panic")) {
                Told::Refused => refused += 1,
                Told::Kept(id) => {
                    answered += 1;
                    assert_eq!(count(&app, &format!("memories WHERE memory_id = '{id}'")), 1);
                }
            }
        }

        assert_eq!(count(&app, &of_this_key), at_the_answer, "kept after the revocation's answer");
        assert_eq!(at_the_answer, answered, "kept, and not answered so");
        kept += answered;
    }

    assert!(kept > 0 && refused > 0, "nothing raced: {kept} kept, {refused} refused");
    let events = intact_chain(&app.house).await;
    let remembered = events.iter().filter(|event| event.operation == "remember").count();
    assert_eq!(i64::try_from(remembered).ok(), Some(kept));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_read_that_set_out_after_a_revocations_answer_is_answered() {
    let app = warm().await;
    app.owner.ok("remember", json!({ "content": "Tea." })).await;

    for _ in 0..30 {
        let key = cheap_key(&app).await;
        let reading = {
            let key = key.clone();
            tokio::spawn(async move {
                loop {
                    let answer = Raw::of(mcp_call(&key, "recall", &json!({}))).await;
                    if answer.status != 200 {
                        return answer;
                    }
                    assert_eq!(answer.json()["result"]["isError"], json!(false));
                }
            })
        };
        app.owner.ok("key_revoke", json!({ "key_id": key.key_id })).await;
        let after = Raw::of(mcp_call(&key, "recall", &json!({}))).await;
        let last = reading.await.expect("no panic");

        assert_eq!((after.status, last.status), (401, 401));
    }
}
