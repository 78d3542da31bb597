//! Strategy and tasks: a tree that stays one, what waits for what, and who may change them.

use memoranda::identity::role::Role;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp};
use crate::surface::probe::{leaving_nothing, warm};

async fn made(caller: &Caller, name: &str, arguments: Value) -> String {
    caller.ok(name, arguments).await["id"].as_str().expect("an id").to_owned()
}

async fn node(caller: &Caller, kind: &str, parent: Option<&str>) -> String {
    let arguments = json!({ "statement": format!("A {kind}"), "type": kind, "parent_id": parent });
    made(caller, "strategy_node_create", arguments).await
}

async fn task(caller: &Caller, more: Value) -> String {
    let mut arguments = json!({ "statement": "Measure it" });
    let more = more.as_object().expect("an object").clone();
    arguments.as_object_mut().expect("an object").extend(more);
    made(caller, "task_create", arguments).await
}

/// The field that a refusal names.
async fn field(caller: &Caller, name: &str, arguments: Value) -> (String, String) {
    let refusal = caller.refused(name, arguments).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&refusal["code"]), text(&refusal["details"]["fields"][0]["field"]))
}

fn pair(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

/// The ids of the nodes below one, as the tree shows them.
async fn below(caller: &Caller, id: &str) -> Vec<String> {
    let tree = caller.ok("strategy_tree", json!({ "id": id, "depth": 1 })).await;
    let nodes = tree["nodes"].as_array().expect("nodes").iter().skip(1);
    nodes.map(|node| node["id"].as_str().expect("an id").to_owned()).collect()
}

/// The ids of the tasks that a list shows.
async fn listed(caller: &Caller, arguments: Value) -> Vec<String> {
    let list = caller.ok("task_list", arguments).await;
    let tasks = list["tasks"].as_array().expect("tasks").iter();
    tasks.map(|task| task["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn nodes_are_put_moved_and_numbered_anew() {
    let app = TestApp::start().await;
    let owner = &app.owner;
    let vision = node(owner, "VISION", None).await;
    let one = node(owner, "OBJECTIVE", Some(&vision)).await;
    let two = node(owner, "EPIC", Some(&vision)).await;
    let first = json!({
        "statement": "First", "type": "EPIC", "parent_id": vision, "position": 0,
    });
    let first = made(owner, "strategy_node_create", first).await;
    assert_eq!(below(owner, &vision).await, [&first, &one, &two].map(String::as_str));

    let moved = owner.ok("strategy_node_update", json!({ "id": two, "position": 1 })).await;
    assert_eq!((&moved["position"], &moved["changed"]), (&json!(1), &json!(true)));
    assert_eq!(below(owner, &vision).await, [&first, &two, &one].map(String::as_str));
    let hung = json!({ "id": first, "parent_id": one });
    owner.ok("strategy_node_update", hung.clone()).await;
    let again = owner.ok("strategy_node_update", hung).await;

    assert_eq!(again["changed"], false);
    assert_eq!(below(owner, &vision).await, [&two, &one].map(String::as_str));
    assert_eq!(below(owner, &one).await, [first.as_str()]);
    let top = owner.ok("strategy_node_update", json!({ "id": one, "parent_id": "none" })).await;
    assert_eq!((top.get("parent_id"), &top["position"]), (None, &json!(1)));
    let position = owner.ok("strategy_tree", json!({ "id": two })).await["nodes"][0].clone();
    assert_eq!(position["depth"], 0);
}

#[tokio::test]
async fn a_node_stands_below_a_level_above_its_own_alone() {
    let app = warm().await;
    let owner = &app.owner;
    let objective = node(owner, "OBJECTIVE", None).await;
    let epic = node(owner, "EPIC", Some(&objective)).await;

    let refused = |name: &'static str, arguments: Value| {
        leaving_nothing(&app, async move { field(owner, name, arguments).await })
    };
    let wrong = json!({ "statement": "x", "type": "VISION", "parent_id": objective });
    assert_eq!(refused("strategy_node_create", wrong).await, pair("INVALID_ARGUMENT", "parent_id"));
    let same = json!({ "statement": "x", "type": "EPIC", "parent_id": epic });
    assert_eq!(refused("strategy_node_create", same).await, pair("INVALID_ARGUMENT", "parent_id"));
    for above in [&epic, &objective] {
        let below_itself = json!({ "id": objective, "parent_id": above });
        let answer = refused("strategy_node_update", below_itself).await;
        assert_eq!(answer, pair("INVALID_ARGUMENT", "parent_id"));
    }
    let missing = json!({ "statement": "x", "type": "EPIC", "parent_id": "nod_1" });
    assert_eq!(refused("strategy_node_create", missing).await, pair("NOT_FOUND", "parent_id"));
}

#[tokio::test]
async fn a_node_is_changed_from_the_version_that_was_read() {
    let app = TestApp::start().await;
    let id = node(&app.owner, "EPIC", None).await;
    let first = json!({ "id": id, "if_version": 1, "status": "DROPPED" });
    app.owner.ok("strategy_node_update", first).await;

    let late = json!({ "id": id, "if_version": 1, "status": "ACHIEVED" });
    let refusal = app.owner.refused("strategy_node_update", late).await;

    assert_eq!((&refusal["code"], &refusal["details"]["version"]), (&json!("CONFLICT"), &json!(2)));
    let tree = app.owner.ok("strategy_tree", json!({})).await;
    assert_eq!(tree["nodes"][0]["status"], "DROPPED");
}

#[tokio::test]
async fn the_tree_counts_tasks_for_every_node_above_and_shows_loose_ones_last() {
    let app = TestApp::start().await;
    let owner = &app.owner;
    let vision = node(owner, "VISION", None).await;
    let epic = node(owner, "EPIC", Some(&vision)).await;
    let high = task(owner, json!({ "parent_id": epic })).await;
    task(owner, json!({ "parent_id": high })).await;
    let loose = task(owner, json!({ "priority": "URGENT" })).await;
    let gone = task(owner, json!({})).await;
    owner.ok("task_update", json!({ "id": gone, "status": "CANCELLED" })).await;

    let tree = owner.ok("strategy_tree", json!({})).await;
    let shallow = owner.ok("strategy_tree", json!({ "depth": 0 })).await;

    let planned = json!({ "PLANNED": 2 });
    assert_eq!([&tree["nodes"][0]["tasks"], &tree["nodes"][1]["tasks"]], [&planned, &planned]);
    assert_eq!(tree["loose"], json!({ "PLANNED": 1, "CANCELLED": 1 }));
    assert_eq!(tree["tasks"].as_array().map(Vec::len), Some(1));
    assert_eq!((&tree["tasks"][0]["id"], &tree["more"]), (&json!(loose), &json!(false)));
    assert_eq!((&shallow["nodes"][0]["left_out"], &shallow["more"]), (&json!(1), &json!(true)));
    assert_eq!(shallow["nodes"][0]["tasks"], planned);
}

#[tokio::test]
async fn nodes_are_found_by_their_words() {
    let app = TestApp::start().await;
    let one = json!({ "statement": "Quick answers", "type": "EPIC", "description": "in a second" });
    let one = made(&app.owner, "strategy_node_create", one).await;
    node(&app.owner, "VISION", None).await;

    let found = app.owner.ok("strategy_node_search", json!({ "query": "a second" })).await;
    let none = app.owner.ok("strategy_node_search", json!({ "query": "moon" })).await;

    assert_eq!((&found["total"], &found["nodes"][0]["id"]), (&json!(1), &json!(one)));
    assert_eq!(none["count"], 0);
}

#[tokio::test]
async fn no_task_waits_for_itself_by_any_way() {
    let app = warm().await;
    let owner = &app.owner;
    let first = task(owner, json!({})).await;
    let second = task(owner, json!({ "depends_on": [first] })).await;
    let below = task(owner, json!({ "parent_id": second })).await;

    let refused = |arguments: Value| {
        leaving_nothing(&app, async move { field(owner, "task_update", arguments).await })
    };
    for (id, needs) in [(&first, &first), (&first, &second), (&below, &second)] {
        let answer = refused(json!({ "id": id, "depends_on": [needs] })).await;
        assert_eq!(answer, pair("INVALID_ARGUMENT", "depends_on"), "{id} {needs}");
    }
    for (id, parent) in [(&second, &second), (&second, &below), (&second, &first)] {
        let answer = refused(json!({ "id": id, "parent_id": parent })).await;
        assert_eq!(answer, pair("INVALID_ARGUMENT", "parent_id"), "{id} {parent}");
    }
    let through = json!({ "statement": "x", "parent_id": first, "depends_on": [second] });
    let answer = field(owner, "task_create", through).await;
    assert_eq!(answer, pair("INVALID_ARGUMENT", "depends_on"));
}

#[tokio::test]
async fn a_task_says_what_it_waits_for_until_that_is_closed() {
    let app = TestApp::start().await;
    let owner = &app.owner;
    let first = task(owner, json!({})).await;
    let second = task(owner, json!({ "depends_on": [first] })).await;

    let waiting = owner.ok("task_get", json!({ "id": second })).await;
    let needed = owner.ok("task_get", json!({ "id": first })).await;
    assert_eq!(waiting["waits_for"], json!([first]));
    assert_eq!(waiting["depends_on"][0]["id"], json!(first));
    assert_eq!(needed["needed_by"][0]["id"], json!(second));
    assert_eq!(listed(owner, json!({ "ready": true })).await, [first.as_str()]);
    owner.ok("task_update", json!({ "id": first, "status": "CANCELLED" })).await;

    let free = owner.ok("task_get", json!({ "id": second })).await;
    assert_eq!(free.get("waits_for"), None);
    assert_eq!(listed(owner, json!({ "ready": true })).await, [second.as_str()]);
}

#[tokio::test]
async fn tasks_are_listed_by_whose_they_are_where_they_hang_and_what_they_say() {
    let app = TestApp::start().await;
    let ada = app.owner.acting_as("ada");
    ada.ok("agent_register", json!({ "display_name": "Ada" })).await;
    let epic = node(&ada, "EPIC", None).await;
    let mine =
        task(&ada, json!({ "assignee": "me", "parent_id": epic, "due_at": "tomorrow" })).await;
    let loose = task(&ada, json!({ "statement": "Feed the heron", "priority": "HIGH" })).await;

    for (arguments, expected) in [
        (json!({}), vec![&loose, &mine]),
        (json!({ "assignee": "me" }), vec![&mine]),
        (json!({ "assignee": "ada" }), vec![&mine]),
        (json!({ "assignee": "none" }), vec![&loose]),
        (json!({ "assignee": "nobody-of-ours" }), vec![]),
        (json!({ "parent_id": epic }), vec![&mine]),
        (json!({ "query": "herons fed" }), vec![]),
        (json!({ "query": "the heron" }), vec![&loose]),
        (json!({ "due_before": "tomorrow" }), vec![&mine]),
        (json!({ "due_before": "today" }), vec![]),
        (json!({ "status": ["DONE", "CANCELLED"] }), vec![]),
    ] {
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(listed(&ada, arguments.clone()).await, expected, "{arguments}");
    }
}

#[tokio::test]
async fn a_list_of_tasks_goes_on_where_its_page_ended_and_no_other_list_does() {
    let app = TestApp::start().await;
    let mut all = Vec::new();
    for due in ["2026-12-01", "2026-12-02", "2026-12-03"] {
        all.push(task(&app.owner, json!({ "due_at": due })).await);
    }
    let page = app.owner.ok("task_list", json!({ "limit": 2 })).await;
    let cursor = page["next_cursor"].clone();

    let rest = listed(&app.owner, json!({ "limit": 2, "cursor": cursor })).await;
    let other = json!({ "ready": true, "cursor": cursor });
    let answer = field(&app.owner, "task_list", other).await;

    assert_eq!(page["count"], 2);
    assert_eq!(rest, [all[2].as_str()]);
    assert_eq!(answer, pair("INVALID_ARGUMENT", "cursor"));
}

#[tokio::test]
async fn a_task_is_changed_in_every_field_and_back() {
    let app = TestApp::start().await;
    let owner = app.owner.acting_as("ada");
    owner.ok("agent_register", json!({ "display_name": "Ada" })).await;
    let id = task(&owner, json!({ "acceptance_criteria": ["a", "b"] })).await;
    let whole = json!({
        "id": id, "if_version": 1, "statement": "Halve it", "description": "Twice.",
        "criteria_met": [2], "assignee": "ada", "priority": "LOW", "due_at": "2026-12-24",
    });

    let changed = owner.ok("task_update", whole).await;
    let swapped = json!({ "id": id, "acceptance_criteria": ["b", "c"] });
    let swapped = owner.ok("task_update", swapped).await;
    let back = json!({ "id": id, "assignee": "none", "due_at": "none", "description": "" });
    let back = owner.ok("task_update", back).await;

    assert_eq!(changed["due_at"], "2026-12-24T23:59:59.999Z");
    assert_eq!((&changed["assignee"], &changed["version"]), (&json!({"agent": "ada"}), &json!(2)));
    assert_eq!(changed["acceptance_criteria"][1]["met"], true);
    let criteria = json!([
        { "number": 1, "text": "b", "met": true }, { "number": 2, "text": "c", "met": false },
    ]);
    assert_eq!(swapped["acceptance_criteria"], criteria);
    assert_eq!([back.get("assignee"), back.get("due_at"), back.get("description")], [None; 3]);
    let late = json!({ "id": id, "if_version": 1, "priority": "HIGH" });
    assert_eq!(owner.refused("task_update", late).await["code"], "CONFLICT");
    for status in ["DONE", "IN_REVIEW", "IN_PROGRESS", "BLOCKED"] {
        let by_hand = json!({ "id": id, "status": status });
        let answer = field(&owner, "task_update", by_hand).await;
        assert_eq!(answer, pair("INVALID_ARGUMENT", "status"), "{status}");
    }
}

#[tokio::test]
async fn viewers_see_all_work_and_change_none() {
    let app = warm().await;
    let epic = node(&app.owner, "EPIC", None).await;
    let id = task(&app.owner, json!({})).await;
    let viewer = app.key("Viewer", Role::Viewer, &["read", "write"]).await.acting_as("viewer");
    viewer.ok("whoami", json!({})).await;

    for (name, arguments) in [
        ("strategy_node_create", json!({ "statement": "x", "type": "EPIC" })),
        ("strategy_node_update", json!({ "id": epic, "status": "DROPPED" })),
        ("task_create", json!({ "statement": "x" })),
        ("task_update", json!({ "id": id, "priority": "HIGH" })),
    ] {
        let refusal = leaving_nothing(&app, viewer.refused(name, arguments)).await;
        assert_eq!(refusal["code"], "PERMISSION_DENIED", "{name}");
    }

    assert_eq!(listed(&viewer, json!({})).await, [id.as_str()]);
    assert_eq!(viewer.ok("task_get", json!({ "id": id })).await["id"], json!(id));
    assert_eq!(viewer.ok("strategy_tree", json!({})).await["nodes"][0]["id"], json!(epic));
}

#[tokio::test]
async fn work_is_given_to_those_who_can_act_alone() {
    let app = warm().await;
    let owner = &app.owner;
    let who = json!({ "email": "bo@example.org", "display_name": "Bo" });
    let member = owner.ok("member_invite", who).await["member_id"].clone();
    owner.ok("agent_create", json!({ "agent_id": "night" })).await;

    let held = task(owner, json!({ "assignee": member })).await;
    let held = owner.ok("task_get", json!({ "id": held })).await;
    assert_eq!(held["assignee"], json!({ "member": member, "name": "Bo" }));
    task(owner, json!({ "assignee": "night" })).await;
    owner.ok("agent_block", json!({ "agent_id": "night" })).await;
    owner.ok("member_remove", json!({ "member_id": member, "confirm": true })).await;

    for assignee in [json!("night"), member, json!("nobody-of-ours")] {
        let arguments = json!({ "statement": "x", "assignee": assignee });
        let answer = field(owner, "task_create", arguments).await;
        assert_eq!(answer, pair("NOT_FOUND", "assignee"), "{assignee}");
    }
}

#[tokio::test]
async fn a_memory_speaks_for_a_node_or_against_a_task() {
    let app = TestApp::start().await;
    let owner = &app.owner;
    let epic = node(owner, "EPIC", None).await;
    let id = task(owner, json!({})).await;
    let tied = json!({
        "content": "Customers ask for quick answers.",
        "links": [{ "type": "supports", "to": epic }, { "type": "contradicts", "to": id }],
    });
    let memory = made(owner, "remember", tied).await;

    let tree = owner.ok("strategy_tree", json!({})).await;
    let read = owner.ok("task_get", json!({ "id": id })).await;
    let held = owner.ok("memory_get", json!({ "id": memory })).await;

    let about = &tree["nodes"][0]["memories"][0];
    assert_eq!([&about["id"], &about["relation"]], [&json!(memory), &json!("supports")]);
    assert_eq!(read["memories"][0]["relation"], "contradicts");
    assert_eq!(held["links"].as_array().map(Vec::len), Some(2));
    let link = json!({ "id": memory, "type": "supports", "to": epic });
    assert_eq!(owner.ok("link_remove", link.clone()).await["changed"], true);
    let tree = owner.ok("strategy_tree", json!({})).await;
    assert_eq!(tree["nodes"][0].get("memories"), None);
    assert_eq!(owner.ok("link_add", link).await["changed"], true);
    owner.ok("forget", json!({ "id": memory })).await;
    let tree = owner.ok("strategy_tree", json!({})).await;
    assert_eq!(tree["nodes"][0].get("memories"), None);
}

#[tokio::test]
async fn a_link_to_work_that_is_not_there_or_is_to_be_superseded_is_refused() {
    let app = warm().await;
    let owner = &app.owner;
    let epic = node(owner, "EPIC", None).await;
    let memory = made(owner, "remember", json!({ "content": "Tea." })).await;

    for (to, link_type, expected) in [
        ("nod_01JD8ZQ501JD8ZQ501JD8ZQ501", "supports", pair("NOT_FOUND", "to")),
        ("tsk_1", "supports", pair("NOT_FOUND", "to")),
        (epic.as_str(), "supersedes", pair("INVALID_ARGUMENT", "to")),
    ] {
        let link = json!({ "id": memory, "type": link_type, "to": to });
        let answer = leaving_nothing(&app, field(owner, "link_add", link)).await;
        assert_eq!(answer, expected, "{to}");
    }
}

#[tokio::test]
async fn a_memory_that_contradicts_what_is_pursued_says_so_and_is_linked() {
    let app = TestApp::start().await;
    let owner = &app.owner;
    let goal = "The mobile app supports 40 languages.";
    let goal = json!({ "statement": goal, "type": "KEY_RESULT" });
    let goal = made(owner, "strategy_node_create", goal).await;
    let relation = async || {
        let tree = owner.ok("strategy_tree", json!({})).await;
        tree["nodes"][0]["memories"][0]["relation"].clone()
    };

    let calm = owner.ok("remember", json!({ "content": "The web app has a dark theme." })).await;
    assert_eq!(calm.get("against"), None);
    assert_eq!(relation().await, Value::Null);
    let against = json!({ "content": "The mobile app supports 12 languages." });
    let kept = owner.ok("remember", against).await;

    assert_eq!(kept["against"][0]["node"], json!(goal));
    assert_eq!(relation().await, "contradicts");
    let mended = json!({ "id": kept["id"], "content": "The mobile app supports 40 languages." });
    let mended = owner.ok("memory_update", mended).await;
    assert_eq!((mended.get("against"), relation().await), (None, Value::Null));
    let edited = json!({ "id": kept["id"], "content": "The mobile app supports 12 languages." });
    let edited = owner.ok("memory_update", edited).await;
    assert_eq!(edited["against"][0]["node"], json!(goal));
    owner.ok("strategy_node_update", json!({ "id": goal, "status": "DROPPED" })).await;
    let later = json!({ "content": "The mobile app supports 13 languages." });
    assert_eq!(owner.ok("remember", later).await.get("against"), None);
}
