//! What waits for somebody, as `whoami` and the brief show it: tasks, what was left with them, the one
//! to take up next, conflicts, and what changed since they were last here.

use memoranda::identity::role::Role;
use serde_json::{Value, json};

use super::listening::Stream;
use super::probe::warm;
use crate::support::{Caller, TestApp};

const HOUR: i64 = 60 * 60 * 1000;

async fn two(app: &TestApp) -> (Caller, Caller) {
    let scopes = &["read", "write"];
    let ada = app.key("Ada", Role::Editor, scopes).await.acting_as("ada");
    let bob = app.key("Bob", Role::Editor, scopes).await.acting_as("bob");
    for agent in [&ada, &bob] {
        agent.ok("agent_register", json!({ "display_name": "Bot", "type": "coder" })).await;
    }
    (ada, bob)
}

async fn task(caller: &Caller, statement: &str, more: Value) -> String {
    let mut arguments = json!({ "statement": statement });
    for (name, value) in more.as_object().into_iter().flatten() {
        arguments[name] = value.clone();
    }
    let made = caller.ok("task_create", arguments).await;
    made["id"].as_str().expect("an id").to_owned()
}

async fn whoami(caller: &Caller) -> Value {
    caller.ok("whoami", json!({})).await
}

async fn brief(caller: &Caller) -> Value {
    caller.ok("brief", json!({})).await
}

