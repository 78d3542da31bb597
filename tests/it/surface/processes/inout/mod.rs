//! `export` and `import` of the real binary: the same database again, and honest about what isn't.

mod foreign;
mod markdown;
mod upload;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Ended, Home, Served};
use crate::support::{Caller, TestApp};

/// The lossless form of a database with a few memories, one of them with two versions.
fn exported() -> (Home, PathBuf) {
    let home = Home::new();
    let kept = home.run(&["remember", "Tea.", "--tags", "drinks,hot", "--json"]).json();
    let id = kept["id"].as_str().expect("an id");
    home.run(&["memory", "update", id, "--content", "Green tea.", "--json"]).json();
    let milk = home.run(&["remember", "Milk.", "--visibility", "agent", "--json"]).json();
    let milk = milk["id"].as_str().expect("an id");
    home.run(&["link", "add", id, "--type", "supports", "--to", milk, "--json"]).json();
    home.run(&["remember", "Coffee.", "--json"]).json();
    let path = home.0.path().join("team.jsonl");
    let ended = home.run(&["export", "--output", text(&path)]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""), "{}", ended.err);
    (home, path)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The records of an export's text but for what is each team's own: the header, the trail, the sums.
fn canonical(export: &str) -> Vec<String> {
    let records = export.lines().filter(|line| {
        !["header", "trailer", "activity"]
            .iter()
            .any(|kind| line.starts_with(&format!("{{\"record\":\"{kind}\"")))
    });
    let bare = |line: &str| line.rsplit_once(",\"sum\":").map(|(bare, _)| bare.to_owned());
    records.map(|line| bare(line).expect("a sum")).collect()
}

/// How many of them are more than the policies that every team begins with.
fn held(export: &str) -> usize {
    canonical(export).iter().filter(|line| !line.starts_with("{\"record\":\"team\"")).count()
}

fn import(home: &Home, path: &Path, more: &[&str]) -> Ended {
    home.run(&[&["import", text(path), "--json"], more].concat())
}

fn whole(home: &Home) -> String {
    home.run(&["export", "--with-forgotten"]).out
}

#[test]
fn an_import_into_an_empty_database_gives_the_same_database() {
    let (home, path) = exported();
    home.run(&["policy", "set", "--trust", "approval", "--json"]).json();
    home.run(&["retention", "set", "--preset", "balanced", "--json"]).json();
    for port in ["8443", "9443"] {
        home.run(&["remember", &format!("The admin service runs on port {port}."), "--json"]);
    }
    home.run(&["export", "--output", text(&path)]);
    let elsewhere = Home::new();

    let report = import(&elsewhere, &path, &[]).json();

    assert_eq!(report["not_taken"], 0, "{report}");
    let (here, there) = (whole(&home), whole(&elsewhere));
    assert!(here.contains("{\"record\":\"conflict\"") && here.contains("\"trust\":\"approval\""));
    assert_eq!(canonical(&there), canonical(&here));
    assert_eq!(canonical(&here).len(), 8);
    let again = import(&elsewhere, &path, &[]).json();
    assert_eq!(again["resumed_at"], report["taken"], "it is done already");
    assert_eq!(canonical(&whole(&elsewhere)), canonical(&here));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_memories_come_back_as_they_were() {
    let app = TestApp::start().await;
    let ada = app.owner.acting_as("ada");
    for batch in 0..100 {
        let items: Vec<Value> = (0..100)
            .map(|number| {
                let number = batch * 100 + number;
                json!({
                    "content": format!("Statement {number}: \"ü\" \\ \u{1f375}\nsecond line"),
                    "confidence": 1.0 / f64::from(number + 1),
                    "tags": [format!("tag-{}", number % 7)],
                    "position": number,
                })
            })
            .collect();
        let kept = ada.ok("remember", json!({ "items": items })).await;
        app.clock.advance(1);
        let id = &kept["items"][0]["id"];
        ada.ok("memory_update", json!({ "id": id, "content": "Changed." })).await;
        ada.ok("forget", json!({ "id": kept["items"][1]["id"] })).await;
    }
    let (home, key) = (Home::new(), app.owner.key.clone().expect("a key"));
    let path = home.0.path().join("team.jsonl");
    let url = app.url.clone();
    let out = path.clone();
    let (home, there) = tokio::task::spawn_blocking(move || {
        let mut command = home.command(&["export", "--with-forgotten", "--url", &url]);
        command.args(["--output", text(&out)]).env("MEMORANDA_API_KEY", key);
        let ended = Ended::of(command.output().expect("the binary starts"));
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        let report = import(&home, &out, &[]).json();
        assert_eq!(report["not_taken"], 0, "{report}");
        let there = whole(&home);
        (home, there)
    })
    .await
    .expect("runs");

    let here = canonical(&std::fs::read_to_string(&path).expect("reads"));
    assert!(here.len() > 10_000, "{}", here.len());
    assert!(canonical(&there) == here, "the two databases differ");
    drop(home);
}

#[test]
fn a_file_that_was_cut_or_damaged_is_refused_and_its_line_named() {
    let (_home, path) = exported();
    let elsewhere = Home::new();
    let good = std::fs::read_to_string(&path).expect("reads");
    let lines: Vec<&str> = good.lines().collect();
    let cases = [
        (good.replace("Coffee.", "Cocoa."), "line 5 "),
        (lines[..4].join("\n"), "after line 4"),
        (good[..good.len() / 2].to_owned(), "is not a line of an export"),
        ([&lines[..2], &lines[3..]].concat().join("\n"), "line 3 "),
        (format!("{good}{good}"), "after the trailer"),
        (lines[1..].join("\n"), "line 1 "),
    ];

    for (bad, said) in cases {
        std::fs::write(&path, bad).expect("writes");
        let ended = import(&elsewhere, &path, &["--format", "memoranda"]);

        ended.refused(64, "INVALID_ARGUMENT");
        assert!(ended.err.contains(said), "{said}: {}", ended.err);
    }
    assert_eq!(held(&whole(&elsewhere)), 0, "nothing was taken");
}

#[test]
fn a_dry_run_says_what_would_be_taken_and_takes_nothing() {
    let (_home, path) = exported();
    let elsewhere = Home::new();

    let report = import(&elsewhere, &path, &["--dry-run"]).json();

    assert_eq!((&report["dry_run"], &report["not_taken"]), (&json!(true), &json!(0)));
    assert!(report["taken"].as_u64().expect("a number") >= 3);
    assert_eq!(held(&whole(&elsewhere)), 0);
}

#[test]
fn an_export_goes_to_a_server_with_a_key() {
    let (home, path) = exported();
    let there = Home::new();
    let key = there.init();
    let served = Served::start(&there);

    let mut command = home.command(&["import", text(&path), "--json", "--url", &served.url]);
    let report = Ended::of(command.env("MEMORANDA_API_KEY", &key).output().expect("starts")).json();

    assert_eq!(report["not_taken"], 0, "{report}");
    let caller = Caller::new(&served.url, Some(&key));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let found = runtime.block_on(caller.ok("recall", json!({ "query": "green tea" })));
    assert_eq!(found["hits"][0]["content"], "Green tea.");
}
