//! Memories that contradict each other: found while remembering, decided by whoever may.

use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp};
use crate::surface::probe::{database, leaving_nothing, warm};

const FIRST: &str = "The search service times out after 10 seconds.";
const SECOND: &str = "The search service times out after 30 seconds.";

/// A server, two agents of editors, and one of a viewer.
async fn people() -> (TestApp, Caller, Caller, Caller) {
    let app = warm().await;
    let both = ["read", "write"];
    let ada = app.key("Ada", Role::Editor, &both).await.acting_as("ada");
    let bo = app.key("Bo", Role::Editor, &both).await.acting_as("bo");
    let viewer = app.key("Viewer", Role::Viewer, &both).await.acting_as("viewer");
    for caller in [&ada, &bo, &viewer] {
        caller.ok("whoami", json!({})).await;
    }
    (app, ada, bo, viewer)
}

async fn remember(caller: &Caller, content: &str) -> Value {
    caller.ok("remember", json!({ "content": content })).await
}

/// The ids of the older and the newer memory, and of their conflict.
async fn contradicted(caller: &Caller) -> (Value, Value, Value) {
    let first = remember(caller, FIRST).await;
    let second = remember(caller, SECOND).await;
    (first["id"].clone(), second["id"].clone(), second["conflicts"][0]["id"].clone())
}

async fn waiting(caller: &Caller) -> Vec<Value> {
    let list = caller.ok("conflicts_list", json!({})).await;
    list["conflicts"].as_array().expect("conflicts").clone()
}

async fn resolve(caller: &Caller, id: &Value, resolution: &str) -> Value {
    caller.ok("conflict_resolve", json!({ "id": id, "resolution": resolution })).await
}

async fn status(caller: &Caller, id: &Value) -> Value {
    caller.ok("memory_get", json!({ "id": id })).await["status"].clone()
}

/// As if a member had written it in person.
fn written_by_a_person(app: &TestApp, id: &Value) {
    let changed = database(app)
        .execute(
            "UPDATE memories SET agent_id = NULL, member_id = (SELECT member_id FROM members LIMIT 1)
             WHERE memory_id = ?1",
            [id.as_str().expect("an id")],
        )
        .expect("updated");
    assert_eq!(changed, 1);
}

#[tokio::test]
async fn remembering_a_contradiction_stores_it_and_says_so() {
    let (_app, ada, bo, _) = people().await;

    let first = remember(&ada, FIRST).await;
    let second = remember(&bo, SECOND).await;

    assert_eq!(first.get("conflicts"), None);
    let said = second["conflicts"].as_array().expect("conflicts");
    assert_eq!(said.len(), 1);
    assert_eq!((&said[0]["kind"], &said[0]["with"]), (&json!("CONTRADICTION"), &first["id"]));
    let [conflict] = &waiting(&ada).await[..] else { panic!("one waits") };
    assert_eq!((&conflict["id"], &conflict["status"]), (&said[0]["id"], &json!("PENDING")));
    assert_eq!(conflict["existing"]["content"], FIRST);
    assert_eq!(conflict["newer"]["content"], SECOND);
    assert_eq!(conflict["existing"]["author"]["agent"], "ada");
    assert_eq!(conflict["newer"]["author"]["agent"], "bo");
    assert_eq!(conflict["signals"][1]["name"], "other_number");
}

#[tokio::test]
async fn what_agrees_or_is_anothers_own_opens_nothing() {
    let (_app, ada, bo, _) = people().await;
    ada.ok("remember", json!({ "content": FIRST, "visibility": "agent" })).await;

    let second = remember(&bo, SECOND).await;
    let other = remember(&bo, "The export service times out after 60 seconds.").await;

    assert_eq!((second.get("conflicts"), other.get("conflicts")), (None, None));
    assert!(waiting(&ada).await.is_empty() && waiting(&bo).await.is_empty());
}

