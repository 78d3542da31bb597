//! Notes of Basic Memory: Markdown with observations (`- [category] text #tag (context)`) and
//! relations (`- relation [[Other note]]`).

use serde_json::Map;

use super::draft::{Found, kind, label, tags, text_of, texts, whole_or_pieces};
use super::front;
use crate::core::text;
use crate::memory::copy::DraftCopy;
use crate::memory::fields::MemoryType;

const SOURCE: &str = "basic-memory";

/// Whether a note is one of this form.
#[must_use]
pub fn is_one(text: &str) -> bool {
    let Ok(Some((fields, body))) = front::parted(text) else { return false };
    fields.contains_key("permalink")
        && body.lines().any(|line| observation(line).is_some() || relation(line).is_some())
}

/// What a note says: each observation and relation, and its prose.
#[must_use]
pub fn note(path: &str, text: &str) -> Vec<Found> {
    let (fields, body) = match front::parted(text) {
        Ok(parts) => parts.unwrap_or((Map::new(), text)),
        Err(rule) => return vec![Found::wrong(path, &rule)],
    };
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".md");
    let title = text_of(&fields, "title").unwrap_or(stem);
    let reference = text_of(&fields, "permalink").unwrap_or(path);
    let labels = texts(fields.get("tags"));
    let about = |content: String, more: &[&str]| DraftCopy {
        content,
        tags: tags(more.iter().chain(&labels).copied()),
        source: Some(SOURCE.to_owned()),
        source_ref: label(reference, 512),
        thread: label(reference, 128),
        ..DraftCopy::default()
    };
    let (mut found, mut prose, mut position) = (Vec::new(), Vec::new(), 0);
    for (number, line) in (1..).zip(body.lines()) {
        let place = format!("{path}, line {number} of its text");
        let draft = if let Some((category, statement)) = observation(line) {
            let marked = statement.split_whitespace().filter(|word| word.starts_with('#'));
            let more: Vec<&str> = std::iter::once(category).chain(marked).collect();
            let draft = about(format!("{title}: {statement}"), &more);
            DraftCopy { memory_type: kind(category), ..draft }
        } else if let Some((relation, other)) = relation(line) {
            let draft = about(format!("{title} {relation} {other}"), &[relation]);
            DraftCopy { memory_type: Some(MemoryType::Relationship), ..draft }
        } else {
            prose.push(line);
            continue;
        };
        found.extend(whole_or_pieces(
            &place,
            DraftCopy { position: Some(position), ..draft },
            reference,
        ));
        position += 1;
    }
    let prose = without_empty_headings(&prose, title);
    if !text::is_blank(&prose) {
        let draft = about(prose, &[]);
        let draft = DraftCopy { title: label(title, 100), position: Some(position), ..draft };
        found.extend(whole_or_pieces(path, draft, reference));
    }
    if found.is_empty() {
        found.push(Found::wrong(path, "has no text"));
    }
    found
}

/// The category and the text of an observation.
fn observation(line: &str) -> Option<(&str, &str)> {
    let item = line.trim_start().strip_prefix("- [")?;
    let (category, statement) = item.split_once(']')?;
    // `- [ ]` and `- [x]` are tasks, `- [text](…)` is a link, `- [[Note]]` a relation.
    let is_task = ["", "x", "-"].contains(&category.trim().to_lowercase().as_str());
    let is_other = statement.starts_with('(') || category.starts_with('[');
    let statement = statement.trim();
    (!is_task && !is_other && !statement.is_empty()).then_some((category.trim(), statement))
}

/// The name of a relation, and the note that it leads to.
fn relation(line: &str) -> Option<(&str, &str)> {
    let item = line.trim_start().strip_prefix("- ")?;
    let (relation, rest) = item.split_once("[[")?;
    let (other, _) = rest.split_once("]]")?;
    let relation = relation.trim();
    let is_name = !relation.contains(['[', ']', '#']) && text::chars(relation) <= 64;
    let relation = if relation.is_empty() { "relates_to" } else { relation };
    (is_name && !other.trim().is_empty()).then_some((relation, other.trim()))
}

/// The lines of prose without headings that nothing follows, and without the note's own title.
fn without_empty_headings(lines: &[&str], title: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let drop_empty_heading = |kept: &mut Vec<&str>| {
        while let Some(last) = kept.iter().rposition(|line| !line.trim().is_empty()) {
            if !kept[last].starts_with('#') {
                break;
            }
            kept.truncate(last);
        }
    };
    for line in lines {
        if line.starts_with('#') {
            drop_empty_heading(&mut kept);
            if line.trim_start_matches('#').trim() == title {
                continue;
            }
        }
        kept.push(line);
    }
    drop_empty_heading(&mut kept);
    kept.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "---\ntitle: Brewing\ntype: note\ntags: [coffee]\npermalink: drinks/brewing\n---\n\
        # Brewing\n\nHow we brew.\n\n## Observations\n- [method] Pour over is clearer #filter (Bo)\n\
        - [decision] We buy whole beans\n- [ ] buy a kettle\n- [shop](https://example.org)\n\n\
        ## Relations\n- requires [[Grinding]]\n- [[Beans]]\n";

    #[test]
    fn observations_and_relations_are_statements_and_prose_is_one_more() {
        let found = note("drinks/brewing.md", NOTE);

        assert!(is_one(NOTE));
        let drafts: Vec<&DraftCopy> =
            found.iter().map(|one| one.draft.as_ref().expect("a draft")).collect();
        let contents: Vec<&str> = drafts.iter().map(|draft| draft.content.as_str()).collect();
        assert_eq!(
            contents,
            [
                "Brewing: Pour over is clearer #filter (Bo)",
                "Brewing: We buy whole beans",
                "Brewing requires Grinding",
                "Brewing relates_to Beans",
                "How we brew.\n\n## Observations\n- [ ] buy a kettle\n- [shop](https://example.org)",
            ]
        );
        assert_eq!(drafts[0].tags, ["method", "filter", "coffee"]);
        assert_eq!(drafts[1].memory_type, Some(MemoryType::Decision));
        assert_eq!(drafts[2].memory_type, Some(MemoryType::Relationship));
        assert!(drafts.iter().all(|draft| draft.thread.as_deref() == Some("drinks/brewing")));
    }

    #[test]
    fn a_note_without_anything_is_refused() {
        assert!(note("a.md", "---\ntitle: A\n---\n# A\n\n## Observations\n")[0].draft.is_err());
    }

    #[test]
    fn plain_notes_are_not_taken_for_this_form() {
        assert!(!is_one("# Tea\n\n- [x] done\n"));
        assert!(!is_one("---\ntitle: Tea\n---\n- [fact] hot\n"));
    }
}
