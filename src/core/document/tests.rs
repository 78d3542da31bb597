//! Documents and the parts that they are cut into.

use super::*;

fn cut(format: Format, text: &str) -> Vec<(String, String)> {
    let parts = parts(format, text.as_bytes()).expect("cut");
    parts.into_iter().map(|part| (part.place, part.content)).collect()
}

fn refusal(format: Format, bytes: &[u8]) -> String {
    parts(format, bytes).expect_err("refused").message().to_owned()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(place, content)| ((*place).to_owned(), (*content).to_owned())).collect()
}

#[test]
fn the_ending_tells_the_format_in_either_case() {
    for (name, expected) in [
        ("a.txt", Some(Format::Text)),
        ("a.b.MD", Some(Format::Markdown)),
        ("t.csv", Some(Format::Csv)),
        ("j.Json", Some(Format::Json)),
        ("a.pdf", None),
        ("txt", None),
        ("", None),
    ] {
        assert_eq!(Format::of(name), expected, "{name}");
    }
}

#[test]
fn a_text_is_cut_at_sentences_into_passages_of_about_110_words_and_nothing_is_lost() {
    let sentence = "The heron stands in the shallow water and waits for fish all day long.";
    let text = format!("{sentence} ").repeat(40);

    let parts = cut(Format::Text, &text);

    let words: Vec<usize> =
        parts.iter().map(|(_, content)| content.split_whitespace().count()).collect();
    assert!(words.len() > 3, "{words:?}");
    assert!(words[..words.len() - 1].iter().all(|count| (60..=130).contains(count)), "{words:?}");
    assert!(parts.iter().all(|(_, content)| content.ends_with("long.")));
    let whole: Vec<&str> =
        parts.iter().flat_map(|(_, content)| content.split_whitespace()).collect();
    assert_eq!(whole, text.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn a_short_text_is_one_part_with_its_lines() {
    assert_eq!(cut(Format::Text, "\n\nOne.\n\nTwo.\n"), pairs(&[("lines 3-5", "One.\n\nTwo.")]));
    assert_eq!(cut(Format::Text, "\u{FEFF}One."), pairs(&[("line 1", "One.")]));
    assert_eq!(cut(Format::Text, " \n"), []);
}

#[test]
fn headings_begin_parts_and_head_them() {
    let text = "# Runbook\nRead this.\n## Queue\nRestart it.\n\n## Disk\nClear the cache.\n# End\n";

    let parts = parts(Format::Markdown, text.as_bytes()).expect("cut");

    let seen: Vec<(&str, &str, Option<&str>)> = parts
        .iter()
        .map(|part| (part.place.as_str(), part.content.as_str(), part.title.as_deref()))
        .collect();
    let expected = [
        ("lines 1-2", "# Runbook\nRead this.", Some("Runbook")),
        ("lines 3-4", "## Queue\nRestart it.", Some("Runbook › Queue")),
        ("lines 6-7", "## Disk\nClear the cache.", Some("Runbook › Disk")),
        ("line 8", "# End", Some("End")),
    ];
    assert_eq!(seen, expected);
    assert_eq!(cut(Format::Text, text).len(), 1, "in plain text a # is a sign");
}

#[test]
fn what_has_no_sentence_and_no_space_is_cut_where_it_must_be() {
    let parts = cut(Format::Text, &"é".repeat(25_000));

    let lengths: Vec<usize> = parts.iter().map(|(_, content)| content.chars().count()).collect();
    assert_eq!(lengths, [10_000, 10_000, 5_000]);
}

#[test]
fn a_row_of_a_table_is_a_part() {
    let table =
        "name,city,note\r\nAda,Bergen,\"likes tea, \"\"hot\"\"\"\r\n\r\nBo,,\"two\nlines\"\nCy";

    let expected = [
        ("row 2", "name: Ada\ncity: Bergen\nnote: likes tea, \"hot\""),
        ("row 4", "name: Bo\nnote: two\nlines"),
        ("row 5", "name: Cy"),
    ];
    assert_eq!(cut(Format::Csv, table), pairs(&expected));
    assert_eq!(cut(Format::Csv, "a;b\n1;2,5"), pairs(&[("row 2", "a: 1\nb: 2,5")]));
    assert_eq!(cut(Format::Csv, "a\tb\n1\t2"), pairs(&[("row 2", "a: 1\nb: 2")]));
    assert_eq!(cut(Format::Csv, "a,b\n"), []);
    assert_eq!(cut(Format::Csv, ""), []);
}

#[test]
fn an_element_of_a_list_is_a_part() {
    let list = r#"["Tea.", {"content": "Milk.", "title": "White"}, {"a": 1, "b": null, "c": ["x"]}, null, " ", 7]"#;

    let expected = [
        ("element 0", "Tea."),
        ("element 1", "Milk."),
        ("element 2", "a: 1\nc: [\"x\"]"),
        ("element 5", "7"),
    ];
    assert_eq!(cut(Format::Json, list), pairs(&expected));
    assert_eq!(cut(Format::Json, r#"{"v": 1, "memories": ["a", "b"]}"#).len(), 2);
    assert_eq!(cut(Format::Json, r#"{"a": "b"}"#), pairs(&[("element 0", "a: b")]));
    assert_eq!(cut(Format::Json, ""), []);
    let titled = parts(Format::Json, list.as_bytes()).expect("cut");
    assert_eq!(titled[1].title.as_deref(), Some("White"));
}

#[test]
fn what_can_not_be_read_is_refused_with_its_place() {
    assert!(refusal(Format::Text, b"abc\xffd").contains("byte 3 "));
    assert!(refusal(Format::Text, b"a\0b").contains("byte 1 "));
    assert!(refusal(Format::Csv, b"a,b\n1,\"2").contains("in row 2 a quote is never closed"));
    assert!(refusal(Format::Csv, b"a,b\n1,\"2\"x").contains("in row 2 text follows"));
    assert!(refusal(Format::Csv, b"a,b\n1,2\"x").contains("in row 2 a quote"));
    assert!(refusal(Format::Json, b"[1,\n 2,,]").contains("line 2, column"));
    let long = format!("[\"{}\"]", "z".repeat(10_001));
    assert!(refusal(Format::Json, long.as_bytes()).contains("element 0 has more"));
    let long = format!("a\n{}", "z".repeat(10_001));
    assert!(refusal(Format::Csv, long.as_bytes()).contains("row 2 has more"));
}