#[tokio::test]
async fn a_conflict_with_what_only_its_author_sees_is_its_authors_alone() {
    let (app, ada, bo, _) = people().await;
    ada.ok("remember", json!({ "content": FIRST, "visibility": "agent" })).await;
    let second = remember(&ada, SECOND).await;
    let id = &second["conflicts"][0]["id"];

    assert_eq!(waiting(&ada).await.len(), 1);
    assert!(waiting(&bo).await.is_empty() && waiting(&app.owner).await.is_empty());
    let unseen = bo.refused("conflict_resolve", json!({ "id": id, "resolution": "DISMISS" }));
    assert_eq!(leaving_nothing(&app, unseen).await["code"], "NOT_FOUND");
}

#[tokio::test]
async fn to_keep_one_retires_the_other_and_links_them() {
    for (resolution, kept_first) in [("KEEP_EXISTING", true), ("KEEP_NEW", false)] {
        let (app, ada, _, _) = people().await;
        let (first, second, id) = contradicted(&ada).await;

        let done = resolve(&ada, &id, resolution).await;

        let (kept, retired) = if kept_first { (&first, &second) } else { (&second, &first) };
        assert_eq!((&done["status"], &done["changed"]), (&json!("RESOLVED"), &json!(true)));
        assert_eq!(done["retired"], json!([retired]));
        assert_eq!(done["decided_by"]["agent"], "ada");
        assert_eq!(status(&ada, kept).await, "active");
        assert_eq!(status(&ada, retired).await, "superseded");
        let links = ada.ok("memory_get", json!({ "id": kept })).await["links"].clone();
        assert_eq!(links[0]["type"], "supersedes");
        assert!(waiting(&ada).await.is_empty());
        let again = resolve(&ada, &id, resolution);
        assert_eq!(leaving_nothing(&app, again).await["changed"], false);
    }
}

#[tokio::test]
async fn both_kept_are_linked_and_a_dismissed_conflict_leaves_no_mark() {
    let (_app, ada, bo, _) = people().await;
    let (first, second, id) = contradicted(&ada).await;

    resolve(&bo, &id, "KEEP_BOTH").await;

    let links = ada.ok("memory_get", json!({ "id": second })).await["links"].clone();
    assert_eq!(
        (&links[0]["type"], links.as_array().expect("links").len()),
        (&json!("contradicts"), 1)
    );
    assert_eq!(status(&ada, &first).await, "active");

    let third = remember(&ada, "The search service times out after 45 seconds.").await;
    let opened = third["conflicts"].as_array().expect("conflicts");
    for conflict in opened {
        assert_eq!(resolve(&bo, &conflict["id"], "DISMISS").await["status"], "DISMISSED");
    }
    let third = ada.ok("memory_get", json!({ "id": third["id"] })).await;
    assert_eq!((opened.len(), third.get("links")), (2, None));
}

#[tokio::test]
async fn a_merge_takes_the_place_of_both() {
    let (app, ada, _, _) = people().await;
    let (first, second, id) = contradicted(&ada).await;
    let without = ada.refused("conflict_resolve", json!({ "id": id, "resolution": "MERGE" }));
    assert_eq!(leaving_nothing(&app, without).await["code"], "INVALID_ARGUMENT");

    let content = "The search service times out after 10 seconds, for exports after 30.";
    let merge =
        json!({ "id": id, "resolution": "MERGE", "content": content, "rationale": "Both." });
    let done = ada.ok("conflict_resolve", merge).await;

    let merged = ada.ok("memory_get", json!({ "id": done["merged"] })).await;
    assert_eq!((&merged["content"], &merged["status"]), (&json!(content), &json!("active")));
    for id in [&first, &second] {
        assert_eq!(status(&ada, id).await, "superseded");
    }
    let list = ada.ok("conflicts_list", json!({ "status": ["RESOLVED"] })).await;
    assert_eq!(list["conflicts"][0]["rationale"], "Both.");
    assert_eq!(list["conflicts"][0]["content"], Value::Null);
}

