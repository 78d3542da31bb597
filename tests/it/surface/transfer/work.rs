//! What a team works on, in another team: strategy, tasks with what they need, and comments.

use memoranda::identity::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{exported, import};
use crate::support::{Caller, TestApp};
use crate::surface::probe::leaving_nothing;

const WORK: [&str; 4] = ["node", "task", "needs", "comment"];

fn of(records: &[Value], kinds: &[&str]) -> Vec<Value> {
    let is_one = |record: &&Value| kinds.iter().any(|kind| record["record"] == *kind);
    records.iter().filter(is_one).cloned().collect()
}

async fn whole(who: &Caller) -> Vec<Value> {
    exported(who, json!({})).await
}

fn rules(answer: &Value) -> Vec<&str> {
    let refused = answer["refused"].as_array().expect("a list");
    refused.iter().filter_map(|one| one["rule"].as_str()).collect()
}

/// A team at work: nodes and tasks that were moved below later ones, one task begun, comments on
/// each kind of thing.
async fn at_work() -> (TestApp, Caller) {
    let app = TestApp::start().await;
    let ada = app.owner.acting_as("ada");
    let make = async |operation: &'static str, arguments: Value| {
        ada.ok(operation, arguments).await["id"].clone()
    };
    let node = "strategy_node_create";
    let epic = make(node, json!({ "type": "EPIC", "statement": "Caches", "owner": "me" })).await;
    let goal = make(node, json!({ "type": "OBJECTIVE", "statement": "Be quick" })).await;
    ada.ok("strategy_node_update", json!({ "id": epic, "parent_id": goal })).await;
    let child = json!({
        "statement": "Measure it", "acceptance_criteria": ["a number"], "priority": "HIGH",
    });
    let child = make("task_create", child).await;
    let above = json!({ "statement": "Halve it", "parent_id": epic, "assignee": "me" });
    let above = make("task_create", above).await;
    let later = make("task_create", json!({ "statement": "Buy a clock" })).await;
    let moved = json!({ "id": child, "parent_id": above, "depends_on": [later] });
    ada.ok("task_update", moved).await;
    ada.ok("work_begin", json!({ "task_id": later })).await;
    let memory = make("remember", json!({ "content": "The clock is slow." })).await;
    for about in [&epic, &child, &later, &memory] {
        ada.ok("comment_add", json!({ "about_id": about, "content": "Seen." })).await;
    }
    let (_, other) = app.other_team("other").await;
    (app, other)
}

#[tokio::test]
async fn what_a_team_works_on_comes_back_equal_and_once() {
    let (app, other) = at_work().await;
    let all = whole(&app.owner).await;

    let answer = import(&other, "whole", &all).await;

    assert_eq!(answer["refused"], json!([]));
    let there = whole(&other).await;
    assert_eq!(of(&there, &WORK), of(&all, &WORK));
    let counts = WORK.map(|kind| of(&all, &[kind]).len());
    assert_eq!(counts, [2, 3, 1, 4]);
    let again = import(&other, "again", &all).await;
    assert_eq!((&again["known"], &again["taken"]), (&json!(all.len()), &json!(0)), "{again}");
    assert_eq!(of(&whole(&other).await, &WORK), of(&all, &WORK));
}

