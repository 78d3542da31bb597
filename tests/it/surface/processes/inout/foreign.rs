//! What other programs remember, told apart by its form and taken in.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::super::Home;
use super::{import, text};

/// What the reference memory server has written (2026.8.31), asked over MCP for this graph.
const SERVER_MEMORY: &str = include_str!("server-memory.jsonl");

fn with_file(name: &str, content: &str) -> (Home, PathBuf) {
    let home = Home::new();
    let path = home.0.path().join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(&path, content).expect("written");
    (home, path)
}

/// The statements that are kept, in the order of their ids.
fn statements(home: &Home) -> Vec<Value> {
    let out = home.run(&["export", "--parts", "memories"]).out;
    let records = out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let memories = records.filter(|record| record["record"] == "memory");
    memories.map(|memory| memory["versions"][0]["statement"].clone()).collect()
}

fn contents(home: &Home) -> Vec<String> {
    let text = |statement: &Value| statement["content"].as_str().expect("text").to_owned();
    statements(home).iter().map(text).collect()
}

#[test]
fn the_reference_servers_graph_becomes_statements() {
    let (home, path) = with_file("memory.jsonl", SERVER_MEMORY);

    let report = import(&home, &path, &[]).json();

    assert_eq!((&report["format"], &report["taken"]), (&json!("mcp-memory"), &json!(7)));
    assert_eq!(
        contents(&home),
        [
            "Ada Byron: Writes \"notes\" on the engine",
            "Ada Byron: Prefers tea, über alles \u{1f375}",
            "Ada Byron: Two\nlines",
            "Analytical Engine: Has a mill and a store",
            "Analytical Engine: Was never finished",
            "Royal Society (organization)",
            "Ada Byron programs Analytical Engine",
        ]
    );
    assert!(statements(&home).iter().all(|one| one["provenance"] == "imported"
        && one["source"] == "mcp-memory"
        && one["source_ref"].is_string()));
}

#[test]
fn the_same_source_again_and_one_that_has_grown_double_nothing() {
    let (home, path) = with_file("memory.jsonl", SERVER_MEMORY);
    import(&home, &path, &[]).json();

    let again = import(&home, &path, &[]).json();
    let more =
        "\n{\"type\":\"entity\",\"name\":\"Mill\",\"entityType\":\"part\",\"observations\":[]}";
    std::fs::write(&path, format!("{SERVER_MEMORY}{more}")).expect("written");
    let grown = import(&home, &path, &[]).json();

    assert_eq!(again["resumed_at"], 7);
    assert_eq!((&grown["taken"], &grown["known"]), (&json!(1), &json!(7)));
    assert_eq!(contents(&home).len(), 8);
}

