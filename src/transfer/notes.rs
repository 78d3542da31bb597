//! Notes: plain text and Markdown, as they are; a long one in pieces, in the order of the note.
//!
//! Bundles of the Open Knowledge Format, Memanto's among them, are notes with front matter whose
//! names are known.

use serde_json::{Map, Value};

use super::draft::{Found, kind, label, moment, tags, text_of, texts, whole_or_pieces};
use super::front;
use crate::memory::copy::DraftCopy;

/// Stands between the entries of a bundle's file that holds several.
const BETWEEN_ENTRIES: &str = "<!-- okf-entry -->";

/// What a note says.
#[must_use]
pub fn note(path: &str, text: &str) -> Vec<Found> {
    let (fields, body) = match front::parted(text) {
        Ok(parts) => parts.unwrap_or((Map::new(), text)),
        Err(rule) => return vec![Found::wrong(path, &rule)],
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let draft = DraftCopy {
        content: body.trim().to_owned(),
        title: label(text_of(&fields, "title").unwrap_or(stem), 100),
        source: Some("notes".to_owned()),
        source_ref: label(path, 512),
        thread: label(path, 128),
        position: Some(0),
        ..described(&fields)
    };
    whole_or_pieces(path, draft, path)
}

/// What the entries of a bundle's file say.
#[must_use]
pub fn bundled(path: &str, text: &str) -> Vec<Found> {
    let is_mark = |line: &&str| line.trim() == BETWEEN_ENTRIES;
    let count = text.lines().filter(|line| is_mark(line)).count() + 1;
    let mut found = Vec::new();
    for (number, entry) in (1..).zip(text.split(BETWEEN_ENTRIES)) {
        let place = if count > 1 { format!("{path}, entry {number}") } else { path.to_owned() };
        found.extend(bundle_entry(&place, path, entry.trim_start()));
    }
    found
}

fn bundle_entry(place: &str, path: &str, text: &str) -> Vec<Found> {
    let (fields, body) = match front::parted(text) {
        Ok(Some(parts)) => parts,
        Ok(None) => return vec![Found::wrong(place, "has no front matter")],
        Err(rule) => return vec![Found::wrong(place, &rule)],
    };
    let nothing = Map::new();
    let own = fields.get("x_memanto").and_then(Value::as_object).unwrap_or(&nothing);
    if text_of(own, "status").is_some_and(|status| status != "active") {
        return vec![Found::wrong(place, "is not active")];
    }
    let is_memanto = !own.is_empty();
    let reference = text_of(&fields, "resource").or_else(|| text_of(own, "id")).unwrap_or(path);
    let draft = DraftCopy {
        content: body.trim().to_owned(),
        title: text_of(&fields, "title").and_then(|title| label(title, 100)),
        confidence: own.get("confidence").and_then(Value::as_f64),
        source: Some(if is_memanto { "memanto" } else { "okf" }.to_owned()),
        source_ref: label(reference, 512),
        ..described(&fields)
    };
    whole_or_pieces(place, draft, path)
}

/// What front matter says of a statement, by the names that are common.
fn described(fields: &Map<String, Value>) -> DraftCopy {
    let given = text_of(fields, "type").unwrap_or_default();
    let memory_type = kind(given);
    let mut labels = texts(fields.get("tags"));
    if memory_type.is_none() && given != "note" {
        labels.push(given);
    }
    let generated = fields.get("generated").and_then(|value| value.get("at"));
    let times = ["timestamp", "date", "created", "created_at"];
    let time = times.iter().find_map(|name| moment(fields.get(*name)));
    DraftCopy {
        memory_type,
        tags: tags(labels),
        occurred_at: time.or_else(|| moment(generated)),
        ..DraftCopy::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::fields::MemoryType;

    #[test]
    fn a_short_note_is_one_statement() {
        let found = note("trips/rome.txt", "We saw the Forum.\n");

        let draft = found[0].draft.as_ref().expect("a draft");
        assert_eq!(draft.content, "We saw the Forum.");
        assert_eq!(
            (draft.title.as_deref(), draft.thread.as_deref()),
            (Some("rome"), Some("trips/rome.txt"))
        );
    }

    #[test]
    fn a_long_note_comes_in_pieces_in_its_order() {
        let text = "A sentence of some length. ".repeat(1000);

        let found = note("long.md", &text);

        assert!(found.len() > 1);
        let positions = found.iter().map(|one| one.draft.as_ref().expect("a draft").position);
        assert!(positions.eq((0..).take(found.len()).map(Some)));
    }

    #[test]
    fn front_matter_that_is_known_is_used() {
        let found = note(
            "a.md",
            "---\ntitle: Tea\ntype: decision\ntags: x, y\ndate: 2026-01-02\n---\nWe drink tea.",
        );

        let draft = found[0].draft.as_ref().expect("a draft");
        assert_eq!(
            (draft.title.as_deref(), draft.memory_type),
            (Some("Tea"), Some(MemoryType::Decision))
        );
        assert_eq!(draft.tags, ["x", "y"]);
        assert!(draft.occurred_at.is_some());
        assert!(note("b.md", "---\na: [\n---\ntext")[0].draft.is_err());
        assert!(note("c.md", " \n")[0].draft.is_err());
    }

    #[test]
    fn the_entries_of_a_bundle_keep_what_memanto_wrote() {
        let entry = |id: &str, status: &str| {
            format!(
                "---\ntype: learning\ntitle: Locks\ndescription: first line\ntags:\n- db\n\
                 timestamp: '2026-01-02T03:04:05Z'\nresource: https://example.org/1\nx_memanto:\n  \
                 id: {id}\n  confidence: 0.7\n  provenance: inferred\n  status: {status}\n  \
                 type: learning\n---\n\nShort locks are better.\n\n---\n\nAlways.\n"
            )
        };
        let text =
            [entry("m1", "active"), entry("m2", "superseded")].join("\n<!-- okf-entry -->\n");

        let found = bundled("memories/learning/learning.md", &text);

        assert_eq!(found.len(), 2);
        let draft = found[0].draft.as_ref().expect("a draft");
        assert_eq!(draft.content, "Short locks are better.\n\n---\n\nAlways.");
        assert_eq!((draft.memory_type, draft.confidence), (Some(MemoryType::Learning), Some(0.7)));
        assert_eq!(draft.source.as_deref(), Some("memanto"));
        assert_eq!(draft.source_ref.as_deref(), Some("https://example.org/1"));
        assert_eq!(found[1].draft, Err("is not active".to_owned()));
        assert!(bundled("x.md", "no front matter")[0].draft.is_err());
    }
}
