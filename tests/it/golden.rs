//! Committed outputs: compared line by line, written anew where `MEMORANDA_BLESS=1` asks for it.

use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");

/// How many differing lines a failure shows.
const SHOWN: usize = 12;

/// Fails, showing the first lines that differ, unless the text is that of the golden file.
pub fn check(name: &str, text: &str) {
    let path = Path::new(FOLDER).join(name);
    if std::env::var("MEMORANDA_BLESS").is_ok_and(|value| value == "1") {
        std::fs::create_dir_all(FOLDER).expect("the folder can be made");
        std::fs::write(&path, text).expect("the golden file can be written");
        return;
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        golden == text,
        "tests/golden/{name} differs:\n{}\nif it should, run this test with MEMORANDA_BLESS=1 and \
         say why in the commit",
        difference(&golden, text)
    );
}

/// From the first line that differs: what the file has (`-`) and what is there now (`+`).
fn difference(golden: &str, text: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (golden.lines().collect(), text.lines().collect());
    let same = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let context = before[..same].iter().rev().take(2).rev().map(|line| format!("   {line}"));
    let gone = before[same..].iter().take(SHOWN).map(|line| format!(" - {line}"));
    let new = after[same..].iter().take(SHOWN).map(|line| format!(" + {line}"));
    let lines: Vec<String> = context.chain(gone).chain(new).collect();
    format!("from line {}:\n{}", same + 1, lines.join("\n"))
}

#[test]
fn a_difference_shows_its_line_with_what_was_and_what_is() {
    let shown = difference("a\nb\nc\nd", "a\nb\nx\nd");

    assert_eq!(shown, "from line 3:\n   a\n   b\n - c\n - d\n + x\n + d");
}
