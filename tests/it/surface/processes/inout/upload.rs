//! Documents, kept part by part.

use serde_json::Value;

use super::super::Home;
use super::{held, text, whole};

fn upload(home: &Home, name: &str, content: &str) -> super::Ended {
    let path = home.0.path().join(name);
    std::fs::write(&path, content).expect("writes");
    home.run(&["upload", text(&path), "--json"])
}

#[test]
fn each_part_is_a_memory_with_its_place_and_comes_once() {
    let home = Home::new();
    let table = "name,city\nAda,Bergen\nBo,Oslo\n";

    let first = upload(&home, "people.csv", table).json();
    let again = upload(&home, "people.csv", table).json();
    let found = home.run(&["recall", "Bergen", "--json"]).json();

    assert_eq!((&first["memories"], &first["file_size"]), (&2.into(), &table.len().into()));
    assert_eq!((&first["known"], held(&whole(&home))), (&0.into(), 2), "{again}");
    let hit: &Value = &found["hits"][0];
    assert_eq!((&hit["thread"], &hit["position"]), (&"people.csv".into(), &0.into()));
    assert!(hit["source_ref"].as_str().is_some_and(|place| place.starts_with("people.csv#")));
}

#[test]
fn what_is_no_document_or_too_large_is_refused_and_leaves_nothing() {
    let home = Home::new();
    let large = home.0.path().join("large.txt");
    let file = std::fs::File::create(&large).expect("made");
    file.set_len(65 * 1024 * 1024).expect("set");

    upload(&home, "slides.pdf", "%PDF").refused(64, "INVALID_ARGUMENT");
    upload(&home, "empty.txt", "\n").refused(64, "INVALID_ARGUMENT");
    upload(&home, "broken.json", "{").refused(64, "INVALID_ARGUMENT");
    let refused = home.run(&["upload", text(&large)]);

    assert!(refused.err.contains("64 MiB"), "{}", refused.err);
    assert_eq!(held(&whole(&home)), 0);
}