#[tokio::test]
async fn content_goes_with_a_merge_alone() {
    let (app, ada, _, _) = people().await;
    let (_, _, id) = contradicted(&ada).await;

    let wrong = json!({ "id": id, "resolution": "KEEP_BOTH", "content": "tea" });
    let refused = leaving_nothing(&app, ada.refused("conflict_resolve", wrong)).await;

    assert_eq!(refused["code"], "INVALID_ARGUMENT");
    assert_eq!(refused["details"]["fields"][0]["field"], "content");
}

#[tokio::test]
async fn an_agent_asks_before_it_retires_what_a_person_wrote_and_another_editor_consents() {
    let (app, ada, bo, _) = people().await;
    let (first, second, id) = contradicted(&ada).await;
    written_by_a_person(&app, &first);

    let asked = resolve(&ada, &id, "KEEP_NEW").await;

    assert_eq!((&asked["status"], &asked["retired"]), (&json!("PENDING_APPROVAL"), &json!([])));
    assert_eq!(status(&ada, &first).await, "active");
    let again = leaving_nothing(&app, resolve(&ada, &id, "KEEP_NEW")).await;
    assert_eq!((&again["status"], &again["changed"]), (&json!("PENDING_APPROVAL"), &json!(false)));
    let [conflict] = &waiting(&bo).await[..] else { panic!("one waits") };
    assert_eq!(conflict["resolution"], "KEEP_NEW");
    assert_eq!(conflict["decided_by"]["agent"], "ada");
    let done = resolve(&bo, &id, "KEEP_NEW").await;
    assert_eq!((&done["status"], &done["decided_by"]["agent"]), (&json!("RESOLVED"), &json!("bo")));
    assert_eq!(status(&ada, &first).await, "superseded");
    assert_eq!(status(&ada, &second).await, "active");
}

#[tokio::test]
async fn consent_is_to_what_was_asked_for_and_to_nothing_else() {
    let (app, ada, bo, _) = people().await;
    let (first, second, id) = contradicted(&ada).await;
    for id in [&first, &second] {
        written_by_a_person(&app, id);
    }
    resolve(&ada, &id, "KEEP_NEW").await;

    let otherwise = resolve(&bo, &id, "KEEP_EXISTING").await;

    assert_eq!(otherwise["status"], "PENDING_APPROVAL");
    assert_eq!(waiting(&ada).await[0]["decided_by"]["agent"], "bo");
    assert_eq!(status(&ada, &second).await, "active");
    assert_eq!(resolve(&ada, &id, "KEEP_EXISTING").await["status"], "RESOLVED");
    assert_eq!(status(&ada, &first).await, "active");
}

#[tokio::test]
async fn what_an_agent_may_do_alone_it_does_though_a_person_wrote_the_other() {
    for resolution in ["KEEP_EXISTING", "KEEP_BOTH", "DISMISS"] {
        let (app, ada, _, _) = people().await;
        let (first, _, id) = contradicted(&ada).await;
        written_by_a_person(&app, &first);

        let done = resolve(&ada, &id, resolution).await;

        assert_ne!(done["status"], "PENDING_APPROVAL", "{resolution}");
    }
}

#[tokio::test]
async fn a_merge_that_waits_keeps_its_text_for_whoever_consents() {
    let (app, ada, bo, _) = people().await;
    let (first, _, id) = contradicted(&ada).await;
    written_by_a_person(&app, &first);
    let content = "The search service times out after 20 seconds.";
    let merge = json!({ "id": id, "resolution": "MERGE", "content": content });
    ada.ok("conflict_resolve", merge).await;

    assert_eq!(waiting(&bo).await[0]["content"], content);
    let done = resolve(&bo, &id, "MERGE").await;

    let merged = bo.ok("memory_get", json!({ "id": done["merged"] })).await;
    assert_eq!((&merged["content"], &merged["author"]["agent"]), (&json!(content), &json!("bo")));
}

