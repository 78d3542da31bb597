//! Work on tasks, as several agents see it: leases, hand-offs, reviews, and what is said.

use memoranda::work::lease::LEASE_MS;
use serde_json::{Value, json};

use super::{cheap_key, count};
use crate::support::{Caller, TestApp};
use crate::surface::cases::task;
use crate::surface::probe::{leaving_nothing, warm};

/// A task that nobody has begun, and three who could.
async fn team() -> (TestApp, String, [Caller; 3]) {
    let app = warm().await;
    let id = task(&app, "local", 1, "PLANNED");
    let agents = [agent(&app, "ada").await, agent(&app, "bo").await, agent(&app, "cy").await];
    (app, id, agents)
}

async fn agent(app: &TestApp, slug: &str) -> Caller {
    let agent = cheap_key(app).await.acting_as(slug);
    agent.ok("whoami", json!({})).await;
    agent
}

fn about(id: &str, more: Value) -> Value {
    let mut arguments = json!({ "task_id": id });
    for (name, value) in more.as_object().into_iter().flatten() {
        arguments[name] = value.clone();
    }
    arguments
}

#[tokio::test]
async fn who_comes_second_is_told_who_works_on_it_and_until_when() {
    let (app, id, [ada, bo, _]) = team().await;

    let begun = ada.ok("work_begin", about(&id, json!({}))).await;
    let refused =
        leaving_nothing(&app, bo.refused("work_begin", about(&id, json!({ "take_over": true }))))
            .await;

    assert_eq!(refused["code"], "CONFLICT");
    assert_eq!(refused["details"]["held_by"], json!({ "agent": "ada" }));
    assert_eq!(refused["details"]["until"], begun["until"]);
}

#[tokio::test]
async fn who_goes_on_reads_where_the_one_before_has_stopped() {
    let (app, id, [ada, bo, _]) = team().await;
    let first = ada.ok("work_begin", about(&id, json!({}))).await;
    let reached = json!({ "summary": "half of it", "next": "the rest", "fence": first["fence"] });
    ada.ok("work_checkpoint", about(&id, reached)).await;
    // Two servers give ids of one moment in no order.
    app.clock.advance(1);
    ada.ok("comment_add", json!({ "about_id": id, "content": "mind the gap" })).await;
    let links = json!([{ "type": "supports", "to": id }]);
    ada.ok("remember", json!({ "content": "The gap is narrow.", "links": links })).await;
    app.clock.advance(LEASE_MS);

    let second = bo.ok("work_begin", about(&id, json!({}))).await;
    let read = bo.ok("task_get", json!({ "id": id })).await;
    let late = json!({ "summary": "more", "fence": first["fence"] });
    let lost = leaving_nothing(&app, ada.refused("work_checkpoint", about(&id, late))).await;

    assert!(second["fence"].as_i64() > first["fence"].as_i64());
    assert_eq!(second["memories"][0]["title"], "The gap is narrow.");
    for field in ["last_checkpoint", "comments", "memories"] {
        assert_eq!(read[field], second[field]);
    }
    let checkpoint = &second["last_checkpoint"];
    assert_eq!(
        (&checkpoint["content"], &checkpoint["next"]),
        (&json!("half of it"), &json!("the rest"))
    );
    assert_eq!(checkpoint["author"], json!({ "agent": "ada" }));
    assert_eq!(second["comments"][0]["content"], "mind the gap");
    assert_eq!(lost["code"], "CONFLICT");
    assert_eq!(lost["details"]["held_by"], json!({ "agent": "bo" }));
}

