//! The map of `src/ARCHITECTURE.md`, enforced on the sources: who may use whom, and what else the
//! files of the project must be.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;

use crate::sources::{ROOT, below, names, without_comments};

/// Every module of the library, and those that it may use besides itself. Arrows only go down.
const MAY_USE: [(&str, &[&str]); 13] = [
    ("core", &[]),
    ("identity", &["core"]),
    ("memory", &["core", "identity"]),
    ("work", &["core", "identity"]),
    ("transfer", &["core", "identity", "memory"]),
    ("embed", &["core"]),
    ("store", &["core", "identity", "memory", "work"]),
    ("auth", &["core", "identity", "store"]),
    ("recall", &["core", "identity", "memory", "embed", "store"]),
    ("ops", &["core", "identity", "memory", "work", "embed", "store", "recall"]),
    ("surface", &["core", "identity", "auth", "ops"]),
    ("config", &["core"]),
    (
        "cli",
        &[
            "core", "identity", "memory", "work", "embed", "store", "recall", "auth", "ops",
            "surface", "config", "transfer",
        ],
    ),
];

/// Crates and parts of the standard library that some modules alone may name.
const ALONE: [(&str, &[&str]); 19] = [
    ("argon2", &["identity"]),
    ("rusqlite", &["store"]),
    ("postgres", &["store"]),
    ("tokio_postgres", &["store"]),
    ("jsonwebtoken", &["auth"]),
    ("axum", &["surface"]),
    ("hyper", &["surface"]),
    ("hyper_util", &["surface"]),
    ("ipnet", &["surface"]),
    ("rmcp", &["surface"]),
    ("toml", &["config"]),
    ("std::env", &["config", "main"]),
    ("clap", &["cli"]),
    ("heap", &["main"]),
    ("minilm", &["embed"]),
    ("rpassword", &["cli"]),
    ("saphyr_parser", &["transfer"]),
    ("reqwest", &["cli", "embed"]),
    ("rustls", &["cli", "embed", "store"]),
];

/// How long a file may be: one that is longer has two ideas in it.
const MOST_LINES: usize = 500;

/// The module that a file of `src` belongs to: `main` for the program itself.
fn module_of(path: &str) -> &str {
    let inner = path.strip_prefix("src/").expect("a file of src");
    inner.split(['/', '.']).next().expect("a name")
}

/// The modules that code at a path uses: `crate::x`, `crate::{x, …}`, `memoranda::x`, and `super::`
/// chains that climb to the root.
fn uses(path: &str, text: &str) -> BTreeSet<String> {
    let code = without_comments(text);
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let depth = inner.trim_end_matches("/mod").split('/').count();
    let rooted = Regex::new(r"\b(?:(?:crate|memoranda)|((?:super\s*::\s*)*super))\s*::\s*(\w+|\{)");
    let mut found = BTreeSet::new();
    for used in rooted.expect("a pattern").captures_iter(&code) {
        let climbs = used.get(1).map_or(depth, |chain| chain.as_str().matches("super").count());
        if climbs < depth {
            continue;
        }
        if &used[2] == "{" {
            found.extend(first_names(&code[used.get(2).expect("matched").end()..]));
        } else {
            found.insert(used[2].to_owned());
        }
    }
    found
}

/// The first name of each branch of a `use` group that begins after its brace.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut name) = (0, Vec::new(), String::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut name)),
            c if depth == 0 && !c.is_whitespace() => name.push(c),
            _ => {}
        }
    }
    names.push(name);
    let first = |name: String| name.split("::").next().unwrap_or_default().to_owned();
    names.into_iter().map(first).filter(|name| !name.is_empty()).collect()
}

#[test]
fn the_reader_of_imports_sees_every_way_to_write_one() {
    let text = "use crate::core::id;\n/// [`crate::cli`]\nuse crate::{ops::{self, x}, store};\n\
                fn f(a: crate::auth::B) { super::super::embed::c(); super::d(); }\n\
                use super::super::{work, config::E}; // crate::surface\n";

    let in_a_folder: Vec<String> = uses("src/memory/draft.rs", text).into_iter().collect();
    let deeper: Vec<String> = uses("src/memory/rules/draft.rs", text).into_iter().collect();

    assert_eq!(in_a_folder, ["auth", "config", "core", "embed", "ops", "store", "work"]);
    assert_eq!(deeper, ["auth", "core", "ops", "store"]);
}