#[tokio::test]
async fn a_viewer_asks_for_what_it_may_not_change() {
    let (_app, ada, bo, viewer) = people().await;
    let (first, second, id) = contradicted(&ada).await;

    for resolution in ["KEEP_EXISTING", "KEEP_NEW", "KEEP_BOTH", "DISMISS"] {
        let asked = resolve(&viewer, &id, resolution).await;
        assert_eq!(asked["status"], "PENDING_APPROVAL", "{resolution}");
    }

    for id in [&first, &second] {
        assert_eq!(status(&ada, id).await, "active");
    }
    assert_eq!(resolve(&bo, &id, "KEEP_NEW").await["status"], "RESOLVED");
}

#[tokio::test]
async fn a_viewers_own_proposal_is_its_own_to_give_up_and_an_editors_to_take() {
    let (_app, ada, _, viewer) = people().await;
    remember(&ada, FIRST).await;
    let given_up = remember(&viewer, SECOND).await;
    let id = &given_up["conflicts"][0]["id"];
    assert_eq!(resolve(&viewer, id, "KEEP_EXISTING").await["status"], "RESOLVED");
    assert_eq!(status(&viewer, &given_up["id"]).await, "superseded");

    let taken = remember(&viewer, "The search service times out after 50 seconds.").await;
    let id = &taken["conflicts"][0]["id"];
    assert_eq!(resolve(&viewer, id, "KEEP_NEW").await["status"], "PENDING_APPROVAL");
    assert_eq!(resolve(&ada, id, "KEEP_NEW").await["status"], "RESOLVED");
    assert_eq!(status(&viewer, &taken["id"]).await, "active");
}

#[tokio::test]
async fn a_conflict_whose_memory_is_gone_closes_itself() {
    for end in ["forget", "memory_expire"] {
        let (_app, ada, _, _) = people().await;
        let (first, second, id) = contradicted(&ada).await;

        ada.ok(end, json!({ "id": first })).await;

        assert!(waiting(&ada).await.is_empty(), "{end}");
        let done = resolve(&ada, &id, "KEEP_EXISTING").await;
        assert_eq!((&done["status"], &done["reason"]), (&json!("DISMISSED"), &json!("gone")));
        assert_eq!(status(&ada, &second).await, "active");
        let list = ada.ok("conflicts_list", json!({ "status": ["DISMISSED"] })).await;
        assert_eq!(list["conflicts"][0]["existing"]["content"], Value::Null, "{end}");
    }
}

#[tokio::test]
async fn a_conflict_resolves_itself_when_a_memory_comes_to_agree() {
    let (_app, ada, _, _) = people().await;
    let (_, second, _) = contradicted(&ada).await;

    let change = json!({ "id": second, "content": "The search service is written in Rust." });
    ada.ok("memory_update", change).await;

    assert!(waiting(&ada).await.is_empty());
    let list = ada.ok("conflicts_list", json!({ "status": ["AUTO_RESOLVED"] })).await;
    assert_eq!(list["conflicts"][0]["reason"], "edited");
}

#[tokio::test]
async fn an_edit_can_open_a_conflict_and_keeps_one_that_is_there() {
    let (_app, ada, _, _) = people().await;
    remember(&ada, FIRST).await;
    let other = remember(&ada, "The search service is written in Rust.").await;

    let change = json!({ "id": other["id"], "content": SECOND });
    let changed = ada.ok("memory_update", change).await;
    let more = json!({ "id": other["id"], "content": SECOND.replace("30", "45") });
    let more = ada.ok("memory_update", more).await;

    assert_eq!(changed["conflicts"].as_array().expect("conflicts").len(), 1);
    assert_eq!(more.get("conflicts"), None);
    let [conflict] = &waiting(&ada).await[..] else { panic!("one waits") };
    assert_eq!(conflict["newer"]["changed_since"], true);
}

#[tokio::test]
async fn what_was_settled_is_not_settled_otherwise() {
    let (app, ada, bo, _) = people().await;
    let (_, _, id) = contradicted(&ada).await;
    resolve(&ada, &id, "KEEP_NEW").await;

    let late = bo.refused("conflict_resolve", json!({ "id": id, "resolution": "KEEP_EXISTING" }));

    let late = leaving_nothing(&app, late).await;
    assert_eq!(
        (&late["code"], &late["details"]["status"]),
        (&json!("CONFLICT"), &json!("RESOLVED"))
    );
}

