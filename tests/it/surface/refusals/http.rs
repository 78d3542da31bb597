use memoranda::ops::CATALOGUE;
use reqwest::Method;
use serde_json::{Value, json};

use crate::surface::probe::{Raw, leaving_nothing, mcp, rows, warm};

const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

#[tokio::test]
async fn a_foreign_host_or_origin_is_refused_on_every_path() {
    let app = warm().await;
    let port = app.url.rsplit(':').next().expect("a port").to_owned();
    let foreign = [
        ("host", "evil.example.com".to_owned()),
        ("host", format!("evil.example.com:{port}")),
        ("host", format!("127.0.0.1.evil.example.com:{port}")),
        ("origin", "http://evil.example.com".to_owned()),
        ("origin", format!("http://evil.example.com:{port}")),
        ("origin", "null".to_owned()),
        ("origin", format!("http://localhost.evil.example.com:{port}")),
        ("origin", "https://127.0.0.1".to_owned()),
    ];

    for (header, value) in &foreign {
        for path in ["/v1/whoami", "/mcp", "/healthz", "/openapi.json", "/nothing"] {
            let request = if path == "/mcp" {
                mcp(&app.owner, LIST)
            } else {
                app.owner.request(Method::GET, path)
            };
            let answer = leaving_nothing(&app, Raw::of(request.header(*header, value))).await;

            assert_eq!(
                (answer.status, answer.code().as_str()),
                (403, "PERMISSION_DENIED"),
                "{value} {path}"
            );
            assert!(!answer.text.contains("evil"), "{}", answer.text);
            assert!(answer.json()["error"]["fix"].is_string());
        }
    }
}

#[tokio::test]
async fn its_own_addresses_are_taken() {
    let app = warm().await;
    let port = app.url.rsplit(':').next().expect("a port").to_owned();

    for host in [
        format!("localhost:{port}"),
        format!("127.0.0.1:{port}"),
        format!("[::1]:{port}"),
        format!("LOCALHOST:{port}"),
    ] {
        let request = mcp(&app.owner, LIST).header("host", &host);
        let answer =
            Raw::of(request.header("origin", format!("http://{}", host.to_lowercase()))).await;

        assert_eq!(answer.status, 200, "{host}: {}", answer.text);
    }
}

#[tokio::test]
async fn an_unknown_path_is_404_in_json() {
    let app = warm().await;

    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v1/memories/a/b",
        "/mcp/x",
        "/api/v2/zebra",
        "/v1//whoami",
    ] {
        for caller in [&app.owner, &app.anonymous()] {
            let answer = leaving_nothing(&app, Raw::of(caller.request(Method::GET, path))).await;

            assert_eq!((answer.status, answer.code().as_str()), (404, "NOT_FOUND"), "{path}");
            assert_eq!(answer.header("content-type"), "application/json");
            assert!(!answer.text.contains("zebra"));
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_with_the_right_ones() {
    let app = warm().await;

    for (method, path, allowed) in [
        (Method::PUT, "/v1/memories", "POST"),
        (Method::PUT, "/v1/keys", "GET"),
        (Method::POST, "/v1/whoami", "GET"),
        (Method::POST, "/v1/memories/mem_1", "PATCH"),
        (Method::POST, "/healthz", "GET"),
    ] {
        let answer = leaving_nothing(&app, Raw::of(app.owner.request(method, path))).await;

        assert_eq!((answer.status, answer.code().as_str()), (405, "INVALID_ARGUMENT"), "{path}");
        assert!(answer.header("allow").contains(allowed), "{path}: {:?}", answer.headers);
    }
}

#[tokio::test]
async fn there_is_no_oauth_to_discover() {
    let app = warm().await;

    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/mcp",
        "/.well-known/openid-configuration",
    ] {
        let answer = Raw::of(app.anonymous().request(Method::GET, path)).await;

        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.header("www-authenticate").is_empty());
    }
}

#[tokio::test]
async fn the_mcp_path_answers_post_alone() {
    let app = warm().await;

    for method in [Method::GET, Method::DELETE, Method::PUT, Method::PATCH, Method::OPTIONS] {
        let request =
            app.owner.request(method.clone(), "/mcp").header("accept", "text/event-stream");
        let answer = leaving_nothing(&app, Raw::of(request)).await;

        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method}");
        let without = Raw::of(app.anonymous().request(method.clone(), "/mcp")).await;
        assert_eq!(without.status, 401, "{method}");
    }
}