#[test]
fn every_module_uses_only_those_below_it() {
    let modules: BTreeSet<&str> = MAY_USE.iter().map(|(name, _)| *name).collect();
    let mut wrong = Vec::new();
    for file in below("src").iter().filter(|file| file.has_extension(&["rs"])) {
        let module = module_of(&file.path);
        let allowed = match module {
            "main" => &["cli"][..],
            "lib" => &[],
            _ => MAY_USE.iter().find(|(name, _)| *name == module).map_or(&[][..], |(_, all)| all),
        };
        for used in uses(&file.path, &file.text) {
            let is_module = modules.contains(used.as_str());
            if is_module && used != module && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses {used}", file.path));
            }
        }
    }

    assert!(wrong.is_empty(), "against the table of modules:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_stands_in_the_table() {
    let known: BTreeSet<&str> = MAY_USE.iter().map(|(name, _)| *name).collect();
    let there = names("src")
        .into_iter()
        .filter(|name| !["main.rs", "lib.rs", "ARCHITECTURE.md"].contains(&name.as_str()));

    let unknown: Vec<String> =
        there.filter(|name| !known.contains(name.trim_end_matches(".rs"))).collect();

    assert!(unknown.is_empty(), "say in MAY_USE what these may use: {}", unknown.join(", "));
}

#[test]
fn a_crate_is_named_only_where_it_belongs() {
    let mut wrong = Vec::new();
    for file in below("src").iter().filter(|file| file.has_extension(&["rs"])) {
        let code = without_comments(&file.text);
        let tests_from = code.find("#[cfg(test)]").unwrap_or(code.len());
        for (name, homes) in ALONE {
            let named = Regex::new(&format!(r"(?:^|[^:\w]){name}(?:::|\s*;|\s+as\b)"));
            // What tests do with the environment is no reading of settings.
            let code = if name == "std::env" { &code[..tests_from] } else { &code[..] };
            if named.expect("a pattern").is_match(code) && !homes.contains(&module_of(&file.path)) {
                wrong.push(format!("{} names {name}", file.path));
            }
        }
    }

    assert!(wrong.is_empty(), "not the home of these:\n{}", wrong.join("\n"));
}

/// What the index reads is everybody's: only the store has it, and the index asks for it.
#[test]
fn nobody_but_the_index_reads_what_it_reads() {
    let named = below("src")
        .into_iter()
        .filter(|file| file.has_extension(&["rs"]))
        .filter(|file| without_comments(&file.text).contains("index_changes"))
        .filter(|file| !["store", "recall"].contains(&module_of(&file.path)));

    let wrong: Vec<String> = named.map(|file| file.path).collect();
    assert!(wrong.is_empty(), "private memories would be shown: {wrong:?}");
}

#[test]
fn no_file_is_longer_than_one_idea() {
    let sources = ["rs", "sql", "md", "py", "mjs", "js", "ts", "css", "html", "sh"];
    let mut long: Vec<(usize, String)> =
        ["src", "heap", "minilm", "tests", "examples", "benches", "tools"]
            .into_iter()
            .flat_map(below)
            .filter(|file| file.has_extension(&sources))
            .map(|file| (file.text.lines().count(), file.path))
            .filter(|(lines, _)| *lines > MOST_LINES)
            .collect();

    long.sort_unstable_by(|a, b| b.cmp(a));
    assert!(long.is_empty(), "over {MOST_LINES} lines: {long:#?}");
}