#[tokio::test]
async fn an_agent_that_was_started_again_goes_on_and_what_was_left_of_it_has_lost() {
    let (app, id, [ada, ..]) = team().await;
    let old = ada.ok("work_begin", about(&id, json!({}))).await;
    let new = ada.ok("work_begin", about(&id, json!({}))).await;

    for name in ["work_checkpoint", "work_complete", "work_release"] {
        let stale = about(&id, json!({ "summary": "old", "fence": old["fence"] }));
        let refused = leaving_nothing(&app, ada.refused(name, stale)).await;
        assert_eq!(refused["code"], "CONFLICT", "{name}");
    }
    let stale = about(&id, json!({ "reason": "old", "fence": old["fence"] }));
    assert_eq!(ada.refused("work_blocked", stale).await["code"], "CONFLICT");
    let fresh = about(&id, json!({ "summary": "new", "fence": new["fence"] }));
    ada.ok("work_checkpoint", fresh).await;
}

#[tokio::test]
async fn work_is_reviewed_by_another_and_may_be_sent_back_once() {
    let (app, id, [ada, bo, _]) = team().await;
    ada.ok("work_begin", about(&id, json!({}))).await;
    let done = ada.ok("work_complete", about(&id, json!({ "summary": "done" }))).await;
    let approve = || about(&id, json!({ "verdict": "approve" }));
    let back = || about(&id, json!({ "verdict": "send_back", "comment": "no table" }));

    let own = leaving_nothing(&app, ada.refused("work_review", approve())).await;
    let wordless = about(&id, json!({ "verdict": "send_back" }));
    let wordless = leaving_nothing(&app, bo.refused("work_review", wordless)).await;
    app.clock.advance(1);
    let sent = bo.ok("work_review", back()).await;
    app.clock.advance(1);
    let again = ada.ok("work_begin", about(&id, json!({}))).await;
    ada.ok("work_complete", about(&id, json!({ "summary": "with a table" }))).await;
    app.clock.advance(1);
    let approved = bo.ok("work_review", approve()).await;
    let late = leaving_nothing(&app, bo.refused("work_review", back())).await;

    assert_eq!((&done["status"], &own["code"]), (&json!("IN_REVIEW"), &json!("CONFLICT")));
    assert_eq!(wordless["details"]["fields"][0]["field"], "comment");
    assert_eq!((&sent["status"], &again["reason"]), (&json!("PLANNED"), &json!("no table")));
    assert_eq!((&approved["status"], &late["code"]), (&json!("DONE"), &json!("CONFLICT")));
    let said = bo.ok("comment_list", json!({ "about_id": id })).await;
    let listed = said["comments"].as_array().expect("a list");
    let kinds: Vec<_> = listed.iter().map(|one| one["kind"].as_str()).collect();
    assert_eq!(kinds, [Some("completion"), Some("rejection"), Some("completion")]);
}

#[tokio::test]
async fn a_person_reviews_what_their_own_agent_did() {
    let (app, id, _) = team().await;
    let auth = &app.house.auth;
    let person = auth.local_owner().await.expect("one team");
    let agent = auth.local_agent("mine", "Mine").await.expect("an agent");
    let call = async |who, name, more| {
        let entry = memoranda::ops::find(name).expect("an operation");
        let request = app.house.app.request_id();
        memoranda::ops::call(&app.house.app, who, entry, about(&id, more), request).await
    };

    call(&agent, "work_begin", json!({})).await.expect("begins");
    call(&agent, "work_complete", json!({ "summary": "done" })).await.expect("completes");
    let own = call(&agent, "work_review", json!({ "verdict": "approve" })).await;
    let approved = call(&person, "work_review", json!({ "verdict": "approve" })).await;

    assert!(own.is_err());
    assert_eq!(approved.expect("approves")["status"], "DONE");
}

#[tokio::test]
async fn a_worker_says_that_it_is_done_where_the_team_lets_them() {
    let (app, id, [ada, ..]) = team().await;
    let policies = app.owner.ok("policy_set", json!({ "self_approval": true })).await;
    ada.ok("work_begin", about(&id, json!({}))).await;

    let done = ada.ok("work_complete", about(&id, json!({ "summary": "done" }))).await;

    assert_eq!((&policies["self_approval"], &done["status"]), (&json!(true), &json!("DONE")));
}

