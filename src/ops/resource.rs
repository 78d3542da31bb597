//! Resources: answers that have a URI.
//!
//! A template's field is `{field}`, or `{name:field}` where callers know the operation's field by
//! another name.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{CATALOGUE, Entry};

/// The operation whose answer a URI names, and the arguments that stand in it.
#[must_use]
pub fn of(uri: &str) -> Option<(&'static Entry, Value)> {
    CATALOGUE.iter().find_map(|entry| Some((entry, arguments(entry.spec.resource?, uri)?)))
}

/// Every template, as callers see it.
pub fn templates() -> impl Iterator<Item = Cow<'static, str>> {
    let templates = CATALOGUE.iter().filter_map(|entry| entry.spec.resource);
    templates.filter(|template| template.contains('{')).map(shown)
}

/// A template as callers see it: with the name that they know its field by.
#[must_use]
pub fn shown(template: &'static str) -> Cow<'static, str> {
    let Some((before, rest)) = template.split_once('{') else { return template.into() };
    match rest.split_once('}').and_then(|(field, after)| Some((field.split_once(':')?.0, after))) {
        Some((name, after)) => format!("{before}{{{name}}}{after}").into(),
        None => template.into(),
    }
}

/// The arguments that a URI has where its template names a field. `None` where they don't match.
fn arguments(template: &str, uri: &str) -> Option<Value> {
    let Some((before, rest)) = template.split_once('{') else {
        return (template == uri).then(|| json!({}));
    };
    let (field, after) = rest.split_once('}')?;
    let field = field.split_once(':').map_or(field, |(_, field)| field);
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
        let of_agent = found("memoranda://agent/scout/activity");
        assert_eq!(of_agent, Some(("my_activity", json!({ "agent": "scout" }))));
        for uri in ["memoranda://brief/", "memoranda://memory/", "memoranda://memory/a/b", "brief"]
        {
            assert_eq!(found(uri), None, "{uri}");
        }
    }

    #[test]
    fn a_template_is_shown_with_the_name_that_callers_know() {
        assert_eq!(
            shown("memoranda://agent/{id:agent}/activity"),
            "memoranda://agent/{id}/activity"
        );
        assert_eq!(shown("memoranda://memory/{id}"), "memoranda://memory/{id}");
        assert_eq!(shown("memoranda://brief"), "memoranda://brief");
    }
}
