//! Resources: answers that have a URI.

use serde_json::{Value, json};

use super::{CATALOGUE, Entry};

/// The operation whose answer a URI names, and the arguments that stand in it.
#[must_use]
pub fn of(uri: &str) -> Option<(&'static Entry, Value)> {
    CATALOGUE.iter().find_map(|entry| Some((entry, arguments(entry.spec.resource?, uri)?)))
}

/// The arguments that a URI has where its template names a field. `None` where they don't match.
fn arguments(template: &str, uri: &str) -> Option<Value> {
    let Some((before, rest)) = template.split_once('{') else {
        return (template == uri).then(|| json!({}));
    };
    let (field, after) = rest.split_once('}')?;
    let value = uri.strip_prefix(before)?.strip_suffix(after)?;
    let is_plain = !value.is_empty() && !value.contains(['/', '?', '#', '%']);
    is_plain.then(|| json!({ field: value }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_gives_its_operation_what_stands_in_it() {
        let found = |uri: &str| of(uri).map(|(entry, arguments)| (entry.spec.name, arguments));

        assert_eq!(found("memoranda://brief"), Some(("brief", json!({}))));
        let of_one = found("memoranda://memory/mem_1");
        assert_eq!(of_one, Some(("memory_get", json!({ "id": "mem_1" }))));
        for uri in ["memoranda://brief/", "memoranda://memory/", "memoranda://memory/a/b", "brief"]
        {
            assert_eq!(found(uri), None, "{uri}");
        }
    }
}
