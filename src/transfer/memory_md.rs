//! Memanto's `memory.md`: a section for each type, in it a heading for each memory, its text, and a
//! line of what is known about it.

use serde_json::Value;

use super::draft::{Found, label, moment, tags, whole_or_pieces};
use crate::memory::copy::DraftCopy;
use crate::memory::fields::MemoryType;

const SOURCE: &str = "memanto";

/// The headings of its sections.
const SECTIONS: [(&str, MemoryType); 13] = [
    ("Instructions", MemoryType::Instruction),
    ("Facts", MemoryType::Fact),
    ("Decisions", MemoryType::Decision),
    ("Goals", MemoryType::Goal),
    ("Commitments", MemoryType::Commitment),
    ("Preferences", MemoryType::Preference),
    ("Relationships", MemoryType::Relationship),
    ("Context", MemoryType::Context),
    ("Events", MemoryType::Event),
    ("Learnings", MemoryType::Learning),
    ("Observations", MemoryType::Observation),
    ("Artifacts", MemoryType::Artifact),
    ("Errors", MemoryType::Error),
];

/// Whether a text is one of this form.
#[must_use]
pub fn is_one(text: &str) -> bool {
    text.starts_with("# Memory ") && text.contains("\n> Total memories: ")
}

/// A memory that is being read.
struct Entry<'a> {
    line: usize,
    memory_type: MemoryType,
    title: &'a str,
    text: Vec<&'a str>,
}

/// What it holds.
#[must_use]
pub fn memories(text: &str) -> Vec<Found> {
    let (mut found, mut section) = (Vec::new(), None);
    let mut entry: Option<Entry<'_>> = None;
    for (number, line) in (1..).zip(text.lines()) {
        // The line of facts ends an entry: headings before it are the memory's own text.
        if let Some(open) = &mut entry {
            match facts(line) {
                None => open.text.push(line),
                Some(facts) => found.extend(entry.take().map(|open| made(&open, &facts))),
            }
        } else if let Some(heading) = line.strip_prefix("## ") {
            let known = SECTIONS.iter().find(|(name, _)| *name == heading.trim());
            section = known.map(|(_, memory_type)| *memory_type);
        } else if let (Some(memory_type), Some(title)) = (section, line.strip_prefix("### ")) {
            entry = Some(Entry { line: number, memory_type, title, text: Vec::new() });
        }
    }
    if let Some(open) = entry {
        let place = format!("line {}", open.line);
        found
            .push(vec![Found::wrong(place, "has no line of facts after it: the file was cut off")]);
    }
    found.into_iter().flatten().collect()
}

fn made(entry: &Entry<'_>, facts: &Facts<'_>) -> Vec<Found> {
    let place = format!("line {}", entry.line);
    if facts.status.is_some_and(|status| status != "active") {
        return vec![Found::wrong(place, "is not active")];
    }
    let text = entry.text.join("\n");
    let text = if text.trim().is_empty() { entry.title } else { text.trim() };
    let draft = DraftCopy {
        content: text.to_owned(),
        title: label(entry.title, 100),
        memory_type: Some(entry.memory_type),
        tags: tags(facts.tags.iter().copied()),
        confidence: facts.confidence,
        source: Some(SOURCE.to_owned()),
        occurred_at: facts.created.and_then(|at| moment(Some(&Value::from(at)))),
        ..DraftCopy::default()
    };
    whole_or_pieces(&place, draft, entry.title)
}

#[derive(Default)]
struct Facts<'a> {
    confidence: Option<f64>,
    status: Option<&'a str>,
    created: Option<&'a str>,
    tags: Vec<&'a str>,
}

/// Reads `*Confidence: 0.8 | Status: active | Created: … | Tags: …*`.
fn facts(line: &str) -> Option<Facts<'_>> {
    let inner = line.trim_end().strip_prefix('*')?.strip_suffix('*')?;
    let mut facts = Facts::default();
    for part in inner.split(" | ") {
        let (name, value) = part.split_once(": ")?;
        match name {
            "Confidence" => {
                facts.confidence = value.parse().ok().filter(|one| (0.0..=1.0).contains(one));
            }
            "Status" => facts.status = Some(value),
            "Created" => facts.created = Some(value),
            "Tags" => facts.tags = value.split(", ").map(|tag| tag.trim_matches('`')).collect(),
            _ => return None,
        }
    }
    Some(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# Memory — ada\n\n> Generated: 2026-01-02 03:04:05  \n\
        > Total memories: **3**  \n> Breakdown: decision: 2, goal: 1\n\n---\n\n## Instructions\n\n\
        *Standing rules.*\n\n*No memories of this type.*\n\n---\n\n## Decisions\n\n*Choices.*\n\n\
        ### Storage\n\nWe chose SQLite.\n\n### Why\n\nIt is one file.\n\n\
        *Confidence: 0.9 | Status: active | Created: 2026-01-01T10:00:00Z | Tags: `db`, `files`*\n\n\
        ### Old\n\nWe chose paper.\n\n*Confidence: 0.5 | Status: superseded*\n\n---\n\n## Goals\n\n\
        *Objectives.*\n\n### Ship in May\n\n*Confidence: 0.8*\n\n---\n\n*End of memory export.*\n";

    #[test]
    fn each_memory_keeps_its_type_title_and_facts() {
        let found = memories(FILE);

        assert!(is_one(FILE));
        assert_eq!(found.len(), 3);
        let first = found[0].draft.as_ref().expect("a draft");
        assert_eq!(first.content, "We chose SQLite.\n\n### Why\n\nIt is one file.");
        assert_eq!(first.title.as_deref(), Some("Storage"));
        assert_eq!((first.memory_type, first.confidence), (Some(MemoryType::Decision), Some(0.9)));
        assert_eq!(first.tags, ["db", "files"]);
        assert!(first.occurred_at.is_some());
        assert_eq!(found[1].draft, Err("is not active".to_owned()));
        let last = found[2].draft.as_ref().expect("a draft");
        assert_eq!(
            (last.content.as_str(), last.memory_type),
            ("Ship in May", Some(MemoryType::Goal))
        );
    }

    #[test]
    fn a_memory_that_was_cut_off_is_named() {
        let cut = FILE.find("*Confidence: 0.9").expect("there");

        let found = memories(&FILE[..cut]);

        assert_eq!(found.len(), 1);
        assert!(found[0].draft.is_err() && found[0].place.starts_with("line "));
    }
}
