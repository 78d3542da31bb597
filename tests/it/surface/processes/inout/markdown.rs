//! Markdown out and in again: a file for each memory, and nothing of the memory lost.

use serde_json::Value;

use super::super::Home;
use super::{exported, import, text};

/// What stands now: the newest version of each memory, without what Markdown leaves to the
/// lossless form.
fn newest(home: &Home) -> Vec<Value> {
    let out = home.run(&["export", "--parts", "memories"]).out;
    let records = out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let memories = records.filter(|record| record["record"] == "memory");
    let bare = |mut memory: Value| {
        let mut newest = memory["versions"].as_array_mut().expect("versions").pop().expect("one");
        for lost in ["operation", "key_generation"] {
            newest.as_object_mut().expect("an object").remove(lost);
        }
        memory["versions"] = Value::from(vec![newest]);
        memory.as_object_mut().expect("an object").remove("sum");
        memory
    };
    memories.map(bare).collect()
}

#[test]
fn every_field_of_what_stands_now_comes_back() {
    let (home, _) = exported();
    let folder = home.0.path().join("notes");
    let ended = home.run(&["export", "--format", "markdown", "--output", text(&folder)]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let elsewhere = Home::new();

    let report = import(&elsewhere, &folder, &[]).json();

    assert_eq!((&report["format"], &report["not_taken"]), (&"markdown".into(), &0.into()));
    assert_eq!(newest(&elsewhere), newest(&home));
    let known = import(&home, &folder, &[]).json();
    assert_eq!((&known["known"], &known["not_taken"]), (&3.into(), &0.into()), "{known}");
}

#[test]
fn there_is_a_folder_for_each_type_or_one_for_all() {
    let (home, _) = exported();
    let (deep, flat) = (home.0.path().join("deep"), home.0.path().join("flat"));

    home.run(&["export", "--format", "markdown", "--output", text(&deep)]);
    home.run(&["export", "--format", "markdown", "--flat", "--output", text(&flat)]);

    let count = |folder: &std::path::Path| std::fs::read_dir(folder).expect("there").count();
    assert_eq!((count(&deep), count(&deep.join("fact")), count(&flat)), (1, 3, 3));
    let again = home.run(&["export", "--format", "markdown", "--output", text(&flat)]);
    again.refused(65, "ALREADY_EXISTS");
}

#[test]
fn a_forgotten_memory_has_no_file() {
    let home = Home::new();
    let kept = home.run(&["remember", "Tea.", "--json"]).json();
    home.run(&["forget", kept["id"].as_str().expect("an id"), "--json"]).json();
    let folder = home.0.path().join("notes");

    let ended = home.run(&["export", "--format", "markdown", "--output", text(&folder)]);

    assert!(ended.err.contains("0 memories"), "{}", ended.err);
    assert_eq!(std::fs::read_dir(&folder).expect("there").count(), 0);
}
