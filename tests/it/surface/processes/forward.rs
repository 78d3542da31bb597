use std::net::TcpListener;

use serde_json::{Value, json};

use super::{Home, Piped, Served, hello, request, stateless, unknown_key};

/// A client that forwards to a server with a key, from a home of its own.
fn forwarding(url: &str, key: &str) -> (Home, Piped) {
    let home = Home::new();
    let mut command = home.command(&["stdio"]);
    command.env("MEMORANDA_URL", url).env("MEMORANDA_API_KEY", key);
    let client = Piped::from(command);
    (home, client)
}

fn server() -> (Home, Served, String) {
    let home = Home::new();
    let key = home.init();
    let served = Served::start(&home);
    (home, served, key)
}

/// An address where nothing listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

#[test]
fn the_older_era_is_forwarded() {
    let (_home, served, key) = server();
    let (own, mut client) = forwarding(&served.url, &key);

    let hello = client.initialize("walker");
    let tools = client.ask(2, "tools/list", json!({}));
    let kept = client.call("remember", json!({ "content": "We drink tea." }));
    let found = client.call("recall", json!({ "query": "tea" }));
    let refusal = client.call("remember", json!({ "content": "" }));

    assert_eq!(hello["protocolVersion"], "2025-06-18");
    assert!(tools["result"]["tools"].as_array().is_some_and(|tools| tools.len() >= 8));
    assert_eq!(found["structuredContent"]["hits"][0]["id"], kept["structuredContent"]["id"]);
    assert_eq!(refusal["structuredContent"]["code"], "INVALID_ARGUMENT");
    assert_eq!(client.end().0, Some(0));
    assert!(!own.data().exists(), "forwarding keeps no database");
}

#[test]
fn the_stateless_era_is_forwarded() {
    let (_home, served, key) = server();
    let (_own, mut client) = forwarding(&served.url, &key);

    let found = client.ask(1, "server/discover", stateless("walker", json!({})));
    let call = json!({ "name": "remember", "arguments": { "content": "We drink tea." } });
    let kept = client.ask(2, "tools/call", stateless("walker", call));
    let read = json!({ "uri": "memoranda://brief" });
    let brief = client.ask(3, "resources/read", stateless("walker", read));

    let versions = found["result"]["supportedVersions"].as_array().cloned().unwrap_or_default();
    assert!(versions.contains(&json!("2026-07-28")), "{found}");
    assert_eq!(kept["result"]["isError"], false, "{kept}");
    assert!(brief["result"]["contents"][0]["text"].to_string().contains("We drink tea."));
}

#[test]
fn the_address_may_end_in_a_slash_or_in_mcp() {
    let (_home, served, key) = server();

    for end in ["/", "/mcp", "/mcp/"] {
        let (_own, mut client) = forwarding(&format!("{}{end}", served.url), &key);
        client.initialize("walker");

        assert_eq!(client.call("whoami", json!({}))["isError"], false, "{end}");
    }
}

#[test]
fn the_agent_id_of_the_environment_goes_along() {
    let (_home, served, key) = server();
    let own = Home::new();
    let mut command = own.command(&["stdio", "--url", &served.url, "--agent-id", "scout"]);
    command.env("MEMORANDA_API_KEY", &key);
    let mut client = Piped::from(command);

    client.initialize("walker");

    assert_eq!(client.call("whoami", json!({}))["structuredContent"]["agent"]["id"], "scout");
}

#[test]
fn a_server_that_is_down_is_told_in_the_answer_and_on_standard_error() {
    let url = nowhere();
    let (_own, mut client) = forwarding(&url, &unknown_key());

    let answer = client.ask(0, "initialize", hello("walker"));
    let (code, _, err) = client.end();

    let error = &answer["error"];
    assert_eq!(error["code"], -32603, "{answer}");
    assert!(error["message"].as_str().is_some_and(|message| message.contains(&url)), "{answer}");
    assert!(error["data"]["fix"].as_str().is_some_and(|fix| fix.contains("MEMORANDA_URL")));
    assert!(err.contains("[UNAVAILABLE]") && err.contains("fix: "), "{err}");
    assert_eq!(code, Some(0));
}