#[tokio::test]
async fn any_accept_that_takes_json_is_taken_and_so_is_none() {
    let app = warm().await;

    for accept in [
        None,
        Some("*/*"),
        Some("application/json"),
        Some("application/*"),
        Some("text/event-stream, application/json;q=0.5"),
        Some("APPLICATION/JSON"),
    ] {
        let mut request =
            app.owner.request(Method::POST, "/mcp").header("content-type", "application/json");
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        let answer = Raw::of(request.body(LIST)).await;

        assert_eq!(answer.status, 200, "{accept:?}: {}", answer.text);
        assert!(answer.json()["result"]["tools"].is_array(), "{accept:?}");
    }
}

#[tokio::test]
async fn an_accept_that_takes_no_json_is_not_acceptable() {
    let app = warm().await;

    let request =
        app.owner.request(Method::POST, "/mcp").header("content-type", "application/json");
    let answer = Raw::of(request.header("accept", "text/html").body(LIST)).await;

    assert_eq!(answer.status, 406, "{}", answer.text);
}

#[tokio::test]
async fn a_body_of_another_type_is_unsupported() {
    let app = warm().await;

    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let request = app.owner.request(Method::POST, "/mcp").header("content-type", kind);
        let answer = Raw::of(request.body(LIST)).await;

        assert_eq!(answer.status, 415, "{kind}: {}", answer.text);
    }
}

#[tokio::test]
async fn every_answer_carries_its_request_id_and_an_error_repeats_it() {
    let app = warm().await;
    let nobody = app.anonymous();

    for request in [
        app.owner.request(Method::GET, "/v1/whoami"),
        app.owner.request(Method::GET, "/v1/memories/mem_1"),
        nobody.request(Method::GET, "/v1/whoami"),
        nobody.request(Method::GET, "/healthz"),
        nobody.request(Method::GET, "/nothing"),
        app.owner.request(Method::GET, "/mcp"),
        mcp(&app.owner, LIST),
        mcp(&app.owner, "{"),
        mcp(&nobody, LIST),
    ] {
        let answer = Raw::of(request).await;
        let id = answer.header("x-request-id");

        assert!(id.starts_with("req_") && id.len() == 30, "{:?}", answer.headers);
        let error = &answer.json()["error"]["request_id"];
        assert!(error.is_null() || error == id, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_refusal_for_lack_of_scope_names_it_in_the_challenge() {
    let app = warm().await;
    let reader = app.key("Reads", memoranda::identity::role::Role::Owner, &["read"]).await;

    let answer =
        reader.rest(Method::POST, "/v1/memories", Some(json!({ "content": "Tea." }))).await;

    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.headers["www-authenticate"],
        "Bearer error=\"insufficient_scope\", scope=\"write\""
    );
}

#[tokio::test]
async fn a_path_that_is_no_utf_8_is_refused_in_json() {
    let app = warm().await;

    let answer = Raw::of(app.owner.request(Method::GET, "/v1/memories/%FF%FE")).await;

    assert!((400..500).contains(&answer.status), "{}", answer.text);
    assert!(answer.json()["error"]["code"].is_string(), "{}", answer.text);
}

#[tokio::test]
async fn health_and_the_description_are_open_to_everyone() {
    let app = warm().await;
    let before = rows(&app);

    for (path, member, value) in [
        ("/healthz", "status", json!("healthy")),
        ("/readyz", "status", json!("ready")),
        ("/openapi.json", "openapi", Value::Null),
    ] {
        let answer = Raw::of(app.anonymous().request(Method::GET, path)).await;

        assert_eq!(answer.status, 200);
        let found = &answer.json()[member];
        assert!(
            if value.is_null() { found.is_string() } else { *found == value },
            "{}",
            answer.text
        );
    }
    assert_eq!(rows(&app), before);
}

#[tokio::test]
async fn the_page_for_people_names_every_operation_and_runs_and_asks_for_nothing() {
    let app = warm().await;

    let page = leaving_nothing(&app, Raw::of(app.anonymous().request(Method::GET, "/docs"))).await;

    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    for entry in &CATALOGUE {
        let article = format!("<article id=\"{}\">", entry.spec.name);
        assert_eq!(page.text.matches(&article).count(), 1, "{}", entry.spec.name);
    }
    for foreign in
        ["<script", "<img", "<link", "<iframe", "@import", "url(", " src=", " style=", " on"]
    {
        let tags = page.text.split('<').filter_map(|tag| tag.split('>').next());
        let found = tags.filter(|tag| format!("<{tag}").contains(foreign)).count();
        assert_eq!(found, 0, "{foreign}");
    }
    let links = page.text.split("href=\"").skip(1);
    assert!(links.clone().count() > CATALOGUE.len());
    assert!(links.into_iter().all(|link| link.starts_with(['#', '/'])), "only to itself");
}