#[tokio::test]
async fn of_two_who_decide_at_once_one_does() {
    let (_app, ada, bo, _) = people().await;

    for round in 0..12 {
        let content = |number| format!("Part {round} of the archive has {number} boxes.");
        let first = remember(&ada, &content(3)).await;
        let second = remember(&ada, &content(4)).await;
        let id = &second["conflicts"][0]["id"];
        let decide = |resolution| json!({ "id": id, "resolution": resolution });

        let (one, two) = tokio::join!(
            ada.tool("conflict_resolve", decide("KEEP_EXISTING")),
            bo.tool("conflict_resolve", decide("KEEP_NEW")),
        );

        assert_ne!(one.0, two.0, "{one:?} {two:?}");
        let lost = if one.0 { &one.1 } else { &two.1 };
        assert_eq!(lost["code"], "CONFLICT");
        let statuses = [status(&ada, &first["id"]).await, status(&ada, &second["id"]).await];
        let active = statuses.iter().filter(|status| *status == "active").count();
        assert_eq!(active, 1, "{statuses:?}");
    }
}

#[tokio::test]
async fn the_list_comes_in_pages_and_a_cursor_from_elsewhere_is_refused() {
    let (app, ada, _, _) = people().await;
    for number in 0..3 {
        remember(&ada, &format!("Shelf {number} of the archive has 3 boxes.")).await;
        remember(&ada, &format!("Shelf {number} of the archive has 4 boxes.")).await;
    }

    let page = ada.rest(Method::GET, "/v1/conflicts?limit=2", None).await.body;
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let rest = ada.rest(Method::GET, &format!("/v1/conflicts?cursor={cursor}"), None).await.body;

    assert_eq!((&page["count"], &rest["count"]), (&json!(2), &json!(1)));
    assert_eq!(rest.get("next_cursor"), None);
    let wrong = leaving_nothing(&app, ada.refused("conflicts_list", json!({ "cursor": "mem_1" })));
    assert_eq!(wrong.await["code"], "INVALID_ARGUMENT");
}

#[tokio::test]
async fn the_trail_says_what_was_decided_and_by_whom() {
    let (app, ada, _, _) = people().await;
    let (_, second, id) = contradicted(&ada).await;

    resolve(&ada, &id, "KEEP_EXISTING").await;

    let events = app.owner.team_events().await;
    let ours = events.iter().filter(|event| event["operation"] == "conflict_resolve");
    let [event] = &ours.collect::<Vec<_>>()[..] else { panic!("one event") };
    assert_eq!(event["object_id"], id);
    assert_eq!(event["summary"]["resolution"], "KEEP_EXISTING");
    assert_eq!(event["summary"]["retired"], json!([second]));
}

#[tokio::test]
async fn what_comes_back_is_held_against_what_was_written_meanwhile() {
    let (_app, ada, ..) = people().await;
    let first = remember(&ada, FIRST).await["id"].clone();
    let update = json!({ "id": first, "content": "The search service is fast." });
    ada.ok("memory_update", update).await;
    let second = remember(&ada, SECOND).await;
    assert_eq!(second.get("conflicts"), None);

    let edited = ada.ok("memory_restore", json!({ "id": first, "version": 1 })).await;
    ada.ok("memory_expire", json!({ "id": first })).await;
    let gone = waiting(&ada).await;
    let back = ada.ok("memory_restore", json!({ "id": first })).await;

    let opened = edited["conflicts"].as_array().expect("conflicts");
    assert_eq!((opened.len(), &opened[0]["with"]), (1, &second["id"]));
    assert_eq!((gone.len(), waiting(&ada).await.len()), (0, 1));
    assert_eq!(back.get("conflicts"), None, "the one that waits is the same");
}