#[test]
fn a_server_that_goes_away_is_told_and_works_again_when_it_is_back() {
    let (home, served, key) = server();
    let address = served.url.trim_start_matches("http://").to_owned();
    let (_own, mut client) = forwarding(&served.url, &key);
    client.initialize("walker");
    served.stop();

    let params = json!({ "name": "whoami", "arguments": {} });
    let while_down = client.ask(5, "tools/call", params);
    let again = Served::from(home.command(&["serve", "--listen", &address]));
    let back = client.call("whoami", json!({}));

    assert_eq!(while_down["error"]["code"], -32603, "{while_down}");
    assert_eq!(back["isError"], false, "{back}");
    again.stop();
}

#[test]
fn a_wrong_key_is_told_clearly_and_never_repeated() {
    let (_home, served, _) = server();
    let key = unknown_key();
    let (_own, mut client) = forwarding(&served.url, &key);

    let answer = client.ask(0, "initialize", hello("walker"));
    let (_, _, err) = client.end();

    let error = &answer["error"];
    assert_eq!(error["data"]["code"], "INVALID_API_KEY", "{answer}");
    assert!(error["data"]["fix"].is_string() && error["message"].to_string().contains("API key"));
    assert!(err.contains("[INVALID_API_KEY]") && err.contains("fix: "), "{err}");
    assert!(!err.contains(&key) && !answer.to_string().contains(&key));
}

#[test]
fn without_a_key_it_does_not_start() {
    let own = Home::new();

    own.run(&["stdio", "--url", "http://127.0.0.1:1"]).refused(77, "UNAUTHENTICATED");
    let no_url = own.run(&["stdio", "--url", "zebra"]);
    assert_eq!((no_url.code, no_url.out.as_str()), (Some(64), ""));
    assert!(!no_url.err.contains("zebra"), "{}", no_url.err);
}

#[test]
fn another_server_at_that_address_is_told_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            answer_hello(connection);
        }
    });
    let (_own, mut client) = forwarding(&url, &unknown_key());

    let answer = client.ask(0, "initialize", hello("walker"));

    assert_eq!(answer["error"]["data"]["code"], "UNAVAILABLE", "{answer}");
    assert!(!answer.to_string().contains("zebra"));
}

/// Takes one request and answers it with a page.
fn answer_hello(mut connection: std::net::TcpStream) {
    use std::io::{Read, Write};
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\"walker\",\"version\":\"1\"}}}")
        && connection.read(&mut byte).is_ok_and(|read| read == 1)
    {
        request.push(byte[0]);
    }
    let page = "<html>zebra</html>";
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length:";
    let _ = connection.write_all(format!("{head} {}\r\n\r\n{page}", page.len()).as_bytes());
}

#[test]
fn malformed_lines_are_answered_here_and_the_next_one_works() {
    let (_home, served, key) = server();
    let (_own, mut client) = forwarding(&served.url, &key);
    client.initialize("walker");

    for (bad, code) in [("{nope", -32700), ("zebra", -32700), ("[1]", -32600)] {
        client.write(bad);
        let answer = client.read();
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &Value::Null));
        assert!(!answer.to_string().contains("zebra"));
    }
    assert_eq!(client.call("whoami", json!({}))["isError"], false);
}

#[test]
fn what_was_asked_before_the_end_of_input_is_answered() {
    let (_home, served, key) = server();
    let (_own, mut client) = forwarding(&served.url, &key);

    client.write(&request(0, "initialize", hello("walker")));
    for number in 1..=10 {
        let arguments = json!({ "content": format!("Tea {number}.") });
        client.write(&request(
            number,
            "tools/call",
            json!({ "name": "remember", "arguments": arguments }),
        ));
    }
    let (code, frames, err) = client.end();

    let mut ids: Vec<u64> = frames.iter().filter_map(|frame| frame["id"].as_u64()).collect();
    ids.sort_unstable();
    assert_eq!((code, ids), (Some(0), (0..=10).collect()), "{err}");
}
