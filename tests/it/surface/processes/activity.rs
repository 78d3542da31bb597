//! The trail on the command line: exported to a file, and checked without a database.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Ended, Home, Served};

/// A database with five events, and a folder for exports.
fn with_events() -> (Home, tempfile::TempDir) {
    let home = Home::new();
    let items = (0..4).map(|number| json!({ "content": format!("Tea {number}.") }));
    for item in items {
        home.run(&["remember", item["content"].as_str().expect("text"), "--json"]).json();
    }
    let kept = home.run(&["remember", "Milk.", "--json"]).json();
    assert!(kept["id"].is_string());
    (home, tempfile::tempdir().expect("a folder"))
}

fn export(home: &Home, folder: &Path) -> PathBuf {
    let path = folder.join("trail.jsonl");
    let ended = home.run(&["activity", "export", "--limit", "2", "--output", text(&path)]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""), "{}", ended.err);
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("reads");
    text.lines().map(str::to_owned).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("lists");
    entries.map(|entry| entry.expect("there").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn an_export_is_written_whole_and_checked_without_a_database() {
    let (home, folder) = with_events();
    let elsewhere = Home::new();

    let path = export(&home, folder.path());
    let here = home.run(&["activity", "verify", "--json"]).json();
    let there = elsewhere.run(&["activity", "verify", "--file", text(&path), "--json"]).json();
    let printed = home.run(&["activity", "export"]);

    assert_eq!((&here, &here["events"]), (&there, &json!(5)));
    assert_eq!(here["is_intact"], true);
    assert_eq!(printed.out, std::fs::read_to_string(&path).expect("reads"));
    assert_eq!(names(folder.path()), ["trail.jsonl"]);
    assert!(!elsewhere.data().exists(), "it needs no database");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "its owner's alone");
    }
}

#[test]
fn tampering_with_an_export_shows() {
    let (home, folder) = with_events();
    let path = export(&home, folder.path());
    let whole = lines(&path);
    let head = home.run(&["activity", "verify", "--json"]).json()["head"].clone();
    let (sequence, hash) = (head["sequence"].to_string(), head["hash"].as_str().expect("text"));
    let noted = ["--expect-sequence", &sequence, "--expect-hash", hash];
    let altered = |at: usize, field: &str| {
        let mut lines = whole.clone();
        let mut event: Value = serde_json::from_str(&lines[at]).expect("JSON");
        event[field] = json!("f".repeat(64));
        lines[at] = event.to_string();
        lines
    };
    let without = |at: usize| [&whole[..at], &whole[at + 1..]].concat();
    let mut swapped = whole.clone();
    swapped.swap(1, 2);
    let mut twice = whole.clone();
    twice.insert(2, whole[1].clone());

    for (tampered, options, sequence, reason) in [
        (altered(2, "object_id"), &[][..], 3, "altered"),
        (altered(2, "hash"), &[][..], 3, "altered"),
        (altered(2, "previous"), &[][..], 3, "altered"),
        (altered(0, "previous"), &[][..], 1, "altered"),
        (without(2), &[][..], 3, "missing"),
        (swapped, &[][..], 2, "missing"),
        (twice, &[][..], 3, "missing"),
        (whole[..3].to_vec(), &noted[..], 4, "missing"),
    ] {
        std::fs::write(&path, tampered.join("\n")).expect("written");
        let arguments = ["activity", "verify", "--json", "--file", text(&path)];

        let ended = home.run(&[&arguments[..], options].concat());

        assert_eq!(ended.code, Some(65), "{}", ended.err);
        let found: Value = serde_json::from_str(&ended.out).expect("JSON");
        assert_eq!(found["is_intact"], false);
        let expected = json!({ "sequence": sequence, "reason": reason });
        assert_eq!(found["first_break"], expected, "{tampered:?}");
    }
}

#[test]
fn a_stretch_is_checked_from_where_it_begins() {
    let (home, folder) = with_events();
    let path = export(&home, folder.path());
    std::fs::write(&path, lines(&path)[2..].join("\n")).expect("written");

    let found = home.run(&["activity", "verify", "--file", text(&path), "--json"]).json();

    assert_eq!((&found["is_intact"], &found["events"]), (&json!(true), &json!(3)));
    assert_eq!(found["head"]["sequence"], 5);
}

#[test]
fn an_export_that_fails_leaves_what_was_there() {
    let (home, folder) = with_events();
    let path = folder.path().join("trail.jsonl");
    std::fs::write(&path, "older").expect("written");

    let refused = home.run(&["activity", "export", "--after", "soon", "--output", text(&path)]);
    let nowhere = folder.path().join("no/such/folder.jsonl");
    let lost = home.run(&["activity", "export", "--output", text(&nowhere)]);

    assert_eq!((refused.code, lost.code), (Some(64), Some(77)), "{} {}", refused.err, lost.err);
    assert_eq!(lines(&path), ["older"]);
    assert_eq!(names(folder.path()), ["trail.jsonl"]);
}

#[test]
fn a_file_that_is_no_export_is_refused() {
    let (home, folder) = with_events();
    let path = folder.path().join("trail.jsonl");
    for text_of_it in ["{}", "no JSON", "[1]\n"] {
        std::fs::write(&path, text_of_it).expect("written");

        let ended = home.run(&["activity", "verify", "--file", text(&path)]);

        assert_eq!((ended.code, ended.out.as_str()), (Some(64), ""), "{}", ended.err);
        assert!(ended.err.contains("line 1"), "{}", ended.err);
    }
    let missing = home.run(&["activity", "verify", "--file", "no-such-file"]);
    assert_eq!(missing.code, Some(64), "{}", missing.err);
}

#[test]
fn a_servers_trail_is_exported_and_verified_too() {
    let home = Home::new();
    let key = home.init();
    let served = Served::start(&home);
    let own = Home::new();
    let on_server = |arguments: &[&str]| {
        let mut command = own.command(arguments);
        command.args(["--url", &served.url]).env("MEMORANDA_API_KEY", &key);
        Ended::of(command.output().expect("the binary starts"))
    };
    for number in 0..3 {
        on_server(&["remember", &format!("Tea {number}."), "--json"]).json();
    }

    let exported = on_server(&["activity", "export", "--limit", "2"]);
    let verified = on_server(&["activity", "verify", "--json"]).json();

    let last: Value =
        serde_json::from_str(exported.out.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["hash"], verified["head"]["hash"]);
    assert_eq!(verified["events"], json!(exported.out.lines().count()));
}
