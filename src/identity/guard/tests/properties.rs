//! What must hold for any document and any text.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::vectors::hits;
use super::{GUARD, check, finding};
use crate::identity::guard::{Policy, names};

/// Words that make a guard suspicious, and ones that don't.
const WORDS: &str = r#"
    the | password | token | secret | api_key | Authorization: | Bearer | Basic | is | stored |
    hashed | argon2id | https://docs.example.com/a?page_token=3 | user@example.com | sk-learn |
    ghp_ | AKIA | eyJ | = | : | -> | postgres://localhost:5432/db | at commit
    3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a1b2c3 | パスワード | naïve | key: | v1.2.3 | on
    2026-01-01T00:00:00Z | -----BEGIN CERTIFICATE----- | "quoted" | src/main.rs:42 | with id
    550e8400-e29b-41d4-a716-446655440000 | password_policy | xoxb- | whsec_ | ${API_KEY} |
    max_tokens of 4096
"#;

fn prose() -> impl Strategy<Value = String> {
    let words: Vec<&str> = WORDS.split('|').map(str::trim).collect();
    prop::collection::vec(prop::sample::select(words), 0..40).prop_map(|words| words.join(" "))
}

/// A name that nobody refuses.
fn name() -> impl Strategy<Value = String> {
    "[a-z]{1,8}(_[a-z]{1,8})?".prop_filter("refused", |name| !names::is_refused(name))
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prose().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// One layer around a value: a field's name or none for an item, and what stands before and after
/// it.
type Layer = (Option<String>, Vec<Value>, Vec<Value>);

fn layers() -> impl Strategy<Value = Vec<Layer>> {
    let siblings = || prop::collection::vec(document(), 0..3);
    prop::collection::vec((prop::option::of(name()), siblings(), siblings()), 0..6)
}

/// Wraps a value in layers, the first outermost, and says where it has gone.
fn bury(mut value: Value, layers: &[Layer]) -> (Value, String) {
    let mut path = String::new();
    for (name, before, _) in layers {
        match name {
            Some(name) if path.is_empty() => path.push_str(name),
            Some(name) => path.extend([".", name]),
            None => path.extend(["[", &before.len().to_string(), "]"]),
        }
    }
    for (name, before, after) in layers.iter().rev() {
        let mut items = before.clone();
        items.push(value);
        items.extend(after.clone());
        value = match name {
            None => Value::Array(items),
            Some(name) => {
                let named = items.into_iter().enumerate().map(|(at, item)| {
                    let own = at == before.len();
                    (if own { name.clone() } else { format!("{at} {name} aside") }, item)
                });
                Value::Object(named.collect::<Map<_, _>>())
            }
        };
    }
    (value, path)
}

proptest! {
    #[test]
    fn ordinary_prose_is_never_refused(text in prose()) {
        prop_assert_eq!(GUARD.redact(&text).into_owned(), text);
    }

    #[test]
    fn a_planted_secret_is_found_where_it_is(
        layers in layers(), hit in prop::sample::select(hits()), left in prose(), right in prose(),
    ) {
        let text = format!("{left}\n{}\n{right}", hit.text());
        let (document, path) = bury(Value::from(text), &layers);
        let found = finding(&path, hit.kind);

        prop_assert_eq!(check(document.clone(), Policy::Reject), Err(found.clone()));
        prop_assert_eq!(check(document.clone(), Policy::Allow), Ok(vec![]));
        let mut redacted = document.clone();
        prop_assert_eq!(GUARD.check(&mut redacted, Policy::Redact), Ok(vec![found]));
        let text = format!("{left}\n{}[redacted:{}]{}\n{right}", hit.before, hit.kind, hit.after);
        prop_assert_eq!(&redacted, &bury(Value::from(text), &layers).0);
        prop_assert_eq!(GUARD.check(&mut redacted, Policy::Reject), Ok(vec![]));
    }

    #[test]
    fn no_answer_repeats_a_secret(
        layers in layers(),
        hit in prop::sample::select(hits()),
        refuse in any::<bool>(),
        padding in 0..80_usize,
    ) {
        let inner = if refuse { json!({"token": hit.text()}) } else { json!(hit.text()) };
        let name = [&*"a ".repeat(padding), &hit.text(), " field"].concat();
        let (document, _) = bury(json!({name: inner}), &layers);

        for policy in [Policy::Reject, Policy::Redact, Policy::Allow] {
            let mut arguments = document.clone();
            let answer = GUARD.check(&mut arguments, policy);
            let shown = format!("{answer:?}");
            prop_assert!(!shown.contains(&hit.secret), "{}", shown);
            if policy == Policy::Redact && answer.is_ok() {
                prop_assert!(!arguments.to_string().contains(&hit.secret));
                prop_assert_eq!(GUARD.check(&mut arguments, Policy::Reject), Ok(vec![]));
            }
        }
    }

    #[test]
    fn redacting_twice_changes_nothing(
        parts in prop::collection::vec((prose(), prop::sample::select(hits())), 0..4),
    ) {
        let parts = parts.iter().map(|(prose, hit)| format!("{prose} {}", hit.text()));
        let text = parts.collect::<Vec<_>>().join(" ");

        let once = GUARD.redact(&text).into_owned();

        prop_assert_eq!(GUARD.redact(&once).into_owned(), once);
    }

    #[test]
    fn any_text_and_any_name_can_be_judged(text in any::<String>()) {
        prop_assert!(!names::is_refused(&text));
        prop_assert_eq!(GUARD.redact(&text).into_owned(), text);
    }
}
