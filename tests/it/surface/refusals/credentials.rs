use memoranda::identity::key::ApiKey;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::json;

use crate::support::TestApp;
use crate::surface::probe::{Raw, assert_own_words, leaving_nothing, mcp, rows, warm};

/// Sends these headers to REST and to MCP, where they must be refused with 401 and this code.
async fn refused(app: &TestApp, headers: &[(&str, &str)], code: &str) {
    let nobody = app.anonymous();
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
    for request in [nobody.request(Method::GET, "/v1/whoami"), mcp(&nobody, ping)] {
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = leaving_nothing(app, Raw::of(request)).await;

        assert_eq!((answer.status, answer.code().as_str()), (401, code), "{}", answer.text);
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{:?}", answer.headers);
        assert_eq!(answer.header("content-type"), "application/json");
        let error = &answer.json()["error"];
        assert_eq!(answer.json()["detail"]["error"], code);
        assert!(error["fix"].as_str().is_some_and(|fix| !fix.is_empty()), "{error}");
        // The header's form, which the fix shows, holds a stand-in.
        for word in headers.iter().flat_map(|(_, value)| value.split(' ')) {
            if word.len() > "Bearer".len() {
                assert_own_words(error, word);
            }
        }
    }
}

#[tokio::test]
async fn a_request_without_a_credential_is_told_the_headers_form() {
    let app = warm().await;

    refused(&app, &[], "UNAUTHENTICATED").await;
    let answer = Raw::of(app.anonymous().request(Method::GET, "/v1/whoami")).await;

    let fix = answer.json()["error"]["fix"].to_string();
    assert!(fix.contains("Authorization: Bearer memo_<key-id>_<secret>"), "{fix}");
}

#[tokio::test]
async fn an_unknown_key_and_a_wrong_secret_get_one_answer() {
    let app = warm().await;
    let owner = app.owner.key.clone().expect("a key");
    let unknown = ApiKey::generate().whole().expose().to_owned();
    // The owner's id with another key's secret: its checksum can't hold either.
    let mixed = format!("{}{}", &owner[..17], &unknown[17..]);

    for key in [&unknown, &mixed] {
        refused(&app, &[("authorization", &format!("Bearer {key}"))], "INVALID_API_KEY").await;
    }
}

#[tokio::test]
async fn a_key_with_any_character_mistyped_is_refused() {
    let app = warm().await;
    let owner = app.owner.key.clone().expect("a key");
    let before = rows(&app);

    for at in 0..owner.len() {
        let mut letters: Vec<char> = owner.chars().collect();
        letters[at] = if letters[at] == 'a' { 'b' } else { 'a' };
        let key: String = letters.into_iter().collect();
        let answer = Raw::of(app.with_key(&key).request(Method::GET, "/v1/whoami")).await;

        assert_eq!(answer.code(), "INVALID_API_KEY", "position {at}");
    }
    assert_eq!(rows(&app), before);
}

#[tokio::test]
async fn a_header_that_is_not_bearer_and_a_key_is_malformed() {
    let app = warm().await;
    let owner = app.owner.key.clone().expect("a key");

    for value in [
        owner.clone(),
        format!("Basic {owner}"),
        format!("Token {owner}"),
        "Bearer".into(),
        "Bearer ".into(),
    ] {
        refused(&app, &[("authorization", &value)], "UNAUTHENTICATED").await;
    }
    refused(&app, &[("x-api-key", "")], "UNAUTHENTICATED").await;
}

#[tokio::test]
async fn two_credentials_that_differ_are_refused_and_two_alike_are_one() {
    let app = warm().await;
    let owner = app.owner.key.clone().expect("a key");
    let bearer = format!("Bearer {owner}");
    let other = ApiKey::generate().whole().expose().to_owned();

    refused(&app, &[("authorization", &bearer), ("x-api-key", &other)], "UNAUTHENTICATED").await;
    refused(&app, &[("x-api-key", &owner), ("x-api-key", &other)], "UNAUTHENTICATED").await;
    let both = app.owner.request(Method::GET, "/v1/whoami").header("x-api-key", &owner);

    assert_eq!(Raw::of(both).await.status, 200);
}

#[tokio::test]
async fn the_header_x_api_key_alone_is_enough() {
    let app = warm().await;
    let owner = app.owner.key.clone().expect("a key");
    let nobody = app.anonymous();

    let rest = Raw::of(nobody.request(Method::GET, "/v1/whoami").header("x-api-key", &owner)).await;
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
    let mcp = Raw::of(mcp(&nobody, list).header("x-api-key", &owner)).await;

    assert_eq!((rest.status, mcp.status), (200, 200));
    assert!(mcp.json()["result"]["tools"].is_array());
}

#[tokio::test]
async fn a_header_that_is_no_text_is_malformed() {
    let app = warm().await;
    let bytes = reqwest::header::HeaderValue::from_bytes(b"Bearer memo_\xff").expect("a value");

    let request = app.anonymous().request(Method::GET, "/v1/whoami").header(AUTHORIZATION, bytes);

    assert_eq!(Raw::of(request).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn an_agent_id_of_a_wrong_form_is_refused_by_its_headers_name() {
    let app = warm().await;
    let long = "x".repeat(65);

    for agent in ["", " ", "two words", "a/b", "naïve", "a.b", &long] {
        let value = reqwest::header::HeaderValue::from_bytes(agent.as_bytes()).expect("a value");
        let request = app.owner.request(Method::GET, "/v1/whoami").header("x-agent-id", value);
        let answer = leaving_nothing(&app, Raw::of(request)).await;

        assert_eq!((answer.status, answer.code().as_str()), (400, "INVALID_ARGUMENT"), "{agent}");
        let error = &answer.json()["error"];
        assert_eq!(error["details"]["fields"][0]["field"], "X-Agent-Id");
        if agent.trim().len() > 1 {
            assert_own_words(error, agent);
        }
    }
}