#[test]
fn what_is_wrong_or_secret_is_listed_without_its_words_and_the_rest_is_taken() {
    let value = format!("ghp_{}", "Ab1".repeat(12));
    let lines = [
        json!({ "type": "entity", "name": "A", "entityType": "t", "observations": ["Tea."] }),
        json!({ "type": "entity", "name": "B", "entityType": "t", "observations": [value] }),
        json!({ "type": "other" }),
        json!({ "type": "entity", "name": "C", "entityType": "t", "observations": ["Milk."] }),
    ];
    let text = lines.map(|line| line.to_string()).join("\n");
    let (home, path) = with_file("memory.jsonl", &format!("{text}\nnot json\n"));

    let ended = import(&home, &path, &[]);

    assert!(!ended.out.contains(&value) && !ended.err.contains(&value));
    let report = ended.json();
    assert_eq!((&report["taken"], &report["not_taken"]), (&json!(2), &json!(3)), "{report}");
    let refused: Vec<(&str, &str)> = report["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["place"].as_str().expect("text"), one["rule"].as_str().expect("text")))
        .collect();
    assert!(refused.contains(&("line 3", "is neither an entity nor a relation")), "{refused:?}");
    assert!(refused.contains(&("line 5", "is not a JSON object")), "{refused:?}");
    let secret = refused.iter().find(|(place, _)| *place == "line 2, observation 1");
    assert!(secret.is_some_and(|(_, rule)| rule.starts_with("looks like it holds a secret")));
    assert_eq!(contents(&home), ["A: Tea.", "C: Milk."]);
    let done = import(&home, &path, &[]).json();
    assert_eq!(done["resumed_at"], 3, "what was withheld is not tried again");
}

#[test]
fn each_form_is_told_by_looking_into_it() {
    let memanto =
        "---\ntype: fact\ntitle: Tea\nx_memanto:\n  id: m1\n  type: fact\n---\n\nTea is hot.\n";
    let memory_md = "# Memory — ada\n\n> Generated: now  \n> Total memories: **1**  \n\n---\n\n\
                     ## Facts\n\n*x*\n\n### Tea\n\nTea is hot.\n\n*Confidence: 0.8*\n";
    let basic = "---\ntitle: Tea\npermalink: tea\n---\n- [fact] Tea is hot.\n";
    let mem0 = json!({ "results": [{ "id": "1", "memory": "Tea is hot." }] }).to_string();
    let cases = [
        ("a.json", mem0.as_str(), "mem0"),
        ("b.md", memory_md, "memory-md"),
        ("c.md", basic, "basic-memory"),
        ("d.txt", "Tea is hot.", "notes"),
        ("e/one.md", "Tea is hot.", "notes"),
        ("f/memories/fact/tea.md", memanto, "okf"),
    ];

    for (name, content, format) in cases {
        let (home, path) = with_file(name, content);
        let root = name.split('/').next().filter(|_| name.contains('/'));
        let path = root.map_or(path, |root| home.0.path().join(root));

        let report = import(&home, &path, &[]).json();

        assert_eq!((&report["format"], &report["taken"]), (&json!(format), &json!(1)), "{name}");
        assert!(contents(&home)[0].contains("Tea is hot."), "{name}");
    }
    let (home, path) = with_file("x.bin", "\u{1}\u{2}");
    import(&home, &path, &[]).refused(64, "INVALID_ARGUMENT");
}

#[test]
fn the_database_of_mcp_memory_service_is_read_and_never_written() {
    let home = Home::new();
    let path = home.0.path().join("sqlite_vec.db");
    let database = rusqlite::Connection::open(&path).expect("opens");
    database
        .execute_batch(
            "CREATE TABLE memories (
                 id INTEGER PRIMARY KEY AUTOINCREMENT, content_hash TEXT UNIQUE NOT NULL,
                 content TEXT NOT NULL, tags TEXT, memory_type TEXT, metadata TEXT,
                 created_at REAL, updated_at REAL, created_at_iso TEXT, updated_at_iso TEXT,
                 deleted_at REAL DEFAULT NULL);
             INSERT INTO memories (content_hash, content, tags, memory_type, metadata, created_at)
             VALUES ('aa', 'We chose SQLite.', 'db,files', 'decision', '{}', 1700000000.5),
                    ('bb', 'A note.', '', 'note', NULL, NULL);
             INSERT INTO memories (content_hash, content, deleted_at) VALUES ('cc', 'Gone.', 1.0);",
        )
        .expect("made");
    drop(database);
    let before = std::fs::read(&path).expect("reads");

    let report = import(&home, &path, &[]).json();

    assert_eq!((&report["format"], &report["taken"]), (&json!("mcp-memory-service"), &json!(2)));
    assert_eq!(contents(&home), ["We chose SQLite.", "A note."]);
    let first = &statements(&home)[0];
    assert_eq!((&first["type"], &first["tags"]), (&json!("decision"), &json!(["db", "files"])));
    assert_eq!(first["occurred_at"], "2023-11-14T22:13:20.500Z");
    assert!(std::fs::read(&path).expect("reads") == before, "it stays as it was");
    let other = home.0.path().join("other.db");
    let database = rusqlite::Connection::open(&other).expect("opens");
    database.execute_batch("CREATE TABLE other (x)").expect("made");
    drop(database);
    import(&home, &other, &[]).refused(64, "INVALID_ARGUMENT");
}

#[cfg(unix)]
#[test]
fn a_folder_of_notes_is_taken_without_what_lies_outside_or_is_hidden() {
    let (home, path) = with_file("notes/a.md", "Tea.");
    let folder = path.parent().expect("a folder").to_owned();
    std::fs::write(folder.join(".hidden.md"), "Hidden.").expect("written");
    std::fs::write(folder.join("broken.md"), [0xff, 0xfe]).expect("written");
    let outside = home.0.path().join("outside.md");
    std::fs::write(&outside, "Outside.").expect("written");
    std::os::unix::fs::symlink(&outside, folder.join("link.md")).expect("linked");

    let report = import(&home, &folder, &[]).json();

    assert_eq!((&report["taken"], &report["not_taken"]), (&json!(1), &json!(1)));
    assert_eq!(report["refused"][0], json!({ "place": "broken.md", "rule": "is not UTF-8 text" }));
    assert_eq!(contents(&home), ["Tea."]);
}

#[test]
fn an_import_that_was_killed_goes_on_and_doubles_nothing() {
    let lines: Vec<String> = (0..1000)
        .map(|number| {
            let name = format!("E{number}");
            json!({ "type": "entity", "name": name, "entityType": "t", "observations": ["x"] })
                .to_string()
        })
        .collect();
    let (home, path) = with_file("memory.jsonl", &lines.join("\n"));
    home.run(&["remember", "Made before.", "--json"]).json();
    let mut running =
        home.command(&["import", text(&path), "--json"]).spawn().expect("the binary starts");
    while contents(&home).len() < 2 {
        assert!(running.try_wait().expect("a child").is_none_or(|status| status.success()));
    }
    running.kill().expect("killed");
    running.wait().expect("waited for");

    let report = import(&home, &path, &[]).json();

    assert_eq!(report["taken"], 1000);
    assert!(report["resumed_at"].as_u64().expect("a number") >= 200, "{report}");
    assert_eq!(contents(&home).len(), 1001);
}