fn ids(list: &Value) -> Vec<&str> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default().iter();
    items.map(|item| item["id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn whoami_shows_ones_own_tasks_and_which_to_take_up_next() {
    let app = warm().await;
    let (ada, bob) = two(&app).await;
    let first = task(&ada, "Lay the table", json!({ "assignee": "bob" })).await;
    let more = json!({ "assignee": "bob", "priority": "URGENT", "depends_on": [first] });
    let second = task(&ada, "Serve the tea", more).await;

    let (his, hers) = (whoami(&bob).await, whoami(&ada).await);

    let mut own = ids(&his["tasks"]);
    own.sort_unstable();
    let mut both = [first.as_str(), second.as_str()];
    both.sort_unstable();
    assert_eq!(own, both);
    assert_eq!(his["suggested"]["id"], first.as_str(), "what waits can't be begun");
    let why =
        ["it is assigned to you", "nothing that it needs is open", "another task waits for it"];
    assert_eq!(his["suggested"]["why"], json!(why));
    assert!(his["next"].as_str().expect("words").contains("work_begin"));
    assert!(hers["tasks"].is_null() && hers["suggested"].is_null(), "{hers}");
}

#[tokio::test]
async fn what_is_begun_comes_first_and_what_nobody_has_is_suggested_to_whoever_is_free() {
    let app = warm().await;
    let (ada, bob) = two(&app).await;
    let urgent = task(&ada, "Put the fire out", json!({ "priority": "URGENT" })).await;
    let plain = task(&ada, "Water the plants", json!({})).await;

    let free = whoami(&bob).await["suggested"].clone();
    bob.ok("work_begin", json!({ "task_id": plain })).await;
    let busy = whoami(&bob).await;
    let hers = whoami(&ada).await;

    assert_eq!(free["id"], urgent.as_str());
    assert_eq!(free["why"][0], "nobody has it");
    assert_eq!(busy["suggested"]["id"], plain.as_str());
    assert_eq!(busy["suggested"]["why"], json!(["you have begun it"]));
    assert!(busy["tasks"][0]["until"].is_string());
    assert!(busy["next"].as_str().expect("words").starts_with("Go on with"));
    assert_eq!(hers["suggested"]["id"], urgent.as_str());
}

#[tokio::test]
async fn who_may_not_read_the_brief_learns_nothing_of_work_by_whoami() {
    let app = warm().await;
    let (ada, _) = two(&app).await;
    let narrow = app.key_with("Narrow", json!({ "operations": ["recall"] })).await.acting_as("cy");
    whoami(&narrow).await;
    task(&ada, "Lay the table", json!({ "assignee": "cy" })).await;
    task(&ada, "Serve the tea", json!({})).await;

    let seen = whoami(&narrow).await;

    for field in ["tasks", "suggested", "conflicts"] {
        assert!(seen[field].is_null(), "{seen}");
    }
}

#[tokio::test]
async fn an_agent_that_is_not_approved_learns_nothing_of_work_by_whoami() {
    let app = warm().await;
    let (ada, bob) = two(&app).await;
    task(&ada, "Lay the table", json!({ "assignee": "bob" })).await;
    app.owner.ok("agent_block", json!({ "agent_id": "bob" })).await;

    let seen = whoami(&bob).await;

    assert!(seen["tasks"].is_null() && seen["suggested"].is_null(), "{seen}");
}

#[tokio::test]
async fn a_conflict_waits_for_those_who_wrote_what_contradicts() {
    let app = warm().await;
    let (ada, bob) = two(&app).await;
    let cy = app.key("Cy", Role::Editor, &["read", "write"]).await.acting_as("cy");
    ada.ok("remember", json!({ "content": "The office opens at 8:00." })).await;
    bob.ok("remember", json!({ "content": "The office opens at 9:00." })).await;

    let (hers, his, others) = (whoami(&ada).await, brief(&bob).await, whoami(&cy).await);

    assert_eq!(hers["conflicts"][0]["status"], "PENDING");
    assert_eq!(ids(&hers["conflicts"]), ids(&his["conflicts"]));
    assert!(others["conflicts"].is_null(), "{others}");
}

#[tokio::test]
async fn the_brief_shows_what_was_left_with_a_task() {
    let app = warm().await;
    let (ada, bob) = two(&app).await;
    let id = task(&ada, "Serve the tea", json!({})).await;
    ada.ok("work_begin", json!({ "task_id": id })).await;
    let done = json!({ "task_id": id, "summary": "The water boils", "next": "Pour it" });
    ada.ok("work_checkpoint", done).await;
    let over = json!({ "task_id": id, "summary": "I have to go", "to": "bob" });
    ada.ok("work_release", over).await;
    ada.ok("comment_add", json!({ "about_id": id, "content": "Milk is in the fridge" })).await;

    let his = brief(&bob).await;

    assert_eq!(ids(&his["tasks"]), [id.as_str()]);
    let left = &his["tasks"][0];
    let said = left["checkpoint"]["content"].as_str().expect("a checkpoint");
    assert!(["The water boils", "I have to go"].contains(&said), "{left}");
    assert_eq!(left["checkpoint"]["agent"], "ada");
    assert_eq!(left["comment"]["content"], "Milk is in the fridge");
    assert_eq!(his["suggested"]["id"], id.as_str());
}

#[tokio::test]
async fn the_brief_shows_what_changed_since_the_last_visit() {
    let app = warm().await;
    let (ada, bob) = two(&app).await;
    let old = ada.ok("remember", json!({ "content": "Tea is hot.", "type": "fact" })).await;
    bob.ok("remember", json!({ "content": "Bob was here.", "type": "event" })).await;
    app.clock.advance(HOUR / 2);
    ada.ok("remember", json!({ "content": "Milk is cold.", "type": "fact" })).await;
    let early = brief(&bob).await;
    app.clock.advance(HOUR);
    let change = json!({ "id": old["id"], "content": "Tea is warm." });
    ada.ok("memory_update", change).await;

    let later = brief(&bob).await;
    bob.ok("remember", json!({ "content": "Bob is back.", "type": "event" })).await;
    let after = brief(&bob).await;

    assert!(early["last_here_at"].is_null() && early["changed"].is_null(), "{early}");
    let changes: Vec<_> = later["changed"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|line| (line["title"].as_str(), line["change_type"].as_str()))
        .collect();
    assert_eq!(
        changes,
        [(Some("Tea is warm."), Some("updated")), (Some("Milk is cold."), Some("created"))]
    );
    // The visit goes on, and what was new at its beginning still is.
    assert_eq!(after["changed"], later["changed"]);
    assert_eq!(after["last_here_at"], later["last_here_at"]);
    let shown = ids(&later["changed"]);
    assert!(ids(&later["recent"]).iter().all(|id| !shown.contains(id)), "nothing stands twice");
}

#[tokio::test]
async fn the_brief_keeps_within_its_budget() {
    let app = warm().await;
    let (ada, bob) = two(&app).await;
    for at in 0..12 {
        let kind = if at % 2 == 0 { "decision" } else { "fact" };
        let said = format!("Number {at}: {}.", "we pour the tea before the milk ".repeat(3));
        ada.ok("remember", json!({ "content": said, "type": kind })).await;
        let statement = format!("Task {at}: {}", "stir ".repeat(30));
        task(&ada, &statement, json!({ "assignee": "bob" })).await;
    }

    let mut sizes = Vec::new();
    for tokens in [200, 400, 1500, 10_000] {
        let brief = bob.ok("brief", json!({ "max_tokens": tokens })).await;

        let size = brief.to_string().len();
        assert!(size <= tokens * 4, "{size} bytes for {tokens} tokens: {brief}");
        sizes.push(size);
        let rest = brief["standing"].as_array().expect("lines").len();
        assert!(tokens < 1500 || (rest > 0 && !ids(&brief["tasks"]).is_empty()), "{brief}");
    }
    assert!(sizes.is_sorted(), "{sizes:?}");
}

#[tokio::test]
async fn a_stream_hears_of_tasks_assigned_conflicts_opened_and_memories_changed() {
    let app = warm().await;
    let (ada, bob) = two(&app).await;
    let id = task(&ada, "Serve the tea", json!({})).await;
    let uri = format!("memoranda://task/{id}");
    let kept = bob.ok("remember", json!({ "content": "The office opens at 8:00." })).await;
    let memory = format!("memoranda://memory/{}", kept["id"].as_str().expect("an id"));
    let mut his = Stream::of(&bob, &["memoranda://brief"]).await;
    let mut theirs = Stream::of(&bob, &[&uri]).await;
    let mut its = Stream::of(&bob, &[&memory]).await;

    ada.ok("task_update", json!({ "id": id, "assignee": "bob" })).await;
    assert_eq!(his.heard().await, "memoranda://brief");
    assert_eq!(theirs.heard().await, uri);

    let other = json!({ "content": "The office opens at 9:00." });
    let opened = ada.ok("remember", other).await;
    assert!(opened["conflicts"][0]["id"].is_string(), "{opened}");
    assert_eq!(his.heard().await, "memoranda://brief");

    bob.ok("memory_update", json!({ "id": kept["id"], "tags": ["hours"] })).await;
    assert_eq!(its.heard().await, memory);
}