#[test]
fn every_operation_has_its_file_and_its_words() {
    let pattern = Regex::new(r#"impl Operation for [\s\S]*?name: "(\w+)"[\s\S]*?tools/(\w+)\.md"#);
    let pattern = pattern.expect("a pattern");
    let mut operations = BTreeSet::new();
    for file in below("src/ops").iter().filter(|file| file.text.contains("impl Operation for")) {
        let said = pattern.captures(&file.text).expect("a name and its words");
        let all = [file.stem(), &said[1], &said[2]];
        assert!(all.iter().all(|name| *name == all[0]), "{}: {all:?}", file.path);
        operations.insert(all[0].to_owned());
    }
    let words: BTreeSet<String> =
        below("tools").iter().map(|file| file.stem().to_owned()).collect();
    let entries: BTreeSet<String> =
        memoranda::ops::CATALOGUE.iter().map(|entry| entry.spec.name.to_owned()).collect();

    assert_eq!(operations, words, "src/ops/<name>.rs and tools/<name>.md");
    assert_eq!(operations, entries, "src/ops/<name>.rs and the catalogue");
}

#[test]
fn every_migration_is_a_step_in_its_order() {
    let listed = Regex::new(r#"\("(\w+)",\s*include_str!\("migrations/(\w+)\.sql"\)\)"#);
    let listed = listed.expect("a pattern");
    let migrations = |engine: &str| -> Vec<String> {
        let files = names(&format!("src/store/{engine}/migrations"));
        files.iter().map(|name| name.trim_end_matches(".sql").to_owned()).collect()
    };
    let engines: Vec<String> = names("src/store")
        .into_iter()
        .filter(|name| Path::new(ROOT).join("src/store").join(name).join("migrations").is_dir())
        .collect();

    assert!(!engines.is_empty());
    for engine in &engines {
        let path = format!("src/store/{engine}/migrate.rs");
        let text = std::fs::read_to_string(Path::new(ROOT).join(&path)).expect("its steps");
        let steps: Vec<String> = listed
            .captures_iter(&text)
            .map(|step| {
                assert_eq!(step[1], step[2], "{path}");
                step[1].to_owned()
            })
            .collect();
        assert_eq!(steps, migrations(engine), "{path}: STEPS and the folder");
        assert_eq!(steps, migrations(&engines[0]), "every engine has the same steps");
    }
}

#[test]
fn nothing_is_silenced_without_a_reason() {
    let allow = Regex::new(r"#!?\[(?:cfg_attr\(.*)?allow\(").expect("a pattern");
    let expect = Regex::new(r"#!?\[expect\(").expect("a pattern");
    let mut wrong = Vec::new();
    for file in below("").iter().filter(|file| file.has_extension(&["rs"])) {
        for (at, _) in file.text.match_indices("#[").chain(file.text.match_indices("#![")) {
            let attribute = &file.text[at..file.text[at..].find(']').map_or(at, |end| at + end)];
            let is_unexplained = expect.is_match(attribute) && !attribute.contains("reason");
            if allow.is_match(attribute) || is_unexplained {
                wrong.push(format!("{}: {attribute}]", file.path));
            }
        }
    }

    assert!(wrong.is_empty(), "use #[expect(…, reason = \"…\")]:\n{}", wrong.join("\n"));
}

#[test]
fn no_file_names_a_registry_or_the_machine_it_was_written_on() {
    // In pieces, so that this file doesn't name them either.
    let hosts = [
        ["registry.", "npmjs.org"],
        ["registry.", "yarnpkg.com"],
        ["pypi.", "org"],
        ["files.", "pythonhosted.org"],
        ["index.", "crates.io"],
        ["static.", "crates.io"],
        ["proxy.", "golang.org"],
        ["deb.", "debian.org"],
    ]
    .map(|pieces| pieces.concat());
    let home = Regex::new(r"(?:^|[^\w./])/(?:root|home/\w+|Users/\w+)/").expect("a pattern");
    let beside = neighbours();
    let mut wrong = Vec::new();
    for file in below("") {
        // Cargo writes the name of the index itself.
        if file.path == "Cargo.lock" {
            continue;
        }
        for (number, line) in (1..).zip(file.text.lines()) {
            let holds = |text: &String| line.contains(text.as_str());
            if hosts.iter().any(holds) || beside.iter().any(holds) || home.is_match(line) {
                wrong.push(format!("{}:{number}", file.path));
            }
        }
    }

    assert!(wrong.is_empty(), "these lines hold here and nowhere else:\n{}", wrong.join("\n"));
}

/// The absolute paths of this folder and of those beside it.
fn neighbours() -> Vec<String> {
    let root = Path::new(ROOT);
    let Some(parent) = root.parent().filter(|parent| parent.parent().is_some()) else {
        return vec![ROOT.to_owned()];
    };
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().to_string_lossy().into_owned()).collect()
}
