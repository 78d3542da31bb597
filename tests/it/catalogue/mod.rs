//! Rules over the whole catalogue: what every operation must be, whatever it does.

mod answers;
mod schema;
mod size;

use std::collections::BTreeMap;
use std::process::Command;

use memoranda::identity::guard::{Guard, Policy};
use memoranda::ops::CATALOGUE;
use memoranda::ops::spec::Effect;
use memoranda::surface::mcp::tools;
use regex::Regex;
use serde_json::{Map, Value, json};

use crate::sources::ROOT;
use schema::{fields, parts};

/// How many tools are listed at most where nothing was chosen.
const MOST_LISTED: usize = 20;

/// Fails where two operations claim one thing.
fn assert_unique(what: &str, claims: impl Iterator<Item = (String, &'static str)>) {
    let mut owners: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (claim, operation) in claims {
        owners.entry(claim).or_default().push(operation);
    }
    owners.retain(|_, operations| operations.len() > 1);
    assert!(owners.is_empty(), "{what} claimed more than once: {owners:?}");
}

#[test]
fn names_and_aliases_are_unique_short_and_plain() {
    let form = Regex::new("^[a-z_]{1,40}$").expect("a pattern");

    for entry in &CATALOGUE {
        for name in entry.spec.aliases.iter().chain([&entry.spec.name]) {
            assert!(form.is_match(name), "{name}");
        }
    }
    assert_unique(
        "a name",
        CATALOGUE.iter().flat_map(|entry| {
            let names = entry.spec.aliases.iter().chain([&entry.spec.name]);
            names.map(|name| ((*name).to_owned(), entry.spec.name))
        }),
    );
}

#[test]
fn routes_are_unique_whatever_their_fields_are_called() {
    let field = Regex::new(r"\{\w+\}").expect("a pattern");

    assert_unique(
        "a route",
        CATALOGUE.iter().map(|entry| {
            let route = &entry.spec.route;
            let path = field.replace_all(route.path, "{}");
            (format!("{} {path}", route.method.as_str()), entry.spec.name)
        }),
    );
}

#[test]
fn a_route_is_plain_and_takes_its_fields_from_the_input() {
    let form = Regex::new(r"^(/([a-z-]+|\{\w+\}))+$").expect("a pattern");
    let field = Regex::new(r"\{(\w+)\}").expect("a pattern");

    for entry in &CATALOGUE {
        let (name, route) = (entry.spec.name, &entry.spec.route);
        assert!(form.is_match(route.path), "{name}: {}", route.path);
        assert!((200..300).contains(&route.status), "{name}: {}", route.status);
        for field in field.captures_iter(route.path) {
            let kind = &entry.input()["properties"][&field[1]]["type"];
            assert_eq!(kind, "string", "{name}: {}", &field[1]);
        }
        // What a cache or a crawler may repeat at will must change nothing.
        let is_get = route.method.as_str() == "GET";
        assert!(!is_get || entry.spec.effect == Effect::Read, "{name}");
    }
}

#[test]
fn commands_are_unique_and_no_command_is_another_ones_group() {
    let commands = || {
        CATALOGUE.iter().filter_map(|entry| Some((entry.spec.cli?.path.join(" "), entry.spec.name)))
    };

    assert_unique("a command", commands());
    for (group, _) in commands() {
        let inner = commands().find(|(path, _)| path.starts_with(&format!("{group} ")));
        assert!(inner.is_none(), "`{group}` is a command and the group of {inner:?}");
    }
    for entry in &CATALOGUE {
        let positional = entry.spec.cli.and_then(|cli| cli.positional);
        if let Some(field) = positional {
            let field = &entry.input()["properties"][field];
            assert!(field.is_object(), "{}: {positional:?}", entry.spec.name);
        }
    }
}

#[test]
fn twenty_tools_at_most_are_listed_where_nothing_was_chosen() {
    let listed: Vec<&str> = CATALOGUE
        .iter()
        .map(|entry| &entry.spec)
        .filter(|spec| spec.is_listed && tools::DEFAULT_TOOLSETS.contains(&spec.toolset))
        .map(|spec| spec.name)
        .collect();

    assert!(listed.len() <= MOST_LISTED, "{}: {listed:?}", listed.len());
}

#[test]
fn every_property_of_every_input_is_described_in_one_line() {
    let mut wrong = Vec::new();
    for (entry, tool) in CATALOGUE.iter().zip(tools::all()) {
        let shown = Value::Object((*tool.input_schema).clone());
        for (path, field) in fields(entry.input()).into_iter().chain(fields(&shown)) {
            let said = field["description"].as_str().unwrap_or_default();
            if said.is_empty() || said.contains('\n') || said.ends_with('.') {
                wrong.push(format!("{} {path}: {said:?}", entry.spec.name));
            }
        }
    }

    assert!(wrong.is_empty(), "a description in one line, no full stop:\n{}", wrong.join("\n"));
}

#[test]
fn no_argument_has_a_name_that_the_secret_guard_refuses() {
    let guard = Guard::new();

    for entry in &CATALOGUE {
        for (path, _) in fields(entry.input()) {
            let name = path.rsplit(['.', ']']).next().expect("a name");
            let answer = guard.check(&mut json!({ name: "x" }), Policy::Reject);
            assert!(answer.is_ok(), "{} {path}: {answer:?}", entry.spec.name);
        }
    }
}

#[test]
fn schemas_use_nothing_that_strict_readers_stumble_over() {
    let mut wrong = Vec::new();
    for (entry, tool) in CATALOGUE.iter().zip(tools::all()) {
        let shown = Value::Object((*tool.input_schema).clone());
        let output = tool.output_schema.as_ref().expect("every tool says what it answers");
        let answer = Value::Object((**output).clone());
        for schema in [entry.input(), entry.output(), &shown, &answer] {
            assert_eq!(schema["type"], "object", "{}", entry.spec.name);
            for (path, part) in parts(schema) {
                let words = ["$ref", "$defs", "anyOf", "oneOf", "allOf", "not", "nullable", "if"];
                let used = words.iter().find(|word| part.contains_key(**word));
                let is_union = part.get("type").is_some_and(Value::is_array);
                let has_null = part.get("enum").and_then(Value::as_array);
                let has_null = has_null.is_some_and(|values| values.contains(&Value::Null));
                if used.is_some() || is_union || has_null {
                    wrong.push(format!("{} at `{path}`: {used:?}", entry.spec.name));
                }
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_object_of_an_input_refuses_unknown_fields() {
    for entry in &CATALOGUE {
        for (path, part) in parts(entry.input()) {
            if part.contains_key("properties") {
                let is_closed = part.get("additionalProperties") == Some(&json!(false));
                assert!(is_closed, "{} at `{path}`", entry.spec.name);
            }
        }
    }
}

#[test]
fn all_four_hints_are_set_and_agree_with_the_effect() {
    for (entry, tool) in CATALOGUE.iter().zip(tools::all()) {
        let (name, effect) = (entry.spec.name, entry.spec.effect);
        let hints = serde_json::to_value(&tool.annotations).expect("serializes");

        for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
            assert!(hints[hint].is_boolean(), "{name}: {hint}");
        }
        assert_eq!(hints["readOnlyHint"], json!(effect == Effect::Read), "{name}");
        assert_eq!(hints["destructiveHint"], json!(effect == Effect::Destroy), "{name}");
        assert!(effect != Effect::Read || hints["idempotentHint"] == json!(true), "{name}");
    }
}

#[test]
fn words_for_models_are_short_and_plain() {
    let shouted = Regex::new(r"\b[A-Z]{5,}\b").expect("a pattern");

    for (entry, tool) in CATALOGUE.iter().zip(tools::all()) {
        let name = entry.spec.name;
        let words = tool.description.as_deref().expect("every tool has its words");
        let first = words.lines().next().expect("a line");
        assert!((1..80).contains(&first.chars().count()), "{name}: {first}");
        assert!(first.ends_with('.') && words.len() < 2_048, "{name}: {} bytes", words.len());
        assert_eq!(words, words.trim(), "{name}");
        assert!(!shouted.is_match(words), "{name}: {words}");
        assert!((1..=40).contains(&entry.spec.title.chars().count()), "{name}");
    }
}

#[test]
fn the_generated_files_are_current() {
    let check = Command::new(env!("CARGO_BIN_EXE_memoranda"))
        .args(["schema", "--check", "--folder", ROOT])
        .env_clear()
        .output()
        .expect("the program runs");

    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}

#[test]
fn every_tool_has_its_definition_in_schemas_and_no_other_has() {
    let mut there = crate::sources::names("schemas/tools");
    let mut wanted: Vec<String> =
        CATALOGUE.iter().map(|entry| format!("{}.json", entry.spec.name)).collect();

    there.sort();
    wanted.sort();
    assert_eq!(there, wanted);
}

#[test]
fn the_answer_of_an_operation_is_an_object_with_fields() {
    for entry in &CATALOGUE {
        let fields = entry.output()["properties"].as_object().map_or(0, Map::len);
        assert!(fields > 0, "{}", entry.spec.name);
    }
}
