use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use super::values::FORMATS;
use super::{Finding, Guard, PatternError, Policy, SECRET_NAME};
use vectors::{Hit, fill, hits, near_misses};

mod properties;
mod spellings;
mod vectors;

/// Compiled once for all tests: debug builds take long over it.
static GUARD: LazyLock<Guard> = LazyLock::new(Guard::new);

fn check(mut arguments: Value, policy: Policy) -> Result<Vec<Finding>, Finding> {
    GUARD.check(&mut arguments, policy)
}

fn finding(path: &str, kind: &str) -> Finding {
    Finding { path: path.to_owned(), kind: kind.to_owned() }
}

fn refused(name: &str) -> Finding {
    check(json!({name: 1}), Policy::Allow).expect_err(name)
}

// Values.

#[test]
fn every_line_of_the_table_has_a_vector_and_a_near_miss() {
    for format in FORMATS {
        let start = Regex::new(format.start).expect(format.kind);
        let whole =
            Regex::new(&format!("(?:{})(?:{})", format.start, format.rest)).expect(format.kind);
        let finds = |hit: &Hit| {
            whole.captures_iter(&hit.text()).any(|found| {
                let secret = found.name("secret").or(found.get(0)).expect("a match");
                secret.as_str() == hit.secret && (format.check)(&found)
            })
        };

        let hit = hits().into_iter().any(|hit| hit.kind == format.kind && finds(&hit));
        let miss = near_misses()
            .into_iter()
            .any(|(kind, text)| kind == format.kind && start.is_match(&text));

        assert!(hit, "no vector for {} {}", format.kind, format.start);
        assert!(miss, "no near miss for {} {}", format.kind, format.start);
    }
}

#[test]
fn every_vector_is_found_and_nothing_else_of_it_is_hidden() {
    for hit in hits() {
        let expected = format!("{}[redacted:{}]{}", hit.before, hit.kind, hit.after);

        assert_eq!(GUARD.redact(&hit.text()), expected, "{hit:?}");
    }
}

#[test]
fn no_near_miss_is_taken_for_a_secret() {
    for (kind, text) in near_misses() {
        assert_eq!(GUARD.redact(&text), text, "{kind}");
    }
}

#[test]
fn prose_about_secrets_is_no_secret() {
    for text in [
        "The password is stored hashed with argon2id; set PASSWORD=... in env, never in code.",
        "Send `Authorization: Bearer <key>` or `X-Api-Key: <key>`; the key begins with memo_ and is shown once.",
        "Authorization: Bearer tokens expire after 6 hours. Basic authentication: see RFC 7617.",
        "api_key: string, password: string | null, secret: SecretString, token = next_page_token",
        "DATABASE_URL=postgres://user:password@localhost/app, or postgres://$USER:$PASSWORD@db",
        "commit 3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a1b2c3 and id 550e8400-e29b-41d4-a716-446655440000",
        "secret: projects/123/secrets/app-signing-2/versions/7, password=vault:kv/app#password",
        "password_hash: $argon2id$v=19$m=65536,t=3,p=4$<salt>$<hash>, tag v2.1.0, build 20260101",
        "パスワードは保存しない。password：無し",
    ] {
        assert_eq!(GUARD.redact(text), text);
    }
}

#[test]
fn two_secrets_in_one_text_are_both_hidden_and_a_nested_one_once() {
    let token = fill("gh~p_<b36>");
    let text = format!("a {token} b {token} c https://u:x{token}x@h");

    let clean = GUARD.redact(&text);

    let token = "[redacted:github_token]";
    assert_eq!(clean, format!("a {token} b {token} c https://u:[redacted:url_password]@h"));
}

// Paths.

#[test]
fn a_path_leads_through_names_and_positions() {
    let arguments = json!({"items": [1, [], {"a": 1, "metadata": {"b": {}, "api_key": "x"}}]});

    let answer = check(arguments, Policy::Reject);

    assert_eq!(answer, Err(finding("items[2].metadata.api_key", SECRET_NAME)));
}

#[test]
fn the_first_finding_in_document_order_is_the_one_reported() {
    let token = fill("gh~p_<b36>");

    let value_first = check(json!({"a": [token], "password": 1}), Policy::Reject);
    let name_first = check(json!({"b": {"password": 1}, "a": token}), Policy::Reject);

    assert_eq!(value_first, Err(finding("a[0]", "github_token")));
    assert_eq!(name_first, Err(finding("b.password", SECRET_NAME)));
}

#[test]
fn a_document_without_names_has_paths_too() {
    let token = fill("gh~p_<b36>");

    assert_eq!(check(json!(token), Policy::Reject), Err(finding("", "github_token")));
    assert_eq!(check(json!([[1, token]]), Policy::Reject), Err(finding("[0][1]", "github_token")));
}

#[test]
fn a_long_name_is_shown_by_its_ends() {
    let name = format!("{}_password", "é".repeat(100_000));

    let path = refused(&name).path;

    assert_eq!(path.chars().count(), 64);
    assert!(path.starts_with("ééé") && path.contains('…') && path.ends_with("_password"));
}

