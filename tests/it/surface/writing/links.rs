use memoranda::identity::role::Role;
use serde_json::{Value, json};

use super::{kept, read};
use crate::support::Caller;
use crate::surface::probe::{leaving_nothing, warm};

const ALL: [&str; 3] = ["read", "write", "admin"];

async fn two(caller: &Caller) -> (Value, Value) {
    (kept(caller, "The heron nests here.").await, kept(caller, "The owl hunts at night.").await)
}

#[tokio::test]
async fn a_new_memory_says_what_it_is_to_others() {
    let app = warm().await;
    let (heron, owl) = two(&app.owner).await;

    let links = json!([{ "type": "supports", "to": heron }, { "type": "relates_to", "to": owl }]);
    let arguments = json!({ "content": "Birds live here.", "links": links });
    let id = app.owner.ok("remember", arguments).await["id"].clone();

    let mut shown = read(&app.owner, &id).await["links"].clone();
    shown.as_array_mut().expect("a list").sort_by_key(|link| link["type"] != "supports");
    assert_eq!(shown, links);
    let linked_from = json!([{ "type": "supports", "from": id }]);
    assert_eq!(read(&app.owner, &heron).await["linked_from"], linked_from);
}

#[tokio::test]
async fn a_link_is_added_once_and_removed_once() {
    let app = warm().await;
    let (heron, owl) = two(&app.owner).await;
    let link = json!({ "id": heron, "type": "contradicts", "to": owl });

    assert_eq!(app.owner.ok("link_add", link.clone()).await["changed"], true);
    let again = leaving_nothing(&app, app.owner.ok("link_add", link.clone())).await;
    assert_eq!(again["changed"], false);
    assert_eq!(read(&app.owner, &owl).await["linked_from"][0]["from"], heron);

    assert_eq!(app.owner.ok("link_remove", link.clone()).await["changed"], true);
    let again = leaving_nothing(&app, app.owner.ok("link_remove", link)).await;
    assert_eq!(again["changed"], false);
    assert_eq!(read(&app.owner, &owl).await["linked_from"], json!(null));
}

#[tokio::test]
async fn a_link_to_what_is_not_there_is_refused_by_its_field() {
    let app = warm().await;
    let (heron, owl) = two(&app.owner).await;
    app.owner.ok("forget", json!({ "id": owl })).await;
    let missing = format!("mem_{}", "0".repeat(26));

    for to in [&owl, &json!(missing), &json!("mem_1"), &json!("nothing")] {
        let one = json!({ "id": heron, "type": "supports", "to": to });
        let refused = leaving_nothing(&app, app.owner.refused("link_add", one)).await;
        assert_eq!(refused["code"], "NOT_FOUND", "{to}");
        assert_eq!(refused["details"]["fields"][0]["field"], "to", "{to}");

        let link = json!([{ "type": "supports", "to": to }]);
        let new = json!({ "items": [{ "content": "a" }, { "content": "b", "links": link }] });
        let refused = leaving_nothing(&app, app.owner.refused("remember", new)).await;
        assert_eq!(refused["code"], "NOT_FOUND", "{to}");
        assert_eq!(refused["details"]["fields"][0]["field"], "items[1].links[0].to", "{to}");
    }
}

#[tokio::test]
async fn a_memory_is_not_linked_to_itself() {
    let app = warm().await;
    let (heron, _) = two(&app.owner).await;

    let link = json!({ "id": heron, "type": "supports", "to": heron });
    let refused = leaving_nothing(&app, app.owner.refused("link_add", link)).await;

    assert_eq!(refused["details"]["fields"][0]["field"], "to");
}

#[tokio::test]
async fn a_viewer_links_what_it_may_change_and_nothing_else() {
    let app = warm().await;
    let viewer = app.key("Viewer", Role::Viewer, &ALL).await;
    let (heron, owl) = two(&app.owner).await;
    let own = kept(&viewer, "The owl sleeps by day.").await;

    for operation in ["link_add", "link_remove"] {
        let link = json!({ "id": heron, "type": "supports", "to": owl });
        let refused = leaving_nothing(&app, viewer.refused(operation, link)).await;
        assert_eq!(refused["code"], "PERMISSION_DENIED", "{operation}");
    }

    let link = json!({ "id": own, "type": "supports", "to": owl });
    assert_eq!(viewer.ok("link_add", link).await["changed"], true);
}

#[tokio::test]
async fn adding_a_superseding_link_retires_the_other() {
    let app = warm().await;
    let (heron, owl) = two(&app.owner).await;

    let link = json!({ "id": owl, "type": "supersedes", "to": heron });
    let added = app.owner.ok("link_add", link.clone()).await;

    assert_eq!((&added["superseded"], &added["changed"]), (&json!(true), &json!(true)));
    assert_eq!(read(&app.owner, &heron).await["status"], "superseded");
    app.owner.ok("link_remove", link).await;
    assert_eq!(read(&app.owner, &heron).await["status"], "superseded");
    app.owner.ok("memory_restore", json!({ "id": heron })).await;
    assert_eq!(read(&app.owner, &heron).await["status"], "active");
}