#[tokio::test]
async fn a_conflict_with_a_node_comes_after_it_and_can_be_settled_there() {
    let (app, other) = at_work().await;
    let ada = app.owner.acting_as("ada");
    let goal = json!({ "statement": "The cache holds 40 pages.", "type": "KEY_RESULT" });
    let node = ada.ok("strategy_node_create", goal).await["id"].clone();
    let kept = ada.ok("remember", json!({ "content": "The cache holds 12 pages." })).await;
    let conflict = kept["conflicts"][0]["id"].clone();
    ada.ok("comment_add", json!({ "about_id": conflict, "content": "Count them." })).await;
    let all = whole(&app.owner).await;
    let conflicts = of(&all, &["conflict"]);

    let bare = import(&other, "bare", &conflicts).await;
    let without: Vec<Value> =
        all.iter().filter(|record| record["record"] != "node").cloned().collect();
    let without = import(&app.other_team("third").await.1, "without", &without).await;
    let answer = import(&other, "whole", &all).await;

    assert_eq!(conflicts[0]["existing"], json!({ "id": node, "version": 1 }));
    assert_eq!(rules(&bare), ["names a memory that is not here"]);
    assert!(rules(&without).contains(&"names a node that is not here"), "{without}");
    assert_eq!(answer["refused"], json!([]));
    assert_eq!(
        of(&whole(&other).await, &["conflict", "comment"]),
        of(&all, &["conflict", "comment"])
    );
    assert_eq!(exported(&app.owner, json!({ "limit": 1 })).await, all);
    let again = import(&other, "again", &all).await;
    assert_eq!((&again["known"], &again["taken"]), (&json!(all.len()), &json!(0)), "{again}");
    let done =
        other.ok("conflict_resolve", json!({ "id": conflict, "resolution": "KEEP_NEW" })).await;
    assert_eq!(done["dropped"], node);
    let later = import(&other, "later", &conflicts).await;
    assert_eq!(rules(&later), ["is here already, decided otherwise"]);
}

#[tokio::test]
async fn a_conflict_with_a_node_that_no_export_holds_is_refused() {
    let (app, other) = at_work().await;
    let ada = app.owner.acting_as("ada");
    let goal = json!({ "statement": "The cache holds 40 pages.", "type": "KEY_RESULT" });
    ada.ok("strategy_node_create", goal).await;
    ada.ok("remember", json!({ "content": "The cache holds 12 pages." })).await;
    let all = whole(&app.owner).await;
    let conflict = of(&all, &["conflict"])[0].clone();
    let wrong: Vec<Value> = [
        ("/existing/id", json!("tsk_01JD8ZQ501JD8ZQ501JD8ZQ501")),
        ("/existing/version", json!(0)),
        ("/newer/id", conflict["existing"]["id"].clone()),
        ("/existing/more", json!(1)),
    ]
    .into_iter()
    .map(|(path, value)| {
        let mut record = conflict.clone();
        let (object, field) = path.rsplit_once('/').expect("a path");
        record.pointer_mut(object).expect("an object")[field] = value;
        record
    })
    .collect();
    let merged =
        json!({ "resolution": "MERGE", "status": "RESOLVED", "decided_at": conflict["opened_at"] });
    let mut merge = conflict.clone();
    merge.as_object_mut().expect("an object").extend(merged.as_object().expect("one").clone());

    let answer = import(&other, "wrong", &[wrong, vec![merge]].concat()).await;

    let rules = rules(&answer);
    assert_eq!(rules.len(), 5, "{answer}");
    assert!(rules[4].contains("MERGE"), "{rules:?}");
}

#[tokio::test]
async fn pages_of_one_record_give_the_same() {
    let (app, _) = at_work().await;

    let by_one = exported(&app.owner, json!({ "limit": 1 })).await;

    assert_eq!(by_one, whole(&app.owner).await);
    let work = of(&by_one, &WORK);
    let parts = json!({ "parts": ["nodes", "tasks", "comments"] });
    assert_eq!(exported(&app.owner, parts).await, work);
}

#[tokio::test]
async fn a_task_that_was_begun_is_free_and_its_fence_goes_on() {
    let (app, other) = at_work().await;
    let all = whole(&app.owner).await;
    let begun = of(&all, &["task"]).into_iter().find(|task| task["status"] == "IN_PROGRESS");
    let begun = begun.expect("one was begun");

    import(&other, "whole", &all).await;
    let bo = other.acting_as("bo");
    let lease = bo.ok("work_begin", json!({ "task_id": begun["id"], "take_over": true })).await;

    assert_eq!(begun["fence"], 1);
    assert_eq!(lease["fence"], 2);
}

