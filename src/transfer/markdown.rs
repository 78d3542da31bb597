//! Our own Markdown: a file for each memory, its fields as front matter, its content as the text.
//!
//! It holds a memory as it stands; the versions before are in the lossless form alone.

use serde_json::{Map, Value, json};

use super::front;
use crate::core::text;
use crate::memory::copy::MemoryCopy;
use crate::memory::fields::{Named, Status};

/// The field by which a file is known as one of ours, and the version of the form.
const MARK: &str = "memoranda";

/// How long the readable part of a name may be, in characters.
const NAME: usize = 48;

/// Where a memory's file stands, below the folder of the export. The id makes it the only one of
/// its name, whatever the file system takes for the same letters.
#[must_use]
pub fn path(memory: &MemoryCopy, is_flat: bool) -> String {
    let newest = memory.newest();
    let mut name = String::new();
    for c in newest.statement.title.to_lowercase().chars() {
        if c.is_alphanumeric() {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    // Whole bytes are counted too: names are limited to 255 of them.
    let mut short: String = name.trim_matches('-').chars().take(NAME).collect();
    while short.len() > 2 * NAME {
        short.pop();
    }
    let id = memory.id.to_string().to_lowercase().replace("mem_", "");
    let short = short.trim_matches('-');
    let name = if short.is_empty() { format!("{id}.md") } else { format!("{short}-{id}.md") };
    if is_flat { name } else { format!("{}/{name}", newest.statement.memory_type.as_str()) }
}

/// A memory as a file; `None` for one whose text must not leave: forgotten, or hidden by an admin.
#[must_use]
pub fn file(memory: &MemoryCopy) -> Option<String> {
    let newest = memory.newest();
    if [Status::Forgotten, Status::Quarantined].contains(&newest.status) {
        return None;
    }
    let statement = &newest.statement;
    let mut fields = vec![
        (MARK, json!(1)),
        ("id", json!(memory.id)),
        ("title", json!(statement.title)),
        ("has_own_title", json!(statement.has_own_title)),
        ("type", json!(statement.memory_type)),
        ("tags", json!(statement.tags)),
        ("confidence", json!(statement.confidence)),
        ("provenance", json!(statement.provenance)),
        ("voice", json!(statement.voice)),
        ("source", json!(statement.source)),
        ("source_ref", json!(statement.source_ref)),
        ("thread", json!(statement.thread)),
        ("position", json!(statement.position)),
        ("speaker", json!(statement.speaker)),
        ("visibility", json!(statement.visibility)),
        ("occurred_at", json!(statement.occurred_at)),
        ("valid_from", json!(statement.valid_from)),
        ("valid_until", json!(statement.valid_until)),
        ("status", json!(newest.status)),
        ("status_at", json!(newest.status_at)),
        ("status_reason", json!(newest.status_reason)),
        ("is_accepted", json!(memory.is_accepted)),
        ("version", json!(newest.version)),
        ("created_at", json!(memory.created_at)),
        ("updated_at", json!(newest.changed_at)),
        ("author", json!(memory.author)),
        ("changed_by", json!(newest.changed_by)),
    ];
    fields.retain(|(_, value)| !value.is_null());
    if !memory.links.is_empty() {
        fields.push(("links", json!(memory.links)));
    }
    Some(format!("{}\n{}\n", front::written(&fields), statement.content))
}

/// Whether front matter is that of one of our files.
#[must_use]
pub fn is_ours(fields: &Map<String, Value>) -> bool {
    fields.contains_key(MARK) && fields.contains_key("id")
}

/// The record of a file, from its fields and its text.
///
/// # Errors
/// What can't be read, by its field.
pub fn record(mut fields: Map<String, Value>, body: &str) -> Result<Map<String, Value>, String> {
    if fields.shift_remove(MARK) != Some(json!(1)) {
        return Err("is of a version that this program doesn't know".to_owned());
    }
    // What `file` puts around the content.
    let newline = |text: &str| -> usize {
        if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with('\n')) }
    };
    let content = &body[newline(body)..];
    let content = content.strip_suffix('\n').unwrap_or(content);
    if text::is_blank(content) {
        return Err("has no text".to_owned());
    }
    let mut take = |name: &str| fields.shift_remove(name).filter(|value| !value.is_null());
    let mut version = Map::new();
    let author = take("author").unwrap_or_else(|| json!({ "credential_kind": "local" }));
    let changed_by = take("changed_by").unwrap_or_else(|| author.clone());
    version.insert("version".into(), take("version").unwrap_or_else(|| json!(1)));
    version.insert("status".into(), take("status").unwrap_or_else(|| json!("active")));
    for name in ["status_at", "status_reason"] {
        version.extend(take(name).map(|value| (name.to_owned(), value)));
    }
    let created_at = take("created_at").ok_or("has no `created_at`")?;
    version.insert("changed_at".into(), take("updated_at").unwrap_or_else(|| created_at.clone()));
    version.insert("changed_by".into(), changed_by);
    let mut record = Map::new();
    record.insert("record".into(), json!("memory"));
    record.insert("id".into(), take("id").ok_or("has no `id`")?);
    record.insert("created_at".into(), created_at);
    record.insert("is_accepted".into(), take("is_accepted").unwrap_or_else(|| json!(true)));
    record.insert("author".into(), author);
    record.insert("is_partial".into(), json!(true));
    record.extend(take("links").map(|links| ("links".to_owned(), links)));
    let mut statement = Map::new();
    statement.insert("content".into(), json!(content));
    let has_title = fields.contains_key("title");
    let title = text::one_line(content, 100);
    for (name, value) in [
        ("title", json!(title)),
        ("has_own_title", json!(has_title)),
        ("type", json!("fact")),
        ("tags", json!([])),
        ("confidence", json!(0.8)),
        ("provenance", json!("imported")),
        ("visibility", json!("team")),
    ] {
        statement.insert(name.into(), value);
    }
    // Whatever is left is the statement's, or is refused by its name.
    statement.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
    version.insert("statement".into(), Value::Object(statement));
    record.insert("versions".into(), json!([version]));
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::copy::Record;

    fn memory(title: &str, content: &str) -> MemoryCopy {
        let by = json!({
            "agent_id": "agt_01JD8ZQ501JD8ZQ501JD8ZQ501", "agent": "ada",
            "credential_kind": "key", "key_id": "abcdefghijkl",
        });
        let copy = json!({
            "id": "mem_01JD8ZQ501JD8ZQ501JD8ZQ501", "created_at": "2026-01-01T00:00:00Z",
            "is_accepted": true, "author": by, "is_partial": true,
            "links": [{
                "type": "supports", "to_kind": "memory", "to_id": "mem_01JD8ZQ501JD8ZQ501JD8ZQ502",
                "created_at": "2026-01-01T00:00:00Z",
            }],
            "versions": [{
                "version": 3, "status": "expired", "status_at": "2026-01-02T00:00:00Z",
                "status_reason": "manual", "changed_at": "2026-01-02T00:00:00Z", "changed_by": by,
                "statement": {
                    "content": content, "title": title, "has_own_title": true,
                    "type": "decision", "tags": ["a", "b: c", "null"], "confidence": 0.123_456_789,
                    "provenance": "inferred", "voice": "DECIDED", "source": "notes",
                    "source_ref": "https://example.org/?a=b#c", "thread": "t", "position": 4,
                    "speaker": "Bo", "visibility": "agent", "occurred_at": "2025-01-01T00:00:00Z",
                    "valid_from": "2025-01-01T00:00:00Z", "valid_until": "2025-02-01T00:00:00Z",
                },
            }],
        });
        serde_json::from_value(copy).expect("a copy")
    }

    #[test]
    fn a_file_holds_every_field_and_the_content_to_the_letter() {
        let contents = [
            "One line.",
            "\n\n leading",
            "trailing\n\n",
            "---\nid: no\n---\n",
            "a\r\nb\r\n",
            "# H\n\n- x",
            "\u{feff}bom",
            "ünï\u{1f375}",
        ];
        for content in contents {
            let before = memory("Title: \"x\"", content);

            let file = file(&before).expect("a file");
            let (fields, body) = front::parted(&file).expect("reads").expect("front matter");
            assert!(is_ours(&fields));
            let record = record(fields, body).expect("a record");
            let after: Record = serde_json::from_value(Value::Object(record)).expect("decodes");

            assert_eq!(after, Record::Memory(Box::new(before)), "{file}");
        }
    }

    #[test]
    fn names_of_files_are_safe_whatever_the_title_is() {
        let titles = [
            "../../etc/passwd",
            "CON",
            "a/b\\c:d*e?f\"g<h>i|j",
            "....",
            "ünï \u{1f375} 茶",
            "\u{202e}x",
            &"long ".repeat(20),
            &"茶".repeat(100),
            "nul.txt",
            " ",
        ];
        for title in titles {
            let path = path(&memory(title, "x"), false);

            let (folder, name) = path.split_once('/').expect("a folder");
            assert_eq!(folder, "decision");
            assert!(name.len() <= 160 && name.ends_with("01jd8zq501jd8zq501jd8zq501.md"), "{name}");
            let stem = name.trim_end_matches(".md");
            assert!(stem.chars().all(|c| c.is_alphanumeric() || c == '-'), "{name}");
            assert!(!name.starts_with(['-', '.']), "{name}");
        }
        assert!(!super::path(&memory("Tea", "x"), true).contains('/'));
    }

    #[test]
    fn what_must_not_leave_has_no_file() {
        for status in [Status::Forgotten, Status::Quarantined] {
            let mut hidden = memory("x", "x");
            hidden.versions[0].status = status;

            assert_eq!(file(&hidden), None);
        }
    }

    #[test]
    fn a_file_without_what_it_needs_is_refused() {
        let fields = |yaml: &str| front::fields(yaml).expect("reads");
        let id = "memoranda: 1\nid: mem_01JD8ZQ501JD8ZQ501JD8ZQ501\n";

        assert!(record(fields("memoranda: 2\nid: x"), "\ntext\n").is_err());
        assert!(record(fields(id), "\ntext\n").is_err(), "no time");
        assert!(record(fields(&format!("{id}created_at: 2026-01-01")), "\n \n").is_err());
        assert!(record(fields(&format!("{id}created_at: 2026-01-01")), "\ntext\n").is_ok());
    }
}
