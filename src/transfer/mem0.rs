//! Exports of mem0 and OpenMemory, as JSON: a list of memories, bare or under `results`,
//! `memories` or `items`.

use serde_json::{Map, Value};

use super::draft::{Found, kind, label, moment, tags, text_of, texts, whole_or_pieces};
use crate::memory::copy::DraftCopy;

const SOURCE: &str = "mem0";

/// The memories of a document; `None` when it is none of this form.
#[must_use]
pub fn memories(document: &Value) -> Option<&Vec<Value>> {
    let list = match document {
        Value::Object(fields) => {
            ["results", "memories", "items"].iter().find_map(|name| fields.get(*name))?
        }
        other => other,
    };
    list.as_array()
}

/// What one of them says.
#[must_use]
pub fn memory(place: &str, memory: &Value) -> Vec<Found> {
    let Value::Object(fields) = memory else {
        return vec![Found::wrong(place, "is not a JSON object")];
    };
    let content =
        ["memory", "content", "text", "data"].iter().find_map(|name| text_of(fields, name));
    let Some(content) = content else { return vec![Found::wrong(place, "has no text")] };
    let nothing = Map::new();
    let metadata = fields.get("metadata").and_then(Value::as_object).unwrap_or(&nothing);
    let mut labels = texts(fields.get("categories"));
    labels.extend(texts(metadata.get("tags")));
    labels.extend(text_of(metadata, "category"));
    let named = |name: &str, most| text_of(fields, name).and_then(|text| label(text, most));
    let draft = DraftCopy {
        content: content.to_owned(),
        memory_type: text_of(metadata, "type")
            .and_then(kind)
            .or_else(|| labels.iter().find_map(|label| kind(label))),
        tags: tags(labels),
        source: Some(SOURCE.to_owned()),
        source_ref: named("id", 512),
        thread: named("run_id", 128),
        speaker: named("actor_id", 64).or_else(|| named("user_id", 64)),
        occurred_at: moment(fields.get("created_at")),
        ..DraftCopy::default()
    };
    let thread = draft.source_ref.clone().unwrap_or_default();
    whole_or_pieces(place, draft, &thread)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::memory::fields::MemoryType;

    #[test]
    fn a_memory_keeps_its_text_labels_speaker_and_time() {
        let given = json!({
            "id": "f4cbdb08", "memory": "Prefers tea to coffee", "user_id": "alice",
            "agent_id": null, "run_id": "trip", "hash": "d3a8", "metadata": { "category": "food" },
            "categories": ["preference", "drinks"], "created_at": "2024-07-25T23:57:00-07:00",
            "updated_at": null,
        });

        let found = memory("memory 1", &given);

        let draft = found[0].draft.as_ref().expect("a draft");
        assert_eq!(draft.content, "Prefers tea to coffee");
        assert_eq!(draft.memory_type, Some(MemoryType::Preference));
        assert_eq!(draft.tags, ["preference", "drinks", "food"]);
        assert_eq!(
            (draft.speaker.as_deref(), draft.thread.as_deref()),
            (Some("alice"), Some("trip"))
        );
        assert_eq!(draft.source_ref.as_deref(), Some("f4cbdb08"));
        assert_eq!(draft.occurred_at.expect("a time").to_string(), "2024-07-26T06:57:00.000Z");
    }

    #[test]
    fn each_wrapping_is_unwrapped() {
        for document in [json!([1]), json!({ "results": [1] }), json!({ "memories": [1] })] {
            assert_eq!(memories(&document).map(Vec::len), Some(1), "{document}");
        }
        assert_eq!(memories(&json!({ "other": [] })), None);
        assert_eq!(memories(&json!("text")), None);
    }

    #[test]
    fn what_has_no_text_is_refused() {
        for bad in [json!({}), json!({ "memory": " " }), json!({ "memory": 7 }), json!("text")] {
            assert!(memory("memory 1", &bad)[0].draft.is_err(), "{bad}");
        }
    }
}