#[tokio::test]
async fn a_dry_run_leaves_nothing_and_takes_it_that_what_is_named_comes_too() {
    let (app, other) = at_work().await;
    let records = whole(&app.owner).await;
    let count = records.len();
    other.ok("whoami", json!({})).await;
    let dry = json!({ "import": "dry", "records": records, "dry_run": true });

    let answer = leaving_nothing(&app, async { other.ok("import", dry).await }).await;

    // The policies are those that every team begins with.
    assert_eq!((&answer["taken"], &answer["known"]), (&json!(count - 1), &json!(1)));
    assert_eq!(answer["refused"], json!([]));
}

#[tokio::test]
async fn what_differs_here_is_listed_and_left_alone() {
    let (app, other) = at_work().await;
    let all = whole(&app.owner).await;
    import(&other, "whole", &all).await;
    let task = of(&all, &["needs"])[0]["task_id"].clone();
    other.ok("task_update", json!({ "id": task, "depends_on": [] })).await;
    let before = of(&whole(&other).await, &WORK);
    let mut node = of(&all, &["node"])[0].clone();
    node["statement"] = json!("Be slow");
    let mut comment = of(&all, &["comment"])[0].clone();
    comment["content"] = json!("Not seen.");

    let changed = [of(&all, &["task", "needs"]), vec![node, comment]].concat();
    let answer = import(&other, "again", &changed).await;

    let other_words = "is here already, and says something else";
    assert_eq!(
        rules(&answer),
        [other_words, "the task here waits for others", other_words, other_words]
    );
    assert_eq!((&answer["known"], &answer["taken"]), (&json!(2), &json!(0)));
    assert_eq!(of(&whole(&other).await, &WORK), before);
}

#[tokio::test]
async fn what_hangs_from_nothing_or_is_about_nothing_is_refused() {
    let (app, other) = at_work().await;
    let all = whole(&app.owner).await;
    let work = of(&all, &WORK);

    let bare = import(&other, "bare", &work).await;
    import(&other, "agents", &of(&all, &["agent"])).await;
    let hanging = of(&all, &["task"]).into_iter().filter(|task| task.get("node_id").is_some());
    let hanging: Vec<Value> = hanging.chain(of(&all, &["needs", "comment"])).collect();
    let loose = import(&other, "loose", &hanging).await;

    assert_eq!(rules(&bare).len(), work.len(), "{bare}");
    let about = "is about something that is not here";
    assert_eq!(
        rules(&loose),
        [
            "stands below a node or task that is not here",
            "names a task that is not here",
            about,
            about,
            about,
            about
        ]
    );
    assert_eq!(of(&whole(&other).await, &WORK), Vec::<Value>::new());
}

#[tokio::test]
async fn a_comment_on_an_erased_memory_stays_out() {
    let (app, other) = at_work().await;
    let all = whole(&app.owner).await;
    import(&other, "whole", &all).await;
    let memory = of(&all, &["memory"])[0]["id"].clone();
    let erase = json!({ "ids": [memory], "reason": "asked", "confirm": true });
    other.ok("memory_erase", erase).await;

    let answer = import(&other, "again", &of(&all, &["comment"])).await;

    assert_eq!(rules(&answer), ["is about a memory that was erased here for good"]);
    assert_eq!((&answer["known"], &answer["taken"]), (&json!(3), &json!(0)));
}

#[tokio::test]
async fn comments_on_what_is_forgotten_are_copied_with_it_alone() {
    let (app, _) = at_work().await;
    let memory = of(&whole(&app.owner).await, &["memory"])[0]["id"].clone();
    app.owner.ok("forget", json!({ "id": memory })).await;

    let without = of(&whole(&app.owner).await, &["comment"]);
    let with = exported(&app.owner, json!({ "with_forgotten": true })).await;

    assert_eq!((without.len(), of(&with, &["comment"]).len()), (3, 4));
    assert!(without.iter().all(|comment| comment["about_id"] != memory));
}