#[test]
fn a_path_holds_no_control_or_invisible_characters() {
    assert_eq!(refused("a\u{1b}[31m\u{202E}\n_token").path, "a\u{FFFD}[31m\u{FFFD}\u{FFFD}_token");
}

#[test]
fn depth_has_no_limit() {
    let mut arguments = json!({"token": 1});
    for _ in 0..2_000 {
        arguments = Value::from(vec![arguments]);
    }

    let answer = check(arguments, Policy::Reject).expect_err("the name at the bottom");

    assert_eq!(answer.path, format!("{}.token", "[0]".repeat(2_000)));
}

// Policies.

#[test]
fn a_refused_name_is_refused_under_every_policy_and_whatever_it_holds() {
    for policy in [Policy::Reject, Policy::Redact, Policy::Allow] {
        for value in [json!(null), json!(false), json!(""), json!([]), json!({"a": 1})] {
            let answer = check(json!({"metadata": {"api_key": value}}), policy);

            assert_eq!(answer, Err(finding("metadata.api_key", SECRET_NAME)));
        }
    }
}

#[test]
fn redaction_replaces_the_secret_and_leaves_the_rest() {
    let token = fill("gh~p_<b36>");
    let mut arguments =
        json!({"text": format!("use {token}, or {token}"), "tags": ["a", token], "n": 1.5});

    let findings = GUARD.check(&mut arguments, Policy::Redact);

    let places = vec![finding("text", "github_token"), finding("tags[1]", "github_token")];
    assert_eq!(findings, Ok(places));
    let mark = "[redacted:github_token]";
    assert_eq!(
        arguments,
        json!({"text": format!("use {mark}, or {mark}"), "tags": ["a", mark], "n": 1.5})
    );
}

#[test]
fn a_refused_call_is_left_as_it_was() {
    let token = fill("gh~p_<b36>");
    let mut arguments = json!({"text": token, "password": 1});

    let answer = GUARD.check(&mut arguments, Policy::Redact);

    assert_eq!(answer, Err(finding("password", SECRET_NAME)));
    assert_eq!(arguments, json!({"text": token, "password": 1}));
}

#[test]
fn names_that_are_secrets_are_redacted_in_their_place_and_none_is_lost() {
    let tokens: Vec<String> = ('a'..='c').map(|c| fill(&format!("gh~p_{c}<b35>"))).collect();
    let mark = "[redacted:github_token]";
    let mut arguments = json!({"a": 0, &tokens[0]: 1, "b": 2, &tokens[1]: [&tokens[2]], mark: 4});

    let findings = GUARD.check(&mut arguments, Policy::Redact).expect("no refused name");

    let paths: Vec<&str> = findings.iter().map(|finding| &*finding.path).collect();
    assert_eq!(paths, [mark, mark, &format!("{mark}[0]")]);
    let expected = json!({
        "a": 0, mark: 1, "b": 2, format!("{mark}#3"): [mark], format!("{mark}#4"): 4,
    });
    assert_eq!(arguments.to_string(), expected.to_string());
    assert_eq!(GUARD.check(&mut arguments, Policy::Reject), Ok(vec![]));
}

#[test]
fn a_long_list_of_redactions_is_cut_but_every_one_is_made() {
    let token = fill("gh~p_<b36>");
    let mut arguments = json!(vec![&token; 1_000]);

    let findings = GUARD.check(&mut arguments, Policy::Redact).expect("no refused name");

    assert_eq!(findings.len(), 100);
    assert!(!arguments.to_string().contains(&token));
}

#[test]
fn a_policy_reads_back_as_it_is_written() {
    for policy in [Policy::Reject, Policy::Redact, Policy::Allow] {
        assert_eq!(Policy::parse(policy.as_str()), Some(policy));
    }
    assert_eq!(Policy::parse("Reject"), None);
    assert_eq!(Policy::default(), Policy::Reject);
}

// Configured patterns.

fn with(kind: &str, pattern: &str) -> Result<Guard, PatternError> {
    Guard::with_patterns(&[(kind.to_owned(), pattern.to_owned())])
}

#[test]
fn a_configured_pattern_is_found_beside_the_built_in_ones() {
    let guard = with("acme_key", "(?i)acme-(?P<secret>[0-9]{4})").expect("usable");
    let token = fill("gh~p_<b36>");

    let clean = guard.redact(&format!("ACME-1234 {token}")).into_owned();

    assert_eq!(clean, "ACME-[redacted:acme_key] [redacted:github_token]");
}

#[test]
fn an_unusable_pattern_is_named_by_its_kind() {
    let huge = r"\w{1000}{1000}";
    for (kind, pattern) in [("a", "("), ("b", "x*"), ("c", huge), ("D e", "x"), ("", "x")] {
        let error = with(kind, pattern).expect_err(pattern);

        assert_eq!(error.kind, kind);
        assert!(error.to_string().contains(&format!("`{kind}`")));
    }
}
