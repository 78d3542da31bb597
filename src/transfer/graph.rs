//! The graph of the reference memory server, as JSON Lines: entities with observations, and
//! relations between them.
//!
//! An observation becomes a statement that begins with its entity's name, so that it can be
//! understood alone; its entity is its thread.

use serde_json::{Map, Value};

use super::draft::{Found, kind, label, tags, text_of, whole_or_pieces};
use crate::memory::copy::DraftCopy;
use crate::memory::fields::MemoryType;

const SOURCE: &str = "mcp-memory";

/// Whether a line is one of this form.
#[must_use]
pub fn is_line(line: &str) -> bool {
    let Ok(Value::Object(item)) = serde_json::from_str(line) else { return false };
    matches!(text_of(&item, "type"), Some("entity" | "relation"))
}

/// What a line holds.
#[must_use]
pub fn line(place: &str, line: &str) -> Vec<Found> {
    if line.trim().is_empty() {
        return Vec::new();
    }
    let Ok(Value::Object(item)) = serde_json::from_str(line) else {
        return vec![Found::wrong(place, "is not a JSON object")];
    };
    match text_of(&item, "type") {
        Some("entity") => entity(place, &item),
        Some("relation") => relation(place, &item),
        _ => vec![Found::wrong(place, "is neither an entity nor a relation")],
    }
}

fn entity(place: &str, item: &Map<String, Value>) -> Vec<Found> {
    let (Some(name), Some(Value::Array(observations))) =
        (text_of(item, "name"), item.get("observations"))
    else {
        return vec![Found::wrong(place, "is an entity without a name or observations")];
    };
    let entity_type = text_of(item, "entityType").unwrap_or_default();
    let about = |content: String| DraftCopy {
        content,
        memory_type: kind(entity_type),
        tags: tags([entity_type]),
        source: Some(SOURCE.to_owned()),
        source_ref: label(name, 512),
        thread: label(name, 128),
        ..DraftCopy::default()
    };
    if observations.is_empty() {
        let content = if entity_type.is_empty() {
            name.to_owned()
        } else {
            format!("{name} ({entity_type})")
        };
        return vec![Found::draft(place, about(content))];
    }
    let found = (0_i64..).zip(observations).flat_map(|(at, observation)| {
        let place = format!("{place}, observation {}", at + 1);
        let Some(text) = observation.as_str() else {
            return vec![Found::wrong(place, "is no text")];
        };
        if text.trim().is_empty() {
            return vec![Found::wrong(place, "has no text")];
        }
        let draft = DraftCopy { position: Some(at), ..about(format!("{name}: {text}")) };
        whole_or_pieces(&place, draft, name)
    });
    found.collect()
}

fn relation(place: &str, item: &Map<String, Value>) -> Vec<Found> {
    let parts = ["from", "relationType", "to"].map(|name| text_of(item, name));
    let [Some(from), Some(relation), Some(to)] = parts else {
        return vec![Found::wrong(place, "is a relation that lacks an end or its type")];
    };
    let draft = DraftCopy {
        content: format!("{from} {relation} {to}"),
        memory_type: Some(MemoryType::Relationship),
        tags: tags([relation]),
        source: Some(SOURCE.to_owned()),
        source_ref: label(&format!("{from} -> {to}"), 512),
        thread: label(from, 128),
        ..DraftCopy::default()
    };
    whole_or_pieces(place, draft, from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(found: &[Found]) -> Vec<&str> {
        found.iter().map(|one| one.draft.as_ref().expect("a draft").content.as_str()).collect()
    }

    #[test]
    fn each_observation_is_a_statement_that_names_its_entity() {
        let text = r#"{"type":"entity","name":"Ada Byron","entityType":"person","observations":["Speaks French","Likes tea"]}"#;

        let found = line("line 1", text);

        assert_eq!(contents(&found), ["Ada Byron: Speaks French", "Ada Byron: Likes tea"]);
        let second = found[1].draft.as_ref().expect("a draft");
        assert_eq!((second.thread.as_deref(), second.position), (Some("Ada Byron"), Some(1)));
        assert_eq!(second.tags, ["person"]);
        assert_eq!(found[1].place, "line 1, observation 2");
    }

    #[test]
    fn a_relation_is_a_relationship() {
        let text = r#"{"type":"relation","from":"Ada","to":"Analytical Engine","relationType":"programs"}"#;

        let found = line("line 2", text);

        assert_eq!(contents(&found), ["Ada programs Analytical Engine"]);
        let draft = found[0].draft.as_ref().expect("a draft");
        assert_eq!(draft.memory_type, Some(MemoryType::Relationship));
    }

    #[test]
    fn an_entity_without_observations_is_still_known() {
        let text = r#"{"type":"entity","name":"Acme","entityType":"company","observations":[]}"#;

        assert_eq!(contents(&line("line 1", text)), ["Acme (company)"]);
    }

    #[test]
    fn what_is_broken_is_named_and_the_rest_is_taken() {
        let mixed = r#"{"type":"entity","name":"A","entityType":"t","observations":["x",7," "]}"#;

        let found = line("line 1", mixed);

        assert!(found[0].draft.is_ok() && found[1].draft.is_err() && found[2].draft.is_err());
        for bad in ["{", "[]", r#"{"type":"entity"}"#, r#"{"type":"relation","from":"A"}"#, "7"] {
            assert!(line("line 1", bad)[0].draft.is_err(), "{bad}");
        }
        assert!(line("line 1", "  ").is_empty());
    }
}