#[tokio::test]
async fn only_an_admin_takes_over_what_others_work_on() {
    let (app, other) = at_work().await;
    let records = of(&whole(&app.owner).await, &WORK);
    let body = json!({ "title": "Editor", "role": "editor", "scopes": ["read", "write"] });
    let made = other.rest(Method::POST, "/v1/keys", Some(body)).await;
    let editor = app.with_key(made.body["key"].as_str().expect("a key")).acting_as("eve");
    let viewer = app.key("Viewer", Role::Viewer, &["read", "write"]).await.acting_as("vi");

    for who in [&editor, &viewer] {
        let answer = import(who, "work", &records).await;

        assert_eq!(rules(&answer), vec!["is for an admin to import"; records.len()]);
    }
}

#[tokio::test]
async fn damaged_records_are_refused_one_by_one() {
    let (app, other) = at_work().await;
    let all = whole(&app.owner).await;
    import(&other, "agents", &of(&all, &["agent"])).await;
    let with = |kind: &str, path: &str, value: Value| {
        let mut record = of(&all, &[kind])[0].clone();
        let (parent, field) = path.rsplit_once('/').expect("a path");
        record.pointer_mut(parent).expect("a place")[field] = value;
        record
    };
    let own = |kind: &str| of(&all, &[kind])[0]["id"].clone();
    let wrong = [
        with("node", "/colour", json!("red")),
        with("node", "/type", json!("EPIC")),
        with("node", "/kind", json!("KING")),
        with("node", "/statement", json!("two\nlines")),
        with("node", "/description", json!("x".repeat(5_001))),
        with("node", "/version", json!(0)),
        with("node", "/position", json!(-1)),
        with("node", "/parent_id", own("node")),
        with("task", "/id", json!("tsk_1")),
        with("task", "/statement", json!(" ")),
        with("task", "/status", json!("LOST")),
        with("task", "/fence", json!(-1)),
        with("task", "/parent_task_id", own("task")),
        with("task", "/author", json!({ "agent": "ada" })),
        with("task", "/lease", json!({})),
        with("task", "/criteria", json!([{ "text": "", "is_met": true }])),
        with("needs", "/needs", json!([])),
        with("needs", "/needs", json!([of(&all, &["needs"])[0]["task_id"]])),
        with("comment", "/about_id", json!("key_1")),
        with("comment", "/content", json!(" ")),
        with("comment", "/kind", json!("rumour")),
    ];

    let answer = import(&other, "wrong", &wrong).await;

    let refused = answer["refused"].as_array().expect("a list");
    let places: Vec<u64> =
        refused.iter().map(|one| one["place"].as_u64().expect("a place")).collect();
    assert_eq!(places, (0..wrong.len() as u64).collect::<Vec<_>>(), "{answer:#}");
    assert_eq!(of(&whole(&other).await, &WORK), Vec::<Value>::new());
}

#[tokio::test]
async fn no_file_makes_a_task_wait_for_itself_or_turns_the_tree_round() {
    let (app, other) = at_work().await;
    let all = whole(&app.owner).await;
    let nodes = of(&all, &["node"]);
    let (goal, epic) = (nodes[0].clone(), nodes[1].clone());
    let mut turned = epic.clone();
    turned["kind"] = json!("VISION");
    let circle = |needs: &Value, from: &str| {
        let task = of(&all, &["task"]).into_iter().find(|task| task["statement"] == *from);
        let task = task.expect("a task");
        json!({ "record": "needs", "task_id": task["id"], "version": task["version"], "needs": [needs] })
    };
    let id = |statement: &str| {
        let task = of(&all, &["task"]).into_iter().find(|task| task["statement"] == *statement);
        task.expect("a task")["id"].clone()
    };
    import(&other, "first", &[of(&all, &["agent"]), vec![goal]].concat()).await;

    let turned = import(&other, "turned", &[turned]).await;
    import(&other, "rest", &all).await;
    // `Buy a clock` is needed by what lies below `Halve it`.
    let circle = circle(&id("Halve it"), "Buy a clock");
    let circle = import(&other, "circle", &[circle]).await;

    assert_eq!(rules(&turned), ["stands below a node that it can't stand below"]);
    assert_eq!(rules(&circle), ["would make a task wait for itself"]);
    assert_eq!(of(&whole(&other).await, &WORK), of(&all, &WORK));
}
