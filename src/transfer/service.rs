//! Rows of mcp-memory-service's SQLite database.

use serde_json::Value;

use super::draft::{Found, from_seconds, kind, label, tags, whole_or_pieces};
use crate::memory::copy::DraftCopy;

const SOURCE: &str = "mcp-memory-service";

/// A row of its table `memories`, as far as it matters here.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    pub content_hash: String,
    pub content: String,
    /// With commas between them.
    pub tags: String,
    pub memory_type: String,
    /// A JSON object.
    pub metadata: String,
    /// Seconds since 1970.
    pub created_at: Option<f64>,
}

/// What a row says.
#[must_use]
pub fn memory(place: &str, row: &Row) -> Vec<Found> {
    let metadata: Value = serde_json::from_str(&row.metadata).unwrap_or(Value::Null);
    let memory_type = kind(&row.memory_type);
    let mut labels: Vec<&str> = row.tags.split(',').collect();
    if memory_type.is_none() {
        labels.push(&row.memory_type);
    }
    let draft = DraftCopy {
        content: row.content.clone(),
        memory_type,
        tags: tags(labels),
        source: Some(SOURCE.to_owned()),
        source_ref: label(&row.content_hash, 512),
        speaker: metadata["speaker"].as_str().and_then(|name| label(name, 64)),
        occurred_at: row.created_at.and_then(from_seconds),
        ..DraftCopy::default()
    };
    whole_or_pieces(place, draft, &row.content_hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::fields::MemoryType;

    #[test]
    fn a_row_keeps_its_text_labels_and_time() {
        let row = Row {
            content_hash: "ab12".into(),
            content: "We chose SQLite.".into(),
            tags: "storage, decision-log,storage".into(),
            memory_type: "decision".into(),
            metadata: "{}".into(),
            created_at: Some(1_700_000_000.25),
        };

        let found = memory("row 1", &row);

        let draft = found[0].draft.as_ref().expect("a draft");
        assert_eq!(draft.memory_type, Some(MemoryType::Decision));
        assert_eq!(draft.tags, ["storage", "decision-log"]);
        assert_eq!(draft.occurred_at.expect("a time").to_string(), "2023-11-14T22:13:20.250Z");
    }

    #[test]
    fn a_type_that_we_do_not_have_stays_as_a_tag() {
        let row = Row { content: "x".into(), memory_type: "note".into(), ..Row::default() };

        let found = memory("row 1", &row);

        assert_eq!(found[0].draft.as_ref().expect("a draft").tags, ["note"]);
        assert!(memory("row 2", &Row::default())[0].draft.is_err());
    }
}