#[tokio::test]
async fn what_is_left_for_somebody_waits_for_them() {
    let (_app, id, [ada, bo, cy]) = team().await;
    ada.ok("work_begin", about(&id, json!({}))).await;
    let nobody = json!({ "summary": "half", "to": "nobody" });
    let missing = ada.refused("work_release", about(&id, nobody)).await;
    let left = json!({ "summary": "half", "next": "the rest", "to": "bo" });
    ada.ok("work_release", about(&id, left)).await;

    let refused = cy.refused("work_begin", about(&id, json!({}))).await;
    let begun = bo.ok("work_begin", about(&id, json!({}))).await;

    assert_eq!((&missing["code"], &refused["code"]), (&json!("NOT_FOUND"), &json!("CONFLICT")));
    assert_eq!(refused["details"]["assigned_to"], json!({ "agent": "bo" }));
    assert_eq!(begun["last_checkpoint"]["next"], "the rest");
}

#[tokio::test]
async fn leases_end_with_an_agent_that_is_blocked_or_deleted() {
    let (app, id, [ada, bo, cy]) = team().await;
    ada.ok("work_begin", about(&id, json!({}))).await;
    app.owner.ok("agent_block", json!({ "agent_id": "ada" })).await;

    bo.ok("work_begin", about(&id, json!({}))).await;
    app.owner.ok("agent_delete", json!({ "agent_id": "bo", "confirm": true })).await;

    let begun = cy.ok("work_begin", about(&id, json!({}))).await;
    assert_eq!(begun["fence"], 3);
}

#[tokio::test]
async fn a_viewer_reads_what_was_said_and_says_nothing() {
    let (app, id, [ada, ..]) = team().await;
    ada.ok("comment_add", json!({ "about_id": id, "content": "a word" })).await;
    let role = memoranda::identity::role::Role::Viewer;
    let viewer = app.key("Viewer", role, &["read", "write"]).await;
    viewer.ok("whoami", json!({})).await;

    let listed = viewer.ok("comment_list", json!({ "about_id": id })).await;
    for (name, arguments) in [
        ("comment_add", json!({ "about_id": id, "content": "x" })),
        ("work_begin", about(&id, json!({}))),
    ] {
        let refused = leaving_nothing(&app, viewer.refused(name, arguments)).await;
        assert_eq!(refused["code"], "PERMISSION_DENIED", "{name}");
    }

    assert_eq!(listed["comments"][0]["content"], "a word");
}

#[tokio::test]
async fn a_comment_on_a_memory_is_as_private_as_the_memory() {
    let (app, _, [ada, bo, _]) = team().await;
    let private = json!({ "content": "Tea.", "visibility": "agent" });
    let kept = ada.ok("remember", private).await;
    let on = json!({ "about_id": kept["id"], "content": "really" });
    ada.ok("comment_add", on.clone()).await;

    let refused = leaving_nothing(&app, bo.refused("comment_add", on)).await;
    let hidden = bo.refused("comment_list", json!({ "about_id": kept["id"] })).await;

    assert_eq!((&refused["code"], &hidden["code"]), (&json!("NOT_FOUND"), &json!("NOT_FOUND")));
    assert_eq!(count(&app, "comments"), 1);
}

#[tokio::test]
async fn a_secret_is_not_kept_in_what_is_said_about_work() {
    let (app, id, [ada, ..]) = team().await;
    ada.ok("work_begin", about(&id, json!({}))).await;
    let key = ada.key.clone().expect("a key");

    let summary = about(&id, json!({ "summary": format!("I used {key}.") }));
    let refused = ada.refused("work_checkpoint", summary).await;

    assert_eq!(refused["code"], "SECRET_ARGUMENT");
    assert_eq!(count(&app, "comments"), 0);
}
